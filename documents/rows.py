"""Lists of rows that belong to a document: declared once, typed, checked, replaced as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Cast, JSONObject
from django.utils.functional import Promise
from django.utils.translation import gettext

from documents.values import (
    as_stored,
    bound_to,
    displayed,
    field_refusals,
    is_number,
    rows_are_fixed,
    too_many_rows,
)
from lending_crm.common.errors import DomainError
from lending_crm.common.money import format_amount
from workflows.kinds import ColumnType

Label = str | Promise
Values = Mapping[str, Any]
#: by the table's name; a table that is not given stays as it is
Rows = Mapping[str, Sequence[Values] | None]

#: Three lists of this length stay below the number of fields that Django takes in one form.
MAX_ROWS = 30


class Row(models.Model):
    """A row of a document's list; its model adds the foreign key ``document`` and its columns."""

    position = models.PositiveSmallIntegerField(editable=False)

    class Meta:
        abstract = True
        ordering = ["position"]


def _unchanged(row: Any) -> None:
    return None


def _nothing(row: Any) -> Iterable[DomainError]:
    return ()


@dataclass(frozen=True)
class RowTable:
    """One list of a document.

    ``name`` is the relation from the document to the rows, ``parent`` the row's foreign key.
    ``columns`` are typed by a person, ``computed`` are shown too; ``preset`` are columns whose
    value alone does not make a row. ``normal`` makes the typed values storable where their types
    do not say all (``ValidationError`` names the column that cannot be read), ``prepare`` fills
    the computed columns of a sound row, ``check`` names what the columns themselves do not see,
    each refusal bound to a column. ``totals`` are columns whose sum stands at the foot. A list
    with ``is_fixed`` is laid down when the document begins: a person fills the rows but neither
    adds nor removes any, and ``preset`` columns stay as they are.
    """

    name: str
    model: type[models.Model]
    label: Label
    columns: Sequence[str]
    computed: Sequence[str] = ()
    preset: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    parent: str = "document"
    add_label: Label = ""
    note: Label = ""
    normal: Callable[[dict[str, Any]], dict[str, Any]] = dict
    prepare: Callable[[Any], None] = _unchanged
    check: Callable[[Any], Iterable[DomainError]] = _nothing
    related: Sequence[str] = ()
    totals: Sequence[str] = ()
    is_fixed: bool = False

    @property
    def shown(self) -> tuple[str, ...]:
        return (*self.columns, *self.computed)

    def field(self, name: str) -> Any:
        return self.model._meta.get_field(name)

    @property
    def column_types(self) -> list[ColumnType]:
        """What the shown columns hold, by their model columns."""
        columns = [self.field(name) for name in self.shown]
        return [
            ColumnType(is_number(column), getattr(column, "flatchoices", None) or ())
            for column in columns
        ]

    def needs(self, name: str) -> bool:
        """Whether a row cannot be saved without the column."""
        return name in self.required or not (self.field(name).blank or self.field(name).null)

    @property
    def prefetch(self) -> models.Prefetch:
        """For a page that shows the rows in several places; kept beside the relation, which
        others still read anew."""
        return models.Prefetch(
            self.name, self._joined(self.model._default_manager.all()), to_attr=self._kept
        )

    @property
    def _kept(self) -> str:
        return f"shown_{self.name}"

    def _joined(self, rows: Any) -> Any:
        # Without a name ``select_related`` follows every relation, and theirs.
        return rows.select_related(*self.related) if self.related else rows

    def stored(self, document: Any) -> list[Any]:
        """The document's rows in order; one query unless its page has read them."""
        kept: list[Any] | None = document.__dict__.get(self._kept)
        if kept is not None:
            return kept
        return list(self._joined(getattr(document, self.name).all()))

    def typed(self, document: Any) -> list[dict[str, Any]]:
        """The stored rows as a form or a copy takes them."""
        return [
            {name: getattr(row, name) for name in self.columns} for row in self.stored(document)
        ]

    def sums(self, rows: Iterable[Any]) -> list[str]:
        """The foot of the list, a cell a column; empty where nothing is summed."""
        stored = list(rows)
        if not self.totals or not stored:
            return []
        foot = [
            format_amount(sum((getattr(row, name) for row in stored), Decimal("0.00")))
            if name in self.totals
            else ""
            for name in self.shown
        ]
        return [gettext("Total"), *foot[1:]]

    def snapshot(self, document: Any, rows: Sequence[Any] | None = None) -> dict[str, Any]:
        """The list for ``DocumentKind.snapshot``, in the active language.

        ``rows`` are those of the moment where they are ahead of the stored ones.
        """
        stored = self.stored(document) if rows is None else rows
        return {
            "name": self.name,
            "label": str(self.label),
            "columns": [str(self.field(name).verbose_name) for name in self.shown],
            "rows": [[displayed(row, name) for name in self.shown] for row in stored],
            "foot": self.sums(stored),
        }


