"""What the worker does for customers."""

from django.utils import timezone

from celery import shared_task

from customers.services import grading, warnings


@shared_task
def warn_of_stalled_opportunities() -> None:
    """业务机会预警; running it again tells nobody twice."""
    warnings.warn_of_stalled(now=timezone.now())


@shared_task
def grade_prospects() -> None:
    """每日分级; running it again on the same day changes nothing."""
    grading.grade_prospects(now=timezone.now())
