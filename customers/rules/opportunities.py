"""The ladder 阶段升迁: which step is open, and when an opportunity has gone quiet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.utils.translation import gettext_lazy as _

from customers import errors, hooks
from customers.choices import SYSTEM_STAGES, Stage, Tier
from customers.models import Consent, Contact, Customer, Opportunity
from customers.rules.submission import find_main_contact, without_consent
from lending_crm.common.errors import DomainError

#: days without activity after which an open opportunity is 业务机会预警, by customer tier
STALLED_AFTER_DAYS = {Tier.A: 7, Tier.B: 15, Tier.C: 30, Tier.D: 30}
_LONGEST_TERM = 600


def check_opportunity(
    opportunity: Opportunity, *, before: Opportunity | None, today: date
) -> list[DomainError]:
    """Every reason why the opportunity cannot be saved.

    A date that has passed meanwhile may stay as it is; a new one lies today or later.
    """
    found: list[DomainError] = [
        errors.empty_field(name)
        for name in ("subject", "product", "amount", "expected_on", "next_follow_on")
        if getattr(opportunity, name) in (None, "")
    ]
    if opportunity.amount is not None and opportunity.amount <= 0:
        found.append(errors.amount_not_positive())
    if opportunity.term is not None and not 1 <= opportunity.term <= _LONGEST_TERM:
        found.append(errors.wrong_term())
    for name in ("expected_on", "next_follow_on"):
        value = getattr(opportunity, name)
        kept = before is not None and getattr(before, name) == value
        if value and value < today and not kept:
            found.append(errors.date_passed(name))
    products = dict(hooks.product_choices())
    kept = before is not None and before.product == opportunity.product
    if opportunity.product and products and opportunity.product not in products and not kept:
        found.append(errors.wrong_choice("product"))
    return found


def next_stage(opportunity: Opportunity) -> Stage | None:
    """The step above, None at the top."""
    return Stage(opportunity.stage + 1) if opportunity.stage < Stage.DISBURSED else None


def check_promotion(opportunity: Opportunity, target: int) -> None:
    """Raise OPP-05, OPP-03 or OPP-01 unless ``target`` is the next step by hand."""
    if not opportunity.is_open:
        raise errors.opportunity_closed()
    if target not in Stage.values:
        raise errors.wrong_choice("stage")
    if target in SYSTEM_STAGES:
        raise errors.system_stage(Stage(target).label)
    if target != opportunity.stage + 1:
        following = next_stage(opportunity)
        raise errors.stage_skipped(
            Stage(opportunity.stage).label, following.label if following else "—"
        )


def stage_conditions(
    target: int,
    customer: Customer,
    contacts: Sequence[Contact],
    consents: Sequence[Consent],
    *,
    today: date,
) -> list[object]:
    """What is still missing before ``target`` is reached (OPP-02); empty when it is open."""
    missing: list[object] = []
    if target >= Stage.INVESTIGATION and find_main_contact(contacts) is None:
        missing.append(_("enter the main contact"))
    if target >= Stage.PROPOSAL:
        lacking = without_consent(customer, contacts, consents, today=today)
        if lacking or not any(consent.is_valid_on(today) for consent in consents):
            missing.append(_("upload the personal-information consent"))
    return missing


def check_step_back(opportunity: Opportunity, target: int, *, in_approval: bool) -> None:
    """A step down by hand: out of 上报审批 only when nothing is under approval any more."""
    if not opportunity.is_open:
        raise errors.opportunity_closed()
    held = opportunity.stage in SYSTEM_STAGES and (
        in_approval or opportunity.stage > Stage.SUBMITTED
    )
    if held:
        raise errors.system_stage(Stage(opportunity.stage).label)
    if target not in Stage.values or target >= opportunity.stage:
        raise errors.lowest_stage(Stage(opportunity.stage).label)


def stalled_since(tier: str, now: datetime) -> datetime:
    """Activity before this moment means that the opportunity stalls."""
    return now - timedelta(days=STALLED_AFTER_DAYS[Tier(tier)])


def is_stalled(opportunity: Opportunity, *, tier: str, now: datetime) -> bool:
    return opportunity.is_open and opportunity.last_activity_at < stalled_since(tier, now)
