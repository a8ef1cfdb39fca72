"""``manage.py demo``: a lender with a year of business, to try the product with."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from reports.demo.load import holds_data, is_loaded, load_demo
from reports.demo.organisation import PASSWORD
from reports.demo.people import ADMINISTRATOR, PEOPLE, ROLE_LOGINS


class Command(BaseCommand):
    help = "Fill an empty database with demo data; never touches one that holds anything else."

    def handle(self, *args: Any, **options: Any) -> None:
        if is_loaded():
            self.stdout.write("The demo data is there already; nothing was changed.")
            return
        if holds_data():
            raise CommandError(
                "This database holds data of its own, and the demo never touches such a one: "
                "name an empty database in DATABASE_URL and run `manage.py migrate` there first."
            )
        started = time.monotonic()
        # The messages of the past go to nobody; a line for each would drown the months.
        logging.getLogger("sms.gateways.console").setLevel(logging.WARNING)
        # What the services write into records is in the language of the lender.
        with translation.override("zh-hans"):
            load_demo(now=timezone.now(), tell=self._tell)
        self._tell(f"Done in {time.monotonic() - started:.0f} s.")
        self._list_logins()

    def _tell(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _list_logins(self) -> None:
        people = {person.login: person for person in (ADMINISTRATOR, *PEOPLE)}
        self.stdout.write(f"\nLogins, all with the password {PASSWORD}:")
        for login in ROLE_LOGINS:
            person = people[login]
            self.stdout.write(f"  {login:<5} {person.name}  {person.role.label}  {person.branch}")
