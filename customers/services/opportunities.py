"""业务拓展: enter, follow up, promote, step back, lose; and what the system promotes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from customers import errors, hooks
from customers.choices import (
    STAGE_PROBABILITY,
    SYSTEM_STAGES,
    LossReason,
    OpportunityStatus,
    Stage,
    StageMove,
)
from customers.models import Customer, FollowUp, Opportunity, StageChange
from customers.rules.opportunities import (
    check_opportunity,
    check_promotion,
    check_step_back,
    stage_conditions,
)
from customers.rules.values import clean_values
from customers.services.credits import share_credit
from customers.services.guards import (
    already_created,
    author_of,
    ensure_version,
    lock_customer,
    today_of,
)
from customers.services.log import ChangeLog
from lending_crm.common.dictionary import no_longer_offered
from lending_crm.common.errors import DomainError, refuse_all
from lending_crm.common.text import clean_text
from staff.models import Employee
from staff.services.guards import lock_row

OPPORTUNITY_FIELDS = (
    "subject",
    "product",
    "amount",
    "term",
    "expected_on",
    "channel",
    "competition",
    "need",
    "next_follow_on",
    "remark",
)


@transaction.atomic
def create_opportunity(
    *,
    customer: Customer,
    data: Mapping[str, Any],
    actor: Employee,
    now: datetime,
    ip: str | None = None,
    creation_key: uuid.UUID | None = None,
    entered_by: Employee | None = None,
) -> Opportunity:
    """Open an opportunity at the first stage; ``entered_by`` does it for the account manager.

    Raises CUS-11, BUS-07 (bad or blacklisted customer, N14), OPP-07, OPP-08, OPP-10, CUS-17.
    """
    locked = lock_customer(customer.pk, actor=actor)
    author = author_of(actor, entered_by)
    if known := already_created(Opportunity, creation_key, actor=author):
        return known
    if locked.is_blocked:
        raise errors.no_new_business(locked.get_biz_status_display())
    opportunity = Opportunity(
        customer=locked,
        creation_key=creation_key,
        stage_since=now,
        last_activity_at=now,
        creator=author,
        created_at=now,
        updated_at=now,
    )
    log = ChangeLog(opportunity, OPPORTUNITY_FIELDS)
    refuse_all(_apply(opportunity, data, before=None, now=now))
    opportunity.save()
    StageChange.objects.create(
        opportunity=opportunity,
        move=StageMove.CREATED,
        from_stage=None,
        to_stage=opportunity.stage,
        by=author,
        at=now,
    )
    log.write(opportunity, actor=author, now=now, ip=ip)
    return opportunity


@transaction.atomic
def update_opportunity(
    *,
    opportunity: Opportunity,
    data: Mapping[str, Any],
    version: int | None,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> Opportunity:
    """Change some fields of an open opportunity. Raises OPP-05, WF-12 and as on creation."""
    locked = _lock(opportunity, actor=actor, version=version)
    before = Opportunity.objects.get(pk=locked.pk)
    log = ChangeLog(locked, OPPORTUNITY_FIELDS)
    refuse_all(_apply(locked, data, before=before, now=now))
    _save(locked, now=now)
    log.write(locked, actor=actor, now=now, ip=ip)
    return locked


@transaction.atomic
def log_follow_up(
    *,
    opportunity: Opportunity,
    content: str,
    next_follow_on: date | None,
    actor: Employee,
    now: datetime,
    creation_key: uuid.UUID | None = None,
) -> FollowUp:
    """Write down what was done and when the next step is due; wakes a stalled opportunity.

    Raises OPP-05, OPP-08 (date before today), CUS-17 and CUS-26.
    """
    locked = _lock(opportunity, actor=actor, version=None)
    if known := already_created(FollowUp, creation_key, actor=actor):
        return known
    values, found = clean_values(FollowUp, {"content": content, "next_follow_on": next_follow_on})
    refused = {refusal.field for refusal in found}
    found += [
        errors.empty_field(name)
        for name in ("content", "next_follow_on")
        if name not in refused and not values.get(name)
    ]
    due = values.get("next_follow_on")
    if due and due < today_of(now):
        found.append(errors.date_passed("next_follow_on"))
    refuse_all(found)
    follow_up = FollowUp.objects.create(
        opportunity=locked, by=actor, at=now, creation_key=creation_key, **values
    )
    locked.next_follow_on = follow_up.next_follow_on
    locked.last_activity_at = now
    _save(locked, now=now)
    return follow_up


@transaction.atomic
def promote_opportunity(
    *,
    opportunity: Opportunity,
    stage: int,
    actor: Employee,
    now: datetime,
    version: int | None = None,
    note: str = "",
) -> Opportunity:
    """One step up the ladder. Raises OPP-01, OPP-02, OPP-03, OPP-05, WF-12."""
    locked = _lock(opportunity, actor=actor, version=version, must_be_open=False)
    check_promotion(locked, stage)
    missing = stage_conditions(
        stage,
        locked.customer,
        list(locked.customer.contacts.all()),
        list(locked.customer.consents.all()),
        today=today_of(now),
    )
    if missing:
        raise errors.stage_conditions(Stage(stage).label, missing)
    _move(locked, stage, move=StageMove.PROMOTED, by=actor, note=note, now=now)
    return locked


@transaction.atomic
def step_back(
    *,
    opportunity: Opportunity,
    stage: int,
    reason: str,
    actor: Employee,
    now: datetime,
    version: int | None = None,
) -> Opportunity:
    """Down to an earlier stage, with a reason. Raises OPP-03, OPP-04, OPP-05, OPP-06, WF-12."""
    locked = _lock(opportunity, actor=actor, version=version, must_be_open=False)
    check_step_back(locked, stage, in_approval=hooks.has_open_documents(locked.customer_id))
    if not clean_text(reason):
        raise errors.step_back_reason()
    _move(locked, stage, move=StageMove.STEPPED_BACK, by=actor, note=reason, now=now)
    return locked


@transaction.atomic
def lose_opportunity(
    *,
    opportunity: Opportunity,
    lost_reason: str,
    actor: Employee,
    now: datetime,
    version: int | None = None,
    note: str = "",
) -> Opportunity:
    """Close it as 已流失 with a reason code. Raises OPP-03 (the system holds the stage),
    OPP-05, OPP-09, DIC-01, WF-12."""
    locked = _lock(opportunity, actor=actor, version=version, must_be_open=False)
    if not locked.is_open:
        raise errors.opportunity_closed()
    held = locked.stage in SYSTEM_STAGES and hooks.has_open_documents(locked.customer_id)
    if held or locked.stage > Stage.SUBMITTED:
        raise errors.system_stage(Stage(locked.stage).label)
    if lost_reason not in LossReason.values:
        raise errors.loss_reason_missing()
    if (reason := no_longer_offered(LossReason, lost_reason, field="lost_reason")) is not None:
        raise reason
    locked.biz_status = OpportunityStatus.LOST
    locked.lost_reason = lost_reason
    _move(locked, locked.stage, move=StageMove.LOST, by=actor, note=note, now=now)
    return locked


@transaction.atomic
def advance_by_system(
    opportunity: Opportunity, stage: int, *, now: datetime, reason: str
) -> Opportunity:
    """Lift an opportunity to 上报审批, 签约 or 放款成交 because of an event.

    Called by the apps whose events these are, inside their transaction; ``reason`` names
    the document. An opportunity that is already there stays as it is, a lost one raises
    OPP-05. 放款成交 closes it as 已成交
    and writes down who earned it.
    """
    if stage not in SYSTEM_STAGES:
        raise ValueError(f"stage {stage} is set by hand")
    locked = lock_row(Opportunity, opportunity.pk)
    if locked.biz_status == OpportunityStatus.LOST:
        raise errors.opportunity_closed()
    if locked.stage >= stage:
        return locked
    if stage == Stage.DISBURSED:
        locked.biz_status = OpportunityStatus.WON
        share_credit(locked, now=now)
    _move(locked, stage, move=StageMove.SYSTEM, by=None, note=reason, now=now)
    return locked


@transaction.atomic
def close_by_system(opportunity: Opportunity, *, now: datetime, reason: str) -> Opportunity:
    """Close an open opportunity as 已流失 because its customer went bad, whatever its stage.

    ``reason`` names the document. One that is closed already stays as it is.
    """
    locked = lock_row(Opportunity, opportunity.pk)
    if locked.is_open:
        locked.biz_status = OpportunityStatus.LOST
        locked.lost_reason = LossReason.NOT_QUALIFIED
        _move(locked, locked.stage, move=StageMove.LOST, by=None, note=reason, now=now)
    return locked


def _lock(
    opportunity: Opportunity, *, actor: Employee, version: int | None, must_be_open: bool = True
) -> Opportunity:
    """Customer first, then the opportunity: the order of every service here."""
    customer = lock_customer(opportunity.customer_id, actor=actor)
    locked = lock_row(Opportunity, opportunity.pk)
    locked.customer = customer
    ensure_version(locked, version)
    if must_be_open and not locked.is_open:
        raise errors.opportunity_closed()
    return locked


def _apply(
    opportunity: Opportunity,
    data: Mapping[str, Any],
    *,
    before: Opportunity | None,
    now: datetime,
) -> list[DomainError]:
    unknown = sorted(set(data) - set(OPPORTUNITY_FIELDS))
    if unknown:
        raise TypeError(f"not fields that a person may fill: {unknown}")
    cleaned, found = clean_values(Opportunity, data)
    for name, value in cleaned.items():
        setattr(opportunity, name, value)
    refused = {refusal.field for refusal in found}
    found += [
        refusal
        for refusal in check_opportunity(opportunity, before=before, today=today_of(now))
        if refusal.field not in refused
    ]
    return found


def _move(
    opportunity: Opportunity,
    stage: int,
    *,
    move: StageMove,
    by: Employee | None,
    note: str,
    now: datetime,
) -> None:
    values, found = clean_values(StageChange, {"note": note})
    refuse_all(found)
    was = opportunity.stage
    since = timezone.localdate(opportunity.stage_since)
    StageChange.objects.create(
        opportunity=opportunity,
        move=move,
        from_stage=was,
        to_stage=None if move == StageMove.LOST else stage,
        days_in_stage=max(0, (today_of(now) - since).days),
        by=by,
        at=now,
        note=values["note"],
    )
    opportunity.stage = stage
    opportunity.probability = 0 if move == StageMove.LOST else STAGE_PROBABILITY[Stage(stage)]
    opportunity.stage_since = opportunity.last_activity_at = now
    _save(opportunity, now=now)


def _save(opportunity: Opportunity, *, now: datetime) -> None:
    opportunity.version += 1
    opportunity.updated_at = now
    opportunity.save()
