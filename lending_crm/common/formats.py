"""Moments and spans of time as people read them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def format_moment(moment: datetime, *, seconds: bool = False) -> str:
    """``2026-11-22 14:05`` in the zone of the page."""
    return f"{_local(moment):%Y-%m-%d %H:%M:%S}" if seconds else f"{_local(moment):%Y-%m-%d %H:%M}"


def format_day(day: date) -> str:
    """``2026-11-22``; a moment counts as the day it falls on in the zone of the page."""
    return f"{_local(day) if isinstance(day, datetime) else day:%Y-%m-%d}"


def format_near(moment: datetime, *, now: datetime) -> str:
    """As short as it can be without doubt: the time today, the day and time this year."""
    there, here = _local(moment), _local(now)
    distance = (there.date() - here.date()).days
    clock = f"{there:%H:%M}"
    if distance == 0:
        return clock
    if distance == 1:
        return _("tomorrow %(time)s") % {"time": clock}
    if distance == -1:
        return _("yesterday %(time)s") % {"time": clock}
    return f"{there:%m-%d} {clock}" if there.year == here.year else f"{there:%Y-%m-%d} {clock}"


def format_duration(span: timedelta | int | float) -> str:
    """Two units at most (``2 days 3 h``), rounded down; numbers are seconds."""
    total = span.total_seconds() if isinstance(span, timedelta) else span
    seconds = max(0, int(total))
    days, hours, minutes = seconds // _DAY, seconds % _DAY // _HOUR, seconds % _HOUR // _MINUTE
    parts = []
    if days:
        parts.append(ngettext("%(n)s day", "%(n)s days", days) % {"n": days})
    if hours:
        parts.append(_("%(n)s h") % {"n": hours})
    if minutes and not days:
        parts.append(_("%(n)s min") % {"n": minutes})
    return " ".join(parts) or _("less than a minute")


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment
