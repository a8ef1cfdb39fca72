"""Rights that several ways lead to, as conditions that an index serves one by one.

'His own, or his branch's, or one that he was asked about' as one OR is asked of every row, and as
a union of keys all of them are collected before a page is cut. Kept apart, each arm finds the
first rows of a page through its own index, and the page is cut from those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import Expression, F, Lookup, Model, Q, QuerySet
from django.db.models.lookups import In
from django.db.models.sql.where import AND

from lending_crm.common.keys import Keys

M = TypeVar("M", bound=Model)


class Named(Protocol):
    """Rows that no condition of the arms tells, by their keys: what came from elsewhere."""

    @property
    def keys(self) -> QuerySet[Any, Any]:
        """As a subquery."""

    @property
    def few(self) -> Sequence[int] | None:
        """Found, by a statement of their own; None where there are too many."""


@dataclass(frozen=True)
class Arms:
    """``conditions(prefix)`` are the ways to a row of ``model``, ``prefix`` the path to it.

    What one says of the row's own columns stands before what has to be looked up elsewhere.
    ``named`` are the rows of a last way. A list that is cut from the arms finds them once, for
    its page and its count; often there are none, and so many keys are found in no time.
    """

    model: type[Model]
    conditions: Callable[[str], Sequence[Q]]
    prefix: str = ""
    named: Named | None = None

    def clause(self) -> Q:
        """The rows that one of the arms leads to, to filter on."""
        return Q(**{f"{self.prefix}pk__in_arms": self})

    def apart(self, *, is_alone: bool = False) -> list[Q]:
        """The arms as conditions on the listed row; together they hold every row once.

        A statement that is ``alone`` finds the named rows itself.
        """
        arms = self._disjoint(self.prefix)
        if self.named is None:
            return arms
        few = None if is_alone else self.named.few
        if few is None:
            return [*arms, self._named(Keys(self.named.keys))]
        return [*arms, self._named(few)] if few else arms

    def keys(self) -> QuerySet[Any, Any]:
        rows = self.model._base_manager.order_by()
        arms = [rows.filter(each).values("pk") for each in self._disjoint("")]
        return together([*arms, self.named.keys] if self.named else arms)

    def _disjoint(self, prefix: str) -> list[Q]:
        """Each way without the rows of those before it."""
        found, earlier = [], Q()
        for each in self.conditions(prefix):
            found.append(each & ~earlier if earlier else each)
            earlier |= each
        return found

    def _named(self, keys: Keys | Sequence[int]) -> Q:
        column = next(each.name for each in self.model._meta.fields if not each.primary_key)
        return Q(**{f"{self.prefix}{column}__row_among": keys})


@models.AutoField.register_lookup
@models.BigAutoField.register_lookup
@models.ForeignKey.register_lookup
class InArms(Lookup):  # type: ignore[type-arg]
    """``key__in_arms=Arms(…)``: the key of a row that one of the arms leads to."""

    lookup_name = "in_arms"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        keys = self.rhs.keys().query
        keys.subquery = True
        return compiler.compile(In(self.lhs, keys))


def apart(rows: QuerySet[M], *, is_alone: bool = False) -> list[QuerySet[M]]:
    """The same rows in a list for each arm, in one where there are no arms; see ``Arms.apart``."""
    where = rows.query.where
    found: Any = _arms_of(rows)
    if found is None:
        return [rows]
    rest = rows.all()
    rest.query.where = where.clone()
    rest.query.where.children = [each for each in where.children if each is not found]
    arms: Arms = found.rhs
    parts = (rest.filter(each) for each in arms.apart(is_alone=is_alone))
    return [each for part in parts for each in apart(part, is_alone=is_alone)]


def are_in_arms(rows: QuerySet[Any]) -> bool:
    """Whether ``apart`` takes the rows apart: each arm is found by itself, and compared then."""
    return _arms_of(rows) is not None


def _arms_of(rows: QuerySet[Any]) -> InArms | None:
    where = rows.query.where
    if where.connector != AND or where.negated:
        return None
    return next((each for each in where.children if isinstance(each, InArms)), None)


def together(parts: Sequence[QuerySet[Any, Any]]) -> QuerySet[Any, Any]:
    """The rows of all parts; once a limit has enough of the first, the others are not read."""
    first, *others = parts
    return first.union(*others, all=True) if others else first


def sorted_by(rows: QuerySet[Any]) -> list[tuple[str, bool]]:
    """The paths that the rows are sorted by, each with whether it falls; names only."""
    names = [str(name) for name in rows.query.order_by or rows.model._meta.ordering]
    is_reversed = not rows.query.standard_ordering
    return [(name.lstrip("-"), name.startswith("-") != is_reversed) for name in names]


def first_rows(found: QuerySet[M], size: int) -> QuerySet[M]:
    """The first ``size`` rows of ``found``, in its order.

    Which rows they are is found out without the tables that only say more about them:
    otherwise all that match are joined with those before they are sorted. Rights of several
    arms are each asked for the first rows.
    """
    query = found.query
    if query.distinct or query.group_by or query.combinator:
        return found[:size]
    if not query.select_related and not are_in_arms(found):
        return found[:size]
    shown = found.all()
    shown.query.where = type(query.where)()  # the keys have passed every condition
    # As an array, not as a list of IN: that would be joined last where tables are many.
    return shown.filter(pk__among=FirstKeys(found, sorted_by(found), size))


class FirstKeys(Expression):
    """The keys of the first ``size`` rows, as an array for ``among``.

    ``columns`` are the paths to sort by, each with whether it falls. A page with no statement to
    spare, and one use for the arms, is ``alone``; see ``Arms.apart``.
    """

    output_field = ArrayField(models.BigIntegerField())

    def __init__(
        self,
        rows: QuerySet[Any],
        columns: Sequence[tuple[str, bool]],
        size: int,
        *,
        is_alone: bool = False,
    ) -> None:
        super().__init__()
        order = [f"-{name}" if is_down else name for name, is_down in columns]
        sorts = [F(name) for name, _is_down in columns]
        sorted_rows = rows.select_related(None).order_by(*order)
        sorted_rows.query.standard_ordering = True  # whatever was reversed: ``columns`` say all
        arms = apart(sorted_rows, is_alone=is_alone)
        self.parts = [part.values_list("pk", *sorts)[:size] for part in arms]
        self.directions = [" DESC" if is_down else "" for _name, is_down in columns]
        self.size = size

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        texts: list[str] = []
        params: list[Any] = []
        for part in self.parts:
            try:
                text, own = part.query.get_compiler(connection=connection).as_sql()
            except EmptyResultSet:
                continue
            texts.append(f"({text})")
            params += own
        if not texts:
            raise EmptyResultSet
        names = [f"sort{number}" for number in range(len(self.directions))]
        order = ", ".join(map("".join, zip(names, self.directions, strict=True)))
        arms = f"({' UNION ALL '.join(texts)}) AS arms (key, {', '.join(names)})"
        # All of it is names and what Django has compiled.
        return f"ARRAY(SELECT key FROM {arms} ORDER BY {order} LIMIT {self.size:d})", params  # noqa: S608
