"""取回 ends when the next stage acts, also short of deciding (WF-21)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.workflows.pages import browser, buttons
from tests.workflows.test_items import refused_code
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.bpmn.model import DecideMode
from workflows.models import Case, WorkItem
from workflows.services import collaboration, corrections, decisions, items, signers

pytestmark = pytest.mark.django_db

Deed = Callable[[World, dict[str, Any]], Any]

ACTS: dict[str, Deed] = {
    "transfer": lambda w, k: items.transfer(**k, recipient=fresh(w.ceo), reason="出差"),
    "signers": lambda w, k: signers.add_signers(
        **k, people=[fresh(w.ceo)], position="BEFORE", reason="请核实"
    ),
    "delegate": lambda w, k: signers.delegate(**k, recipient=fresh(w.ceo), reason="出差"),
    "material": lambda w, k: collaboration.request_material(
        **k, text="请补流水", pauses_clock=True
    ),
    "correct": lambda w, k: corrections.correct_document(**k, values={"subject": "另一个主题"}),
}


@pytest.fixture
def world(db: None) -> World:
    rules = (by_role("BRM"), by_role("BGM"))
    own = {"duty_line": "RISK", "editable_fields": ("subject",)}
    return World(
        stage("tl", by_role("TL"), editable_fields=("subject",)),
        stage("both", *rules, decide=DecideMode.ALL, **own),
    )


def act(world: World, case: Case, who: Any, name: str) -> None:
    item = world.item(Case.objects.get(pk=case.pk), who)
    ACTS[name](world, {"item_id": item.pk, "actor": fresh(who), "now": NOW})


def decided(case: Case, who: Any) -> WorkItem:
    return WorkItem.objects.get(case=case, decided_by=who)


@pytest.mark.parametrize("name", ACTS)
class TestTakenUp:
    def test_wf_21_for_an_approval(self, world: World, name: str) -> None:
        case = world.approve(world.submitted(), world.tl)
        assert "take_back" in buttons(browser(world.tl).get(f"/cases/{case.pk}/"))
        act(world, case, world.brm, name)
        mine = decided(case, world.tl)
        assert refused_code(items.take_back, item_id=mine.pk, actor=fresh(world.tl)) == "WF-21"
        assert "take_back" not in buttons(browser(world.tl).get(f"/cases/{case.pk}/"))

    def test_wf_21_for_a_return(self, world: World, name: str) -> None:
        case = world.approve(world.submitted(), world.tl)
        decisions.return_case(
            item_id=world.item(case, world.brm).pk, actor=fresh(world.brm), now=NOW,
            opinion="请补充说明还款来源", target="tl",
        )  # fmt: skip
        assert "take_back" in buttons(browser(world.brm).get(f"/cases/{case.pk}/"))
        act(world, case, world.tl, name)
        mine = decided(case, world.brm)
        assert refused_code(items.take_back, item_id=mine.pk, actor=fresh(world.brm)) == "WF-21"
        assert "take_back" not in buttons(browser(world.brm).get(f"/cases/{case.pk}/"))


def test_what_the_stage_before_did_hinders_nobody(world: World) -> None:
    case = world.submitted()
    act(world, case, world.tl, "material")
    case = world.approve(Case.objects.get(pk=case.pk), world.tl)
    items.take_back(item_id=decided(case, world.tl).pk, actor=fresh(world.tl), now=NOW)
    assert world.item(case, world.tl).stage.node_id == "tl"
