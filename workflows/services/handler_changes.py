"""A case gets another handler: the document went over to him."""

from __future__ import annotations

from staff.models import Employee
from workflows.act import Act
from workflows.choices import ASKED, EventKind, ItemKind
from workflows.conflicts import former_handlers
from workflows.models import WorkItem
from workflows.pools import pool_holders
from workflows.services.handing_on import pass_on


def change_case_handler(act: Act, successor: Employee) -> list[str]:
    """Make ``successor`` the handler of the case; part of the act that moves the document.

    Nobody decides on what he handles, nor on what he submitted when it was his: where the
    successor, or a delegate of his, is asked, the step goes on by its rules (HND-05). What was
    decided stays. Says to whom those steps went.
    """
    case = act.case
    leaving = case.handler
    case.handler = successor
    case.recusals = {**case.recusals, **former_handlers(case)}
    case.document_version += 1
    moved_on: list[str] = []
    # Recorded first: a step may go on without him, and the way it takes belongs to its own event.
    act.record(
        EventKind.HANDLER_CHANGED,
        data={"from": leaving.name, "recipient": successor.name, "moved_on": moved_on},
    )
    for item in list(act.items):
        if item.state not in ASKED:
            continue  # nobody holds it, or its step has gone on meanwhile
        if item.kind == ItemKind.CORRECTION:
            item.assignee = successor
            item.owners = [*item.owners, successor.pk]
            act.change_item(item)
            continue
        item.barred = sorted({*item.barred, successor.pk})
        act.change_item(item)
        is_his = successor.pk in (item.assignee_id, item.on_behalf_of_id)
        if is_his or (item.assignee_id is None and not pool_holders(item)):
            moved_on.append(_pass_on(act, item, successor))
    act.take_snapshot()
    act.moved()
    act.notify("document.handed_over", [successor.pk])
    return moved_on


def _pass_on(act: Act, item: WorkItem, successor: Employee) -> str:
    event = act.record(
        EventKind.HANDED_ON,
        stage=item.stage,
        arrived_at=item.arrived_at,
        data={"from": successor.name, "by_rule": True},
        item=item,
        by_system=True,
    )
    event.data["recipient"] = said = pass_on(act, item, successor)
    return said
