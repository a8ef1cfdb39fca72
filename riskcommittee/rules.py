"""Who may do what with a session, and how a committee is made up (M17)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from riskcommittee import errors
from riskcommittee.models import CommitteeSession, Seat
from staff.choices import DutyLine, RoleCode
from staff.models import Employee
from staff.selectors import roles_of
from workflows.kinds import TermField
from workflows.models import Case, Stage

_READERS = (RoleCode.RC, RoleCode.RCC, RoleCode.RCS, RoleCode.HRM, RoleCode.CEO)


#: 业务单据 of a session (M17): these reach a decision of the committee in a session only
SESSION_KINDS = frozenset({"business_application", "reconsideration", "extension_request"})


def needs_session(case: Case, stage: Stage) -> bool:
    """Whether the stage opens the document 风控委员会 (A9), so that nobody votes without it."""
    return case.document_kind in SESSION_KINDS and stage.duty_line == DutyLine.COMMITTEE


def may_convene(user: Employee) -> bool:
    """总部风控 and the committee's secretary convene and record (domain.md §1)."""
    return roles_of(user).has_any(RoleCode.RCS, RoleCode.HRM)


def has_menu(user: Any) -> bool:
    return bool(roles_of(user).has_any(*_READERS))


def check_convenor(user: Employee) -> None:
    if not may_convene(user):
        raise errors.convenors_only()


def check_composition(
    case: Case,
    *,
    chair: Employee,
    members: Sequence[Employee],
    others: Sequence[Employee],
    recused: Sequence[Employee],
) -> None:
    """RCM-09, RCM-12, RCM-18, RCM-19: ``others`` are the secretary and the observers."""
    voting = [chair, *members]
    if {case.handler_id, case.creator_id} & {person.pk for person in voting}:
        raise errors.handler_is_no_member()
    everybody = [*voting, *others]
    twice = {p.name for p in everybody if sum(p.pk == other.pk for other in everybody) > 1}
    if twice:
        raise errors.two_seats(sorted(twice))
    if len(voting) < 3 or len(voting) % 2 == 0:
        raise errors.bad_composition()
    if {person.pk for person in recused} - {person.pk for person in members}:
        raise errors.bad_recusal()


def check_voter(seat: Seat | None) -> None:
    """RCM-02 for who has no seat, is recused or is recorded as absent; RCM-05 for observers."""
    if seat is None or seat.is_recused or seat.is_absent:
        raise errors.not_member()
    if not seat.votes:
        raise errors.observers_have_no_vote()


def check_open(session: CommitteeSession) -> None:
    if not session.is_open:
        raise errors.is_over()


def check_amounts(case: Case, fields: Sequence[TermField], terms: Mapping[str, Any]) -> None:
    """RCM-08; what is no amount at all is refused by the document's own rules."""
    for field in fields:
        amount = as_amount(terms.get(field.name)) if field.type == "money" else None
        if amount is not None and case.amount is not None and amount > case.amount:
            raise errors.above_request(f"term_{field.name}")


def as_amount(value: Any) -> Decimal | None:
    try:
        amount = Decimal(str(value).replace(",", ""))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
