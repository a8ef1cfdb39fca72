"""取回, in its parts: a stage opens again as it was before the decision that is taken back."""

from __future__ import annotations

from typing import Any

from viewflow.workflow.status import STATUS

from lending_crm.common.errors import refuse_all
from workflows import errors, hashing, route
from workflows.act import Act
from workflows.bpmn.model import DecideMode
from workflows.choices import CaseState, EventKind, ItemState, StageOutcome
from workflows.conflicts import recused
from workflows.models import HistoryEvent, Stage, WorkItem
from workflows.qualifying import still_qualifies
from workflows.selectors import last_submission
from workflows.settlement import close_beaten, give_turns, turns_at
from workflows.timing.clock import rewind
from workflows.undoing import is_acted_on, is_untouched, taken_up, tokens_without, way_out
from workflows.vacancies import counts, leave_vacant, vacant_seats


def reopen_approved(act: Act, stage: Stage, *, has_turned: bool) -> None:
    """Open a stage that was approved again; raises WF-21 when a later stage has acted.

    Branches that run beside it keep what they did; a join that fired waits again. An approval
    that led back (``has_turned``) left no branch open, and began the round that ends here.
    """
    events = list(act.case.events.order_by("sequence"))
    outcomes = dict(Stage.objects.filter(process=act.case).values_list("pk", "outcome"))
    tokens = tokens_without(
        stage, definition=act.definition, facts=act.facts, events=events, outcomes=outcomes
    )
    if tokens is None:
        raise errors.taken_back_too_late()
    staying = set() if has_turned else {t.element_id for t in tokens if not t.is_waiting}
    later = [s for s in act.open_stages() if s.node_id not in staying]
    acted = taken_up(events)
    if any(
        other.pk in acted or any(is_acted_on(item) for item in act.items_of(other))
        for other in later
    ):
        raise errors.taken_back_too_late()
    act.tokens = tokens
    if has_turned:
        _undo_round(act, act.case.round + 1)
    else:
        for open_stage in later:
            act.close_stage(open_stage, StageOutcome.CLOSED)
    passed = {event.stage_id for event in way_out(stage.pk, events)[1:]}
    for one in act.stages_of(act.case.round) if passed else ():
        if one.pk in passed:
            act.close_stage(one, StageOutcome.UNDONE)
    _open_again(act, stage)


def untouched_return(act: Act, item: WorkItem) -> HistoryEvent:
    """The event of a return that nobody has acted on; raises WF-21 for any other.

    A handler who has changed anything of the document has acted on it, one who has read it not.
    """
    case = act.case
    event = case.events.filter(kind=EventKind.RETURNED, stage=item.stage_id).latest("sequence")
    if event.flow_version_id != case.flow_version_id or "tokens" not in event.data:
        raise errors.moved_on_since()
    if not is_untouched(event, case, act.items, case.events.order_by("sequence")):
        raise errors.return_was_taken_up()
    if case.state == CaseState.RETURNED:
        _check_document(act, event)
    return event


def _check_document(act: Act, returned: HistoryEvent) -> None:
    """It is what was judged, and could be submitted as it was: its claims are free still."""
    case, document = act.case, act.document
    submitted = last_submission(case)
    refuse_all(act.kind.check_submission(document, actor=case.handler, now=submitted))
    judged = case.snapshots.get(number=returned.snapshot_number)
    if hashing.content_hash(act.kind.snapshot(document)) != judged.sha256:
        raise errors.return_was_taken_up()


def undo_return(act: Act, stage: Stage, returned: HistoryEvent) -> list[Stage]:
    """Open again what the return closed; the stages that ran beside the returner's."""
    case = act.case
    case.tokens = returned.data["tokens"]
    _undo_round(act, case.round + 1)
    standing = {token.element_id for token in act.tokens if not token.is_waiting}
    latest = {s.node_id: s for s in act.stages_of(case.round) if s.node_id in standing}
    latest[stage.node_id] = stage
    for one in latest.values():
        _open_again(act, one)
    if case.state == CaseState.RETURNED:
        case.state = CaseState.IN_APPROVAL
        case.returned_from = ""
        case.resumes_directly = False
        # The day of the submission: terms and lateness are measured by it.
        submitted = last_submission(case)
        act.kind.set_status(act.document, case.state.value, case=case, now=submitted)
    act.notify("case.taken_back", [case.handler_id], step=stage.title)
    return [one for one in latest.values() if one is not stage]


def undone(returned: HistoryEvent | None) -> dict[str, Any]:
    """What the history says of the return that was taken back; nothing for an approval."""
    if returned is None:
        return {}
    return {name: returned.data[name] for name in ("target", "target_title", "target_title_en")}


def _undo_round(act: Act, number: int) -> None:
    """The round that began with what is taken back was none: its visits count for nothing."""
    for stage in act.stages_of(number):
        if stage.outcome != StageOutcome.UNDONE:
            act.close_stage(stage, StageOutcome.UNDONE)


def _open_again(act: Act, stage: Stage) -> None:
    stage.status = STATUS.ASSIGNED
    stage.outcome = stage.outcome_reason = ""
    stage.finished = None
    act.change_stage(stage)


def ask_again(act: Act, stage: Stage) -> None:
    """Whoever need not answer any more when the stage closed is asked again.

    Not who has decided in a branch beside it. Who has left, has to abstain or has lost what gave
    him his item meanwhile leaves it to its pool, or an empty seat where each seat counts.
    """
    decided = act.decided_people
    barred = {act.case.handler_id, act.case.creator_id} | recused(act.case)
    lost = []
    for item in act.items_of(stage):
        if item.state != ItemState.NOT_NEEDED or item.assignee_id in decided:
            continue
        if item.pool_role_id is not None:
            item.barred = sorted({*item.barred, *barred})
        holder = item.assignee
        if holder and (holder.pk in barred or not still_qualifies(item, holder, act.case)):
            if item.pool_role_id is None:
                lost.append(item)
                continue
            item.assignee = item.claimed_at = None
        is_held = item.assignee_id is not None or item.pool_role_id is not None
        item.state = ItemState.WAITING if is_held else ItemState.VACANT
        act.change_item(item)
    for item in lost:
        if counts(act, item):
            leave_vacant(act, item)


def go_on_asking(act: Act, stage: Stage) -> None:
    """Give the turns at a stage that opens again, and stop it where it lacks people (WF-11).

    Its clock goes on here, once everybody is asked: what is live gets the stage's due date.
    """
    rewind(act, stage)
    settings = act.definition.stage(stage.node_id).settings
    turns = turns_at(stage, act.items, settings)
    if settings.decide == DecideMode.ANY:
        close_beaten(act, turns)
    give_turns(act, turns)
    lacks_people = vacant_seats(act, stage) or not turns.live()
    if lacks_people and not stage.is_blocked:
        route.block(act, stage)
