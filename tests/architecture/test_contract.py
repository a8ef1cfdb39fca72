"""Each message code of the business contract and each prohibition has a test that names it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

#: how many messages each family of the contract has
MESSAGES = {
    "ATT": 2, "BAD": 5, "BUS": 13, "CLS": 2, "CMP": 7, "CON": 4, "CTR": 9, "CUS": 10, "EXT": 10,
    "FTR": 10, "HND": 7, "INF": 3, "INT": 6, "MED": 7, "OPP": 5, "ORG": 1, "PLS": 5, "RCM": 9,
    "REB": 8, "REC": 7, "REP": 5, "RPT": 4, "SMS": 3, "SPR": 6, "SUP": 3, "WF": 17,
}  # fmt: skip
CODES = [f"{family}-{n:02}" for family, last in MESSAGES.items() for n in range(1, last + 1)]
#: what must never happen, N1 to N30
PROHIBITIONS = range(1, 31)
_TESTS = Path(__file__).parents[1]


@cache
def _tests() -> str:
    files = (path for path in _TESTS.rglob("*.py") if path != Path(__file__))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("code", CODES)
def test_has_a_test_by_its_code(code: str) -> None:
    name = code.lower().replace("-", "_")
    assert re.search(rf"{code}\b|def test_\w*{name}(_|\b)", _tests()), code


@pytest.mark.parametrize("number", PROHIBITIONS)
def test_what_must_never_happen_has_a_test(number: int) -> None:
    named = rf"def test_(\w+_)?n0?{number}_|\bN{number}\b"
    assert re.search(named, _tests()), f"N{number}"
