"""Whether a running case can go on in another version of its route, and where; reads only.

The dry run asks this for every case, and the migration once more under the case's lock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflows import facts
from workflows.assignment import resolve
from workflows.bpmn import walk
from workflows.bpmn.courses import is_final
from workflows.bpmn.model import Definition
from workflows.bpmn.placing import Misfit, Placement, place
from workflows.choices import (
    PASSED,
    CaseState,
    Fit,
    ItemKind,
    ItemState,
    MoveReason,
)
from workflows.choosing import with_choices
from workflows.definitions import definition_of
from workflows.kinds import DocumentKind, kind_for
from workflows.models import Case, Stage, WorkItem

#: reasons that another mapping of stages can do away with
_MAPPABLE = (
    MoveReason.GONE,
    MoveReason.OFF_ROUTE,
    MoveReason.NOT_TOGETHER,
    MoveReason.PASSED_BY,
)


@dataclass
class Standing:
    """Where a case stands: open stages, and who decided what in its rounds."""

    case: Case
    open: list[Stage] = field(default_factory=list)
    decided: set[str] = field(default_factory=set)
    decided_before: set[str] = field(default_factory=set)
    people: set[int] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)

    @property
    def place(self) -> str:
        return ", ".join(stage.node_id for stage in self.open)[:300]


@dataclass(frozen=True)
class Move:
    """The answer for one case: whether it fits, why not, and how it would go on."""

    fit: Fit
    reason: MoveReason | None = None
    stages: Sequence[str] = ()
    placement: Placement | None = None
    anew: Sequence[str] = ()
    returned_from: str = ""

    def detail(self) -> dict[str, Any]:
        found: dict[str, Any] = {"stages": list(self.stages)}
        if self.placement is not None:
            found |= {
                "goes_on": dict(self.placement.goes_on),
                "new": list(self.placement.new),
                "passed_by": list(self.placement.passed_by),
                "anew": list(self.anew),
            }
        return found


def standings(cases: Sequence[Case]) -> dict[int, Standing]:
    """Where the cases stand, by two statements for all of them."""
    found = {case.pk: Standing(case) for case in cases}
    stages = Stage.objects.filter(process__in=found).exclude(node_id="").order_by("id")
    for stage in stages:
        standing = found[stage.process_id]
        if stage.is_open:
            standing.open.append(stage)
        elif stage.outcome in PASSED:
            is_now = stage.round == standing.case.round
            (standing.decided if is_now else standing.decided_before).add(stage.node_id)
    answers = WorkItem.objects.filter(
        case__in=found, kind=ItemKind.DECISION, state=ItemState.DECIDED
    ).values_list("case_id", "round", "decided_by_id", "on_behalf_of_id", "stage__node_id")
    for case_id, round_, person, other, node_id in answers:
        standing = found[case_id]
        if round_ == standing.case.round:
            standing.people |= {pk for pk in (person, other) if pk is not None}
            standing.answered.add(node_id)
    return found


def assess(standing: Standing, new: Definition, mapping: Mapping[str, str]) -> Move:
    """How the case would go on in the new version, or why it would not."""
    case = standing.case
    kind = kind_for(case.document_kind)
    old = definition_of(case.flow_version_id)
    if case.state != CaseState.IN_APPROVAL:
        return _with_handler(case, new, mapping)
    try:
        placement = place(
            old,
            new,
            tokens=[walk.Token(*pair) for pair in case.tokens],
            facts=facts.decode(case.facts, kind.facts),
            mapping=mapping,
            decided=standing.decided,
            decided_before=standing.decided_before,
        )
    except Misfit as misfit:
        return _refused(MoveReason(misfit.kind.value), misfit.stages)
    return _asked(standing, placement, old, new, kind)


def stays(standing: Standing, placement: Placement, old: Definition, new: Definition) -> set[str]:
    """The open stages that go on as they are, with their items: same stage, same way to decide.

    One that lacks people is asked anew, unless somebody has answered there: that answer stands.
    """
    return {
        stage
        for stage, other in placement.goes_on.items()
        if stage == other
        and old.stage(stage).settings.decide == new.stage(stage).settings.decide
        and (stage in standing.answered or not _is_blocked(standing, stage))
    }


def _is_blocked(standing: Standing, stage: str) -> bool:
    return any(each.is_blocked for each in standing.open if each.node_id == stage)


def _asked(
    standing: Standing,
    placement: Placement,
    old: Definition,
    new: Definition,
    kind: DocumentKind,
) -> Move:
    """Whether there is somebody at every stage that would be asked."""
    kept = stays(standing, placement, old, new)
    half = [s for s, other in placement.goes_on.items() if s == other and s not in kept]
    half = [stage for stage in half if stage in standing.answered]
    if half:
        return _refused(MoveReason.HALF_DECIDED, half)
    anew = [other for stage, other in placement.goes_on.items() if stage not in kept]
    to_ask = [stage for stage in dict.fromkeys([*anew, *placement.new]) if stage not in kept]
    case = standing.case
    if to_ask and case.suspended_at is not None:
        # Nobody is asked while a case stands still; as it stands it may go into the version.
        return _refused(MoveReason.SUSPENDED, to_ask)
    values = facts.decode(case.facts, kind.facts)
    for stage in to_ask:
        found = resolve(
            with_choices(new.stage(stage).settings, case, stage),
            case,
            kind=kind,
            document=lambda: kind.get(case.document_id),
            decided=standing.people,
        )
        if found.is_empty or found.vacant:
            return _refused(MoveReason.NOBODY, [stage])
        if found.auto_pass and is_final(new, stage, values, placement.tokens):
            return _refused(MoveReason.WOULD_END, [stage])
    return Move(Fit.FITS, placement=placement, anew=tuple(dict.fromkeys(anew)))


def _with_handler(case: Case, new: Definition, mapping: Mapping[str, str]) -> Move:
    """The handler has the document; only 直达退回人 needs the stage that returned it."""
    if not (case.resumes_directly and case.returned_from):
        return Move(Fit.FITS, returned_from=case.returned_from)
    target = mapping.get(case.returned_from, case.returned_from)
    if target not in {stage.id for stage in new.stages()}:
        return _refused(MoveReason.GONE, [case.returned_from])
    return Move(Fit.FITS, returned_from=target)


def _refused(reason: MoveReason, stages: Iterable[str]) -> Move:
    fit = Fit.NEEDS_MAPPING if reason in _MAPPABLE else Fit.BLOCKED
    return Move(fit, reason, tuple(stages))


def grouped(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """How many cases stand at each stage, from (place, number) pairs."""
    found: dict[str, int] = defaultdict(int)
    for places, number in pairs:
        for place_id in places.split(", "):
            if place_id:
                found[place_id] += number
    return dict(found)
