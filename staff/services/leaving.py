"""离岗移交: what somebody holds goes to others in one act, with a result for each thing.

The preview runs the same moves and takes each of them back, so it says what will happen by
doing it. Each thing moves in a transaction of its own: what is refused stops nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import OperationalError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from lending_crm.common.problems import refusal_for
from staff.handing import Holding, HoldingSource, Moved, holding_sources
from staff.models import Employee
from staff.rules import require_keeper
from staff.services.people import deactivate_employee


@dataclass(frozen=True)
class Part:
    """What happens to one kind of things: to a successor, or by the rules without one.

    ``only`` limits it to some of them (their ``pk``); None means all.
    """

    source: str
    successor: Employee | None = None
    only: Collection[int] | None = None


@dataclass(frozen=True)
class Group:
    """What somebody holds of one kind."""

    source: HoldingSource
    holdings: Sequence[Holding]


@dataclass(frozen=True)
class PartResult:
    title: str | Promise
    moved: Sequence[Moved]


@dataclass(frozen=True)
class HandoverResult:
    """Of each part what became of each thing; ``refusal`` is why the account stays open."""

    parts: Sequence[PartResult]
    is_preview: bool
    is_closed: bool = False
    refusal: DomainError | None = None

    @property
    def refused(self) -> int:
        return sum(moved.refusal is not None for part in self.parts for moved in part.moved)

    @property
    def done(self) -> int:
        return sum(len(part.moved) for part in self.parts) - self.refused


@dataclass
class _Undone(Exception):
    """Carries out of a preview's savepoint what the move said."""

    said: str = field(default="")


def holdings_of(employee: Employee, *, now: datetime) -> list[Group]:
    """Everything that must find somebody else before the person leaves."""
    return [Group(source, _held(source, employee, now)) for source in _in_order()]


def hand_over_all(
    *,
    employee: Employee,
    parts: Sequence[Part],
    actor: Employee,
    now: datetime,
    is_preview: bool = False,
    closes_account: bool = False,
    ip: str | None = None,
) -> HandoverResult:
    """Move what a person holds, part by part; an information administrator's act (ORG-02).

    Raises HND-01 when he would be his own successor and HND-02 for an inactive one. With
    ``closes_account`` the login is closed afterwards, unless something is left (HND-06).
    """
    require_keeper(actor)
    chosen = {part.source: part for part in parts}
    for part in parts:
        _check_successor(employee, part.successor)
    results = []
    for source in _in_order():
        if source.code in chosen:
            part = chosen[source.code]
            moves = _moves(source, part, employee, actor, now, is_preview=is_preview)
            results.append(PartResult(source.title, list(moves)))
    if is_preview or not closes_account:
        return HandoverResult(results, is_preview)
    try:
        deactivate_employee(employee=employee, actor=actor, now=now, ip=ip)
    except DomainError as refusal:
        return HandoverResult(results, is_preview=False, refusal=refusal)
    return HandoverResult(results, is_preview=False, is_closed=True)


def _held(source: HoldingSource, employee: Employee, now: datetime) -> list[Holding]:
    """As an administrator reads them: no link to a page that is closed to him."""
    held = source.holdings(employee, now=now)
    return [one if source.opens_to_keepers else replace(one, url="") for one in held]


def _in_order() -> list[HoldingSource]:
    return sorted(holding_sources(), key=lambda source: source.order)


def _check_successor(employee: Employee, successor: Employee | None) -> None:
    if successor is None:
        return
    if successor.pk == employee.pk:
        raise DomainError(
            "HND-01", _("Nobody can take over from himself."), status=422, field="successor"
        )
    if not successor.is_active:
        raise DomainError(
            "HND-02",
            _("%(name)s, who should take over, is inactive."),
            status=422,
            field="successor",
            params={"name": successor.name},
        )


def _moves(
    source: HoldingSource,
    part: Part,
    employee: Employee,
    actor: Employee,
    now: datetime,
    *,
    is_preview: bool,
) -> Iterator[Moved]:
    for holding in _held(source, employee, now):
        if part.only is not None and holding.pk not in part.only:
            continue
        try:
            with transaction.atomic():
                said = source.move(
                    pk=holding.pk,
                    employee=employee,
                    successor=part.successor,
                    actor=actor,
                    now=now,
                )
                if is_preview:
                    raise _Undone(said)
        except _Undone as undone:
            yield Moved(holding.label, holding.url, undone.said)
        except (DomainError, OperationalError) as error:
            refusal = refusal_for(error)
            if refusal is None:
                raise
            yield Moved(holding.label, holding.url, refusal=refusal)
        else:
            yield Moved(holding.label, holding.url, said)
