"""Where a repayment goes (domain M24): part by part in the set order, the oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from funds.choices import Part
from funds.models.fields import ZERO

if TYPE_CHECKING:
    from funds.models import LoanCharge, ScheduleLine

_AMOUNTS = {Part.PENALTY: "unpaid_penalty", Part.INTEREST: "unpaid_interest"} | {
    Part.PRINCIPAL: "unpaid_principal"
}


@dataclass
class Share:
    """What one instalment or one fee gets."""

    line: ScheduleLine | None = None
    charge: LoanCharge | None = None
    principal: Decimal = ZERO
    interest: Decimal = ZERO
    penalty: Decimal = ZERO
    fee: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.principal + self.interest + self.penalty + self.fee


@dataclass(frozen=True)
class Allocation:
    """``left`` is what is beyond everything that was to be paid."""

    shares: tuple[Share, ...]
    left: Decimal

    def total(self, part: str) -> Decimal:
        return sum((getattr(share, part) for share in self.shares), ZERO)


def allocate(
    amount: Decimal,
    *,
    order: Sequence[str],
    lines: Iterable[ScheduleLine],
    charges: Iterable[LoanCharge],
    day: date,
    is_settling: bool = False,
) -> Allocation:
    """Divide ``amount`` over what is due on ``day``; growth must be counted to that day.

    A settlement pays the fees that fall due later, too.
    """
    due_lines = sorted((line for line in lines if line.due <= day), key=lambda line: line.due)
    due_charges = sorted(
        (each for each in charges if is_settling or each.due_on <= day), key=_charge_age
    )
    by_line: dict[int, Share] = {}
    shares: list[Share] = []
    left = amount
    for part in order:
        if part == Part.FEE:
            for charge in due_charges:
                if taken := min(left, charge.unpaid):
                    shares.append(Share(charge=charge, fee=taken))
                    left -= taken
            continue
        for line in due_lines:
            taken = min(left, getattr(line, _AMOUNTS[Part(part)]))
            if not taken:
                continue
            share = by_line.get(id(line))
            if share is None:
                share = by_line[id(line)] = Share(line=line)
                shares.append(share)
            setattr(share, part.lower(), taken)
            left -= taken
    return Allocation(tuple(shares), left)


def allocate_next(amount: Decimal, line: ScheduleLine | None) -> Allocation:
    """An instalment paid before its due date: its interest first, then its principal."""
    if line is None or not amount:
        return Allocation((), amount)
    interest = min(amount, line.unpaid_interest)
    principal = min(amount - interest, line.unpaid_principal)
    share = Share(line=line, interest=interest, principal=principal)
    return Allocation((share,) if share.total else (), amount - share.total)


def _charge_age(charge: LoanCharge) -> tuple[date, int]:
    return charge.due_on, charge.pk or 0
