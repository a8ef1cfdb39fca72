"""Ring what is due: once each, however many dispatchers look.

Timers are claimed in batches with SKIP LOCKED in one short transaction, which counts the
attempt and hides them for a while; a dispatcher that dies has had no effect and they come
back. What only tells people is then done for the whole batch in one transaction; where that
fails, each of the batch gets a transaction of its own, so that the one that cannot be rung
fails alone. What moves work, and what was tried before, always goes alone: a timer that
kills its dispatcher takes no other with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

import structlog

from lending_crm.common.logs import in_words
from lending_crm.common.services import retry_delay
from workflows.choices import TimerKind, TimerState
from workflows.models import Timer
from workflows.timing.acting import act_on
from workflows.timing.telling import tell_many

log = structlog.get_logger(__name__)

#: how long a claimed timer is hidden: far longer than a batch takes
LEASE = timedelta(minutes=2)
#: when to look again at a timer whose case somebody is working on
BUSY_DELAY = timedelta(seconds=5)
_DIED = "The dispatcher died each time it rang this timer."


@dataclass(frozen=True)
class RingReport:
    """What one look at the timers did; ``busy`` are those whose case was locked."""

    done: int = 0
    failed: int = 0
    busy: int = 0

    def __add__(self, other: RingReport) -> RingReport:
        return RingReport(
            self.done + other.done, self.failed + other.failed, self.busy + other.busy
        )

    @property
    def looked_at(self) -> int:
        return self.done + self.failed + self.busy


@dataclass(frozen=True)
class Claim:
    """A timer that this dispatcher may ring, at its n-th attempt."""

    id: int
    kind: str
    attempt: int


def ring_due(*, clock: Callable[[], datetime], limit: int) -> RingReport:
    """Ring at most about ``limit`` due timers; a failing one stops no other.

    ``clock`` tells the moment anew for each batch: the caller owns the time.
    """
    report = RingReport()
    while report.looked_at < limit:
        size = min(settings.TIMERS_BATCH, limit - report.looked_at)
        claims = claim_fresh(now=clock(), size=size)
        again = claim_again(now=clock())
        if not claims and again is None:
            break
        told = [claim for claim in claims if claim.kind == TimerKind.TELL]
        report += _ring_batch(told, clock())
        for claim in claims:
            if claim.kind != TimerKind.TELL:
                report += _ring_alone(claim, clock())
        if again is not None:
            report += _ring_alone(again, clock())
    return report


def claim_fresh(*, now: datetime, size: int) -> list[Claim]:
    """The longest due timers that nobody has tried yet and no other dispatcher holds."""
    return _claim(now, size, "attempts = 0")


def claim_again(*, now: datetime) -> Claim | None:
    """One timer that was tried before; those that had all their attempts are parked on the way."""
    while found := _claim(now, 1, "attempts > 0"):
        (claim,) = found
        if claim.attempt <= settings.TIMERS_MAX_ATTEMPTS:
            return claim
        _park(claim, _DIED, now)
    return None


def _claim(now: datetime, size: int, which: str) -> list[Claim]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH due AS MATERIALIZED (
                SELECT id FROM workflows_timer
                WHERE state = 'WAITING' AND ring_at <= %(now)s AND {which}
                ORDER BY ring_at, id LIMIT %(size)s FOR UPDATE SKIP LOCKED
            )
            UPDATE workflows_timer AS t SET attempts = attempts + 1, ring_at = %(later)s
            FROM due WHERE t.id = due.id
            RETURNING t.id, t.kind, t.attempts
            """,  # noqa: S608 - one of two constants
            {"now": now, "size": size, "later": now + LEASE},
        )
        return sorted((Claim(*row) for row in cursor.fetchall()), key=lambda claim: claim.id)


def _ring_batch(claims: Sequence[Claim], now: datetime) -> RingReport:
    if not claims:
        return RingReport()
    try:
        done = tell_many([claim.id for claim in claims], now=now)
    # Whatever is wrong with one timer must not keep the others from ringing.
    except Exception as error:
        log.warning("timer batch failed; each goes alone", timers=len(claims), exc_info=error)
        report = RingReport()
        for claim in claims:
            report += _ring_alone(claim, now)
        return report
    busy = [claim for claim in claims if claim.id not in done]
    _come_back(busy, now)
    return RingReport(done=len(done), busy=len(busy))


def _ring_alone(claim: Claim, now: datetime) -> RingReport:
    try:
        if claim.kind == TimerKind.TELL:
            is_done = bool(tell_many([claim.id], now=now))
        else:
            is_done = act_on(claim.id, now=now)
    except Exception as error:
        _put_back(claim, error, now)
        return RingReport(failed=1)
    if not is_done:
        _come_back([claim], now)
    return RingReport(done=int(is_done), busy=int(not is_done))


def _come_back(claims: Iterable[Claim], now: datetime) -> None:
    """Their cases are being worked on: look again soon, and do not count the attempt."""
    for claim in claims:
        Timer.objects.filter(
            pk=claim.id, attempts=claim.attempt, state=TimerState.WAITING, ring_at__isnull=False
        ).update(ring_at=now + BUSY_DELAY, attempts=claim.attempt - 1)


def _put_back(claim: Claim, error: Exception, now: datetime) -> None:
    is_last = claim.attempt >= settings.TIMERS_MAX_ATTEMPTS
    log.warning(
        "timer failed", timer=claim.id, attempts=claim.attempt, parked=is_last, exc_info=error
    )
    if is_last:
        _park(claim, in_words(error), now)
        return
    Timer.objects.filter(
        pk=claim.id, attempts=claim.attempt, state=TimerState.WAITING, ring_at__isnull=False
    ).update(ring_at=now + retry_delay(claim.attempt), last_error=in_words(error))


def _park(claim: Claim, reason: str, now: datetime) -> None:
    timer = Timer.objects.filter(pk=claim.id, attempts=claim.attempt, state=TimerState.WAITING)
    error = timer.values_list("last_error", flat=True).first() if reason == _DIED else reason
    timer.update(state=TimerState.PARKED, ring_at=None, ended_at=now, last_error=error or reason)
    log.error("timer parked", timer=claim.id)
