"""The refusals of the contract review: domain.md's codes CTR-01 to CTR-09."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from lending_crm.common.errors import DomainError
from lending_crm.common.money import format_amount


def not_approved(doc_no: str) -> DomainError:
    return DomainError("CTR-01", _("%(doc_no)s is not approved."), params={"doc_no": doc_no})


def other_customer() -> DomainError:
    return DomainError(
        "CTR-02",
        _("The application is not this customer's."),
        status=422,
        field="application",
    )


def above_approved(approved: Decimal) -> DomainError:
    return DomainError(
        "CTR-03",
        _("The contract is above the approved amount of %(approved)s."),
        status=422,
        field="amount",
        params={"approved": format_amount(approved)},
    )


def other_rate() -> DomainError:
    return DomainError(
        "CTR-04", _("The rate differs from the approved rate."), status=422, field="annual_rate"
    )


def longer_term(approved: int) -> DomainError:
    return DomainError(
        "CTR-11",
        _("The term is longer than the approved %(months)s months."),
        status=422,
        field="term_months",
        params={"months": approved},
    )


def other_method() -> DomainError:
    """Another method is another all-in cost than the one that was approved (BUS-05)."""
    return DomainError(
        "CTR-13",
        _("The repayment method differs from the approved one."),
        status=422,
        field="method",
    )


def plan_does_not_fit(reason: str) -> DomainError:
    """按计划表: what the loan could not be opened with is not signed."""
    return DomainError(
        "CTR-14",
        _("The repayment plan does not fit the contract: %(reason)s"),
        status=422,
        field="plan",
        params={"reason": reason},
    )


def plan_not_asked_for() -> DomainError:
    return DomainError(
        "CTR-15",
        _("Only a contract that is repaid by plan has a repayment plan; empty it."),
        status=422,
        field="plan",
    )


def formalities_missing(items: Iterable[object]) -> DomainError:
    return DomainError(
        "CTR-05",
        _("Missing formalities: %(items)s."),
        status=422,
        field="formalities",
        params={"items": _listed(*items)},
    )


def conditions_open(conditions: Iterable[object]) -> DomainError:
    return DomainError(
        "CTR-06",
        _("Conditions not met: %(items)s."),
        status=422,
        field="conditions",
        params={"items": _listed(*conditions)},
    )


def other_payee() -> DomainError:
    return DomainError(
        "CTR-07", _("The payee's name differs from the borrower."), status=422, field="payee_name"
    )


def review_exists(doc_no: str) -> DomainError:
    return DomainError("CTR-08", _("A valid review %(doc_no)s exists."), params={"doc_no": doc_no})


def same_verifier() -> DomainError:
    return DomainError(
        "CTR-09",
        _("Two different employees must verify."),
        status=422,
        field="second_verifier",
    )


def only_pushed_down() -> DomainError:
    """The right to create one by hand is apart from that to push an application down."""
    return DomainError(
        "CTR-10",
        _(
            "A contract review is made from the page of the approved application,"
            " by its handler; creating one by hand is switched off."
        ),
        status=403,
    )


def contract_no_taken(contract_no: str) -> DomainError:
    return DomainError(
        "CTR-12",
        _("Contract number %(contract_no)s is used by another review."),
        status=422,
        field="contract_no",
        params={"contract_no": contract_no},
    )


_listed = lazy(lambda *items: pgettext("list", ", ").join(str(item) for item in items), str)
