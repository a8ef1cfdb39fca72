"""``python -m lending_verify FILE…``: is an audit pack or a history what was exported?"""

from __future__ import annotations

import argparse
import locale
import sys
from collections.abc import Sequence
from pathlib import Path

from lending_verify.pack import Report, check_file
from lending_verify.words import LANGUAGES, CannotCheck, printable, say

INTACT, BROKEN, CANNOT = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 intact, 1 changed or incomplete, 2 cannot be checked at all."""
    parser = argparse.ArgumentParser(
        prog="python -m lending_verify",
        description="Check audit packs (ZIP) and exported histories (JSON, PDF) by themselves.",
        epilog="Exit code 0: intact. 1: changed or incomplete. 2: cannot be checked.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--lang", choices=LANGUAGES, default=_language())
    parser.add_argument(
        "--expect", default="", metavar="FINGERPRINT", help="as the system shows it for the export"
    )
    options = parser.parse_args(arguments)
    worst = INTACT
    for name in options.files:
        code, lines = _checked(name, options.lang, options.expect)
        worst = max(worst, code)
        for line in lines:
            _print(line)
    return worst


def _checked(name: str, language: str, expected: str) -> tuple[int, list[str]]:
    shown = printable(name)
    try:
        report = check_file(Path(name), expected=expected)
    except CannotCheck as error:
        return CANNOT, [
            f"{shown}: {say('cannot', language)}",
            f"  {error.problem.sentence(language)}",
        ]
    lines = [f"  {problem.sentence(language)}" for problem in report.problems]
    if report.problems:
        head = say("broken", language, n=len(report.problems))
        return BROKEN, [f"{shown}: {head}", *lines]
    return INTACT, [f"{shown}: {say('intact', language)}", *_about(report, language, expected)]


def _about(report: Report, language: str, expected: str) -> list[str]:
    lines = [
        say(
            "about", language, doc_no=report.doc_no, events=report.events,
            snapshots=report.snapshots, files=report.files,
        ),
        say("head", language, hash=report.last_hash),
        say("print", language, hash=report.fingerprint),
    ]  # fmt: skip
    if not expected:
        lines.append(say("compare", language))
    return [f"  {line}" for line in lines]


def _language() -> str:
    try:
        name = locale.getlocale()[0] or ""
    except ValueError:
        name = ""
    return "zh" if name.lower().startswith(("zh", "chinese")) else "en"


def _print(line: str) -> None:
    """To any terminal: characters that it cannot show become question marks."""
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(line.encode(encoding, "replace").decode(encoding) + "\n")


if __name__ == "__main__":
    sys.exit(main())
