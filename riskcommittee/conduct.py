"""What the engine asks while a session conducts a vote: is this ballot in order?"""

from __future__ import annotations

from lending_crm.common.errors import DomainError
from riskcommittee import errors
from riskcommittee.choices import SeatRole
from riskcommittee.rules import check_voter, needs_session
from riskcommittee.selectors import names_of, open_session, proceedings_of
from workflows.access import ActionLabel
from workflows.act import Act
from workflows.bpmn.model import StageAction
from workflows.errors import not_allowed_here
from workflows.models import Case, Stage, WorkItem


class SessionConduct:
    """Holds for every way to a ballot: the session's page, the inbox, the API."""

    def conducts(self, stage: Stage) -> bool:
        return open_session(stage) is not None

    def obstacle(self, case: Case, stage: Stage) -> DomainError | None:
        """RCM-21 where the committee decides by a session only, and none is open (M17, A9)."""
        if needs_session(case, stage) and open_session(stage) is None:
            return errors.not_convened()
        return None

    def check_ballot(self, act: Act, item: WorkItem, action: StageAction) -> None:
        """RCM-21 before the session; RCM-02 and RCM-05 for who has no vote, RCM-07 for the
        chair before his time."""
        session = open_session(item.stage)
        if session is None:
            if needs_session(act.case, item.stage):
                raise errors.not_convened()
            return
        if action == StageAction.ABSTAIN:
            raise not_allowed_here(ActionLabel.ABSTAIN.label)
        found = proceedings_of(session)
        seat = next((s for s in found.seats if s.employee_id == act.actor.pk), None)
        check_voter(seat)
        if seat is not None and seat.role == SeatRole.CHAIR:
            others = [person for person in found.waiting if person.pk != act.actor.pk]
            if others:
                raise errors.not_voted_yet(names_of(others))
