"""What other apps register, so that people's open work can be moved as a whole.

``staff`` knows no cases and no documents: it asks the apps above it what a person holds, has
them move it, and tells what became of each.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from django.utils.functional import Promise

if TYPE_CHECKING:
    from lending_crm.common.errors import DomainError
    from staff.models import Delegation, Employee


@dataclass(frozen=True)
class Moved:
    """What became of one thing: ``said`` tells where it went, ``refusal`` why it did not.

    ``moved_on`` names who was asked in the receiver's place at a step of his own (HND-05).
    """

    label: str
    url: str = ""
    said: str = ""
    refusal: DomainError | None = None
    moved_on: Sequence[str] = ()


@dataclass(frozen=True)
class Holding:
    """One thing that a person holds; ``pk`` means something to its source only.

    ``customer`` is the id of the customer that it is about: its receiver is offered first.
    """

    pk: int
    label: str
    detail: str = ""
    url: str = ""
    customer: int | None = None


@dataclass(frozen=True)
class Warrant:
    """An approved 工作移交 (domain M20): what lets its things move without an administrator.

    ``crosses_branches`` is true once head office has agreed to receivers of other branches.
    """

    doc_no: str
    crosses_branches: bool = False


@dataclass(frozen=True)
class Move:
    """One thing and who takes it over; without one it goes by the source's rules."""

    holding: Holding
    successor: Employee | None


class HoldingSource(Protocol):
    """One kind of things that a leaver must not keep."""

    @property
    def code(self) -> str: ...

    @property
    def title(self) -> str | Promise: ...

    @property
    def by_rule(self) -> str | Promise:
        """What happens when no successor is named; empty where one must be."""

    @property
    def order(self) -> int:
        """Smaller ones move first: what a delegation brings back must still be moved on."""

    @property
    def opens_to_keepers(self) -> bool:
        """Whether administrators may open its things; business is closed to them."""

    def holdings(self, employee: Employee, *, now: datetime) -> Sequence[Holding]: ...

    def move(
        self,
        *,
        pk: int,
        employee: Employee,
        successor: Employee | None,
        actor: Employee,
        now: datetime,
    ) -> str:
        """Move one thing in the caller's transaction; says where to, raises ``DomainError``."""


class WorkSource(Protocol):
    """One kind of objects of a 工作移交 (移交对象); docs/developers/work-handover.md.

    ``code`` is stored with each thing and never changes. ``option`` names the setting of the
    handover that must be on: ``history``, ``approvals``, or empty for always. ``by_rule`` says
    what happens without a receiver; empty where one must be named.
    """

    @property
    def code(self) -> str: ...

    @property
    def title(self) -> str | Promise: ...

    @property
    def by_rule(self) -> str | Promise: ...

    @property
    def option(self) -> str: ...

    @property
    def order(self) -> int: ...

    def holdings(self, employee: Employee, *, now: datetime) -> Sequence[Holding]:
        """Everything of the kind that he holds, in few statements whatever their number."""

    def hand_over(
        self,
        moves: Sequence[Move],
        *,
        employee: Employee,
        actor: Employee | None,
        now: datetime,
        warrant: Warrant,
    ) -> Mapping[int, Moved]:
        """Move them in the caller's transaction; by ``pk`` what became of each.

        Each is looked at again under its lock: what he holds no more is refused, not raised.
        ``actor`` is empty when the handover carries itself out.
        """

    def along(self, pks: Collection[int]) -> Mapping[str, int]:
        """What goes along with these without being moved itself: how many, by title."""


class DelegationKeeper(Protocol):
    """Moves open work when a standing delegation begins or ends."""

    def begin(self, *, delegation: Delegation, now: datetime) -> list[Moved]: ...

    def bring_back(self, *, now: datetime, delegation: Delegation | None = None) -> list[Moved]:
        """Work of delegations that are over, of one or of all, goes back to who was away."""


_sources: list[HoldingSource] = []
_work: dict[str, WorkSource] = {}
_keepers: list[DelegationKeeper] = []
_kinds: list[Callable[[], Sequence[tuple[str, str | Promise]]]] = []


def register_holdings(source: HoldingSource) -> None:
    """Called from an app's ``apps.py``; see ``HoldingSource.order``."""
    _sources.append(source)


def holding_sources() -> Sequence[HoldingSource]:
    return tuple(_sources)


def register_work(source: WorkSource) -> None:
    """Name a kind of objects that a 工作移交 moves; called from an app's ``apps.py``."""
    if source.code in _work:
        raise ValueError(f"work {source.code!r} is registered twice")
    _work[source.code] = source


def work_sources() -> list[WorkSource]:
    """In the order in which they are listed and moved."""
    return sorted(_work.values(), key=lambda source: source.order)


def work_source(code: str) -> WorkSource | None:
    return _work.get(code)


def work_choices() -> list[tuple[str, str | Promise]]:
    return [(source.code, source.title) for source in work_sources()]


def register_delegation_keeper(keeper: DelegationKeeper) -> None:
    _keepers.append(keeper)


def delegation_keepers() -> Sequence[DelegationKeeper]:
    return tuple(_keepers)


def register_delegable_kinds(kinds: Callable[[], Sequence[tuple[str, str | Promise]]]) -> None:
    """An app names the kinds of documents (code, label) that a delegation may be limited to."""
    _kinds.append(kinds)


def delegable_kinds() -> dict[str, str | Promise]:
    return {code: label for kinds in _kinds for code, label in kinds()}
