"""Publish checks on stages whose people somebody chooses: that there is somebody, in time."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.utils.translation import gettext_lazy as _

from workflows.bpmn.answers import ANSWERS, asking_gateways
from workflows.bpmn.conditions import fact_names
from workflows.bpmn.findings import Finding
from workflows.bpmn.model import (
    AssigneeKind,
    CopyTask,
    DecideMode,
    Definition,
    Element,
    Stage,
    StartEvent,
)
from workflows.bpmn.naming import about_element, active_language
from workflows.bpmn.structure_checks import closure


def choice_findings(definition: Definition, element: Stage | CopyTask) -> Iterator[Finding]:
    """Whether there is anybody who could choose the people of the element."""
    rules = element.settings.assignees if isinstance(element, Stage) else element.assignees
    kinds = {rule.kind for rule in rules}
    if isinstance(element, CopyTask):
        if kinds & {AssigneeKind.APPLICANT, AssigneeKind.PREVIOUS}:
            yield about_element(
                "cannot-choose",
                element,
                _("“%(element)s”: nobody chooses who gets a copy; name a role or people."),
            )
        return
    if _is_chosen_too_early(definition, element.id, kinds):
        yield about_element(
            "answer-chooses",
            element,
            _(
                "“%(element)s”: whether it is met depends on the answer of the step before, so "
                "nobody can choose its people beforehand; name a role or people."
            ),
        )
    if AssigneeKind.PREVIOUS not in kinds:
        return
    for before in _deciders_before(definition, element.id):
        if not isinstance(before, Stage):
            yield about_element(
                "nobody-chooses",
                element,
                _("“%(element)s”: nobody decides before it who could choose its people."),
            )
        elif before.settings.decide is DecideMode.VOTE:
            yield about_element(
                "vote-chooses",
                element,
                _("“%(element)s”: the vote at “%(before)s” cannot choose its people."),
                before=before.title(active_language()) or before.id,
            )
        elif before.settings.passes_by_itself:
            yield about_element(
                "passing-chooses",
                element,
                _(
                    "“%(element)s”: “%(before)s” may pass by itself, and then nobody chooses its "
                    "people."
                ),
                before=before.title(active_language()) or before.id,
            )


def _is_chosen_too_early(
    definition: Definition, element_id: str, kinds: Collection[AssigneeKind]
) -> bool:
    """Whether people would be chosen before the answer that decides where the route goes.

    The approver before chooses with his answer, the applicant among the stages of the way on
    which everybody approves plainly.
    """
    if AssigneeKind.PREVIOUS in kinds:
        ahead = (_between(definition, gateway.id) for gateway in asking_gateways(definition))
        if any(element_id in stages for stages in ahead):
            return True
    if AssigneeKind.APPLICANT not in kinds:
        return False
    starts = [e.id for e in definition.elements.values() if isinstance(e, StartEvent)]
    return element_id not in closure(starts, lambda node: _plainly_after(definition, node))


def _plainly_after(definition: Definition, element_id: str) -> list[str]:
    """What follows without a condition on an answer."""
    flows = definition.outgoing(element_id)
    plain = [flow.target for flow in flows if not ANSWERS & fact_names(flow.condition)]
    return plain + [timer.id for timer in definition.timers(element_id)]


def _between(definition: Definition, gateway_id: str) -> set[str]:
    """The stages that open next behind a gateway."""
    found: set[str] = set()
    seen: set[str] = set()
    todo = [flow.target for flow in definition.outgoing(gateway_id)]
    while todo:
        current = todo.pop()
        if isinstance(definition.elements[current], Stage):
            found.add(current)
        elif current not in seen:
            seen.add(current)
            todo += [flow.target for flow in definition.outgoing(current)]
    return found


def _deciders_before(definition: Definition, element_id: str) -> list[Element]:
    """The stages from which an element is reached directly; the start where there is none."""
    found: dict[str, Element] = {}
    seen: set[str] = set()
    todo = [flow.source for flow in definition.incoming(element_id)]
    while todo:
        current = todo.pop()
        element = definition.elements.get(current)
        if current in seen or element is None:
            continue
        seen.add(current)
        if isinstance(element, Stage | StartEvent):
            found[current] = element
        else:
            todo += [flow.source for flow in definition.incoming(current)]
    return list(found.values())
