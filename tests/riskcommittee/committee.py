"""A committee of a chair and four members, and a case of 5,000,000 that waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from riskcommittee.choices import Mode, Opinion
from riskcommittee.models import CommitteeSession
from riskcommittee.services.sessions import close_session, convene, record_attendance
from riskcommittee.services.votes import cast_vote
from staff.models import Employee
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.bpmn.model import DecideMode, RoleReach
from workflows.models import Case

REASON = "现金流覆盖本息,抵押充分,同意。"


def pdf(name: str = "纪要.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.4\n1 0 obj<<>>endobj\n%%EOF\n", "application/pdf")


class Committee:
    def __init__(self) -> None:
        self.world = World(
            stage(
                "committee",
                by_role("RC", RoleReach.HEAD_OFFICE),
                by_role("RCC", RoleReach.HEAD_OFFICE, has_veto=True),
                decide=DecideMode.VOTE,
                duty_line="COMMITTEE",
                term_fields=("approved_amount",),
            )
        )
        self.members = self.world.members
        self.chair = self.world.chair
        self.secretary = self.world.secretary
        self.case: Case = self.world.submitted(amount="5000000.00")

    def convened(self, **values: Any) -> CommitteeSession:
        given: dict[str, Any] = {
            "case_id": self.case.pk,
            "actor": fresh(self.secretary),
            "now": NOW,
            "held_on": NOW.date(),
            "mode": Mode.MEETING,
            "place": "总部三楼会议室",
            "chair": self.chair,
            "members": self.members,
            "secretary": self.secretary,
            "risk_report": pdf("风险审查报告.pdf"),
        }
        return convene(**{**given, **values})

    def vote(
        self,
        session: CommitteeSession,
        who: Employee,
        opinion: Opinion = Opinion.APPROVE,
        **values: Any,
    ) -> CommitteeSession:
        values.setdefault("reason", REASON)
        return cast_vote(
            session_id=session.pk,
            actor=fresh(who),
            now=NOW + timedelta(minutes=5),
            opinion=opinion,
            **values,
        )

    def absent(self, session: CommitteeSession, *people: Employee) -> None:
        record_attendance(
            session_id=session.pk, actor=fresh(self.secretary), now=NOW, absent=people
        )

    def close(self, session: CommitteeSession, **values: Any) -> CommitteeSession:
        given = {"actor": fresh(self.secretary), "now": NOW + timedelta(hours=1), "minutes": pdf()}
        return close_session(session_id=session.pk, **{**given, **values})

    def all_vote(self, session: CommitteeSession, opinions: Sequence[Opinion]) -> None:
        """In the order of the members; the chair's is the last one."""
        for who, opinion in zip([*self.members, self.chair], opinions, strict=True):
            self.vote(session, who, opinion)

    def state(self) -> str:
        return Case.objects.get(pk=self.case.pk).state
