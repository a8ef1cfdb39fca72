"""Pages and API of what finance pays: lists, forms, payment, receipts, notices, exports."""

from __future__ import annotations

from django.http import QueryDict

import pytest

from documents.kinds import routed_kind
from documents.services.drafts import update_draft
from funds.kinds.transfer import KIND_CODE as TRANSFER
from funds.models import FundTransfer, InterestRefundWaiver, RebateApplication
from funds.services.payments import add_receipt
from funds.services.transfers import report_failure
from lending_crm.common.exports.declarations import export_of
from lending_crm.common.models import OutboxMessage
from staff.work_figures import figure_sources
from tests.documents.factories import upload
from tests.funds.factories import at, money
from tests.funds.payments import DUE, Cashier
from tests.funds.test_transfers import codes, refusal
from workflows.models import WorkItem
from workflows.services.decisions import return_case


@pytest.fixture
def office(lender) -> Cashier:
    return Cashier(lender)


def tell(event: str) -> list[int]:
    return OutboxMessage.objects.get(payload__event=event).payload["recipients"]


class TestTransferGaps:
    def test_finance_hears_of_an_approved_transfer(self, office):
        office.desk.approved()
        assert set(tell("payment.waiting")) == {office.people.fin.pk, office.cashier.pk}

    def test_the_creator_hears_of_the_execution(self, office):
        office.desk.execute(office.desk.approved())
        assert tell("payment.done") == [office.people.brm.pk]

    def test_the_creator_hears_of_a_failure_and_why(self, office):
        transfer = office.desk.approved()
        report_failure(
            transfer_id=transfer.pk, reason="银行退回", actor=office.cashier, now=office.desk.at(2)
        )
        told = OutboxMessage.objects.get(payload__event="payment.failed").payload
        assert told["recipients"] == [office.people.brm.pk]
        assert told["params"]["opinion"] == "银行退回"

    def test_the_receipt_comes_with_the_execution(self, office):
        transfer = office.desk.execute(office.desk.approved(), receipt=upload(), bank_ref="B-1")
        receipt = transfer.attachments.get(category="BANK_RECEIPT")
        assert (receipt.title, receipt.uploaded_by) == ("B-1", office.cashier)

    def test_or_later_though_the_document_is_decided(self, office):
        transfer = office.desk.execute(office.desk.approved())
        add_receipt(
            document_id=transfer.pk, upload=upload(), actor=office.people.fin, now=office.desk.at(3)
        )
        assert transfer.attachments.filter(category="BANK_RECEIPT").count() == 1

    def test_pay_03_a_receipt_belongs_to_a_payment(self, office):
        given = {"upload": upload(), "actor": office.cashier, "now": office.desk.at(3)}
        error = refusal(add_receipt, document_id=office.desk.approved().pk, **given)
        assert codes(error) == ["PAY-03"]

    def test_att_02_a_receipt_is_looked_into(self, office):
        transfer = office.desk.execute(office.desk.approved())
        given = {"actor": office.cashier, "now": office.desk.at(3)}
        fake = upload("receipt.pdf", b"MZ not a pdf")
        assert codes(refusal(add_receipt, document_id=transfer.pk, upload=fake, **given)) == [
            "ATT-02"
        ]

    def test_only_finance_adds_one(self, office):
        transfer = office.desk.execute(office.desk.approved())
        given = {"upload": upload(), "actor": office.people.brm, "now": office.desk.at(3)}
        assert codes(refusal(add_receipt, document_id=transfer.pk, **given)) == ["DOC-05"]

    def test_a_returned_transfer_may_be_changed_and_claims_anew(self, office):
        desk = office.desk
        transfer = desk.submit(desk.draft())
        item = WorkItem.objects.get(case__document=transfer.document_ptr, state="OPEN")
        return_case(
            item_id=item.pk, actor=office.people.bgm, now=desk.at(1), opinion="金额请再核对"
        )
        update_draft(
            kind=routed_kind(TRANSFER),
            document_id=transfer.pk,
            actor=office.people.brm,
            now=desk.at(1),
            values={"principal": money(300000)},
        )
        transfer.refresh_from_db()
        assert transfer.claimed == 0
        assert desk.submit(transfer).claimed == money(300000)

    def test_a_work_report_counts_transfers_for_both_who_made_them_happen(self, office):
        office.desk.execute(office.desk.approved())
        measure = figure_sources()["transfers"].measure
        today = office.desk.today
        for person in (office.people.brm, office.people.am):
            found = measure(person, today, today)
            assert (found.count, found.amount) == (1, money(400000))
        assert measure(office.people.colleague, today, today).count == 0


