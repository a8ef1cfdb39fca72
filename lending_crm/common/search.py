"""Finding a part of a text without reading every row.

Names have no word boundaries, so a search box looks for any part of a text. PostgreSQL's index
for that is an extension that the embedded server does not carry; the index here is a GIN over
the text's characters and pairs of characters, which every server can build. It finds the few
rows that have all pairs of what was typed, ``LIKE`` then looks for the whole in those.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Lookup

#: Installed before the tables are made; see ``lending_crm.common.apps``.
FUNCTION = """
CREATE OR REPLACE FUNCTION search_grams(value text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(value, start, length)), '{}')
    FROM generate_series(1, char_length(value)) start, generate_series(1, 2) length
    WHERE start + length - 1 <= char_length(value)
$$
"""


def grams(text: str) -> list[str]:
    """What the index must hold for a row that has ``text``: its pairs, or its one character."""
    return sorted({text[at : at + 2] for at in range(len(text) - 1)} or set(text))


class SearchIndex(GinIndex):
    """The index behind ``has_part`` on one text column."""

    def __init__(self, column: str, *, name: str) -> None:
        kept_as = ArrayField(models.TextField())
        super().__init__(Func(F(column), function="search_grams", output_field=kept_as), name=name)
        self._column = column

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        return f"{self.__module__}.SearchIndex", (self._column,), {"name": self.name}


@models.CharField.register_lookup
@models.TextField.register_lookup
class HasPart(Lookup):  # type: ignore[type-arg]
    """``column__has_part="text"``: the column contains the text; case matters."""

    lookup_name = "has_part"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, params = self.process_lhs(compiler, connection)
        text = str(self.rhs)
        pattern = f"%{connection.ops.prep_for_like_query(text)}%"
        return (
            f"(search_grams({column}) @> %s::text[] AND {column} LIKE %s)",
            [*params, grams(text), *params, pattern],
        )
