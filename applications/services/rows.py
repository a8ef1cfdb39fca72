"""The lists of an application: checked, compared with what is stored, and replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.choices import FeeBasis, RepaymentMethod
from applications.models import AmountLine, BusinessApplication, FeeLine, GuaranteeItem
from applications.plans import check_plan
from applications.rules import refusals
from applications.rules.request import lendable
from applications.snapshots import tables
from lending_crm.common.errors import DomainError
from lending_crm.common.text import clean_line

#: Three lists of this length stay below the number of fields that Django takes in one form.
MAX_ROWS = 30
M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Rows:
    """The three lists as typed; None leaves the stored list as it is.

    Each row is a mapping of the model's fields; the product is a ``Product``.
    """

    lines: Sequence[Mapping[str, Any]] | None = None
    guarantee_items: Sequence[Mapping[str, Any]] | None = None
    fees: Sequence[Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class BuiltRows:
    """Checked rows, not yet in the database; None where nothing was given."""

    lines: list[AmountLine] | None
    guarantee_items: list[GuaranteeItem] | None
    fees: list[FeeLine] | None


def build_rows(rows: Rows) -> tuple[BuiltRows, list[DomainError]]:
    """Instances of the typed rows and what is wrong with them.

    Raises nothing: the caller lists these refusals with those of the other fields.
    """
    found: list[DomainError] = []
    built = BuiltRows(
        lines=_build("lines", AmountLine, rows.lines, found),
        guarantee_items=_build("guarantee_items", GuaranteeItem, rows.guarantee_items, found),
        fees=_build("fees", FeeLine, rows.fees, found),
    )
    for index, line in enumerate(built.lines or ()):
        if line.amount is not None and line.amount <= 0:
            found.append(refusals.amount_not_positive(field=f"lines.{index}.amount"))
    return built, found


def _build(
    prefix: str,
    model: type[M],
    rows: Sequence[Mapping[str, Any]] | None,
    found: list[DomainError],
) -> list[M] | None:
    if rows is None:
        return None
    if len(rows) > MAX_ROWS:
        found.append(
            DomainError(
                "APP-02",
                _("At most %(limit)s rows are possible in one list."),
                status=422,
                field=prefix,
                params={"limit": MAX_ROWS},
            )
        )
        return []
    built = []
    for index, values in enumerate(rows):
        instance = model(position=index, **_normal(model, values))
        if isinstance(instance, GuaranteeItem) and instance.assessed_value is not None:
            instance.lendable = lendable(instance)
        built.append(instance)
        try:
            if isinstance(instance, AmountLine):
                instance.plan = check_plan(instance.plan)
            instance.clean_fields(exclude=["application"])
        except ValidationError as error:
            found += field_refusals(error, prefix=f"{prefix}.{index}.", otherwise="plan")
    return built


def _normal(model: type[models.Model], values: Mapping[str, Any]) -> dict[str, Any]:
    """Text made storable; what a fee's basis or a line's method does not use is dropped."""
    row = {
        name: clean_line(value) if isinstance(value, str) else value
        for name, value in values.items()
    }
    if model is FeeLine:
        row["amount" if row.get("basis") == FeeBasis.RATE else "rate"] = None
    if model is AmountLine and row.get("method") != RepaymentMethod.CUSTOM:
        row["plan"] = []
    return row


def field_refusals(
    error: ValidationError, *, prefix: str = "", otherwise: str = ""
) -> list[DomainError]:
    """Each message of a model's validation as a refusal bound to its field.

    ``otherwise`` is the field of an error that names none.
    """
    by_field = error.message_dict if hasattr(error, "error_dict") else {otherwise: error.messages}
    return [
        DomainError("APP-02", message, status=422, field=f"{prefix}{name}")
        for name, messages in by_field.items()
        for message in messages
    ]


def table_texts(application: BusinessApplication) -> dict[str, str]:
    """The stored lists as text by their Chinese titles, for 修改记录."""
    return {
        table["label"]: "\n".join(" | ".join(row) for row in table["rows"])
        for table in tables(application)
    }


def replace_rows(application: BusinessApplication, built: BuiltRows) -> None:
    """Put the built lists in place of the stored ones."""
    _replace(application.lines, application, built.lines)
    _replace(application.guarantee_items, application, built.guarantee_items)
    _replace(application.fees, application, built.fees)


def _replace(
    manager: Any, application: BusinessApplication, rows: Iterable[models.Model] | None
) -> None:
    if rows is None:
        return
    manager.all().delete()
    instances = list(rows)
    for instance in instances:
        instance.application = application  # type: ignore[attr-defined]
    manager.bulk_create(instances)


def as_stored(model: type[models.Model], name: str, value: Any) -> Any:
    """A number with the decimals of its column, so that 8 and 8.0000 are no change."""
    field = model._meta.get_field(name)
    if isinstance(field, models.DecimalField) and isinstance(value, Decimal):
        try:
            exact = value.quantize(Decimal(1).scaleb(-field.decimal_places))
        except InvalidOperation:  # too large for the column; its validation says so
            return value
        return exact if exact == value else value
    return value
