"""Every code that the product can refuse with is met by a test that names it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.test_project import ROOT

CODE = re.compile(r"[A-Z]{2,5}-[0-9]{2,3}")
#: folders whose files raise nothing that a user reads
NOT_THE_PRODUCT = {"tests", "scripts", "benchmarks", "migrations", "node_modules"}
#: constants of that shape that are no codes
NO_CODES = {"SHA-256"}


def sources() -> Iterator[Path]:
    for package in sorted(path.parent for path in ROOT.glob("*/__init__.py")):
        for path in sorted(package.rglob("*.py")):
            if not NOT_THE_PRODUCT & set(path.relative_to(ROOT).parts):
                yield path


def codes_in(text: str) -> set[str]:
    """The codes that stand in the source as a string of their own."""
    return {
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CODE.fullmatch(node.value)
    } - NO_CODES


def named_in(text: str) -> set[str]:
    """The codes that a test names, as ``WF-25`` or in a name of its own as ``wf_25``."""
    found = re.findall(r"(?<![A-Za-z])([A-Za-z]{2,5})[-_]([0-9]{2,3})(?![0-9])", text)
    return {f"{area.upper()}-{number}" for area, number in found}


def test_every_code_has_a_test_that_names_it() -> None:
    raised = {code for path in sources() for code in codes_in(path.read_text())}
    tests = (path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__))
    named = {code for path in tests for code in named_in(path.read_text())}
    assert len(raised) > 400, "the codes of the source are not found any more"
    assert sorted(raised - named) == [], "no test names these codes"


@pytest.mark.parametrize("number", range(1, 31))
def test_everything_that_must_never_happen_has_a_test_of_that_name(number: int) -> None:
    """N1 to N30 of the domain's list, in a test's name as ``n01``."""
    named = re.compile(rf"def test_(\w+_)?n0?{number}_")
    assert any(named.search(path.read_text()) for path in (ROOT / "tests").rglob("test_*.py"))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('raise DomainError("WF-99", "x")', {"WF-99"}),
        ('CODES = ["FLOW-01", "SYS-503"]', {"FLOW-01", "SYS-503"}),
        ('"""Raises WF-98 where it must."""', set()),
        ('sha = "SHA-256"', set()),
    ],
)
def test_finds_the_codes_of_a_source(text: str, codes: set[str]) -> None:
    assert codes_in(text) == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('assert code == "WF-99"', {"WF-99"}),
        ("def test_wf_99_when_late(): ...", {"WF-99"}),
        ('assert code == "WF-991"', {"WF-991"}),
        ("def test_unaware_f_99(): ...", set()),
    ],
)
def test_finds_the_codes_that_a_test_names(text: str, codes: set[str]) -> None:
    assert named_in(text) == codes
