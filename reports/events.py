"""What people are told about work reports and work plans."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from staff.events import Event

SUBMITTED = "work_report.submitted"
COMMENTED = "work_report.commented"
TASK_ADDED = "work_plan.task_added"
PLAN_COMMENTED = "work_plan.commented"

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
    Event(
        TASK_ADDED,
        _("A superior added a task to my plan"),
        _("%(actor)s added a task to your plan %(doc_no)s"),
    ),
    Event(
        PLAN_COMMENTED,
        _("Somebody commented on a work plan"),
        _("%(actor)s commented on the work plan %(doc_no)s"),
    ),
)
