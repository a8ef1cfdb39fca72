"""``manage.py verify_history``: recompute the hash chain of every case."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.verification import verify_all


class Command(BaseCommand):
    help = "Check that no history row, snapshot, signature or end of a history was touched."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--case", type=int, nargs="*", help="only these case ids")

    def handle(self, *args: Any, **options: Any) -> None:
        cases = events = broken = 0
        for case, link in verify_all(options["case"]):
            cases += 1
            events += case.event_count
            if link is not None:
                broken += 1
                self.stdout.write(
                    f"BROKEN case {link.case_id} {link.doc_no},"
                    f" event {link.sequence}: {link.reason}"
                )
        if broken:
            raise CommandError(f"{broken} of {cases} histories are broken.")
        self.stdout.write(f"{cases} histories with {events} events are intact.")
