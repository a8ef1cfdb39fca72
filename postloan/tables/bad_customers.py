"""The lists of a bad-customer handover."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from documents.rows import RowTable
from postloan.models import BadCollectionRow, HandedFile, HandedLoan, LegalAction
from postloan.rules.collection import row_refusals

#: written by the system alone, so no list of the form
LOANS = RowTable(
    name="loans",
    model=HandedLoan,
    label=_("Loans of the customer"),
    columns=(),
    computed=("loan", "principal", "interest", "penalty", "overdue_days", "risk_class"),
    related=("loan",),
    totals=("principal", "interest", "penalty"),
)
COLLECTION = RowTable(
    name="collection_log",
    model=BadCollectionRow,
    label=_("Collection so far"),
    columns=("collected_on", "collected_at", "way", "spoken_to", "result"),
    add_label=_("Add a collection record"),
    check=row_refusals,
)
LAWSUITS = RowTable(
    name="lawsuits",
    model=LegalAction,
    label=_("Lawsuits, arbitration and preservation"),
    columns=("kind", "court", "case_no", "filed_on", "state"),
    add_label=_("Add a legal action"),
)
FILES = RowTable(
    name="files",
    model=HandedFile,
    label=_("Handed papers"),
    columns=("item", "form", "copies", "note"),
    preset=frozenset({"form"}),
    add_label=_("Add a paper"),
    note=_("Loan contract, loan note, collection records and guarantee papers are always needed."),
)