def texts_of(tables: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Lists as ``RowTable.snapshot`` tells them, as text by their names, for 修改记录."""
    return {table["name"]: "\n".join(" | ".join(row) for row in table["rows"]) for table in tables}


def read_together(tables: Sequence[RowTable], document: Any) -> dict[str, list[Any]]:
    """The rows of several lists by their names, in order, by one statement.

    They travel as JSON, because lists have different columns. Records that the rows name are
    not read with them.
    """
    parts = [
        table.model._default_manager.order_by()
        .filter(**{table.parent: document.pk})
        .values_list(models.Value(number), _as_text(table.model))
        for number, table in enumerate(tables)
    ]
    first, *others = parts
    found: dict[str, list[Any]] = {table.name: [] for table in tables}
    for number, text in first.union(*others, all=True):
        table = tables[number]
        found[table.name].append(_from_text(table.model, text))
    for rows in found.values():
        rows.sort(key=lambda row: (row.position, row.pk))
    return found


def _as_text(model: type[models.Model]) -> Cast:
    columns = {field.attname: models.F(field.attname) for field in model._meta.concrete_fields}
    return Cast(JSONObject(**columns), models.TextField())


def _from_text(model: type[models.Model], text: str) -> Any:
    stored = json.loads(text, parse_float=Decimal)
    fields = model._meta.concrete_fields
    values = [field.to_python(stored[field.attname]) for field in fields]
    return model.from_db(None, [field.attname for field in fields], values)


def build_rows(
    tables: Iterable[RowTable], rows: Rows, *, document: Any = None
) -> tuple[dict[str, list[Any]], list[DomainError]]:
    """Instances of the typed rows by table, and what is wrong with them.

    ``document`` holds the rows that fixed lists keep to; without it they are laid down.
    Raises nothing: the caller lists these refusals with those of the other fields.
    """
    found: list[DomainError] = []
    built = {}
    for table in tables:
        given = rows.get(table.name)
        if given is None:
            continue
        if table.is_fixed and document is not None:
            laid_down = table.typed(document)
            if len(given) != len(laid_down):
                found.append(rows_are_fixed(table.name, len(laid_down)))
                continue
            given = [
                {**row, **{name: row_[name] for name in row_ if name not in table.preset}}
                for row, row_ in zip(laid_down, given, strict=True)
            ]
        built[table.name] = _build(table, given, found)
    return built, found


def _build(table: RowTable, rows: Sequence[Values], found: list[DomainError]) -> list[Any]:
    if len(rows) > MAX_ROWS:
        found.append(too_many_rows(table.name, MAX_ROWS))
        return []
    built = []
    for index, values in enumerate(rows):
        stored = {name: as_stored(table.model, name, value) for name, value in values.items()}
        try:
            row = table.model(position=index, **table.normal(stored))
            row.clean_fields(exclude=[table.parent, *table.computed])
        except ValidationError as error:
            found += field_refusals(error, prefix=f"{table.name}.{index}.")
            continue
        table.prepare(row)
        found += [bound_to(f"{table.name}.{index}", reason) for reason in table.check(row)]
        built.append(row)
    return built


def replace_rows(tables: Iterable[RowTable], document: Any, built: Mapping[str, list[Any]]) -> None:
    """Put the built lists in place of the stored ones."""
    for table in tables:
        if table.name not in built:
            continue
        manager = getattr(document, table.name)
        manager.all().delete()
        for row in built[table.name]:
            setattr(row, table.parent, document)
        manager.bulk_create(built[table.name])
