"""The end of a case: the document's app books the outcome, everybody concerned hears of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workflows import errors
from workflows.act import Act
from workflows.bpmn.courses import course_of
from workflows.bpmn.model import Definition
from workflows.choices import APPROVING, PASSED, CaseState, EventKind, ItemState
from workflows.kinds import StageDecision
from workflows.models import Stage, WorkItem
from workflows.selectors import approving_items, conditions_of, latest_visits


def conclude(act: Act, outcome: CaseState) -> None:
    """The route has ended: the document's app books it, everybody concerned hears of it."""
    case = act.case
    if outcome == CaseState.APPROVED:
        _refuse_new_steps(act)
    case.state = outcome
    case.resumes_directly = False
    act.tokens = ()
    act.moved()
    act.kind.set_status(act.document, outcome.value, case=case, now=act.now)
    stages = standing_visits(act)
    act.kind.conclude(
        act.document,
        "APPROVED" if outcome == CaseState.APPROVED else "REJECTED",
        case=case,
        decisions=_deciding(act, stages) if outcome == CaseState.APPROVED else (),
        conditions=[*conditions_of(case, stages), *act.new_conditions],
        now=act.now,
    )
    act.record(EventKind.CONCLUDED, by_system=True, data={"outcome": outcome.value})
    event = "case.approved" if outcome == CaseState.APPROVED else "case.rejected"
    act.notify(event, [case.handler_id, case.creator_id])


def _refuse_new_steps(act: Act) -> None:
    """WF-15 when facts that moved since the submission ask for steps that were not on the way."""
    moved = act.kind.moved_facts(act.document, now=act.now)
    if not moved:
        return
    before = _on_the_way(act.definition, act.facts)
    ahead = _on_the_way(act.definition, {**act.facts, **moved})
    if new := [node_id for node_id in ahead if node_id not in before]:
        raise errors.steps_were_added([act.definition.stage(node_id).name for node_id in new])


def _on_the_way(definition: Definition, values: Mapping[str, Any]) -> list[str]:
    return [node_id for wave in course_of(definition, dict(values)).waves for node_id in wave]


def standing_visits(act: Act, *, deciding: Stage | None = None) -> set[int]:
    """The visits to stages whose approval stands, as this act leaves them; ids.

    What was decided before the chain began anew, or before the route led back in front of it,
    was decided on another document or will have been decided again: it stands no longer. After
    a direct resubmission the stages before the returner are not asked again and do stand.
    ``deciding`` is a stage that is still open and whose answer counts.
    """
    changed = act.changed_outcomes
    found = {
        visit.stage_id
        for visit in latest_visits(act.case).values()
        if changed.get(visit.stage_id, visit.outcome) in PASSED
    }
    return found if deciding is None else {*found, deciding.pk}


def last_terms(act: Act, stages: set[int]) -> list[StageDecision]:
    """The approving answers of the latest of these visits that set terms."""
    for decided in reversed(_approving_by_stage(act, stages)):
        if any(item.terms for item in decided):
            return decisions_of(decided)
    return []


def _deciding(act: Act, stages: set[int]) -> list[StageDecision]:
    """The answers that the booked terms come from; where none sets any, those given last."""
    if found := last_terms(act, stages):
        return found
    answers = _approving_by_stage(act, stages)
    return decisions_of(answers[-1]) if answers else []


def _approving_by_stage(act: Act, stages: set[int]) -> list[list[WorkItem]]:
    """The approving answers at these visits, one list a visit, who answered last at the end."""
    items = [
        *approving_items(act.case, stages),
        *(i for i in act.items if i.state == ItemState.DECIDED and i.stage_id in stages),
    ]
    newest = {item.pk: item for item in items if item.decision in APPROVING}
    by_stage: dict[int, list[WorkItem]] = {}
    for item in sorted(newest.values(), key=lambda i: (i.decided_at, i.pk)):
        by_stage.setdefault(item.stage_id, []).append(item)
    return list(by_stage.values())


def decisions_of(items: Iterable[WorkItem]) -> list[StageDecision]:
    """The approving answers among the items, with the terms that each sets."""
    return [
        StageDecision(item.decided_by_id, item.stage.node_id, item.terms)
        for item in items
        if item.decision in APPROVING and item.decided_by_id is not None
    ]
