"""Keep the exceptions of the working calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lending_crm.common.changes import field_values, record_changes
from lending_crm.common.errors import DomainError
from staff.models import Employee, HolidayOverride
from staff.rules import require_keeper
from staff.services.guards import required_line

CalendarChange = Callable[[datetime], None]
_calendar_changes: list[CalendarChange] = []


def register_calendar_change(tell: CalendarChange) -> None:
    """An app names what must follow when a working day changes; called from its ``apps.py``.

    It is told the moment, in the transaction of the change.
    """
    _calendar_changes.append(tell)


def _tell(now: datetime) -> None:
    for tell in _calendar_changes:
        tell(now)


FIELDS = ("day", "is_working", "name")
#: the first and last year that an exception may be for; beyond it is a typing error
YEARS = range(2000, 2101)


@transaction.atomic
def set_calendar_day(
    *,
    day: date,
    is_working: bool,
    name: str,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> HolidayOverride:
    """Say that the lender works or rests on a day; says it anew when it was said before."""
    require_keeper(actor)
    if day.year not in YEARS:
        raise DomainError(
            "CAL-01",
            _("The year must be between %(first)s and %(last)s."),
            status=422,
            field="day",
            params={"first": str(YEARS[0]), "last": str(YEARS[-1])},
        )
    name = required_line(name, field="name", label=_("Name"), limit=40)
    row = HolidayOverride.objects.select_for_update().filter(day=day).first()
    before = field_values(row, FIELDS) if row else {}
    # Two administrators who name the same new day at once both end on the one row.
    row, _created = HolidayOverride.objects.update_or_create(
        day=day, defaults={"is_working": is_working, "name": name}
    )
    after = field_values(row, FIELDS)
    record_changes(instance=row, before=before, after=after, actor=actor, now=now, ip=ip)
    if before.get("is_working") != after["is_working"]:
        _tell(now)
    return row


@transaction.atomic
def clear_calendar_day(*, day: date, actor: Employee, now: datetime, ip: str | None = None) -> None:
    """Take an exception back; the public calendar holds again on that day."""
    row = HolidayOverride.objects.select_for_update().filter(day=day).first()
    require_keeper(actor)
    if row is None:
        return
    record_changes(
        instance=row,
        before=field_values(row, FIELDS),
        after=dict.fromkeys(FIELDS, ""),
        actor=actor,
        now=now,
        ip=ip,
    )
    row.delete()
    _tell(now)
