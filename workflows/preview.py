"""The chain a document takes, with people, before it is submitted and while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lending_crm.common.errors import DomainError
from workflows import errors, facts
from workflows.assignment import Resolution, name_with, resolve
from workflows.bpmn import walk
from workflows.bpmn.model import DecideMode, Definition, OnEmpty, Stage
from workflows.bpmn.words import why_skipped
from workflows.choices import APPROVING, LIVE, ItemState
from workflows.definitions import definition_of
from workflows.kinds import DocumentKind
from workflows.models import Case, WorkItem


@dataclass(frozen=True)
class PreviewStep:
    """One stage of the chain.

    ``state``: ``done``, ``current``, ``ahead``, ``auto`` (will pass by itself), ``empty``
    (nobody is there: the case would stop, or go where the policy says) or ``skipped``
    (not on the way of this document, ``reason`` in words).
    """

    node_id: str
    title: str
    state: str
    mode: str
    people: Sequence[str] = ()
    reason: str = ""


def draft_case(kind: DocumentKind, document: Any, flow_version_id: int, now: datetime) -> Case:
    """A case that is only thought: what a submission at this moment would begin with."""
    summary = kind.summary(document)
    return Case(
        document_kind=kind.code,
        flow_version_id=flow_version_id,
        handler_id=summary.handler_id,
        creator_id=summary.creator_id,
        branch_id=summary.branch_id,
        department_id=summary.department_id,
        amount=summary.amount,
        facts=facts.encode(kind.collect_facts(document, now=now)),
    )


def check_route(
    kind: DocumentKind, document: Any, case: Case, *, at: str | None = None
) -> list[DomainError]:
    """What keeps the case from running: no way through (WF-10), nobody at a stage (WF-11)."""
    definition = definition_of(case.flow_version_id)
    values = facts.decode(case.facts, kind.facts)
    try:
        stages = _ahead(definition, values, at)
    except walk.WalkError:
        return [errors.no_flow()]
    if not stages:
        return [errors.no_flow()]
    return [
        errors.no_approver(stage.name)
        for stage, found in _people_of(stages, kind, document, case, set())
        if found.is_empty
    ]


def preview_submission(
    kind: DocumentKind,
    document: Any,
    case: Case,
    *,
    language: str,
    now: datetime | None = None,
) -> list[PreviewStep]:
    """The whole chain of a document that is not in approval; raises WF-10.

    With ``now`` the delegates of those who are away then are named.
    """
    definition = definition_of(case.flow_version_id)
    values = facts.decode(case.facts, kind.facts)
    try:
        ahead = _ahead(definition, values, None)
    except walk.WalkError as error:
        raise errors.no_flow() from error
    steps = {
        stage.id: _step(stage, found, language)
        for stage, found in _people_of(ahead, kind, document, case, set(), now)
    }
    return _in_order(definition, steps, kind, values, language)


def preview_running(
    kind: DocumentKind,
    document: Any,
    case: Case,
    items: Sequence[WorkItem],
    *,
    earlier: Sequence[WorkItem] = (),
    language: str,
    now: datetime | None = None,
) -> list[PreviewStep]:
    """The chain of a running case: what was decided, who holds it, who comes next.

    ``items`` are the case's items of the present round with their stages, ``earlier`` those of
    the rounds before: a round that began in the middle of the chain stands on them.
    """
    definition = definition_of(case.flow_version_id)
    values = facts.decode(case.facts, kind.facts)
    steps: dict[str, PreviewStep] = {}
    decided: set[int] = set()
    for item in items:
        node_id = item.stage.node_id
        if item.state == ItemState.DECIDED and item.decided_by_id:
            decided.add(item.decided_by_id)
        if node_id in definition.elements and not item.stage.is_open:
            stage = definition.stage(node_id)
            steps[node_id] = _done(stage, item, items, language)
    tokens = tuple(walk.Token(*pair) for pair in case.tokens)
    for token in tokens:
        if not token.is_waiting:
            stage = definition.stage(token.element_id)
            waiting = _waiting_at(stage, items)
            names = [name_with(i.assignee, i.on_behalf_of) for i in waiting if i.assignee]
            if waiting and not names:  # it lies in a pool: who may take it
                [(_stage, asked)] = _people_of([stage], kind, document, case, decided, now)
                names = asked.names()
            steps[stage.id] = _step_with(stage, "current", names, language)
    for stage in _before_the_round(definition, items):
        last = next((i for i in reversed(earlier) if _decided_at(i, stage)), None)
        if last is not None:
            steps.setdefault(stage.id, _done(stage, last, earlier, language))
    for token in tokens:
        if token.is_waiting:
            continue
        ahead = walk.remaining(definition, token.element_id, values, tokens)
        for stage, found in _people_of(ahead, kind, document, case, decided, now):
            steps.setdefault(stage.id, _step(stage, found, language))
    return _in_order(definition, steps, kind, values, language)


def _ahead(definition: Definition, values: dict[str, Any], at: str | None) -> list[Stage]:
    if at is None:
        return walk.remaining(definition, definition.start.id, values)
    return [definition.stage(at), *walk.remaining(definition, at, values)]


def _people_of(
    stages: Sequence[Stage],
    kind: DocumentKind,
    document: Any,
    case: Case,
    decided: set[int],
    now: datetime | None = None,
) -> list[tuple[Stage, Resolution]]:
    """The people of each stage, taking it that a stage with one person is decided by him."""
    decided = set(decided)
    found = []
    for stage in stages:
        people = resolve(
            stage.settings, case, kind=kind, document=lambda: document, decided=decided, now=now
        )
        found.append((stage, people))
        asked = people.people()
        if len(asked) == 1 or stage.settings.decide != DecideMode.ANY:
            decided |= {person.pk for person in asked}
    return found


def _step(stage: Stage, found: Resolution, language: str) -> PreviewStep:
    state = "auto" if found.auto_pass else "empty" if found.is_empty else "ahead"
    people = found.names() or [found.auto_pass]
    return PreviewStep(
        stage.id,
        stage.title(language),
        state,
        stage.settings.decide.value,
        [name for name in people if name],
        OnEmpty.STOP.value if found.is_empty else "",
    )


def _before_the_round(definition: Definition, items: Sequence[WorkItem]) -> list[Stage]:
    """The stages that stand before the first one of this round."""
    stages = list(definition.stages())
    opened = {item.stage.node_id for item in items}
    first = next((n for n, stage in enumerate(stages) if stage.id in opened), 0)
    return stages[:first]


def _decided_at(item: WorkItem, stage: Stage) -> bool:
    return item.stage.node_id == stage.id and item.decision in APPROVING


def _done(stage: Stage, item: WorkItem, items: Sequence[WorkItem], language: str) -> PreviewStep:
    names = [i.decided_by.name for i in items if i.stage_id == item.stage_id and i.decided_by]
    return _step_with(stage, "done", names, language)


def _waiting_at(stage: Stage, items: Sequence[WorkItem]) -> list[WorkItem]:
    """Who is asked now, then those whose turn comes later."""
    live = [i for i in items if i.stage.node_id == stage.id and i.state in LIVE]
    return sorted(live, key=lambda i: (i.state != ItemState.OPEN, i.seat))


def _step_with(stage: Stage, state: str, names: Sequence[str], language: str) -> PreviewStep:
    mode = stage.settings.decide.value
    return PreviewStep(stage.id, stage.title(language), state, mode, names)


def _in_order(
    definition: Definition,
    steps: dict[str, PreviewStep],
    kind: DocumentKind,
    values: dict[str, Any],
    language: str,
) -> list[PreviewStep]:
    """All stages in the order of the diagram; those not on the way say why."""
    ordered = []
    for stage in definition.stages():
        step = steps.get(stage.id)
        if step is None:
            reason = why_skipped(definition, stage.id, kind.facts, language=language)
            step = PreviewStep(
                stage.id,
                stage.title(language),
                "skipped",
                stage.settings.decide.value,
                reason=reason,
            )
        ordered.append(step)
    return ordered
