"""What the worker does for the engine."""

from django.conf import settings
from django.utils import timezone

from celery import shared_task

from workflows.services import durations, role_changes, runs
from workflows.timing.dispatch import ring_due


@shared_task
def continue_runs() -> None:
    """Replays and migrations that are not finished; many of these may run at once."""
    runs.continue_runs(clock=timezone.now)


@shared_task
def stop_unattended_stages() -> None:
    """Tell the administrators of steps that lost their people; fill seats that are empty."""
    now = timezone.now()
    role_changes.stop_unattended_stages(now=now)
    role_changes.fill_vacant_seats(now=now)


@shared_task
def ring_timers() -> None:
    """Ring due timers; many of these may run at once."""
    ring_due(clock=timezone.now, limit=settings.TIMERS_A_TICK)


@shared_task
def refresh_durations() -> None:
    """Measure how long steps take, for the forecast on the case page."""
    durations.refresh_durations(now=timezone.now())
