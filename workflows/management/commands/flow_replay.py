"""``manage.py flow_replay``: run a version over the last finished cases."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from lending_crm.common.errors import DomainError
from staff.models import Employee
from workflows.models import FlowVersion, Replay
from workflows.screens.replays import Titles, replay_groups
from workflows.services import replays


class Command(BaseCommand):
    help = (
        "Run a version of a flow (by default its draft) over the last finished cases and say "
        "which would have gone another way. Stopped with Ctrl-C or killed, the worker goes on; "
        "run it again to watch."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="code of the flow definition")
        parser.add_argument("--version-number", type=int, help="the version; default: the draft")
        parser.add_argument("--last", type=int, default=1_000, help="how many finished cases")
        parser.add_argument("--as", dest="actor", required=True, help="login of an administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        version = self._version(options["code"], options["version_number"])
        actor = Employee.objects.filter(username=options["actor"], is_active=True).first()
        if actor is None:
            raise CommandError(f"Nobody works here under the login {options['actor']}.")
        try:
            replay = replays.request_replay(
                version_id=version.pk, actor=actor, now=timezone.now(), last=options["last"]
            )
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        while replays.continue_replay(replay_id=replay.pk, now=timezone.now()):
            replay.refresh_from_db(fields=["seen", "total", "changed"])
            self.stdout.write(f"{replay.seen} of {replay.total}, {replay.changed} differ")
        self._report(Replay.objects.select_related("version__definition").get(pk=replay.pk))

    def _version(self, code: str, number: int | None) -> FlowVersion:
        found = FlowVersion.objects.select_related("definition").filter(definition__code=code)
        version = found.filter(number=number).first() if number else found.first()
        if version is None:
            raise CommandError(f"There is no such version of a flow {code}.")
        return version

    def _report(self, replay: Replay) -> None:
        self.stdout.write(
            f"{replay.version}: {replay.state.lower()}, {replay.seen} cases looked at,"
            f" {replay.changed} would have gone another way, {replay.stuck} find no way through."
        )
        titles = Titles(replay.version, replay.bpmn)
        for group in replay_groups(replay, titles):
            self.stdout.write(f"{group.count:7}  {' '.join(group.words)}")
