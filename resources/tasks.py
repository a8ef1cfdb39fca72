"""What the worker does for work handovers."""

from django.utils import timezone

from celery import shared_task

from resources.services import execution


@shared_task
def execute_due() -> None:
    """Approved handovers whose day has come and that carry themselves out."""
    execution.execute_due(now=timezone.now())
