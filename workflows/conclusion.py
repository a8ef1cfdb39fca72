"""The end of a case: the document's app books the outcome, everybody concerned hears of it."""

from __future__ import annotations

from collections.abc import Iterable

from workflows.act import Act
from workflows.choices import APPROVING, PASSED, CaseState, EventKind, ItemState
from workflows.kinds import StageDecision
from workflows.models import Stage, WorkItem
from workflows.selectors import approving_items, conditions_of, latest_visits


def conclude(act: Act, outcome: CaseState) -> None:
    """The route has ended: the document's app books it, everybody concerned hears of it."""
    case = act.case
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
        decisions=last_terms(act, stages) if outcome == CaseState.APPROVED else (),
        conditions=[*conditions_of(case, stages), *act.new_conditions],
        now=act.now,
    )
    act.record(EventKind.CONCLUDED, by_system=True, data={"outcome": outcome.value})
    event = "case.approved" if outcome == CaseState.APPROVED else "case.rejected"
    act.notify(event, [case.handler_id, case.creator_id])


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
    items = [
        *approving_items(act.case, stages),
        *(i for i in act.items if i.state == ItemState.DECIDED and i.stage_id in stages),
    ]
    newest = {item.pk: item for item in items if item.decision in APPROVING}
    by_stage: dict[int, list[WorkItem]] = {}
    for item in sorted(newest.values(), key=lambda i: (i.decided_at, i.pk)):
        by_stage.setdefault(item.stage_id, []).append(item)
    for decided in reversed(list(by_stage.values())):
        if any(item.terms for item in decided):
            return decisions_of(decided)
    return []


def decisions_of(items: Iterable[WorkItem]) -> list[StageDecision]:
    """The approving answers among the items, with the terms that each sets."""
    return [
        StageDecision(item.decided_by_id, item.stage.node_id, item.terms)
        for item in items
        if item.decision in APPROVING and item.decided_by_id is not None
    ]
