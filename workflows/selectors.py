"""Reads of the engine; one function a question."""

from __future__ import annotations

from workflows.bpmn import walk
from workflows.choices import APPROVING, EventKind, ItemState, StageOutcome
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

    A stage that returned the case, was closed, or waits again does not stand. A chain begins
    with a submission that does not go straight back to who returned the case.
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
    latest = dict(visits.values_list("node_id", "outcome"))
    passed = (StageOutcome.APPROVED, StageOutcome.AUTO_PASSED)
    return {node_id for node_id, outcome in latest.items() if outcome in passed}
