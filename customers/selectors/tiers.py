"""Tier adjustments of a customer, as the rules of other records ask about them."""

from __future__ import annotations

from django.db.models import QuerySet

from customers.models import Customer, TierChange, TierRecord
from documents.choices import WfStatus


def has_tier_changes(customer_id: int) -> bool:
    """CUS-05: an adjustment refers to the customer, also a draft."""
    return TierChange.objects.filter(customer=customer_id).exists()


def has_open_tier_change(customer_id: int) -> bool:
    """CUS-10: an adjustment of the customer is under approval."""
    return TierChange.objects.filter(customer=customer_id, wf_status=WfStatus.IN_APPROVAL).exists()


def live_tier_cases(customer_id: int) -> list[int]:
    """The cases of the customer's adjustments that are under approval."""
    running = TierChange.objects.filter(
        customer=customer_id, wf_status=WfStatus.IN_APPROVAL, case__isnull=False
    )
    return list(running.order_by("case").values_list("case", flat=True))


def tier_history(customer: Customer) -> QuerySet[TierRecord]:
    """每次等级变动, the newest first, with the forms and people."""
    return TierRecord.objects.filter(customer=customer).select_related("change", "by")
