"""Timers that move work: the superior is asked too or instead, and the route's own timers.

Each takes the lock on its case like any other act, without waiting for it, and none decides.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from lending_crm.common.errors import DomainError
from staff.models import Employee
from staff.selectors import superior_chain
from workflows.act import Act, lock_case
from workflows.bpmn.ladder import Recipient
from workflows.bpmn.model import BoundaryTimer, DecideMode
from workflows.choices import EventKind, ItemState, StageOutcome, TimerKind, TimerState
from workflows.finding import SUPERIOR_LEVELS
from workflows.models import Stage, Timer, WorkItem
from workflows.pools import pool_holders
from workflows.recipients import check_recipient
from workflows.services.items import hand_over, seat_person
from workflows.settlement import give_turns, turns_at
from workflows.timing.recipients import hearers_of
from workflows.timing.telling import (
    end_timers,
    give_back,
    is_early,
    is_over,
    locked_timers,
    messages_of,
)


@transaction.atomic
def act_on(timer_id: int, *, now: datetime) -> bool:
    """Ring one timer that moves work; False when its case is locked by somebody."""
    found = locked_timers([timer_id])
    if not found:
        return False
    (timer,) = found
    if is_over(timer):
        end_timers([timer.pk], TimerState.NOT_NEEDED, now)
        return True
    if is_early(timer, now):
        give_back([timer])
        return True
    case = lock_case(pk=timer.stage.process_id)
    act = Act(case, actor=None, now=now)
    stage = next(stage for stage in act.open_stages() if stage.pk == timer.stage_id)
    if timer.kind == TimerKind.BOUNDARY:
        _fire(act, stage, timer)
    else:
        _escalate(act, stage, timer)
    act.commit()
    end_timers([timer.pk], TimerState.DONE, now)
    return True


def _fire(act: Act, stage: Stage, timer: Timer) -> None:
    """A timer of the route ran out: open what it leads to, and close its stage if it says so."""
    element = act.definition.elements[timer.element_id]
    if not isinstance(element, BoundaryTimer):
        raise LookupError(timer.element_id)
    act.record(
        EventKind.TIMER_FIRED,
        stage=stage,
        arrived_at=stage.created,
        data={
            "timer": element.id,
            "title": element.name,
            "title_en": element.name_en,
            "interrupts": element.is_interrupting,
        },
    )
    if element.is_interrupting:
        act.close_stage(stage, StageOutcome.CLOSED, element.name)
    stage.flow_task.activation_class(stage).fire(element.id)


def _escalate(act: Act, stage: Stage, timer: Timer) -> None:
    """Bring the superior in; where there is none who may decide, the administrators hear of it."""
    hearers = hearers_of([stage.pk], {*timer.tell, Recipient.ADMINISTRATOR})
    asked = hearers.asked.get(stage.pk, [])
    brought: list[Employee] = []
    why = {"because": "overdue", "from": ", ".join(hearers.names_of(asked[:3]))}
    if act.definition.stage(stage.node_id).settings.decide != DecideMode.VOTE:
        for item in _open_items(act, stage):
            superior = _superior_for(act, stage, item)
            if superior is None:
                continue
            brought.append(superior)
            if timer.kind == TimerKind.HAND_OVER:
                hand_over(act, item, superior, why)
            else:
                _ask_too(act, stage, superior, why)
                break
    tell = {*timer.tell} if brought else {*timer.tell, Recipient.ADMINISTRATOR}
    told = hearers.told(stage.pk, tell)
    told = replace(told, above=tuple(pk for pk in told.above if pk not in {p.pk for p in brought}))
    act.record(
        EventKind.ESCALATED,
        stage=stage,
        data={
            "percent": timer.percent,
            "told": hearers.names_of(told.everybody),
            "act": timer.kind,
            "to": [person.name for person in brought],
        },
    )
    act.add_copies(Employee.objects.filter(pk__in=told.above))
    act.notify("work_item.arrived", [person.pk for person in brought], step=stage.title)
    for _topic, payload in messages_of(timer, told, hearers, act.now):
        act.notify(payload["event"], payload["recipients"], **payload["params"])


def _ask_too(act: Act, stage: Stage, superior: Employee, why: dict[str, str]) -> None:
    """A seat of the stage's own for the superior; in a sequence his turn comes last."""
    turns = turns_at(stage, act.items, act.definition.stage(stage.node_id).settings)
    reason = {"rule": "SUPERIOR", **why}
    seat_person(act, stage, superior, reason, [superior.pk], seat=turns.next_seat())
    give_turns(act, turns_at(stage, act.items, act.definition.stage(stage.node_id).settings))


def _open_items(act: Act, stage: Stage) -> list[WorkItem]:
    return [item for item in act.items_of(stage) if item.state == ItemState.OPEN]


def _superior_for(act: Act, stage: Stage, item: WorkItem) -> Employee | None:
    """The nearest superior of who holds the item, or of somebody of its pool, who may decide."""
    held = [item.assignee_id] if item.assignee_id else sorted(pool_holders(item))
    for holder in Employee.objects.filter(pk__in=held).order_by("pk"):
        for superior in superior_chain(holder, SUPERIOR_LEVELS):
            try:
                check_recipient(act, stage, superior)
            except DomainError:
                continue
            return superior
    return None
