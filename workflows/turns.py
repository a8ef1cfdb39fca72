"""Whose turn it is at a stage: 依次, 加签 and 委派 as a tree of seats. Pure; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from workflows.choices import LIVE, ItemLink, ItemState

if TYPE_CHECKING:
    from workflows.models import WorkItem

#: states in which an item sits in its seat; the others have left it
SEATED = (*LIVE, ItemState.DECIDED)
#: who hangs on a seat like this answers before the seat's own holder
FIRST = (ItemLink.BEFORE, ItemLink.DELEGATE)


class Turns:
    """The seats of one visit to a stage.

    ``in_sequence`` asks the stage's own seats one after the other, in the order of their
    numbers. The items may change while this is in use: states are read when they are asked for.
    """

    def __init__(self, items: Iterable[WorkItem], *, in_sequence: bool = False) -> None:
        self._items = list(items)
        self._in_sequence = in_sequence

    def seated(self) -> list[WorkItem]:
        return sorted((i for i in self._items if i.state in SEATED), key=lambda i: i.seat)

    def live(self) -> list[WorkItem]:
        return [item for item in self.seated() if item.state in LIVE]

    def at(self, seat: int | None) -> WorkItem | None:
        """Who sits in the seat now; after a transfer that is the new owner."""
        return next((item for item in self.seated() if item.seat == seat), None)

    def children(self, item: WorkItem) -> list[WorkItem]:
        return [each for each in self.seated() if each.parent_seat == item.seat]

    def below(self, item: WorkItem) -> Iterator[WorkItem]:
        """Everybody who was asked by the item's holder, or by those whom he asked."""
        for child in self.children(item):
            yield child
            yield from self.below(child)

    def root(self, item: WorkItem) -> WorkItem:
        """The stage's own seat that the item hangs on, over however many links."""
        parent = self.at(item.parent_seat)
        return item if parent is None else self.root(parent)

    def blockers(self, item: WorkItem) -> list[WorkItem]:
        """Who has still to answer before the item's turn comes; empty when it is his turn."""
        below = [
            each
            for child in self.children(item)
            if child.link in FIRST
            for each in (child, *self.below(child))
            if each.state in LIVE
        ]
        return [*below, *self._above(item)]

    def _above(self, item: WorkItem) -> list[WorkItem]:
        parent = self.at(item.parent_seat)
        if parent is None:
            if not self._in_sequence or item.parent_seat is not None:
                return []
            return [each for each in self.live() if self.root(each).seat < item.seat]
        found = self._above(parent)
        if item.link == ItemLink.AFTER and parent.state in LIVE:
            found = [parent, *found]
        return found

    def waiting_for(self, item: WorkItem) -> list[WorkItem]:
        """Whose turn comes only when the item's holder has answered, answered or not."""
        kept = item.state
        item.state = ItemState.OPEN
        found = [each for each in self.seated() if item in self.blockers(each)]
        item.state = kept
        return found

    def next_seat(self) -> int:
        """A number that no seat of the stage had yet."""
        return max((item.seat for item in self._items), default=0) + 1
