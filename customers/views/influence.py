"""影响关系: the two lists of a contact (M3)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from customers.choices import InfluenceType
from customers.forms.contacts import RelationForm, RelationPickForm
from customers.models import Contact, InfluenceRelation
from customers.selectors.influence import contacts_on_offer, relations_visible_to
from customers.services.influence import create_relations, delete_relation, update_relation
from customers.views.contacts import own_customer
from customers.views.request import UNPROCESSABLE, done, status_of, way_back
from lending_crm.common.errors import DomainError
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of

DIRECTIONS = ("incoming", "outgoing")
#: contacts that the pick page offers at most; a customer has a dozen
_OFFERED = 200


@login_required
def pick(request: HttpRequest, pk: int, direction: str) -> HttpResponse:
    """单击① → 选择需要关联的人员 → 选择选中记录."""
    if direction not in DIRECTIONS:
        raise Http404
    user = actor_of(request)
    contact = get_object_or_404(Contact.objects.visible_to(user).select_related("customer"), pk=pk)
    own_customer(request, contact.customer_id)
    incoming = direction == "incoming"
    offered = contacts_on_offer(contact, user=user)
    usual = InfluenceType.KINSHIP if incoming else InfluenceType.EMPLOYMENT
    form = RelationPickForm(
        request.POST or None, offered=offered, initial={"influence_type": usual}
    )
    if request.method == "POST" and form.is_valid():
        try:
            create_relations(
                contact=contact,
                others=list(form.cleaned_data["contact"]),
                incoming=incoming,
                influence_type=form.cleaned_data["influence_type"],
                strength=form.cleaned_data["strength"],
                note=form.cleaned_data["note"],
                actor=user,
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return done(request, contact.get_absolute_url(), _("Saved."))
    context = {
        "form": form,
        "contact": contact,
        "offered": list(offered[:_OFFERED]),
        "chosen": set(request.POST.getlist("contact")),
        "incoming": incoming,
    }
    return render(request, "customers/influence_pick.html", context, status=status_of(form))


@login_required
@require_POST
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """One row of a list: its type, strength and note."""
    relation = get_object_or_404(relations_visible_to(actor_of(request)), pk=pk)
    form = RelationForm(request.POST)
    back = way_back(request, relation.to_contact.get_absolute_url())
    if form.is_valid():
        update_relation(
            relation=relation,
            **form.cleaned_data,
            actor=actor_of(request),
            now=timezone.now(),
            ip=ip_of(request),
        )
        return done(request, back, _("Saved."))
    context = {"form": form, "relation": relation, "back": back}
    return render(request, "customers/influence_form.html", context, status=UNPROCESSABLE)


@login_required
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    relation: InfluenceRelation = get_object_or_404(relations_visible_to(actor_of(request)), pk=pk)
    delete_relation(
        relation=relation, actor=actor_of(request), now=timezone.now(), ip=ip_of(request)
    )
    back = way_back(request, relation.to_contact.get_absolute_url())
    return done(request, back, _("The relation was removed."))
