"""答复, 升级, 确认, 异议, 逾期升级 and the report on the page of an issue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from documents.desk.reading import page_context, page_document
from issues import refusals
from issues.desk import ANSWER, CONFIRM, ESCALATE, ISSUE_DESK, OVERDUE, REFUSE
from issues.forms import ReasonForm, RecordForm, ReportForm
from issues.models import IssueEscalation, IssueReport
from issues.rules import item_in_hand
from issues.services.issues import (
    answer_issue,
    confirm_answer,
    escalate_issue,
    escalate_overdue,
    refuse_answer,
    write_report,
)
from lending_crm.common.errors import DomainError
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of

UNPROCESSABLE = 422
Act = Callable[..., IssueEscalation]


@login_required
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    done = _("%(doc_no)s is answered; the reporter shall confirm it.")
    return _act(request, pk, answer_issue, RecordForm, ANSWER, done)


@login_required
@require_POST
def escalate(request: HttpRequest, pk: int) -> HttpResponse:
    done = _("%(doc_no)s is with the next level now.")
    return _act(request, pk, escalate_issue, ReasonForm, ESCALATE, done)


@login_required
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, confirm_answer, RecordForm, CONFIRM, _("%(doc_no)s is closed."))


@login_required
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    done = _("%(doc_no)s is with the next level now.")
    return _act(request, pk, refuse_answer, ReasonForm, REFUSE, done)


@login_required
@require_POST
def overdue(request: HttpRequest, pk: int) -> HttpResponse:
    done = _("%(doc_no)s is with the next level now.")
    return _act(request, pk, escalate_overdue, RecordForm, OVERDUE, done)


@login_required
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """8D 报告, for whoever has the issue in his hands."""
    issue = _visible(request, pk)
    if item_in_hand(issue, actor_of(request)) is None:
        raise refusals.not_in_hand()
    stored = IssueReport.objects.filter(issue=issue).first()
    form = ReportForm(request.POST or None, report=stored)
    if request.method == "POST" and form.is_valid():
        try:
            write_report(
                issue_id=issue.pk,
                values=form.values,
                version=form.cleaned_data["version"],
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect(issue)
    context = {"form": form, "issue": issue, "desk": ISSUE_DESK}
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "issues/report_form.html", context, status=status)


def _visible(request: HttpRequest, pk: int) -> IssueEscalation:
    visible = ISSUE_DESK.kind.visible_to(actor_of(request))
    issue: IssueEscalation = get_object_or_404(visible, pk=pk)
    return issue


def _act(
    request: HttpRequest, pk: int, act: Act, shape: type[RecordForm], name: str, done: str
) -> HttpResponse:
    """Perform the act, or show the page again with what was typed in its dialog."""
    user = actor_of(request)
    issue = _visible(request, pk)
    form = shape(request.POST, prefix=name)
    if form.is_valid():
        try:
            act(issue_id=issue.pk, actor=user, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            if f"{name}-dialog" not in {each.dialog for each in ISSUE_DESK.actions(issue, user)}:
                raise  # the page has no dialog to say it in
            _show(form, error)
        else:
            messages.success(request, done % {"doc_no": issue.doc_no})
            return redirect(issue)
    context: dict[str, Any] = {
        "desk": ISSUE_DESK,
        **page_context(ISSUE_DESK, page_document(ISSUE_DESK, pk, user), user),
        "opens_submission": False,
        "key": uuid4().hex,
        "extras": [ISSUE_DESK.dialogs(issue, **{name: form})],
    }
    return render(request, "documents/desk/detail.html", context, status=UNPROCESSABLE)


def _show(form: RecordForm, error: DomainError) -> None:
    """The engine's word for the words is ``opinion``; here they are the record."""
    for reason in error.reasons:
        if reason.field == "opinion":
            reason.field = "text"
    show_refusals(form, error)
