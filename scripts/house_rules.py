"""House rules that no linter knows; `python -m scripts.house_rules` names each broken line."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
APPS = (
    "staff", "workflows", "documents", "customers", "sms", "applications", "contracts", "funds",
    "issues", "resources", "postloan", "riskcommittee", "privacy",
    "reports", "lending_crm",
)  # fmt: skip
LONGEST_FILE = 420

# Who may read the clock: the edge of the system, where a request, a tick or a person comes in.
# What a desk or a panel offers is asked at the moment that its page is drawn.
EDGES = {"views", "api", "tasks", "management", "middleware", "context", "health", "admin",
         "registration", "desk", "desks", "panels"}  # fmt: skip

Finding = tuple[int, str]


@dataclass(frozen=True)
class Rule:
    """A rule, the files it holds for, and how a breach is found in a file's text."""

    name: str
    holds_for: Callable[[PurePosixPath], bool]
    breaches: Callable[[str], Iterator[Finding]]


def lines_matching(pattern: str) -> Callable[[str], Iterator[Finding]]:
    compiled = re.compile(pattern)

    def find(text: str) -> Iterator[Finding]:
        for number, line in enumerate(text.splitlines(), start=1):
            if compiled.search(line):
                yield number, line.strip()

    return find


def _dotted(node: ast.AST) -> str:
    """``timezone.now`` for the expression of that name; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))


def _nodes(text: str) -> Iterator[ast.AST]:
    yield from ast.walk(ast.parse(text))


def writes_in_view(text: str) -> Iterator[Finding]:
    forbidden = {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
    for node in _nodes(text):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = _dotted(node.func)
            if node.func.attr in forbidden or name.endswith("objects.create"):
                yield node.lineno, f"a view calls {name or node.func.attr}()"
        elif isinstance(node, ast.Attribute) and _dotted(node) == "transaction.atomic":
            yield node.lineno, "a view opens a transaction"
        elif isinstance(node, ast.ExceptHandler) and (
            node.type is None or _dotted(node.type) in {"Exception", "BaseException"}
        ):
            yield node.lineno, "a view catches everything"


def reads_the_clock(text: str) -> Iterator[Finding]:
    clocks = {
        "timezone.now", "timezone.localdate", "datetime.now", "datetime.datetime.now",
        "datetime.utcnow", "date.today", "datetime.date.today", "datetime.today", "time.time",
    }  # fmt: skip
    reads_without_argument = {"timezone.localdate", "timezone.localtime"}
    for node in _nodes(text):
        if isinstance(node, ast.Call):
            name = _dotted(node.func)
            if name in reads_without_argument and node.args:
                continue
            if name in clocks | reads_without_argument:
                yield node.lineno, f"{name}() below the edge: take `now` as an argument"
        elif isinstance(node, ast.keyword) and (
            node.arg in {"auto_now", "auto_now_add"} or _dotted(node.value) == "timezone.now"
        ):
            yield node.value.lineno, "a column that reads the clock: write the moment given"


def floats(text: str) -> Iterator[Finding]:
    for node in _nodes(text):
        if isinstance(node, ast.Call) and _dotted(node.func) in {"float", "models.FloatField"}:
            yield node.lineno, "a float: money and rates are Decimal"


def positional_services(text: str) -> Iterator[Finding]:
    for node in ast.parse(text).body:
        if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
            continue
        names = {argument.arg for argument in node.args.args + node.args.kwonlyargs}
        # Who and when make an act of a function; the rest are helpers of acts.
        if {"actor", "now"} <= names and node.args.args:
            yield node.lineno, f"{node.name}() takes positional arguments: a service has none"


def too_long(text: str) -> Iterator[Finding]:
    count = len(text.splitlines())
    if count > LONGEST_FILE:
        yield count, f"{count} lines: one concept a file"


def _in_app(path: PurePosixPath) -> bool:
    return path.parts[0] in APPS and path.suffix == ".py" and "migrations" not in path.parts


def _is_view(path: PurePosixPath) -> bool:
    return _in_app(path) and ("views" in path.parts or path.name == "views.py")


def _is_below_the_edge(path: PurePosixPath) -> bool:
    names = {*path.parts[1:-1], path.stem}
    return _in_app(path) and not names & (EDGES | {"templatetags", "design", "settings"})


def _counts_money(path: PurePosixPath) -> bool:
    # The engine draws diagrams and the calendar counts hours: neither is money.
    return _in_app(path) and path.parts[0] not in {"workflows", "staff"}


def _writes_markup(path: PurePosixPath) -> bool:
    """Everywhere but where markup is made: tags and the components behind them."""
    return _in_app(path) and not {"templatetags", "design"} & set(path.parts)


def _is_service(path: PurePosixPath) -> bool:
    return _in_app(path) and ("services" in path.parts or path.name == "services.py")


def _is_template(path: PurePosixPath) -> bool:
    return path.parts[0] == "templates" and path.suffix == ".html"


def _is_page(path: PurePosixPath) -> bool:
    """A template for a browser; print-outs and e-mails live without a content policy."""
    return _is_template(path) and not {"print", "mail", "email"} & set(path.parts)


def _is_ours(path: PurePosixPath) -> bool:
    return path.parts[:2] != ("static", "vendor") and path.suffix not in {".png", ".woff2"}


# Written in two halves so that this file does not break its own rule.
_HOSTS = (
    "pypi" + r"\.org",
    "python" + r"hosted\.org",
    "npmjs" + r"\.(org|com)",
    "deb" + r"\.debian\.org",
)
_MACHINE = ("/work" + "/(main|shared)", "file:" + "///opt", "/root" + "/")

RULES = (
    Rule("a view only parses, asks and renders", _is_view, writes_in_view),
    Rule("nothing below the edge reads the clock", _is_below_the_edge, reads_the_clock),
    Rule("no float", _counts_money, floats),
    Rule("services take keywords only", _is_service, positional_services),
    Rule("a file holds one concept", _in_app, too_long),
    Rule(
        "templates escape everything",
        _is_template,
        lines_matching(r"\|\s*safe\b|autoescape\s+off|\|\s*safeseq\b"),
    ),
    Rule(
        "code marks no text as safe",
        _writes_markup,
        # A reason behind noqa is a reviewed exception.
        lines_matching(r"^(?!.*noqa: S308 - ).*(\bmark_safe|SafeString)\("),
    ),
    Rule(
        "no inline script, style or handler",
        _is_page,
        lines_matching(r"<style\b|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\bsrc=)"),
    ),
    Rule(
        "nothing from other hosts",
        _is_page,
        lines_matching(r"(src|href)=\"(https?:)?//"),
    ),
    Rule("no machine path and no registry", _is_ours, lines_matching("|".join(_HOSTS + _MACHINE))),
    Rule(
        "sentences are collected",
        _in_app,
        # Under a name of its own the collector does not see the call.
        lines_matching(r"translation import .*gettext\w* as (?!_\b)"),
    ),
    Rule("no unfinished work", _in_app, lines_matching(r"\b(TODO|FIXME|XXX|HACK)\b")),
)


def tracked_files() -> list[PurePosixPath]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [PurePosixPath(name) for name in listing.stdout.split("\0") if name]


def breaches() -> Iterator[str]:
    for path in tracked_files():
        rules = [rule for rule in RULES if rule.holds_for(path)]
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        for rule in rules:
            for line, words in rule.breaches(text):
                yield f"{path}:{line}: {rule.name}: {words}"


def main() -> int:
    found = list(breaches())
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
