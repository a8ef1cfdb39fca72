"""关联集团: the list, one group with its members."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from customers.forms.customers import GroupForm
from customers.models import CustomerGroup
from customers.rules.permissions import may_keep_groups, sees_business
from customers.selectors.groups import group_list, group_members
from customers.services.groups import create_group
from customers.views.request import done, status_of
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
    user = actor_of(request)
    if not sees_business(user):
        raise PermissionDenied
    group = get_object_or_404(CustomerGroup.objects.select_related("created_by"), pk=pk)
    members, hidden = group_members(user, group)
    context = {"group": group, "members": members, "hidden": hidden}
    return render(request, "customers/group_detail.html", context)
