"""How a case moves along its published route: open a stage, leave it, hand it back, end it.

Called by the viewflow nodes; every function works on the act and writes nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from viewflow.workflow.token import Token as FlowToken

from lending_crm.common.errors import DomainError
from staff.choices import RoleCode
from staff.selectors import holders
from workflows import errors
from workflows.act import Act
from workflows.assignment import resolve
from workflows.bpmn import walk
from workflows.bpmn.answers import ANSWERS, LAST_ANSWER, TIMES_PASSED
from workflows.bpmn.courses import is_final
from workflows.bpmn.model import (
    CopyTask,
    DecideMode,
    Element,
    OnSamePerson,
    ServiceTask,
    StageSettings,
)
from workflows.bpmn.model import Stage as StageElement
from workflows.choices import (
    Decision,
    EventKind,
    ItemKind,
    ItemState,
    StageOutcome,
)
from workflows.choosing import with_choices
from workflows.conclusion import last_terms, standing_visits
from workflows.conflicts import recused
from workflows.finding import places_of
from workflows.models import Case, Stage, WorkItem
from workflows.seats import Resolution, Seat, Vacancy, seat_of
from workflows.selectors import (
    standing_stages,
    times_passed,
)
from workflows.service_tasks import serve
from workflows.timing.clock import wind
from workflows.turns import Turns


def is_stage(element: Element) -> bool:
    return isinstance(element, StageElement)


def new_stage(case: Case, flow_task: Any, *, arrival: walk.Arrival | None = None) -> Stage:
    """A task row for a node; for a stage of the route it names the BPMN element."""
    element = case.act.definition.stage(arrival.element_id) if arrival else None
    stage = Stage(
        process=case,
        flow_task=flow_task,
        flow_task_type=flow_task.task_type,
        token=FlowToken("start"),
        node_id=element.id if element else "",
        title=element.name if element else "",
        title_en=element.name_en if element else "",
        duty_line=element.settings.duty_line if element else "",
        round=case.round,
        arrived_by=list(arrival.path) if arrival else [],
        created=case.act.now,
        started=case.act.now,
    )
    return case.act.add_stage(stage)


def begin(act: Act, *, at: str | None) -> walk.Walk:
    """Put the route at its start, or at a stage for a return or a direct resubmission."""
    if at is None:
        step = walk.start(act.definition, act.facts)
    else:
        step = walk.enter(act.definition, at, act.facts, standing_stages(act.case) - {at})
    _took(act, step, None)
    if entry := act.event_of(None):
        entry.data["entered"] = act.case.tokens
    return step


def advance(act: Act, stage: Stage) -> walk.Walk:
    """Leave a stage that was approved or passed.

    Where the route leads back a new round begins: who decided in the lap before decides again.
    """
    answer = answer_of(act, stage)
    step = walk.advance(act.definition, stage.node_id, {**act.facts, **answer}, act.tokens)
    _took(act, step, stage)
    if (event := act.event_of(stage)) and answer:
        event.data["answer"] = answer
    if turn := step.turn(act.definition):
        act.case.round += 1
        if event:
            event.data["turned_to"] = turn
    return step


def answer_of(act: Act, stage: Stage, decision: Decision | None = None) -> dict[str, Any]:
    """What a condition behind the stage may ask about it; empty on a route that never asks.

    ``decision`` is one that is about to be given there. Conditions of any of its people make
    the stage's answer one with conditions.
    """
    asked = ANSWERS & act.definition.facts_asked
    if not asked:
        return {}
    given = {i.decision for i in act.items_of(stage) if i.state == ItemState.DECIDED} | {decision}
    with_conditions = Decision.APPROVE_WITH_CONDITIONS in given
    answer = Decision.APPROVE_WITH_CONDITIONS if with_conditions else Decision.APPROVE
    found: dict[str, Any] = {LAST_ANSWER: answer.value}
    if TIMES_PASSED in asked:
        found[TIMES_PASSED] = times_passed(act.case, stage.node_id, but=stage) + 1
    return found


def fire(act: Act, stage: Stage, timer_id: str) -> walk.Walk:
    """Take the flow of a timer on the stage's boundary; the stage stays unless it interrupts.

    Raises RuntimeError when that would end the route: time never approves or rejects. The
    publish checks refuse such a route.
    """
    step = walk.advance(act.definition, timer_id, act.facts, act.tokens)
    if step.outcome is not None:
        raise RuntimeError(f"the timer {timer_id} would decide the case")
    _took(act, step, stage)
    return step


def start_over_at(
    act: Act, node_id: str, *, leaving: Stage, beside: Iterable[Stage], outcome: StageOutcome
) -> None:
    """Close every open stage and open the target in a new round (a return, a jump).

    Branches that run beside the target open with it where their approval does not stand, so
    that the join behind them gets all the tokens it waits for.
    """
    for stage in beside:
        act.close_stage(stage, StageOutcome.CLOSED)
    activation = leaving.flow_task.activation_class(leaving)
    activation.decide()
    act.close_stage(leaving, outcome)
    act.case.round += 1
    act.tokens = ()
    act.is_returning = True
    act.return_target = node_id
    activation.activate_next()


def next_stages(act: Act, stage: Stage, answer: Mapping[str, Any]) -> list[str]:
    """The stages that open when this one is approved with this answer."""
    step = walk.advance(act.definition, stage.node_id, {**act.facts, **answer}, act.tokens)
    return [
        arrival.element_id
        for arrival in step.arrivals
        if is_stage(act.definition.elements[arrival.element_id])
    ]


def is_last(act: Act, stage: Stage, answer: Mapping[str, Any]) -> bool:
    """Whether this answer ends the route; nobody else would be asked."""
    return is_final(act.definition, stage.node_id, {**act.facts, **answer}, act.tokens)


def above_authority(
    act: Act, stage: Stage, settings: StageSettings, answer: Mapping[str, Any]
) -> DomainError | None:
    """WF-15 where the stage would end a case that needs a higher level at this moment."""
    if settings.authority_level is None or not is_last(act, stage, answer):
        return None
    granted = last_terms(act, standing_visits(act, deciding=stage)) if act.kind.term_fields else ()
    authority = act.kind.authority(act.document, now=act.now, decisions=granted)
    if authority is None or authority.level <= settings.authority_level:
        return None
    return errors.above_authority(authority.limits.get(settings.authority_level), authority.amount)


def _took(act: Act, step: walk.Walk, left: Stage | None) -> None:
    """Keep the tokens, give the edges to the event that took them, do what was passed."""
    act.tokens = step.tokens
    act.moved()
    event = act.event_of(left)
    if event is not None:
        event.path = [*event.path, *step.taken]
    for arrival in step.passed:
        element = act.definition.elements[arrival.element_id]
        if isinstance(element, CopyTask):
            _copy(act, element)
        elif isinstance(element, ServiceTask):
            serve(act, element)
    if step.outcome is not None or step.closed:
        _close_others(act, keep=set(step.open_stages))


def _close_others(act: Act, *, keep: set[str]) -> None:
    for stage in act.open_stages():
        if stage.node_id not in keep and stage.is_open:
            act.close_stage(stage, StageOutcome.CLOSED)


def _copy(act: Act, element: CopyTask) -> None:
    """抄送 to everybody whom the rules name, less who handles the document or must abstain.

    Nobody decides by a copy, so no superior gets it in the place of one who may not.
    """
    case = act.case
    barred = {case.handler_id, case.creator_id} | recused(case)
    places = places_of(element.assignees, case, act.kind, lambda: act.document)
    named = {person.pk: person for place in places for person in place.people}
    people = [person for pk, person in named.items() if pk not in barred]
    act.add_copies(people)
    act.record(
        EventKind.COPIED,
        by_system=True,
        data={"recipients": [person.name for person in people], "node": element.name},
    )
    act.notify("case.copied", [person.pk for person in people])


def open_stage(act: Act, stage: Stage) -> bool:
    """Ask the people of a stage. True when it passes by itself and the route goes on.

    Nobody found, or a seat without a holder, leaves the stage open and blocked and tells the
    administrators (WF-11).
    """
    element = act.definition.stage(stage.node_id)
    settings = element.settings
    found = whom(act, stage, settings)
    if found.auto_pass:
        stage.outcome = StageOutcome.AUTO_PASSED
        stage.outcome_reason = found.auto_pass
        record_pass(act, stage, found.auto_pass)
        return True
    wind(act, stage)
    ask(act, stage, found, settings)
    return False


def whom(act: Act, stage: Stage, settings: StageSettings) -> Resolution:
    """Whom the stage asks now. It never passes by itself where that would end a case above its
    limit: then it asks as if it had no such setting.
    """
    found = _whom(act, stage, settings)
    if found.auto_pass and above_authority(act, stage, settings, {}) is not None:
        return _whom(act, stage, replace(settings, on_same_person=OnSamePerson.NEXT_PERSON))
    return found


def _whom(act: Act, stage: Stage, settings: StageSettings) -> Resolution:
    return resolve(
        with_choices(settings, act.case, stage.node_id),
        act.case,
        kind=act.kind,
        document=lambda: act.document,
        decided=act.decided_people,
        now=act.now,
    )


def pass_by_itself(act: Act, stage: Stage, person: str) -> None:
    """Let an open stage pass whose only person has decided in this round already."""
    activation = stage.flow_task.activation_class(stage)
    activation.decide()
    act.close_stage(stage, StageOutcome.AUTO_PASSED, person)
    record_pass(act, stage, person)
    activation.activate_next()


def record_pass(act: Act, stage: Stage, person: str) -> None:
    """The stage, or a seat of it, passes because the person has decided in this round."""
    act.record(
        EventKind.AUTO_PASSED,
        stage=stage,
        by_system=True,
        data={"reason": OnSamePerson.AUTO_PASS.value, "person": person},
    )


def block(act: Act, stage: Stage) -> None:
    """Stop at a stage that lacks people and tell the administrators (WF-11).

    Either nobody can be asked, or seats are vacant: others may answer meanwhile, and the stage
    waits for these.
    """
    stage.is_blocked = True
    act.change_stage(stage)
    vacant = sorted(
        (i for i in act.items_of(stage) if i.state == ItemState.VACANT), key=lambda i: i.seat
    )
    act.record(
        EventKind.BLOCKED,
        stage=stage,
        by_system=True,
        data={"vacant": [seat_of(item.reason) for item in vacant]},
    )
    administrators = [person.pk for person in holders(RoleCode.ADM)]
    # Administrators learn that a case stopped, not whose it is.
    act.notify(
        "case.blocked",
        administrators,
        exclude_actor=False,
        step=stage.title,
        party="",
        subject="",
    )


def ask(act: Act, stage: Stage, found: Resolution, settings: StageSettings) -> None:
    """Put work items under an open stage and tell the people.

    In a sequence everybody gets his item now, so that it is on record who will be asked; all
    but the first wait for their turn. Seats without a holder are items too, and stop the stage.
    """
    in_sequence = settings.decide == DecideMode.SEQUENCE
    involved = {act.case.handler_id, act.case.creator_id} | recused(act.case)
    barred = sorted(involved | act.decided_people)
    common = {
        "case": act.case,
        "stage": stage,
        "round": act.case.round,
        "arrived_at": act.now,
        "due_at": stage.due_at,
        "barred": barred,
    }
    first = Turns(act.items_of(stage)).next_seat()
    seats = found.in_order()
    for number, seat in enumerate(seats, start=first):
        own = {**common, "seat": number, "weight": seat.weight, "has_veto": seat.has_veto}
        if isinstance(seat, Vacancy):
            act.add_item(WorkItem(**own, state=ItemState.VACANT, reason=seat.reason))
            continue
        is_later = in_sequence and number > first
        act.add_item(
            WorkItem(
                **own,
                state=ItemState.WAITING if is_later else ItemState.OPEN,
                assignee=seat.employee,
                reason=seat.reason,
                owners=[seat.employee.pk],
                on_behalf_of=seat.on_behalf_of,
                delegation=seat.delegation,
            )
        )
    if stage.node_id == act.resume_at:
        found = found.taken_up_by(act.resume_with)
    for number, pool in enumerate(found.pools, start=first + len(seats)):
        act.add_item(
            WorkItem(
                **{**common, "barred": sorted({*barred, *pool.away})},
                seat=number,
                pool_role_id=pool.role_id,
                pool_branch_id=pool.branch_id,
                pool_department_id=pool.department_id,
                claim_required=settings.claim_required,
                reason=pool.reason,
                assignee=pool.taker,
                claimed_at=act.now if pool.taker else None,
                owners=[pool.taker.pk] if pool.taker else [],
            )
        )
    asked = found.people()
    if in_sequence:
        asked = asked[:1] if seats and isinstance(seats[0], Seat) else []
    people = [person.pk for person in asked]
    act.notify("work_item.arrived", people, exclude_actor=False, step=stage.title)
    for name in found.passed:
        record_pass(act, stage, name)
    if found.vacant or found.is_empty:
        block(act, stage)


def hand_back(act: Act, stage: Stage) -> None:
    """Give the document back to its handler, as a work item of his own."""
    stage.title = str(stage.flow_task.task_title)
    act.add_item(
        WorkItem(
            case=act.case,
            stage=stage,
            kind=ItemKind.CORRECTION,
            round=act.case.round,
            assignee_id=act.case.handler_id,
            owners=[act.case.handler_id],
            arrived_at=act.now,
            reason={"rule": "HANDLER"},
        )
    )
