"""The work items of a case, as pages read them."""

from __future__ import annotations

from workflows.models import Case, Stage, WorkItem


def case_items(case: Case) -> list[WorkItem]:
    """All items of the case with their stages and people, oldest first; one statement."""
    items = list(
        WorkItem.objects.filter(case=case)
        .select_related("stage", "assignee", "decided_by", "pool_role", "on_behalf_of")
        .order_by("id")
    )
    stages: dict[int, Stage] = {}
    for item in items:
        item.case = case
        item.stage = stages.setdefault(item.stage_id, item.stage)
    return items


def shown_items(case: Case) -> list[WorkItem]:
    """The same, kept on the instance for a page whose parts all ask for them.

    Only for what is shown: whoever acts on the case reads it and its items again.
    """
    known: list[WorkItem] | None = case.__dict__.get("_shown_items")
    if known is None:
        known = case.__dict__["_shown_items"] = case_items(case)
    return known
