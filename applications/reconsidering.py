"""What a reconsideration asks for, measured by the same rules as the application itself."""

from __future__ import annotations

import copy
from datetime import date, datetime

from applications.assessment import Assessment, assess, current_setting, local_day, lpr_on
from applications.costing import scaled_lines
from applications.hooks import has_young_loan
from applications.models import AmountLine, Reconsideration
from applications.row_tables import RECONSIDERED_SECURITIES
from applications.rules.reconsideration import HIGHEST_LEVEL
from applications.rules.request import Request

#: 总部风控 is on every route of a 复议
LOWEST_LEVEL = 2


def reconsidered_lines(document: Reconsideration) -> list[AmountLine]:
    """The original lines with the amount in proportion, and the new term and rate."""
    origin = list(document.origin.lines.select_related("product"))
    lines = scaled_lines(origin, amount=document.amount, term=None, rate=None)
    for line in lines:
        if document.term_months is not None:
            line.term_months = document.term_months
        if document.annual_rate is not None:
            line.annual_rate = document.annual_rate
    return lines


def reconsidered_request(document: Reconsideration, *, day: date) -> Request:
    """The original application as it would be with the reconsidered terms; nothing is stored."""
    shadow = copy.copy(document.origin)
    shadow.customer = document.customer
    shadow.guarantee = document.guarantee
    # A customer that moved meanwhile is decided on in the branch that asks now.
    shadow.branch = document.branch
    return Request(
        application=shadow,
        lines=reconsidered_lines(document),
        guarantee_items=RECONSIDERED_SECURITIES.stored(document),
        fees=list(document.origin.fees.all()),
        setting=current_setting(),
        lpr=lpr_on(day),
        has_young_loan=has_young_loan(document.customer_id),
    )


def assess_reconsideration(document: Reconsideration, *, now: datetime) -> Assessment:
    day = local_day(now)
    return assess(reconsidered_request(document, day=day), day=day)


def deciding_level(document: Reconsideration, *, authority_level: int) -> int:
    """One level above the step that rejected, never below what the exposure needs (N18)."""
    above = min(document.rejected_level + 1, HIGHEST_LEVEL)
    return max(above, authority_level, LOWEST_LEVEL)
