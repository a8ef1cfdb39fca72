"""按计划表: the rows of a CUSTOM repayment plan as they are typed and as they are stored."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from lending_crm.common.money import format_amount, yuan

MAX_ROWS = 600
_ROW = re.compile(r"^\s*(\d{1,3})\s*[:=：\s]\s*([\d,]+(?:\.\d{1,2})?)\s*$")


def read_plan(text: str) -> list[list[Any]]:
    """``month: principal`` by line into stored rows; raises ValidationError with the line."""
    rows: list[list[Any]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        match = _ROW.match(line[:80])
        if match is None:
            raise ValidationError(
                _('Line %(line)s of the plan: write "month: principal", for example "3: 100000".'),
                params={"line": number},
            )
        rows.append([int(match[1]), f"{yuan(match[2].replace(',', '')):f}"])
    return check_plan(rows)


def check_plan(rows: Sequence[Any]) -> list[list[Any]]:
    """The rows in stored form, or ValidationError; whether they add up is for the calculation."""
    if len(rows) > MAX_ROWS:
        raise ValidationError(_("A plan has at most %(limit)s rows."), params={"limit": MAX_ROWS})
    checked: list[list[Any]] = []
    for row in rows:
        try:
            month, principal = row
            amount = yuan(Decimal(str(principal)))
            is_sound = isinstance(month, int) and 1 <= month <= MAX_ROWS and amount >= 0
        except (TypeError, ValueError, InvalidOperation):
            is_sound = False
        if not is_sound:
            raise ValidationError(
                _("Each row of the plan needs a month from 1 to 600 and an amount.")
            )
        checked.append([month, f"{amount:f}"])
    return checked


def plan_text(rows: Sequence[Sequence[Any]]) -> str:
    """Stored rows as they are typed."""
    return "\n".join(f"{month}: {format_amount(principal)}" for month, principal in rows)
