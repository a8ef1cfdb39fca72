"""The refusals of supervisions and their reports: PLS-01 to PLS-07 and SPR-01 to SPR-08."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from lending_crm.common.formats import format_day


def other_business() -> DomainError:
    return DomainError(
        "PLS-01",
        _("The transfer is not of this business."),
        status=422,
        field="application",
    )


def not_transferred() -> DomainError:
    return DomainError("PLS-02", _("The funds are not transferred yet; nothing to supervise."))


def supervision_exists(doc_no: str) -> DomainError:
    return DomainError(
        "PLS-03",
        _("Supervision %(no)s exists for this transfer."),
        params={"no": doc_no},
    )


def proof_missing() -> DomainError:
    return DomainError("PLS-04", _("Attach proof of the use of the loan."), status=422)


def differing_use() -> DomainError:
    return DomainError(
        "PLS-05",
        _("If the use differs, give measures and choose yellow or red."),
        status=422,
        field="colour",
    )


def loan_ended(loan_no: str) -> DomainError:
    return DomainError(
        "PLS-06",
        _("Loan %(no)s has ended; it is not supervised any more."),
        params={"no": loan_no},
    )


def flow_not_positive() -> DomainError:
    return DomainError(
        "PLS-07", _("The amount of a payment must be above 0."), status=422, field="amount"
    )


def already_reported(period: int) -> DomainError:
    return DomainError(
        "SPR-01", _("Report %(period)s is already submitted."), params={"period": period}
    )


def previous_missing(period: int) -> DomainError:
    return DomainError(
        "SPR-02",
        _("The report before is not submitted; report %(period)s cannot be submitted."),
        params={"period": period},
    )


def later_ones_rest_on_it(later: Iterable[str]) -> DomainError:
    return DomainError(
        "SPR-02",
        _("%(list)s rests on this report: it can be returned and corrected, but not taken back."),
        params={"list": "、".join(later)},
    )


def inspected_outside(first: date, last: date) -> DomainError:
    return DomainError(
        "SPR-03",
        _("The inspection date must be between %(first)s and %(last)s."),
        status=422,
        field="inspected_on",
        params={"first": format_day(first), "last": format_day(last)},
    )


def visit_due(count: int) -> DomainError:
    return DomainError(
        "SPR-04",
        _("There was no on-site visit in %(count)s reports; this one needs an on-site visit."),
        status=422,
        field="way",
        params={"count": count},
    )


def supervision_ended() -> DomainError:
    return DomainError("SPR-05", _("The supervision has ended; no report can be made."))


def steps_missing() -> DomainError:
    return DomainError(
        "SPR-06",
        _("Give the next steps when the risk level is yellow or red."),
        status=422,
        field="next_steps",
    )


def not_begun() -> DomainError:
    return DomainError("SPR-07", _("Submit the supervision first; its reports follow from it."))


def none_and_some() -> DomainError:
    return DomainError(
        "SPR-08",
        _("“None” goes together with no other warning sign."),
        status=422,
        field="signs",
    )
