"""What must hold of a case at any moment, whatever was done to it."""

from __future__ import annotations

from collections import Counter

from documents.models import Document
from tests.workflows.replay import Replay
from tests.workflows.world import TOY, World, fresh
from workflows import facts
from workflows.access import holds_pool
from workflows.bpmn import walk
from workflows.bpmn.model import DecideMode
from workflows.choices import LIVE, WITH_HANDLER, CaseState, ItemKind, ItemState
from workflows.conflicts import recused
from workflows.definitions import definition_of
from workflows.models import Case, HistoryEvent, Stage, WorkItem
from workflows.pools import pool_holders
from workflows.turns import Turns
from workflows.verification import verify_case


def check(case: Case, document: Document, world: World) -> None:
    """Every invariant of a case, by what is stored."""
    found = list(WorkItem.objects.filter(case=case).select_related("stage", "assignee"))
    stages = list(Stage.objects.filter(process=case).order_by("id"))
    open_stages = [stage for stage in stages if stage.is_open and stage.status != "DONE"]
    waiting = [item for item in found if item.state == ItemState.OPEN]
    check_turns(case, found)
    check_seats(case, found, open_stages)
    check_somebody_can_act(case, open_stages, waiting, world)
    check_tokens(case, open_stages)
    check_decisions(case, found)
    check_status(case, document)
    check_replay(case, found, open_stages)
    assert verify_case(case) is None


def check_somebody_can_act(
    case: Case, open_stages: list[Stage], waiting: list[WorkItem], world: World
) -> None:
    if case.state in WITH_HANDLER:
        (item,) = waiting
        assert (item.kind, item.assignee_id) == (ItemKind.CORRECTION, case.handler_id)
        assert [stage.pk for stage in open_stages] == [item.stage_id]
    elif case.state == CaseState.IN_APPROVAL:
        assert open_stages
        for stage in open_stages:
            people = [may_act(case, i) for i in waiting if i.stage_id == stage.pk]
            assert any(people) or stage.is_blocked, f"nobody can act at {stage.node_id}"
        if any(stage.is_blocked for stage in open_stages):
            assert Case.objects.visible_to(fresh(world.adm)).filter(pk=case.pk).exists()
    else:
        assert not open_stages
        assert not waiting
        assert case.finished is not None
    for item in waiting:
        stage = next(stage for stage in open_stages if stage.pk == item.stage_id)
        assert item.due_at == stage.due_at
        assert item.round == case.round == stage.round


def check_turns(case: Case, found: list[WorkItem]) -> None:
    """Open is exactly what nobody must answer first; a closed stage asks nobody any more."""
    by_stage: dict[int, list[WorkItem]] = {}
    for item in found:
        by_stage.setdefault(item.stage_id, []).append(item)
    for asked in by_stage.values():
        stage = asked[0].stage
        if not stage.is_open:
            assert not [i for i in asked if i.state in LIVE], "asked at a closed stage"
        elif stage.node_id:
            settings = definition_of(case.flow_version_id).stage(stage.node_id).settings
            turns = Turns(asked, in_sequence=settings.decide == DecideMode.SEQUENCE)
            for item in turns.live():
                assert item.parent_seat is None or turns.at(item.parent_seat) is not None
                is_his_turn = not turns.blockers(item)
                if item.state != ItemState.VACANT:
                    assert (item.state == ItemState.OPEN) == is_his_turn


def check_seats(case: Case, found: list[WorkItem], open_stages: list[Stage]) -> None:
    """No seat of a countersign, a sequence or a vote is lost, and no empty one is kept quiet."""
    definition = definition_of(case.flow_version_id)
    for stage in (stage for stage in open_stages if stage.node_id):
        own = [item for item in found if item.stage_id == stage.pk]
        vacant = [item for item in own if item.state == ItemState.VACANT]
        if definition.stage(stage.node_id).settings.decide == DecideMode.ANY:
            assert not vacant, "one answer is enough: nobody's seat is empty"
            continue
        assert stage.is_blocked or not vacant, "the administrators do not know of an empty seat"
        # Where each seat counts, only an empty one can stop a stage that still asks people.
        assert vacant or not stage.is_blocked or not [i for i in own if i.state in LIVE]


