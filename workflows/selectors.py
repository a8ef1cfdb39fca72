"""Reads of the engine; one function a question."""

from __future__ import annotations

from workflows.choices import APPROVING, ItemState, StageOutcome
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


def return_targets(case: Case) -> list[Stage]:
    """The stages that a case may be returned to: decided ones of its route, newest first.

    One entry a node, each with the latest visit; a node that the present version does not
    know is left out.
    """
    from workflows.definitions import definition_of

    known = definition_of(case.flow_version_id).elements
    decided = Stage.objects.filter(process=case, outcome=StageOutcome.APPROVED).exclude(node_id="")
    newest: dict[str, Stage] = {}
    for stage in decided.order_by("-finished", "-id"):
        if stage.node_id in known:
            newest.setdefault(stage.node_id, stage)
    return list(newest.values())
