"""Take any routed document through the people of its approval."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from reports.demo.opinions import OPINIONS
from reports.demo.people import role_of
from reports.demo.world import World
from staff.models import Employee
from workflows.models import WorkItem
from workflows.services import decisions, items, submission

#: working hours between two who decide
_BETWEEN = (0.8, 6.5)

#: working hours until somebody looks again whether a branch has its general manager
_WAITS = 0.5

#: A part of a story that ends with the working hours before the present it has got to.
Passage = Generator[float, datetime, float]


def pass_route(
    world: World,
    document: Any,
    people: Sequence[str],
    *,
    begins: float,
    wan: float = 0,
    words: tuple[str, ...] = (),
) -> Passage:
    """Submit ``begins`` working hours ago; then each of ``people``, by role or login, approves.

    They take their opinion of ``words``, or write as their role does about a loan of ``wan``.
    """
    hours, now = yield from in_office(world, document, begins)
    submit(document, now=now)
    for who in people:
        wanted = max(hours - world.hours(*_BETWEEN), 0.1)
        hours, now = yield from in_office(world, document, wanted)
        actor = world.company.holder(who, document.handler)
        pool = words or OPINIONS[role_of(who)]
        approve(document, actor, world.writer.next_of(pool, wan=wan), now=now)
    return hours


def in_office(
    world: World, document: Any, hours: float
) -> Generator[float, datetime, tuple[float, datetime]]:
    """Wait for the moment, and then for as long as the branch has no general manager.

    A document whose day follows from a due date may meet those hours on any date.
    """
    now = yield hours
    while document.branch_id in world.company.vacant:
        hours = max(hours - _WAITS, 0.1)
        now = yield hours
    return hours, now


def in_wan(amount: Decimal) -> int:
    """A sum of yuan in whole 万元, as sentences name it."""
    return round(amount / 10_000)


def submit(document: Any, *, now: datetime) -> None:
    submission.submit_document(
        kind=document.kind, document_id=document.pk, actor=document.handler, now=now
    )


def approve(document: Any, actor: Employee, opinion: str, *, now: datetime) -> None:
    """Decide the item of ``actor``; one that waits in his pool is claimed first."""
    case = {"case__document": document.document_ptr}
    item = WorkItem.objects.waiting_for(actor).filter(**case).first()
    if item is None:
        item = WorkItem.objects.claimable_by(actor).get(**case)
        items.claim(item_id=item.pk, actor=actor, now=now)
    decisions.approve(item_id=item.pk, actor=actor, now=now, opinion=opinion)
