"""工作计划: the two tabs, one plan, its tasks and what is said about it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from documents.responses import file_response
from documents.services.downloads import hand_out
from lending_crm.common.errors import DomainError, not_found
from lending_crm.common.pagination import paginate
from reports import plan_errors
from reports.models import PlanTask, WorkPlan
from reports.plan_forms import FinishForm, GoalsForm, PlanCommentForm, TaskForm, WorkPlanForm
from reports.selectors.work_plans import TABS, plan_list, plan_page, visible_plans, visible_tasks
from reports.services.work_plans import (
    add_task,
    comment_on_plan,
    create_plan,
    ensure_running,
    finish_task,
    remove_task,
    update_plan,
)
from staff.forms.refusals import performed, show_refusals
from staff.views.request import actor_of, ip_of

UNPROCESSABLE = 422


@login_required
@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """我的计划, 下属计划."""
    wanted = request.GET.get("tab", "")
    current = wanted if wanted in TABS else TABS[0]
    rows = plan_list(actor_of(request), tab=current)
    labels = {"mine": _("My plans"), "below": _("Plans of my people")}
    context = {
        "page": paginate(rows, order=("-starts_on", "-id"), cursor=request.GET.get("cursor")),
        "tab": current,
        "tabs": [
            {"label": labels[name], "url": f"?tab={name}", "is_current": name == current}
            for name in TABS
        ],
    }
    return render(request, "reports/work_plan_list.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    initial = {"day": timezone.localdate(), "plan_type": "WEEK", "creation_key": uuid.uuid4()}
    form = WorkPlanForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            plan = create_plan(
                data=form.values,
                creation_key=form.cleaned_data["creation_key"],
                actor=actor_of(request),
                now=timezone.now(),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return _done(request, plan, _("Saved. Add the tasks now."))
    return _form_page(request, "work_plan_form", form, plan=None)


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The goals; type and period of a plan stay."""
    plan = _visible(request, pk)
    ensure_running(plan, now=timezone.now(), author=actor_of(request))
    initial = {"goals": plan.goals, "version": plan.version}
    form = GoalsForm(request.POST or None, initial=initial)
    if (
        request.method == "POST"
        and form.is_valid()
        and performed(
            form,
            update_plan,
            plan=plan,
            goals=form.cleaned_data["goals"],
            version=form.cleaned_data["version"],
            actor=actor_of(request),
            now=timezone.now(),
            ip=ip_of(request),
        )
    ):
        return _done(request, plan, _("Saved."))
    return _form_page(request, "work_plan_form", form, plan=plan)


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _visible(request, pk))


@login_required
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _visible(request, pk)
    form = TaskForm(request.POST, plan=plan, user=actor_of(request))
    if form.is_valid() and performed(
        form,
        add_task,
        plan=plan,
        data=form.values,
        creation_key=form.cleaned_data["creation_key"],
        actor=actor_of(request),
        now=timezone.now(),
    ):
        return _done(request, plan, _("The task was added."))
    return _page(request, plan, task_form=form)


@login_required
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    """A page of its own, so that a visit is written down on the phone."""
    task = _task(request, pk)
    if task.plan.author_id != request.user.pk:
        raise plan_errors.not_the_author()
    if not task.is_open:
        raise plan_errors.finished()
    form = FinishForm(request.POST or None, request.FILES or None, task=task)
    if (
        request.method == "POST"
        and form.is_valid()
        and performed(
            form, finish_task, task=task, actor=actor_of(request), now=timezone.now(), **form.values
        )
    ):
        return _done(request, task.plan, _("Saved."))
    return _form_page(request, "plan_task_finish", form, plan=task.plan, task=task)


@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    task = _task(request, pk)
    remove_task(task=task, actor=actor_of(request), now=timezone.now())
    return _done(request, task.plan, _("The task was taken off the plan."))


@login_required
@require_GET
def photo(request: HttpRequest, pk: int) -> FileResponse:
    """The picture of a visit, watermarked and logged."""
    task = _task(request, pk)
    if task.photo is None:
        raise not_found()
    handed = hand_out(
        file=task.photo,
        file_name=task.photo_name,
        actor=actor_of(request),
        now=timezone.now(),
        ip=ip_of(request),
        is_preview=True,
    )
    return file_response(handed)


@login_required
@require_POST
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _visible(request, pk)
    form = PlanCommentForm(request.POST)
    if form.is_valid() and performed(
        form,
        comment_on_plan,
        plan=plan,
        actor=actor_of(request),
        now=timezone.now(),
        **form.cleaned_data,
    ):
        return _done(request, plan, _("The comment was saved."))
    return _page(request, plan, comment_form=form)


def _visible(request: HttpRequest, pk: int) -> WorkPlan:
    plan: WorkPlan = get_object_or_404(visible_plans(actor_of(request)), pk=pk)
    return plan


def _task(request: HttpRequest, pk: int) -> PlanTask:
    task: PlanTask = get_object_or_404(visible_tasks(actor_of(request)), pk=pk)
    return task


def _done(request: HttpRequest, plan: WorkPlan, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect(plan.get_absolute_url())


def _form_page(request: HttpRequest, template: str, form: Any, **context: Any) -> HttpResponse:
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, f"reports/{template}.html", {"form": form, **context}, status=status)


def _page(request: HttpRequest, plan: WorkPlan, **refused: Any) -> HttpResponse:
    """The plan; ``refused`` are forms that came back with what was wrong."""
    user = actor_of(request)
    page = plan_page(plan, now=timezone.now())
    context: dict[str, Any] = {
        "page": page,
        "plan": plan,
        "is_author": plan.author_id == user.pk,
        "comment_form": PlanCommentForm(initial={"creation_key": uuid.uuid4()}),
    }
    if page.is_running:
        context["task_form"] = TaskForm(plan=plan, user=user)
    status = UNPROCESSABLE if refused else 200
    return render(request, "reports/work_plan.html", context | refused, status=status)
