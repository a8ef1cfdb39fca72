"""综合年化成本: what the loan costs the borrower a year, all fees included (domain.md §4.6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

from django.utils.translation import gettext_lazy as _

from applications.calculation.errors import UnsolvableCost
from applications.calculation.schedule import Schedule
from applications.calculation.terms import check_amount, check_choice, check_rate
from lending_crm.common.money import FEN

R4 = Decimal("0.0001")
_PRECISION = 40
_TOLERANCE = Decimal("1e-15")
#: A column of Decimal(9,4) holds no rate above this percentage.
_MAX_NOMINAL = Decimal("99999.9999")


@dataclass(frozen=True)
class Fee:
    """A fee that the borrower bears, whoever receives it.

    ``value`` is yuan with the basis AMOUNT and percent of the principal with the basis
    RATE. It is paid when the loan is paid out (UPFRONT), at the end of each month of the
    term (MONTHLY) or with the last instalment (MATURITY).
    """

    value: Decimal
    basis: str = "AMOUNT"
    timing: str = "UPFRONT"

    def __post_init__(self) -> None:
        check_choice("fees", self.basis, ("AMOUNT", "RATE"))
        check_choice("fees", self.timing, ("UPFRONT", "MONTHLY", "MATURITY"))
        (check_rate if self.basis == "RATE" else check_amount)("fees", self.value)

    def payment(self, principal: Decimal) -> Decimal:
        """Yuan of one payment."""
        if self.basis == "AMOUNT":
            return self.value
        return (principal * self.value / 100).quantize(FEN, ROUND_HALF_UP)


@dataclass(frozen=True)
class AllInRate:
    """``monthly`` is the internal rate of return as a fraction, unrounded.

    ``nominal`` is twelve times it in percent, the figure held against the cap (BUS-05);
    ``effective`` compounds it over a year. Interest and fees are totals in yuan.
    """

    monthly: Decimal
    nominal: Decimal
    effective: Decimal
    total_interest: Decimal
    total_fees: Decimal


def all_in_rate(loans: Schedule | Sequence[Schedule], fees: Iterable[Fee] = ()) -> AllInRate:
    """The all-in annual cost of one loan, or of several paid out on the same day.

    Instalments count at their contractual due dates on a monthly grid: a line after five
    and a half months counts at 5.5. Raises ``UnsolvableCost`` (a ``ValueError``) when the
    fees leave nothing of the principal or the rate is beyond what can be shown.
    """
    schedules = [loans] if isinstance(loans, Schedule) else list(loans)
    if not schedules:
        raise UnsolvableCost("principal", _("There is no loan to calculate the cost of."))
    with localcontext() as context:
        context.prec = _PRECISION
        principal = sum((each.principal for each in schedules), Decimal(0))
        flows: dict[Decimal, Decimal] = defaultdict(Decimal)
        for each in schedules:
            for line in each.lines:
                flows[line.elapsed] += line.total
        total_fees = Decimal(0)
        for when, amount in _fee_payments(fees, principal, max(flows)):
            flows[when] += amount
            total_fees += amount
        upfront = flows.pop(Decimal(0), Decimal(0))
        monthly = monthly_irr(principal - upfront, flows)
        return AllInRate(
            monthly=monthly,
            nominal=(monthly * 1200).quantize(R4, ROUND_HALF_UP),
            effective=(((1 + monthly) ** 12 - 1) * 100).quantize(R4, ROUND_HALF_UP),
            total_interest=sum((each.total_interest for each in schedules), Decimal(0)),
            total_fees=total_fees,
        )


def _fee_payments(
    fees: Iterable[Fee], principal: Decimal, maturity: Decimal
) -> Iterable[tuple[Decimal, Decimal]]:
    for fee in fees:
        payment = fee.payment(principal)
        if fee.timing == "UPFRONT":
            yield Decimal(0), payment
        elif fee.timing == "MATURITY":
            yield maturity, payment
        else:
            # A last month that has only begun is charged at maturity.
            months = int(maturity.to_integral_value("ROUND_CEILING"))
            yield from ((min(Decimal(month), maturity), payment) for month in range(1, months + 1))


def monthly_irr(received: Decimal, payments: Mapping[Decimal, Decimal]) -> Decimal:
    """The monthly rate at which the payments are worth what was received.

    ``payments`` maps months after the start, fractions allowed, to yuan; none is negative,
    so that the present value falls as the rate rises and exactly one rate fits. Found by
    bisection, which cannot run away as Newton's method can.
    """
    flows = sorted(payments.items(), reverse=True)
    if received <= 0:
        raise UnsolvableCost(
            "fees", _("The fees paid at disbursement leave nothing of the loan; lower them.")
        )
    if any(amount < 0 or when <= 0 for when, amount in flows):
        raise UnsolvableCost("plan", _("Payments must lie after the disbursement and be positive."))
    total = sum(amount for _when, amount in flows)
    if total < received:
        raise UnsolvableCost("plan", _("The borrower would pay back less than he receives."))
    if total == received:
        return Decimal(0)
    low, high, limit = Decimal(0), Decimal("0.02"), _MAX_NOMINAL / 1200
    while _present_value(flows, high) > received:
        if high >= limit:
            raise UnsolvableCost(
                "fees", _("The all-in cost is beyond %(max)s percent a year."), max=_MAX_NOMINAL
            )
        low, high = high, min(high * 4, limit)
    while high - low > _TOLERANCE:
        middle = (low + high) / 2
        if _present_value(flows, middle) > received:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _present_value(latest_first: Sequence[tuple[Decimal, Decimal]], rate: Decimal) -> Decimal:
    discount = 1 / (1 + rate)
    value, after = Decimal(0), latest_first[0][0]
    for when, amount in latest_first:
        value = value * discount ** (after - when) + amount
        after = when
    return value * discount**after
