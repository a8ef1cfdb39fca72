"""The refusals of keeping and anonymising (R10), for whose rules domain.md names no codes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from privacy.models.setting import LEAST_YEARS

SHORTEST_REASON = 5


def administrators_only() -> DomainError:
    return DomainError(
        "RET-01",
        _("Only an information administrator keeps the periods and the legal holds."),
        status=403,
    )


def not_due(number: str) -> DomainError:
    return DomainError(
        "RET-02",
        _("Customer %(number)s is not due: a relation, a hold or the period stands against it."),
        params={"number": number},
    )


def reason_missing() -> DomainError:
    return DomainError(
        "RET-03",
        _("Give a reason of at least %(n)s characters."),
        status=422,
        field="reason",
        params={"n": SHORTEST_REASON},
    )


def unknown_customer(number: str) -> DomainError:
    return DomainError(
        "RET-04",
        _("There is no customer with the number %(number)s."),
        status=422,
        field="customer_no",
        params={"number": number},
    )


def held_already() -> DomainError:
    return DomainError("RET-05", _("The customer is held back already."), field="customer_no")


def anonymised_already() -> DomainError:
    return DomainError("RET-06", _("The customer is anonymised already."), field="customer_no")


def lifted_already() -> DomainError:
    return DomainError("RET-07", _("The hold was lifted already."))


def wrong_years() -> DomainError:
    return DomainError(
        "RET-08",
        _("Personal information is kept for %(least)s to 50 years."),
        status=422,
        field="keep_years",
        params={"least": LEAST_YEARS},
    )


def wrong_days() -> DomainError:
    return DomainError(
        "RET-09",
        _("An approved export stays open for 1 to 30 days."),
        status=422,
        field="export_days",
    )
