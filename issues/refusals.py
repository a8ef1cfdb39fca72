"""The refusals of 问题升级 (X3); domain.md asks for the rules without naming codes."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from lending_crm.common.errors import DomainError


def own_issue() -> DomainError:
    return DomainError(
        "ISS-01",
        _("Whoever files an issue cannot be the person in charge of it."),
        status=422,
        field="owner",
    )


def unknown_number(field: str, number: str) -> DomainError:
    return DomainError(
        "ISS-02",
        _("You see no record with the number %(number)s."),
        status=422,
        field=field,
        params={"number": number},
    )


def not_judged() -> DomainError:
    return DomainError("ISS-03", _("Confirm the answer, or refuse it with a reason, first."))


def not_confirmed() -> DomainError:
    return DomainError("ISS-04", _("An issue closes only with the reporter's confirmation."))


def on_its_page() -> DomainError:
    """The engine's own buttons carry no reason of the list and no report."""
    return DomainError("ISS-05", _("Answer the issue or hand it up on its own page."))


def highest_level() -> DomainError:
    return DomainError("ISS-06", _("There is no higher level; answer the issue."))


def not_overdue() -> DomainError:
    return DomainError("ISS-07", _("The time for the answer is not over yet."))


def report_incomplete(parts: Iterable[object]) -> DomainError:
    return DomainError(
        "ISS-08",
        _("From level 3 on the report in eight parts comes first; missing: %(parts)s."),
        status=422,
        params={"parts": _listed(*parts)},
    )


def not_in_hand() -> DomainError:
    return DomainError("ISS-09", _("The issue is not in your hands now."), status=403)


def in_future() -> DomainError:
    return DomainError(
        "ISS-10", _("The day of the report lies in the future."), status=422, field="reported_on"
    )


def other_customer() -> DomainError:
    return DomainError("ISS-11", _("The loan is another customer's."), status=422, field="loan_no")


def reason_missing() -> DomainError:
    return DomainError("ISS-12", _("Choose a reason of the list."), status=422, field="reason")


_listed = lazy(lambda *parts: pgettext("list", ", ").join(str(part) for part in parts), str)
