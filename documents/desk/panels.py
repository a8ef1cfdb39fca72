"""The documents of a desk as a related list on another record's page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext_lazy as _

from documents.desk.declaration import Desk
from documents.desk.reading import open_stages
from documents.models import Document
from documents.panels import Label, Panel, PanelContent
from lending_crm.common.arms import together
from lending_crm.common.keys import Keys

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from staff.models import Employee

#: rows shown on the page; the list has the rest
SHOWN = 20

_EMPTY = _("Nothing here yet.")

Find = Callable[["QuerySet", Any], "QuerySet"]
Begin = Callable[[Any, "Employee"], PanelContent]


def _nothing_to_begin(record: Any, user: Employee) -> PanelContent:
    return PanelContent()


@dataclass(frozen=True, kw_only=True)
class DocumentPanel(Panel):
    """The documents of one kind; a page has one list of it.

    ``find`` picks the record's documents out of all of the kind, and may pick one twice;
    ``begin`` says where a new one is made from the record, or why none can be.
    """

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
    code: str = "",
    template: str = "documents/desk/_panel.html",
    new_label: Label = "",
    empty: Label = _EMPTY,
) -> Panel:
    """The related list of ``subject``, with the columns of the desk's own list or as its
    ``template`` shows the ``documents``."""
    return DocumentPanel(
        subject=subject,
        code=code or desk.name,
        title=desk.plural,
        template=template,
        order=order,
        new_label=new_label,
        empty=empty,
        is_later=True,
        together=load_together,
        desk=desk,
        find=find,
        begin=begin,
    )


def load_together(panels: Sequence[Panel], record: Any, user: Employee) -> list[PanelContent]:
    """Three statements for all lists of the page, besides what each ``begin`` asks: which
    documents hang on the record, those of them that the reader sees with what their columns
    show, and their open steps.

    A record has few documents, so these are asked about: otherwise everything that the reader
    sees is collected, once for each list.
    """
    lists = [cast(DocumentPanel, panel) for panel in panels]
    keys = _keys(lists, record)
    found = _seen([panel.desk for panel in lists if panel.desk.kind_code in keys], keys, user)
    stages = open_stages(document for documents in found.values() for document in documents)
    contents = []
    for panel in lists:
        documents = found.get(panel.desk.kind_code, [])
        rows = [(row, panel.desk.cells(row), stages.get(row.case_id)) for row in documents]
        data = {"desk": panel.desk, "documents": documents, "rows": rows}
        contents.append(replace(panel.begin(record, user), count=len(rows), data=data))
    return contents


def _keys(lists: Sequence[DocumentPanel], record: Any) -> dict[str, list[int]]:
    """By kind the documents that hang on the record, whoever sees them."""
    parts = [panel.find(panel.desk.kind.queryset(), record).order_by() for panel in lists]
    keys: dict[str, list[int]] = defaultdict(list)
    for kind, pk in together([part.values_list("kind", "pk") for part in parts]):
        keys[kind].append(pk)
    return keys


def _seen(
    desks: Sequence[Desk], keys: Mapping[str, list[int]], user: Employee
) -> dict[str, list[Any]]:
    """By kind the newest of the documents that the user sees, as instances of their kinds."""
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
    children = {desk.kind_code: _child(desk) for desk in desks}
    wanted = [pk for found in keys.values() for pk in found]
    newest = _newest(Document.objects.seen_among(user, wanted))
    rows = Document.objects.select_related(*related).filter(pk__among=newest)
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows.order_by("-created_at", "-pk"):
        found[row.kind].append(_as_kind(row, children[row.kind]))
    return found


def _newest(documents: QuerySet[Document]) -> Keys:
    """The keys of the ``SHOWN`` newest of each kind, found before anything is joined."""
    order = [F("created_at").desc(), F("pk").desc()]
    place = Window(RowNumber(), partition_by=F("kind"), order_by=order)
    kept = documents.order_by().annotate(place=place).filter(place__lte=SHOWN)
    return Keys(kept.values("pk"))


def _child(desk: Desk) -> str:
    parent = cast(Any, desk.kind.model._meta.get_ancestor_link(Document))
    return str(parent.remote_field.get_accessor_name())


def _as_kind(document: Document, child: str) -> Any:
    found = getattr(document, child)
    for name in ("handler", "branch", "case"):
        setattr(found, name, getattr(document, name))
    return found
