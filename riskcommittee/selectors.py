"""Reads of a session; the ballots come from the engine's work items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet

from riskcommittee.choices import Opinion, Result, SeatRole, SessionState
from riskcommittee.models import CommitteeSession, Seat
from riskcommittee.rules import as_amount
from staff.choices import DutyLine, RoleCode
from staff.models import Employee
from workflows.bpmn.model import DecideMode, StageSettings
from workflows.choices import APPROVING, CaseState, ItemKind, ItemState
from workflows.definitions import definition_of
from workflows.kinds import TermField, kind_for
from workflows.models import Case, Stage, WorkItem
from workflows.terms import shown_terms
from workflows.voting import Ballot, Tally, tally


@dataclass(frozen=True)
class BallotRow:
    """One seat of the vote as a reader sees it; ``item`` is the vote itself."""

    seat: Seat
    item: WorkItem | None
    #: (label, value) of what the ballot proposes
    terms: Sequence[tuple[str, str]] = ()

    @property
    def has_voted(self) -> bool:
        return self.item is not None and self.item.state == ItemState.DECIDED

    @property
    def opinion(self) -> str:
        return str(Opinion(self.item.decision).label) if self.item and self.has_voted else ""

    @property
    def decision(self) -> str:
        return self.item.decision if self.item else ""


@dataclass(frozen=True)
class Proceedings:
    """A session with its people and its votes, read once for a page."""

    session: CommitteeSession
    seats: Sequence[Seat]
    rows: Sequence[BallotRow]
    settings: StageSettings
    #: what the kind of document calls the terms that a ballot may propose
    terms: Sequence[TermField]

    @property
    def count(self) -> Tally:
        ballots = [
            Ballot(item.decision, item.weight, item.has_veto)
            for row in self.rows
            if (item := row.item) is not None
            and item.state in (ItemState.OPEN, ItemState.DECIDED, ItemState.NOT_NEEDED)
        ]
        return tally(ballots, self.settings.vote)

    @property
    def waiting(self) -> list[Employee]:
        """Who has a vote, is not recorded as absent and has not cast it; the chair is last."""
        rows = (row for row in self.rows if not row.has_voted and not row.seat.is_absent)
        return [row.seat.employee for row in rows if row.seat.votes]

    @property
    def is_told(self) -> bool:
        """Whether the tally may be shown to everybody: it is over, or all have voted."""
        return not self.session.is_open or not self.waiting

    def is_open_to(self, reader: Employee) -> bool:
        """Named ballots are secret until the reader has voted, or everybody has."""
        own = (row for row in self.rows if row.seat.employee_id == reader.pk)
        return self.is_told or any(row.has_voted for row in own)

    def may_vote(self, reader: Employee) -> bool:
        """Whether a ballot waits for the reader now; the chair's waits for all others."""
        own = self.row_of(reader)
        if own is None or own.has_voted or not own.seat.votes or own.seat.is_absent:
            return False
        is_last = own.seat.role != SeatRole.CHAIR or len(self.waiting) == 1
        return self.session.is_open and own.item is not None and is_last

    def row_of(self, person: Employee) -> BallotRow | None:
        return next((row for row in self.rows if row.seat.employee_id == person.pk), None)

    @property
    def agreed_terms(self) -> list[tuple[str, str]]:
        """批准期限, 利率: of each the lowest that an approving ballot proposes (M17), as the
        document's own approval takes them; empty unless the session has passed it."""
        if self.session.result != Result.PASSED:
            return []
        approving = [r.item for r in self.rows if r.item and r.item.decision in APPROVING]
        found = []
        for field in self.terms:
            if field.type not in ("integer", "rate"):
                continue
            given = [as_amount(i.terms.get(field.name)) for i in approving]
            if known := [value for value in given if value is not None]:
                found.append((str(field.label), f"{min(known).normalize():f}"))
        return found

    def people(self, role: SeatRole) -> list[Employee]:
        return [seat.employee for seat in self.seats if seat.role == role]

    def people_voting(self, role: str) -> list[Employee]:
        return [row.seat.employee for row in self.rows if row.seat.role == role]

    @property
    def secretary(self) -> Employee:
        return self.people(SeatRole.SECRETARY)[0]

    @property
    def observers(self) -> list[Employee]:
        return self.people(SeatRole.OBSERVER)

    @property
    def recused(self) -> list[Employee]:
        return [seat.employee for seat in self.seats if seat.is_recused]


