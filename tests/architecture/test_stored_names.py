"""Names that the database keeps: renaming one leaves cases behind that nothing finds any more.

A case stores its flow class, each of its stages the node of that class and the element of the
route. ``stored_names.txt`` lists those that the product ships.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from viewflow.workflow.fields import get_flow_ref, get_task_ref

from documents.registration import shipped_chains
from workflows.bpmn.chain import ChainCopy, ChainStage
from workflows.flows import flow_class_for

STORED = Path(__file__).with_name("stored_names.txt")
RENAMED = (
    "Running cases and published routes keep these names. Write a data migration that renames or"
    " moves what is stored (Case.flow_class, Stage.flow_task, Stage.node_id, FlowDefinition.code,"
    " FlowVersion), then bring tests/architecture/stored_names.txt in line."
)


def shipped_names() -> Iterator[str]:
    """One line a name: flow classes with their nodes, routes with their elements and titles."""
    for kind, chain in shipped_chains():
        flow_class = flow_class_for(kind)
        yield f"flow  {kind}  {get_flow_ref(flow_class)}"
        for node in flow_class.instance.nodes():
            yield f"node  {kind}  {get_task_ref(node)}"
        yield f"route  {kind}  {kind.replace('_', '-')}  {chain.name}  {chain.name_en}"
        for step in chain.nodes:
            assert isinstance(step, ChainStage | ChainCopy)
            yield f"step  {kind}  {step.id}  {step.name}  {step.name_en}"


def test_no_name_that_the_database_keeps_has_changed() -> None:
    stored = [line for line in STORED.read_text().splitlines() if not line.startswith("#")]
    shipped = sorted(shipped_names())
    gone = [line for line in stored if line not in shipped]
    assert not gone, f"not shipped any more: {gone}. {RENAMED}"
    new = [line for line in shipped if line not in stored]
    assert not new, f"new names, to be kept from now on in stored_names.txt: {new}"


def test_every_name_is_listed_once() -> None:
    lines = STORED.read_text().splitlines()
    assert len(lines) == len(set(lines))
    assert lines[1:] == sorted(lines[1:])
