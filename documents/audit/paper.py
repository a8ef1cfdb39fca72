"""A case as one PDF: the history, the documents as they were seen, the route, the files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from documents.audit.record import CaseRecord
from documents.printing import PrintMark, company_name, render_pdf
from lending_verify.pdf import EMBEDDED, seal
from workflows.bpmn.svg import render_svg
from workflows.bpmn.words import condition_words, route_words
from workflows.definitions import definition_of
from workflows.kinds import kind_for
from workflows.models import FlowVersion
from workflows.screens.flows import Names
from workflows.screens.history import history_rows

LANGUAGE = "zh-hans"  # the language of record
TEMPLATE = "documents/print/audit.html"


def case_pdf(record: CaseRecord, mark: PrintMark) -> bytes:
    """The sealed PDF, with the exported history inside it.

    A character that no font has is printed as a geta mark: the history in the file has it.
    """
    with translation.override(LANGUAGE):
        context = _context(record, mark)
    pdf = render_pdf(
        TEMPLATE,
        context,
        language=LANGUAGE,
        embedded={EMBEDDED: record.history_bytes()},
        replaces_missing=True,
    )
    return seal(pdf)


def _context(record: CaseRecord, mark: PrintMark) -> dict[str, Any]:
    case = record.case
    definition = definition_of(case.flow_version_id)
    kind = kind_for(case.document_kind)
    return {
        "company": company_name(),
        "form_title": gettext("Approval record"),
        "secrecy": gettext("Internal"),
        "doc_no": case.doc_no,
        "mark": mark,
        "case": case,
        "kind": kind.title,
        # Nobody who could have a secret vote hidden from him comes here.
        "rows": zip(
            history_rows(record.events, [], definition, reader_id=0, fields=kind.term_fields),
            record.events,
            strict=True,
        ),
        "snapshots": list(_snapshots(record)),
        "versions": [_version(version) for version in record.versions],
        "attachments": record.attachments,
    }


def _snapshots(record: CaseRecord) -> Iterator[dict[str, Any]]:
    """Each document as it was seen, with the acts that saw it."""
    contents = dict(record.case.snapshots.values_list("number", "content"))
    for snapshot in record.snapshots:
        seen_by = [event for event in record.events if event.snapshot_number == snapshot.number]
        yield {"snapshot": snapshot, "content": contents[snapshot.number], "seen_by": seen_by}


def _version(version: FlowVersion) -> dict[str, Any]:
    definition = definition_of(version.pk)
    facts = kind_for(version.definition.document_kind).condition_facts
    labels = condition_words(definition, facts, language=LANGUAGE)
    svg = render_svg(definition, language=LANGUAGE, condition_words=labels)
    return {
        "version": version,
        "svg": _drawing(svg),
        "words": route_words(definition, facts, resolve=Names(definition)),
    }


def _drawing(svg: str) -> SafeString:
    return mark_safe(svg)  # noqa: S308 - drawn by lxml, which escapes every name
