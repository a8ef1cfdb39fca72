"""What the worker does for customers."""

from django.utils import timezone

from celery import shared_task

from customers.services import grading, imports, warnings


@shared_task
def warn_of_stalled_opportunities() -> None:
    """业务机会预警; running it again tells nobody twice."""
    warnings.warn_of_stalled(now=timezone.now())


@shared_task
def grade_prospects() -> None:
    """每日分级; running it again on the same day changes nothing."""
    grading.grade_prospects(now=timezone.now())


@shared_task
def work_on_import(run_id: int) -> None:
    """One pass over a workbook; started twice, each row is looked at once."""
    while imports.advance_import(run_id=run_id, now=timezone.now()):
        pass
