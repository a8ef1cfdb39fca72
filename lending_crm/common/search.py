"""Finding a part of a text without reading every row.

Names have no word boundaries, so a search box looks for any part of a text. PostgreSQL's index
for that is an extension that the embedded server does not carry; the index here is a GIN over
the text's characters and pairs of characters, which every server can build. It finds the few
rows that have all pairs of what was typed, ``LIKE`` then looks for the whole in those.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Lookup, Model, Q, QuerySet, Value
from django.db.models.functions import Lower

from lending_crm.common.arms import are_in_arms
from lending_crm.common.keys import Keys

M = TypeVar("M", bound=Model)

#: up to so many rows of one table are named one by one; more cost a reader whose right to each
#: has to be looked up more than comparing the rows of his list
_FEW, _FEW_OF_ALL = 2_000, 10_000
#: words that the indexes are asked for; further ones only narrow
_ASKED = 3

#: Installed before the tables are made; see ``lending_crm.common.apps``.
FUNCTION = """
CREATE OR REPLACE FUNCTION search_grams(value text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
    SELECT coalesce(array_agg(DISTINCT substr(value, start, length)), '{}')
    FROM generate_series(1, char_length(value)) start, generate_series(1, 2) length
    WHERE start + length - 1 <= char_length(value)
$$
"""


def grams(text: str) -> list[str]:
    """What the index must hold for a row that has ``text``: its pairs, or its one character."""
    return sorted({text[at : at + 2] for at in range(len(text) - 1)} or set(text))


class SearchIndex(GinIndex):
    """The index behind ``has_part`` on one text column, ``column__lower`` for small letters."""

    def __init__(self, column: str, *, name: str) -> None:
        kept_as = ArrayField(models.TextField())
        text, _, folded = column.partition("__")
        value = Lower(F(text)) if folded else F(text)
        super().__init__(Func(value, function="search_grams", output_field=kept_as), name=name)
        self._column = column

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        return f"{self.__module__}.SearchIndex", (self._column,), {"name": self.name}


models.CharField.register_lookup(Lower)
models.TextField.register_lookup(Lower)


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


@models.CharField.register_lookup
@models.TextField.register_lookup
class HasPairs(HasPart):
    """All pairs of the text, in any place: what the index alone can say."""

    lookup_name = "has_pairs"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, params = self.process_lhs(compiler, connection)
        return f"search_grams({column}) @> %s::text[]", [*params, grams(str(self.rhs))]


@models.CharField.register_lookup
@models.TextField.register_lookup
class ComparedPart(HasPart):
    """The same, compared in rows that are found by something else.

    Of ``LIKE`` the planner takes a long word for rare, and would find the few rows that it expects
    by reading the whole table.
    """

    lookup_name = "compared_part"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, params = self.process_lhs(compiler, connection)
        return f"strpos({column}, %s) > 0", [*params, str(self.rhs)]


def with_words(
    rows: QuerySet[M],
    text: str,
    paths: Sequence[str],
    *,
    sees_all: bool = False,
    rows_first: bool = False,
    is_scoped: bool = False,
) -> QuerySet[M]:
    """The rows in which every word of ``text`` is a part of one of the columns.

    ``paths`` lead to columns that have a ``SearchIndex``, also of related tables, in small
    letters (``doc_no__lower``, ``customer__search_text``). At most two statements are sent at
    once: an index cannot serve an OR over tables, and a word that most rows have is found
    soonest by walking the list. So each table says first which rows have the word; where there
    are few, they are named by their keys, and where there are many the column is compared. A
    reader who ``sees_all`` rows is named more of them.

    ``rows_first`` finds the rows of all that is named at once, for readers who see all and lists
    with few rows to each, say contacts of a customer. Otherwise they are looked for from the
    newest on, which goes to the oldest where what was typed is old, say a number with a date.
    ``is_scoped`` are rows that the reader's rights find, by their index and not too many: the
    word is compared in those. Rows in arms (``arms.apart``) are.
    """
    answers = _remembered.get()
    rows_first = rows_first or (answers is not None and answers.sees_all)
    words = list(dict.fromkeys(text.lower().split()))
    places = [_place(rows.model, path) for path in paths]
    asked = sorted(words, key=len, reverse=True)[:_ASKED]
    known = _rows_with(asked, places, most=_most_named(sees_all))
    compared = "compared_part" if is_scoped or are_in_arms(rows) else "contains"
    for word in words:
        found = [
            place.named(keys, rows_first=rows_first)
            if (keys := place.keys(word, known)) is not None
            else Q(**{f"{place.path}__{compared}": word})
            for place in places
        ]
        rows = rows.filter(reduce(Q.__or__, found))
    return rows


@contextmanager
def asked_at_once(
    text: str, lists: Sequence[tuple[type[Model], Sequence[str]]], *, sees_all: bool = False
) -> Iterator[None]:
    """Inside, ``with_words`` finds the answers for these lists and this text already there; of
    each list only the first few rows are shown."""
    words = sorted(dict.fromkeys(text.lower().split()), key=len, reverse=True)[:_ASKED]
    places = {
        (place.holder, place.column): place
        for model, paths in lists
        for place in (_place(model, path) for path in paths)
    }
    known = _rows_with(words, list(places.values()), most=_most_named(sees_all))
    token = _remembered.set(_Answers(known, sees_all))
    try:
        yield
    finally:
        _remembered.reset(token)


_Asked = tuple[type[Model], str, str]
#: by table, column and word: the keys of the rows that have it, None for too many
_Known = dict[_Asked, list[int] | None]


@dataclass(frozen=True)
class _Answers:
    known: _Known
    sees_all: bool


_remembered: ContextVar[_Answers | None] = ContextVar("search_answers", default=None)


@dataclass(frozen=True)
class _Place:
    """One column to look in: ``key`` leads from a row of ``listed`` to the key of ``owner``, whose
    column it is by itself or by the ``holder`` that it inherits from."""

    listed: type[Model]
    path: str
    owner: type[Model]
    holder: type[Model]
    column: str
    key: str

    def keys(self, word: str, known: _Known) -> list[int] | None:
        return known.get((self.holder, self.column, word))

    def named(self, keys: Sequence[int], *, rows_first: bool) -> Q:
        if rows_first and keys and self.listed is not self.owner:
            rows = self.listed._base_manager.order_by().filter(**{f"{self.key}__among": keys})
            return Q(pk__among=Keys(rows.values("pk")))
        if not keys or self.owner is self.holder:
            return Q(**{f"{self.key}__among": keys})
        # The numbers of all kinds of documents: those of other kinds would be looked for in vain,
        # through a whole list if there are many.
        own = self.owner._base_manager.order_by().filter(pk__among=keys).values("pk")
        return Q(**{f"{self.key}__among": Keys(own)})


def _place(model: type[Model], path: str) -> _Place:
    *steps, column = path.removesuffix("__lower").split("__")
    holder: Any = model
    for step in steps:
        holder = holder._meta.get_field(step).related_model
    owner, holder = holder, holder._meta.get_field(column).model
    folded = f"{column}__lower" if path.endswith("__lower") else column
    return _Place(model, path, owner, holder, folded, "__".join(steps) or "pk")


def _most_named(sees_all: bool) -> int:
    return _FEW_OF_ALL if sees_all else _FEW


def _rows_with(words: Sequence[str], places: Sequence[_Place], *, most: int) -> _Known:
    answers = _remembered.get()
    known = dict(answers.known) if answers else {}
    every = dict.fromkeys((place.holder, place.column, word) for place in places for word in words)
    asked: list[_Asked] = [each for each in every if each not in known]
    known |= dict.fromkeys(asked)
    if not asked:
        return known
    guesses = _guesses(asked)
    likely = [each for each, guess in zip(asked, guesses, strict=True) if guess <= most * 5]
    if likely:
        found: list[list[int]] = [[] for _ in likely]
        limited = [
            _having(*each).values_list(Value(number), "pk")[: most + 1]
            for number, each in enumerate(likely)
        ]
        for number, key in _all(limited):
            found[number].append(key)
        known |= {
            each: keys if len(keys) <= most else None
            for each, keys in zip(likely, found, strict=True)
        }
    return known


def _having(
    holder: type[Model], column: str, word: str, *, lookup: str = "has_part"
) -> QuerySet[Any, Any]:
    return holder._base_manager.order_by().filter(**{f"{column}__{lookup}": word})


def _all(parts: Sequence[QuerySet[Any, Any]]) -> QuerySet[Any, Any]:
    first, *others = parts
    return first.union(*others, all=True) if others else first


def _guesses(asked: Sequence[_Asked]) -> list[int]:
    """How many rows the server expects of each, from its statistics; nothing is read."""
    rows = _all([_having(*each, lookup="has_pairs").values_list("pk") for each in asked])
    plan = json.loads(rows.explain(format="json"))[0]["Plan"]
    parts = plan["Plans"] if plan["Node Type"] == "Append" else [plan]
    return [int(part["Plan Rows"]) for part in parts]
