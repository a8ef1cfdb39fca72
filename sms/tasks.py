"""What the worker does for text messages; each may run twice without sending twice."""

from django.utils import timezone

from celery import shared_task

from sms.services import events, retention


@shared_task
def send_due_reminders() -> None:
    events.send_due_reminders(now=timezone.now())


@shared_task
def send_birthday_greetings() -> None:
    events.send_birthday_greetings(now=timezone.now())


@shared_task
def forget_old_messages() -> None:
    retention.forget_old_messages(now=timezone.now())
