"""The page and the API of standing delegations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

import pytest

from staff.models import Delegation, Employee
from staff.services.delegations import give_delegation
from tests.workflows.pages import browser, statements, text_of
from tests.workflows.world import World, fresh
from workflows.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return World()


def typed(delegate: Employee, **values: Any) -> dict[str, Any]:
    now = timezone.localtime()
    return {
        "delegate": delegate.pk,
        "starts_at": now.strftime("%Y-%m-%dT%H:%M"),
        "ends_at": (now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M"),
        **values,
    }


def given(principal: Employee, delegate: Employee) -> Delegation:
    now = timezone.now()
    return give_delegation(
        principal=fresh(principal), delegate=delegate, actor=fresh(principal), now=now,
        starts_at=now, ends_at=now + timedelta(days=3),
    ).delegations[0]  # fmt: skip


class TestPage:
    def test_one_sets_his_own_and_sees_what_moved(self, world: World) -> None:
        case = world.submitted()
        me = browser(world.tl)
        answer = me.post("/delegations/", typed(world.bgm, moves_open_items="on"))
        assert answer.status_code == 200
        assert case.doc_no in text_of(answer)
        item = WorkItem.objects.get(case=case, state="OPEN")
        assert (item.assignee, item.on_behalf_of) == (world.bgm, world.tl)
        assert world.bgm.name in text_of(me.get("/delegations/"))

    def test_the_inbox_and_the_case_say_for_whom(self, world: World) -> None:
        given(world.tl, world.bgm)
        case = world.submit(world.document(), at=timezone.now())
        me = browser(world.bgm)
        assert f"for {world.tl.name}" in text_of(me.get("/inbox/"))
        page = text_of(me.get(f"/cases/{case.pk}/"))
        assert f"for {world.tl.name}" in page
        assert f"You decide for {world.tl.name}" in page

    def test_an_ordinary_person_names_nobody_else_as_away(self, world: World) -> None:
        me = browser(world.tl)
        me.post("/delegations/", typed(world.bgm, principal=world.brm.pk))
        assert Delegation.objects.get().principal == world.tl

    def test_an_administrator_sets_others(self, world: World) -> None:
        answer = browser(world.adm).post("/delegations/", typed(world.bgm, principal=world.tl.pk))
        assert answer.status_code == 302
        assert Delegation.objects.get().principal == world.tl

    def test_refusals_stand_at_their_field_and_nothing_is_lost(self, world: World) -> None:
        answer = browser(world.tl).post("/delegations/", typed(world.tl, note="出差"))
        assert answer.status_code == 422
        assert "somebody else than the person away" in text_of(answer)
        assert "出差" in answer.content.decode()

    @pytest.mark.parametrize("broken", [{"ends_at": "x"}, {"starts_at": "9" * 30}, {"kinds": "?"}])
    def test_bad_input(self, world: World, broken: dict[str, str]) -> None:
        answer = browser(world.tl).post("/delegations/", typed(world.bgm, **broken))
        assert answer.status_code == 422

    def test_who_is_not_concerned_does_not_see_it(self, world: World) -> None:
        row = given(world.tl, world.bgm)
        assert browser(world.am).post(f"/delegations/{row.pk}/end/").status_code == 404
        assert world.bgm.name not in _table(browser(world.am))

    def test_the_delegate_sees_it_and_may_not_end_it(self, world: World) -> None:
        row = given(world.tl, world.bgm)
        assert browser(world.bgm).post(f"/delegations/{row.pk}/end/").status_code == 403

    def test_ending_it_brings_back_what_is_open(self, world: World) -> None:
        row = given(world.tl, world.bgm)
        case = world.submit(world.document(), at=timezone.now())
        answer = browser(world.tl).post(f"/delegations/{row.pk}/end/")
        assert case.doc_no in text_of(answer)
        assert WorkItem.objects.get(case=case, state="OPEN").assignee == world.tl

    def test_statements_do_not_grow_with_the_list(self, world: World) -> None:
        given(world.tl, world.bgm)
        me = browser(world.adm)
        before = len(statements(me, "/delegations/?all=1"))
        given(world.brm, world.bgm)
        given(world.hrm, world.ceo)
        assert len(statements(me, "/delegations/?all=1")) == before


def _table(client: Client) -> str:
    page = client.get("/delegations/").content.decode()
    return page.split('id="new"')[0]


class TestApi:
    def body(self, delegate: Employee, **values: Any) -> dict[str, Any]:
        now = timezone.now()
        return {
            "delegate": delegate.pk,
            "starts_at": now.isoformat(),
            "ends_at": (now + timedelta(days=1)).isoformat(),
            **values,
        }

    def post(self, who: Employee, path: str, body: dict[str, Any]) -> Any:
        return browser(who).post(path, body, content_type="application/json")

    def test_set_and_end(self, world: World) -> None:
        case = world.submitted()
        body = self.body(world.bgm, moves_open_items=True, kinds=["toy"], max_amount="500000")
        answer = self.post(world.tl, "/api/v1/delegations/", body)
        assert answer.status_code == 201, answer.content
        assert [moved["code"] for moved in answer.json()["moved"]] == [""]
        row = answer.json()["delegations"][0]
        assert (row["state"], row["document_kind"]) == ("running", "toy")
        item = browser(world.bgm).get("/api/v1/inbox/").json()["results"][0]
        assert item["on_behalf_of"]["id"] == world.tl.pk
        ended = self.post(world.tl, f"/api/v1/delegations/{row['id']}/end/", {})
        assert ended.json()["delegation"]["state"] == "ended"
        assert WorkItem.objects.get(case=case, state="OPEN").assignee == world.tl

    def test_refusals_are_problems(self, world: World) -> None:
        answer = self.post(world.tl, "/api/v1/delegations/", self.body(world.tl))
        assert (answer.status_code, answer.json()["code"]) == (422, "DEL-02")
        other = self.body(world.bgm, principal=world.brm.pk)
        answer = self.post(world.tl, "/api/v1/delegations/", other)
        assert (answer.status_code, answer.json()["code"]) == (403, "DEL-01")

    def test_not_seen_is_not_found(self, world: World) -> None:
        row = given(world.tl, world.bgm)
        assert browser(world.am).get(f"/api/v1/delegations/{row.pk}/").status_code == 404