class TestLists:
    @pytest.fixture(autouse=True)
    def clock(self, time_machine, now):
        time_machine.move_to(now, tick=False)

    def test_transfers_to_be_executed(self, office, client, django_assert_max_num_queries):
        waiting = office.desk.approved()
        done = office.desk.execute(office.desk.approved())
        client.force_login(office.cashier)
        with django_assert_max_num_queries(10):
            page = client.get("/fund-transfers/?payment=waiting").content.decode()
        assert waiting.doc_no in page
        assert done.doc_no not in page
        assert "待执行" in page

    @pytest.mark.parametrize("path", ["fund-transfers", "interest-reliefs", "rebates"])
    def test_each_list_can_be_exported(self, office, client, path):
        assert export_of(path) is not None
        client.force_login(office.people.am)
        assert f"/list-exports/{path}/new/" in client.get(f"/{path}/").content.decode()
        assert client.get(f"/list-exports/{path}/new/?payment=waiting").status_code == 200

    def test_an_export_names_what_the_list_shows(self, office):
        request = office.relief(office.ledger.loan())
        export = export_of("interest-reliefs")
        row = export.rows(office.people.am, QueryDict(), at(DUE)).get()
        values = [column.value(row, user=office.people.am) for column in export.columns]
        assert {request.doc_no, request.loan.loan_no, "免息"} <= {str(value) for value in values}

    def test_both_stand_in_the_menu(self, office, client):
        client.force_login(office.people.am)
        page = client.get("/rebates/").content.decode()
        assert "/interest-reliefs/" in page
        assert "退息、免息" in page


class TestReliefPages:
    @pytest.fixture(autouse=True)
    def clock(self, time_machine):
        time_machine.move_to(at(DUE), tick=False)

    @pytest.fixture
    def loan(self, office):
        return office.ledger.loan()

    def test_the_loan_offers_it_to_its_account_manager(self, office, loan, client):
        client.force_login(office.people.am)
        page = client.get(f"/loans/{loan.pk}/related/").content.decode()
        assert f"/interest-reliefs/new/{loan.pk}/" in page

    def test_choice_form_and_page(self, office, loan, client, django_assert_max_num_queries):
        client.force_login(office.people.am)
        with django_assert_max_num_queries(10):
            assert loan.loan_no in client.get("/interest-reliefs/new/").content.decode()
        url = f"/interest-reliefs/new/{loan.pk}/"
        assert client.get(url).status_code == 200
        data = {
            "relief_type": "WAIVER",
            "reason": "NEGOTIATED",
            "from_date": "2026-03-02",
            "to_date": "2026-04-02",
            "amount": "0",
            "penalty_part": "0",
            "view": "1",
        }
        refused = client.post(url, data)
        assert refused.status_code == 422
        assert "申请金额必须大于 0" in refused.content.decode()
        saved = client.post(url, {**data, "amount": "1,000"})
        made = InterestRefundWaiver.objects.get()
        assert saved.url == f"/interest-reliefs/{made.pk}/"
        page = client.get(saved.url).content.decode()
        assert "7,500.00" in page
        assert "壹仟元整" in page

    def test_the_page_asks_few_queries(self, office, loan, client, django_assert_max_num_queries):
        request = office.relief(loan)
        client.force_login(office.people.am)
        client.get(f"/interest-reliefs/{request.pk}/")
        with django_assert_max_num_queries(10):
            client.get(f"/interest-reliefs/{request.pk}/")

    def test_customer_and_application_list_it(self, office, loan, client):
        request = office.relief(loan)
        client.force_login(office.people.am)
        for url in (
            f"/customers/{loan.customer_id}/related/",
            f"/applications/{loan.application_id}/related/",
        ):
            assert request.doc_no in client.get(url).content.decode()

    def test_finance_books_the_refund_in_a_dialog(self, office, loan, client):
        office.ledger.repay(loan, "7500", DUE)
        approved = office.approved(office.refund(loan), at(DUE))
        client.force_login(office.cashier)
        url = f"/interest-reliefs/{approved.pk}/"
        assert "payment-form" in client.get(url).content.decode()
        refused = client.post(f"{url}pay/", {"paid_on": "2026-04-02", "bank_ref": ""})
        assert refused.status_code == 422
        done = client.post(
            f"{url}pay/",
            {
                "paid_on": "2026-04-02",
                "bank_ref": "TX-9",
                "receipt": upload(),
                "seen_version": approved.version,
            },
        )
        assert done.url == url
        page = client.get(url).content.decode()
        assert "TX-9" in page
        assert "receipt-form" in page
        assert approved.payee_account not in page
        more = client.post(f"{url}receipt/", {"upload": upload("more.pdf")})
        assert more.status_code == 302
        assert approved.attachments.filter(category="BANK_RECEIPT").count() == 2

    def test_an_approver_reads_why_he_does_not_pay(self, office, loan, client):
        office.ledger.repay(loan, "7500", DUE)
        approved = office.approved(office.refund(loan), at(DUE))
        client.force_login(office.people.fin)
        page = client.get(f"/interest-reliefs/{approved.pk}/").content.decode()
        assert "执行人不能是本单发起人或审批人" in page
        assert "payment-form" not in page

    def test_n26_another_branch_gets_404(self, office, loan, client):
        request = office.relief(loan)
        client.force_login(office.people.other_am)
        assert client.get(f"/interest-reliefs/{request.pk}/").status_code == 404
        for tail in ("pay/", "receipt/"):
            assert client.post(f"/interest-reliefs/{request.pk}/{tail}").status_code == 404

    def test_who_is_not_finance_gets_403(self, office, loan, client):
        request = office.relief(loan)
        client.force_login(office.people.am)
        for tail in ("pay/", "receipt/"):
            assert client.post(f"/interest-reliefs/{request.pk}/{tail}").status_code == 403


