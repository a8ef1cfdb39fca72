"""The Chinese message catalogue: compile it, check that it is complete, bring it up to date.

The sentences in code and templates are English and complete by themselves; the only catalogue
is ``locale/zh_Hans``. An app may keep new translations in a ``locale/`` of its own until the
next ``--update`` moves them into the common one.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.core.management.commands import makemessages

LOCALE = "zh_Hans"
CATALOGUE = Path("locale") / LOCALE / "LC_MESSAGES" / "django.po"
IGNORED = [".venv/*", "var/*", "tests/*", "scripts/*", "benchmarks/*", "static/*", "media/*"]

_MSGID = re.compile(r'^msgid ".*"(\n".*")*', re.MULTILINE)
_QUOTED = re.compile(r'"(.*)"')
_HEADER = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: zh_Hans\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"""


class _Extraction(makemessages.Command):
    """Django's extraction, stopped before it writes a catalogue."""

    def __init__(self, target: Path) -> None:
        super().__init__()
        self._target = target

    def write_po_file(self, potfile: str, locale: str) -> None:
        name = f"{len(list(self._target.iterdir()))}.pot"
        (self._target / name).write_bytes(Path(potfile).read_bytes())


class Command(BaseCommand):
    help = "Compile, check or update the Chinese message catalogue."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        act = parser.add_mutually_exclusive_group(required=True)
        act.add_argument("--compile", action="store_true", help="write .mo files where needed")
        act.add_argument("--check", action="store_true", help="fail on a missing translation")
        act.add_argument("--update", action="store_true", help="merge all into locale/")

    def handle(self, *args: Any, **options: Any) -> None:
        os.chdir(settings.BASE_DIR)
        if options["compile"]:
            self._compile()
        elif options["check"]:
            self._check()
        else:
            self._update()

    def _compile(self) -> None:
        for catalogue in _catalogues():
            compiled = catalogue.with_suffix(".mo")
            if compiled.exists() and compiled.stat().st_mtime >= catalogue.stat().st_mtime:
                continue
            _gettext("msgfmt", "-o", str(compiled), str(catalogue))

    def _check(self) -> None:
        for catalogue in _catalogues():
            _gettext("msgfmt", "--check-format", "-o", os.devnull, str(catalogue))
        with tempfile.TemporaryDirectory() as folder:
            merged = _merged(Path(folder))
            missing = _entries(merged, "--untranslated")
            guessed = [name for po in _catalogues() for name in _entries(po, "--only-fuzzy")]
        for name in missing:
            self.stderr.write(f"not translated: {name}")
        for name in guessed:
            self.stderr.write(f"only guessed: {name}")
        if missing or guessed:
            raise CommandError(
                f"{len(missing)} sentences have no Chinese translation and {len(guessed)} only a "
                "guess; add them and run this again."
            )
        self.stdout.write("Every sentence is translated.")

    def _update(self) -> None:
        target = Path(settings.BASE_DIR) / CATALOGUE
        with tempfile.TemporaryDirectory() as folder:
            merged = _merged(Path(folder))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(merged.read_bytes())
        for catalogue in _catalogues():
            if catalogue != target:
                catalogue.unlink()
                catalogue.with_suffix(".mo").unlink(missing_ok=True)
        self._compile()
        count = len(_entries(target, "--untranslated"))
        self.stdout.write(f"{CATALOGUE} is up to date; {count} sentences lack a translation.")


def _catalogues() -> list[Path]:
    """Every Chinese catalogue of the project; the common one comes first and wins."""
    base = Path(settings.BASE_DIR)
    own = sorted(
        path
        for app in base.iterdir()
        if app.is_dir() and not app.name.startswith(".") and app.name != "var"
        for path in app.glob(f"**/locale/{LOCALE}/LC_MESSAGES/django.po")
    )
    common = base / CATALOGUE
    return [*([common] if common.exists() else []), *(path for path in own if path != common)]


def _merged(folder: Path) -> Path:
    """All sentences of today's code and templates with the translations that exist."""
    templates = folder / "extracted"
    templates.mkdir()
    _extract(templates)
    wanted, known, merged = folder / "all.pot", folder / "known.po", folder / "merged.po"
    _gettext(
        "msgcat", "--use-first", "--sort-output", "--add-location=file", "-o", str(wanted),
        *map(str, sorted(templates.iterdir())),
    )  # fmt: skip
    empty = folder / "empty.po"
    empty.write_text(_HEADER)
    _gettext(
        "msgcat", "--use-first", "--no-location", "-o", str(known), str(empty),
        *map(str, _catalogues()),
    )  # fmt: skip
    _gettext(
        "msgmerge", "--quiet", "--no-fuzzy-matching", "--sort-output", "--add-location=file",
        "-o", str(merged), str(known), str(wanted),
    )  # fmt: skip
    # Sentences that nobody says any more leave the catalogue.
    _gettext("msgattrib", "--no-obsolete", "-o", str(merged), str(merged))
    return merged


def _extract(target: Path) -> None:
    _Extraction(target).handle(
        locale=[LOCALE],
        exclude=[],
        domain="django",
        verbosity=0,
        all=False,
        extensions=["html", "txt", "py"],
        symlinks=False,
        ignore_patterns=IGNORED,
        use_default_ignore_patterns=True,
        no_wrap=False,
        no_location=False,
        add_location="file",
        no_obsolete=True,
        keep_pot=False,
    )


def _entries(catalogue: Path, which: str) -> list[str]:
    """The sentences of the entries that msgattrib selects, without the header."""
    listing = _gettext("msgattrib", which, "--no-obsolete", "--no-wrap", str(catalogue))
    found = (_MSGID.search(entry) for entry in listing.split("\n\n"))
    sentences = ("".join(_QUOTED.findall(match[0])) for match in found if match)
    return [sentence for sentence in sentences if sentence]


def _gettext(program: str, *arguments: str) -> str:
    try:
        done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise CommandError(f"{program} is missing: install the package gettext.") from None
    if done.returncode != 0:
        raise CommandError(f"{program}: {done.stderr.strip() or 'failed without a word'}")
    return done.stdout
