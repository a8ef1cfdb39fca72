"""召集, 签到, 结束: how a session begins, who attends, and how it ends (M17)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from documents.files.names import clean_file_name
from documents.models import StoredFile
from documents.numbering import next_number
from documents.services.files import store_upload
from lending_crm.common.errors import DomainError, not_found
from lending_crm.common.text import clean_line
from riskcommittee import errors
from riskcommittee.choices import Mode, Result, SeatRole, SessionState
from riskcommittee.models import CommitteeSession, Seat
from riskcommittee.rules import check_composition, check_convenor, check_open
from riskcommittee.selectors import (
    Proceedings,
    agreed_amount,
    names_of,
    observers_for,
    proceedings_of,
    seated,
    secretaries,
    vote_stage,
)
from staff.models import Employee
from workflows.act import Act, lock_case
from workflows.choices import EventKind
from workflows.errors import no_quorum
from workflows.models import Case, Stage, WorkItem
from workflows.services.branches import unseat
from workflows.services.counting import count_votes
from workflows.voting import Verdict

PREFIX = "FK"
PLACE_LENGTH = 100
_RESULTS = {
    Verdict.PASSED: Result.PASSED,
    Verdict.REJECTED: Result.REJECTED,
    Verdict.RETURNED: Result.RETURNED,
}


def convene(
    *,
    case_id: int,
    actor: Employee,
    now: datetime,
    held_on: date,
    mode: str,
    place: str,
    chair: Employee,
    members: Sequence[Employee],
    secretary: Employee,
    risk_report: UploadedFile | None,
    observers: Sequence[Employee] = (),
    recused: Sequence[Employee] = (),
) -> CommitteeSession:
    """Open the session for a case that waits at the committee's step.

    ``members`` are those without the chair; the recused among them lose their ballot. Whom
    the engine had asked beside them is asked no longer; who voted early keeps his vote.
    Raises RCM-10 for who may not convene, RCM-11 away from a vote, RCM-06 while a session is
    open, RCM-14 where somebody has voted who would have no vote in it or should be the last,
    RCM-09, 12, 13, 18, 19, 22 and 23 for the people, RCM-17 without the risk review report.
    """
    check_convenor(actor)
    report, report_name = _stored(risk_report, errors.report_missing(), actor=actor, now=now)
    with transaction.atomic():
        act = Act(lock_case(pk=case_id), actor=actor, now=now)
        stage = _free_vote(act.case)
        _check_people(act, stage, chair, members, [secretary, *observers], recused)
        _check_others(act.case, secretary, observers)
        session = CommitteeSession.objects.create(
            number=next_number(PREFIX, act.case.branch, day=timezone.localdate(now)),
            case=act.case,
            stage=stage,
            mode=Mode(mode).value,
            held_on=held_on,
            place=clean_line(place)[:PLACE_LENGTH],
            risk_report=report,
            risk_report_name=report_name,
            convened_by=actor,
            convened_at=now,
        )
        barred = {person.pk for person in recused}
        people = [
            (SeatRole.CHAIR, [chair]),
            (SeatRole.MEMBER, members),
            (SeatRole.SECRETARY, [secretary]),
            (SeatRole.OBSERVER, observers),
        ]
        Seat.objects.bulk_create(
            Seat(session=session, employee=p, role=role, is_recused=p.pk in barred)
            for role, group in people
            for p in group
        )
        _give_ballots(act, stage, {chair.pk, *(p.pk for p in members)} - barred, barred)
        act.commit()
    return session


def _free_vote(case: Case) -> Stage:
    """The vote that no session conducts yet; a session whose case has moved on lapses."""
    stage = vote_stage(case)
    if stage is None:
        raise errors.not_at_a_vote()
    earlier = case.committee_sessions.filter(state=SessionState.OPEN).first()
    if earlier is not None:
        if earlier.stage_id == stage.pk:
            raise errors.session_is_open(earlier.number)
        earlier.state = SessionState.LAPSED
        earlier.save(update_fields=["state"])
    return stage


def _check_people(
    act: Act,
    stage: Stage,
    chair: Employee,
    members: Sequence[Employee],
    others: Sequence[Employee],
    recused: Sequence[Employee],
) -> None:
    check_composition(act.case, chair=chair, members=members, others=others, recused=recused)
    ballots = {item.assignee_id: item for item in seated(stage)}
    strangers = [person for person in (chair, *members) if person.pk not in ballots]
    if not ballots.get(chair.pk) or not ballots[chair.pk].has_veto:
        strangers = strangers or [chair]
    if strangers:
        raise errors.not_seated(names_of(strangers))
    _check_early_votes(ballots.values(), {person.pk for person in members}, recused)


def _check_others(case: Case, secretary: Employee, observers: Sequence[Employee]) -> None:
    """Who records, and who attends without a vote: a seat lets its holder read the session."""
    if not secretaries().filter(pk=secretary.pk).exists():
        raise errors.no_secretary()
    asked = {person.pk for person in observers}
    invited = set(observers_for(case).filter(pk__in=asked).values_list("pk", flat=True))
    if strangers := [person for person in observers if person.pk not in invited]:
        raise errors.no_observers(names_of(strangers))


def _check_early_votes(
    ballots: Iterable[WorkItem], members: set[int], recused: Sequence[Employee]
) -> None:
    """Who voted before the session was convened must be a member of it; the chair is last."""
    may_have_voted = members - {person.pk for person in recused}
    if any(item.decision and item.assignee_id not in may_have_voted for item in ballots):
        raise errors.has_begun()


def _give_ballots(act: Act, stage: Stage, voting: set[int], recused: set[int]) -> None:
    """Leave the ballots of the session's members only, so that its quorum is of them."""
    own = next(each for each in act.open_stages() if each.pk == stage.pk)
    for item in seated(stage):
        person = item.assignee
        if person is not None and person.pk not in voting:
            because = EventKind.RECUSED if person.pk in recused else EventKind.STEPPED_ASIDE
            unseat(act, own, person, because)


