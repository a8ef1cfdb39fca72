"""工作移交 as a workbook: the columns, and the same rows as the list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from documents.desk.filters import DeskFilter
from lending_crm.common.exports import Column, ListExport
from resources.desk import HANDOVER_DESK
from resources.rules.permissions import may_see_list
from staff.models import Employee


def _rows(user: Employee, query: QueryDict, now: datetime) -> QuerySet[Any]:
    rows = HANDOVER_DESK.rows(user).select_related("supervisor")
    found = DeskFilter(query, queryset=rows, desk=HANDOVER_DESK, user=user)
    return found.qs.order_by("-created_at", "-pk")


EXPORT = ListExport(
    "work-handovers",
    _("Work handovers"),
    (
        Column(_("Number"), "doc_no"),
        Column(_("Subject"), "subject"),
        Column(_("Handed over by"), "from_employee.name"),
        Column(_("Receiver"), "to_employee.name"),
        Column(_("Handover supervisor"), "supervisor.name"),
        Column(_("Reason of the handover"), "get_reason_display"),
        Column(_("Effective on"), "effective_on"),
        Column(_("Approval"), "get_wf_status_display"),
        Column(pgettext_lazy("handover", "Execution"), "get_biz_status_display"),
        Column(_("Carried out at"), "executed_at"),
        Column(_("Handler"), "handler.name"),
        Column(_("Company"), "branch.name"),
        Column(_("Creation date"), "created_at"),
    ),
    _rows,
    may_see_list,
)
