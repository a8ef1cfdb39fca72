"""Administrators help with a stopped case without seeing its business; 403 comes first."""

from __future__ import annotations

import json

import pytest

from lending_crm.common.models import OutboxMessage
from staff.models import Employee, Notification
from staff.services.notifications import deliver_notification
from tests.workflows.pages import HTMX, browser, buttons, text_of
from tests.workflows.world import NOW, World, fresh
from workflows.models import Case, CaseCopy
from workflows.services import collaboration

pytestmark = pytest.mark.django_db

SECRETS = ("北方测试公司", "100,000", "100000", "现金流充足", "玩具申请")
KEY = {"Idempotency-Key": "key-00001"}


@pytest.fixture
def stopped(world: World) -> Case:
    """A case with an opinion on it that finds nobody at its second step."""
    case = world.submitted()
    Employee.objects.filter(pk=world.brm.pk).update(is_active=False)
    return world.approve(case, world.tl, opinion="同意,现金流充足")


class TestVeil:
    def test_the_page_shows_the_route_only(self, world: World, stopped: Case) -> None:
        response = browser(world.adm).get(f"/cases/{stopped.pk}/")
        text = text_of(response)
        assert stopped.doc_no in text and world.am.name in text
        assert not [secret for secret in SECRETS if secret in text]
        assert buttons(response) == {"reassign", "suspend", "jump", "terminate"}

    def test_others_see_all_of_it(self, world: World, stopped: Case) -> None:
        text = text_of(browser(world.tl).get(f"/cases/{stopped.pk}/"))
        assert "北方测试公司" in text and "现金流充足" in text

    @pytest.mark.parametrize("part", ["", "history/", "preview/"])
    def test_the_api_shows_no_more(self, world: World, stopped: Case, part: str) -> None:
        response = browser(world.adm).get(f"/api/v1/cases/{stopped.pk}/{part}")
        assert response.status_code == 200
        told = json.dumps(response.json(), ensure_ascii=False)
        assert not [secret for secret in SECRETS if secret in told]

    def test_nor_does_the_list(self, world: World, stopped: Case) -> None:
        rows = browser(world.adm).get("/api/v1/cases/").json()["results"]
        assert [(row["id"], row["party"], row["amount"]) for row in rows] == [
            (stopped.pk, "", None)
        ]

    def test_the_document_as_it_was_is_refused_wf_32(self, world: World, stopped: Case) -> None:
        item = stopped.items.first()
        for path in (f"cases/{stopped.pk}/snapshots/1", f"work-items/{item.pk}"):
            response = browser(world.adm).get(f"/api/v1/{path}/")
            assert (response.status_code, response.json()["code"]) == (403, "WF-32")

    def test_the_message_names_no_customer(self, world: World, stopped: Case) -> None:
        message = OutboxMessage.objects.filter(payload__event="case.blocked").get()
        deliver_notification(message, NOW)
        row = Notification.objects.get(recipient=world.adm)
        assert stopped.doc_no in row.title
        assert not [secret for secret in SECRETS if secret in f"{row.title} {row.body}"]

    def test_no_copy_to_himself_lifts_it_wf_32(self, world: World, stopped: Case) -> None:
        for path, data in (
            ("copy", {"recipients": [world.adm.pk]}),
            ("comment", {"text": "请看", "mentioned": [world.adm.pk]}),
        ):
            response = browser(world.adm).post(f"/cases/{stopped.pk}/{path}/", data, headers=HTMX)
            assert response.status_code == 403
            assert "WF-32" in response.content.decode()
        assert not CaseCopy.objects.exists()

    def test_who_was_sent_a_copy_reads_it_all(self, world: World, stopped: Case) -> None:
        collaboration.copy_case(
            case_id=stopped.pk, actor=fresh(world.tl), now=NOW, recipients=[world.adm]
        )
        assert "北方测试公司" in text_of(browser(world.adm).get(f"/cases/{stopped.pk}/"))


class TestPermissionFirst:
    """Whoever may not act hears that, whatever nonsense he sent with it."""

    def test_reassign_is_for_administrators_wf_31(self, world: World, stopped: Case) -> None:
        client = browser(world.tl)
        page = client.post(f"/cases/{stopped.pk}/reassign/", {"recipient": "x"}, headers=HTMX)
        assert page.status_code == 403 and "WF-31" in page.content.decode()
        api = client.post(f"/api/v1/cases/{stopped.pk}/reassign/", {"recipient": "x"})
        assert (api.status_code, api.json()["code"]) == (403, "WF-31")

    @pytest.mark.parametrize("act", ["approve-with-conditions", "transfer", "return", "reject"])
    def test_decisions_are_for_whom_they_wait_wf_03(self, world: World, act: str) -> None:
        case = world.submitted()
        path = f"/api/v1/work-items/{world.item(case).pk}/{act}/"
        response = browser(world.brm).post(path, {}, headers=KEY)
        assert (response.status_code, response.json()["code"]) == (403, "WF-03")
        assert browser(world.tl).post(path, {}, headers=KEY).status_code in (400, 422)

    def test_withdrawing_is_the_handlers_wf_29(self, world: World) -> None:
        case = world.submitted()
        response = browser(world.tl).post(f"/api/v1/cases/{case.pk}/withdraw/", {})
        assert (response.status_code, response.json()["code"]) == (403, "WF-29")

    def test_comments_and_copies_need_sight_first(self, world: World, stopped: Case) -> None:
        for act in ("comment", "copy"):
            path = f"/api/v1/cases/{stopped.pk}/{act}/"
            response = browser(world.adm).post(path, {"recipients": "x"}, headers=KEY)
            assert (response.status_code, response.json()["code"]) == (403, "WF-32")
