"""Tier adjustments of a customer, as the rules of other records ask about them."""

from __future__ import annotations

from django.db.models import QuerySet

from customers.models import Customer, TierChange, TierRecord


def has_tier_changes(customer_id: int) -> bool:
    """CUS-05: an adjustment refers to the customer, also a draft."""
    return TierChange.objects.filter(customer=customer_id).exists()


def tier_history(customer: Customer) -> QuerySet[TierRecord]:
    """每次等级变动, the newest first, with the forms and people."""
    return TierRecord.objects.filter(customer=customer).select_related("change", "by")
