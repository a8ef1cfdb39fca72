"""The refusals of the fund transfer and of other payments by finance: domain.md's codes FTR-02
to FTR-10 and the product's own.

What the ledger refuses as well (FTR-01, FTR-03, FTR-07) stands in ``funds.errors``.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from lending_crm.common.formats import format_day
from lending_crm.common.money import format_rate


def review_not_passed() -> DomainError:
    return DomainError("FTR-02", _("The contract review has not passed; it cannot be paid out."))


def amounts_typed(field: str) -> DomainError:
    return DomainError(
        "FTR-04",
        _(
            "Total, head-office, branch and rebate amount are computed by the system"
            " and cannot be typed."
        ),
        status=422,
        field=field,
    )


def other_payee() -> DomainError:
    return DomainError(
        "FTR-05", _("The payee differs from that of the contract review."), status=422
    )


def rebate_above_cap(ratio: Decimal, cap: Decimal) -> DomainError:
    return DomainError(
        "FTR-06",
        _("The rebate of %(ratio)s%% is above the cap of %(cap)s%%."),
        status=422,
        params={"ratio": format_rate(ratio), "cap": format_rate(cap)},
    )


def own_transfer() -> DomainError:
    return DomainError(
        "FTR-08",
        _("The executor cannot be the creator or an approver of the document."),
        status=403,
    )


def deducted() -> DomainError:
    return DomainError(
        "FTR-09",
        _("Interest, fees or deposits must not be deducted from the principal."),
        status=422,
        field="paid_amount",
    )


def not_risk_manager() -> DomainError:
    return DomainError(
        "FTR-10",
        _("Only the branch risk manager can create a fund transfer confirmation."),
        status=403,
    )


def plan_in_the_past() -> DomainError:
    return DomainError(
        "FTR-11",
        _("The planned transfer date cannot be earlier than today."),
        status=422,
        field="plan_on",
    )


def plan_on_rest_day() -> DomainError:
    return DomainError(
        "FTR-12",
        _("The planned transfer date is no working day."),
        status=422,
        field="plan_on",
    )


def not_payable(status: object) -> DomainError:
    return DomainError(
        "FTR-13",
        _("The transfer is “%(status)s”; this act is not possible."),
        params={"status": status},
    )


def paid_more() -> DomainError:
    return DomainError(
        "FTR-14",
        _("The amount paid must be the approved amount of this disbursement."),
        status=422,
        field="paid_amount",
    )


def customer_barred(status: object) -> DomainError:
    """N14 where the money leaves: the same rule as for new business, said of the payment."""
    return DomainError(
        "BUS-07",
        _("The customer is %(status)s; nothing may be paid out."),
        params={"status": status},
    )


def paid_before_approval(day: date) -> DomainError:
    return DomainError(
        "FTR-15",
        _("The transfer date cannot be earlier than the approval (%(day)s)."),
        status=422,
        field="executed_on",
        params={"day": format_day(day)},
    )


def not_to_be_paid(status: object) -> DomainError:
    return DomainError(
        "PAY-01",
        _("The document is “%(status)s”; there is nothing to pay."),
        params={"status": status},
    )


def paid_in_the_future() -> DomainError:
    return DomainError(
        "PAY-02",
        _("The payment date cannot be later than today."),
        status=422,
        field="paid_on",
    )


def no_payment_to_prove() -> DomainError:
    return DomainError("PAY-03", _("A bank receipt belongs to a payment; none is booked yet."))
