"""What follows from an answer at a stage: whose turn comes, and whether the stage is decided.

Every act that answers, adds or takes away an item calls ``settle`` afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable

from workflows import route
from workflows.act import Act
from workflows.bpmn.model import DecideMode, StageSettings
from workflows.choices import APPROVING, EventKind, ItemKind, ItemState, StageOutcome
from workflows.conduct import is_conducted
from workflows.models import Stage, WorkItem
from workflows.pools import pool_holders
from workflows.turns import FIRST, SEATED, Turns
from workflows.voting import Ballot, Tally, Verdict, tally, verdict


def turns_at(stage: Stage, items: Iterable[WorkItem], settings: StageSettings) -> Turns:
    """The seats of one visit to a stage, out of all items of its case."""
    own = [item for item in items if item.stage is stage]
    return Turns(own, in_sequence=settings.decide == DecideMode.SEQUENCE)


def settle(act: Act, stage: Stage, settings: StageSettings) -> None:
    """Give the turn to whose it is now, and end the stage when its people have decided.

    A suspended case goes nowhere: a stage at which nobody is left to ask is stopped, and goes on
    with the answers given there once the case has been resumed.
    """
    if act.case.suspended_at is not None:
        _stand_still(act, stage, settings)
        return
    if settings.decide == DecideMode.VOTE:
        ballots = ballots_of(act, stage)
        result = verdict(ballots, settings.vote)
        if result != Verdict.OPEN and not is_conducted(stage):
            end_vote(act, stage, result, tally(ballots, settings.vote))
        return
    turns = turns_at(stage, act.items, settings)
    if settings.decide == DecideMode.ANY:
        close_beaten(act, turns)
    give_turns(act, turns)
    if turns.live():
        return
    if any(_approves(item) for item in turns.seated()):
        end_stage(act, stage, StageOutcome.APPROVED)
    elif not stage.is_blocked:
        # Everybody who was asked is gone and nobody has approved: an empty list never passes.
        route.block(act, stage)


def _stand_still(act: Act, stage: Stage, settings: StageSettings) -> None:
    turns = turns_at(stage, act.items, settings)
    give_turns(act, turns)
    if not turns.live() and not stage.is_blocked:
        route.block(act, stage)


def ends_with(act: Act, item: WorkItem, settings: StageSettings) -> bool:
    """Whether the stage is decided when this item is approved."""
    turns = turns_at(item.stage, act.items, settings)
    others = [each for each in turns.live() if each is not item]
    if settings.decide != DecideMode.ANY or item.parent_seat is not None:
        return not others
    return not [each for each in others if turns.root(each) is item]


def give_turns(act: Act, turns: Turns) -> None:
    """Open what may be answered now; what somebody else must answer first waits."""
    for item in turns.live():
        must_wait = bool(turns.blockers(item))
        if must_wait and item.state == ItemState.OPEN:
            item.state = ItemState.WAITING
            act.change_item(item)
        elif not must_wait and item.state == ItemState.WAITING:
            _open(act, item, turns)


def _open(act: Act, item: WorkItem, turns: Turns) -> None:
    item.state = ItemState.OPEN
    item.arrived_at = act.now
    item.due_at = item.stage.due_at
    act.change_item(item)
    people = [item.assignee_id] if item.assignee_id else pool_holders(item)
    if not people:
        route.block(act, item.stage)
    act.notify(_arrival(item, turns), people, step=item.stage.title)


def _arrival(item: WorkItem, turns: Turns) -> str:
    """Which message tells that an item is somebody's turn now."""
    if any(child.link in FIRST for child in turns.children(item)):
        return "work_item.came_back"
    if item.link:
        return "work_item.delegated" if item.kind == ItemKind.ADVICE else "work_item.signer"
    return "work_item.arrived"


def close_beaten(act: Act, turns: Turns) -> None:
    """或签: the first approval of the stage's own people wins; the other seats are not needed.

    Those whom the winner asked beside or after himself have still to answer.
    """
    won = [item for item in turns.seated() if _approves(item)]
    if not won:
        return
    for item in turns.live():
        if turns.root(item) not in won:
            item.state = ItemState.NOT_NEEDED
            act.change_item(item)


def _approves(item: WorkItem) -> bool:
    return item.parent_seat is None and item.decision in APPROVING


def end_vote(
    act: Act, stage: Stage, result: Verdict, count: Tally, *, by_system: bool = True
) -> None:
    passed = result == Verdict.PASSED
    record_count(act, stage, count, passed=passed, by_system=by_system)
    end_stage(act, stage, StageOutcome.APPROVED if passed else StageOutcome.REJECTED)


def record_count(act: Act, stage: Stage, count: Tally, *, passed: bool, by_system: bool) -> None:
    act.record(
        EventKind.VOTE_CLOSED,
        stage=stage,
        by_system=by_system,
        data={
            "passed": passed,
            "asked": count.asked,
            "voted": count.voted,
            "approving": count.approving,
            "rejecting": count.rejecting,
            "abstaining": count.abstaining,
            "tokens": act.case.tokens,
        },
    )


def end_stage(act: Act, stage: Stage, outcome: StageOutcome) -> None:
    activation = stage.flow_task.activation_class(stage)
    activation.decide()
    act.close_stage(stage, outcome)
    if outcome == StageOutcome.REJECTED:
        for other in act.open_stages():
            if other is not stage:
                act.close_stage(other, StageOutcome.CLOSED)
        act.tokens = ()
    activation.activate_next()


def ballots_of(act: Act, stage: Stage) -> list[Ballot]:
    return [
        Ballot(item.decision, item.weight, item.has_veto)
        for item in act.items_of(stage)
        if item.kind == ItemKind.DECISION and item.state in SEATED
    ]