class TestRebatePages:
    @pytest.fixture(autouse=True)
    def clock(self, time_machine, now):
        time_machine.move_to(now, tick=False)

    def test_from_the_business_to_the_page(self, office, client, django_assert_max_num_queries):
        business = office.business()
        client.force_login(office.people.am)
        related = client.get(f"/applications/{business.pk}/related/").content.decode()
        assert f"/rebates/new/{business.pk}/" in related
        with django_assert_max_num_queries(10):
            assert business.doc_no in client.get("/rebates/new/").content.decode()
        url = f"/rebates/new/{business.pk}/"
        page = client.get(url).content.decode()
        assert "6,000.00" in page
        data = {
            "amount": "6000.01",
            "payee_name": business.channel.name,
            "payee_bank": "工商银行",
            "payee_account": "2101000000123456",
            "view": "1",
        }
        refused = client.post(url, data)
        assert refused.status_code == 422
        assert "超过可返点余额 6,000.00 元" in refused.content.decode()
        saved = client.post(url, {**data, "amount": "6000"})
        made = RebateApplication.objects.get()
        assert saved.url == f"/rebates/{made.pk}/"
        with django_assert_max_num_queries(10):
            shown = client.get(saved.url).content.decode()
        assert FundTransfer.objects.get().doc_no in shown
        assert "2101000000123456" not in shown
        channel = client.get(f"/customers/{business.channel_id}/related/").content.decode()
        assert made.doc_no in channel

    def test_finance_books_the_payment_in_a_dialog(self, office, client, time_machine):
        approved = office.approved(office.rebate(office.business()), office.desk.at(2))
        time_machine.move_to(office.desk.at(4), tick=False)
        client.force_login(office.cashier)
        url = f"/rebates/{approved.pk}/"
        data = {"paid_on": office.desk.today.isoformat(), "bank_ref": "FD-9"}
        done = client.post(f"{url}pay/", data)
        assert done.url == url
        assert "FD-9" in client.get(url).content.decode()


class TestApi:
    @pytest.fixture(autouse=True)
    def clock(self, time_machine):
        time_machine.move_to(at(DUE), tick=False)

    def test_a_refund_from_draft_to_payment(self, office, client):
        loan = office.ledger.loan()
        office.ledger.repay(loan, "7500", DUE)
        client.force_login(office.people.am)
        given = {
            "loan": loan.pk,
            "relief_type": "REFUND",
            "reason": "OTHER",
            "to_date": "2026-04-02",
            "amount": "1000.00",
        }
        made = client.post("/api/v1/interest-reliefs/", given, content_type="application/json")
        assert made.status_code == 201
        assert made.json()["max_amount"] == "7500.00"
        assert "****" in made.json()["payee_account"]
        wrong = client.post(
            "/api/v1/interest-reliefs/",
            {**given, "calc_amount": "1"},
            content_type="application/json",
        )
        assert wrong.status_code == 400
        approved = office.approved(InterestRefundWaiver.objects.get(), at(DUE))
        client.force_login(office.cashier)
        url = f"/api/v1/interest-reliefs/{approved.pk}/"
        paid = {"paid_on": "2026-04-02", "bank_ref": "TX-1", "seen_version": approved.version}
        done = client.post(f"{url}pay/", paid, content_type="application/json")
        assert done.status_code == 200
        assert done.json()["biz_status"] == "REFUNDED"
        assert client.post(f"{url}pay/", paid, content_type="application/json").status_code == 409
        receipt = client.post(f"{url}receipt/", {"file": upload()})
        assert receipt.status_code == 200
        found = client.get("/api/v1/interest-reliefs/?biz_status=REFUNDED").json()["results"]
        assert [row["doc_no"] for row in found] == [approved.doc_no]

    def test_a_rebate_is_paid(self, office, client, time_machine):
        approved = office.approved(office.rebate(office.business()), office.desk.at(2))
        time_machine.move_to(office.desk.at(4), tick=False)
        url = f"/api/v1/rebates/{approved.pk}/pay/"
        paid = {
            "paid_on": office.desk.today.isoformat(),
            "bank_ref": "FD-1",
            "seen_version": approved.version,
        }
        client.force_login(office.people.am)
        assert client.post(url, paid, content_type="application/json").status_code == 403
        client.force_login(office.cashier)
        assert (
            client.post(url, paid, content_type="application/json").json()["biz_status"] == "PAID"
        )
