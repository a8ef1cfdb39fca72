"""What stands above the administrator's pages: years that due dates reach without holidays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from lending_crm.common.context import Banner
from staff.calendar import missing_years
from staff.rules import keeps_organisation

_KEY = "staff.missing_years"
#: A page must not ask the database again for what changes once a year.
_SECONDS = 60


def missing_holidays(user: Any, now: datetime) -> list[Banner]:
    """One sentence a year (story 10 of domain.md §13), for whoever can enter the holidays."""
    if not keeps_organisation(user):
        return []
    today = timezone.localdate(now)
    years = cache.get_or_set(f"{_KEY}.{today}", lambda: missing_years(today), _SECONDS)
    sentence = _(
        "The holidays of %(year)s are not configured; until they are, Monday to Friday count as"
        " working days."
    )
    calendar = reverse("staff:calendar")
    return [
        Banner(sentence % {"year": year}, f"{calendar}?year={year}", _("Enter the holidays"))
        for year in years or []
    ]
