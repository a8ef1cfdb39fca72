"""Set-up for tests of documents that meet the committee: a session, opened and closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from riskcommittee.choices import Mode
from riskcommittee.models import CommitteeSession
from riskcommittee.services.sessions import close_session, convene
from staff.models import Employee
from tests.riskcommittee.committee import pdf
from tests.staff.factories import person
from workflows.models import Case


def sit(
    case: Case, *, chair: Employee, members: Sequence[Employee], now: datetime
) -> CommitteeSession:
    """Convened by a secretary; the members may vote from now on, the chair after them."""
    secretary = person("RCS", name="蒋秘书", branch=chair.branch, department=chair.department)
    return convene(
        case_id=case.pk,
        actor=secretary,
        now=now,
        held_on=now.date(),
        mode=Mode.MEETING,
        place="总部三楼会议室",
        chair=chair,
        members=members,
        secretary=secretary,
        risk_report=pdf("风险审查报告.pdf"),
    )


def rise(session: CommitteeSession, *, now: datetime) -> CommitteeSession:
    """Closed with its minutes: the votes are counted and the case moves."""
    return close_session(
        session_id=session.pk, actor=session.convened_by, now=now, minutes=pdf("会议纪要.pdf")
    )
