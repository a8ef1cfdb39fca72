"""What the worker does for applications."""

from django.utils import timezone

from celery import shared_task

from applications.services import expiry


@shared_task
def expire_approvals() -> None:
    """已失效 (BUS-13), shortly after midnight in Shanghai; running it again changes nothing."""
    expiry.expire_approvals(now=timezone.now())
