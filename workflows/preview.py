"""The chain a document takes, with people, before it is submitted and while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from lending_crm.common.errors import DomainError
from staff.models import Employee
from workflows import errors, facts
from workflows.assignment import resolve
from workflows.bpmn import walk
from workflows.bpmn.courses import Waves, course_ahead, course_of
from workflows.bpmn.grid import place
from workflows.bpmn.model import AssigneeKind, DecideMode, Definition, OnEmpty, Stage
from workflows.bpmn.words import why_skipped
from workflows.choices import APPROVING, LIVE, CaseState, ItemState, StageOutcome
from workflows.choosing import CHOSEN, candidates, choice_at, rule_of, with_choices
from workflows.conflicts import abstaining
from workflows.definitions import definition_of
from workflows.finding import holders_at_once
from workflows.kinds import DocumentKind
from workflows.models import Case, WorkItem
from workflows.resubmission import returner_of
from workflows.screens.reasons import seat_words
from workflows.seats import Resolution, name_with


@dataclass(frozen=True)
class PreviewStep:
    """One stage of the chain.

    ``state``: ``done``, ``current``, ``ahead``, ``auto`` (will pass by itself), ``empty``
    (nobody is there: the case would stop, or go where the policy says) or ``skipped``
    (not on the way of this document, ``reason`` in words). ``wave`` is equal for stages that
    open side by side and 0 for what is skipped or past; ``recused`` are people whom the rules
    name and who must abstain (WF-17); ``empty_seats`` are seats that nobody holds and that the
    step waits for. ``choice`` is set where
    somebody chooses the people: ``applicant`` (``options`` are then those to choose among) or
    ``previous``.
    """

    node_id: str
    title: str
    state: str
    mode: str
    people: Sequence[str] = ()
    reason: str = ""
    wave: int = 0
    recused: Sequence[str] = ()
    empty_seats: Sequence[str] = ()
    choice: str = ""
    options: Sequence[Employee] = ()
    chosen: Sequence[int] = ()
    is_single: bool = False


def draft_case(kind: DocumentKind, document: Any, flow_version_id: int, now: datetime) -> Case:
    """A case that is only thought: what a submission at this moment would begin with.

    Who had the document and has submitted it is left out, as a submission again leaves him out.
    """
    summary = kind.summary(document)
    case = Case(
        pk=summary.case_id,
        document_kind=kind.code,
        flow_version_id=flow_version_id,
        handler_id=summary.handler_id,
        creator_id=summary.creator_id,
        branch_id=summary.branch_id,
        department_id=summary.department_id,
        amount=summary.amount,
        facts=facts.encode(kind.collect_facts(document, now=now)),
    )
    case.recusals = abstaining(kind, document, case)
    return case


def check_route(
    kind: DocumentKind, document: Any, case: Case, *, at: str | None = None
) -> list[DomainError]:
    """What keeps the case from running: no way through (WF-10), nobody at a stage (WF-11)."""
    definition = definition_of(case.flow_version_id)
    values = facts.decode(case.facts, kind.facts)
    try:
        stages = _stages_of(definition, _ahead(definition, values, at))
    except walk.WalkError:
        return [errors.no_flow()]
    if not stages and not kind.ends_by_handler(document):
        return [errors.no_flow()]
    return [
        errors.no_approver(stage.name)
        for stage, found in _people_of(stages, kind, document, case, set())
        if found.is_empty and not _may_choose(stage, case)
    ]


def against(
    kind: DocumentKind, document: Any, case: Case, steps: Sequence[PreviewStep]
) -> list[DomainError]:
    """What ``check_route`` says, of a chain whose people have been found (WF-10, WF-11)."""
    ahead = [step for step in steps if step.state != "skipped"]
    if not ahead and not kind.ends_by_handler(document):
        return [errors.no_flow()]
    definition = definition_of(case.flow_version_id)
    empty = [step.node_id for step in ahead if step.state == "empty"]
    return [errors.no_approver(definition.stage(node_id).name) for node_id in empty]


def stages_ahead(kind: DocumentKind, case: Case, *, at: str | None = None) -> list[Stage]:
    """The stages on the way of the case's facts; raises WF-10 when there is no way."""
    definition = definition_of(case.flow_version_id)
    values = facts.decode(case.facts, kind.facts)
    try:
        return _stages_of(definition, _ahead(definition, values, at))
    except walk.WalkError as error:
        raise errors.no_flow() from error


