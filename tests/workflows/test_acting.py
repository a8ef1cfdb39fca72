"""The table of acts is whole: pairs and kills are proven for each act that the engine has."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.workflows.acting import ACTS
from tests.workflows.duels import DONE, outcome
from tests.workflows.scenes import at_home
from tests.workflows.world import TOY, World
from workflows import services

#: what locks the case; whoever calls it acts on one
LOCK = "lock_case"
Function = ast.FunctionDef | ast.AsyncFunctionDef


def acts_of(source: str) -> set[str]:
    """Public functions and methods that lock a case, themselves or by helpers of the module."""
    functions: dict[str, ast.FunctionDef] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            methods = (m for m in node.body if isinstance(m, ast.FunctionDef))
            functions |= {f"{node.name}.{method.name}": method for method in methods}
        elif isinstance(node, ast.FunctionDef):
            functions[node.name] = node
    called = {
        name: {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
        for name, function in functions.items()
    }
    locking = {LOCK}
    while more := {name for name, names in called.items() if names & locking} - locking:
        locking |= more
    return {name for name in locking - {LOCK} if not name.startswith("_")}


def acts_of_the_engine() -> set[str]:
    return {
        f"{path.stem}.{name}"
        for path in Path(services.__path__[0]).glob("*.py")
        for name in acts_of(path.read_text())
    }


class TestTable:
    def test_has_every_act_of_the_engine(self) -> None:
        known = {
            f"{deed.service.__module__.rpartition('.')[2]}.{deed.service.__qualname__}"
            for deed in ACTS.values()
        }
        missing = sorted(acts_of_the_engine() - known)
        assert not missing, f"in no test of pairs and kills: {missing}"

    def test_an_act_is_what_locks_a_case_itself_or_by_a_helper(self) -> None:
        source = (
            "def seen(): lock_case(pk=1)\n"
            "def _hidden(): lock_case(pk=1)\n"
            "def by_helper(): _hidden()\n"
            "def other(): print()\n"
            "class Keeper:\n"
            "    def begin(self): by_helper()\n"
        )
        assert acts_of(source) == {"seen", "by_helper", "Keeper.begin"}
        assert {"decisions.approve", "items.take_back", "signers.answer"} <= acts_of_the_engine()

    @pytest.mark.django_db
    @pytest.mark.parametrize("name", ACTS)
    def test_each_act_can_be_done_at_its_home(self, world: World, name: str) -> None:
        hand, _beside = at_home(world, name)
        assert outcome(ACTS[name].steps, hand) == DONE
        TOY.related.clear()
