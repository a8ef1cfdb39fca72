"""Voiding an approved document: two people, one of each role (domain.md §2.1, decision 8)."""

from __future__ import annotations

import threading
from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

import pytest

from documents.choices import VoidState, WfStatus
from documents.models import Document, VoidRequest
from documents.services.documents import void_document
from documents.services.voiding import (
    confirm_void,
    decline_void,
    request_void,
    withdraw_void,
)
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord, OutboxMessage
from tests.documents.factories import NOW, DocumentFactory, EmployeeFactory, give_role, move_to

REASON = "合同未签,客户放弃借款"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def hrm(roles):
    return give_role(EmployeeFactory(name="吴风控"), "HRM")


@pytest.fixture
def adm(roles):
    return give_role(EmployeeFactory(name="卫管理"), "ADM")


@pytest.fixture
def approved(roles):
    document = DocumentFactory()
    move_to(document, "APPROVED")
    return document


@pytest.fixture
def asked(approved, hrm, adm):
    return request_void(doc_no=approved.doc_no, actor=hrm, now=NOW, reason=REASON)


def refused(act, code: str, status: int) -> DomainError:
    with pytest.raises(DomainError) as caught:
        act()
    assert (caught.value.code, caught.value.status) == (code, status)
    return caught.value


class TestRequestVoid:
    def test_tells_the_other_role_and_changes_nothing_yet(self, approved, asked, adm):
        approved.refresh_from_db()
        assert approved.wf_status == WfStatus.APPROVED
        message = OutboxMessage.objects.get().payload
        assert message["event"] == "document.void_asked"
        assert message["recipients"] == [adm.pk]
        assert message["url"] == reverse("documents:void_request", args=[asked.pk])

    def test_an_administrator_asks_as_well(self, approved, hrm, adm):
        found = request_void(doc_no=f" {approved.doc_no} ", actor=adm, now=NOW, reason=REASON)
        assert found.role == "ADM"
        assert OutboxMessage.objects.get().payload["recipients"] == [hrm.pk]

    @pytest.mark.parametrize("role", ["AM", "TL", "BRM", "BGM", "FIN", "CEO"])
    def test_doc_03_refuses_every_other_role(self, approved, hrm, adm, role):
        actor = give_role(EmployeeFactory(), role)
        refused(
            lambda: request_void(doc_no=approved.doc_no, actor=actor, now=NOW, reason=REASON),
            "DOC-03",
            403,
        )

    def test_doc_03_the_handler_does_not_void_it_alone(self, approved):
        refused(
            lambda: void_document(
                document_id=approved.pk, actor=approved.handler, now=NOW, reason=REASON
            ),
            "DOC-03",
            403,
        )

    def test_doc_02_refuses_while_something_follows(self, approved, hrm, adm, kind, monkeypatch):
        monkeypatch.setattr(type(kind), "followers", lambda _self, _document: ["HT-1", "HB-2"])
        found = refused(
            lambda: request_void(doc_no=approved.doc_no, actor=hrm, now=NOW, reason=REASON),
            "DOC-02",
            409,
        )
        assert "HT-1" in found.message and "HB-2" in found.message

    def test_doc_05_refuses_a_second_request(self, approved, asked, adm):
        refused(
            lambda: request_void(doc_no=approved.doc_no, actor=adm, now=NOW, reason=REASON),
            "DOC-11",
            409,
        )

    def test_doc_09_refuses_when_nobody_could_confirm(self, approved, hrm):
        refused(
            lambda: request_void(doc_no=approved.doc_no, actor=hrm, now=NOW, reason=REASON),
            "DOC-09",
            409,
        )
        assert not VoidRequest.objects.exists()

    @pytest.mark.parametrize("status", ["DRAFT", "REJECTED", "VOID"])
    def test_doc_10_knows_approved_documents_only(self, roles, hrm, adm, status):
        document = DocumentFactory()
        move_to(document, status)
        for number in (document.doc_no, "YW-00-20260101-999", ""):
            refused(
                lambda number=number: request_void(
                    doc_no=number, actor=hrm, now=NOW, reason=REASON
                ),
                "DOC-10",
                422,
            )

    @pytest.mark.parametrize(("reason", "code"), [("  短 ", "WF-07"), ("长" * 501, "DOC-04")])
    def test_asks_for_a_reason(self, approved, hrm, adm, reason, code):
        with pytest.raises(DomainError) as caught:
            request_void(doc_no=approved.doc_no, actor=hrm, now=NOW, reason=reason)
        assert caught.value.code == code


