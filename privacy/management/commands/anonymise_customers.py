"""``manage.py anonymise_customers``: who is due, and what is done about it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from privacy.selectors.retention import due_customers, explained
from privacy.services.retention import run_retention


class Command(BaseCommand):
    help = (
        "Anonymise customers whose last business relation ended longer ago than the setting says."
        " Cannot be undone; --dry-run names them by number and changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="change nothing")
        parser.add_argument("--limit", type=int, help="at the most so many customers")

    def handle(self, *args: Any, **options: Any) -> None:
        now, limit = timezone.now(), options["limit"]
        if options["dry_run"]:
            rows = due_customers(now=now)
            count = 0
            for due in explained(rows[:limit]):
                count += 1
                self.stdout.write(
                    f"{due.customer.customer_no} {due.customer.branch.name}"
                    f" {due.ended_on:%Y-%m-%d} {due.because}"
                )
            self.stdout.write(f"{count} customers are due; nothing was changed.")
            return
        customers, files = run_retention(now=now, limit=limit)
        self.stdout.write(f"{customers} customers anonymised, {files} files removed.")
