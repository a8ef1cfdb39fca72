"""What the worker does for the engine."""

from django.utils import timezone

from celery import shared_task

from workflows.services import runs


@shared_task
def continue_runs() -> None:
    """Replays and migrations that are not finished; many of these may run at once."""
    runs.continue_runs(clock=timezone.now)
