"""公海: prospects go back to the branch, and whoever wants one claims it (X2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from customers import errors, hooks, pool_errors
from customers.choices import GradeEvent
from customers.models import Customer, GradeChange, PoolEntry
from customers.rules.grading import is_graded
from customers.rules.permissions import may_claim, may_reassign
from customers.rules.values import clean_values
from customers.selectors.pool import pool_setting, recent_claims, week_before
from customers.services.guards import today_of
from customers.services.log import LANGUAGE_OF_RECORD, ChangeLog, note_event
from lending_crm.common.errors import refuse_all
from staff.models import Employee
from staff.services.guards import lock_row

_EVENT = "public pool"


@transaction.atomic
def extend_grade(*, customer: Customer, actor: Employee, now: datetime, note: str = "") -> Customer:
    """Let the account manager keep a prospect longer, by his department head.

    Raises POL-05 (not the head), POL-06 (no prospect).
    """
    locked = _lock_prospect(customer, actor)
    values, found = clean_values(GradeChange, {"note": note})
    refuse_all(found)
    days = timedelta(days=pool_setting().extension_days)
    today = today_of(now)
    locked.grade_due = max(locked.grade_due or today, today) + days
    locked.save(update_fields=["grade_due"])
    note_grade(locked, GradeEvent.EXTENDED, by=actor, at=now, note=values["note"])
    return locked


@transaction.atomic
def give_to_pool(
    *,
    customer: Customer,
    reason: str,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> PoolEntry:
    """Take a prospect from its account manager into the pool, by the department head.

    Raises POL-05, POL-06 (no prospect, or with a document under approval), CUS-17 (reason).
    """
    locked = _lock_prospect(customer, actor)
    values, found = clean_values(PoolEntry, {"reason": reason})
    if not found and not values["reason"]:
        found = [errors.empty_field("reason")]
    refuse_all(found)
    return put_into_pool(locked, reason=values["reason"], by=actor, now=now, ip=ip)


def put_into_pool(
    locked: Customer, *, reason: str, by: Employee | None, now: datetime, ip: str | None = None
) -> PoolEntry:
    """The prospect, locked by the caller, has no account manager from now on."""
    entry = PoolEntry.objects.create(
        customer=locked, from_owner=locked.owner, entered_at=now, entered_by=by, reason=reason
    )
    locked.pooled_at = now
    locked.grade_due = None
    _save(locked, now)
    note_grade(locked, GradeEvent.POOLED, by=by, at=now, note=reason)
    with translation.override(LANGUAGE_OF_RECORD):
        said = _("into the public pool, from %(name)s") % {"name": locked.owner.name}
    note_event(instance=locked, field=_EVENT, old="", new=said, actor=by, now=now, ip=ip)
    return entry


@transaction.atomic
def claim_from_pool(
    *, customer: Customer, actor: Employee, now: datetime, ip: str | None = None
) -> Customer:
    """领取: the account manager takes a prospect of his branch out of the pool.

    Raises POL-02 (not his branch), POL-01 (claimed by somebody else meanwhile), BUS-07, POL-03
    (used up his claims), POL-04 (had it last).
    """
    locked = lock_row(Customer, customer.pk)
    # His other claims wait here, so that two at once do not both fit under the limit.
    me = lock_row(Employee, actor.pk)
    if not may_claim(actor, locked):
        raise pool_errors.may_not_claim()
    if locked.pooled_at is None:
        raise pool_errors.not_in_the_pool()
    if locked.is_blocked:
        raise errors.no_new_business(locked.get_biz_status_display())
    setting = pool_setting()
    today = today_of(now)
    if recent_claims(me, since=week_before(today)) >= setting.claim_limit:
        raise pool_errors.claims_used_up(setting.claim_limit)
    had_it = locked.owner_id == me.pk
    if had_it and locked.pooled_at > now - timedelta(days=setting.reclaim_days):
        raise pool_errors.claimed_too_soon(setting.reclaim_days)
    log = ChangeLog(locked, ("owner", "department"))
    locked.owner = me
    if me.department is not None:
        locked.department = me.department
    leave_pool(locked, to=me, now=now)
    _save(locked, now)
    log.write(locked, actor=actor, now=now, ip=ip)
    return locked


def leave_pool(locked: Customer, *, to: Employee, now: datetime) -> None:
    """Close the stay of a customer in the pool and let its grade count anew; not saved here."""
    if locked.pooled_at is None:
        return
    locked.pool_entries.filter(claimed_at=None).update(claimed_by=to, claimed_at=now)
    locked.pooled_at = None
    locked.grade_due = today_of(now) + timedelta(days=pool_setting().effective_days)
    note_grade(locked, GradeEvent.CLAIMED, by=to, at=now)


def note_grade(
    customer: Customer,
    event: GradeEvent,
    *,
    by: Employee | None,
    at: datetime,
    before: str = "",
    note: str = "",
) -> GradeChange:
    """One row of the history of grades; ``before`` is the grade that was, empty for the same."""
    return GradeChange.objects.create(
        customer=customer,
        event=event,
        from_grade=before or customer.tier,
        to_grade="" if event == GradeEvent.WON else customer.tier,
        due=customer.grade_due,
        owner=customer.owner,
        by=by,
        at=at,
        note=note,
    )


def _lock_prospect(customer: Customer, actor: Employee) -> Customer:
    locked = lock_row(Customer, customer.pk)
    if not may_reassign(actor, locked):
        raise pool_errors.may_not_extend()
    if not is_graded(locked) or hooks.has_open_documents(locked.pk):
        raise pool_errors.no_prospect()
    return locked


def _save(customer: Customer, now: datetime) -> None:
    customer.version += 1
    customer.updated_at = now
    customer.save(
        update_fields=[
            "owner", "department", "pooled_at", "grade_due", "version", "updated_at",
        ]
    )  # fmt: skip
