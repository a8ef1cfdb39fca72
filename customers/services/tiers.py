"""The tier of a borrower moves: by an approved form, or by itself at 次级 (X2)."""

from __future__ import annotations

from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from customers.choices import BorrowerTier
from customers.models import Customer, TierChange, TierRecord
from customers.rules.grading import LOSES_TIER
from customers.services.log import LANGUAGE_OF_RECORD, ChangeLog
from staff.models import Employee
from staff.services.guards import lock_row


def apply_change(*, change: TierChange, now: datetime) -> None:
    """Give the customer the tier of the approved form; call it inside the decision."""
    customer = lock_row(Customer, change.customer_id)
    before = customer.borrower_tier
    log = ChangeLog(customer, ["borrower_tier"])
    customer.borrower_tier = change.to_tier
    customer.version += 1
    customer.updated_at = now
    customer.save(update_fields=["borrower_tier", "version", "updated_at"])
    log.write(customer, actor=change.handler, now=now, ip=None)
    note_tier(
        customer=customer,
        before=before,
        by=change.handler,
        now=now,
        change=change,
        note=change.reason,
    )


def lose_tier(*, customer: Customer, actor: Employee | None, now: datetime) -> bool:
    """At 次级 and worse the locked customer falls to 普通; saved and logged by the caller.

    Whether the tier moved.
    """
    before = customer.borrower_tier
    if customer.risk_class not in LOSES_TIER or before == BorrowerTier.NORMAL:
        return False
    customer.borrower_tier = BorrowerTier.NORMAL
    with translation.override(LANGUAGE_OF_RECORD):
        note = _("risk class %(risk_class)s") % {"risk_class": customer.get_risk_class_display()}
    note_tier(customer=customer, before=before, by=actor, now=now, note=note)
    return True


def note_tier(
    *,
    customer: Customer,
    before: str,
    by: Employee | None,
    now: datetime,
    change: TierChange | None = None,
    note: str = "",
) -> None:
    """One row of the history of tiers; nothing when the tier is what it was."""
    if customer.borrower_tier == before:
        return
    limit = TierRecord._meta.get_field("note").max_length
    TierRecord.objects.create(
        customer=customer,
        from_tier=before,
        to_tier=customer.borrower_tier,
        change=change,
        by=by,
        at=now,
        note=note[:limit],
    )
