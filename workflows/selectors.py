"""Reads of the engine; one function a question."""

from __future__ import annotations

from django.db.models import QuerySet

from workflows.bpmn import walk
from workflows.bpmn.upstream import reaching
from workflows.choices import APPROVING, PASSED, EventKind, ItemState, StageOutcome
from workflows.models import Case, Stage, WorkItem


def approving_items(case: Case) -> list[WorkItem]:
    """Every approving answer that stands, of all rounds, oldest first."""
    return list(
        WorkItem.objects.filter(case=case, state=ItemState.DECIDED, decision__in=APPROVING)
        .select_related("stage")
        .order_by("decided_at", "id")
    )


def standing_conditions(case: Case) -> list[str]:
    """The texts of all conditions that were not taken back, in the order they were set."""
    return list(
        case.conditions.filter(revoked_at=None).order_by("id").values_list("text", flat=True)
    )


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


def standing_stages(case: Case) -> set[str]:
    """The nodes whose approval stands: the latest visit since the chain last began was passed.

    A stage that returned the case, was closed, or waits again does not stand, nor does one on a
    circle that the route has led back in front of.
    """
    from workflows.definitions import definition_of

    latest = {node_id: (round_, outcome) for node_id, outcome, round_ in _visits(case)}
    definition = definition_of(case.flow_version_id)
    turned = case.events.filter(data__has_key="turned_to") if definition.backward else ()
    for event in turned:
        turn = event.data["turned_to"]
        if turn in definition.elements:
            latest = {
                node_id: visit
                for node_id, visit in latest.items()
                if visit[0] > event.round or turn not in reaching(definition, node_id)
            }
    return {node_id for node_id, (_round, outcome) in latest.items() if outcome in PASSED}


def times_passed(case: Case, node_id: str, *, but: Stage) -> int:
    """How often a stage has been passed since the chain last began, one visit left out."""
    visits = _visits(case).filter(node_id=node_id, outcome__in=PASSED)
    return visits.exclude(pk=but.pk).count()


def _visits(case: Case) -> QuerySet[Stage, tuple[str, str, int]]:
    """The visits to stages since the chain last began: node, outcome, round.

    A chain begins with a submission that does not go straight back to who returned the case.
    """
    began = (
        case.events.filter(kind__in=(EventKind.SUBMITTED, EventKind.RESUBMITTED))
        .exclude(data__direct=True)
        .order_by("-sequence")
        .values_list("at", flat=True)
        .first()
    )
    visits = Stage.objects.filter(process=case).exclude(node_id="").order_by("id")
    if began is not None:
        visits = visits.filter(created__gte=began)
    return visits.values_list("node_id", "outcome", "round")
