"""引擎健康: what waits, what failed, which steps are slow, and cases that nobody can act on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import get_language

from lending_crm.common.arms import FirstKeys
from lending_crm.common.keys import Keys
from lending_crm.common.models import OutboxMessage
from lending_crm.common.pagination import CappedCount
from staff.calendar import shown_calendar
from workflows.choices import ALIVE, ItemKind, ItemState, TimerState
from workflows.kinds import all_kinds
from workflows.models import Case, Stage, Timer, WorkItem
from workflows.pools import OPEN, is_attended, open_stages, unattended
from workflows.timing.arithmetic import Clock

#: no count looks at more rows than this
CAP = 999
#: rows that a list shows
MOST_ROWS = 50
#: finished items that the slowest steps are computed from: the latest ones
SAMPLE = 2000
SLOWEST = 10
#: a timer is late when it is due for longer than this: no dispatcher runs, or it fails
LATE_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Waiting:
    """What is due in a queue; ``oldest_at`` is the moment of the one that waits longest."""

    due: CappedCount
    late: CappedCount
    retried: CappedCount
    oldest_at: datetime | None


@dataclass(frozen=True)
class SlowStep:
    """Working hours from arrival to answer; ``p90`` is reached by one answer in ten."""

    kind: str
    title: str
    answers: int
    median: float
    p90: float


@dataclass(frozen=True)
class EngineHealth:
    outbox: Waiting
    parked_messages: Sequence[OutboxMessage]
    timers: Waiting
    parked_timers: Sequence[Timer]
    unattended: Sequence[Case]
    slowest: Sequence[SlowStep]

    @property
    def is_well(self) -> bool:
        return not (self.parked_messages or self.parked_timers or self.unattended) and not (
            self.timers.late.number or self.outbox.late.number
        )


def load_health(*, now: datetime) -> EngineHealth:
    """The whole page by a fixed number of statements, each over a bounded number of rows."""
    parked = OutboxMessage.objects.filter(delivered_at=None, parked_at__isnull=False)
    return EngineHealth(
        outbox=outbox_waiting(now),
        parked_messages=list(parked.order_by("parked_at", "id")[:MOST_ROWS]),
        timers=timers_waiting(now),
        parked_timers=list(
            Timer.objects.filter(state=TimerState.PARKED)
            .select_related("stage__process")
            .order_by("id")[:MOST_ROWS]
        ),
        unattended=list(cases_lacking_people()[:MOST_ROWS]),
        slowest=slowest_steps(),
    )


def outbox_waiting(now: datetime) -> Waiting:
    due = OutboxMessage.objects.filter(delivered_at=None, parked_at=None, due_at__lte=now)
    return _waiting(due, "due_at", now)


def timers_waiting(now: datetime) -> Waiting:
    due = Timer.objects.filter(state=TimerState.WAITING, ring_at__lte=now)
    return _waiting(due, "ring_at", now)


def _waiting(due: QuerySet[Any], moment: str, now: datetime) -> Waiting:
    found = due.order_by(moment, "id")[: CAP + 1].aggregate(
        due=Count("pk"),
        late=Count("pk", filter=Q(**{f"{moment}__lt": now - LATE_AFTER})),
        retried=Count("pk", filter=Q(attempts__gt=0)),
        oldest_at=Min(moment),
    )
    oldest_at = found.pop("oldest_at")
    counts = {name: CappedCount(min(n, CAP), n > CAP) for name, n in found.items()}
    return Waiting(**counts, oldest_at=oldest_at)


def unattended_cases() -> QuerySet[Any]:
    """Live cases with a step that nobody can answer, or without an open step at all."""
    return _alive(_without_people())


def cases_lacking_people() -> QuerySet[Any]:
    """Those, and cases with an empty seat at a step where others can act.

    ``is_told`` says that the administrators know of it, ``is_attended`` that others can act.
    """
    blocked = open_stages().filter(is_blocked=True).order_by()
    here = open_stages().filter(process=OuterRef("pk"))
    empty = here.filter(~is_attended())
    stopped = here.filter(is_blocked=True)
    return (
        _alive(_without_people().union(blocked.values("process")))
        .annotate(
            is_attended=Q(Exists(here)) & ~Q(Exists(empty)),
            is_told=Exists(stopped),
            step=Coalesce(
                Subquery(empty.values("title")[:1]), Subquery(stopped.values("title")[:1])
            ),
        )
        .order_by("-submitted_at", "-id")
    )


def _alive(keys: QuerySet[Any, Any]) -> QuerySet[Any]:
    # As an array: the keys are found before a case is looked at.
    return Case.objects.filter(state__in=ALIVE, pk__among=Keys(keys))


def _without_people() -> QuerySet[Any, Any]:
    """The keys of ``unattended_cases``, found for all cases at once."""
    waiting = Stage.objects.filter(OPEN).order_by()
    at_none = Case.objects.filter(
        ~Exists(waiting.filter(process=OuterRef("pk"))), state__in=ALIVE
    ).order_by()
    return unattended(waiting).values("process").union(at_none.values("pk"))


def slowest_steps() -> list[SlowStep]:
    """The steps with the longest median among the latest answers, in working hours."""
    answers = WorkItem.objects.filter(state=ItemState.DECIDED, kind=ItemKind.DECISION)
    latest = FirstKeys(answers, [("id", True)], SAMPLE)
    rows = (
        WorkItem.objects.filter(pk__among=latest)
        .order_by("-id")
        .values_list(
            "case__document_kind", "stage__node_id", "stage__title", "stage__title_en",
            "arrived_at", "decided_at", "stage__pauses",
        )
    )  # fmt: skip
    calendar = shown_calendar()
    hours: dict[tuple[str, str], list[float]] = {}
    titles: dict[tuple[str, str], tuple[str, str]] = {}
    for kind, node_id, title, title_en, arrived_at, decided_at, pauses in rows:
        key = (kind, node_id)
        titles.setdefault(key, (title, title_en))
        if decided_at is not None:
            used = Clock.stored(arrived_at, pauses).used(calendar, decided_at)
            hours.setdefault(key, []).append(used)
    kinds = {kind.code: str(kind.title) for kind in all_kinds()}
    in_english = (get_language() or "").startswith("en")
    found = [
        SlowStep(
            kind=kinds.get(key[0], key[0]),
            title=(titles[key][1] if in_english else "") or titles[key][0],
            answers=len(taken),
            median=median(taken),
            p90=sorted(taken)[-(-9 * len(taken) // 10) - 1],
        )
        for key, taken in hours.items()
    ]
    return sorted(found, key=lambda step: (-step.median, -step.p90, step.title))[:SLOWEST]
