"""Deliver the outbox by hand, or where no Celery worker runs."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from lending_crm.common import services

_PAUSE_SECONDS = 2


class Command(BaseCommand):
    help = "Deliver due outbox messages until none is left (--once) or until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="stop when nothing is due")
        parser.add_argument(
            "--unpark", action="store_true", help="first give parked messages a fresh start"
        )

    def handle(self, *args: Any, once: bool, unpark: bool, **options: Any) -> None:
        if unpark:
            count = services.unpark(now=timezone.now())
            self.stdout.write(f"{count} parked messages are due again.")
        delivered = failed = 0
        while True:
            report = services.deliver_due(clock=timezone.now, limit=settings.OUTBOX_BATCH)
            delivered += report.delivered
            failed += report.failed
            if report.delivered or report.failed:
                continue
            if once:
                break
            time.sleep(_PAUSE_SECONDS)
        self.stdout.write(f"{delivered} delivered, {failed} failed.")
