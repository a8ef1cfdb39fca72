"""``{% load supervision_ui %}``: how colours and due dates of supervision are shown."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lending_crm.common.templatetags.ui import badge
from postloan.selectors.supervision import PlannedReport
from postloan.selectors.supervision_calendar import (
    INSTALMENT,
    LOAN_DUE,
    REPORT,
    SUPERVISION,
    Entry,
)

register = template.Library()

_ICONS = {
    SUPERVISION: "shield-check",
    REPORT: "report",
    INSTALMENT: "cash",
    LOAN_DUE: "calendar-due",
}


@register.simple_tag
def plan_badge(row: PlannedReport, today: date) -> SafeString:
    """What became of a planned report."""
    if row.is_done and row.report is not None:
        if row.report.is_late:
            return badge(_("Reported late"), "amber", "clock-exclamation")
        return badge(_("Reported"), "green", "check")
    if row.is_late(today):
        return badge(pgettext("due date", "Late"), "red", "clock-exclamation")
    if row.due_on <= today:
        return badge(_("Due today"), "amber", "clock")
    return badge(pgettext("due date", "Coming"), "grey", "calendar")


@register.simple_tag
def entry_badge(entry: Entry) -> SafeString:
    """The state of an entry of the calendar; nothing while it is still to come."""
    marks = {
        "done": (pgettext("due date", "Done"), "green", "check"),
        "late": (pgettext("due date", "Late"), "red", "clock-exclamation"),
        "red": (_("Long late"), "red", "flag"),
        "today": (_("Due today"), "amber", "clock"),
    }
    if entry.state not in marks:
        return badge(pgettext("due date", "Coming"), "grey", "calendar")
    return badge(*marks[entry.state])


@register.filter
def entry_icon(entry: Entry) -> str:
    return _ICONS[entry.what]
