from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.utils import timezone

from customers import errors
from customers.choices import STAGE_PROBABILITY, OpportunityStatus, Stage, Tier
from customers.models import FollowUp, Opportunity, StageChange
from customers.rules.opportunities import (
    check_promotion,
    is_stalled,
    next_stage,
    stage_conditions,
    stalled_since,
)
from customers.rules.permissions import may_edit
from documents.panels import ShownPanel, panels_of
from lending_crm.common.change_words import names_of
from lending_crm.common.errors import DomainError
from staff.models import Employee

_SHOWN_FOLLOW_UPS = 50


def opportunity_list(user: Employee) -> QuerySet[Opportunity]:
    """The list 业务拓展, with what its columns show."""
    return Opportunity.objects.visible_to(user).select_related(
        "customer", "customer__owner", "customer__branch"
    )


def stalled(*, now: datetime) -> Q:
    """The condition 业务机会预警: open and without activity for 7, 15 or 30 days by tier."""
    quiet = Q(pk__in=())
    for tier in Tier.values:
        quiet |= Q(customer__tier=tier, last_activity_at__lt=stalled_since(tier, now))
    return Q(biz_status=OpportunityStatus.OPEN) & quiet


@dataclass(frozen=True)
class Step:
    """One stage of the ladder as the page draws it."""

    value: int
    label: str
    state: str
    note: str


@dataclass(frozen=True)
class OpportunityPage:
    """``next_step`` is the stage above; ``blocked`` says why it is not open by hand."""

    opportunity: Opportunity
    steps: list[Step]
    next_step: Stage | None
    blocked: str
    changes: list[StageChange]
    follow_ups: list[FollowUp]
    panels: list[ShownPanel]
    is_stalled: bool
    may_edit: bool
    product_label: str


def opportunity_page(user: Employee, pk: int, *, now: datetime) -> OpportunityPage | None:
    """The page of one opportunity in a fixed number of queries; None when out of sight."""
    opportunity = (
        Opportunity.objects.visible_to(user)
        .select_related("customer__owner", "customer__branch", "channel", "creator")
        .prefetch_related("customer__contacts", "customer__consents")
        .filter(pk=pk)
        .first()
    )
    if opportunity is None:
        return None
    changes = list(opportunity.stage_changes.select_related("by"))
    follow_ups = list(opportunity.follow_ups.select_related("by")[:_SHOWN_FOLLOW_UPS])
    return OpportunityPage(
        opportunity=opportunity,
        steps=_steps(opportunity),
        next_step=next_stage(opportunity),
        blocked=_why_blocked(opportunity, now=now),
        changes=changes,
        follow_ups=follow_ups,
        panels=panels_of("opportunity", opportunity, user),
        is_stalled=is_stalled(opportunity, tier=opportunity.customer.tier, now=now),
        may_edit=may_edit(user, opportunity.customer),
        product_label=product_label(opportunity.product),
    )


def product_label(code: str) -> str:
    """The product's name, on offer or not; its code where no app keeps products."""
    return product_names().get(code, code)


def product_names() -> Mapping[str, str]:
    return names_of(Opportunity._meta.label_lower, "product")


def with_product_names(opportunities: QuerySet[Opportunity]) -> QuerySet[Opportunity]:
    """Add ``product_name``: what ``product_label`` says, in the statement that reads them."""
    named = [When(product=code, then=Value(name)) for code, name in product_names().items()]
    return opportunities.annotate(
        product_name=Case(*named, default=F("product"), output_field=CharField())
    )


def _steps(opportunity: Opportunity) -> list[Step]:
    current = opportunity.stage
    is_won = opportunity.biz_status == OpportunityStatus.WON
    steps = []
    for stage in Stage:
        if stage < current or (stage == current and is_won):
            state = "done"
        elif stage == current:
            state = "rejected" if opportunity.biz_status == OpportunityStatus.LOST else "current"
        else:
            state = ""
        steps.append(Step(stage, str(stage.label), state, f"{STAGE_PROBABILITY[stage]}%"))
    return steps


def _why_blocked(opportunity: Opportunity, *, now: datetime) -> str:
    following = next_stage(opportunity)
    if following is None or not opportunity.is_open:
        return ""
    try:
        check_promotion(opportunity, following)
    except DomainError as refusal:
        return refusal.message
    customer = opportunity.customer
    missing = stage_conditions(
        following,
        customer,
        list(customer.contacts.all()),
        list(customer.consents.all()),
        today=timezone.localdate(now),
    )
    return errors.stage_conditions(following.label, missing).message if missing else ""
