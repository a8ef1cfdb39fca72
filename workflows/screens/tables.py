"""Tables of a snapshot as pages and papers draw them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lending_crm.common.design.grades import grade_of
from workflows.kinds import Fact

_NUMBER = re.compile(r"-?[\d,]+(\.\d+)?%?")


def aligned_tables(content: dict[str, Any], facts: Iterable[Fact] = ()) -> dict[str, Any]:
    """Fields and tables of a snapshot as pages draw them.

    A field of the name of one of ``facts`` gets its ``grade`` where the fact's choices have one.
    """
    choices = {fact.name: fact.choices for fact in facts if fact.choices}
    return {
        "fields": [
            {**field, "grade": grade_of(choices[field["name"]](), field["value"])}
            if field["name"] in choices and isinstance(field["value"], str)
            else field
            for field in content.get("fields", [])
        ],
        "tables": [aligned(table) for table in content.get("tables", [])],
    }


def aligned(table: dict[str, Any]) -> dict[str, Any]:
    """The table with each heading and cell as (text, is a number); columns of numbers align."""
    are_numbers = [
        any(cells) and all(_NUMBER.fullmatch(cell) for cell in cells if cell)
        for cells in zip(*table["rows"], strict=True)
    ] or [False] * len(table["columns"])
    return {
        **table,
        "columns": list(zip(table["columns"], are_numbers, strict=False)),
        "rows": [list(zip(row, are_numbers, strict=False)) for row in table["rows"]],
    }
