"""Caps on cost and on exposure (BUS-05, BUS-09, BUS-10; domain §6 R1 to R5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from applications.costing import Cost
from applications.models import LenderSetting
from applications.rules import refusals
from lending_crm.common.errors import DomainError


@dataclass(frozen=True)
class CostCap:
    """The caps of the day in annual percent.

    ``hard`` refuses (BUS-05). ``soft`` only warns, None when there is nothing to warn of.
    """

    hard: Decimal
    soft: Decimal | None = None


def cost_cap(setting: LenderSetting, *, lpr: Decimal | None, day: date) -> CostCap:
    """R1 for licensed lenders, R5 for others.

    The multiple of the LPR binds unlicensed lenders always and licensed ones from
    ``lpr_hard_from`` on. While no quote is entered it cannot be computed and the cap of
    the all-in cost alone holds.
    """
    if lpr is None:
        return CostCap(hard=setting.all_in_cap)
    multiple = lpr * setting.lpr_multiple
    if not setting.is_licensed or day >= setting.lpr_hard_from:
        return CostCap(hard=min(multiple, setting.all_in_cap))
    return CostCap(
        hard=setting.all_in_cap, soft=multiple if multiple < setting.all_in_cap else None
    )


def cost_refusals(cost: Cost, cap: CostCap) -> Iterator[DomainError]:
    """BUS-05, also for terms that have no cost to be shown: fees may leave nothing of the loan."""
    if cost.problem is not None:
        yield refusals.cost_unknown(cost.problem.message)
    if cost.rate is not None and cost.rate > cap.hard:
        yield refusals.all_in_above_cap(rate=cost.rate, cap=cap.hard)


def concentration_refusals(
    *, borrower: Decimal, group: Decimal, setting: LenderSetting
) -> Iterator[DomainError]:
    """BUS-09 and BUS-10; not checked while the lender has not entered its net assets.

    ``borrower`` and ``group`` are exposures in yuan that include this request.
    """
    borrower_limit = setting.limit_of(setting.borrower_limit_percent)
    group_limit = setting.limit_of(setting.group_limit_percent)
    if borrower_limit is not None and borrower > borrower_limit:
        yield refusals.borrower_limit_exceeded(
            exposure=borrower, limit=borrower_limit, percent=setting.borrower_limit_percent
        )
    if group_limit is not None and group > group_limit:
        yield refusals.group_limit_exceeded(
            exposure=group, limit=group_limit, percent=setting.group_limit_percent
        )
