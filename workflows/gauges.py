"""The engine in numbers, for Prometheus."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import Gauge

from lending_crm.common.pagination import capped_count
from workflows.choices import TimerState
from workflows.models import Timer
from workflows.screens.health import timers_waiting, unattended_cases

_due = Gauge(
    "lending_timers_due", "Timers that are due, at most 999", multiprocess_mode="mostrecent"
)
_oldest = Gauge(
    "lending_timers_oldest_seconds", "Age of the oldest due timer", multiprocess_mode="mostrecent"
)
_parked = Gauge(
    "lending_timers_parked",
    "Timers that were given up and wait for a person, at most 999",
    multiprocess_mode="mostrecent",
)
_unattended = Gauge(
    "lending_cases_unattended",
    "Live cases that nobody can act on, at most 999",
    multiprocess_mode="mostrecent",
)


def measure(now: datetime) -> None:
    """Set the gauges; three bounded statements."""
    waiting = timers_waiting(now)
    _due.set(waiting.due.number)
    _oldest.set((now - waiting.oldest_at).total_seconds() if waiting.oldest_at else 0)
    _parked.set(capped_count(Timer.objects.filter(state=TimerState.PARKED)).number)
    _unattended.set(capped_count(unattended_cases()).number)
