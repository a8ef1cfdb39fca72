"""What every installation starts with: the ledger's settings and the five tiers."""

from __future__ import annotations

from funds.models import ClassBucket, LedgerSetting
from funds.selectors.settings import default_buckets


def ensure_settings() -> None:
    """Store the shipped values where there are none yet; never touches what is there."""
    LedgerSetting.objects.get_or_create(pk=1)
    if not ClassBucket.objects.exists():
        ClassBucket.objects.bulk_create(default_buckets(), ignore_conflicts=True)
