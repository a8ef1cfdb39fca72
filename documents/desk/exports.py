"""The list of a desk as a workbook: its columns, and the same rows as the page."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from documents.desk.declaration import Column as DeskColumn
from documents.desk.declaration import Desk
from lending_crm.common.exports import Column, ListExport

if TYPE_CHECKING:
    from staff.models import Employee


def desk_export(desk: Desk) -> ListExport:
    """What the desk's list exports; its code is the desk's path."""

    def rows(user: Employee, query: QueryDict, now: datetime) -> QuerySet[Any]:
        found = desk.filter_class(query, queryset=desk.rows(user), desk=desk, user=user)
        return found.qs.order_by("-created_at", "-pk")

    status = [Column(_("Business"), "get_biz_status_display")] if desk.has_biz_status else []
    columns = (
        Column(_("Number"), "doc_no"),
        Column(_("Subject"), "subject"),
        *(_own_column(desk, column) for column in desk.columns),
        Column(_("Approval"), "get_wf_status_display"),
        *status,
        Column(_("Handler"), "handler.name"),
        Column(_("Company"), "branch.name"),
        Column(_("Creation date"), "created_at"),
    )
    return ListExport(desk.path, desk.plural, columns, rows, desk.may_see_list)


def _own_column(desk: Desk, column: DeskColumn) -> Column:
    """A choice is written as its word."""
    *steps, last = column.path.split("__")
    shown = f"get_{last}_display" if getattr(desk.field_at(column.path), "choices", None) else last
    label: Any = desk.label(column)
    return Column(capfirst(label), ".".join([*steps, shown]))