class TestConfirmVoid:
    def test_voids_the_document_with_both_names_on_record(self, approved, asked, hrm, adm):
        OutboxMessage.objects.all().delete()
        confirm_void(request_id=asked.pk, actor=adm, now=LATER)

        approved.refresh_from_db()
        assert (approved.wf_status, approved.void_reason) == (WfStatus.VOID, REASON)
        asked.refresh_from_db()
        assert (asked.state, asked.closed_by, asked.closed_at) == ("CONFIRMED", adm, LATER)
        actors = dict(ChangeRecord.objects.values_list("field", "actor").order_by("id"))
        assert actors == {"request to void": adm.pk, "wf_status": adm.pk, "void_reason": adm.pk}
        first = ChangeRecord.objects.order_by("id")[0]
        assert (first.actor, first.field_label) == (hrm, "作废申请")
        assert first.new == f"待确认:{REASON}"
        message = OutboxMessage.objects.get().payload
        assert message["event"] == "document.voided"
        assert message["recipients"] == [approved.handler_id, hrm.pk]

    def test_doc_06_never_by_who_asked(self, asked, hrm):
        both = give_role(hrm, "ADM")
        refused(lambda: confirm_void(request_id=asked.pk, actor=both, now=LATER), "DOC-12", 403)

    def test_doc_06_never_by_a_second_one_of_the_same_role(self, asked):
        other = give_role(EmployeeFactory(), "HRM")
        refused(lambda: confirm_void(request_id=asked.pk, actor=other, now=LATER), "DOC-12", 403)

    def test_doc_07_refuses_a_second_answer(self, asked, adm):
        confirm_void(request_id=asked.pk, actor=adm, now=LATER)
        refused(lambda: confirm_void(request_id=asked.pk, actor=adm, now=LATER), "DOC-13", 409)
        refused(
            lambda: decline_void(request_id=asked.pk, actor=adm, now=LATER, reason=REASON),
            "DOC-13",
            409,
        )

    def test_doc_02_looks_again_at_what_followed_meanwhile(self, asked, adm, kind, monkeypatch):
        monkeypatch.setattr(type(kind), "followers", lambda _self, _document: ["HT-1"])
        refused(lambda: confirm_void(request_id=asked.pk, actor=adm, now=LATER), "DOC-02", 409)


class TestDeclineVoid:
    def test_leaves_the_document_and_tells_who_asked(self, approved, asked, hrm, adm):
        OutboxMessage.objects.all().delete()
        decline_void(request_id=asked.pk, actor=adm, now=LATER, reason="合同已在签署中")
        approved.refresh_from_db()
        asked.refresh_from_db()
        assert approved.wf_status == WfStatus.APPROVED
        assert (asked.state, asked.answer) == ("DECLINED", "合同已在签署中")
        message = OutboxMessage.objects.get().payload
        assert (message["event"], message["recipients"]) == ("document.void_declined", [hrm.pk])

    def test_another_request_may_follow(self, approved, asked, hrm, adm):
        decline_void(request_id=asked.pk, actor=adm, now=LATER, reason="合同已在签署中")
        again = request_void(doc_no=approved.doc_no, actor=hrm, now=LATER, reason=REASON)
        assert again.is_open


class TestWithdrawVoid:
    def test_takes_the_own_request_back(self, asked, hrm):
        assert withdraw_void(request_id=asked.pk, actor=hrm, now=LATER).state == "WITHDRAWN"

    def test_doc_08_nobody_elses(self, asked, adm):
        refused(lambda: withdraw_void(request_id=asked.pk, actor=adm, now=LATER), "DOC-14", 403)


class TestDatabase:
    """What no service could get past either."""

    def rejects(self, act) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            act()

    def test_one_open_request_a_document(self, asked):
        values = {"document": asked.document, "reason": REASON, "role": "ADM"}
        self.rejects(
            lambda: VoidRequest.objects.create(
                requested_by=EmployeeFactory(), requested_at=NOW, **values
            )
        )

    def test_nobody_answers_himself(self, asked, hrm):
        for state in (VoidState.CONFIRMED, VoidState.DECLINED):
            self.rejects(
                lambda state=state: VoidRequest.objects.filter(pk=asked.pk).update(
                    state=state, closed_by=hrm, closed_at=NOW
                )
            )

    def test_no_approved_document_is_void_without_a_confirmation(self, approved, asked):
        self.rejects(lambda: Document.objects.filter(pk=approved.pk).update(wf_status="VOID"))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestRace:
    def test_confirmed_or_withdrawn_but_not_both(self, approved, hrm, adm):
        asked = request_void(doc_no=approved.doc_no, actor=hrm, now=NOW, reason=REASON)
        barrier = threading.Barrier(2)
        outcomes: list[str] = []

        def act(service, actor) -> None:
            barrier.wait()
            try:
                outcomes.append(service(request_id=asked.pk, actor=actor, now=LATER).state)
            except DomainError as refusal:
                outcomes.append(refusal.code)
            finally:
                connection.close()

        threads = [
            threading.Thread(target=act, args=pair)
            for pair in ((confirm_void, adm), (withdraw_void, hrm))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) in (["CONFIRMED", "DOC-13"], ["DOC-13", "WITHDRAWN"])
        approved.refresh_from_db()
        assert (approved.wf_status == "VOID") is ("CONFIRMED" in outcomes)


