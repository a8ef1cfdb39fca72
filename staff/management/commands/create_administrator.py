"""``manage.py create_administrator``: the first person who can log in."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lending_crm.common.errors import DomainError
from staff.services.administrators import create_administrator

VARIABLE = "ADMINISTRATOR_PASSWORD"


class Command(BaseCommand):
    help = (
        "Create a person with the role of the information administrator. The password is asked "
        f"for on a terminal; otherwise it comes from {VARIABLE} or the standard input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--username", required=True, help="the name to log in with")
        parser.add_argument("--name", required=True, help="the person's name")
        parser.add_argument("--employee-no", default="", help="default: ADM-<username>")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            person = create_administrator(
                username=options["username"],
                name=options["name"],
                employee_no=options["employee_no"],
                password=self._password(),
                now=timezone.now(),
            )
        except DomainError as error:
            raise CommandError(
                " ".join(f"{reason.code}: {reason.message}" for reason in error.reasons)
            ) from error
        self.stdout.write(f"{person.name} can log in as {person.username}.")

    def _password(self) -> str:
        if VARIABLE in os.environ:
            return os.environ[VARIABLE]
        if not sys.stdin.isatty():
            return sys.stdin.readline().rstrip("\n")
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Password again: "):
            raise CommandError("The two passwords differ; nothing was created.")
        return password
