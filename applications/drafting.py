"""The live preview: what would be stored and said of what is only typed so far."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from applications.assessment import Assessment, assess, current_setting, lpr_on
from applications.calculation import Line
from applications.hooks import has_young_loan
from applications.models import (
    AmountLine,
    BusinessApplication,
    FeeLine,
    GuaranteeItem,
    Product,
)
from applications.rules.request import Request
from applications.rules.terms import line_refusals
from customers.models import Opportunity
from documents.desk.row_forms import RowFormSet


@dataclass(frozen=True)
class TypedRows:
    """The rows that can be computed with already; the others wait for their author."""

    lines: Sequence[Mapping[str, Any]]
    guarantee_items: Sequence[Mapping[str, Any]]
    fees: Sequence[Mapping[str, Any]]


def assess_typed(
    *,
    opportunity: Opportunity,
    application: BusinessApplication | None,
    values: Mapping[str, Any],
    rows: TypedRows,
    day: date,
) -> Assessment:
    """The same assessment as at submission; nothing is stored."""
    draft = copy.copy(application) if application else BusinessApplication()
    draft.opportunity = opportunity
    draft.customer = opportunity.customer
    for name, value in values.items():
        setattr(draft, name, value)
    request = Request(
        application=draft,
        lines=[AmountLine(**row) for row in rows.lines],
        guarantee_items=[GuaranteeItem(**row) for row in rows.guarantee_items],
        fees=[FeeLine(**row) for row in rows.fees],
        setting=current_setting(),
        lpr=lpr_on(day),
        has_young_loan=has_young_loan(opportunity.customer_id),
    )
    return assess(request, day=day)


@dataclass(frozen=True)
class LineHint:
    """What stands under a row: the product's ranges, what breaks them, the first instalment."""

    prefix: str
    product: Product | None
    refusals: Sequence[str] = ()
    first: Line | None = None


def line_hints(formset: RowFormSet, assessment: Assessment) -> list[LineHint]:
    """One hint for each row with a product, in the order of the rows."""
    computed = iter(zip(assessment.request.lines, assessment.cost.schedules, strict=True))
    hints = []
    for form in formset.kept:
        product = form.cleaned_data.get("product")
        if not form.is_valid():
            hints.append(LineHint(form.prefix or "", product))
            continue
        line, plan = next(computed)
        hints.append(
            LineHint(
                form.prefix or "",
                product,
                refusals=[each.message for each in line_refusals(line, index=0)],
                first=plan.lines[0] if plan else None,
            )
        )
    return hints
