"""The lists of this app's documents: amounts, securities, fees and the fee sheet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from applications.choices import FeeBasis, RepaymentMethod
from applications.models import (
    AmountLine,
    FeeLine,
    GuaranteeItem,
    IntermediaryLine,
    ReconsideredSecurity,
    Security,
    SheetLine,
)
from applications.plans import check_plan
from applications.rules import refusals
from applications.rules.intermediary import line_refusals, set_balance
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


def _lendable(item: Security) -> None:
    item.lendable = lendable(item)


def _one_basis(row: dict[str, Any]) -> dict[str, Any]:
    """What the fee's basis does not use is dropped."""
    unused = "amount" if row.get("basis") == FeeBasis.RATE else "rate"
    return {**row, unused: None}


def _no_empty_amounts(row: dict[str, Any]) -> dict[str, Any]:
    """An amount that was left empty is none."""
    amounts = ("received", "paid", "refunded")
    return {**row, **{name: row.get(name) or Decimal(0) for name in amounts}}


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
#: the same of a reconsideration; it begins with those of its application
RECONSIDERED_SECURITIES = replace(
    GUARANTEE_ITEMS,
    model=ReconsideredSecurity,
    parent="document",
    add_label=_("Add a security or guarantor"),
    note=_("What stands for the loan if it is granted, in place of what the application lists."),
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
#: those of a business application
APPLICATION_TABLES = (LINES, GUARANTEE_ITEMS, FEES)
INTERMEDIARY_LINES = RowTable(
    name="lines",
    model=IntermediaryLine,
    label=_("Requested amounts"),
    columns=("product", "amount", "term_months", "annual_rate", "method"),
    preset=frozenset({"method"}),
    totals=("amount",),
    note=_("The lines add up to the signed amount."),
)
SHEET = RowTable(
    name="sheet",
    model=SheetLine,
    label=_("Fee sheet"),
    columns=(
        "item",
        "payee",
        "due",
        "received",
        "received_on",
        "paid",
        "paid_on",
        "voucher",
        "refunded",
    ),
    computed=("balance",),
    preset=frozenset({"received", "paid", "refunded"}),
    totals=("due", "received", "paid", "refunded", "balance"),
    normal=_no_empty_amounts,
    prepare=set_balance,
    check=line_refusals,
    note=_("Money that passes through for the customer; it is never income."),
)
