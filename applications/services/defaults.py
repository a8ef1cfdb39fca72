"""What every installation starts with: authority table and settings."""

from __future__ import annotations

from applications.assessment import KIND_CODE
from applications.authority import DEFAULT_LIMITS
from applications.models import AuthorityBand, LenderSetting


def ensure_settings() -> None:
    """Store the shipped values where there are none yet; never touches what is there."""
    LenderSetting.objects.get_or_create(pk=1)
    if not AuthorityBand.objects.filter(document_kind=KIND_CODE).exists():
        AuthorityBand.objects.bulk_create(
            [
                AuthorityBand(document_kind=KIND_CODE, level=level, upper_limit=limit)
                for level, limit in enumerate(DEFAULT_LIMITS, start=1)
            ],
            ignore_conflicts=True,
        )
