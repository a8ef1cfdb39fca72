"""What moves an application one authority band up (domain §2.3)."""

from __future__ import annotations

from applications.choices import GuaranteeWay, UpliftReason
from applications.rules.request import Request
from customers.choices import RiskClass


def uplift_reasons(request: Request) -> list[UpliftReason]:
    """Every reason that holds, in the order of domain.md; several still move one band only."""
    application = request.application
    found = []
    if application.is_unsecured:
        found.append(UpliftReason.UNSECURED)
    if application.customer.risk_class == RiskClass.ATTENTION:
        found.append(UpliftReason.SPECIAL_MENTION)
    if any(line.annual_rate < line.product.floor_rate for line in request.lines):
        found.append(UpliftReason.BELOW_FLOOR)
    if (request.longest_term or 0) > request.setting.long_term_months:
        found.append(UpliftReason.LONG_TERM)
    if deviates_from_product(request):
        found.append(UpliftReason.DEVIATION)
    if request.has_young_loan:
        found.append(UpliftReason.SECOND_LOAN)
    return found


def deviates_from_product(request: Request) -> bool:
    """A repayment method or a guarantee that the product does not usually have.

    信用 counts as its own reason and is no deviation on top. Ranges of amount, term and
    rate are not up for deviation: outside of them the application is refused.
    """
    ways = set(request.application.guarantee) - {GuaranteeWay.CREDIT}
    return any(
        line.method not in line.product.methods or not ways <= set(line.product.guarantees)
        for line in request.lines
    )
