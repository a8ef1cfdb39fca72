"""工作报告: the three tabs, one report, and what its author and readers do with it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lending_crm.common.errors import DomainError
from lending_crm.common.pagination import paginate
from reports.forms import CommentForm, ReceiversForm, TableForm, WorkReportForm
from reports.models import WorkReport
from reports.selectors.work_reports import TABS, report_list, report_page, visible_reports
from reports.services.work_reports import (
    comment_on_report,
    create_report,
    ensure_draft_of,
    generate_table,
    note_reading,
    submit_report,
    update_report,
)
from staff.forms.refusals import performed, show_refusals
from staff.views.request import actor_of, ip_of

UNPROCESSABLE = 422


@login_required
@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """我的工作报告, 下属报告, 抄送我的."""
    wanted = request.GET.get("tab", "")
    current = wanted if wanted in TABS else TABS[0]
    rows = report_list(actor_of(request), tab=current)
    labels = {"mine": _("My reports"), "below": _("Reports of my people"), "copied": _("Copies")}
    context = {
        "page": paginate(rows, order=("-starts_on", "-id"), cursor=request.GET.get("cursor")),
        "tab": current,
        "tabs": [
            {"label": labels[name], "url": f"?tab={name}", "is_current": name == current}
            for name in TABS
        ],
    }
    return render(request, "reports/work_report_list.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    form = WorkReportForm(request.POST or None, initial={"day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            report = create_report(
                data=form.values,
                creation_key=form.cleaned_data["creation_key"],
                actor=actor_of(request),
                now=timezone.now(),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return _done(request, report, _("Saved."))
    return _form_page(request, form, None)


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    report = _draft(request, pk)
    form = WorkReportForm(request.POST or None, report=report)
    if (
        request.method == "POST"
        and form.is_valid()
        and performed(
            form,
            update_report,
            report=report,
            data=form.values,
            version=form.cleaned_data["version"],
            actor=actor_of(request),
            now=timezone.now(),
            ip=ip_of(request),
        )
    ):
        return _done(request, report, _("Saved."))
    return _form_page(request, form, report)


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Opening it is reading it."""
    report = _visible(request, pk)
    if report.author_id != request.user.pk:
        read = note_reading(report=report, reader=actor_of(request), now=timezone.now())
        report.status = read.status
    return _page(request, report)


@login_required
@require_POST
def generate(request: HttpRequest, pk: int) -> HttpResponse:
    report = _draft(request, pk)
    form = TableForm(request.POST, report=report)
    if form.is_valid() and performed(
        form,
        generate_table,
        report=report,
        actor=actor_of(request),
        now=timezone.now(),
        **form.cleaned_data,
    ):
        return _done(request, report, _("The table was generated."))
    return _page(request, report, table_form=form)


@login_required
@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    report = _draft(request, pk)
    form = ReceiversForm(request.POST, report=report)
    if form.is_valid() and performed(
        form,
        submit_report,
        report=report,
        actor=actor_of(request),
        now=timezone.now(),
        **form.cleaned_data,
    ):
        return _done(request, report, _("The report was submitted."))
    return _page(request, report, receivers_form=form)


@login_required
@require_POST
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    report = _visible(request, pk)
    form = CommentForm(request.POST)
    if form.is_valid() and performed(
        form,
        comment_on_report,
        report=report,
        actor=actor_of(request),
        now=timezone.now(),
        **form.cleaned_data,
    ):
        return _done(request, report, _("The comment was saved."))
    return _page(request, report, comment_form=form)


def _visible(request: HttpRequest, pk: int) -> WorkReport:
    report: WorkReport = get_object_or_404(visible_reports(actor_of(request)), pk=pk)
    return report


def _draft(request: HttpRequest, pk: int) -> WorkReport:
    report = _visible(request, pk)
    ensure_draft_of(report, actor_of(request))
    return report


def _done(request: HttpRequest, report: WorkReport, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect(report.get_absolute_url())


def _form_page(
    request: HttpRequest, form: WorkReportForm, report: WorkReport | None
) -> HttpResponse:
    context = {"form": form, "report": report}
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "reports/work_report_form.html", context, status=status)


def _page(request: HttpRequest, report: WorkReport, **refused: Any) -> HttpResponse:
    """The report; ``refused`` are forms that came back with what was wrong."""
    context: dict[str, Any] = {"page": report_page(report), "report": report}
    if report.is_draft:
        context |= {
            "table_form": TableForm(report=report),
            "receivers_form": ReceiversForm(report=report),
        }
    else:
        context["comment_form"] = CommentForm(initial={"creation_key": uuid.uuid4()})
    status = UNPROCESSABLE if refused else 200
    return render(request, "reports/work_report.html", context | refused, status=status)
