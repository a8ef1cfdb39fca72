"""What an administrator does in the list editor: pure functions from one list to the next."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Literal

from workflows.bpmn.chain import Chain, ChainCopy, ChainNode, ChainService, ChainStage
from workflows.bpmn.conditions import Condition
from workflows.bpmn.model import AssigneeRule, StageSettings

NodeKind = Literal["stage", "copy", "service"]


def new_node_id(chain: Chain, kind: NodeKind = "stage", taken: Collection[str] = ()) -> str:
    """``stage_<n>`` behind every number in use.

    ``taken`` are the ids of earlier versions: cases store ids, so a new node never gets the
    id of one that was removed.
    """
    used = {*taken, *(node.id for node in chain.nodes), chain.start.id, chain.end.id}
    used.add(chain.process_id)
    prefix = f"{kind}_"
    numbers = [
        int(each.removeprefix(prefix))
        for each in used
        if each.startswith(prefix) and each.removeprefix(prefix).isdecimal()
    ]
    return f"{prefix}{max(numbers, default=0) + 1}"


def blank_node(kind: NodeKind, node_id: str, name: str, name_en: str) -> ChainNode:
    """A node of the kind without any settings."""
    match kind:
        case "stage":
            return ChainStage(node_id, name, name_en)
        case "copy":
            return ChainCopy(node_id, name, name_en)
    return ChainService(node_id, name, name_en)


def add_node(
    chain: Chain,
    *,
    after: str | None = None,
    kind: NodeKind = "stage",
    name: str = "",
    name_en: str = "",
    taken: Collection[str] = (),
) -> Chain:
    """A new node behind ``after``, or at the beginning. Raises KeyError for an unknown id."""
    at = 0 if after is None else _index(chain, after) + 1
    node_id = new_node_id(chain, kind, taken)
    node = blank_node(kind, node_id, name, name_en)
    return replace(chain, nodes=(*chain.nodes[:at], node, *chain.nodes[at:]))


def remove_node(chain: Chain, node_id: str) -> Chain:
    at = _index(chain, node_id)
    return replace(chain, nodes=chain.nodes[:at] + chain.nodes[at + 1 :])


def move_node(chain: Chain, node_id: str, position: int) -> Chain:
    """The node at ``position``, counted from 0; past the ends means the first or the last."""
    at = _index(chain, node_id)
    rest = chain.nodes[:at] + chain.nodes[at + 1 :]
    position = max(0, min(position, len(rest)))
    return replace(chain, nodes=(*rest[:position], chain.nodes[at], *rest[position:]))


def rename_node(chain: Chain, node_id: str, *, name: str, name_en: str) -> Chain:
    """New titles; the id stays, so that running cases find their node."""
    return _put(chain, replace(chain.node(node_id), name=name, name_en=name_en))


def set_condition(chain: Chain, node_id: str, condition: Condition | None) -> Chain:
    """Meet the node only when the condition holds, or always."""
    return _put(chain, replace(chain.node(node_id), condition=condition))


def update_settings(chain: Chain, node_id: str, settings: StageSettings) -> Chain:
    """Raises TypeError for a node that is no stage."""
    node = chain.node(node_id)
    if not isinstance(node, ChainStage):
        raise TypeError(f"{node_id} is no stage")
    return _put(chain, replace(node, settings=settings))


def update_recipients(chain: Chain, node_id: str, assignees: tuple[AssigneeRule, ...]) -> Chain:
    """Who gets a copy. Raises TypeError for a node that is no copy."""
    node = chain.node(node_id)
    if not isinstance(node, ChainCopy):
        raise TypeError(f"{node_id} is no copy")
    return _put(chain, replace(node, assignees=assignees))


def _index(chain: Chain, node_id: str) -> int:
    for index, node in enumerate(chain.nodes):
        if node.id == node_id:
            return index
    raise KeyError(node_id)


def _put(chain: Chain, changed: ChainNode) -> Chain:
    at = _index(chain, changed.id)
    return replace(chain, nodes=(*chain.nodes[:at], changed, *chain.nodes[at + 1 :]))
