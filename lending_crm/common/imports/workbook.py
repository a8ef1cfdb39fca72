"""Read the first sheet of an .xlsx row by row: as text, bounded, without evaluating anything.

The caller has made sure that the file is a workbook and no bomb (``documents.files``).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from django.utils.translation import gettext_lazy as _

from openpyxl import load_workbook

from lending_crm.common.errors import DomainError

MOST_ROWS = 5_000
_MOST_COLUMNS = 200
_LONGEST_CELL = 5_000
#: what 5,000 full rows take; shared strings are held in memory while the sheet is read
_MOST_UNPACKED = 64 * 1024 * 1024
#: from here on a number that Excel keeps has lost its last digits
_EXACT = 10**15


@dataclass
class ReadRow:
    """One filled row: its number in the sheet, text by field, and by field why it is unreadable."""

    number: int
    values: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


def read_sheet(stream: IO[bytes], *, heads: Mapping[str, str]) -> list[ReadRow]:
    """The rows below the first one, whose cells name fields by ``heads`` (label → field).

    Raises IMP-01 (no workbook), IMP-02 (a column that the template does not have, which would
    be lost in silence), IMP-03 (too many rows).
    """
    try:
        with zipfile.ZipFile(stream) as packed:
            if sum(part.file_size for part in packed.infolist()) > _MOST_UNPACKED:
                raise too_many_rows()
        book = load_workbook(stream, read_only=True, data_only=False, keep_links=False)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError, SyntaxError) as error:
        raise no_workbook() from error
    try:
        sheet = book.worksheets[0] if book.worksheets else None
        if sheet is None:
            raise no_workbook()
        return _read(sheet.iter_rows(max_col=_MOST_COLUMNS), heads)
    except (KeyError, ValueError, TypeError, SyntaxError) as error:
        raise no_workbook() from error
    finally:
        book.close()


def _read(lines: Iterator[Any], heads: Mapping[str, str]) -> list[ReadRow]:
    first = next(iter(lines), ())
    names = [_head(cell.value) for cell in first]
    fields = [heads.get(name, "") for name in names]
    unknown = [name for name, known in zip(names, fields, strict=True) if name and not known]
    if unknown or not any(fields):
        raise other_columns(unknown)
    rows: list[ReadRow] = []
    for number, line in enumerate(lines, start=2):
        row = _row(number, fields, line)
        if not row.values and not row.faults:
            continue
        if len(rows) >= MOST_ROWS:
            raise too_many_rows()
        rows.append(row)
    return rows


def _row(number: int, fields: list[str], line: Any) -> ReadRow:
    row = ReadRow(number)
    for name, cell in zip(fields, line, strict=False):
        if not name or cell.value is None:
            continue
        if cell.data_type == "f":
            row.faults[name] = str(_("A formula is not read; write the value itself."))
        elif cell.data_type == "e":
            row.faults[name] = str(_("The cell holds an error of Excel."))
        else:
            _take(row, name, cell.value)
    return row


def _take(row: ReadRow, name: str, value: Any) -> None:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= _EXACT:
        row.faults[name] = str(_("Excel has rounded this number; enter it as text."))
        return
    text = _text(value)
    if len(text) > _LONGEST_CELL:
        row.faults[name] = str(_("The text is too long."))
    elif text:
        row.values[name] = text


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, float):
        return f"{Decimal(repr(value)).normalize():f}"
    return str(value).strip()


def _head(value: Any) -> str:
    """A head without the star of a required column."""
    return str(value or "").strip().rstrip("*").strip()[:100]


def no_workbook() -> DomainError:
    return DomainError(
        "IMP-01",
        _("This is no Excel workbook (.xlsx) that can be read."),
        status=422,
        field="upload",
    )


def other_columns(names: list[str]) -> DomainError:
    return DomainError(
        "IMP-02",
        _("The first row does not hold the columns of the template: %(names)s."),
        status=422,
        field="upload",
        params={"names": ", ".join(names) or "—"},
    )


def too_many_rows() -> DomainError:
    return DomainError(
        "IMP-03",
        _("A workbook may hold %(n)s rows; split it."),
        status=422,
        field="upload",
        params={"n": MOST_ROWS},
    )


def too_large(limit: int) -> DomainError:
    return DomainError(
        "IMP-04",
        _("A workbook may have %(mb)s MB."),
        status=422,
        field="upload",
        params={"mb": limit // (1024 * 1024)},
    )