class TestPages:
    @pytest.fixture
    def browse(self):
        def browse(who) -> Client:
            client = Client(headers={"accept-language": "zh-hans"})
            client.force_login(who)
            return client

        return browse

    def test_from_the_request_to_the_confirmation(self, approved, hrm, adm, browse):
        page = browse(hrm).post(
            reverse("documents:void_requests"), {"doc_no": approved.doc_no, "reason": REASON}
        )
        asked = VoidRequest.objects.get()
        detail = reverse("documents:void_request", args=[asked.pk])
        assert page.headers["Location"] == detail
        assert "确认作废" not in browse(hrm).get(detail).content.decode()
        shown = browse(adm).get(detail).content.decode()
        assert "确认作废" in shown
        assert REASON in shown
        assert browse(adm).get(reverse("documents:void_requests")).status_code == 200
        browse(adm).post(reverse("documents:void_confirm", args=[asked.pk]))
        approved.refresh_from_db()
        assert approved.wf_status == "VOID"

    def test_a_refusal_keeps_what_was_typed(self, approved, hrm, adm, browse):
        url = reverse("documents:void_requests")
        page = browse(hrm).post(url, {"doc_no": "YW-00-1", "reason": REASON})
        assert page.status_code == 422
        text = page.content.decode()
        assert "DOC-10" in text
        assert REASON in text

    def test_declining_and_taking_back(self, approved, asked, hrm, adm, browse):
        url = reverse("documents:void_decline", args=[asked.pk])
        assert browse(adm).post(url, {"reason": "短"}).status_code == 422
        assert browse(adm).post(url, {"reason": "合同已在签署中"}).status_code == 302
        asked = request_void(doc_no=approved.doc_no, actor=hrm, now=LATER, reason=REASON)
        url = reverse("documents:void_withdraw", args=[asked.pk])
        assert browse(adm).post(url).status_code == 403
        assert browse(hrm).post(url).status_code == 302

    def test_strangers_see_none(self, asked, stranger, browse):
        assert (
            REASON not in browse(stranger).get(reverse("documents:void_requests")).content.decode()
        )
        for name in ("void_request", "void_confirm", "void_decline", "void_withdraw"):
            url = reverse(f"documents:{name}", args=[asked.pk])
            client = browse(stranger)
            found = client.get(url) if name == "void_request" else client.post(url)
            assert found.status_code == 404, name

    def test_asks_a_bounded_number_of_queries(
        self, asked, adm, browse, django_assert_max_num_queries
    ):
        client = browse(adm)
        for url in (
            reverse("documents:void_requests"),
            reverse("documents:void_request", args=[asked.pk]),
        ):
            client.get(url)
            with django_assert_max_num_queries(10):
                client.get(url)


class TestApi:
    URL = "/api/v1/void-requests/"

    def call(self, who) -> APIClient:
        client = APIClient()
        client.force_authenticate(who)
        return client

    def test_asks_answers_and_follows(self, approved, hrm, adm):
        made = self.call(hrm).post(self.URL, {"doc_no": approved.doc_no, "reason": REASON})
        assert made.status_code == 201, made.data
        pk = made.json()["id"]
        assert self.call(hrm).post(f"{self.URL}{pk}/confirm/").status_code == 403
        assert self.call(adm).get(f"{self.URL}{pk}/").json()["state"] == "OPEN"
        assert self.call(adm).post(f"{self.URL}{pk}/confirm/").json()["state"] == "CONFIRMED"
        refusal = self.call(adm).post(f"{self.URL}{pk}/decline/", {"reason": "合同已在签署中"})
        assert (refusal.status_code, refusal.json()["code"]) == (409, "DOC-13")
        rows = self.call(adm).get(self.URL).json()["results"]
        assert [row["doc_no"] for row in rows] == [approved.doc_no]

    def test_doc_03_comes_before_what_was_sent_is_judged(self, stranger):
        refusal = self.call(stranger).post(self.URL, {})
        assert (refusal.status_code, refusal.json()["code"]) == (403, "DOC-03")

    def test_declining_wants_a_reason(self, asked, adm):
        refusal = self.call(adm).post(f"{self.URL}{asked.pk}/decline/", {})
        assert (refusal.status_code, refusal.json()["code"]) == (422, "WF-07")

    def test_strangers_see_none(self, asked, stranger):
        assert self.call(stranger).get(self.URL).json()["results"] == []
        assert self.call(stranger).post(f"{self.URL}{asked.pk}/confirm/").status_code == 404
