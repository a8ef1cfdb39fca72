"""The terms that an approver sets: never above what was requested, never dearer (BUS-12), and
within the product like the request itself (BUS-02 to BUS-04)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.costing import Cost, cost_of, scaled_lines, shares
from applications.models import AmountLine, FeeLine
from applications.rules import refusals
from applications.rules.limits import CostCap, cost_refusals
from applications.rules.terms import amount_refusals, term_refusals
from lending_crm.common.errors import DomainError, refuse_all
from workflows.kinds import StageDecision

_RATE_PLACES = Decimal("0.0001")
_CENT = Decimal("0.01")
_UNITS = {"万": Decimal(10_000), "亿": Decimal(100_000_000)}
_LONGEST = 40  # no number of ours has more characters
_WANTED = {
    "approved_amount": _("Approved amount: enter yuan, such as 250,000 or 25万."),
    "approved_term": _("Approved term: enter whole months."),
    "approved_rate": _("Approved rate: enter percent a year with at most four decimals."),
}


@dataclass(frozen=True)
class ApprovedTerms:
    """Amount in yuan, term in months, rate in annual percent."""

    amount: Decimal
    term: int
    rate: Decimal


def check_terms(
    terms: Mapping[str, Any],
    *,
    lines: Sequence[AmountLine],
    fees: Sequence[FeeLine],
    cap: CostCap,
    day: date,
    beside: Sequence[StageDecision] = (),
) -> dict[str, Any]:
    """The typed terms as plain JSON; fields left empty stay as requested.

    Raises BUS-12 for a term above the requested one, BUS-01 for an amount that is not
    positive, BUS-02, BUS-03 and BUS-04 where the amount, term or rate of a line leaves the range
    of its product, BUS-05 when fixed fees on a smaller or shorter loan lift its cost above the
    cap, alone or together with what others of the stage have set (``beside``): of each term the
    lowest is booked.
    """
    requested = requested_terms(lines)
    found: dict[str, Any] = {}
    reasons: list[DomainError] = []
    for name, read in _READERS.items():
        value = terms.get(name)
        if value is None or str(value).strip() == "":
            continue
        try:
            found[name] = read(value, requested)
        except DomainError as refusal:
            reasons.append(refusal)
    reasons += _product_refusals(found, lines)
    refuse_all(reasons)
    plain = {
        name: value if isinstance(value, int) else f"{value:f}" for name, value in found.items()
    }

    def cost_with(others: Sequence[StageDecision]) -> Cost:
        agreed = agreed_terms(requested, [*others, StageDecision(0, "", plain)])
        approved = scaled_lines(lines, amount=agreed.amount, term=agreed.term, rate=agreed.rate)
        return cost_of(approved, fees, start=day)

    refuse_all(cost_refusals(cost_with(()), cap))
    together = cost_with(beside)
    if together.problem is not None:
        raise refusals.cost_unknown(together.problem.message)
    if together.rate is not None and together.rate > cap.hard:
        raise refusals.agreed_terms_above_cap(rate=together.rate, cap=cap.hard)
    return plain


def requested_terms(lines: Iterable[AmountLine]) -> ApprovedTerms:
    """What was asked for: the sum of the amounts, the longest term, the highest rate."""
    rows = list(lines)
    return ApprovedTerms(
        amount=sum((line.amount for line in rows), Decimal("0.00")),
        term=max((line.term_months for line in rows), default=0),
        rate=max((line.annual_rate for line in rows), default=Decimal(0)),
    )


def agreed_terms(requested: ApprovedTerms, decisions: Sequence[StageDecision]) -> ApprovedTerms:
    """The lowest of what the approving answers of the deciding stage set (M17), else as asked."""

    def lowest(name: str, otherwise: Decimal) -> Decimal:
        typed = [Decimal(str(d.terms[name])) for d in decisions if d.terms.get(name) is not None]
        return min([*typed, otherwise])

    return ApprovedTerms(
        amount=lowest("approved_amount", requested.amount),
        term=int(lowest("approved_term", Decimal(requested.term))),
        rate=lowest("approved_rate", requested.rate),
    )


def falls_below_floor(lines: Iterable[AmountLine], decisions: Sequence[StageDecision]) -> bool:
    """Whether the terms bring the rate of a line below the floor of its product (domain §2.3)."""
    rates = [d.terms["approved_rate"] for d in decisions if d.terms.get("approved_rate")]
    if not rates:
        return False
    rate = min(map(Decimal, rates))
    return any(rate < line.annual_rate and rate < line.product.floor_rate for line in lines)


def _product_refusals(
    terms: Mapping[str, Any], lines: Sequence[AmountLine]
) -> Iterator[DomainError]:
    """BUS-02 to BUS-04 for each line that the terms change and bring outside its product.

    What they leave as requested was measured by the product at the submission.
    """
    amount = terms.get("approved_amount")
    term, rate = terms.get("approved_term"), terms.get("approved_rate")
    if amount is not None:
        for line, share in zip(lines, shares(lines, amount), strict=True):
            if share != line.amount:
                yield from amount_refusals(line.product, share, field="approved_amount")
    if term is not None:
        for product in dict.fromkeys(line.product for line in lines if term < line.term_months):
            yield from term_refusals(product, term, field="approved_term")
    for line in lines:
        if rate is not None and rate < line.annual_rate and rate < line.product.min_rate:
            yield refusals.rate_outside_product(
                minimum=line.product.min_rate, maximum=line.annual_rate, field="approved_rate"
            )


def _read_amount(value: Any, requested: ApprovedTerms) -> Decimal:
    amount = _number(value, "approved_amount", _CENT)
    if amount <= 0:
        raise refusals.amount_not_positive(field="approved_amount")
    if amount > requested.amount:
        raise refusals.approved_amount_above_requested()
    return amount


def _read_term(value: Any, requested: ApprovedTerms) -> int:
    term = int(_number(value, "approved_term", Decimal(1)))
    if not 1 <= term <= requested.term:
        raise refusals.approved_term_out_of_range(maximum=requested.term)
    return term


def _read_rate(value: Any, requested: ApprovedTerms) -> Decimal:
    rate = _number(value, "approved_rate", _RATE_PLACES)
    if not 0 <= rate <= requested.rate:
        raise refusals.approved_rate_out_of_range(maximum=requested.rate)
    return rate


def _number(value: Any, field: str, places: Decimal) -> Decimal:
    """A typed number with at most the given places, as people write it: ``1,000,000``, ``25万``."""
    text = unicodedata.normalize("NFKC", str(value)[:_LONGEST]).replace(",", "").strip()
    factor = _UNITS.get(text[-1:], Decimal(1))
    try:
        number = Decimal(text.rstrip("".join(_UNITS)).strip()) * factor
        if not number.is_finite() or abs(number) >= Decimal("1e16"):
            raise InvalidOperation
        if number != number.quantize(places):
            raise InvalidOperation
    except InvalidOperation:
        raise DomainError("SYS-400", _WANTED[field], status=422, field=field) from None
    return number.quantize(places)


_READERS: dict[str, Callable[[Any, ApprovedTerms], Decimal | int]] = {
    "approved_amount": _read_amount,
    "approved_term": _read_term,
    "approved_rate": _read_rate,
}
