"""What the worker does for documents."""

from django.utils import timezone

from celery import shared_task

from documents.services import audit


@shared_task
def build_export(export_id: int) -> None:
    """Make one export; a second one of these for the same export does nothing new."""
    audit.build_export(export_id=export_id, clock=timezone.now)


@shared_task
def forget_exports() -> None:
    audit.forget_exports(now=timezone.now())
