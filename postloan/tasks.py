"""What the worker does for supervised loans."""

from django.utils import timezone

from celery import shared_task

from postloan.services import report_reminders


@shared_task
def remind_of_supervision() -> None:
    """Reports due and late; each reminder leaves once."""
    report_reminders.remind_of_duties(now=timezone.now())
