"""A loan as it stands: instalments in force, fees and settings, read together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from applications.choices import FeeTiming
from applications.costing import fee_terms
from funds.choices import BAD_CLASSES, EntryKind, ScheduleState
from funds.models import LedgerEntry, LedgerSetting, Loan, LoanCharge, Repayment, ScheduleLine
from funds.models.fields import ZERO
from funds.rules.classification import months_later
from funds.rules.cost import Flow, all_in_nominal
from funds.rules.growth import LateTerms, late_terms
from funds.rules.position import Position, accrued_on, position_of, running_line
from funds.selectors.settings import current_setting
from lending_crm.common.money import yuan


@dataclass(frozen=True)
class Settlement:
    """结清: what ends the loan on a day; ``fee`` is the early-repayment fee of it, in yuan."""

    position: Position
    fee: Decimal

    @property
    def total(self) -> Decimal:
        return self.position.settlement + self.fee


@dataclass
class LoanState:
    loan: Loan
    lines: list[ScheduleLine]
    charges: list[LoanCharge]
    setting: LedgerSetting

    @property
    def terms(self) -> LateTerms:
        return late_terms(self.loan, self.setting)

    @property
    def order(self) -> Sequence[str]:
        """In which order a repayment is allocated; another one for bad loans (M24)."""
        is_bad = self.loan.risk_class in BAD_CLASSES
        return self.setting.bad_order if is_bad else self.setting.normal_order

    def position(self, day: date) -> Position:
        """On a day before the last booking, the position of that booking's day."""
        at = max(day, self.loan.booked_to)
        return position_of(self.loan, self.lines, self.charges, day=at, terms=self.terms)

    def accrued(self, day: date) -> Decimal:
        """Interest of the running period up to ``day`` that is not due yet."""
        running = running_line(self.lines, day)
        return accrued_on(self.loan, running, day) if running else ZERO

    def settlement(self, day: date) -> Settlement:
        """B + accrued interest to the day + fees (domain §4.9)."""
        position = self.position(day)
        early = position.unpaid_principal - position.principal_due
        return Settlement(position, self.early_fee(early, position.day))

    def early_fee(self, principal: Decimal, day: date) -> Decimal:
        """The product's fee on principal repaid early; none where it would break the cap."""
        fee = yuan(principal * self.loan.product.early_repayment_fee / 100)
        if fee and self.cost(day, [Flow(day, -fee)]) > self.loan.cost_cap:
            return ZERO
        return fee

    def cost(self, day: date, extra: Iterable[Flow] = ()) -> Decimal:
        """The all-in annual cost in percent if everything is paid as agreed from ``day`` on."""
        flows = [*self._past_flows(), *self._coming_flows(day), *extra]
        return all_in_nominal(flows, start=self.loan.start_date)

    def _past_flows(self) -> Iterable[Flow]:
        moved = LedgerEntry.objects.filter(
            loan=self.loan, kind__in=[EntryKind.DISBURSEMENT, EntryKind.REFUND]
        )
        for day, cash in moved.values_list("day", "cash"):
            yield Flow(day, -cash)
        paid = Repayment.objects.filter(loan=self.loan).standing()
        for day, amount in paid.values_list("paid_on", "amount"):
            yield Flow(day, -amount)
        yield from self._application_fees()

    def _application_fees(self) -> Iterable[Flow]:
        """Fees of the application that fall to this loan by its share of the approval."""
        loan = self.loan
        for fee in loan.application.fees.all():
            amount = fee_terms(fee).payment(loan.principal)
            if fee.timing == FeeTiming.UPFRONT:
                yield Flow(loan.start_date, -amount)
            elif fee.timing == FeeTiming.MATURITY:
                yield Flow(loan.original_due_date, -amount)
            else:
                for month in range(1, loan.term_months + 1):
                    yield Flow(months_later(loan.start_date, month), -amount)

    def _coming_flows(self, day: date) -> Iterable[Flow]:
        for line in self.lines:
            if line.unpaid:
                yield Flow(max(line.due, day), -line.unpaid)
        for charge in self.charges:
            if charge.unpaid:
                yield Flow(max(charge.due_on, day), -charge.unpaid)


def state_of(loan: Loan, lines: list[ScheduleLine] | None = None) -> LoanState:
    """Three queries, two when the caller has the ``lines`` in force already."""
    return LoanState(
        loan=loan,
        lines=lines_in_force(loan) if lines is None else lines,
        charges=list(LoanCharge.objects.filter(loan=loan).order_by("due_on", "id")),
        setting=current_setting(),
    )


def lines_in_force(loan: Loan) -> list[ScheduleLine]:
    return list(
        ScheduleLine.objects.filter(version__loan=loan, version__state=ScheduleState.CURRENT)
        .select_related("version")
        .order_by("no")
    )
