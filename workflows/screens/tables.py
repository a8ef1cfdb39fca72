"""Tables of a snapshot as pages and papers draw them."""

from __future__ import annotations

import re
from typing import Any

_NUMBER = re.compile(r"-?[\d,]+(\.\d+)?%?")


def aligned_tables(content: dict[str, Any]) -> dict[str, Any]:
    """Fields and tables of a snapshot as pages draw them."""
    return {
        "fields": content.get("fields", []),
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