def open_session(stage: Stage) -> CommitteeSession | None:
    """The session that conducts the vote of this visit."""
    if stage.pk is None:
        return None
    return CommitteeSession.objects.filter(stage=stage.pk, state=SessionState.OPEN).first()


def proceedings_of(session: CommitteeSession) -> Proceedings:
    seats = list(session.seats.select_related("employee").order_by("id"))
    items = WorkItem.objects.filter(stage=session.stage_id, kind=ItemKind.DECISION)
    kept = items.exclude(state=ItemState.REMOVED).order_by("id")
    by_person = {item.assignee_id: item for item in kept}
    voting = [seat for seat in seats if seat.votes]
    voting.sort(key=lambda seat: seat.role == SeatRole.CHAIR)
    settings = vote_settings(session.case, session.stage)
    fields = proposable(session.case, settings)
    rows = [_row(seat, by_person.get(seat.employee_id), fields) for seat in voting]
    return Proceedings(session, seats, rows, settings, fields)


def _row(seat: Seat, item: WorkItem | None, fields: Sequence[TermField]) -> BallotRow:
    return BallotRow(seat, item, shown_terms(item.terms if item else {}, fields))


def vote_settings(case: Case, stage: Stage) -> StageSettings:
    return definition_of(case.flow_version_id).stage(stage.node_id).settings


def proposable(case: Case, settings: StageSettings) -> list[TermField]:
    """The terms that a ballot may propose: those of the kind that the stage lets be set."""
    kind = kind_for(case.document_kind)
    return [field for field in kind.term_fields if field.name in settings.term_fields]


def agreed_amount(proceedings: Proceedings) -> Decimal | None:
    """The lowest amount that an approving ballot proposes; the chair's is one of them."""
    names = [field.name for field in proceedings.terms if field.type == "money"]
    approving = [r.item for r in proceedings.rows if r.item and r.item.decision in APPROVING]
    found = (as_amount(item.terms.get(name)) for item in approving for name in names)
    return min((amount for amount in found if amount is not None), default=None)


def vote_stage(case: Case) -> Stage | None:
    """The open step of the case at which a committee votes; None when it waits elsewhere."""
    if case.state != CaseState.IN_APPROVAL:
        return None
    open_stages = Stage.objects.filter(process=case, outcome="", finished=None)
    for stage in open_stages.exclude(node_id="").order_by("id"):
        settings = vote_settings(case, stage)
        if settings.decide == DecideMode.VOTE and settings.duty_line == DutyLine.COMMITTEE:
            return stage
    return None


def seated(stage: Stage) -> list[WorkItem]:
    """The ballots that the engine has given out at the stage, by person."""
    kept = (ItemState.OPEN, ItemState.DECIDED)
    items = stage.items.filter(state__in=kept, kind=ItemKind.DECISION)
    named = items.filter(assignee__isnull=False).select_related("assignee")
    return list(named.order_by("id"))


def to_convene() -> QuerySet[Case]:
    """Cases that wait for the committee, without a session or the chair's vote; oldest first.

    Whoever may convene sees every case that came to a vote.
    """
    waits = Stage.objects.filter(
        process=OuterRef("pk"), outcome="", finished=None, duty_line=DutyLine.COMMITTEE
    )
    convened = CommitteeSession.objects.filter(
        case=OuterRef("pk"), state=SessionState.OPEN, stage__finished=None
    )
    voted = WorkItem.objects.filter(
        case=OuterRef("pk"), stage__finished=None, state=ItemState.DECIDED,
        stage__duty_line=DutyLine.COMMITTEE, has_veto=True,
    )  # fmt: skip
    cases = Case.objects.filter(state=CaseState.IN_APPROVAL)
    return cases.filter(Exists(waits), ~Exists(convened), ~Exists(voted)).order_by("id")


def secretaries() -> QuerySet[Employee]:
    return _holders(RoleCode.RCS, RoleCode.HRM)


def observers_for(case: Case) -> QuerySet[Employee]:
    """客户经理 and 部门主管 of the case's branch, and its handler, attend without a vote."""
    branch = _holders(RoleCode.AM, RoleCode.TL).filter(branch=case.branch_id)
    return branch | Employee.objects.filter(pk=case.handler_id)


def _holders(*roles: RoleCode) -> QuerySet[Employee]:
    held = Employee.objects.filter(is_active=True, role_assignments__role__code__in=roles)
    return Employee.objects.filter(pk__in=held.values("pk")).order_by("employee_no")


def names_of(people: Iterable[Employee]) -> list[str]:
    return [person.name for person in people]
