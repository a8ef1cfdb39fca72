"""``manage.py flow_migrate``: look at running cases, and move those that fit."""

from __future__ import annotations

import signal
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lending_crm.common.errors import DomainError
from staff.models import Employee
from workflows.choices import VersionState
from workflows.models import FlowMigration, FlowVersion
from workflows.screens.moves import StepNames, fit_counts, move_words
from workflows.services import flow_migrations
from workflows.services.flow_migrations import Progress

#: seconds between two looks when every case that is left is busy
REST = 1.0


class Command(BaseCommand):
    help = (
        "Check which running cases fit the published version of a flow, and (without --dry-run) "
        "move those that do, one transaction a case. Stopped or killed, it goes on when it is "
        "run again; two at once do nothing twice."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="code of the flow definition")
        parser.add_argument("--dry-run", action="store_true", help="only say which cases fit")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="OLD=NEW",
            help="cases at stage OLD go on at stage NEW; may be repeated",
        )
        parser.add_argument("--reason", default="", help="stands in the history of each case")
        parser.add_argument("--as", dest="actor", required=True, help="login of an administrator")
        parser.add_argument("--list", action="store_true", help="name every case that stays")

    def handle(self, *args: Any, **options: Any) -> None:
        self._is_stopped = False
        before = {s: signal.signal(s, self._stop) for s in (signal.SIGTERM, signal.SIGINT)}
        try:
            self._run(**options)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """The step that runs is finished, so no case is left half moved."""
        self._is_stopped = True

    def _run(self, **options: Any) -> None:
        actor = Employee.objects.filter(username=options["actor"], is_active=True).first()
        if actor is None:
            raise CommandError(f"Nobody works here under the login {options['actor']}.")
        version = FlowVersion.objects.filter(
            definition__code=options["code"], state=VersionState.PUBLISHED
        ).first()
        if version is None:
            raise CommandError(f"There is no published version of a flow {options['code']}.")
        migration = flow_migrations.request_migration(
            version_id=version.pk, actor=actor, now=timezone.now()
        )
        if not migration.is_started:
            mapping = _mapping(options["map"])
            if mapping or migration.is_checked:
                # What was checked before may have moved on meanwhile: look again.
                migration = flow_migrations.map_stages(
                    migration_id=migration.pk, actor=actor, now=timezone.now(),
                    mapping=mapping or migration.mapping,
                )  # fmt: skip
            self._work(migration, "checked")
        if not (options["dry_run"] or self._is_stopped):
            migration.refresh_from_db()
            if not migration.is_started:
                migration = flow_migrations.start_migration(
                    migration_id=migration.pk, actor=actor, now=timezone.now(),
                    reason=options["reason"],
                )  # fmt: skip
            self._work(migration, "moved")
        self._report(migration, with_list=options["list"])

    def _work(self, migration: FlowMigration, what: str) -> None:
        steps = 0
        while not self._is_stopped:
            done = flow_migrations.continue_migration(migration_id=migration.pk, now=timezone.now())
            if done is Progress.OVER:
                return
            if done is Progress.RESTING:
                time.sleep(REST)
                continue
            steps += 1
            if steps % 100 == 0:
                self.stdout.write(f"{what}: {fit_counts(migration)}")

    def _report(self, migration: FlowMigration, *, with_list: bool) -> None:
        if self._is_stopped:
            self.stdout.write("Stopped; run it again to go on.")
        counts = fit_counts(migration)
        self.stdout.write(
            f"{migration.target}: {counts['FITS']} fit, {counts['NEEDS_MAPPING']} need mapping,"
            f" {counts['BLOCKED']} blocked, {counts['MOVED']} moved,"
            f" {counts['SKIPPED']} not needed any more."
        )
        if not with_list:
            return
        names = StepNames(migration.target_id)
        rows = migration.cases.filter(state="PENDING").select_related("case").order_by("pk")
        for row in rows.iterator(chunk_size=500):
            self.stdout.write(f"{row.case.doc_no}  {row.fit}  {' '.join(move_words(row, names))}")


def _mapping(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        old, separator, new = pair.partition("=")
        if not (old and separator and new):
            raise CommandError(f"--map {pair}: write OLD=NEW, with the ids of two stages.")
        found[old] = new
    return found
