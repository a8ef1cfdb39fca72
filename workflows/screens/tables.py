"""Tables of a snapshot as pages and papers draw them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lending_crm.common.design.grades import grade_of, grade_of_word
from lending_crm.common.design.status import Mark
from workflows.kinds import Fact

#: by a table's name what each of its columns offers, (value, label) pairs, none for free text
Offers = Callable[[str], Sequence[Sequence[tuple[Any, Any]]]]

_NUMBER = re.compile(r"-?[\d,]+(\.\d+)?%?")


def _no_offers(name: str) -> Sequence[Sequence[tuple[Any, Any]]]:
    return ()


def aligned_tables(
    content: dict[str, Any], facts: Iterable[Fact] = (), offers: Offers = _no_offers
) -> dict[str, Any]:
    """Fields and tables of a snapshot as pages draw them.

    A field of the name of one of ``facts`` gets its ``grade`` where the fact's choices have one,
    a cell where those that ``offers`` names have one.
    """
    choices = {fact.name: fact.choices for fact in facts if fact.choices}
    return {
        "fields": [
            {**field, "grade": grade_of(choices[field["name"]](), field["value"])}
            if field["name"] in choices and isinstance(field["value"], str)
            else field
            for field in content.get("fields", [])
        ],
        "tables": [aligned(table, offers(table["name"])) for table in content.get("tables", [])],
    }


def aligned(
    table: dict[str, Any], offered: Sequence[Sequence[tuple[Any, Any]]] = ()
) -> dict[str, Any]:
    """The table with each heading as (text, is a number) and each cell as (text, is a number,
    badge); columns of numbers align, columns of grades wear their badges."""
    are_numbers = [
        any(cells) and all(_NUMBER.fullmatch(cell) for cell in cells if cell)
        for cells in zip(*table["rows"], strict=True)
    ] or [False] * len(table["columns"])
    return {
        **table,
        "columns": list(zip(table["columns"], are_numbers, strict=False)),
        "rows": [_cells(row, are_numbers, offered) for row in table["rows"]],
    }


def _cells(
    row: Sequence[str],
    are_numbers: Sequence[bool],
    offered: Sequence[Sequence[tuple[Any, Any]]],
) -> list[tuple[str, bool, Mark | None]]:
    choices = [*offered, *[()] * (len(row) - len(offered))]
    return [
        (text, is_number, grade_of_word(pairs, text) if pairs else None)
        for text, is_number, pairs in zip(row, are_numbers, choices, strict=False)
    ]
