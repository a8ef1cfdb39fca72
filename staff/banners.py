"""What stands above every page: years that due dates reach and whose holidays are unknown."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from staff.calendar import missing_years

_KEY = "staff.missing_years"
#: A page must not ask the database again for what changes once a year.
_SECONDS = 60


def missing_holidays(now: datetime) -> list[str]:
    """One sentence a year (story 10 of domain.md §13)."""
    today = timezone.localdate(now)
    years = cache.get_or_set(f"{_KEY}.{today}", lambda: missing_years(today), _SECONDS)
    sentence = _(
        "The holidays of %(year)s are not configured; until they are, Monday to Friday count as"
        " working days."
    )
    return [sentence % {"year": year} for year in years or []]
