"""Reads of the engine; one function a question."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery

from workflows.bpmn import walk
from workflows.bpmn.upstream import reaching
from workflows.choices import APPROVING, PASSED, EventKind, ItemState, StageOutcome
from workflows.models import Case, HistoryEvent, Stage, WorkItem


class Visit(NamedTuple):
    """The latest visit to a node that the route has not led back in front of."""

    stage_id: int
    round: int
    outcome: str


def approving_items(case: Case, stages: Collection[int]) -> list[WorkItem]:
    """The approving answers that were given in these visits, oldest first."""
    return list(
        WorkItem.objects.filter(
            case=case, stage__in=stages, state=ItemState.DECIDED, decision__in=APPROVING
        )
        .select_related("stage")
        .order_by("decided_at", "id")
    )


def conditions_of(case: Case, stages: Collection[int]) -> list[str]:
    """The texts of the conditions set in these visits and not taken back, in their order."""
    found = case.conditions.filter(stage__in=stages, revoked_at=None).order_by("id")
    return list(found.values_list("text", flat=True))


def return_targets(case: Case, leaving: Stage) -> list[Stage]:
    """The stages that ``leaving`` may return the case to: decided ones, newest first.

    One entry a node, each with the latest visit. Left out are the stage itself, nodes that the
    present version does not know, and stages that only come behind it: a return never skips.
    """
    from workflows.definitions import definition_of

    definition = definition_of(case.flow_version_id)
    known = definition.elements
    decided = Stage.objects.filter(process=case, outcome=StageOutcome.APPROVED).exclude(node_id="")
    newest: dict[str, Stage] = {}
    for stage in decided.order_by("-finished", "-id"):
        if stage.node_id in known:
            newest.setdefault(stage.node_id, stage)
    return [
        stage
        for node_id, stage in newest.items()
        if node_id != leaving.node_id
        and not walk.lies_ahead(definition, node_id, of=leaving.node_id)
    ]


def last_submission(case: Case) -> datetime:
    """When the document was submitted as it is decided on; first, or again after a correction."""
    submissions = case.events.filter(kind__in=(EventKind.SUBMITTED, EventKind.RESUBMITTED))
    return submissions.order_by("-sequence").values_list("at", flat=True)[0]


def standing_stages(case: Case) -> set[str]:
    """The nodes whose approval stands: the latest visit since the chain last began was passed.

    A stage that returned the case, was closed, or waits again does not stand, nor does one on a
    circle that the route has led back in front of.
    """
    return {node for node, visit in latest_visits(case).items() if visit.outcome in PASSED}


def latest_visits(case: Case) -> dict[str, Visit]:
    """What stands of each node's visits since the chain last began, whatever came of it.

    An approval that led the route back and was taken back has not led it back: the round that
    it began is none.
    """
    from workflows.definitions import definition_of

    latest = {
        node_id: Visit(pk, round_, outcome)
        for pk, node_id, outcome, round_ in _visits(case)
        .filter(round__lte=case.round)
        .values_list("pk", "node_id", "outcome", "round")
    }
    definition = definition_of(case.flow_version_id)
    turned = case.events.filter(data__has_key="turned_to") if definition.backward else ()
    for event in turned:
        turn = event.data["turned_to"]
        if turn in definition.elements and not _was_taken_back(event):
            latest = {
                node_id: visit
                for node_id, visit in latest.items()
                if visit.round > event.round or turn not in reaching(definition, node_id)
            }
    return latest


def _was_taken_back(event: HistoryEvent) -> bool:
    if event.stage is not None and event.stage.outcome == StageOutcome.UNDONE:
        return True  # it passed by itself behind what was taken back
    later = HistoryEvent.objects.filter(case=event.case_id, sequence__gt=event.sequence)
    return later.filter(stage=event.stage_id, kind=EventKind.TAKEN_BACK).exists()


def times_passed(case: Case, node_id: str, *, but: Stage) -> int:
    """How often a stage has been passed since the chain last began, one visit left out."""
    visits = _visits(case).filter(node_id=node_id, outcome__in=PASSED)
    return visits.exclude(pk=but.pk).count()


def _visits(case: Case) -> QuerySet[Stage]:
    """The visits to stages since the chain last began, in their order.

    A chain begins with a submission that does not go straight back to who returned the case.
    """
    began = (
        HistoryEvent.objects.filter(case=OuterRef("process"))
        .filter(Q(kind=EventKind.SUBMITTED) | Q(kind=EventKind.RESUBMITTED, data__direct=False))
        .order_by("-sequence")
        .values("at")[:1]
    )
    visits = (
        Stage.objects.filter(process=case)
        .exclude(node_id="")
        .exclude(outcome=StageOutcome.UNDONE)
        .order_by("id")
    )
    return visits.filter(created__gte=Subquery(began))
