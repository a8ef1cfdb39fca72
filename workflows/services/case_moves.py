"""迁移一个单据: bring one running case to another version, under its lock, in one transaction."""

from __future__ import annotations

from typing import Any

from workflows import errors, route
from workflows.act import Act
from workflows.bpmn import walk
from workflows.choices import CaseState, EventKind, ItemState, StageOutcome
from workflows.definitions import definition_of
from workflows.models import FlowMigration, FlowVersion, Stage
from workflows.moving import Move, Standing, stays
from workflows.pools import pool_holders
from workflows.timing.clock import retime


def move_case(act: Act, standing: Standing, move: Move, migration: FlowMigration) -> None:
    """Write the move; raises FLOW-37 when nobody could act on the case afterwards.

    A stage that is the same in both versions keeps its items, their owners, the time they
    arrived and their clock; a limit that differs moves what is due. Other open stages close and
    stay on record, and the stages in which they go on ask their people anew. A suspended case
    stays suspended; only one at which all open stages stay is moved.
    """
    case, target = act.case, migration.target
    old = case.flow_version
    placement = move.placement
    before = definition_of(old.pk)
    case.flow_version = target
    act.moved()
    moved = act.record(
        EventKind.MIGRATED,
        opinion=migration.reason,
        data=_said(old, target, move, migration),
    )
    if placement is None:
        case.returned_from = move.returned_from
        act.commit()
        return
    act.tokens = placement.tokens
    kept = stays(standing, placement, before, act.definition)
    moved.data["kept"] = sorted(kept)
    by_node = {stage.node_id: stage for stage in act.open_stages() if stage.node_id}
    node = next(iter(by_node.values())).flow_task
    for node_id, stage in by_node.items():
        if node_id in kept:
            _rename(stage, act)
        else:
            act.close_stage(stage, StageOutcome.CLOSED)
    # The clock runs on from where it began; only another limit moves what is due.
    retime(act, [stage for node_id, stage in by_node.items() if node_id in kept])
    opening = [*move.anew, *placement.new]
    for node_id in dict.fromkeys(opening):
        if node_id not in kept:
            _open(act, node, node_id)
    _check_somebody_can_act(act)
    act.commit()


def _said(
    old: FlowVersion, target: FlowVersion, move: Move, migration: FlowMigration
) -> dict[str, Any]:
    placed = move.placement
    said: dict[str, Any] = {
        "from": old.number,
        "to": target.number,
        "migration": migration.pk,
        "returned_from": move.returned_from,
    }
    if move.placement is not None:
        placed = move.placement
        said |= {
            "mapping": dict(placed.goes_on),
            "new": list(placed.new),
            "entered": [[token.element_id, token.flow_id] for token in placed.tokens],
        }
    return said


def _rename(stage: Stage, act: Act) -> None:
    """The open step bears the new version's name; what is past keeps its own."""
    element = act.definition.stage(stage.node_id)
    names = {
        "title": element.name,
        "title_en": element.name_en,
        "duty_line": element.settings.duty_line,
    }
    if any(getattr(stage, name) != value for name, value in names.items()):
        Stage.objects.filter(pk=stage.pk).update(**names)


def _open(act: Act, node: Any, node_id: str) -> None:
    stage = route.new_stage(act.case, node, arrival=walk.Arrival(node_id, ()))
    activation = node.activation_class(stage)
    activation.activate()
    if activation.create_next.can_proceed():
        activation.activate_next()


def _check_somebody_can_act(act: Act) -> None:
    """No migration may end with a case that waits for nobody, nor end the case."""
    if act.case.state != CaseState.IN_APPROVAL:
        raise errors.nobody_could_act()
    waiting = [item for item in act.items if item.state == ItemState.OPEN]
    if not any(
        item.assignee.is_active if item.assignee is not None else pool_holders(item)
        for item in waiting
    ):
        raise errors.nobody_could_act()
