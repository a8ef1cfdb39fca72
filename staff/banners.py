"""Years that due dates reach without holidays, said above pages that they concern."""

from __future__ import annotations

from datetime import date, datetime
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
    calendar = reverse("staff:calendar")
    return [
        Banner(_sentence(year), f"{calendar}?year={year}", _("Enter the holidays"))
        for year in _years(timezone.localdate(now))
    ]


def without_holidays(year: int, *, today: date) -> str:
    """What a page of due dates in the year says to everybody; empty while all is entered."""
    return _sentence(year) if year in _years(today) else ""


def _years(today: date) -> list[int]:
    return cache.get_or_set(f"{_KEY}.{today}", lambda: missing_years(today), _SECONDS) or []


def _sentence(year: int) -> str:
    sentence = _(
        "The holidays of %(year)s are not configured; until they are, Monday to Friday count as"
        " working days."
    )
    return sentence % {"year": year}
