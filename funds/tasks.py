"""What the worker does for the loan ledger."""

from django.utils import timezone

from celery import shared_task

from funds.services import daily


@shared_task
def count_overdue() -> None:
    """Days overdue and classes, shortly after midnight in Shanghai; again changes nothing."""
    daily.count_overdue(now=timezone.now())
