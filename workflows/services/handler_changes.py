"""A case gets another handler: the document went over to him."""

from __future__ import annotations

from staff.models import Employee
from workflows.act import Act
from workflows.choices import LIVE, EventKind, ItemKind, ItemState
from workflows.conflicts import former_handlers
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
    moved_on = []
    for item in [i for i in act.items if i.state in LIVE]:
        if item.kind == ItemKind.CORRECTION:
            item.assignee = successor
            item.owners = [*item.owners, successor.pk]
            act.change_item(item)
            continue
        if item.state == ItemState.VACANT:
            continue
        item.barred = sorted({*item.barred, successor.pk})
        act.change_item(item)
        is_his = successor.pk in (item.assignee_id, item.on_behalf_of_id)
        if is_his or (item.assignee_id is None and not pool_holders(item)):
            moved_on.append(pass_on(act, item, successor))
    act.take_snapshot()
    act.moved()
    act.record(
        EventKind.HANDLER_CHANGED,
        data={"from": leaving.name, "recipient": successor.name, "moved_on": moved_on},
    )
    act.notify("document.handed_over", [successor.pk])
    return moved_on