def _may_choose(stage: Stage, case: Case) -> bool:
    """Whether somebody has still to choose the people of the stage, and can."""
    rules = [rule for rule in stage.settings.assignees if rule.kind in CHOSEN]
    return any(candidates(stage, rule, case) for rule in rules)


def preview_submission(
    kind: DocumentKind,
    document: Any,
    case: Case,
    *,
    language: str,
    now: datetime | None = None,
    definition: Definition | None = None,
) -> list[PreviewStep]:
    """The whole chain of a document that is not in approval; raises WF-10.

    With ``now`` the delegates of those who are away then are named. ``definition`` is another
    route than that of the case's version: a draft. A case with ``returned_from`` goes straight
    back to that stage: who returned it takes it up, and what was decided before stands.
    """
    at = case.returned_from or None
    definition = definition or definition_of(case.flow_version_id)
    values = facts.decode(case.facts, kind.facts)
    try:
        waves = _ahead(definition, values, at)
    except walk.WalkError as error:
        raise errors.no_flow() from error
    ahead = _stages_of(definition, waves)
    numbers = _wave_numbers(waves)
    returner = returner_of(case) if at else None
    steps = {}
    for stage, found in _people_of(ahead, kind, document, case, set(), now):
        asked = found.taken_up_by(returner) if stage.id == at else found
        step = _step(stage, asked, language, numbers[stage.id])
        steps[stage.id] = _to_choose(stage, case, step)
    if at:
        earlier = list(case.items.select_related("stage", "decided_by").order_by("id"))
        for stage in definition.stages():
            last = next((i for i in reversed(earlier) if _decided_at(i, stage)), None)
            if last is not None:
                steps.setdefault(stage.id, _done(stage, last, earlier, language))
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
    """The chain of a running case: what was decided, who holds it, who comes next; of a case
    that is back with its handler: what it meets when he submits it again.

    ``items`` are the case's items of the present round with their stages, ``earlier`` those of
    the rounds before: a round that began in the middle of the chain stands on them.
    """
    definition = definition_of(case.flow_version_id)
    values = facts.decode(case.facts, kind.facts)
    steps: dict[str, PreviewStep] = {}
    decided: set[int] = set()
    for item in items:
        node_id = item.stage.node_id
        if item.state == ItemState.DECIDED:
            decided |= {pk for pk in (item.decided_by_id, item.on_behalf_of_id) if pk}
        if node_id in definition.elements and not item.stage.is_open:
            stage = definition.stage(node_id)
            steps[node_id] = _done(stage, item, items, language)
    for stage, person in _passed_by_itself(definition, case):
        steps.setdefault(stage.id, _step_with(stage, "auto", [person], language))
    tokens = tuple(walk.Token(*pair) for pair in case.tokens)
    waves = _from_here(definition, values, case, tokens)
    numbers = _wave_numbers(waves)
    for token in tokens:
        if not token.is_waiting:
            stage = definition.stage(token.element_id)
            waiting = _waiting_at(stage, items)
            names = [name_with(i.assignee, i.on_behalf_of) for i in waiting if i.assignee]
            if not names and any(
                i.pool_role_id for i in waiting
            ):  # it lies in a pool: who may take it
                [(_stage, asked)] = _people_of([stage], kind, document, case, decided, now)
                names = asked.names()
            held = _step_with(stage, "current", names, language)
            empty = [seat_words(i.reason) for i in waiting if i.state == ItemState.VACANT]
            steps[stage.id] = replace(held, wave=numbers[stage.id], empty_seats=empty)
    for stage in _before_the_round(definition, items):
        last = next((i for i in reversed(earlier) if _decided_at(i, stage)), None)
        if last is not None:
            steps.setdefault(stage.id, _done(stage, last, earlier, language))
    for stage, found in _people_of(
        _stages_of(definition, waves[1:]), kind, document, case, decided, now
    ):
        if stage.id not in {token.element_id for token in tokens}:
            step = _step(stage, found, language, numbers[stage.id])
            steps[stage.id] = _to_choose(stage, case, step)
    return _in_order(definition, steps, kind, values, language)


