"""Delivery from the outbox: exactly one effect, whatever fails, dies or runs twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

import pytest

from lending_crm.common import outbox, services
from lending_crm.common.models import OutboxMessage

ROOT = Path(__file__).resolve().parent.parent.parent
Handlers = dict[str, outbox.Handler]


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> Handlers:
    """The registered handlers, empty for this test."""
    registered: Handlers = {}
    monkeypatch.setattr(outbox, "_handlers", registered)
    return registered


def publish(now: datetime, *topics: str) -> list[OutboxMessage]:
    outbox.publish_all([(topic, {}) for topic in topics], now=now)
    return list(OutboxMessage.objects.order_by("id"))


def leave_a_trace(message: OutboxMessage, now: datetime) -> None:
    """An effect in the database that can be counted."""
    outbox.publish_all([("trace", {"of": message.pk})], now=now + timedelta(days=365))


def traces() -> int:
    return OutboxMessage.objects.filter(topic="trace").count()


def deliver(now: datetime, limit: int = 50) -> services.DeliveryReport:
    return services.deliver_due(clock=lambda: now, limit=limit)


@pytest.mark.django_db
class TestDeliverDue:
    def test_delivers_each_message_once(self, handlers: Handlers, now: datetime) -> None:
        seen: list[int] = []
        handlers["t"] = lambda message, _now: seen.append(message.pk)
        first, second = publish(now, "t", "t")

        report = deliver(now)
        again = deliver(now + timedelta(hours=1))

        assert seen == [first.pk, second.pk]
        assert (report.delivered, report.failed) == (2, 0)
        assert (again.delivered, again.failed) == (0, 0)

    def test_leaves_messages_that_are_not_due(self, handlers: Handlers, now: datetime) -> None:
        handlers["t"] = leave_a_trace
        publish(now + timedelta(seconds=1), "t")

        assert deliver(now).delivered == 0

    def test_stops_at_its_limit(self, handlers: Handlers, now: datetime) -> None:
        handlers["t"] = lambda _message, _now: None
        publish(now, "t", "t", "t")

        assert deliver(now, limit=2).delivered == 2
        assert deliver(now, limit=2).delivered == 1

    def test_a_failing_message_stops_no_other(self, handlers: Handlers, now: datetime) -> None:
        def fail(message: OutboxMessage, _now: datetime) -> None:
            leave_a_trace(message, now)
            raise RuntimeError("mail server 13800138000 said no")

        handlers["bad"] = fail
        handlers["good"] = lambda _message, _now: None
        bad, good = publish(now, "bad", "good")

        report = deliver(now)

        bad.refresh_from_db()
        good.refresh_from_db()
        assert (report.delivered, report.failed) == (1, 1)
        assert good.delivered_at == now
        assert bad.delivered_at is None
        assert bad.last_error == "RuntimeError: mail server [number] said no"
        assert traces() == 0, "what a failed handler wrote is rolled back"

    def test_waits_longer_after_each_failure_and_parks_after_eight(
        self, handlers: Handlers, now: datetime
    ) -> None:
        def fail(_message: OutboxMessage, _now: datetime) -> None:
            raise RuntimeError("no")

        handlers["t"] = fail
        (message,) = publish(now, "t")
        waits = []
        moment = now
        for _attempt in range(settings.OUTBOX_MAX_ATTEMPTS):
            assert deliver(moment).failed == 1
            assert deliver(moment).failed == 0, "it rests before the next attempt"
            message.refresh_from_db()
            waits.append((message.due_at - moment).total_seconds())
            moment = message.due_at

        assert waits[:4] == [30, 90, 270, 810]
        assert message.parked_at is not None
        assert message.attempts == 8
        assert deliver(moment + timedelta(days=30)).failed == 0

    def test_keeps_a_message_without_handler(self, handlers: Handlers, now: datetime) -> None:
        (message,) = publish(now, "unknown")

        assert deliver(now).failed == 1
        message.refresh_from_db()
        assert "no handler is registered for topic 'unknown'" in message.last_error

    def test_parks_a_message_that_kills_each_worker(
        self, handlers: Handlers, now: datetime
    ) -> None:
        handlers["t"] = leave_a_trace
        (message,) = publish(now, "t")
        OutboxMessage.objects.update(attempts=settings.OUTBOX_MAX_ATTEMPTS)

        deliver(now)

        message.refresh_from_db()
        assert message.parked_at == now
        assert message.last_error
        assert traces() == 0


@pytest.mark.django_db
class TestDeliver:
    def test_does_nothing_when_a_later_claim_overtook_it(
        self, handlers: Handlers, now: datetime
    ) -> None:
        handlers["t"] = leave_a_trace
        publish(now, "t")
        slow = services.claim_next(now=now)
        quick = services.claim_next(now=now + timedelta(minutes=1))
        assert slow is not None and quick is not None

        assert services.deliver(slow, now=now) is False
        assert services.deliver(quick, now=now) is True
        assert services.deliver(quick, now=now) is False
        assert traces() == 1


@pytest.mark.django_db
class TestForgetDelivered:
    def test_removes_only_what_was_delivered_long_ago(
        self, handlers: Handlers, now: datetime
    ) -> None:
        old, fresh, parked = publish(now, "t", "t", "t")
        long_ago = now - timedelta(days=settings.OUTBOX_KEEP_DAYS + 1)
        OutboxMessage.objects.filter(pk=old.pk).update(delivered_at=long_ago)
        OutboxMessage.objects.filter(pk=fresh.pk).update(delivered_at=now)
        OutboxMessage.objects.filter(pk=parked.pk).update(parked_at=long_ago)

        assert services.forget_delivered(now=now) == 1
        assert not OutboxMessage.objects.filter(pk=old.pk).exists()


@pytest.mark.django_db
class TestDispatchOutboxCommand:
    def test_delivers_until_nothing_is_due(
        self, handlers: Handlers, now: datetime, capsys: pytest.CaptureFixture[str]
    ) -> None:
        handlers["t"] = lambda _message, _now: None
        publish(now - timedelta(days=365), *["t"] * 3)

        call_command("dispatch_outbox", once=True)

        assert "3 delivered, 0 failed" in capsys.readouterr().out

    def test_gives_parked_messages_a_fresh_start(
        self, handlers: Handlers, now: datetime, capsys: pytest.CaptureFixture[str]
    ) -> None:
        handlers["t"] = lambda _message, _now: None
        publish(now, "t")
        OutboxMessage.objects.update(parked_at=now, attempts=8)

        call_command("dispatch_outbox", once=True, unpark=True)

        assert "1 delivered" in capsys.readouterr().out


def in_threads(count: int, work: Callable[[], Any]) -> list[Any]:
    """Run the same work on connections of their own, started together."""
    barrier = threading.Barrier(count)
    results: list[Any] = []

    def run() -> None:
        barrier.wait()
        try:
            results.append(work())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestManyDispatchers:
    def test_have_exactly_one_effect(self, handlers: Handlers, now: datetime) -> None:
        handlers["t"] = leave_a_trace
        publish(now, *["t"] * 40)

        reports = in_threads(4, lambda: deliver(now))

        assert sum(report.delivered for report in reports) == 40
        assert traces() == 40
        assert (
            len(set(OutboxMessage.objects.filter(topic="trace").values_list("payload__of"))) == 40
        )


WORKER = """
import django, sys, time
django.setup()
from datetime import datetime
from django.db import connection
from lending_crm.common import outbox, services
connection.settings_dict["NAME"] = sys.argv[1]
now = datetime.fromisoformat(sys.argv[2])

