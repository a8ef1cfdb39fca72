"""个人信息导出申请 (R10, N25): what leaves in full, by whose approval, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import IntegrityError, InternalError, ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

import pytest
from openpyxl import load_workbook

from documents.kinds import routed_kind
from documents.services.drafts import update_draft
from documents.services.printing import print_document
from lending_crm.common.errors import DomainError
from lending_crm.common.exports import runs
from lending_crm.common.exports.declarations import Column, ListExport, sensitive_exports
from lending_crm.common.exports.numbers import NumberKind
from lending_crm.common.models import ExportDownload, ExportRun
from privacy.choices import SensitiveList
from privacy.kinds import FORM, KIND_CODE
from privacy.models import ExportRequest, PrivacySetting
from staff.models import Employee
from tests.customers.factories import make_contact, make_customer, make_person

PHONE, ACCOUNT = "13800138000", "6222021234567890128"


def refused(act) -> list[str]:
    with pytest.raises(DomainError) as error:
        act()
    return [reason.code for reason in error.value.reasons]


def text_of(run: ExportRun, actor: Employee, now: Any) -> str:
    _run, stream = runs.open_list_export(run_id=run.pk, actor=actor, now=now)
    with stream:
        sheet = load_workbook(stream).active
        return str([[cell.value for cell in row] for row in sheet.iter_rows()])


@pytest.fixture
def clock(time_machine, now):
    time_machine.move_to(now, tick=False)


@pytest.fixture
def customer(requests, now):
    return make_customer(requests.world.am, now)


class TestDeclarations:
    def test_every_list_with_masked_numbers_can_be_asked_for(self):
        assert {each.code for each in sensitive_exports()} == set(SensitiveList.values)

    def test_a_mask_of_no_known_kind_cannot_be_registered(self):
        export = ListExport("x", "x", (Column("x", "x", str.lower),), lambda *_: None, bool)  # type: ignore[arg-type, return-value]

        with pytest.raises(ValueError, match="no known kind"):
            export.numbers  # noqa: B018


class TestDraft:
    def test_says_in_words_which_rows_and_how_many(self, requests, customer, now):
        make_customer(requests.world.am, now, name="乙公司")

        request = requests.draft(query="q=北方&list=ENTERPRISE&cursor=x")

        assert request.row_count == 1
        assert request.filter_words == "客户类型: 企业; 查询: 北方"

    @pytest.mark.parametrize("word", [PHONE, ACCOUNT, "张三%2013800138000", "210103198506150016"])
    def test_n25_pex_10_no_full_number_stands_in_a_request(self, requests, customer, word):
        assert refused(lambda: requests.draft(query=f"q={word}")) == ["PEX-10"]

    def test_n26_names_no_record_that_the_applicant_does_not_see(self, requests, customer, now):
        foreign = make_customer(requests.world.other_am, now, name="大连公司")

        request = requests.draft(list_code="contacts", query=f"customer={foreign.pk}")

        assert "大连公司" not in request.filter_words

    def test_pex_01_refuses_a_list_out_of_sight(self, requests, monkeypatch):
        monkeypatch.setattr("privacy.rules.exports.open_list", lambda code, user: None)

        assert refused(requests.draft) == ["PEX-01"]

    def test_pex_02_refuses_numbers_that_the_list_does_not_hold(self, requests):
        act = lambda: requests.draft(list_code="sms", numbers=["ID_NO", "PHONE"])  # noqa: E731

        assert refused(act) == ["PEX-02"]

    def test_administrators_ask_for_nothing(self, requests):
        assert refused(lambda: requests.draft(actor=requests.world.adm)) == ["DOC-05"]


class TestSubmission:
    @pytest.mark.parametrize("name", ["numbers", "purpose", "reason", "wanted_until"])
    def test_needs_numbers_purpose_reason_and_day(self, requests, customer, name):
        empty: Any = {"numbers": [], "wanted_until": None}.get(name, "")
        request = requests.draft(**{name: empty})

        assert refused(lambda: requests.submit(request)) == ["WF-08"]

    def test_pex_03_a_word_is_no_reason(self, requests, customer):
        request = requests.draft(reason="工作需要")

        assert refused(lambda: requests.submit(request)) == ["PEX-03"]

    def test_pex_04_an_empty_list_needs_no_approval(self, requests):
        request = requests.draft()

        assert refused(lambda: requests.submit(request)) == ["PEX-04"]

    def test_pex_05_the_day_must_not_be_over(self, requests, customer, now):
        request = requests.draft(wanted_until=now.date() - timedelta(days=1))

        assert refused(lambda: requests.submit(request)) == ["PEX-05"]

    def test_exp_01_a_list_that_is_too_long_is_not_asked_for(self, requests, customer, monkeypatch):
        monkeypatch.setattr(runs, "MOST_ROWS", 0)
        request = requests.draft()

        assert refused(lambda: requests.submit(request)) == ["EXP-01"]

    def test_goes_over_head_and_branch_manager_to_head_office_risk(self, requests, customer):
        world, request = requests.world, requests.draft()
        requests.submit(request)

        assert [requests.approve(request) for _step in range(3)] == [
            world.tl,
            world.bgm,
            world.hrm,
        ]
        assert requests.stored(request).wf_status == "APPROVED"

    @pytest.mark.parametrize(
        ("who", "asked"),
        [
            ("tl", ["bgm", "hrm"]),
            ("brm", ["bgm", "hrm"]),
            ("bgm", ["ceo", "hrm"]),
            ("fin", ["ceo", "hrm"]),
            ("ceo", ["hrm"]),
        ],
    )
    def test_wf_01_whoever_sits_on_the_way_is_never_asked_himself(
        self, requests, customer, who, asked
    ):
        request = requests.draft(actor=getattr(requests.world, who), numbers=["ACCOUNT"])
        requests.submit(request)

        assert [requests.approve(request) for _step in asked] == [
            getattr(requests.world, name) for name in asked
        ]
        assert requests.stored(request).wf_status == "APPROVED"


class TestApproval:
    def test_is_open_for_the_days_of_the_setting(self, requests, customer, now):
        PrivacySetting.objects.create(pk=1, export_days=3)

        assert requests.approved().expires_at == now + timedelta(days=3)

    def test_is_open_no_longer_than_was_asked_for(self, requests, customer, now):
        request = requests.approved(wanted_until=now.date() + timedelta(days=1))

        assert request.expires_at - now < timedelta(days=2)

    def test_pex_05_is_refused_once_the_day_is_over(self, requests, customer, now):
        request = requests.draft(wanted_until=now.date())
        requests.submit(request)
        requests.approve(request)
        requests.approve(request)
        requests.now += timedelta(days=1)

        assert refused(lambda: requests.approve(request)) == ["PEX-05"]

    def test_is_never_prolonged(self, requests, customer, now):
        request = requests.approved()

        with pytest.raises((InternalError, ProgrammingError, IntegrityError)), transaction.atomic():
            ExportRequest.objects.filter(pk=request.pk).update(expires_at=now + timedelta(days=100))

    def test_wf_04_nothing_of_it_changes_afterwards(self, requests, customer, now):
        request = requests.approved()

        assert refused(
            lambda: update_draft(
                kind=routed_kind(KIND_CODE),
                document_id=request.pk,
                actor=requests.world.am,
                now=now,
                values={"numbers": ["ID_NO", "PHONE", "ACCOUNT"]},
            )
        ) == ["WF-05"]

    def test_prints_the_request(self, requests, customer, now):
        printed = print_document(
            document=requests.approved(), form=FORM, actor=requests.world.am, now=now
        )

        assert printed.number == 1


class TestExport:
    def test_n25_opens_only_the_numbers_that_were_approved(self, requests, customer, now):
        run = requests.export(requests.approved())

        text = text_of(run, requests.world.am, now)
        assert PHONE in text
        assert ACCOUNT not in text

    def test_n25_a_number_stays_masked_where_the_applicant_has_no_right(
        self, requests, customer, now
    ):
        make_contact(customer, now)
        fin = requests.world.fin
        request = requests.approved(actor=fin, list_code="contacts", numbers=["PHONE"])

        assert "13900139000" not in text_of(requests.export(request, who=fin), fin, now)

    def test_holds_the_rows_of_the_approved_filter_alone(self, requests, customer, now):
        make_person(requests.world.am, now)
        request = requests.approved(query="list=PERSON")

        assert requests.export(request).rows == 1

    def test_n25_the_log_says_who_when_how_many_and_by_which_request(self, requests, customer, now):
        request = requests.approved()
        run = requests.export(request)

        for minutes in (1, 2):
            _run, stream = runs.open_list_export(
                run_id=run.pk,
                actor=requests.world.am,
                now=now + timedelta(minutes=minutes),
                ip="10.0.0.9",
            )
            stream.close()

        assert (run.request_no, run.rows, run.is_full) == (request.doc_no, 1, True)
        assert [(each.actor, each.ip) for each in run.downloads.all()] == [
            (requests.world.am, "10.0.0.9")
        ] * 2
        with pytest.raises(ProgrammingError), transaction.atomic():
            ExportDownload.objects.all().delete()

    def test_pex_06_belongs_to_the_applicant_alone(self, requests, customer):
        request = requests.approved()

        for other in (requests.world.tl, requests.world.hrm, requests.world.adm):
            assert refused(lambda other=other: requests.export(request, who=other)) == ["PEX-06"]

    def test_pex_07_nothing_leaves_before_the_last_approval(self, requests, customer):
        request = requests.draft()
        requests.submit(request)
        requests.approve(request)

        assert refused(lambda: requests.export(request)) == ["PEX-07"]

    def test_pex_08_nothing_leaves_after_the_end(self, requests, customer, now):
        request = requests.approved()

        assert refused(lambda: requests.export(request, days=7)) == ["PEX-08"]

    def test_pex_09_one_export_is_one(self, requests, customer):
        request = requests.approved()
        requests.export(request)

        assert refused(lambda: requests.export(request)) == ["PEX-09"]

    def test_may_be_allowed_until_the_end(self, requests, customer):
        request = requests.approved(usage="REPEATED")
        requests.export(request)

        assert requests.export(request, days=6).state == "DONE"

    def test_one_that_failed_is_made_again(self, requests, customer):
        request = requests.approved()
        run = requests.export(request)
        ExportRun.objects.filter(pk=run.pk).update(state="FAILED")

        assert requests.export(request).state == "DONE"

    def test_pex_01_is_lost_with_the_list(self, requests, customer):
        request, am = requests.approved(), requests.world.am
        am.role_assignments.all().delete()

        act = lambda: requests.export(request, who=Employee.objects.get(pk=am.pk))  # noqa: E731
        assert refused(act) == ["PEX-01"]

    def test_exp_04_the_file_is_handed_out_no_longer_than_the_approval(
        self, requests, customer, now
    ):
        run = requests.export(requests.approved())
        later = now + timedelta(days=7, minutes=1)

        assert refused(
            lambda: runs.open_list_export(run_id=run.pk, actor=requests.world.am, now=later)
        ) == ["EXP-04"]
        assert runs.forget_list_exports(now=later) == 1

    def test_n25_the_database_takes_no_full_export_without_a_request(self, requests, now):
        with pytest.raises(IntegrityError), transaction.atomic():
            ExportRun.objects.create(
                code="customers", language="zh-hans", is_full=True, reason="需要号码核对",
                actor=requests.world.am, at=now, open_until=now,
            )  # fmt: skip

    def test_an_approval_that_was_used_is_not_voided(self, requests, customer):
        request = requests.approved()
        kind = routed_kind(KIND_CODE)
        assert not kind.followers(request)

        requests.export(request)

        assert kind.followers(request) == [request.doc_no]


class TestPages:
    def client(self, person: Employee) -> Client:
        client = Client()
        client.force_login(Employee.objects.get(pk=person.pk))
        return client

    def test_the_export_of_a_list_leads_to_a_request_for_its_rows(self, requests, customer):
        client = self.client(requests.world.am)
        page = client.get(reverse("exports:new", args=["customers"]), {"q": "北方"})
        form = client.get(
            reverse("privacy:export_request_new_from", args=[0]),
            {"list_code": "customers", "query": "q=北方"},
        )

        assert "list_code=customers&amp;query=q%3D%25E5%258C%2597" in page.content.decode()
        assert 'value="q=北方"' in form.content.decode()

    def test_n25_posting_the_old_fields_opens_nothing(self, requests, customer):
        client = self.client(requests.world.am)

        client.post(
            reverse("exports:new", args=["customers"]),
            {"query": "", "is_full": "on", "reason": "需要全部号码"},
        )

        run = ExportRun.objects.get()
        assert (run.is_full, run.opens) == (False, [])

    def test_begins_submits_and_exports_on_its_pages(self, requests, customer, clock):
        client = self.client(requests.world.am)
        made = client.post(
            reverse("privacy:export_request_new_from", args=[0]),
            {
                "list_code": "customers",
                "query": "",
                "numbers": ["ID_NO", "PHONE"],
                "purpose": "AUDIT",
                "reason": "外部审计抽查客户信息的真实性",
                "usage": "ONCE",
                "wanted_until": "2030-01-01",
                "view": "1",
            },
        )
        request = ExportRequest.objects.get()
        assert made.url == request.get_absolute_url()
        requests.submit(request)
        for _step in range(3):
            requests.approve(request)
        page = client.get(request.get_absolute_url())
        assert "export-dialog" in page.content.decode()

        done = client.post(reverse("privacy:export", args=[request.pk]), follow=True)

        assert request.doc_no in done.content.decode()
        file = client.get(reverse("exports:file", args=[ExportRun.objects.get().pk]))
        assert file["Cache-Control"] == "private, no-store"
        assert ExportDownload.objects.count() == 1

    def test_a_form_with_a_wrong_choice_keeps_what_was_typed(self, requests):
        client = self.client(requests.world.am)

        page = client.post(
            reverse("privacy:export_request_new_from", args=[0]),
            {"list_code": "sms", "numbers": ["ID_NO"], "usage": "ONCE", "reason": "保留这些字"},
        )

        assert page.status_code == 422
        assert "保留这些字" in page.content.decode()

    def test_n26_other_branches_see_neither_list_row_nor_page(self, requests, customer):
        request = requests.draft()
        client = self.client(requests.world.other_am)

        assert (
            request.doc_no
            not in client.get(reverse("privacy:export_request_list")).content.decode()
        )
        assert client.get(request.get_absolute_url()).status_code == 404
        assert client.post(reverse("privacy:export", args=[request.pk])).status_code == 404

    def test_administrators_see_no_request(self, requests, customer):
        request = requests.approved()

        assert self.client(requests.world.adm).get(request.get_absolute_url()).status_code == 404


class TestApi:
    def api(self, person: Employee) -> APIClient:
        client = APIClient()
        client.force_authenticate(Employee.objects.get(pk=person.pk))
        return client

    def test_exports_and_hands_out_to_the_applicant(self, requests, customer, clock):
        request = requests.approved()
        api = self.api(requests.world.am)
        base = f"/api/v1/export-requests/{request.pk}/"

        made = api.post(f"{base}export/")
        file = api.get(f"{base}file/")

        assert (made.status_code, made.json()["request_no"]) == (201, request.doc_no)
        assert file.status_code == 200
        assert b"".join(file.streaming_content)[:2] == b"PK"
        assert api.post(f"{base}export/").json()["code"] == "PEX-09"

    def test_n25_refuses_whoever_merely_sees_the_request(self, requests, customer, clock):
        request = requests.approved()
        base = f"/api/v1/export-requests/{request.pk}/"

        answer = self.api(requests.world.hrm).post(f"{base}export/")

        assert (answer.status_code, answer.json()["code"]) == (403, "PEX-06")
        assert self.api(requests.world.hrm).get(f"{base}file/").status_code == 404

    def test_n26_other_branches_find_nothing(self, requests, customer):
        request = requests.draft()
        api = self.api(requests.world.other_am)

        assert api.get("/api/v1/export-requests/").json()["results"] == []
        assert api.post(f"/api/v1/export-requests/{request.pk}/export/").status_code == 404

    def test_creates_a_draft(self, requests, customer):
        answer = self.api(requests.world.am).post(
            "/api/v1/export-requests/",
            {"list_code": "customers", "numbers": ["PHONE"], "purpose": "AUDIT"},
            format="json",
        )

        assert answer.status_code == 201
        assert answer.json()["row_count"] == 1


def test_number_kinds_cover_what_the_reveal_covers():
    """What is shown one by one with a reason is what leaves only by request."""
    assert set(NumberKind.values) == {"ID_NO", "PHONE", "ACCOUNT"}
