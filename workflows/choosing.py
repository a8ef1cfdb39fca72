"""Stages whose people are chosen: by the applicant at submission, or by the approver before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lending_crm.common.errors import DomainError
from staff.choices import DutyLine, RoleCode
from staff.models import Employee
from workflows import asking_errors, facts
from workflows.bpmn import walk
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    DecideMode,
    Definition,
    Stage,
    StageSettings,
)
from workflows.conflicts import recused
from workflows.finding import holders_of
from workflows.kinds import kind_for
from workflows.models import Case

CHOSEN = (AssigneeKind.APPLICANT, AssigneeKind.PREVIOUS)
CHOSEN_AT_MOST = 20
#: more colleagues than anybody reads through; a role narrows them
OFFERED_AT_MOST = 300

Choices = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Choice:
    """One stage whose people somebody has to choose, and among whom."""

    node_id: str
    title: str
    candidates: Sequence[Employee]
    chosen: Sequence[int] = ()
    #: one is enough where one decides; several may be chosen anywhere
    is_single: bool = False


def rule_of(stage: Stage, kind: AssigneeKind) -> AssigneeRule | None:
    return next((rule for rule in stage.settings.assignees if rule.kind == kind), None)


def with_choices(settings: StageSettings, case: Case, node_id: str) -> StageSettings:
    """The settings with the people who were chosen for this case put into their rules."""
    if not any(rule.kind in CHOSEN for rule in settings.assignees):
        return settings
    people = tuple(case.choices.get(node_id, ()))
    rules = tuple(
        replace(rule, people=people) if rule.kind in CHOSEN else rule for rule in settings.assignees
    )
    return replace(settings, assignees=rules)


def candidates(stage: Stage, rule: AssigneeRule, case: Case) -> list[Employee]:
    """Who may be chosen: holders of the rule's role, or else of a role of the duty line.

    Never who handles or created the document, or is related to its parties (WF-17).
    """
    barred = {case.handler_id, case.creator_id, *recused(case)}
    people = Employee.objects.filter(is_active=True).exclude(pk__in=barred)
    if rule.role:
        found = people.filter(pk__in=[row.employee_id for row in holders_of(rule, case)])
    else:
        deciding = Employee.objects.filter(
            role_assignments__duty_line__in=[stage.settings.duty_line, DutyLine.MANAGEMENT]
        ).exclude(role_assignments__role__code=RoleCode.AM)
        found = people.filter(pk__in=deciding)
    return list(found.order_by("employee_no", "pk")[:OFFERED_AT_MOST])


def choice_at(stage: Stage, rule: AssigneeRule, case: Case, language: str) -> Choice:
    return Choice(
        stage.id,
        stage.title(language),
        candidates(stage, rule, case),
        tuple(case.choices.get(stage.id, ())),
        is_single=stage.settings.decide == DecideMode.ANY,
    )


def take_choices(
    case: Case, stages: Sequence[Stage], given: Choices, *, kind: AssigneeKind, required: bool
) -> list[DomainError]:
    """Keep what was chosen for the stages in the case; what stands against it, all at once.

    What was chosen before stands where nothing is given. Choices for other stages are
    refused: nobody decides where he is not asked.
    """
    asked = {stage.id: stage for stage in stages if rule_of(stage, kind) is not None}
    found = [asking_errors.nothing_to_choose(node_id) for node_id in given if node_id not in asked]
    choices = dict(case.choices)
    for node_id, stage in asked.items():
        chosen = list(dict.fromkeys(given.get(node_id, choices.get(node_id, ()))))
        if not chosen:
            if required:
                found.append(asking_errors.choice_missing(stage.name, node_id))
            continue
        if len(chosen) > CHOSEN_AT_MOST:
            found.append(asking_errors.too_many_chosen(CHOSEN_AT_MOST, node_id))
            continue
        rule = rule_of(stage, kind)
        assert rule is not None  # noqa: S101 - asked holds only stages with the rule
        allowed = {person.pk for person in candidates(stage, rule, case)}
        if set(chosen) <= allowed:
            choices[node_id] = chosen
        else:
            found.append(asking_errors.bad_choice(stage.name, node_id))
    case.choices = choices
    return found


def chosen_by_previous(definition: Definition, stages: Sequence[str]) -> list[Stage]:
    """Those of the stages whose people the approver before them chooses."""
    found = [definition.stage(node_id) for node_id in stages]
    return [stage for stage in found if rule_of(stage, AssigneeKind.PREVIOUS) is not None]


def next_choices(case: Case, stage_id: str, definition: Definition, language: str) -> list[Choice]:
    """What the approver at a stage chooses: the people of the stages that open after it."""
    if not definition.chooses_next:
        return []
    values = facts.decode(case.facts, kind_for(case.document_kind).facts)
    tokens = tuple(walk.Token(*pair) for pair in case.tokens)
    step = walk.advance(definition, stage_id, values, tokens)
    names = [arrival.element_id for arrival in step.arrivals]
    stages = [name for name in names if isinstance(definition.elements[name], Stage)]
    return [
        choice_at(stage, rule, case, language)
        for stage in chosen_by_previous(definition, stages)
        if (rule := rule_of(stage, AssigneeKind.PREVIOUS)) is not None
    ]


def keep_applicants(case: Case, definition: Definition) -> dict[str, Any]:
    """What the applicant chose; the approvers of the round before choose anew."""
    return {
        stage.id: case.choices[stage.id]
        for stage in definition.stages()
        if stage.id in case.choices and rule_of(stage, AssigneeKind.APPLICANT) is not None
    }
