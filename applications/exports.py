"""业务申请单 as a workbook: the columns, and the same rows as the list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from applications.desks import APPLICATIONS
from applications.filters import ApplicationFilter
from applications.permissions import may_see_list
from applications.selectors import application_list
from lending_crm.common.exports import Column, ListExport
from staff.models import Employee


def _rows(user: Employee, query: QueryDict, now: datetime) -> QuerySet[Any]:
    found = ApplicationFilter(query, queryset=application_list(user), desk=APPLICATIONS, user=user)
    return found.qs.order_by("-created_at", "-pk")


EXPORT = ListExport(
    "applications",
    _("Business applications"),
    (
        Column(_("Number"), "doc_no"),
        Column(_("Subject"), "subject"),
        Column(_("Customer"), "customer.name"),
        Column(_("Amount (yuan)"), "amount_total"),
        Column(_("All-in cost"), "all_in_rate"),
        Column(_("Approval"), "get_wf_status_display"),
        Column(_("Business"), "get_biz_status_display"),
        Column(_("Approved amount (CNY)"), "approved_amount"),
        Column(_("Handler"), "handler.name"),
        Column(_("Company"), "branch.name"),
        Column(_("Creation date"), "created_at"),
    ),
    _rows,
    may_see_list,
)
