"""工作移交 on pages and over HTTP."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.http import QueryDict
from django.test import Client

import pytest

from customers.models import Customer
from documents.services.printing import print_document
from lending_crm.common.exports.declarations import export_of
from resources.kinds import FORM
from resources.models import WorkHandover
from staff.models import Employee
from tests.resources.factories import KIND, Office, again, fresh, item_of
from tests.workflows.pages import text_of

pytestmark = pytest.mark.usefixtures("clock")


def login(client: Client, who: Employee) -> Client:
    client.force_login(again(who))
    return client


def typed(office: Office, **values: Any) -> dict[str, Any]:
    return {
        "creation_key": str(uuid.uuid4()),
        "subject": "",
        "mode": "ALL",
        "reason": "RESIGNED",
        "effective_on": office.now.date().isoformat(),
        "with_approvals": "on",
        "to_employee": office.colleague.pk,
        "supervisor": office.witness.pk,
        "parts-TOTAL_FORMS": 0,
        "parts-INITIAL_FORMS": 0,
    } | values


class TestPages:
    def test_the_head_begins_one_from_the_menu(self, office: Office, client: Client) -> None:
        login(client, office.tl)
        assert 'href="/work-handovers/"' in client.get("/").content.decode()
        chosen = client.get("/work-handovers/new/").content.decode()
        assert "王客户" in chosen
        assert "周大连" not in chosen
        form = client.get(f"/work-handovers/new/{office.am.pk}/").content.decode()
        for word in ("移交设置", "移交对象", "移交员工", "监交人", "含历史单据", "含待办审批"):
            assert word in form
        assert form.index("移交设置") < form.index("移交对象") < form.index("移交员工")
        made = client.post(f"/work-handovers/new/{office.am.pk}/", typed(office, view="1"))
        handover = WorkHandover.objects.get()
        assert made.url == f"/work-handovers/{handover.pk}/"
        page = text_of(client.get(made.url))
        assert office.lender.customer.name in page
        assert "客户 1" in page

    def test_hnd_01_stands_at_its_field(self, office: Office, client: Client) -> None:
        login(client, office.adm)
        wrong = client.post(
            f"/work-handovers/new/{office.am.pk}/", typed(office, supervisor=office.colleague.pk)
        )
        assert wrong.status_code == 422
        assert "监交人不能是移交人或接收人" in wrong.content.decode()

    def test_the_list_gives_things_to_receivers(self, office: Office, client: Client) -> None:
        office.customers(3)
        handover = office.draft()
        url = f"/work-handovers/{handover.pk}/items/"
        login(client, office.tl)
        page = text_of(client.get(url))
        assert "4 / 4" in page
        assert "随同移交" in page
        one = item_of(handover, office.lender.customer)
        answer = client.post(
            url, {"act": "assign", "item": one.pk, "receiver": office.third.pk,
                  "seen_version": handover.version},
        )  # fmt: skip
        assert answer.status_code == 302
        assert item_of(handover, office.lender.customer).receiver == office.third
        version = fresh(handover).version
        client.post(
            f"{url}?q=客户&kind=customers",
            {"act": "exclude", "all_matching": "on", "seen_version": version},
        )
        assert [item.label for item in fresh(handover).listed] == [office.lender.customer.name]
        stale = client.post(url, {"act": "include", "item": one.pk, "seen_version": version})
        assert "WF-12" in stale.content.decode() or "已被他人更新" in stale.content.decode()
        assert client.post(url, {"act": "assign", "item": one.pk}).status_code == 422
        assert client.post(url, {"act": "include"}).status_code == 422

    def test_the_dialog_names_what_the_receiver_would_approve(
        self, office: Office, client: Client
    ) -> None:
        handover = office.draft(to_employee=again(office.people.other_am))
        page = text_of(login(client, office.tl).get(f"/work-handovers/{handover.pk}/submission/"))
        assert "须总部审批" in page
        assert "接收人确认" in page
        assert "总部风控" in page

    def test_the_administrator_carries_it_out(self, office: Office, client: Client) -> None:
        gone = office.customers(1)[0]
        handover = office.approved(office.draft())
        Customer.objects.filter(pk=gone.pk).update(owner=office.third)
        url = f"/work-handovers/{handover.pk}/"
        page = login(client, office.tl).get(url).content.decode()
        assert 'id="execute-dialog"' not in page
        assert client.post(f"{url}execute/", {"seen_version": handover.version}).status_code == 403
        login(client, office.adm)
        assert 'id="execute-dialog"' in client.get(url).content.decode()
        answer = client.post(f"{url}execute/", {"seen_version": handover.version})
        assert answer.url == url
        page = text_of(client.get(url))
        assert "已移交 1 项,未移交 1 项" in page
        assert "已不在王客户名下" in page
        assert "HND-11" in page

    def test_leave_is_given_back_by_a_button(self, office: Office, client: Client) -> None:
        handover = office.execute(office.approved(office.draft(reason="LEAVE")))
        url = f"/work-handovers/{handover.pk}/"
        login(client, office.tl)
        assert 'id="return-dialog"' in client.get(url).content.decode()
        answer = client.post(f"{url}return/", {"giver": office.colleague.pk})
        back = WorkHandover.objects.get(returns=handover)
        assert answer.url == f"/work-handovers/{back.pk}/"
        assert [item.label for item in back.listed] == [office.lender.customer.name]
        assert client.post(f"{url}return/", {"giver": "x"}).status_code == 404

    def test_who_sees_which(self, office: Office, client: Client) -> None:
        handover = office.draft()
        url = f"/work-handovers/{handover.pk}/"
        for who in (office.colleague, office.am, office.third, office.people.other_am):
            assert login(client, who).get(url).status_code == 404
        office.submit(handover)
        for who in (office.colleague, office.am, office.witness, office.tl, office.adm):
            assert login(client, who).get(url).status_code == 200
        for who in (office.third, office.people.other_am):
            assert login(client, who).get(url).status_code == 404
        for tail in ("items/", "execute/", "return/"):
            method = client.get if tail == "items/" else client.post
            assert method(f"{url}{tail}").status_code == 404

    def test_few_queries(
        self, office: Office, client: Client, django_assert_max_num_queries
    ) -> None:
        office.customers(120)
        handover = office.draft()
        login(client, office.tl)
        client.get("/work-handovers/")
        with django_assert_max_num_queries(10):
            client.get("/work-handovers/")
        with django_assert_max_num_queries(10):
            client.get(f"/work-handovers/{handover.pk}/items/")
        with django_assert_max_num_queries(10):
            client.get(f"/work-handovers/{handover.pk}/")

    def test_filter_and_export(self, office: Office, client: Client) -> None:
        handover = office.draft()
        login(client, office.tl)
        found = client.get("/work-handovers/?q=王客户").content.decode()
        assert handover.doc_no in found
        assert "/list-exports/work-handovers/new/" in found
        assert (
            handover.doc_no not in client.get("/work-handovers/?biz_status=DONE").content.decode()
        )
        assert client.get("/list-exports/work-handovers/new/").status_code == 200
        export = export_of("work-handovers")
        assert export is not None
        [row] = export.rows(again(office.tl), QueryDict("q=王客户"), office.now)
        cells = [each.value(row, user=office.tl) for each in export.columns]
        assert cells[0] == handover.doc_no
        assert cells[2:5] == ["王客户", "李同事", "离职"]

    def test_the_paper_has_the_list_and_three_signatures(self, office: Office) -> None:
        office.customers(2)
        handover = office.execute(office.approved(office.draft()))
        context = KIND.print_context(handover, FORM, hidden=())
        assert (context["giver"], context["receivers"], context["supervisor"]) == (
            "王客户", ["李同事"], "施监交",
        )  # fmt: skip
        tables = [t for part in context["sections"] for t in part["tables"]]
        assert len(tables[-1]["rows"]) == 3
        record = print_document(
            document=handover, form=FORM, actor=again(office.tl), now=office.at(40)
        )
        assert record.number == 1


class TestApi:
    def body(self, office: Office, **values: Any) -> dict[str, Any]:
        return {
            "from_employee": office.am.pk,
            "to_employee": office.colleague.pk,
            "supervisor": office.witness.pk,
            "mode": "ALL",
            "reason": "RESIGNED",
        } | values

    def post(self, client: Client, path: str, body: dict[str, Any]) -> Any:
        return client.post(
            f"/api/v1/work-handovers/{path}", json.dumps(body), "application/json",
            headers={"Idempotency-Key": uuid.uuid4().hex},
        )  # fmt: skip

    def test_from_draft_to_done(self, office: Office, client: Client) -> None:
        login(client, office.tl)
        made = self.post(client, "", self.body(office))
        assert made.status_code == 201, made.content
        pk, version = made.json()["id"], made.json()["version"]
        listed = client.get(f"/api/v1/work-handovers/{pk}/items/").json()["results"]
        assert [(each["kind"], each["receiver"]["id"]) for each in listed] == [
            ("customers", office.colleague.pk)
        ]
        body = {"items": [listed[0]["id"]], "receiver": office.third.pk, "seen_version": version}
        changed = self.post(client, f"{pk}/items/", body)
        assert changed.status_code == 200, changed.content
        version = changed.json()["version"]
        for more in ({"is_included": False}, {"is_included": True}, {}):
            body = {"items": [listed[0]["id"]], "seen_version": version, **more}
            version = self.post(client, f"{pk}/items/", body).json()["version"]
        preview = client.get(f"/api/v1/work-handovers/{pk}/preview/").json()
        assert (preview["can_submit"], preview["reasons"]) == (True, [])
        submitted = self.post(client, f"{pk}/submit/", {"seen_version": version})
        assert submitted.status_code == 200, submitted.content
        handover = fresh(WorkHandover.objects.get(pk=pk))
        office.decide(handover, office.colleague, office.bgm)
        version = fresh(handover).version
        refused = self.post(client, f"{pk}/execute/", {"seen_version": version})
        assert (refused.status_code, refused.json()["code"]) == (403, "ORG-02")
        login(client, office.adm)
        done = self.post(client, f"{pk}/execute/", {"seen_version": version})
        assert done.json()["biz_status"] == "DONE"
        [item] = client.get(f"/api/v1/work-handovers/{pk}/items/").json()["results"]
        assert (item["outcome"], item["note"]) == ("MOVED", "李同事")
        back = self.post(client, f"{pk}/return/", {"giver": office.colleague.pk})
        assert back.status_code == 201

    def test_unknown_fields_are_refused(self, office: Office, client: Client) -> None:
        login(client, office.tl)
        assert self.post(client, "", self.body(office, batch=1)).status_code == 400
        handover = office.draft()
        body = {"items": [1], "seen_version": 1, "who": 1}
        assert self.post(client, f"{handover.pk}/items/", body).status_code == 400

    def test_a_leaver_of_another_department_is_unknown(
        self, office: Office, client: Client
    ) -> None:
        login(client, office.tl)
        body = self.body(office, from_employee=office.people.other_am.pk)
        assert self.post(client, "", body).status_code == 400
        login(client, office.colleague)
        assert self.post(client, "", self.body(office)).status_code in (400, 403)
