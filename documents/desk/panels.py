"""The documents of a desk as a related list on another record's page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from documents.desk.declaration import Desk
from documents.desk.reading import open_stages
from documents.panels import Panel, PanelContent

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from staff.models import Employee

#: rows shown on the page; the list has the rest
SHOWN = 20


def _nothing_to_begin(record: Any, user: Employee) -> PanelContent:
    return PanelContent()


def document_panel(
    desk: Desk,
    *,
    subject: str,
    find: Callable[[QuerySet, Any], QuerySet],
    begin: Callable[[Any, Employee], PanelContent] = _nothing_to_begin,
    order: int = 100,
) -> Panel:
    """The related list of ``subject``: the desk's rows that ``find`` picks for the record.

    ``begin`` says where a new one is made from the record, or why none can be.
    """

    def load(record: Any, user: Employee) -> PanelContent:
        found = list(find(desk.rows(user), record).order_by("-created_at", "-pk")[:SHOWN])
        stages = open_stages(found)
        rows = [(row, desk.cells(row), stages.get(row.case_id)) for row in found]
        start = begin(record, user)
        return replace(start, count=len(rows), data={"desk": desk, "rows": rows})

    return Panel(
        subject=subject,
        code=desk.name,
        title=desk.plural,
        template="documents/desk/_panel.html",
        load=load,
        order=order,
        empty=_("Nothing here yet."),
        is_later=True,
    )
