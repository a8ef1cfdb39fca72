"""The refusals of 客户等级调整 (X2); domain.md asks for the rules without naming codes."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from lending_crm.common.money import format_amount


def same_tier() -> DomainError:
    return DomainError(
        "TIR-01", _("The tier asked for is the present one."), status=422, field="to_tier"
    )


def not_earned(*, earned: object, income: Decimal, years: Decimal, overdue: int) -> DomainError:
    """A tier above what the figures earn takes a reason, and head-office risk control."""
    return DomainError(
        "TIR-02",
        _(
            "The customer has earned the tier %(earned)s (%(income)s yuan of interest in 12 months,"
            " %(years)s years, %(days)s days overdue); a higher one needs a reason."
        ),
        status=422,
        field="reason",
        params={
            "earned": earned,
            "income": format_amount(income),
            "years": years,
            "days": overdue,
        },
    )


def already_open(doc_no: str) -> DomainError:
    return DomainError(
        "TIR-03",
        _("Tier adjustment %(doc_no)s of this customer is not finished."),
        params={"doc_no": doc_no},
    )


def not_the_manager() -> DomainError:
    return DomainError(
        "TIR-04",
        _("Only the customer's account manager may ask for another tier."),
        status=403,
    )


def no_borrower() -> DomainError:
    return DomainError(
        "TIR-05", _("Only customers who borrow or have borrowed hold a tier; others are graded.")
    )


def class_too_bad(risk_class: object) -> DomainError:
    return DomainError(
        "TIR-06",
        _("At the risk class %(risk_class)s a customer has the lowest tier."),
        status=422,
        field="to_tier",
        params={"risk_class": risk_class},
    )


def earned_less_by_now(earned: object) -> DomainError:
    """What was earned at the submission is not any more, and the route asked nobody about it."""
    return DomainError(
        "TIR-07",
        _("By now the customer has earned only %(earned)s; return the form to its handler."),
        params={"earned": earned},
    )
