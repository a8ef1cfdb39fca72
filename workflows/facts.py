"""Routing facts between Python and the JSON of the case row, with their types kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from workflows.kinds import Fact, FactValue


def encode(values: Mapping[str, FactValue]) -> dict[str, Any]:
    """Decimals and dates become text; everything else is JSON already."""
    return {
        name: str(value) if isinstance(value, Decimal | date) else value
        for name, value in values.items()
    }


def decode(stored: Mapping[str, Any], facts: Sequence[Fact]) -> dict[str, FactValue]:
    """Read stored values back by the declared types; a fact that is not stored is None."""
    values: dict[str, FactValue] = {}
    for fact in facts:
        raw = stored.get(fact.name)
        if raw is None:
            values[fact.name] = None
        elif fact.type in ("money", "number"):
            values[fact.name] = Decimal(str(raw))
        elif fact.type == "date":
            values[fact.name] = date.fromisoformat(raw)
        else:
            values[fact.name] = raw
    return values