def _ahead(definition: Definition, values: dict[str, Any], at: str | None) -> Waves:
    """The whole chain, or what follows from a stage on with the branches that run beside it."""
    if at is None:
        course = course_of(definition, values)
        if course.stuck_at:
            raise walk.NoWayOut(course.stuck_at, "the document has no way through")
        return course.waves
    return course_ahead(definition, values, walk.enter(definition, at, values).tokens)


def _from_here(
    definition: Definition, values: dict[str, Any], case: Case, tokens: tuple[walk.Token, ...]
) -> Waves:
    """Where a submitted case stands, then what follows from there."""
    if case.state in (CaseState.RETURNED, CaseState.WITHDRAWN):
        # With its handler it stands nowhere on the route; the whole of it may be ahead again.
        return ((), *course_of(definition, values).waves)
    return course_ahead(definition, values, tokens) if tokens else ()


def _stages_of(definition: Definition, waves: Waves) -> list[Stage]:
    return [definition.stage(stage_id) for wave in waves for stage_id in wave]


def _wave_numbers(waves: Waves) -> dict[str, int]:
    return {stage: number for number, wave in enumerate(waves, start=1) for stage in wave}


def _passed_by_itself(definition: Definition, case: Case) -> list[tuple[Stage, str]]:
    """Stages of this round that passed automatically, with whose decision they took over."""
    passed = case.stages.filter(round=case.round, outcome=StageOutcome.AUTO_PASSED)
    return [
        (definition.stage(node_id), person)
        for node_id, person in passed.values_list("node_id", "outcome_reason")
        if node_id in definition.elements
    ]


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
    settings = [with_choices(stage.settings, case, stage.id) for stage in stages]
    with holders_at_once((rule for each in settings for rule in each.assignees), case):
        for stage, each in zip(stages, settings, strict=True):
            people = resolve(
                each, case, kind=kind, document=lambda: document, decided=decided, now=now
            )
            found.append((stage, people))
            asked = people.people()
            if len(asked) == 1 or stage.settings.decide != DecideMode.ANY:
                decided |= {person.pk for person in asked}
                decided |= {seat.on_behalf_of.pk for seat in people.seats if seat.on_behalf_of}
    return found


def _step(stage: Stage, found: Resolution, language: str, wave: int) -> PreviewStep:
    state = "auto" if found.auto_pass else "empty" if found.is_empty else "ahead"
    people = found.names() or [found.auto_pass]
    return PreviewStep(
        stage.id,
        stage.title(language),
        state,
        stage.settings.decide.value,
        [name for name in people if name],
        OnEmpty.STOP.value if found.is_empty else "",
        wave,
        [person.name for person in found.recused],
        [seat_words(vacancy.reason) for vacancy in found.vacant],
    )


def _to_choose(stage: Stage, case: Case, step: PreviewStep) -> PreviewStep:
    """A step whose people are chosen is not empty while somebody has still to choose."""
    by_applicant = rule_of(stage, AssigneeKind.APPLICANT)
    if by_applicant is not None:
        choice = choice_at(stage, by_applicant, case, "zh-hans")
        if choice.candidates:
            return replace(
                step,
                state="ahead",
                reason="",
                empty_seats=(),
                choice="applicant",
                options=choice.candidates,
                chosen=choice.chosen,
                is_single=choice.is_single,
            )
    elif rule_of(stage, AssigneeKind.PREVIOUS) is not None and _may_choose(stage, case):
        return replace(step, state="ahead", reason="", empty_seats=(), choice="previous")
    return step


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
    """All stages in the order of the drawing; those not on the way say why."""
    ordered = []
    grid = place(definition)
    stages = sorted(definition.stages(), key=lambda s: (grid.layers[s.id], grid.rows[s.id]))
    for stage in stages:
        step = steps.get(stage.id)
        if step is None:
            reason = why_skipped(definition, stage.id, kind.condition_facts, language=language)
            reason = reason or gettext("not on the way from here")
            step = PreviewStep(
                stage.id,
                stage.title(language),
                "skipped",
                stage.settings.decide.value,
                reason=reason,
            )
        ordered.append(step)
    return ordered
