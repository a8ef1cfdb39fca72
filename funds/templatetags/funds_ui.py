"""``{% load funds_ui %}``: how the statuses and classes of loans are shown."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from funds.choices import LineStatus, RowState, ScheduleState
from funds.models import Loan, RepaymentImportRow, ScheduleLine, ScheduleVersion
from lending_crm.common.templatetags.ui import badge, grade_badge

register = template.Library()

_VERSIONS = {
    ScheduleState.CURRENT: ("green", "circle-check"),
    ScheduleState.REPLACED: ("slate", "archive"),
    ScheduleState.REPLACED_BY_EXTENSION: ("slate", "archive"),
    ScheduleState.REVERSED: ("void", "ban"),
}
_LINES = {
    LineStatus.PENDING: ("grey", "circle"),
    LineStatus.PARTLY: ("blue", "clock"),
    LineStatus.PAID: ("green", "check"),
}
_ROWS = {
    RowState.READY: ("blue", "clock"),
    RowState.FAULTY: ("amber", "alert-triangle"),
    RowState.BOOKED: ("green", "circle-check"),
    RowState.REFUSED: ("red", "circle-x"),
}


@register.simple_tag
def loan_badge(loan: Loan) -> SafeString:
    return grade_badge(loan, "status")


@register.simple_tag
def version_badge(version: ScheduleVersion) -> SafeString:
    return badge(version.get_state_display(), *_VERSIONS[ScheduleState(version.state)])


@register.simple_tag
def line_badge(line: ScheduleLine) -> SafeString:
    return badge(line.get_status_display(), *_LINES[LineStatus(line.status)])


@register.simple_tag
def row_badge(row: RepaymentImportRow) -> SafeString:
    return badge(row.get_state_display(), *_ROWS[RowState(row.state)])
