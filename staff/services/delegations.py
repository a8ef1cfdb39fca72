"""委托: give somebody one's decisions for a time, and take them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lending_crm.common.changes import record_changes
from lending_crm.common.errors import DomainError
from lending_crm.common.outbox import publish_all
from staff.choices import DutyLine
from staff.events import notice
from staff.handing import Moved, delegable_kinds, delegation_keepers
from staff.models import Delegation, Employee
from staff.ranks import ranks_of
from staff.rules import keeps_organisation
from staff.services.guards import lock_row, optional_line, refusing

#: a longer absence is a handover, not a delegation
LONGEST = timedelta(days=366)
NOTE_LENGTH = 200


@dataclass(frozen=True)
class Given:
    """The delegations that were made (one for each kind of document) and what moved at once."""

    delegations: Sequence[Delegation]
    moved: Sequence[Moved] = field(default_factory=tuple)


def give_delegation(
    *,
    principal: Employee,
    delegate: Employee,
    actor: Employee,
    now: datetime,
    starts_at: datetime,
    ends_at: datetime,
    kinds: Sequence[str] = (),
    max_amount: Decimal | None = None,
    moves_open_items: bool = False,
    note: str = "",
    ip: str | None = None,
) -> Given:
    """Make a delegation and, where it begins now and was asked to, move the open items.

    Each item moves in a transaction of its own; one that is being decided stays with whom
    it is and says so in its result.
    """
    made = create_delegation(
        principal=principal,
        delegate=delegate,
        actor=actor,
        now=now,
        starts_at=starts_at,
        ends_at=ends_at,
        kinds=kinds,
        max_amount=max_amount,
        moves_open_items=moves_open_items,
        note=note,
        ip=ip,
    )
    moved: list[Moved] = []
    for one in made:
        if one.moves_open_items and one.is_in_force(now):
            moved += begin_delegation(delegation=one, now=now)
    return Given(made, moved)


@transaction.atomic
def create_delegation(
    *,
    principal: Employee,
    delegate: Employee,
    actor: Employee,
    now: datetime,
    starts_at: datetime,
    ends_at: datetime,
    kinds: Sequence[str] = (),
    max_amount: Decimal | None = None,
    moves_open_items: bool = False,
    note: str = "",
    ip: str | None = None,
) -> list[Delegation]:
    """Let the delegate decide for the principal from ``starts_at`` until before ``ends_at``.

    A person gives his own, an administrator anybody's (DEL-01, 403). ``kinds`` are codes of
    document kinds, none means all; ``max_amount`` is in yuan. Nothing is backdated: a
    beginning in the past counts from now. Raises DEL-02 (oneself), DEL-03 (period), DEL-04
    (another delegation in the same time), DEL-05 (no such duty line or level), DEL-06 (ceiling),
    DEL-07 (unknown kind), ORG-08 (inactive person).
    """
    person = lock_row(Employee, principal.pk)
    if actor.pk != person.pk and not keeps_organisation(actor):
        raise DomainError(
            "DEL-01",
            _("Only the person himself or the information administrator sets a delegation."),
            status=403,
        )
    for one, name in ((person, "principal"), (delegate, "delegate")):
        if not one.is_active:
            raise _at(name, "ORG-08", _("%(name)s is inactive."), name=one.name)
    if delegate.pk == person.pk:
        raise _at("delegate", "DEL-02", _("Choose somebody else than the person away."))
    starts_at = max(starts_at, now)
    if ends_at <= starts_at:
        raise _at("ends_at", "DEL-03", _("The end must lie after the beginning and after now."))
    if ends_at - starts_at > LONGEST:
        raise _at("ends_at", "DEL-03", _("A delegation lasts at most 366 days."))
    if max_amount is not None and max_amount <= 0:
        raise _at("max_amount", "DEL-06", _("The ceiling must be greater than 0."))
    _check_duty(person, delegate)
    known = delegable_kinds()
    for code in kinds:
        if code not in known:
            raise _at("kinds", "DEL-07", _("There is no document kind “%(kind)s”."), kind=code)
    note = optional_line(note, field="note", label=_("Remark"), limit=NOTE_LENGTH)
    rows = [
        Delegation(
            principal=person,
            delegate=delegate,
            document_kind=kind,
            max_amount=max_amount,
            starts_at=starts_at,
            ends_at=ends_at,
            moves_open_items=moves_open_items,
            note=note,
            created_by=actor,
            created_at=now,
        )
        for kind in (tuple(dict.fromkeys(kinds)) or ("",))
    ]
    with refusing({"one_delegate_at_a_time": _overlaps}):
        Delegation.objects.bulk_create(rows)
    _note_absence(person, now)
    for row in rows:
        _log(row, actor=actor, now=now, ip=ip)
    _tell("delegation.given", rows[0], [delegate.pk, person.pk], actor=actor, now=now)
    return rows


def end_delegation(
    *, delegation: Delegation, actor: Employee, now: datetime, ip: str | None = None
) -> list[Moved]:
    """End a delegation before its time; what its delegate has not decided comes back at once.

    For the person away and the information administrator (DEL-01). One that is over already
    stays as it is.
    """
    ended = _end(delegation=delegation, actor=actor, now=now, ip=ip)
    moved: list[Moved] = []
    for keeper in delegation_keepers():
        moved += keeper.bring_back(now=now, delegation=ended)
    return moved


@transaction.atomic
def _end(*, delegation: Delegation, actor: Employee, now: datetime, ip: str | None) -> Delegation:
    person = lock_row(Employee, delegation.principal_id)
    if actor.pk != person.pk and not keeps_organisation(actor):
        raise DomainError(
            "DEL-01",
            _("Only the person himself or the information administrator sets a delegation."),
            status=403,
        )
    row = lock_row(Delegation, delegation.pk)
    if row.state(now) == "ended":
        return row
    row.ended_at, row.ended_by = now, actor
    row.save(update_fields=["ended_at", "ended_by"])
    _note_absence(person, now)
    record_changes(
        instance=row, before={"ended_at": ""}, after={"ended_at": _moment(now)},
        actor=actor, now=now, ip=ip,
    )  # fmt: skip
    _tell("delegation.ended", row, [row.delegate_id, person.pk], actor=actor, now=now)
    return row


def begin_delegation(*, delegation: Delegation, now: datetime) -> list[Moved]:
    """Move the open items of a delegation that has begun; a second call moves nothing.

    Each item moves in a transaction of its own. The delegation counts as begun once all have
    been tried: a worker that dies in the middle leaves the rest to its next tick.
    """
    beginning = Delegation.objects.filter(pk=delegation.pk, begun_at=None)
    moved: list[Moved] = []
    if beginning.exists():
        for keeper in delegation_keepers():
            moved += keeper.begin(delegation=delegation, now=now)
        beginning.update(begun_at=now)
    return moved


def tend_delegations(*, now: datetime) -> list[Moved]:
    """What time alone brings: items move when a delegation begins and come back when it ends.

    The worker calls it every half minute. Safe to run twice, or by two workers.
    """
    beginning = Delegation.objects.in_force(now).filter(moves_open_items=True, begun_at=None)
    moved: list[Moved] = []
    for delegation in beginning.select_related("principal", "delegate", "created_by"):
        moved += begin_delegation(delegation=delegation, now=now)
    for keeper in delegation_keepers():
        moved += keeper.bring_back(now=now)
    return moved


def _at(field: str, code: str, sentence: Promise, **params: object) -> DomainError:
    return DomainError(code, sentence, status=422, field=field, params=params)


def _overlaps() -> DomainError:
    return DomainError(
        "DEL-04",
        _("In this time another delegation for the same documents is in force; end it first."),
        field="starts_at",
    )


def _check_duty(person: Employee, delegate: Employee) -> None:
    """Same level of role: one of the delegate's roles covers one of those of the person away.

    Each step asks again for its own duty line and level when it opens.
    """
    ranks = ranks_of((person.pk, delegate.pk))
    own = [rank for rank in ranks[person.pk] if rank.line != DutyLine.ADMINISTRATION]
    if own and not any(his.covers(rank) for his in ranks[delegate.pk] for rank in own):
        raise _at(
            "delegate",
            "DEL-05",
            _("%(name)s holds no role of the same duty line and level, and cannot stand in."),
            name=delegate.name,
        )


def _note_absence(person: Employee, now: datetime) -> None:
    """Keep the person's mark up to date, from which a stage knows whether to look further."""
    rows = Delegation.objects.not_over(now).filter(principal=person)
    until = rows.aggregate(until=Max("ends_at"))["until"]
    Employee.objects.filter(pk=person.pk).update(away_until=until)


def _log(row: Delegation, *, actor: Employee, now: datetime, ip: str | None) -> None:
    after = {
        "principal": row.principal.name,
        "delegate": row.delegate.name,
        "document_kind": str(delegable_kinds().get(row.document_kind, row.document_kind)),
        "max_amount": "" if row.max_amount is None else str(row.max_amount),
        "starts_at": _moment(row.starts_at),
        "ends_at": _moment(row.ends_at),
    }
    record_changes(instance=row, before={}, after=after, actor=actor, now=now, ip=ip)


def _moment(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M")


def _tell(
    event: str, row: Delegation, people: Sequence[int], *, actor: Employee, now: datetime
) -> None:
    message = notice(
        event,
        sorted(people),
        url="/delegations/",
        by=actor,
        principal=row.principal.name,
        delegate=row.delegate.name,
        starts=_moment(row.starts_at),
        ends=_moment(row.ends_at),
    )
    publish_all(message, now=now)
