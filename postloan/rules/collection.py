"""When a borrower may be called or visited (R13): the clock and the counter of collection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, time
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from lending_crm.common.formats import format_day
from postloan.choices.extension import CollectionWay
from postloan.models import RecoveryRecord
from sms.models import SmsSetting
from sms.models.setting import COLLECTION_CAP
from sms.selectors import current_setting

#: contacts that reach somebody at their hour; a letter does not
AT_AN_HOUR = (CollectionWay.PHONE, CollectionWay.VISIT)
FLAG = _("collection against the hours or the number of a day")


def row_refusals(row: Any) -> Iterator[DomainError]:
    """COL-01: without its time nobody could tell whether a call or a visit kept R13."""
    if row.way in AT_AN_HOUR and row.collected_at is None:
        yield DomainError(
            "COL-01",
            _("Enter the time of the call or visit."),
            status=422,
            field="collected_at",
        )


def logged(document: Any) -> list[Any]:
    """The collection records of a document, read once for all the rules that ask for them."""
    prefetch_related_objects([document], "collection_log")
    return list(document.collection_log.all())


def contact_warnings(rows: Iterable[Any]) -> list[str]:
    """COL-02 and COL-03 in the active language, one sentence a contact or day.

    They warn: what happened is put on record as it was, and those who decide read of it.
    """
    contacts = [row for row in rows if row.way in AT_AN_HOUR]
    if not contacts:
        return []
    setting = current_setting()
    found = [
        _quiet(setting, row.collected_on, row.collected_at)
        for row in contacts
        if row.collected_at is not None and setting.is_quiet_at(row.collected_at)
    ]
    calls = Counter(row.collected_on for row in contacts if row.way == CollectionWay.PHONE)
    found += [_too_often(day, count) for day, count in calls.items() if count > COLLECTION_CAP]
    return found


def record_warning(record: RecoveryRecord) -> str:
    """COL-02 for what asset recovery did, or nothing."""
    if record.done_at is None:
        return ""
    setting = current_setting()
    is_quiet = setting.is_quiet_at(record.done_at)
    return _quiet(setting, record.done_on, record.done_at) if is_quiet else ""


def _quiet(setting: SmsSetting, day: date, clock: time) -> str:
    return _said(
        DomainError(
            "COL-02",
            _(
                "The contact of %(day)s %(time)s lies in the quiet hours (%(start)s–%(end)s),"
                " in which nobody is called or visited without his consent."
            ),
            params={
                "day": format_day(day),
                "time": f"{clock:%H:%M}",
                "start": f"{setting.quiet_from:%H:%M}",
                "end": f"{setting.quiet_until:%H:%M}",
            },
        )
    )


def _too_often(day: date, count: int) -> str:
    return _said(
        DomainError(
            "COL-03",
            _("%(count)s calls on %(day)s; at most %(limit)s a day are allowed."),
            params={"count": count, "day": format_day(day), "limit": COLLECTION_CAP},
        )
    )


def _said(warning: DomainError) -> str:
    return f"{warning.code} {warning.message}"
