"""移交清单: what a handover's settings ask for, drawn up anew with each saving."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from applications.assessment import local_day
from resources.choices import HandoverMode
from resources.models import HandoverItem, WorkHandover
from resources.rules.problems import problem_customers
from staff.handing import Holding, WorkSource, work_source, work_sources

if TYPE_CHECKING:
    from staff.models import Employee

CUSTOMERS = "customers"
#: kinds of which a problem customer's things go to a head only (HND-07); approvals are not his
_WITH_THE_LOAN = frozenset({CUSTOMERS, "documents"})
_DRAWN_UP = (
    "position", "label", "detail", "url", "customer", "receiver", "problem",
)  # fmt: skip

Key = tuple[str, int]


def draw_up(handover: WorkHandover, *, now: datetime) -> None:
    """Bring the list in line with the settings and with what the person holds now.

    What was chosen by hand (receiver, in or out) stays. A handful of statements, whatever the
    length of the list.
    """
    stored: dict[Key, HandoverItem] = {
        (item.kind, item.object_id): item for item in handover.items.all()
    }
    wanted: dict[Key, Holding] = {
        (source.code, holding.pk): holding for source, holding in held(handover, now=now)
    }
    gone = [item.pk for key, item in stored.items() if key not in wanted]
    handover.items.filter(pk__in=gone).delete()
    is_chosen = handover.mode != HandoverMode.BY_ITEM
    items = []
    before: dict[Key, tuple[object, ...]] = {}
    for position, (key, holding) in enumerate(wanted.items()):
        item = stored.get(key)
        if item is None:
            kind, object_id = key
            item = HandoverItem(
                document=handover, kind=kind, object_id=object_id, is_included=is_chosen
            )
        else:
            before[key] = _drawn(item)
        item.position = position
        item.label, item.detail = holding.label[:200], holding.detail[:200]
        item.url, item.customer_id = holding.url[:200], holding.customer
        items.append(item)
    name_receivers(handover, items)
    mark_problems(items, now=now)
    HandoverItem.objects.bulk_create(item for item in items if item.pk is None)
    changed = [
        item
        for item in items
        if (item.kind, item.object_id) in before
        and _drawn(item) != before[item.kind, item.object_id]
    ]
    HandoverItem.objects.bulk_update(changed, _DRAWN_UP)
    handover.__dict__.pop("listed", None)


def held(handover: WorkHandover, *, now: datetime) -> Iterator[tuple[WorkSource, Holding]]:
    """Everything that the settings ask for, as the sources name it now."""
    named = {part.kind for part in handover.parts.all()}
    for source in work_sources():
        if _is_asked(handover, source, named):
            for holding in source.holdings(handover.from_employee, now=now):
                yield source, holding


def _is_asked(handover: WorkHandover, source: WorkSource, named: set[str]) -> bool:
    if handover.mode == HandoverMode.BY_KIND:
        return source.code in named
    options = {"history": handover.with_history, "approvals": handover.with_approvals}
    return options.get(source.option, True)


def name_receivers(handover: WorkHandover, items: Iterable[HandoverItem]) -> None:
    """Who gets each: chosen by hand, named for the kind, the customer's, or the usual one."""
    named = {part.kind: part.receiver for part in handover.parts.select_related("receiver")}
    items = sorted(items, key=lambda item: item.kind != CUSTOMERS)
    by_customer: dict[int | None, Employee | None] = {}
    for item in items:
        if not item.is_own_receiver:
            item.receiver = _receiver(handover, item, named, by_customer)
        if item.kind == CUSTOMERS and item.is_included:
            by_customer[item.customer_id] = item.receiver


def _receiver(
    handover: WorkHandover,
    item: HandoverItem,
    named: dict[str, Employee | None],
    by_customer: dict[int | None, Employee | None],
) -> Employee | None:
    if receiver := named.get(item.kind):
        return receiver
    source = work_source(item.kind)
    if source is not None and source.by_rule:
        return None
    return by_customer.get(item.customer_id) or handover.to_employee


def mark_problems(items: Iterable[HandoverItem], *, now: datetime) -> None:
    items = list(items)
    concerned = {item.customer_id for item in items if item.kind in _WITH_THE_LOAN}
    found = problem_customers(sorted(pk for pk in concerned if pk), day=local_day(now))
    for item in items:
        is_concerned = item.kind in _WITH_THE_LOAN and item.customer_id is not None
        item.problem = found.get(item.customer_id or 0, "") if is_concerned else ""


def _drawn(item: HandoverItem) -> tuple[object, ...]:
    return (
        item.position,
        item.label,
        item.detail,
        item.url,
        item.customer_id,
        item.receiver_id,
        item.problem,
    )
