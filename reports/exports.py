"""工作计划 as a workbook: a row a task, of the plans that the tab shows."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lending_crm.common.exports import Column, ListExport
from reports.selectors.work_plans import exported_tasks

PLAN_EXPORT = ListExport(
    "work-plans",
    _("Work plans"),
    (
        Column(_("Plan number"), "plan.plan_no"),
        Column(_("Plan type"), "plan.get_plan_type_display"),
        Column(_("Period from"), "plan.starts_on"),
        Column(_("Period to"), "plan.ends_on"),
        Column(_("Plan of"), "plan.author.name"),
        Column(_("Task"), "content"),
        Column(_("Customer"), "customer.name"),
        Column(_("Visit on site"), "is_visit"),
        Column(_("To be done by"), "due_on"),
        Column(_("Status"), "get_state_display"),
        Column(_("Outcome or reason"), "outcome"),
        Column(_("Place of the visit"), "place"),
        Column(_("Finished at"), "finished_at"),
        Column(_("Added to the plan by"), "added_by.name"),
    ),
    exported_tasks,
    lambda user: user.is_active,
)
