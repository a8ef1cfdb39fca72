"""Ring the engine's timers by hand, or where no Celery worker runs."""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from workflows.timing.dispatch import RingReport, ring_due

_PAUSE_SECONDS = 5


class Command(BaseCommand):
    help = "Ring due timers of the approval engine until none is left (--once) or until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="stop when nothing is due")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        total = RingReport()
        while True:
            report = ring_due(clock=timezone.now, limit=settings.TIMERS_A_TICK)
            total += report
            if report.done:
                continue
            if once:
                break
            time.sleep(_PAUSE_SECONDS)
        self.stdout.write(f"{total.done} rung, {total.failed} failed, {total.busy} busy.")
