"""What the worker does for the organisation."""

from django.utils import timezone

from celery import shared_task

from staff.services import delegations


@shared_task
def tend_delegations() -> None:
    """Delegations begin and end by themselves; running it again changes nothing."""
    delegations.tend_delegations(now=timezone.now())
