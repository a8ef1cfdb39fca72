"""What the tests of time share: the hours of a stage's ladder, and rings at a moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from lending_crm.common.models import OutboxMessage
from tests.workflows.world import NOW
from workflows.bpmn.chain import Chain, ChainStage, from_chain
from workflows.bpmn.model import Definition
from workflows.models import Case, Stage, Timer
from workflows.timing.dispatch import RingReport, ring_due

#: Monday 10:00; a stage of eight working hours is reminded of at 17:54, due on Tuesday 10:00,
#: and at 200 % on Wednesday 10:00
AT_80 = NOW + timedelta(hours=7, minutes=54)
AT_100 = NOW + timedelta(days=1)
AT_200 = NOW + timedelta(days=2)
MUCH_LATER = datetime(2027, 3, 2, 2, 0, tzinfo=UTC)


def ring(at: datetime, limit: int = 1000) -> RingReport:
    return ring_due(clock=lambda: at, limit=limit)


def timer(case: Case, percent: int) -> Timer:
    return Timer.objects.get(stage__process=case, percent=percent, stage__outcome="")


def chain(*stages: ChainStage) -> Definition:
    return from_chain(Chain("toy_route", "玩具流程", nodes=tuple(stages)))


def open_stage(case: Case) -> Stage:
    return Stage.objects.get(process=case, outcome="", status="ASSIGNED")


def messages(event: str) -> list[dict[str, Any]]:
    found = OutboxMessage.objects.filter(topic="notify", payload__event=event).order_by("id")
    return [row.payload for row in found]
