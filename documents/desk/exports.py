"""The list of a desk as a workbook: its columns, and the same rows as the page."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from lending_crm.common.exports import Column, ListExport, register_export

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import QueryDict

    from documents.desk.declaration import Desk
    from staff.models import Employee


def export_desk(desk: Desk) -> None:
    """Offer the list for export; called where the desk is registered."""

    def rows(user: Employee, query: QueryDict, now: datetime) -> QuerySet[Any]:
        found = desk.filter_class(query, queryset=desk.rows(user), desk=desk, user=user)
        return found.qs.order_by("-created_at", "-pk")

    status_ = [Column(_("Business"), "get_biz_status_display")] if desk.has_biz_status else []
    register_export(
        ListExport(
            desk.path,
            desk.plural,
            (
                Column(_("Number"), "doc_no"),
                Column(_("Subject"), "subject"),
                *(_column(desk, each.path, head) for each, head in _labelled(desk)),
                Column(_("Approval"), "get_wf_status_display"),
                *status_,
                Column(_("Handler"), "handler.name"),
                Column(_("Company"), "branch.name"),
                Column(_("Creation date"), "created_at"),
            ),
            rows,
            desk.may_see_list,
        )
    )


def _labelled(desk: Desk) -> list[tuple[Any, Any]]:
    return [(column, desk.label(column)) for column in desk.columns]


def _column(desk: Desk, path: str, label: Any) -> Column:
    """A choice is written as its word."""
    *steps, last = path.split("__")
    field = desk.field_at(path)
    name = f"get_{last}_display" if getattr(field, "choices", None) else last
    return Column(label, ".".join([*steps, name]))
