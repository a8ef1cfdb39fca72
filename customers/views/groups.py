"""关联集团: the list, one group with its members."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from customers.forms.customers import GroupForm, GroupMemberForm, LeaveGroupForm
from customers.models import Customer, CustomerGroup
from customers.rules.permissions import decides_on_groups, may_keep_groups, sees_business
from customers.selectors.groups import group_list, group_page
from customers.services.groups import change_group, create_group
from customers.services.guards import ensure_decides_on_groups
from customers.views.request import UNPROCESSABLE, done, status_of
from lending_crm.common.errors import DomainError
from lending_crm.common.pagination import paginate
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of


@login_required
def list_page(request: HttpRequest) -> HttpResponse:
    """All groups by name; a form to name a new one stands above them."""
    user = actor_of(request)
    if not sees_business(user):
        raise PermissionDenied
    form = GroupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            group = create_group(
                name=form.cleaned_data["name"],
                actor=user,
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            url = reverse("customers:group-detail", args=[group.pk])
            return done(request, url, _("%(name)s was saved.") % {"name": group.name})
    rows = group_list(user, text=request.GET.get("q", ""))
    context = {
        "form": form,
        "page": paginate(rows, order=("name", "id"), cursor=request.GET.get("cursor")),
        "may_keep": may_keep_groups(user),
        "q": request.GET.get("q", ""),
    }
    return render(request, "customers/group_list.html", context, status=status_of(form))


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    group = _group(request, pk)
    return _page(request, group)


@login_required
@require_POST
def add_member(request: HttpRequest, pk: int) -> HttpResponse:
    """加入集团, by risk control with a reason."""
    group = _group(request, pk)
    form = GroupMemberForm(request.POST, user=actor_of(request))
    return _change(request, group, form, add_form=form)


@login_required
@require_POST
def remove_member(request: HttpRequest, pk: int) -> HttpResponse:
    """移出集团."""
    group = _group(request, pk)
    members = Customer.objects.visible_to(request.user).filter(group=group)
    form = LeaveGroupForm(request.POST, members=members)
    return _change(request, group, form, leave_form=form)


def _group(request: HttpRequest, pk: int) -> CustomerGroup:
    if not sees_business(actor_of(request)):
        raise PermissionDenied
    group: CustomerGroup = get_object_or_404(
        CustomerGroup.objects.select_related("created_by"), pk=pk
    )
    return group


def _change(
    request: HttpRequest,
    group: CustomerGroup,
    form: GroupMemberForm | LeaveGroupForm,
    **forms: GroupMemberForm | LeaveGroupForm,
) -> HttpResponse:
    user = actor_of(request)
    ensure_decides_on_groups(user)
    if form.is_valid():
        try:
            change_group(
                customer=form.cleaned_data["customer"],
                group=None if isinstance(form, LeaveGroupForm) else group,
                reason=form.cleaned_data["reason"],
                actor=user,
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            url = reverse("customers:group-detail", args=[group.pk])
            return done(request, url, _("Saved."))
    return _page(request, group, status=UNPROCESSABLE, **forms)


def _page(
    request: HttpRequest,
    group: CustomerGroup,
    *,
    add_form: GroupMemberForm | LeaveGroupForm | None = None,
    leave_form: GroupMemberForm | LeaveGroupForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = actor_of(request)
    page = group_page(user, group, day=timezone.localdate())
    context: dict[str, object] = {"page": page, "group": group}
    if decides_on_groups(user):
        suggested = request.GET.get("customer", "")
        members = Customer.objects.visible_to(user).filter(group=group).order_by("name")
        context |= {
            "add_form": add_form or GroupMemberForm(user=user, initial={"customer": suggested}),
            "leave_form": leave_form or LeaveGroupForm(members=members),
            "opens_add": bool(suggested),
        }
    return render(request, "customers/group_detail.html", context, status=status)
