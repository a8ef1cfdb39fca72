"""Branches, departments, roles and the organisation's change log."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lending_crm.common.errors import DomainError
from lending_crm.common.pagination import paginate
from staff.forms.organisation import BranchForm, DepartmentForm, RoleTitleForm
from staff.forms.refusals import show_refusals
from staff.models import Branch, Department, Role
from staff.rules import keeps_organisation, require_keeper
from staff.selectors import (
    branches_with_counts,
    change_log,
    department_trees,
    name_records,
    roles_with_holders,
)
from staff.services.roles import rename_role
from staff.services.structure import save_branch, save_department
from staff.views.request import actor_of, ip_of


@login_required
@require_GET
def branches(request: HttpRequest) -> HttpResponse:
    rows = list(branches_with_counts(request.user))
    context = {
        "branches": department_trees(rows),
        "can_keep": keeps_organisation(request.user),
    }
    return render(request, "staff/branches.html", context)


@login_required
def branch_form(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    require_keeper(actor_of(request))
    branch = get_object_or_404(Branch.objects.visible_to(request.user), pk=pk) if pk else None
    fields = ("code", "name", "is_head_office", "hq_ratio", "is_active", "version")
    initial = {name: getattr(branch, name) for name in fields} if branch else None
    form = BranchForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            save_branch(
                branch=branch,
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
                **form.cleaned_data,
            )
        except DomainError as error:
            show_refusals(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("staff:branches")
    heading = _("Edit branch") if branch else _("New branch")
    return _form_page(request, form, heading, "staff:branches", record=branch)


@login_required
def department_new(request: HttpRequest, branch_pk: int) -> HttpResponse:
    require_keeper(actor_of(request))
    branch = get_object_or_404(Branch.objects.visible_to(request.user), pk=branch_pk)
    return _department_page(request, branch, None)


@login_required
def department_edit(request: HttpRequest, pk: int) -> HttpResponse:
    require_keeper(actor_of(request))
    department = get_object_or_404(
        Department.objects.visible_to(request.user).select_related("branch"), pk=pk
    )
    return _department_page(request, department.branch, department)


def _department_page(
    request: HttpRequest, branch: Branch, department: Department | None
) -> HttpResponse:
    initial = None
    if department is not None:
        initial = {
            "name": department.name,
            "parent": department.parent_id,
            "is_active": department.is_active,
            "version": department.version,
        }
    form = DepartmentForm(
        request.POST or None, branch=branch, department=department, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            save_department(
                branch=branch,
                department=department,
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
                **form.cleaned_data,
            )
        except DomainError as error:
            show_refusals(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("staff:branches")
    heading = _("Edit department") if department else _("New department")
    return _form_page(request, form, heading, "staff:branches", record=department or branch)


@login_required
@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    context = {
        "roles": roles_with_holders(),
        "can_keep": keeps_organisation(request.user),
    }
    return render(request, "staff/roles.html", context)


@login_required
def role_edit(request: HttpRequest, pk: int) -> HttpResponse:
    require_keeper(actor_of(request))
    role = get_object_or_404(Role.objects.visible_to(request.user), pk=pk)
    form = RoleTitleForm(
        request.POST or None, initial={"title": role.title, "title_en": role.title_en}
    )
    if request.method == "POST" and form.is_valid():
        try:
            rename_role(
                role=role,
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
                **form.cleaned_data,
            )
        except DomainError as error:
            show_refusals(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("staff:roles")
    return _form_page(request, form, _("Rename role"), "staff:roles", record=role)


def _form_page(
    request: HttpRequest, form: object, heading: str, back: str, *, record: object
) -> HttpResponse:
    return render(
        request,
        "staff/form.html",
        {"form": form, "heading": heading, "back": back, "record": record},
        status=422 if form.is_bound else 200,  # type: ignore[attr-defined]
    )


@login_required
@require_GET
def changes(request: HttpRequest) -> HttpResponse:
    """修改记录 of the organisation: it holds old phone numbers, so only for its keeper."""
    require_keeper(actor_of(request))
    page = paginate(change_log(), order=("-id",), cursor=request.GET.get("cursor"))
    name_records(page.items)
    return render(request, "staff/changes.html", {"page": page, "can_keep": True})
