"""Repayments from an Excel list: looked at row by row first, booked row by row then.

The file's rows are kept as they were typed, whatever is wrong with them; a row that was
refused can be corrected at its source and uploaded with the next file, because a booked bank
reference is never booked twice (REP-03).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from django.db import transaction
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from documents.rules import refuse_unless
from funds import errors
from funds.choices import RowState
from funds.models import Loan, Repayment, RepaymentImport, RepaymentImportRow
from funds.permissions import may_book
from funds.services.repayments import preview_repayment, register_repayment
from lending_crm.common.errors import DomainError
from lending_crm.common.money import yuan
from lending_crm.common.text import clean_line
from staff.services.guards import lock_row

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from staff.models import Employee

#: the columns by the words of the first row, any order; what is stored is the key
COLUMNS = {
    "借据号": "loan_no",
    "还款日期": "paid_on",
    "还款金额": "amount",
    "流水号": "bank_ref",
    "付款户名": "payer",
}
MAX_ROWS = 2000
MAX_BYTES = 5 * 1024 * 1024
_LONGEST = 200


@dataclass(frozen=True)
class ReadRow:
    """A row that says which loan was paid how much, when and by whom."""

    loan: Loan
    amount: Decimal
    paid_on: date
    bank_ref: str
    payer: str


@transaction.atomic
def upload_repayments(*, upload: UploadedFile, actor: Employee, now: datetime) -> RepaymentImport:
    """Keep the rows of the file, each with its fault if it has one; nothing is booked yet.

    The same file again gives the import that it made the first time. Raises APP-01, and REP-13
    for a file that is no such list.
    """
    refuse_unless(may_book(actor))
    if (upload.size or 0) > MAX_BYTES:
        raise errors.rows_unreadable(errors.FILE_TOO_LARGE)
    content = upload.read()
    digest = hashlib.sha256(content).hexdigest()
    known = RepaymentImport.objects.filter(sha256=digest).first()
    if known is not None:
        return known
    rows = _rows_of(content)
    batch = RepaymentImport.objects.create(
        file_name=clean_line(upload.name or "")[:_LONGEST],
        sha256=digest,
        uploaded_by=actor,
        uploaded_at=now,
    )
    seen: set[str] = set()
    RepaymentImportRow.objects.bulk_create(
        [_looked_at(batch, number, values, seen, now=now) for number, values in rows]
    )
    return batch


def book_import(*, import_id: int, actor: Employee, now: datetime) -> list[RepaymentImportRow]:
    """Book the rows that are ready, one transaction each; every row gets its result.

    Pressing twice books nothing twice: a row is locked and looked at again.
    """
    refuse_unless(may_book(actor))
    waiting = RepaymentImportRow.objects.filter(batch=import_id, state=RowState.READY)
    return [
        _book_row(pk, actor=actor, now=now)
        for pk in waiting.order_by("row_no").values_list("pk", flat=True)
    ]


@transaction.atomic
def _book_row(row_id: int, *, actor: Employee, now: datetime) -> RepaymentImportRow:
    row = lock_row(RepaymentImportRow, row_id)
    if row.state != RowState.READY:
        return row
    try:
        with transaction.atomic():
            read = read_row(row.values)
            row.repayment = register_repayment(
                loan_id=read.loan.pk,
                amount=read.amount,
                paid_on=read.paid_on,
                bank_ref=read.bank_ref,
                payer=read.payer,
                actor=actor,
                now=now,
            )
            row.state = RowState.BOOKED
    except DomainError as error:
        row.repayment = None
        _fault(row, error, RowState.REFUSED)
    row.save()
    return row


def read_row(values: dict[str, Any]) -> ReadRow:
    """The row's meaning; raises REP-13 with what cannot be read."""
    loan = Loan.objects.select_related("product").filter(loan_no=values["loan_no"]).first()
    if loan is None:
        raise errors.rows_unreadable(errors.NO_SUCH_LOAN, no=values["loan_no"])
    paid_on = _day(values["paid_on"])
    if paid_on is None:
        raise errors.rows_unreadable(errors.NO_SUCH_DAY, text=values["paid_on"])
    amount = _amount(values["amount"])
    if amount is None:
        raise errors.rows_unreadable(errors.NO_SUCH_AMOUNT, text=values["amount"])
    return ReadRow(loan, amount, paid_on, values["bank_ref"], values["payer"])


def _amount(text: str) -> Decimal | None:
    """To the fen and no further: nothing is booked that does not stand in the file."""
    typed = text.replace(",", "")
    try:
        amount = yuan(typed)
        return amount if amount == Decimal(typed) else None
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return parse_date(text[:10].replace("/", "-").replace(".", "-"))
    except ValueError:
        return None


def _rows_of(content: bytes) -> list[tuple[int, dict[str, str]]]:
    try:
        sheet = load_workbook(BytesIO(content), read_only=True, data_only=True).worksheets[0]
        found = list(sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=30, values_only=True))
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError, IndexError) as error:
        raise errors.rows_unreadable(errors.NOT_EXCEL) from error
    if not found:
        raise errors.missing_columns(list(COLUMNS))
    head = [_text(cell) for cell in found[0]]
    missing = [name for name in COLUMNS if name not in head]
    if missing:
        raise errors.missing_columns(missing)
    places = {key: head.index(name) for name, key in COLUMNS.items()}
    rows = [
        (number, {key: _text(cells[place]) for key, place in places.items()})
        for number, cells in enumerate(found[1:], start=2)
        if any(_text(cell) for cell in cells)
    ]
    if not rows:
        raise errors.rows_unreadable(errors.NO_ROWS)
    if len(rows) > MAX_ROWS:
        raise errors.rows_unreadable(errors.TOO_MANY_ROWS, limit=MAX_ROWS)
    return rows


def _text(cell: Any) -> str:
    if isinstance(cell, datetime | date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float):
        # Excel keeps amounts as floats; fifteen digits are what it shows.
        return f"{Decimal(f'{cell:.15g}'):f}"
    return clean_line("" if cell is None else str(cell))[:_LONGEST]


def _looked_at(
    batch: RepaymentImport,
    number: int,
    values: dict[str, str],
    seen: set[str],
    *,
    now: datetime,
) -> RepaymentImportRow:
    row = RepaymentImportRow(batch=batch, row_no=number, values=values, state=RowState.READY)
    try:
        read = read_row(values)
        _refuse_double(read.bank_ref, seen)
        preview_repayment(loan=read.loan, amount=read.amount, paid_on=read.paid_on, now=now)
    except DomainError as error:
        _fault(row, error, RowState.FAULTY)
    seen.add(values["bank_ref"])
    return row


def _refuse_double(bank_ref: str, seen: Iterable[str]) -> None:
    if not bank_ref:
        raise errors.text_missing("bank_ref", _("bank reference"))
    if bank_ref in seen or Repayment.objects.standing().filter(bank_ref=bank_ref).exists():
        raise errors.reference_taken()


def _fault(row: RepaymentImportRow, error: DomainError, state: str) -> None:
    row.state, row.fault_code, row.fault = state, error.code, error.message[:500]
