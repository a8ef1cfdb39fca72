"""业务拓展: the list, the page with its ladder, its form and its acts."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from customers.filters import OpportunityFilter
from customers.forms.opportunities import (
    FollowUpForm,
    LoseForm,
    OpportunityForm,
    PromoteForm,
    StepBackForm,
)
from customers.models import Customer, Opportunity
from customers.rules.permissions import may_enter
from customers.selectors.changes import changes_of
from customers.selectors.opportunities import opportunity_list, opportunity_page
from customers.services.guards import ensure_owner
from customers.services.opportunities import (
    create_opportunity,
    log_follow_up,
    lose_opportunity,
    promote_opportunity,
    step_back,
    update_opportunity,
)
from customers.views.contacts import choose_own_customer, own_customer
from customers.views.request import UNPROCESSABLE, done, status_of
from documents.panels import panels_of
from lending_crm.common.errors import DomainError
from lending_crm.common.pagination import paginate
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of

SORTS = {
    "": ("-created_at", "-id"),
    "amount": ("amount", "id"),
    "-amount": ("-amount", "-id"),
    "follow": ("next_follow_on", "id"),
    "-follow": ("-next_follow_on", "-id"),
    "stage": ("stage", "id"),
    "-stage": ("-stage", "-id"),
}


@login_required
@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    user = actor_of(request)
    found = OpportunityFilter(
        request.GET, queryset=opportunity_list(user), request=request, now=timezone.now()
    )
    sort = request.GET.get("sort", "")
    context = {
        "filter": found,
        "page": paginate(
            found.qs, order=SORTS.get(sort, SORTS[""]), cursor=request.GET.get("cursor")
        ),
        "sort": sort,
        "today": timezone.localdate(),
        "may_enter": may_enter(user),
        "is_filtered": any(request.GET.get(name) for name in found.form.fields),
    }
    return render(request, "customers/opportunity_list.html", context)


@login_required
@require_GET
def related(request: HttpRequest, pk: int) -> HttpResponse:
    """The related lists that apps above put on the opportunity, once its page is there."""
    opportunity = get_object_or_404(
        Opportunity.objects.visible_to(request.user).select_related("customer"), pk=pk
    )
    context = {"panels": panels_of("opportunity", opportunity, actor_of(request), later=True)}
    return render(request, "documents/panels/related.html", context)


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, pk)


def _page(request: HttpRequest, pk: int, *, status: int = 200, **forms: Any) -> HttpResponse:
    page = opportunity_page(actor_of(request), pk, now=timezone.now())
    if page is None:
        raise Http404
    context: dict[str, Any] = {
        "page": page,
        "opportunity": page.opportunity,
        "tab": "overview",
        "today": timezone.localdate(),
    }
    if page.may_edit and page.opportunity.is_open:
        version = {"version": page.opportunity.version}
        context |= {
            "follow_up_form": FollowUpForm(initial={"creation_key": uuid.uuid4()}),
            "back_form": StepBackForm(
                opportunity=page.opportunity,
                initial={**version, "stage": page.opportunity.stage - 1},
            ),
            "lose_form": LoseForm(initial=version),
        }
    return render(request, "customers/opportunity_detail.html", context | forms, status=status)


@login_required
@require_GET
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    opportunity = get_object_or_404(
        Opportunity.objects.visible_to(request.user).select_related("customer"), pk=pk
    )
    rows = paginate(changes_of(opportunity), order=("-id",), cursor=request.GET.get("cursor"))
    context = {
        "opportunity": opportunity,
        "subject": opportunity,
        "page": rows,
        "tab": "changes",
    }
    return render(request, "customers/changes.html", context)


@login_required
def choose_customer(request: HttpRequest) -> HttpResponse:
    """新建 from the list: first the customer, then the form."""
    return choose_own_customer(
        request,
        title=_("New opportunity"),
        list_url=reverse("customers:opportunity-list"),
        next_name="customers:opportunity-new",
    )


@login_required
def new(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = own_customer(request, customer_pk)
    form = OpportunityForm(request.POST or None, user=actor_of(request), customer=customer)
    if request.method == "POST" and form.is_valid():
        try:
            opportunity = create_opportunity(
                customer=customer,
                data=form.values,
                creation_key=form.cleaned_data["creation_key"],
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return _saved(request, opportunity)
    cancel = customer.get_absolute_url()
    return _form_page(request, form, customer, _("New opportunity"), cancel)


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    opportunity = _visible(request, pk)
    customer = own_customer(request, opportunity.customer_id)
    form = OpportunityForm(
        request.POST or None,
        user=actor_of(request),
        customer=customer,
        opportunity=opportunity,
    )
    if request.method == "POST" and form.is_valid():
        try:
            opportunity = update_opportunity(
                opportunity=opportunity,
                data=form.values,
                version=form.cleaned_data["version"],
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return _saved(request, opportunity)
    title = _("Edit %(name)s") % {"name": opportunity.subject}
    return _form_page(request, form, customer, title, opportunity.get_absolute_url())


@login_required
@require_POST
def promote(request: HttpRequest, pk: int) -> HttpResponse:
    """阶段升迁."""
    opportunity = _own(request, pk)
    form = PromoteForm(request.POST)
    if not form.is_valid():
        raise Http404
    promoted = promote_opportunity(
        opportunity=opportunity,
        **form.cleaned_data,
        actor=actor_of(request),
        now=timezone.now(),
    )
    sentence = _("Promoted to %(stage)s.") % {"stage": promoted.get_stage_display()}
    return done(request, opportunity.get_absolute_url(), sentence)


@login_required
@require_POST
def go_back(request: HttpRequest, pk: int) -> HttpResponse:
    opportunity = _own(request, pk)
    form = StepBackForm(request.POST, opportunity=opportunity)
    if form.is_valid():
        try:
            lowered = step_back(
                opportunity=opportunity,
                **form.cleaned_data,
                actor=actor_of(request),
                now=timezone.now(),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            sentence = _("Stepped back to %(stage)s.") % {"stage": lowered.get_stage_display()}
            return done(request, opportunity.get_absolute_url(), sentence)
    return _page(request, pk, status=UNPROCESSABLE, back_form=form, open_dialog="step-back")


@login_required
@require_POST
def lose(request: HttpRequest, pk: int) -> HttpResponse:
    opportunity = _own(request, pk)
    form = LoseForm(request.POST)
    if form.is_valid():
        try:
            lose_opportunity(
                opportunity=opportunity,
                **form.cleaned_data,
                actor=actor_of(request),
                now=timezone.now(),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return done(
                request, opportunity.get_absolute_url(), _("The opportunity was closed as lost.")
            )
    return _page(request, pk, status=UNPROCESSABLE, lose_form=form, open_dialog="lose")


@login_required
@require_POST
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    opportunity = _own(request, pk)
    form = FollowUpForm(request.POST)
    if form.is_valid():
        try:
            log_follow_up(
                opportunity=opportunity,
                **form.cleaned_data,
                actor=actor_of(request),
                now=timezone.now(),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return done(request, opportunity.get_absolute_url(), _("The follow-up was noted."))
    return _page(request, pk, status=UNPROCESSABLE, follow_up_form=form)


def _visible(request: HttpRequest, pk: int) -> Opportunity:
    return get_object_or_404(
        Opportunity.objects.visible_to(request.user).select_related("customer"), pk=pk
    )


def _own(request: HttpRequest, pk: int) -> Opportunity:
    """The opportunity for its account manager alone (CUS-11), before anything sent is read."""
    opportunity = _visible(request, pk)
    ensure_owner(opportunity.customer, actor_of(request))
    return opportunity


def _form_page(
    request: HttpRequest, form: OpportunityForm, customer: Customer, title: str, cancel_url: str
) -> HttpResponse:
    context = {"form": form, "customer": customer, "title": title, "cancel_url": cancel_url}
    return render(request, "customers/opportunity_form.html", context, status=status_of(form))


def _saved(request: HttpRequest, opportunity: Opportunity) -> HttpResponse:
    to_view = "view" in request.POST
    url = opportunity.get_absolute_url() if to_view else opportunity.customer.get_absolute_url()
    return done(request, url, _("%(name)s was saved.") % {"name": opportunity.subject})
