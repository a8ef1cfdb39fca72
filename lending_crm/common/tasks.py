"""What the worker does for everybody: deliver the outbox, clean up."""

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from celery import shared_task

from lending_crm.common import services
from lending_crm.common.exports import runs


@shared_task
def dispatch_outbox() -> None:
    """Deliver due messages; many of these may run at once."""
    services.deliver_due(clock=timezone.now, limit=settings.OUTBOX_BATCH)


@shared_task
def forget_delivered_messages() -> None:
    services.forget_delivered(now=timezone.now())


@shared_task
def build_list_export(run_id: int) -> None:
    """Make one export; a second one of these for the same export does nothing new."""
    runs.build_list_export(run_id=run_id, now=timezone.now())


@shared_task
def forget_list_exports() -> None:
    runs.forget_list_exports(now=timezone.now())


@shared_task
def forget_expired_sessions() -> None:
    call_command("clearsessions")
