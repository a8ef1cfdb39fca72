"""常用语: by act, each person's own, and the common ones of the administrators."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from staff.models import Employee
from tests.workflows.pages import HTMX, browser, statements, text_of
from tests.workflows.world import NOW, World, fresh
from workflows.choices import PhraseAct
from workflows.models import Case, OpinionPhrase
from workflows.services import phrases

pytestmark = pytest.mark.django_db

COMMON = "/flows/phrases/"
OWN = "/profile/phrases/"
API = "/api/v1/common-phrases/"


def add(world: World, text: str, act: str = "return") -> OpinionPhrase:
    return phrases.add_common_phrase(actor=fresh(world.adm), now=NOW, act=act, text=text)


def texts(act: str = "return") -> list[str]:
    rows = OpinionPhrase.objects.filter(owner=None, act=act).order_by("position", "id")
    return [row.text for row in rows]


def offered(who: Employee, case: Case, act: str) -> list[str]:
    body = browser(who).get(f"/cases/{case.pk}/").content.decode()
    return re.findall(rf'data-phrase="{act}-opinion">([^<]+)<', body)


def refused(call: Any, **values: Any) -> str:
    with pytest.raises(DomainError) as refusal:
        call(**values)
    return refusal.value.code


class TestOffered:
    def test_a_return_is_offered_no_phrase_that_approves(self, world: World) -> None:
        add(world, "同意。", "approve")
        add(world, "请补充材料", "return")
        case = world.submitted()
        assert offered(world.tl, case, "return") == ["请补充材料"]
        assert offered(world.tl, case, "approve") == ["同意。"]
        assert offered(world.tl, case, "reject") == []

    def test_own_phrases_come_first_and_each_once(self, world: World) -> None:
        add(world, "同意。", "approve")
        add(world, "风险可控", "approve")
        phrases.add_phrase(actor=fresh(world.tl), act="approve", text="风险可控")
        case = world.submitted()
        assert offered(world.tl, case, "approve") == ["风险可控", "同意。"]

    def test_what_was_just_written_is_kept_for_its_act(self, world: World) -> None:
        sent = {"act": "reject", "text": "还款来源不足"}
        assert browser(world.tl).post("/inbox/phrases/", sent, headers=HTMX).status_code == 204
        assert OpinionPhrase.objects.get(owner=world.tl).act == "reject"


class TestOwn:
    def test_added_and_removed_on_the_page(self, world: World) -> None:
        client = browser(world.tl)
        client.post(OWN, {"act": "return", "text": "请补充流水"})
        assert "请补充流水" in text_of(client.get(OWN))
        phrase = OpinionPhrase.objects.get(owner=world.tl)
        client.post(f"{OWN}{phrase.pk}/remove/")
        assert not OpinionPhrase.objects.exists()

    def test_the_profile_leads_there(self, world: World) -> None:
        assert f'href="{OWN}"' in browser(world.tl).get("/profile/").content.decode()

    def test_somebody_elses_is_not_found(self, world: World) -> None:
        phrase = phrases.add_phrase(actor=fresh(world.brm), act="approve", text="同意")
        assert browser(world.tl).post(f"{OWN}{phrase.pk}/remove/").status_code == 404
        assert browser(world.tl).delete(f"/api/v1/phrases/{phrase.pk}/").status_code == 404
        assert OpinionPhrase.objects.filter(pk=phrase.pk).exists()

    def test_a_common_one_is_nobodys_to_remove(self, world: World) -> None:
        phrase = add(world, "请补充材料")
        assert browser(world.tl).post(f"{OWN}{phrase.pk}/remove/").status_code == 404

    def test_inb_03_the_same_words_twice_for_an_act(self, world: World) -> None:
        client = browser(world.tl)
        for _ in range(2):
            response = client.post(OWN, {"act": "return", "text": "请补充流水"})
        assert response.status_code == 422
        assert "请补充流水" in response.content.decode()
        client.post(OWN, {"act": "reject", "text": "请补充流水"})
        assert OpinionPhrase.objects.count() == 2

    def test_inb_04_without_words(self, world: World) -> None:
        actor = fresh(world.tl)
        assert refused(phrases.add_phrase, actor=actor, act="return", text=" ") == "INB-04"

    def test_sys_422_for_no_act_of_an_opinion(self, world: World) -> None:
        actor = fresh(world.tl)
        assert refused(phrases.add_phrase, actor=actor, act="copy", text="好") == "SYS-422"

    def test_inb_05_thirty_at_most(self, world: World) -> None:
        actor = fresh(world.tl)
        for number in range(30):
            phrases.add_phrase(actor=actor, act="return", text=f"短语{number}")
        assert refused(phrases.add_phrase, actor=actor, act="reject", text="好") == "INB-05"

    def test_api(self, world: World) -> None:
        add(world, "同意。", "approve")
        client = browser(world.tl)
        made = client.post(
            "/api/v1/phrases/", {"act": "return", "text": "请补充"}, content_type="application/json"
        )
        assert made.status_code == 201
        listed = client.get("/api/v1/phrases/").json()
        assert [(p["text"], p["is_common"]) for p in listed] == [
            ("请补充", False),
            ("同意。", True),
        ]
        assert client.delete(f"/api/v1/phrases/{made.json()['id']}/").status_code == 204
        assert not OpinionPhrase.objects.filter(owner=world.tl).exists()


class TestCommon:
    def test_added_changed_ordered_and_removed_on_the_page(self, world: World) -> None:
        client = browser(world.adm)
        for text in ("一", "二", "三"):
            client.post(COMMON, {"act": "return", "text": text})
        first, _second, third = OpinionPhrase.objects.order_by("position")
        client.post(f"{COMMON}{third.pk}/move/", {"direction": "up"})
        assert texts() == ["一", "三", "二"]
        client.post(f"{COMMON}{first.pk}/move/", {"direction": "down"})
        assert texts() == ["三", "一", "二"]
        client.post(f"{COMMON}{first.pk}/", {"text": "壹"})
        client.post(f"{COMMON}{third.pk}/remove/")
        assert texts() == ["壹", "二"]

    def test_the_ends_do_not_move_further(self, world: World) -> None:
        first, last = add(world, "一"), add(world, "二")
        for phrase, up in ((first, True), (last, False)):
            phrases.move_common_phrase(actor=fresh(world.adm), now=NOW, phrase_id=phrase.pk, up=up)
        assert texts() == ["一", "二"]

    def test_each_change_is_in_the_change_log(self, world: World) -> None:
        phrase = add(world, "请补充")
        values = {"actor": fresh(world.adm), "now": NOW, "phrase_id": phrase.pk}
        phrases.change_common_phrase(text="请补充材料", **values)
        phrases.remove_common_phrase(**values)
        rows = ChangeRecord.objects.filter(model="workflows.opinionphrase", field="text")
        assert [(row.old, row.new) for row in rows.order_by("id")] == [
            ("", "请补充"), ("请补充", "请补充材料"), ("请补充材料", ""),
        ]  # fmt: skip
        assert {row.actor for row in rows} == {world.adm}
        assert "请补充材料" in text_of(browser(world.adm).get(COMMON))

    def test_inb_03_what_was_refused_stays_in_its_field(self, world: World) -> None:
        add(world, "一")
        second = add(world, "二")
        response = browser(world.adm).post(f"{COMMON}{second.pk}/", {"text": "一"})
        assert response.status_code == 422
        assert response.content.decode().count('value="一"') == 2
        assert texts() == ["一", "二"]

    def test_inb_05_thirty_at_most_of_an_act(self, world: World) -> None:
        for number in range(30):
            add(world, f"短语{number}")
        values = {"actor": fresh(world.adm), "now": NOW, "text": "好"}
        assert refused(phrases.add_common_phrase, act="return", **values) == "INB-05"
        phrases.add_common_phrase(act="reject", **values)

    @pytest.mark.parametrize("path", ["", "{pk}/", "{pk}/move/", "{pk}/remove/"])
    def test_wf_31_only_administrators(self, world: World, path: str) -> None:
        phrase = add(world, "一")
        sent = {"act": "return", "text": "二"}
        address = COMMON + path.format(pk=phrase.pk)
        assert browser(world.tl).post(address, sent).status_code == 403
        assert texts() == ["一"]

    def test_wf_31_in_every_service(self, world: World) -> None:
        phrase = add(world, "一")
        values: dict[str, Any] = {"actor": fresh(world.tl), "now": NOW}
        assert refused(phrases.add_common_phrase, act="return", text="二", **values) == "WF-31"
        values["phrase_id"] = phrase.pk
        assert refused(phrases.change_common_phrase, text="二", **values) == "WF-31"
        assert refused(phrases.move_common_phrase, up=True, **values) == "WF-31"
        assert refused(phrases.remove_common_phrase, **values) == "WF-31"

    def test_somebodys_own_is_not_found(self, world: World) -> None:
        own = phrases.add_phrase(actor=fresh(world.tl), act="return", text="一")
        assert browser(world.adm).post(f"{COMMON}{own.pk}/remove/").status_code == 404
        assert browser(world.adm).post(f"{COMMON}{own.pk}/", {"text": "二"}).status_code == 404

    def test_api(self, world: World) -> None:
        client, json = browser(world.adm), "application/json"
        ids = [
            client.post(API, {"act": "return", "text": text}, content_type=json).json()["id"]
            for text in ("一", "二")
        ]
        assert client.put(f"{API}{ids[0]}/", {"text": "壹"}, content_type=json).status_code == 200
        moved = client.post(f"{API}{ids[1]}/move/", {"direction": "up"}, content_type=json)
        assert moved.status_code == 204
        assert [p["text"] for p in client.get(API).json()] == ["二", "壹"]
        assert client.delete(f"{API}{ids[0]}/").status_code == 204
        assert texts() == ["二"]
        assert browser(world.tl).get(API).status_code == 403

    def test_the_pages_take_few_statements(self, world: World) -> None:
        for act in PhraseAct.values:
            add(world, "好", act)
            phrases.add_phrase(actor=fresh(world.adm), act=act, text="甲")
        assert len(statements(browser(world.adm), COMMON)) <= 10
        assert len(statements(browser(world.adm), OWN)) <= 10
