"""The refusals of grading and of 公海 (X2); domain.md asks for the rules without naming codes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError


def not_in_the_pool() -> DomainError:
    return DomainError("POL-01", _("The customer is not in the public pool any more."))


def may_not_claim() -> DomainError:
    return DomainError(
        "POL-02",
        _("Only account managers of the customer's branch may claim it."),
        status=403,
    )


def claims_used_up(limit: int) -> DomainError:
    return DomainError(
        "POL-03",
        _("At most %(limit)s customers may be claimed in 7 days."),
        params={"limit": limit},
    )


def claimed_too_soon(days: int) -> DomainError:
    return DomainError(
        "POL-04",
        _("Who had the customer last may not claim it again within %(days)s days."),
        params={"days": days},
    )


def may_not_extend() -> DomainError:
    return DomainError(
        "POL-05",
        _("Only the department head of this customer may extend its grade or give it back."),
        status=403,
    )


def no_prospect() -> DomainError:
    return DomainError("POL-06", _("Only prospects without running business are graded."))


def may_not_set_pool() -> DomainError:
    return DomainError(
        "POL-07",
        _("Only the information administrator may change these settings."),
        status=403,
    )
