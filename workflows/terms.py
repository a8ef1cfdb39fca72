"""The terms of a decision (approved amount, term, rate) as a reader sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from lending_crm.common.money import format_amount, format_rate
from workflows.kinds import TermField

_SHOWN: dict[str, Callable[[Any], str]] = {
    "money": lambda value: format_amount(Decimal(str(value))),
    "rate": lambda value: f"{format_rate(Decimal(str(value)))}%",
}


def shown_terms(terms: Mapping[str, Any], fields: Iterable[TermField]) -> list[tuple[str, str]]:
    """Label and text of each term that was set, in the order of the document kind's ``fields``."""
    return [
        (str(field.label), _SHOWN.get(field.type, str)(terms[field.name]))
        for field in fields
        if terms.get(field.name) not in (None, "")
    ]
