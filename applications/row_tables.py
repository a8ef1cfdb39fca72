"""The lists of an application: amounts, securities and fees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from applications.choices import FeeBasis, RepaymentMethod
from applications.models import AmountLine, FeeLine, GuaranteeItem
from applications.plans import check_plan
from applications.rules import refusals
from applications.rules.request import lendable
from documents.rows import RowTable
from lending_crm.common.errors import DomainError


def _with_plan(row: dict[str, Any]) -> dict[str, Any]:
    """The plan in stored form for 按计划表, none for every other method."""
    if row.get("method") != RepaymentMethod.CUSTOM:
        return {**row, "plan": []}
    try:
        return {**row, "plan": check_plan(row.get("plan", ()))}
    except ValidationError as error:
        raise ValidationError({"plan": error.messages}) from error


def _positive(line: AmountLine) -> Iterable[DomainError]:
    return [refusals.amount_not_positive(field="amount")] if line.amount <= 0 else []


def _lendable(item: GuaranteeItem) -> None:
    item.lendable = lendable(item)


def _one_basis(row: dict[str, Any]) -> dict[str, Any]:
    """What the fee's basis does not use is dropped."""
    unused = "amount" if row.get("basis") == FeeBasis.RATE else "rate"
    return {**row, unused: None}


LINES = RowTable(
    name="lines",
    model=AmountLine,
    label=_("Requested amounts"),
    columns=(
        "product",
        "amount",
        "term_months",
        "annual_rate",
        "method",
        "disburse_mode",
        "plan",
    ),
    preset=frozenset({"disburse_mode"}),
    parent="application",
    related=("product",),
    normal=_with_plan,
    check=_positive,
)
GUARANTEE_ITEMS = RowTable(
    name="guarantee_items",
    model=GuaranteeItem,
    label=_("Securities and guarantors"),
    columns=("kind", "name", "owner_name", "assessed_value", "ratio"),
    computed=("lendable",),
    parent="application",
    prepare=_lendable,
)
FEES = RowTable(
    name="fees",
    model=FeeLine,
    label=_("Fees borne by the borrower"),
    columns=("kind", "basis", "rate", "amount", "timing", "payee"),
    preset=frozenset({"basis", "timing"}),
    parent="application",
    normal=_one_basis,
)
