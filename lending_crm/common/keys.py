"""Rows named by their keys, found before anything else is looked at.

As an array: a subquery would be asked of each row of a sorted walk, or joined last.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import Lookup


@models.AutoField.register_lookup
@models.BigIntegerField.register_lookup
@models.ForeignKey.register_lookup
class Among(Lookup):  # type: ignore[type-arg]
    """``key__among=[…]``: like ``in``, but one value however long the list is.

    With ``Keys`` they are found first, and the tables joined to those only.
    """

    lookup_name = "among"
    prepare_rhs = False
    compared = "{column} = ANY({keys})"

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        if hasattr(self.rhs, "resolve_expression"):
            column, params = self.process_lhs(compiler, connection)
            keys, key_params = self.process_rhs(compiler, connection)
            return self.compared.format(column=column, keys=keys), [*params, *key_params]
        if not self.rhs:
            raise EmptyResultSet  # nothing is named, so no statement is needed
        column, params = self.process_lhs(compiler, connection)
        # Written out here: the driver takes six times as long for thousands of them.
        written = f"{{{','.join(map(str, self.rhs))}}}"
        return self.compared.format(column=column, keys="%s::bigint[]"), [*params, written]


@models.AutoField.register_lookup
@models.BigIntegerField.register_lookup
@models.ForeignKey.register_lookup
class JoinedAmong(Among):
    """``among`` for rows of which others may be named as well.

    One array is read by the index, and each of its rows would be compared with the other key by
    key.
    """

    lookup_name = "joined_among"
    compared = "{column} IN (SELECT unnest({keys}))"


@models.Field.register_lookup
class RowAmong(Among):
    """``column__row_among=[…]``: the key of the row that has the column is one of these.

    ``key__among`` of a row that inherits from another table is compared in its own table, where
    the columns are not that a list is sorted by.
    """

    lookup_name = "row_among"

    def process_lhs(self, compiler: Any, connection: Any, lhs: Any = None) -> Any:
        column = lhs or self.lhs
        key = column.target.model._meta.pk
        return compiler.compile(key.get_col(column.alias))


class Keys(ArraySubquery):
    """The keys of one statement (``rows.values("pk")``) as one array, for ``among``."""

    output_field = ArrayField(models.BigIntegerField())
