"""The documents of a desk as a related list on another record's page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from documents.desk.declaration import Desk
from documents.desk.reading import open_stages
from documents.models import Document
from documents.panels import Panel, PanelContent

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from staff.models import Employee

#: rows shown on the page; the list has the rest
SHOWN = 20

Find = Callable[["QuerySet", Any], "QuerySet"]
Begin = Callable[[Any, "Employee"], PanelContent]


def _nothing_to_begin(record: Any, user: Employee) -> PanelContent:
    return PanelContent()


@dataclass(frozen=True, kw_only=True)
class DocumentPanel(Panel):
    desk: Desk
    find: Find
    begin: Begin


def document_panel(
    desk: Desk,
    *,
    subject: str,
    find: Find,
    begin: Begin = _nothing_to_begin,
    order: int = 100,
) -> Panel:
    """The related list of ``subject``: the desk's rows that ``find`` picks for the record.

    ``begin`` says where a new one is made from the record, or why none can be.
    """
    return DocumentPanel(
        subject=subject,
        code=desk.name,
        title=desk.plural,
        template="documents/desk/_panel.html",
        order=order,
        empty=_("Nothing here yet."),
        is_later=True,
        together=load_together,
        desk=desk,
        find=find,
        begin=begin,
    )


def load_together(panels: Sequence[Panel], record: Any, user: Employee) -> list[PanelContent]:
    """Three statements for all lists of the page, besides what each ``begin`` asks: which
    documents there are, these documents with what their columns show, and their open steps."""
    lists = [cast(DocumentPanel, panel) for panel in panels]
    keys = _keys(lists, record, user)
    documents = _documents([panel.desk for panel in lists if keys[panel.code]], keys)
    stages = open_stages(documents.values())
    contents = []
    for panel in lists:
        found = [documents[key] for key in keys[panel.code]]
        rows = [(row, panel.desk.cells(row), stages.get(row.case_id)) for row in found]
        start = panel.begin(record, user)
        contents.append(replace(start, count=len(rows), data={"desk": panel.desk, "rows": rows}))
    return contents


def _keys(lists: Sequence[DocumentPanel], record: Any, user: Employee) -> dict[str, list[int]]:
    """By the code of the list its documents, the newest first."""
    parts = [
        panel.find(panel.desk.rows(user), record)
        .order_by("-created_at", "-pk")
        # The moment too: where ``find`` leaves out repetitions, they are sorted by it.
        .values_list(Value(number), "pk", "created_at")[:SHOWN]
        for number, panel in enumerate(lists)
    ]
    first, *others = parts
    found = list(first.union(*others, all=True) if others else first)
    found.sort(key=lambda row: (row[2], row[1]), reverse=True)
    keys: dict[str, list[int]] = {panel.code: [] for panel in lists}
    for number, pk, _moment in found:
        keys[lists[number].code].append(pk)
    return keys


def _documents(desks: Sequence[Desk], keys: dict[str, list[int]]) -> dict[int, Any]:
    """The documents of these desks as instances of their kinds, by one statement."""
    if not desks:
        return {}
    related = {"handler", "branch", "case"}
    for desk in desks:
        own = desk.kind.model._meta
        child = _child(desk)
        related.add(child)
        paths = (*desk.kind.select_related, *desk.related)
        related |= {
            f"{child}__{path}"
            for path in paths
            if own.get_field(path.partition("__")[0]).model is desk.kind.model
        }
    wanted = [pk for found in keys.values() for pk in found]
    children = {desk.kind.code: _child(desk) for desk in desks}
    rows = Document.objects.select_related(*related).filter(pk__among=wanted)
    return {row.pk: _as_kind(row, children[row.kind]) for row in rows}


def _child(desk: Desk) -> str:
    parent = cast(Any, desk.kind.model._meta.get_ancestor_link(Document))
    return str(parent.remote_field.get_accessor_name())


def _as_kind(document: Document, child: str) -> Any:
    found = getattr(document, child)
    for name in ("handler", "branch", "case"):
        setattr(found, name, getattr(document, name))
    return found