def deliver_slowly(message, moment):
    outbox.publish_all([("trace", {"of": message.pk})], now=moment)
    print("in the middle", flush=True)
    time.sleep(60)

outbox._handlers["t"] = deliver_slowly
services.deliver_due(clock=lambda: now, limit=1)
"""


@pytest.fixture
def dying_worker(now: datetime) -> Iterator[Callable[[], None]]:
    """A function that lets another process start a delivery and kills it in the middle."""
    started: list[subprocess.Popen[str]] = []

    def run() -> None:
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, connection.settings_dict["NAME"], now.isoformat()],
            cwd=ROOT,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "lending_crm.settings.test"},
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(worker)
        assert worker.stdout is not None
        assert worker.stdout.readline().strip() == "in the middle"
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)

    yield run
    for worker in started:
        worker.kill()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestKilledWorker:
    def test_loses_no_message_and_delivers_none_twice(
        self, handlers: Handlers, now: datetime, dying_worker: Callable[[], None]
    ) -> None:
        handlers["t"] = leave_a_trace
        (message,) = publish(now, "t")

        dying_worker()
        assert traces() == 0
        later = now + services.retry_delay(1)
        assert deliver(later).delivered == 1
        assert deliver(later + timedelta(days=1)).delivered == 0

        message.refresh_from_db()
        assert message.delivered_at == later
        assert message.attempts == 2
        assert traces() == 1
