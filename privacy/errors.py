"""The refusals of 个人信息导出申请 (R10, N25), for whose rules domain.md names no codes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError

SHORTEST_REASON = 10


def list_not_open() -> DomainError:
    return DomainError(
        "PEX-01",
        _("Your role does not include this list; only lists that you see can be exported."),
        status=422,
        field="list_code",
    )


def numbers_not_there(labels: str) -> DomainError:
    return DomainError(
        "PEX-02",
        _("This list holds no such numbers: %(numbers)s."),
        status=422,
        field="numbers",
        params={"numbers": labels},
    )


def reason_too_short() -> DomainError:
    return DomainError(
        "PEX-03",
        _("Say in at least %(n)s characters what the full numbers are needed for."),
        status=422,
        field="reason",
        params={"n": SHORTEST_REASON},
    )


def no_rows() -> DomainError:
    return DomainError("PEX-04", _("The list has no row with this filter."), field="query")


def number_in_filter() -> DomainError:
    return DomainError(
        "PEX-10",
        _("The filter holds a full number, which must not stand in a request; filter by name."),
        status=422,
        field="query",
    )


def day_is_over() -> DomainError:
    return DomainError(
        "PEX-05",
        _("The day until which the export is needed has passed."),
        status=422,
        field="wanted_until",
    )


def not_the_applicant() -> DomainError:
    return DomainError(
        "PEX-06", _("Only the applicant exports what was approved for him."), status=403
    )


def not_approved() -> DomainError:
    return DomainError("PEX-07", _("Full numbers leave only with an approved request."))


def expired() -> DomainError:
    return DomainError("PEX-08", _("The approval has expired; file another request."))


def used_up() -> DomainError:
    return DomainError("PEX-09", _("This request allowed one export, which was made."))
