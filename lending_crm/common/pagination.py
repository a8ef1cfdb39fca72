"""Paging by key: the next page starts after the last row seen, however long the list is.

Nothing is counted and nothing is skipped, so page 20 000 costs what page 1 costs, and rows
that arrive meanwhile neither repeat nor hide others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.core import signing
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, Model, Q, QuerySet

from lending_crm.common.arms import apart, first_rows, together

M = TypeVar("M", bound=Model)
_SALT = "lending_crm.common.pagination"
_LONGEST_CURSOR = 4000  # a cursor travels in the address; anything longer is not ours


@dataclass(frozen=True)
class KeysetPage(Generic[M]):
    """One page of ``rows``; an empty cursor means that there is nothing in that direction."""

    rows: QuerySet[M]
    items: list[M]
    next_cursor: str = ""
    previous_cursor: str = ""

    @property
    def has_next(self) -> bool:
        return bool(self.next_cursor)

    @property
    def has_previous(self) -> bool:
        return bool(self.previous_cursor)

    @cached_property
    def total(self) -> CappedCount:
        """How many rows the list has; asked for only where the page does not hold them all."""
        if self.has_next or self.has_previous:
            return capped_count(self.rows)
        return CappedCount(len(self.items), is_capped=False)

    def __iter__(self) -> Iterator[M]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class CappedCount(NamedTuple):
    """A count that stopped at its bound; prints as ``999+`` when there are more."""

    number: int
    is_capped: bool

    def __str__(self) -> str:
        return f"{self.number}+" if self.is_capped else str(self.number)


def capped_count(queryset: QuerySet[Any], cap: int = 999) -> CappedCount:
    """How many rows there are, looking at no more than ``cap`` + 1 of them."""
    parts = [part.order_by().values("pk")[: cap + 1] for part in apart(queryset)]
    found = together(parts)[: cap + 1].count() if parts[1:] else parts[0].count()
    return CappedCount(min(found, cap), found > cap)


def paginate(
    queryset: QuerySet[M],
    *,
    order: Sequence[str] = ("-created_at", "-id"),
    cursor: str | None = None,
    size: int = 50,
) -> KeysetPage[M]:
    """The page that ``cursor`` points at, in ``order``; any cursor that is not ours is page one.

    Order columns must never be NULL; the primary key is added as the last one where it is
    missing. Columns of related rows need ``select_related``. Raises ``ValueError`` for a
    nullable column, because rows without a value would be lost between pages.
    """
    keys = _Keys(queryset, order)
    direction, values = keys.decode(cursor)
    if direction == "previous":
        rows = keys.first(keys.after(values, backwards=True), size + 1)
        if rows:
            is_more = len(rows) > size
            shown = rows[:size][::-1]
            return KeysetPage(
                queryset,
                shown,
                next_cursor=keys.encode("next", shown[-1]),
                previous_cursor=keys.encode("previous", shown[0]) if is_more else "",
            )
        direction = ""  # everything before has gone: begin again
    found = keys.after(values) if direction == "next" else keys.all()
    rows = keys.first(found, size + 1)
    shown = rows[:size]
    if direction == "next" and not shown:
        rows = keys.first(keys.all(), size + 1)
        shown, direction = rows[:size], ""
    return KeysetPage(
        queryset,
        shown,
        next_cursor=keys.encode("next", shown[-1]) if len(rows) > size else "",
        previous_cursor=keys.encode("previous", shown[0]) if direction == "next" else "",
    )


class _Keys(Generic[M]):
    """The order columns of a list: how to sort, compare and carry them."""

    def __init__(self, queryset: QuerySet[M], order: Sequence[str]) -> None:
        self.queryset = queryset
        names = [name.lstrip("-") for name in order]
        self.order = list(order)
        if not {"pk", queryset.model._meta.pk.name} & set(names):
            self.order.append("-pk" if order and order[-1].startswith("-") else "pk")
        self.columns = [(name.lstrip("-"), name.startswith("-")) for name in self.order]
        self.fields = [_field(queryset, name) for name, _is_down in self.columns]

    def all(self) -> QuerySet[M]:
        return self.queryset.order_by(*self.order)

    def first(self, found: QuerySet[M], size: int) -> list[M]:
        """The first rows of ``found``, in its order."""
        return list(first_rows(found, size))

    def after(self, values: list[Any], *, backwards: bool = False) -> QuerySet[M]:
        condition = Q()
        equal: dict[str, Any] = {}
        for index, ((name, is_down), value) in enumerate(zip(self.columns, values, strict=True)):
            operator = "lt" if is_down != backwards else "gt"
            condition |= Q(**equal, **{f"{name}__{operator}": value})
            if index == 0:
                # Implied by the rest, but only this form lets PostgreSQL start in the index.
                bound = Q(**{f"{name}__{operator}e": value})
            equal[name] = value
        rows = self.queryset.filter(bound & condition).order_by(*self.order)
        return rows.reverse() if backwards else rows

    def encode(self, direction: str, row: M) -> str:
        values = [_plain(_value(row, name)) for name, _is_down in self.columns]
        return signing.dumps([direction, self.order, values], salt=_SALT, compress=True)

    def decode(self, cursor: str | None) -> tuple[str, list[Any]]:
        if not cursor or len(cursor) > _LONGEST_CURSOR:
            return "", []
        try:
            direction, order, values = signing.loads(cursor, salt=_SALT)
            if order != self.order:  # signed for another list or another sorting
                return "", []
            pairs = zip(self.fields, values, strict=True)
            return direction, [field.to_python(value) for field, value in pairs]
        except (signing.BadSignature, ValidationError, ValueError, TypeError):
            return "", []


def _field(queryset: QuerySet[Any], name: str) -> Field[Any, Any]:
    annotation = queryset.query.annotations.get(name)
    if annotation is not None:
        field: Any = annotation.output_field
        return field
    model: Any = queryset.model
    path = name.split("__")
    for step in path:
        field = model._meta.pk if step == "pk" else model._meta.get_field(step)
        if not field.concrete:
            raise FieldDoesNotExist(f"{name} is not a column")
        if field.null:
            raise ValueError(f"{name} may be NULL and cannot order a paged list")
        model = field.related_model
    if field.is_relation:  # a foreign key orders and compares by its own value
        return field.target_field
    return field


def _value(row: Model, name: str) -> Any:
    value: Any = row
    for step in name.split("__"):
        value = getattr(value, step)
    return value.pk if isinstance(value, Model) else value


def _plain(value: Any) -> Any:
    # isoformat keeps the microseconds that JSON encoders round away.
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal | UUID) else value
