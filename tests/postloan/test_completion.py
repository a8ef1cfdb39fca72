"""客户完结: what it needs, what it closes for good, its papers (M18, N13)."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction

import pytest

from documents.kinds import routed_kind
from documents.models import Document
from documents.services.documents import void_document
from documents.services.drafts import create_draft, update_draft
from documents.services.printing import print_document
from documents.services.voiding import request_void
from funds.models import Loan
from funds.services.fees import charge_fee
from funds.services.repayments import reverse_repayment
from lending_crm.common.errors import DomainError
from postloan.kinds.completion import CERTIFICATE, FORM
from postloan.models import BadCustomerHandover, CompletedBusiness, CustomerCompletion
from postloan.selectors.completion_open import paths
from tests.applications.test_intermediary import header as intermediary_header
from tests.funds.factories import at, money
from tests.funds.transfers import Desk as TransferDesk
from tests.postloan.closing import (
    COMPLETION,
    begin_completion,
    business,
    completed,
    completers,
    customer_of,
    pass_all,
    ready_completion,
    settle,
    submit,
)
from tests.postloan.factories import begin as begin_extension
from workflows.kinds import all_kinds
from workflows.services.submission import withdraw_case


def codes(error):
    return [reason.code for reason in error.value.reasons]


def refuse(document, day):
    with pytest.raises(DomainError) as refused:
        submit(document, day)
    return codes(refused)


def _charge_later(ledger, loan, due_on):
    last = Loan.objects.get(pk=loan.pk).booked_to
    charge_fee(
        loan_id=loan.pk,
        kind="RECOVERY",
        amount=money(100),
        due_on=due_on,
        note="律师费",
        actor=ledger.fin,
        now=at(last),
    )


def fresh(document):
    return CustomerCompletion.objects.get(pk=document.pk)


@pytest.fixture
def loan(ledger) -> Loan:
    return ledger.loan()


@pytest.fixture
def day(ledger):
    return ledger.day(20)


@pytest.fixture
def settled(ledger, loan, day) -> Loan:
    settle(ledger, loan, day)
    return loan


class TestDraft:
    def test_begins_with_every_settled_business_and_its_figures(self, ledger, settled, day):
        document = begin_completion(ledger, settled, day)
        row = document.businesses.get()
        assert document.doc_no.startswith("WJ-SY-")
        assert row.application_id == settled.application_id
        assert row.disbursed == row.principal_paid == money(500000)
        assert row.interest_paid > 0
        assert row.outstanding == 0
        assert (document.disbursed, document.outstanding) == (money(500000), 0)
        assert document.settled_on == day

    def test_one_line_for_each_step_of_each_security(self, ledger, settled, day):
        document = begin_completion(ledger, settled, day)
        steps = [(row.business_no, row.security, row.step) for row in document.releases.all()]
        no = business(settled).doc_no
        assert steps == [
            (no, "房产 沈阳市和平区住宅", "RELEASE"),
            (no, "房产 沈阳市和平区住宅", "RETURN_TITLE"),
        ]

    def test_lines_of_a_business_that_was_taken_out_go_with_it(self, ledger, settled, day):
        other = ledger.loan("100000.00")
        document = begin_completion(
            ledger,
            settled,
            day,
            rows={"businesses": [{"application": business(loan)} for loan in (settled, other)]},
        )
        assert document.releases.count() == 4
        update_draft(
            kind=COMPLETION,
            document_id=document.pk,
            actor=ledger.lender.am,
            now=at(day),
            values={},
            rows={"businesses": [{"application": business(settled)}]},
        )
        assert document.releases.count() == 2
        assert fresh(document).disbursed == money(500000)

    def test_only_the_customers_account_manager(self, ledger, settled, day):
        for person in (ledger.lender.people.colleague, ledger.fin):
            with pytest.raises(DomainError) as refused:
                begin_completion(ledger, settled, day, actor=person)
            assert codes(refused) == ["DOC-05"]

    def test_cmp_09_nothing_was_ever_paid_out(self, ledger, day):
        application = ledger.approved()
        with pytest.raises(DomainError) as refused:
            create_draft(
                kind=COMPLETION,
                origin=application.customer,
                actor=ledger.lender.am,
                now=at(day),
                values={},
            )
        assert codes(refused) == ["CMP-09"]

    def test_cmp_10_and_cmp_11_name_the_row(self, ledger, settled, day):
        stranger = ledger.loan(customer=ledger.lender.borrower(name="别家公司"))
        rows = [{"application": business(loan)} for loan in (settled, stranger, settled)]
        with pytest.raises(DomainError) as refused:
            begin_completion(ledger, settled, day, rows={"businesses": rows})
        assert [(each.code, each.field) for each in refused.value.reasons] == [
            ("CMP-10", "businesses.1.application"),
            ("CMP-11", "businesses.2.application"),
        ]


class TestSubmission:
    def test_a_whole_completion_goes_into_approval(self, ledger, settled, day):
        document = ready_completion(ledger, settled, day)
        assert submit(document, day).state == "IN_APPROVAL"
        assert document.businesses.get().claimed_id == settled.application_id

    def test_wf_08_names_what_is_missing(self, ledger, settled, day):
        document = ready_completion(ledger, settled, day, archive_no="", rows={"materials": []})
        with pytest.raises(DomainError) as refused:
            submit(document, day)
        assert codes(refused) == ["WF-08"]
        assert "档案归档号" in refused.value.message
        assert "返还材料清单" in refused.value.message

    def test_n13_cmp_01_names_every_part_that_is_owed(self, ledger, loan):
        late = ledger.day(60)
        document = ready_completion(ledger, loan, late)
        with pytest.raises(DomainError) as refused:
            submit(document, late)
        assert codes(refused) == ["CMP-01"]
        assert "未还本金 500,000.00 元" in refused.value.message
        assert document.outstanding > money(500000)

    def test_n13_cmp_01_a_fee_that_falls_due_later_is_owed_too(self, ledger, loan):
        maturity = loan.due_date
        for number, amount in enumerate(("7500", "7500", "507500"), start=1):
            if number == 3:
                _charge_later(ledger, loan, maturity + timedelta(days=30))
            due = loan.schedules.get(no=1).lines.get(no=number).due
            ledger.repay(loan, amount, due)
        document = ready_completion(ledger, loan, maturity)
        with pytest.raises(DomainError) as refused:
            submit(document, maturity)
        assert codes(refused) == ["CMP-01"]
        assert "100.00" in refused.value.message

    def test_n13_the_database_refuses_a_claim_that_owes(self, ledger, loan, day):
        document = ready_completion(ledger, loan, day)
        with pytest.raises(IntegrityError, match="owes_nothing"), transaction.atomic():
            document.businesses.update(claimed=loan.application_id)

    def test_n13_cmp_02_an_open_document_of_any_kind(self, ledger, loan, day):
        request = begin_extension(ledger, loan, ledger.day(5), months=2)
        Document.objects.filter(pk=request.pk).update(wf_status="RETURNED")
        settle(ledger, loan, day)
        document = ready_completion(ledger, loan, day)
        with pytest.raises(DomainError) as refused:
            submit(document, day)
        assert codes(refused) == ["CMP-02"]
        assert request.doc_no in refused.value.message

    def test_cmp_02_another_completion_on_its_way(self, ledger, settled, day):
        first, second = (ready_completion(ledger, settled, day) for _ in range(2))
        submit(first, day)
        with pytest.raises(DomainError) as refused:
            submit(second, day)
        assert codes(refused) == ["CMP-02"]
        assert first.doc_no in refused.value.message

    def test_n07_the_database_refuses_a_second_claim(self, ledger, settled, day):
        first, second = (ready_completion(ledger, settled, day) for _ in range(2))
        submit(first, day)
        with pytest.raises(IntegrityError), transaction.atomic():
            second.businesses.update(claimed=settled.application_id)

    def test_a_withdrawn_completion_gives_its_business_free(self, ledger, settled, day):
        first, second = (ready_completion(ledger, settled, day) for _ in range(2))
        case = submit(first, day)
        withdraw_case(case_id=case.pk, actor=ledger.lender.am, now=at(day), reason="资料有误")
        assert submit(second, day).state == "IN_APPROVAL"

    def test_cmp_03_names_the_steps_that_are_not_done(self, ledger, settled, day):
        document = begin_completion(ledger, settled, day)
        with pytest.raises(DomainError) as refused:
            submit(document, day)
        assert codes(refused) == ["CMP-03"]
        assert "解押" in refused.value.message
        assert "退还权证" in refused.value.message

    @pytest.mark.parametrize("status", ["DRAFT", "APPROVED", "REJECTED", "VOID"])
    def test_cmp_05_money_of_the_fee_sheet(self, ledger, settled, day, status):
        values = intermediary_header(ledger.lender)
        arranged = create_draft(
            kind=routed_kind("intermediary_application"),
            origin=ledger.lender.opportunity_of(settled.customer),
            actor=ledger.lender.am,
            now=at(day),
            values=values,
            rows={
                "sheet": [
                    {"item": "NOTARY", "payee": "公证处", "due": money(300), "received": money(300)}
                ]
            },
        )
        document = ready_completion(ledger, settled, day)
        Document.objects.filter(pk=arranged.pk).update(wf_status=status)
        with pytest.raises(DomainError) as refused:
            submit(document, day)
        assert codes(refused) == ["CMP-05"]
        assert "300.00" in refused.value.message

    def test_cmp_06_a_business_whose_money_never_went_out(self, ledger, settled, day):
        application = ledger.approved()
        rows = [{"application": business(settled)}, {"application": application}]
        document = ready_completion(ledger, settled, day, rows={"businesses": rows})
        assert refuse(document, day) == ["CMP-06"]

    def test_cmp_07_rebates_and_refunds_that_are_not_paid(self, ledger, settled, day):
        draft = create_draft(
            kind=routed_kind("interest_relief"),
            origin=Loan.objects.get(pk=settled.pk),
            actor=ledger.lender.am,
            now=at(day),
            values={"relief_type": "REFUND", "reason": "TWICE", "amount": money("10.00")},
        )
        # As the last approver leaves it.
        type(draft).objects.filter(pk=draft.pk).update(biz_status="PENDING")
        Document.objects.filter(pk=draft.pk).update(wf_status="APPROVED")
        document = ready_completion(ledger, settled, day)
        with pytest.raises(DomainError) as refused:
            submit(document, day)
        assert codes(refused) == ["CMP-07"]
        assert draft.doc_no in refused.value.message

    @pytest.mark.parametrize("shift", [-1, 1])
    def test_cmp_08_the_day_is_between_the_settlement_and_today(self, ledger, settled, day, shift):
        document = ready_completion(ledger, settled, day, settled_on=day + timedelta(days=shift))
        assert refuse(document, day) == ["CMP-08"]


class TestApproval:
    def test_closes_the_business_and_the_customer(self, ledger, settled, day):
        document = completed(ledger, settled, day)
        assert document.wf_status == "APPROVED"
        assert business(settled).biz_status == "COMPLETED"
        assert customer_of(settled).biz_status == "COMPLETED"

    def test_a_customer_with_another_loan_goes_on_borrowing(self, ledger, settled, day):
        ledger.loan("100000.00")
        completed(ledger, settled, day, rows={"businesses": [{"application": business(settled)}]})
        assert business(settled).biz_status == "COMPLETED"
        assert customer_of(settled).biz_status == "ACTIVE"

    def test_n13_cmp_01_is_asked_again_when_it_is_decided(self, ledger, settled, day):
        document = ready_completion(ledger, settled, day)
        submit(document, day)
        *before, last = completers(ledger)
        pass_all(document, before, day)
        reverse_repayment(
            repayment_id=settled.repayments.get().pk,
            reason="登记错误",
            actor=ledger.fin,
            now=at(day),
        )
        with pytest.raises(DomainError) as refused:
            pass_all(document, [last], day)
        assert "CMP-01" in codes(refused)
        assert fresh(document).wf_status == "IN_APPROVAL"

    def test_cmp_04_a_completed_business_is_not_completed_again(self, ledger, settled, day):
        second = ready_completion(ledger, settled, day)
        completed(ledger, settled, day)
        assert "CMP-04" in refuse(second, day)

    def test_cmp_04_nothing_is_booked_on_it_any_more(self, ledger, settled, day):
        completed(ledger, settled, day)
        repayment = settled.repayments.get()
        with pytest.raises(DomainError) as refused:
            reverse_repayment(
                repayment_id=repayment.pk, reason="登记错误", actor=ledger.fin, now=at(day)
            )
        assert codes(refused) == ["CMP-04"]

    @pytest.mark.parametrize(
        ("kind", "is_of_loan", "code"),
        [
            ("extension_request", True, "EXT-01"),
            ("interest_relief", True, "INT-06"),
            ("contract_review", False, "CTR-01"),
            ("rebate_application", False, "CMP-04"),
        ],
    )
    def test_nothing_new_begins_on_it(self, ledger, settled, day, kind, is_of_loan, code):
        completed(ledger, settled, day)
        loan = Loan.objects.get(pk=settled.pk)
        with pytest.raises(DomainError) as refused:
            create_draft(
                kind=routed_kind(kind),
                origin=loan if is_of_loan else business(settled),
                actor=ledger.lender.am,
                now=at(day),
            )
        assert codes(refused)[0] == code

    def test_cmp_04_the_database_keeps_its_loans_and_its_status(self, ledger, settled, day):
        completed(ledger, settled, day)
        with pytest.raises(IntegrityError, match="CMP-04"), transaction.atomic():
            Loan.objects.filter(pk=settled.pk).update(status="NORMAL")
        application = business(settled)
        with pytest.raises(Exception, match="completed_is_final"), transaction.atomic():
            type(application).objects.filter(pk=application.pk).update(biz_status="SETTLED")

    def test_dec_02_an_approved_completion_is_not_voided(self, ledger, settled, day):
        document = completed(ledger, settled, day)
        with pytest.raises(DomainError) as refused:
            request_void(
                doc_no=document.doc_no,
                actor=ledger.lender.people.hrm,
                now=at(day),
                reason="客户重新申请",
            )
        assert codes(refused) == ["DOC-02"]

    def test_a_void_draft_claims_nothing(self, ledger, settled, day):
        document = ready_completion(ledger, settled, day)
        void_document(
            document_id=document.pk, actor=ledger.lender.am, now=at(day), reason="重复录入单据"
        )
        assert not CompletedBusiness.objects.exclude(claimed=None).exists()


class TestPapers:
    def test_the_certificate_needs_the_approval(self, ledger, settled, day):
        document = ready_completion(ledger, settled, day)
        with pytest.raises(DomainError) as refused:
            print_document(document=document, form=CERTIFICATE, actor=ledger.lender.am, now=at(day))
        assert refused.value.status == 404

    def test_the_certificate_names_loans_and_the_sum_in_words(self, ledger, settled, day):
        document = completed(ledger, settled, day)
        context = COMPLETION.print_context(document, CERTIFICATE, hidden=())
        assert context["capital"] == "伍拾万元整"
        assert [each["loan_no"] for each in context["loans"]] == [settled.loan_no]
        assert context["issued_on"] == f"{day.year}年{day.month}月{day.day}日"
        printed = print_document(
            document=document, form=CERTIFICATE, actor=ledger.lender.am, now=at(day)
        )
        assert printed.number == 1

    def test_the_form_prints_at_any_time(self, ledger, settled, day):
        document = ready_completion(ledger, settled, day)
        printed = print_document(document=document, form=FORM, actor=ledger.lender.am, now=at(day))
        assert printed.number == 1


class TestOpenDocuments:
    def test_every_kind_about_a_business_is_looked_at(self):
        """A kind without a way is about a customer, a funder or people, never about a business."""
        without = {
            kind.code
            for kind in all_kinds()
            if not type(kind).__module__.startswith("tests.") and not paths(kind.model)
        }
        assert without == {
            "business_application",
            "export_request",
            "intermediary_application",
            "tier_change",
            "work_handover",
        }
        assert paths(BadCustomerHandover) == ("loans__loan__application",)
        assert paths(CustomerCompletion)[0] == "businesses__application"

    def test_cmp_02_an_approved_transfer_whose_money_waits(self, ledger, day):
        desk = TransferDesk(ledger.lender)
        review = desk.review()
        paid = desk.execute(desk.approved(review, principal=money(300000)))
        settle(ledger, paid.loan, day)
        waiting = desk.approved(review, principal=money(100000))
        document = ready_completion(ledger, paid.loan, day)
        with pytest.raises(DomainError) as refused:
            submit(document, day)
        assert codes(refused) == ["CMP-02"]
        assert waiting.doc_no in refused.value.message