@transaction.atomic
def record_attendance(
    *, session_id: int, actor: Employee, now: datetime, absent: Sequence[Employee]
) -> CommitteeSession:
    """缺席: who does not come. The chair votes when all others have, these left out.

    Raises RCM-15 for a session that is over, RCM-14 once the chair has voted, RCM-20 for who
    has voted already, for the chair, and for who has no vote.
    """
    session = _locked(session_id)
    check_convenor(actor)
    check_open(session)
    found = proceedings_of(session)
    if any(row.has_voted for row in found.rows if row.seat.role == SeatRole.CHAIR):
        raise errors.has_begun()
    gone = {person.pk for person in absent}
    may_miss = {
        row.seat.employee_id
        for row in found.rows
        if row.seat.role == SeatRole.MEMBER and not row.has_voted
    }
    if gone - may_miss:
        raise errors.cannot_be_absent()
    session.seats.exclude(employee__in=gone).filter(is_absent=True).update(is_absent=False)
    session.seats.filter(employee__in=gone).update(is_absent=True)
    return session


def close_session(
    *, session_id: int, actor: Employee, now: datetime, minutes: UploadedFile | None
) -> CommitteeSession:
    """结束会议: keep the minutes, count those present, and write the result to the case.

    Raises RCM-16 without minutes, RCM-01 when those who attend are too few, RCM-07 while one
    of them has not voted; then the engine counts and moves the case in the same transaction.
    """
    check_convenor(actor)
    file, file_name = _stored(minutes, errors.minutes_missing(), actor=actor, now=now)
    with transaction.atomic():
        session = _locked(session_id)
        check_open(session)
        found = proceedings_of(session)
        _check_attendance(found)
        act = Act(lock_case(pk=session.case_id), actor=actor, now=now)
        stage = next(s for s in act.open_stages() if s.pk == session.stage_id)
        verdict, count = count_votes(act, stage)
        act.commit()
        session.state = SessionState.CLOSED
        session.minutes = file
        session.minutes_name = file_name
        session.result = _RESULTS[verdict]
        session.quorum = count.quorum_weight
        session.present = count.voted
        session.approving = count.approving
        session.rejecting = count.rejecting
        session.investigating = count.investigating
        session.agreed_amount = agreed_amount(found) if verdict == Verdict.PASSED else None
        session.closed_by = actor
        session.closed_at = now
        session.save()
    return session


def _check_attendance(found: Proceedings) -> None:
    count = found.count
    attending = sum(not row.seat.is_absent for row in found.rows)
    if attending < count.quorum_weight:
        raise no_quorum(attending, count.quorum_weight)
    if found.waiting:
        raise errors.not_voted_yet(names_of(found.waiting))


def _locked(session_id: int) -> CommitteeSession:
    """The session under its case's lock, the only lock that a vote takes."""
    case_id = (
        CommitteeSession.objects.filter(pk=session_id).values_list("case_id", flat=True).first()
    )
    if case_id is None:
        raise not_found()
    lock_case(pk=case_id)
    return CommitteeSession.objects.select_related("case", "stage").get(pk=session_id)


def _stored(
    upload: UploadedFile | None, missing: DomainError, *, actor: Employee, now: datetime
) -> tuple[StoredFile, str]:
    """Before the lock: to check and keep a large file takes seconds."""
    if upload is None:
        raise missing
    return store_upload(upload=upload, actor=actor, now=now), clean_file_name(upload.name or "")
