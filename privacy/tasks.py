"""What the worker does about personal information."""

from django.utils import timezone

from celery import shared_task

from privacy.selectors.settings import privacy_setting
from privacy.services.erasure.files import erase_booked_files
from privacy.services.retention import run_retention


@shared_task
def anonymise_due_customers() -> None:
    """每日匿名化; running it again on the same day finds nobody left."""
    if privacy_setting().runs_daily:
        run_retention(now=timezone.now())
    else:
        # What was anonymised by hand still has its files taken away.
        erase_booked_files(now=timezone.now())
