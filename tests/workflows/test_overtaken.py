"""Whoever loses a race gets the sentence and the page of now, with all that he typed."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

from django.http import HttpResponse

import pytest

from staff.models import Employee
from tests.workflows.pages import HTMX, at_item, browser, buttons, text_of
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.models import Case
from workflows.services import collaboration, items

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world: World) -> Case:
    return world.submitted()


def send(who: Employee, path: str, version: int, *, panel: str = "case", **data: Any) -> Any:
    values = {"seen_version": version, "idempotency_key": "race-1", "panel": panel, **data}
    return browser(who).post(path, values, headers=HTMX)


def kept(response: HttpResponse) -> dict[str, Any]:
    """Act and fields of the dialog that opens again."""
    body = response.content.decode()
    found = re.search(r'data-reopened="(\w+)" data-typed="([^"]*)"', body)
    assert found, "no dialog opens again"
    fields = json.loads(unescape(found[2]))
    return {"act": found[1], **{one["name"]: (one["value"], one["label"]) for one in fields}}


class TestAnOldPage:
    """WF-12: the case has moved since the page was shown; the act is still his."""

    def test_the_panel_comes_fresh_with_the_sentence(self, world: World, case: Case) -> None:
        answer = send(world.tl, at_item(case, world.tl, "approve"), 0, opinion="流水已核实")
        assert answer.status_code == 409
        assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#case-panel", "outerHTML")
        assert "WF-12" in text_of(answer)
        assert f'name="seen_version" value="{case.version}"' in answer.content.decode()
        assert "approve" in buttons(answer)

    def test_what_was_typed_comes_back_into_the_dialog(self, world: World, case: Case) -> None:
        path = at_item(case, world.tl, "approve")
        answer = send(world.tl, path, 0, opinion="流水已核实", term_approved_amount="90000")
        assert kept(answer) == {
            "act": "approve",
            "opinion": ("流水已核实", ""),
            "term_approved_amount": ("90000", ""),
        }

    def test_so_do_the_people_who_were_chosen(self, world: World, case: Case) -> None:
        path = at_item(case, world.tl, "transfer")
        answer = send(world.tl, path, 0, recipient=world.bgm.pk, reason="出差一周")
        assert kept(answer)["recipient"] == (str(world.bgm.pk), world.bgm.name)
        assert kept(answer)["reason"] == ("出差一周", "")

    def test_so_does_what_an_administrator_typed(self, world: World, case: Case) -> None:
        answer = send(world.adm, f"/cases/{case.pk}/suspend/", 0, reason="数据有误,核查")
        assert kept(answer)["act"] == "suspend"

    def test_the_key_of_the_fresh_dialog_is_a_new_one(self, world: World, case: Case) -> None:
        answer = send(world.tl, at_item(case, world.tl, "approve"), 0, opinion="同意")
        keys = re.findall(r'name="idempotency_key" value="([^"]+)"', answer.content.decode())
        assert keys
        assert not {"race-1"} & set(keys)

    def test_what_was_typed_can_be_sent_from_the_fresh_page(self, world: World, case: Case) -> None:
        path = at_item(case, world.tl, "approve")
        send(world.tl, path, 0, opinion="流水已核实")
        answer = send(world.tl, path, case.version, opinion="流水已核实", idempotency_key="race-2")
        assert answer.status_code == 200
        assert world.item(Case.objects.get(pk=case.pk), world.brm)

    def test_the_documents_own_page_gets_its_buttons_fresh(self, world: World, case: Case) -> None:
        path = at_item(case, world.tl, "approve")
        answer = send(world.tl, path, 0, panel="", opinion="流水已核实")
        assert answer.status_code == 409
        assert answer["HX-Retarget"] == "#case-acts"
        assert kept(answer)["opinion"] == ("流水已核实", "")
        assert 'id="case-panel"' not in answer.content.decode()


class TestALostRace:
    """The act is not his any more: the words that he typed stand beside the sentence."""

    def test_somebody_else_has_claimed_it(self, db: None) -> None:
        world = World(stage("tl", by_role("TL"), claim_required=True))
        other = world._local("TL")
        case = world.submitted()
        path = at_item(case, world.tl, "claim")
        item = world.item(case, other)
        items.claim(item_id=item.pk, actor=fresh(other), now=NOW)
        answer = send(world.tl, path, case.version)
        assert answer.status_code == 409
        assert "WF-23" in text_of(answer)
        assert other.name in text_of(answer)
        assert "claim" not in buttons(answer)

    def test_another_has_decided_before(self, db: None) -> None:
        world = World(stage("tl", by_role("TL")), stage("bgm", by_role("BGM")))
        other = world._local("TL")
        case = world.submitted()
        path = at_item(case, world.tl, "approve")
        # Once asked by name he still sees the case, as somebody who was mentioned does.
        collaboration.comment(
            case_id=case.pk, actor=fresh(other), now=NOW, text="请看", mentioned=[world.tl]
        )
        world.approve(case, other)
        answer = send(world.tl, path, case.version, opinion="担保不足,建议压降")
        assert answer.status_code == 409
        shown = answer.content.decode()
        assert "approve" not in buttons(answer)
        assert "What you wrote; it was not sent" in text_of(answer)
        assert "担保不足,建议压降" in shown
        assert "Step bgm" in text_of(answer)

    def test_a_plain_form_gets_the_page_of_the_refusal(self, world: World, case: Case) -> None:
        path = at_item(case, world.tl, "approve")
        answer = browser(world.tl).post(path, {"opinion": "同意", "seen_version": 0})
        assert answer.status_code == 409
        assert "WF-12" in text_of(answer)

    def test_words_that_are_wrong_stay_in_the_form(self, world: World, case: Case) -> None:
        path = at_item(case, world.tl, "reject")
        answer = send(world.tl, path, case.version, opinion="不")
        assert answer.status_code == 422
        assert "HX-Retarget" not in answer
