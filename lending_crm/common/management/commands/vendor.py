"""Keep the browser libraries under static/vendor honest and current."""

from __future__ import annotations

import subprocess
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lending_crm.common import vendoring


class Command(BaseCommand):
    requires_system_checks: list[str] = []
    help = "Check the vendored browser libraries, or fetch the pinned versions again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--check", action="store_true", help="verify the SHA-256 sums (default)")
        mode.add_argument("--refresh", action="store_true", help="download and rewrite with npm")

    def handle(self, *args: Any, **options: Any) -> None:
        root = vendoring.vendor_root()
        if options["refresh"]:
            try:
                vendoring.refresh(root, report=self.stdout.write)
            except FileNotFoundError as error:
                raise CommandError(f"{error.filename} is not installed or not found.") from error
            except subprocess.CalledProcessError as error:
                raise CommandError(f"npm could not fetch a package: {error.stderr}") from error
        found = list(vendoring.differences(root))
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write("The vendored libraries match their manifest.")
