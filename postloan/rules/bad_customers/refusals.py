"""The refusals of bad-customer handovers: domain.md's codes BAD-01 to BAD-05, and six of ours."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from lending_crm.common.money import format_amount


def not_bad(days: int, risk_class: object) -> DomainError:
    return DomainError(
        "BAD-01",
        _(
            "The customer is not bad (%(days)s days overdue, class %(class)s);"
            " it cannot be handed over."
        ),
        params={"days": days, "class": risk_class},
    )


def handed_over() -> DomainError:
    return DomainError("BAD-02", _("The customer is with asset recovery already."))


def same_people(field: str) -> DomainError:
    return DomainError(
        "BAD-03",
        _("Transferor, receiver and supervisor of the handover must be three different people."),
        status=422,
        field=field,
    )


def files_incomplete(missing: str) -> DomainError:
    return DomainError(
        "BAD-04",
        _("The list of handed papers is incomplete: %(list)s."),
        status=422,
        field="files",
        params={"list": missing},
    )


def not_in_recovery() -> DomainError:
    return DomainError(
        "BAD-05",
        _("The receiver must belong to asset recovery."),
        status=422,
        field="receiver",
    )


def handover_open(doc_no: str) -> DomainError:
    return DomainError(
        "BAD-06",
        _("Handover %(no)s of this customer is on its way already."),
        params={"no": doc_no},
    )


def not_recovered(unpaid: Decimal) -> DomainError:
    return DomainError(
        "BAD-07",
        _("The customer still owes %(unpaid)s; it goes back after full recovery only."),
        params={"unpaid": format_amount(unpaid)},
    )


def not_account_manager() -> DomainError:
    return DomainError(
        "BAD-08",
        _("The receiver must be an account manager of the customer's department."),
        status=422,
        field="receiver",
    )


def not_managed() -> DomainError:
    return DomainError(
        "BAD-09", _("Records are kept while asset recovery has the customer; it has it no longer.")
    )


def record_invalid(sentence: object, field: str) -> DomainError:
    return DomainError("BAD-10", sentence, status=422, field=field)  # type: ignore[arg-type]


AMOUNT_MISSING = _("Enter the amount recovered.")
AMOUNT_TOO_MUCH = _("Only money recovered has an amount.")
TIME_TOO_MUCH = _("Only a contact of the collection has a time.")
IN_FUTURE = _("The date cannot be in the future.")
BEFORE_DONE = _("The next step cannot be before this one.")
STEP_MISSING = _("Enter the day of the next step.")
