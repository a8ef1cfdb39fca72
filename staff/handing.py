"""What other apps register, so that people's open work can be moved as a whole.

``staff`` knows no cases and no documents: it asks the apps above it what a person holds, has
them move it, and tells what became of each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from django.utils.functional import Promise

if TYPE_CHECKING:
    from lending_crm.common.errors import DomainError
    from staff.models import Delegation, Employee


@dataclass(frozen=True)
class Moved:
    """What became of one thing: ``said`` tells where it went, ``refusal`` why it did not."""

    label: str
    url: str = ""
    said: str = ""
    refusal: DomainError | None = None


@dataclass(frozen=True)
class Holding:
    """One thing that a person holds; ``pk`` means something to its source only."""

    pk: int
    label: str
    detail: str = ""
    url: str = ""


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


class DelegationKeeper(Protocol):
    """Moves open work when a standing delegation begins or ends."""

    def begin(self, *, delegation: Delegation, now: datetime) -> list[Moved]: ...

    def bring_back(self, *, now: datetime, delegation: Delegation | None = None) -> list[Moved]:
        """Work of delegations that are over, of one or of all, goes back to who was away."""


_sources: list[HoldingSource] = []
_keepers: list[DelegationKeeper] = []
_kinds: list[Callable[[], Sequence[tuple[str, str | Promise]]]] = []


def register_holdings(source: HoldingSource) -> None:
    """Called from an app's ``apps.py``; see ``HoldingSource.order``."""
    _sources.append(source)


def holding_sources() -> Sequence[HoldingSource]:
    return tuple(_sources)


def register_delegation_keeper(keeper: DelegationKeeper) -> None:
    _keepers.append(keeper)


def delegation_keepers() -> Sequence[DelegationKeeper]:
    return tuple(_keepers)


def register_delegable_kinds(kinds: Callable[[], Sequence[tuple[str, str | Promise]]]) -> None:
    """An app names the kinds of documents (code, label) that a delegation may be limited to."""
    _kinds.append(kinds)


def delegable_kinds() -> dict[str, str | Promise]:
    return {code: label for kinds in _kinds for code, label in kinds()}
