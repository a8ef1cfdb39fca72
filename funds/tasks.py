"""What the worker does for the loan ledger."""

from django.utils import timezone

from celery import shared_task

from funds.services import daily, totals


@shared_task
def count_overdue() -> None:
    """Days overdue and classes, shortly after midnight in Shanghai; again changes nothing."""
    daily.count_overdue(now=timezone.now())


@shared_task
def fold_totals() -> None:
    """One row a day and kind in the totals of the journal; the sums stay the same."""
    totals.fold_totals()