def may_act(case: Case, item: WorkItem) -> bool:
    decided = WorkItem.objects.filter(
        case=case, round=case.round, state=ItemState.DECIDED, kind=ItemKind.DECISION
    ).values_list("decided_by_id", flat=True)
    barred = {case.handler_id, case.creator_id, *decided, *recused(case)}
    if item.assignee is None:
        return bool(set(pool_holders(item)) - barred)
    held = item.pool_role_id is None or holds_pool(item, fresh(item.assignee))
    return held and item.assignee.is_active and item.assignee_id not in barred


def check_tokens(case: Case, open_stages: list[Stage]) -> None:
    """The tokens are those of the open stages, and one a flow before joins that still wait."""
    here = Counter(stage.node_id for stage in open_stages if stage.node_id)
    assert here == Counter(node for node, flow in case.tokens if not flow)
    if case.state != CaseState.IN_APPROVAL:
        assert case.tokens == []
        return
    definition = definition_of(case.flow_version_id)
    waiting = Counter((node, flow) for node, flow in case.tokens if flow)
    assert all(definition.flows[flow].target == node for node, flow in waiting)
    assert set(waiting.values()) <= {1}, "two tokens on one flow"
    for join in {node for node, _flow in waiting}:
        arrived = {flow for node, flow in waiting if node == join}
        assert arrived < {flow.id for flow in definition.incoming(join)}, "the join should fire"
    check_ends(case)


def check_ends(case: Case) -> None:
    """From here the route comes to an end when everybody approves, whatever their order."""
    definition = definition_of(case.flow_version_id)
    values = facts.decode(case.facts, TOY.facts)
    tokens = tuple(walk.Token(*pair) for pair in case.tokens)
    for _step in range(2 * len(definition.elements)):
        stage = next(token for token in tokens if not token.is_waiting)
        step = walk.advance(definition, stage.element_id, values, tokens)
        if step.outcome is not None:
            return
        tokens = step.tokens
    raise AssertionError("the route does not come to an end")


def check_decisions(case: Case, found: list[WorkItem]) -> None:
    decided = [i for i in found if i.state == ItemState.DECIDED and i.kind == ItemKind.DECISION]
    voices = [(i.round, pk) for i in decided for pk in (i.decided_by_id, i.on_behalf_of_id) if pk]
    per_round = Counter(voices)
    assert all(times == 1 for times in per_round.values()), "decided twice in a round"
    people = {item.decided_by_id for item in decided}
    people |= {i.assignee_id for i in found if i.kind != ItemKind.CORRECTION}
    assert not people & {case.handler_id, case.creator_id}, "the handler was asked"


def check_status(case: Case, document: Document) -> None:
    document.refresh_from_db()
    if case.state != CaseState.VOID:  # the documents app writes that one itself
        assert document.wf_status == case.state
    assert document.case_id == case.pk
    assert document.version >= case.document_version


def check_replay(case: Case, found: list[WorkItem], open_stages: list[Stage]) -> None:
    """The history alone says where the case is and who decided what."""
    told = Replay.of(HistoryEvent.objects.filter(case=case).order_by("sequence"), TOY.facts)
    assert told.state == case.state
    assert told.round == case.round
    assert told.is_suspended == (case.suspended_at is not None)
    assert told.nodes == Counter(node for node, flow in case.tokens if not flow)
    assert told.nodes == Counter(s.node_id for s in open_stages if s.node_id)
    assert told.blocked == {s.node_id for s in open_stages if s.is_blocked}
    assert +told.vacant == Counter(
        s.node_id
        for s in open_stages
        for item in found
        if item.stage_id == s.pk and item.state == ItemState.VACANT
    )
    assert told.decided == {
        (item.round, item.decided_by_id): item.decision
        for item in found
        if item.state == ItemState.DECIDED and item.kind == ItemKind.DECISION
    }
    kept = case.conditions.filter(revoked_at=None).order_by("id")
    assert told.conditions == list(kept.values_list("text", flat=True))
