"""Rows into an .xlsx of bounded memory in which no cell is a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

#: what Excel and its like take for the beginning of a formula
_FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
#: and what the writer takes for an error's name (``#N/A``) besides
_READ_OTHERWISE = (*_FORMULA_MARKS, "#")
_LONGEST_CELL = 32_767
_LONGEST_TITLE = 31
_WIDTH = 18
_FORBIDDEN_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def write_workbook(
    target: IO[bytes], *, title: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Write one sheet, row after row; returns how many rows there were below the head."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title.translate(_FORBIDDEN_IN_TITLES)[:_LONGEST_TITLE])
    sheet.freeze_panes = "A2"
    for number in range(len(heads)):
        sheet.column_dimensions[get_column_letter(number + 1)].width = _WIDTH
    sheet.append([_head(sheet, text) for text in heads])
    count = 0
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
        count += 1
    book.save(target)
    return count


def _head(sheet: Any, title: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=title)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    plain = _plain(value)
    if isinstance(plain, int) or plain is None:
        return plain
    if isinstance(plain, str) and not plain.startswith(_READ_OTHERWISE):
        return plain  # a cell of its own costs as much as writing it
    cell = WriteOnlyCell(sheet, value=plain)
    if isinstance(plain, str):
        # Text stays text also when somebody edits the cell: it is never evaluated.
        cell.data_type = "s"
        cell.quotePrefix = plain.startswith(_FORMULA_MARKS)
    else:
        cell.number_format = _number_format(plain)
    return cell


def _number_format(value: Decimal | date) -> str:
    if isinstance(value, Decimal):
        return "#,##0.00"
    return "yyyy-mm-dd hh:mm" if isinstance(value, datetime) else "yyyy-mm-dd"


def _plain(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    if isinstance(value, int | Decimal | date):
        return value
    return ILLEGAL_CHARACTERS_RE.sub("", str(value))[:_LONGEST_CELL]
