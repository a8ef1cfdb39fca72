"""People: the directory, a person's page, and what the administrator does there."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from lending_crm.common.errors import DomainError
from lending_crm.common.pagination import paginate
from staff.filters import PeopleFilter
from staff.forms.organisation import PersonForm, RoleForm
from staff.forms.refusals import show_refusals
from staff.models import Employee, RoleAssignment
from staff.rules import keeps_organisation, require_keeper
from staff.selectors import changes_of, directory
from staff.services import people
from staff.services.roles import assign_role, revoke_role
from staff.views.request import actor_of, ip_of


@login_required
@require_GET
def people_list(request: HttpRequest) -> HttpResponse:
    found = PeopleFilter(request.GET, queryset=directory(request.user))
    page = paginate(found.qs, order=("employee_no", "pk"), cursor=request.GET.get("cursor"))
    return render(
        request,
        "staff/people.html",
        {"filter": found, "page": page, "can_keep": keeps_organisation(request.user)},
    )


@login_required
@require_GET
def person(request: HttpRequest, pk: int) -> HttpResponse:
    employee = get_object_or_404(directory(request.user), pk=pk)
    return render(request, "staff/person.html", _person_context(request, employee, RoleForm()))


def _person_context(request: HttpRequest, employee: Employee, form: RoleForm) -> dict[str, object]:
    can_keep = keeps_organisation(request.user)
    return {
        "person": employee,
        "held": employee.held_roles,  # type: ignore[attr-defined]
        "subordinates": list(employee.subordinates.active().order_by("employee_no")[:100]),
        "can_keep": can_keep,
        "is_self": employee.pk == request.user.pk,
        "changes": changes_of(employee)[:50] if can_keep else None,
        "role_form": form,
    }


@login_required
@never_cache
def person_new(request: HttpRequest) -> HttpResponse:
    require_keeper(actor_of(request))
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = people.create_employee(
                data=form.data_of(), actor=actor_of(request), now=timezone.now(), ip=ip_of(request)
            )
        except DomainError as error:
            show_refusals(form, error)
        else:
            return render(request, "staff/new_password.html", {"made": made, "is_new": True})
    return _form_page(request, form, title=_("New person"))


@login_required
def person_edit(request: HttpRequest, pk: int) -> HttpResponse:
    require_keeper(actor_of(request))
    employee = get_object_or_404(Employee.objects.visible_to(request.user), pk=pk)
    form = PersonForm(
        request.POST or None, person=employee, initial=PersonForm.initial_of(employee)
    )
    if request.method == "POST" and form.is_valid():
        try:
            people.update_employee(
                employee=employee,
                data=form.data_of(),
                version=form.cleaned_data["version"],
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as error:
            show_refusals(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("staff:person", pk=pk)
    return _form_page(request, form, title=_("Edit person"), person=employee)


def _form_page(
    request: HttpRequest, form: PersonForm, *, title: str, person: Employee | None = None
) -> HttpResponse:
    status = 422 if form.is_bound else 200
    context = {"form": form, "heading": title, "person": person}
    return render(request, "staff/person_form.html", context, status=status)


@login_required
@require_POST
def person_deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    employee = get_object_or_404(Employee.objects.visible_to(request.user), pk=pk)
    people.deactivate_employee(
        employee=employee, actor=actor_of(request), now=timezone.now(), ip=ip_of(request)
    )
    messages.success(request, _("The account of %(name)s is closed.") % {"name": employee.name})
    return redirect("staff:person", pk=pk)


@login_required
@require_POST
def person_reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    employee = get_object_or_404(Employee.objects.visible_to(request.user), pk=pk)
    people.reactivate_employee(
        employee=employee, actor=actor_of(request), now=timezone.now(), ip=ip_of(request)
    )
    messages.success(request, _("The account of %(name)s is open again.") % {"name": employee.name})
    return redirect("staff:person", pk=pk)


@login_required
@never_cache
@require_POST
def person_reset_password(request: HttpRequest, pk: int) -> HttpResponse:
    employee = get_object_or_404(Employee.objects.visible_to(request.user), pk=pk)
    made = people.reset_password(
        employee=employee, actor=actor_of(request), now=timezone.now(), ip=ip_of(request)
    )
    return render(request, "staff/new_password.html", {"made": made, "is_new": False})


@login_required
@require_POST
def role_assign(request: HttpRequest, pk: int) -> HttpResponse:
    employee = get_object_or_404(directory(request.user), pk=pk)
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            assign_role(
                employee=employee,
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
                **form.cleaned_data,
            )
        except DomainError as error:
            show_refusals(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("staff:person", pk=pk)
    require_keeper(actor_of(request))
    context = _person_context(request, employee, form)
    return render(request, "staff/person.html", context, status=422)


@login_required
@require_POST
def role_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    assignment = get_object_or_404(RoleAssignment.objects.select_related("role"), pk=pk)
    revoke_role(
        assignment=assignment, actor=actor_of(request), now=timezone.now(), ip=ip_of(request)
    )
    messages.success(request, _("Saved."))
    return redirect("staff:person", pk=assignment.employee_id)
