"""Reconsiderations and intermediary business on pages, through the API and on paper."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

import pytest

from applications.choices import INTERMEDIARY_FORM, RECONSIDERATION_FORM
from applications.models import FeeBooking, IntermediaryApplication, Reconsideration
from applications.reconsideration_printing import reconsideration_context
from documents.kinds import routed_kind
from documents.printing.forms import form_context
from documents.selectors import supplement_panel
from documents.services import supplements
from lending_crm.common.models import OutboxMessage
from tests.applications.factories import Lender, fresh
from tests.applications.reconsidering import (
    FACTS,
    OPINION,
    REASON,
    ReconsiderationWalk,
    again,
    new,
    rejected,
    rejected_by_the_president,
)
from tests.applications.test_intermediary import (
    IntermediaryWalk,
    approved,
    draft,
    fee,
    header,
)
from tests.customers.factories import make_channel
from tests.documents.factories import upload
from workflows.models import Case


@pytest.fixture(autouse=True)
def clock(time_machine, now):
    time_machine.move_to(now + timedelta(hours=3), tick=False)


@pytest.fixture
def browse(lender):
    def browse(who: Any = None, language: str = "zh-hans") -> Client:
        client = Client(headers={"accept-language": language})
        client.force_login(who or lender.am)
        return client

    return browse


@pytest.fixture
def call(lender):
    def call(who: Any = None) -> APIClient:
        client = APIClient(headers={"accept-language": "zh-hans"})
        client.force_authenticate(again(who or lender.am))
        return client

    return call


def text(response: Any) -> str:
    return response.content.decode()


class TestReconsiderationPages:
    def test_the_opportunity_and_the_application_offer_a_new_one(self, lender, browse):
        origin = rejected(lender)
        new_url = reverse("applications:reconsideration_new_from", args=[origin.pk])
        for page in (lender.opportunity.get_absolute_url(), origin.get_absolute_url()):
            assert new_url in text(browse().get(f"{page}related/")), page

    def test_the_choice_says_why_an_application_cannot_be_taken(self, lender, browse):
        first = new(lender, rejected(lender))
        page = text(browse().get(reverse("applications:reconsideration_new")))
        assert f"业务 {first.origin.doc_no} 已有在途复议申请单 {first.doc_no}。" in page

    def test_rec_08_the_choice_says_that_nobody_stands_above(self, lender, browse):
        origin = rejected_by_the_president(lender)
        page = text(browse().get(reverse("applications:reconsideration_new")))
        assert reverse("applications:reconsideration_new_from", args=[origin.pk]) not in page
        assert "该业务由总裁否决,没有更高一级审批人,不能复议。" in page
        related = text(browse().get(f"{origin.get_absolute_url()}related/"))
        assert reverse("applications:reconsideration_new_from", args=[origin.pk]) not in related

    def test_the_form_begins_with_the_original_request(self, lender, browse):
        origin = rejected(lender)
        url = reverse("applications:reconsideration_new_from", args=[origin.pk])
        page = text(browse().get(url))
        assert 'value="300,000.00"' in page or 'value="300000.00"' in page

    def test_a_refused_amount_stands_at_its_field_and_is_kept(self, lender, browse):
        made = new(lender, rejected(lender))
        url = reverse("applications:reconsideration_edit", args=[made.pk])
        values = {
            "reason": REASON,
            "new_facts": FACTS,
            "amount": "400000",
            "version": made.version,
            "guarantee_items-TOTAL_FORMS": "1",
            "guarantee_items-INITIAL_FORMS": "0",
            "guarantee_items-0-kind": "LAND",
            "guarantee_items-0-name": "铁西区厂房",
        }
        response = browse().post(url, values)
        assert response.status_code == 422
        assert "铁西区厂房" in text(response)
        assert "复议金额不能大于原申请金额 300,000.00 元。" in text(response)
        assert "400000" in text(response)

    def test_the_page_shows_the_rejection_beside_the_request(
        self, lender, browse, django_assert_max_num_queries
    ):
        made = new(lender, rejected(lender))
        client = browse()
        url = made.get_absolute_url()
        client.get(url)
        with django_assert_max_num_queries(30):
            page = text(client.get(url))
        assert OPINION in page
        assert made.origin.doc_no in page

    def test_the_list_finds_it_by_the_original_number(
        self, lender, browse, django_assert_max_num_queries
    ):
        made = new(lender, rejected(lender))
        url = reverse("applications:reconsideration_list")
        client = browse()
        with django_assert_max_num_queries(10):
            assert made.doc_no in text(client.get(url, {"q": made.origin.doc_no}))
        assert made.doc_no not in text(client.get(url, {"q": "没有这家"}))

    def test_the_granted_application_names_its_reconsideration(self, lender, browse):
        p = lender.people
        walk = ReconsiderationWalk(lender, new(lender, rejected(lender)))
        document = walk.to_the_end(p.tl, p.brm, p.bgm, p.hrm)
        page = text(browse().get(document.origin.get_absolute_url()))
        assert document.doc_no in page
        assert "已由复议申请单" in page

    def test_n26_another_branch_gets_a_404(self, lender, browse):
        made = new(lender, rejected(lender))
        assert browse(lender.people.other_am).get(made.get_absolute_url()).status_code == 404


class TestIntermediaryPages:
    def posted(self, lender: Lender, **values: Any) -> dict[str, Any]:
        funder = make_channel(lender.am, lender.now)
        return {
            **header(lender, funder=funder),
            "funder": funder.pk,
            "signed_on": "2026-03-02",
            "lines-TOTAL_FORMS": "1",
            "lines-INITIAL_FORMS": "0",
            "lines-0-product": "抵押经营贷",
            "lines-0-amount": "100万",
            "lines-0-term_months": "12",
            "lines-0-annual_rate": "5.6",
            "lines-0-method": "INTEREST_FIRST",
            "sheet-TOTAL_FORMS": "1",
            "sheet-INITIAL_FORMS": "0",
            "sheet-0-item": "APPRAISAL",
            "sheet-0-payee": "中评资产评估有限公司",
            "sheet-0-due": "3000",
        } | values

    def url(self, lender: Lender) -> str:
        return reverse("applications:intermediary_new_from", args=[lender.opportunity.pk])

    def test_the_form_has_the_two_tabs_of_the_manual(self, lender, browse):
        page = text(browse().get(self.url(lender)))
        assert page.count('role="tab"') == 2
        assert "签约信息" in page
        assert "业务代收代缴费用单" in page

    def test_saves_what_is_typed(self, lender, browse):
        response = browse().post(self.url(lender), self.posted(lender))
        assert response.status_code == 302, text(response)
        made = IntermediaryApplication.objects.get()
        assert (made.fee, made.amount_total) == (Decimal("15000.00"), Decimal("1000000.00"))

    def test_an_error_in_the_second_tab_opens_it_and_keeps_the_rest(self, lender, browse):
        values = self.posted(lender, **{"sheet-0-received": "10", "sheet-0-paid": "20"})
        page = browse().post(self.url(lender), values)
        assert page.status_code == 422
        assert 'id="tab-sheet" aria-controls="panel-sheet" aria-selected="true"' in text(page)
        assert "中评资产评估有限公司" in text(page)
        assert not IntermediaryApplication.objects.exists()

    def test_finance_books_on_the_page_of_an_approved_one(self, lender, browse):
        document = approved(lender)
        client = browse(lender.people.fin)
        page = text(client.get(document.get_absolute_url()))
        assert "booking-dialog" in page
        values = {
            "line": document.sheet.get().pk,
            "kind": "RECEIPT",
            "amount": "3000",
            "booked_on": "2026-03-02",
        }
        answer = client.post(reverse("applications:intermediary_book", args=[document.pk]), values)
        assert answer.status_code == 302
        booking = FeeBooking.objects.get()
        assert booking.booked_by == lender.people.fin
        url = reverse("applications:intermediary_reverse", args=[document.pk, booking.pk])
        assert client.post(url, {"reason": "金额录入错误"}).status_code == 302
        assert FeeBooking.objects.count() == 2

    def test_a_booking_that_cannot_be_read_is_refused_by_name(self, lender, browse):
        document = approved(lender)
        client = browse(lender.people.fin)
        url = reverse("applications:intermediary_book", args=[document.pk])
        answer = client.post(url, {"line": "x", "kind": "y", "amount": "z", "booked_on": "?"})
        assert answer.status_code == 422
        assert not FeeBooking.objects.exists()

    def test_the_handler_confirms_the_funding(self, lender, browse):
        document = approved(lender)
        url = reverse("applications:intermediary_funding", args=[document.pk])
        assert browse().post(url, {"day": "2026-03-02"}).status_code == 302
        assert IntermediaryApplication.objects.get().biz_status == "FUNDED"

    def test_the_lists_of_the_menu_stand_in_the_manuals_order(self, lender, browse):
        page = text(browse().get(reverse("applications:intermediary_list")))
        names = ["业务申请单", "业务复议申请单", "中介业务申请单"]
        menu = [
            f'href="{reverse(f"applications:{name}")}"'
            for name in ("list", "reconsideration_list", "intermediary_list")
        ]
        places = [page.index(link) for link in menu]
        assert places == sorted(places)
        assert all(name in page for name in names)


class TestApi:
    def test_a_reconsideration_from_draft_to_submission(self, lender, call):
        origin = rejected(lender)
        body = {"origin": origin.pk, "reason": REASON, "new_facts": FACTS, "amount": "250000.00"}
        made = call().post("/api/v1/reconsiderations/", body)
        assert made.status_code == 201, made.data
        answer = made.json()
        assert (answer["amount"], answer["rejected_node"]) == ("250000.00", "分公司风控经理")
        again_ = call().post("/api/v1/reconsiderations/", body)
        assert (again_.status_code, again_.json()["code"]) == (409, "REC-03")
        preview = call().get(f"/api/v1/reconsiderations/{answer['id']}/preview/").json()
        assert [each["code"] for each in preview["reasons"]] == ["REC-06"]

    def test_the_fee_sheet_and_its_bookings(self, lender, call):
        document = approved(lender, sheet=[fee()])
        line = document.sheet.get()
        base = f"/api/v1/intermediary-applications/{document.pk}/"
        body = {
            "line": line.pk,
            "kind": "RECEIPT",
            "amount": "3000.00",
            "booked_on": "2026-03-02",
        }
        finance = call(lender.people.fin)
        booked = finance.post(f"{base}bookings/", body)
        assert booked.status_code == 201, booked.data
        assert finance.get(f"{base}sheet/").json()["total"]["balance"] == "3000.00"
        back = f"{base}bookings/{booked.json()['id']}/reversal/"
        assert finance.post(back, {"reason": "金额录入错误"}).status_code == 201
        assert call().post(f"{base}bookings/", body).status_code == 403

    def test_the_steps_of_the_business(self, lender, call):
        document = approved(lender)
        base = f"/api/v1/intermediary-applications/{document.pk}/"
        day, finance = {"day": "2026-03-02"}, call(lender.people.fin)
        assert call().post(f"{base}funding/", day).json()["biz_status"] == "FUNDED"
        assert finance.post(f"{base}fee/", day).json()["biz_status"] == "FEE_RECEIVED"
        assert finance.post(f"{base}settlement/").json()["biz_status"] == "SETTLED"
        refused = call().post(f"{base}termination/", {"reason": "资金方未批准"})
        assert refused.json()["code"] == "MED-11"


class TestPaper:
    def test_the_reconsideration_form_compares_both_requests(self, lender):
        p = lender.people
        made = new(lender, rejected(lender), amount=Decimal("250000"), term_months=6)
        walk = ReconsiderationWalk(lender, made)
        document = walk.to_the_end(p.tl, p.brm, p.bgm, p.hrm)
        context = reconsideration_context(
            routed_kind("reconsideration").get(document.pk), RECONSIDERATION_FORM
        )
        assert ("金额（元）", "300,000.00", "250,000.00") in context["comparison"]
        assert ("期限（月）", "12", "6") in context["comparison"]
        assert context["rejection"]["opinion"] == OPINION
        assert context["approved"]["amount"] == "250,000.00"
        assert context["amount_capital"].startswith("贰拾伍万")

    def test_both_are_printed_as_a_pdf(self, lender, browse):
        made = new(lender, rejected(lender))
        other = draft(lender)
        for name, pk, form in (
            ("reconsideration_print", made.pk, RECONSIDERATION_FORM),
            ("intermediary_print", other.pk, INTERMEDIARY_FORM),
        ):
            answer = browse().get(reverse(f"applications:{name}", args=[pk, form]))
            assert answer.status_code == 200
            assert b"".join(answer.streaming_content).startswith(b"%PDF")

    def test_the_fee_sheet_stands_on_the_intermediary_form_with_its_totals(self, lender):
        made = routed_kind("intermediary_application").get(
            draft(lender, sheet=[fee(received=Decimal("3000"))]).pk
        )
        context = form_context(made, INTERMEDIARY_FORM)
        [sheet] = [t for s in context["sections"] for t in s["tables"] if t["name"] == "sheet"]
        assert sheet["foot"][-1] == "3,000.00"


class TestSupplements:
    """M10: open for every kind of document, without moving the case."""

    @pytest.mark.parametrize("code", ["reconsideration", "intermediary_application"])
    def test_material_comes_to_a_running_case_and_is_announced(self, lender, code):
        walk: Any
        if code == "reconsideration":
            walk = ReconsiderationWalk(lender, new(lender, rejected(lender)))
        else:
            walk = IntermediaryWalk(lender, draft(lender))
        document = walk.document
        before = Case.objects.values("tokens", "round").get(pk=walk.case.pk)
        made = supplements.create_supplement(
            document_id=document.pk, actor=again(lender.am), now=walk.now(), subject="补充流水"
        )
        category = routed_kind(code).attachment_categories(document)[0].code
        supplements.add_supplement_file(
            supplement_id=made.pk,
            actor=again(lender.am),
            now=walk.now(),
            title="流水",
            category=category,
            upload=upload("流水.pdf"),
        )
        supplements.submit_supplement(supplement_id=made.pk, actor=again(lender.am), now=walk.now())

        after = Case.objects.values("tokens", "round").get(pk=walk.case.pk)
        assert after == before
        shown = supplement_panel(routed_kind(code).get(document.pk), again(lender.people.tl))
        assert [row.doc_no for row in shown.supplements] == [made.doc_no]
        assert shown.unread == 1
        told = [
            message.payload["recipients"]
            for message in OutboxMessage.objects.all()
            if "supplement" in str(message.payload.get("event", ""))
        ]
        assert lender.people.tl.pk in told[-1]


class TestGrantedElsewhere:
    def test_the_application_is_no_longer_over(self, lender):
        p = lender.people
        walk = ReconsiderationWalk(lender, new(lender, rejected(lender)))
        document = walk.to_the_end(p.tl, p.brm, p.bgm, p.hrm)
        assert not fresh(document.origin).is_over
        assert Reconsideration.objects.get(pk=document.pk).decided_on is not None
