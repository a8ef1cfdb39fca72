"""What people are told about work reports."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from staff.events import Event

SUBMITTED = "work_report.submitted"
COMMENTED = "work_report.commented"

EVENTS = (
    Event(
        SUBMITTED,
        _("Somebody sent me a work report"),
        _("%(actor)s sent you the work report %(doc_no)s"),
    ),
    Event(
        COMMENTED,
        _("Somebody commented on a work report"),
        _("%(actor)s commented on the work report %(doc_no)s"),
    ),
)
