"""The ledger's settings and classification tiers as stored."""

from __future__ import annotations

from funds.models import ClassBucket, LedgerSetting
from funds.rules.classification import DEFAULT_BUCKETS


def current_setting() -> LedgerSetting:
    """The lender's settings; the shipped values while nobody has saved any."""
    return LedgerSetting.objects.filter(pk=1).first() or LedgerSetting(pk=1)


def buckets() -> list[ClassBucket]:
    """The tiers from best to worst; the shipped ones while none are stored."""
    return list(ClassBucket.objects.order_by("from_day")) or default_buckets()


def default_buckets() -> list[ClassBucket]:
    return [
        ClassBucket(risk_class=code, from_day=first, to_day=last, provision_rate=rate)
        for code, first, last, rate in DEFAULT_BUCKETS
    ]
