"""``manage.py flow check|import|export|diff``: approval routes as BPMN 2.0 files."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from lending_crm.common.errors import DomainError
from staff.models import Employee
from workflows.bpmn.compare import ChangeKind, compare
from workflows.bpmn.file_text import BYTES_AT_MOST
from workflows.bpmn.findings import Finding
from workflows.bpmn.model import Definition
from workflows.bpmn.text import printable
from workflows.choices import VersionState
from workflows.definitions import read_file
from workflows.exchange import FileCheck, check_file, find_version
from workflows.kinds import all_kinds, kind_for
from workflows.models import FlowDefinition
from workflows.screens.flows import Names
from workflows.services.definitions import import_route

STANDARD = "-"
REFUSED, TROUBLE = 1, 2
_SIGNS = {ChangeKind.ADDED: "+", ChangeKind.REMOVED: "-", ChangeKind.CHANGED: "~"}


class Command(BaseCommand):
    help = (
        "Check, import, export and compare approval routes as BPMN 2.0 files. Exit code 0: "
        "accepted, done, or no difference; 1: refused, or different; 2: nothing could be done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        one = acts.add_parser("check", help="say what files would become, and change nothing")
        one.add_argument("files", nargs="+", metavar="FILE", help="a BPMN file; - is the input")
        one.add_argument("--kind", help="judge conditions and people for this document kind")
        one = acts.add_parser("import", help="make a file the draft of a flow")
        one.add_argument("file", metavar="FILE")
        one.add_argument("--flow", required=True, metavar="CODE")
        one.add_argument("--actor", required=True, help="login of an information administrator")
        one.add_argument("--replace", action="store_true", help="replace the draft that is there")
        one = acts.add_parser("export", help="write a version as BPMN 2.0")
        one.add_argument("version", metavar="CODE[@VERSION]", help="a number, draft or published")
        one.add_argument("--output", metavar="FILE", default=STANDARD)
        one = acts.add_parser("diff", help="tell what differs between two routes")
        one.add_argument("before", metavar="BEFORE", help="a FILE or CODE[@VERSION]")
        one.add_argument("after", metavar="AFTER", help="a FILE or CODE[@VERSION]")
        one.add_argument("--kind", help="put the conditions of files into this kind's words")
        for each in acts.choices.values():
            _add_language(each)

    def handle(self, *args: Any, **options: Any) -> None:
        with translation.override(options["lang"]):
            try:
                getattr(self, f"_{options['act']}")(**options)
            except DomainError as error:
                raise CommandError(f"{error.code}: {error.message}", returncode=TROUBLE) from error

    # -- the acts ------------------------------------------------------------------------

    def _check(self, *, files: list[str], kind: str | None, **_options: Any) -> None:
        _known_kind(kind)
        refused = 0
        for name in files:
            found = check_file(_bytes_of(name), kind)
            refused += not found.is_accepted
            self._tell(printable(name), found)
        if refused:
            said = _("%(refused)s of %(all)s files cannot be imported.")
            raise CommandError(said % {"refused": refused, "all": len(files)}, returncode=REFUSED)

    def _import(self, *, file: str, flow: str, actor: str, replace: bool, **_options: Any) -> None:
        row = find_version(flow).definition
        person = Employee.objects.filter(username=actor).first() if "\x00" not in actor else None
        if person is None:
            raise CommandError(_("Nobody logs in as “%s”.") % printable(actor), returncode=TROUBLE)
        data = _bytes_of(file)
        found = check_file(data, row.document_kind)
        self._tell(printable(file), found)
        if not found.is_accepted:
            raise CommandError(_("Nothing was imported."), returncode=REFUSED)
        draft = import_route(
            definition_id=row.pk,
            actor=person,
            now=timezone.now(),
            data=data,
            replaces_revision=_draft_revision(row) if replace else None,
        )
        self.stdout.write(_("Imported as the draft %s.") % draft)

    def _export(self, *, version: str, output: str, **_options: Any) -> None:
        found = find_version(version)
        if output == STANDARD:
            self.stdout.write(found.bpmn, ending="")
            return
        try:
            Path(output).write_text(found.bpmn, encoding="utf-8")
        except (OSError, ValueError) as error:
            raise _file_trouble(output, error) from error
        self.stdout.write(_("Wrote %(version)s to %(file)s.") % {
            "version": found, "file": printable(output),
        })  # fmt: skip

    def _diff(self, *, before: str, after: str, kind: str | None, **_options: Any) -> None:
        _known_kind(kind)
        if kind is None:
            kind = next((code for name in (before, after) if (code := _kind_of(name))), None)
        old, new = _route(before, kind), _route(after, kind)
        facts = kind_for(kind).condition_facts if kind else ()
        changes = compare(old, new, facts=facts, resolve=Names(old, new))
        for change in changes:
            self.stdout.write(
                f"{_SIGNS[change.kind]} {change.what} “{printable(change.title)}”"
                + (f" ({change.element_id})" if change.element_id else "")
            )
            for detail in change.details:
                self.stdout.write(f"    {printable(detail)}")
        if changes:
            said = _("%(n)s differences.") % {"n": len(changes)}
            raise CommandError(said, returncode=REFUSED)
        self.stdout.write(_("No difference."))

    # -- words ---------------------------------------------------------------------------

    def _tell(self, name: str, found: FileCheck) -> None:
        if found.definition is None:
            self.stdout.write(_("%s: cannot be imported") % name)
            self._list(found.errors)
            return
        stages = sum(1 for _stage in found.definition.stages())
        said = _("%(file)s: can be imported (elements: %(all)s, approval stages: %(stages)s)")
        counts = {"file": name, "all": len(found.definition.elements), "stages": stages}
        self.stdout.write(said % counts)
        for title, findings in (
            (_("Not taken over:"), found.notes),
            (_("To settle before it can be published:"), found.to_do),
        ):
            if findings:
                self.stdout.write(f"  {title}")
                self._list(findings)

    def _list(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.stdout.write(f"    {printable(finding.message)} [{finding.code}]")


def _add_language(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--lang",
        default=settings.LANGUAGE_CODE,
        choices=[code for code, _name in settings.LANGUAGES],
        help="language of the findings",
    )


def _known_kind(kind: str | None) -> None:
    known = sorted(each.code for each in all_kinds())
    if kind is not None and kind not in known:
        said = _("There is no document kind “%(kind)s”. Known: %(known)s.")
        said %= {"kind": printable(kind), "known": ", ".join(known)}
        raise CommandError(said, returncode=TROUBLE)


def _bytes_of(name: str) -> bytes:
    """The file's bytes, one more than allowed at most: the reader refuses what is too large."""
    try:
        if name == STANDARD:
            return sys.stdin.buffer.read(BYTES_AT_MOST + 1)
        with Path(name).open("rb") as file:
            return file.read(BYTES_AT_MOST + 1)
    except (OSError, ValueError) as error:
        raise _file_trouble(name, error) from error


def _file_trouble(name: str, error: Exception) -> CommandError:
    reason = getattr(error, "strerror", None) or str(error)
    said = _("“%(file)s” cannot be used: %(reason)s") % {"file": printable(name), "reason": reason}
    return CommandError(said, returncode=TROUBLE)


def _is_file(name: str) -> bool:
    # Unlike Path.exists this answers for names that no file system could hold.
    return name == STANDARD or os.path.exists(name)  # noqa: PTH110


def _kind_of(name: str) -> str | None:
    return None if _is_file(name) else find_version(name).definition.document_kind


def _route(name: str, kind: str | None) -> Definition:
    """A side of the comparison: a file, or a version that is kept here."""
    data = _bytes_of(name) if _is_file(name) else find_version(name).bpmn
    reading = read_file(data, kind)
    if reading.definition is None:
        lines = [_("%s: cannot be imported") % name]
        lines += [finding.message for finding in reading.findings if finding.is_error]
        raise CommandError("\n".join(printable(line) for line in lines), returncode=TROUBLE)
    return reading.definition


def _draft_revision(row: FlowDefinition) -> int | None:
    draft = row.versions.filter(state=VersionState.DRAFT).first()
    return draft.revision if draft is not None else None
