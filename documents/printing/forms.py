"""What a printed form says (domain.md §7), as plain values for its template."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.translation import pgettext

from documents.choices import EDITABLE_STATUSES
from documents.kinds import RoutedDocumentKind, Section, routed_kind
from documents.printing.marks import company_name
from documents.printing.opinions import opinion_boxes
from documents.snapshots import attachment_snapshot
from lending_crm.common.money import capital_amount
from workflows.screens.tables import aligned

#: papers are in the language of record
LANGUAGE = "zh-hans"
#: what stands where the reader's step shows him nothing
BLANK = "***"
#: a text from this length on gets a row of its own
_WIDE, _LONG = 18, 60
_HEAD = Section("head", "", ("subject", "handler", "department", "created_at"))


@dataclass(frozen=True)
class Content:
    """The document as its readers see it, its parts by name."""

    fields: Mapping[str, Mapping[str, Any]]
    tables: Mapping[str, Mapping[str, Any]]

    def shown(self, name: str) -> str:
        return str(self.fields[name]["display"])

    def rows(self, name: str) -> Sequence[Sequence[str]]:
        return self.tables[name]["rows"] if name in self.tables else []


def printed_content(document: Any, *, hidden: Collection[str] = ()) -> Content:
    """From the snapshot that the approvers decided on once there is one, so that a later change
    of a customer's or product's name does not alter an old form (N17); call it with Chinese
    active. Fields and tables in ``hidden`` are blank.
    """
    snapshot = None
    if document.case and document.wf_status not in EDITABLE_STATUSES:
        snapshot = document.case.snapshots.order_by("-number").first()
    content = snapshot.content if snapshot else routed_kind(document.kind).snapshot(document)
    return Content(
        fields={
            field["name"]: {**field, "value": None, "display": BLANK}
            if field["name"] in hidden
            else field
            for field in content["fields"]
        },
        tables={
            table["name"]: {**table, "rows": []} if table["name"] in hidden else table
            for table in content["tables"]
        },
    )


def form_context(document: Any, form: str, *, hidden: Collection[str] = ()) -> dict[str, Any]:
    """The form's content by the kind's sections, always in Chinese, the language of record."""
    kind = routed_kind(document.kind)
    with translation.override(LANGUAGE):
        content = printed_content(document, hidden=hidden)
        return {
            "company": company_name(),
            "form_title": str(kind.print_forms[form]),
            "secrecy": pgettext("approval form", "Internal"),
            "doc_no": document.doc_no,
            "sections": [
                {
                    "title": str(section.title),
                    "cells": list(_rows(kind, content, _own_fields(section))),
                    "tables": [
                        aligned(dict(content.tables[name]), kind.table_columns(name))
                        for name in section.tables
                        if name in content.tables
                    ],
                }
                for section in (_HEAD, *kind.sections)
            ],
            "opinions": opinion_boxes(document.case, document) if document.case else [],
            "attachments": attachment_snapshot(document),
        }


def _own_fields(section: Section) -> list[str]:
    """What the head of the paper has named already is not said twice."""
    return [name for name in section.fields if section is _HEAD or name not in _HEAD.fields]


def _rows(
    kind: RoutedDocumentKind, content: Content, names: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Two short fields a row, a long one alone; what is empty stays as an empty cell."""
    waiting: list[dict[str, Any]] = []
    for name in names:
        if name not in content.fields:
            continue
        cell = _cell(kind, content.fields[name])
        if cell["capital"] or len(cell["text"]) > _WIDE or "\n" in cell["text"]:
            if waiting:
                yield {"cells": [waiting.pop(0)], "is_wide": True}
            yield {"cells": [cell], "is_wide": True, "is_long": len(cell["text"]) > _LONG}
            continue
        waiting.append(cell)
        if len(waiting) == 2:
            yield {"cells": waiting}
            waiting = []
    if waiting:
        yield {"cells": waiting, "is_wide": True}


def _cell(kind: RoutedDocumentKind, field: Mapping[str, Any]) -> dict[str, str]:
    is_spelt = field["name"] in kind.capital_fields and field["value"] is not None
    capital = capital_amount(Decimal(str(field["value"]))) if is_spelt else ""
    return {"label": field["label"], "text": str(field["display"]), "capital": capital}
