"""What the committee's rules refuse (RCM); RCM-01 is the engine's, which counts the quorum."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError


def _listed(names: Iterable[str]) -> str:
    return "、".join(names)


def not_member() -> DomainError:
    return DomainError("RCM-02", _("You are not a member of this session."), status=403)


def voted_already() -> DomainError:
    return DomainError("RCM-03", _("You have voted; a vote cannot be changed."))


def reason_missing() -> DomainError:
    return DomainError("RCM-04", _("Give a reason for the vote."), status=422, field="reason")


def observers_have_no_vote() -> DomainError:
    return DomainError("RCM-05", _("Observers have no vote."), status=403)


def session_is_open(number: str) -> DomainError:
    return DomainError(
        "RCM-06", _("Session %(no)s of this business is still open."), params={"no": number}
    )


def not_voted_yet(names: Iterable[str]) -> DomainError:
    return DomainError("RCM-07", _("Not voted yet: %(names)s."), params={"names": _listed(names)})


def above_request(field: str) -> DomainError:
    return DomainError(
        "RCM-08",
        _("The proposed amount must not be above the requested amount."),
        status=422,
        field=field,
    )


def handler_is_no_member() -> DomainError:
    return DomainError("RCM-09", _("The handler cannot be a member."), status=422, field="members")


def convenors_only() -> DomainError:
    return DomainError(
        "RCM-10",
        _("Only the committee's secretary and head-office risk control convene and record."),
        status=403,
    )


def not_at_a_vote() -> DomainError:
    return DomainError("RCM-11", _("This business does not wait for a vote of the committee."))


def bad_composition() -> DomainError:
    return DomainError(
        "RCM-12",
        _("Chair and members together must be an odd number of at least three."),
        status=422,
        field="members",
    )


def not_seated(names: Iterable[str]) -> DomainError:
    return DomainError(
        "RCM-13",
        _("Not asked for a vote on this business: %(names)s."),
        status=422,
        field="members",
        params={"names": _listed(names)},
    )


def has_begun() -> DomainError:
    return DomainError("RCM-14", _("The vote has begun; who takes part cannot be changed."))


def is_over() -> DomainError:
    return DomainError("RCM-15", _("This session is over."))


def minutes_missing() -> DomainError:
    return DomainError(
        "RCM-16",
        _("Attach the minutes before the session is closed."),
        status=422,
        field="minutes",
    )


def report_missing() -> DomainError:
    return DomainError(
        "RCM-17", _("Attach the risk review report."), status=422, field="risk_report"
    )


def two_seats(names: Iterable[str]) -> DomainError:
    return DomainError(
        "RCM-18",
        _("Each person takes part in one way only: %(names)s."),
        status=422,
        field="observers",
        params={"names": _listed(names)},
    )


def bad_recusal() -> DomainError:
    return DomainError(
        "RCM-19",
        _("Only members can be recused; the chair cannot."),
        status=422,
        field="recused",
    )


def cannot_be_absent() -> DomainError:
    return DomainError(
        "RCM-20",
        _("Who has voted is present, and without the chair no session is held."),
        status=422,
        field="absent",
    )


def not_convened() -> DomainError:
    return DomainError(
        "RCM-21",
        _("The risk committee votes in a session; its secretary has to convene one first."),
    )


def no_secretary() -> DomainError:
    return DomainError(
        "RCM-22",
        _("The secretary must be the committee's or belong to head-office risk control."),
        status=422,
        field="secretary",
    )


def no_observers(names: Iterable[str]) -> DomainError:
    return DomainError(
        "RCM-23",
        _(
            "Only account managers and department heads of the business's branch and its handler"
            " attend as observers: %(names)s."
        ),
        status=422,
        field="observers",
        params={"names": _listed(names)},
    )
