"""退息、免息单: what it computes, what it must keep, what it does to the ledger (M13, N11)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from django.db import IntegrityError, transaction

import pytest

from documents.engine_door import engine_writes
from documents.kinds import routed_kind
from documents.services.drafts import update_draft
from documents.services.printing import print_document
from documents.services.voiding import confirm_void, request_void
from funds.choices import InterestTreatment, Treatment
from funds.kinds.relief import FORM
from funds.models import InterestRefundWaiver, LedgerEntry
from funds.selectors.loans import loan_position, refundable_interest
from funds.selectors.relief import interest_of_loan, interest_received
from funds.services.adjustments import refund_interest
from funds.services.disbursement import add_disbursement
from funds.services.extensions import extend_loan
from funds.services.relief import KIND_CODE
from lending_crm.common.models import OutboxMessage
from lending_crm.common.money import yuan
from tests.documents.factories import upload
from tests.funds.factories import at, check_books, fresh, money, reference
from tests.funds.payments import DUE, Cashier
from tests.funds.test_transfers import codes, refusal
from workflows.services.decisions import return_case

PAYER = "北方汇银商贸有限公司"


@pytest.fixture
def office(lender) -> Cashier:
    return Cashier(lender)


@pytest.fixture
def paid(office):
    """A month of 7,500.00 was paid ahead and the loan settled on day 10 (domain §4.11)."""
    ledger = office.ledger
    loan = ledger.loan()
    ledger.repay(loan, "7500", ledger.day(10))
    ledger.repay(loan, "500000", ledger.day(10), treatment=Treatment.SETTLE)
    return fresh(loan)


class TestFigures:
    def test_the_example_of_the_domain(self, office, paid):
        day = office.ledger.day(10)
        request = office.refund(paid, day, reason="EARLY", to_date=day, amount=money(5000))
        assert (request.base, request.days) == (money(500000), 10)
        assert request.calc_amount == money(5000)
        assert request.max_amount == money(7500)
        assert request.doc_no.startswith("TX-")

    def test_a_waiver_is_measured_by_the_interest_of_its_period(self, office):
        loan = office.ledger.loan()
        request = office.relief(loan, to_date=office.ledger.day(10), amount=money(2500))
        assert request.calc_amount == money(2500)
        assert request.max_amount == money(7500)
        assert request.doc_no.startswith("MX-")

    def test_a_year_of_365_days_is_counted_as_such(self, office):
        loan = office.ledger.loan()
        type(loan).objects.filter(pk=loan.pk).update(day_count="ACT/365")
        request = office.relief(loan, to_date=office.ledger.day(10))
        assert request.calc_amount == money("2465.75")

    def test_what_went_back_already_is_not_computed_again(self, office, paid):
        day = office.ledger.day(10)
        first = office.refund(paid, day, reason="EARLY", to_date=day, amount=money(3000))
        office.pay(office.approved(first, at(day), "hrm"), at(day) + timedelta(hours=1))
        second = office.refund(paid, day, reason="EARLY", to_date=day, amount=money(2000))
        assert (second.calc_amount, second.max_amount) == (money(2000), money(4500))

    def test_a_short_window_has_its_days_of_the_interest_received(self, office):
        """7,500.00 for the 31 days of March: one day has 241.94, and costs 250.00."""
        loan = office.ledger.loan()
        office.ledger.repay(loan, "7500", DUE)
        first, last = date(2026, 3, 10), date(2026, 3, 11)
        assert yuan(interest_received(fresh(loan), first, last)) == money("241.94")
        request = office.refund(loan, from_date=first, to_date=last)
        assert request.calc_amount == money(0)

    def test_windows_add_up_to_the_whole(self, office, paid):
        start, day = office.ledger.start, office.ledger.day
        parts = [office.ledger.day(0), day(3), day(4), day(10)]
        shares = [interest_received(paid, first, last) for first, last in pairwise(parts)]
        assert sum(shares) == interest_received(paid, start, day(10)) == money(7500)
        request = office.refund(paid, day(10), from_date=day(3), to_date=day(4))
        assert request.calc_amount == money(500)

    def test_interest_on_late_principal_belongs_to_the_days_after_the_due_date(self, office):
        loan = office.ledger.loan(term_months=1)
        day = DUE + timedelta(40)
        office.ledger.repay(loan, loan_position(fresh(loan), day).due_total, day)
        loan = fresh(loan)
        assert interest_received(loan, office.ledger.start, DUE) == money(7500)
        assert interest_received(loan, DUE, day) == money(10000)
        assert interest_received(loan, DUE, DUE + timedelta(4)) == money(1000)

    def test_interest_carried_over_belongs_to_the_days_that_earned_it(self, office):
        ledger = office.ledger
        loan = ledger.loan("400000.00", approved="500000.00")
        add_disbursement(
            loan_id=loan.pk,
            transfer_ref=reference(),
            principal=money(100000),
            disbursed_on=ledger.day(10),
            actor=ledger.fin,
            now=at(ledger.day(10)),
        )
        ledger.repay(loan, loan_position(fresh(loan), DUE).interest, DUE)
        loan = fresh(loan)
        # ten days of 400,000.00, then 21 days of 500,000.00 at 18 %
        assert interest_received(loan, ledger.start, ledger.day(10)) == money(2000)
        assert interest_received(loan, ledger.day(10), DUE) == money(5250)

    def test_an_extension_does_not_change_what_was_before_it(self, office):
        ledger = office.ledger
        loan = ledger.loan()
        ledger.repay(loan, "7500", DUE)
        window = {"from_date": ledger.start, "to_date": ledger.day(10)}
        before = office.relief(loan, **window)
        day = date(2026, 4, 10)
        extend_loan(
            loan_id=loan.pk,
            new_due=date(2026, 9, 2),
            rate=Decimal(22),
            treatment=InterestTreatment.SETTLE_FIRST,
            reference="ZQ-1",
            actor=ledger.fin,
            now=at(day),
        )
        after = office.relief(loan, day, **window)
        assert (after.annual_rate, after.calc_amount) == (18, money(2500))
        assert (before.annual_rate, before.calc_amount) == (18, money(2500))
        # ten days at 18 % and ten at 22 % around the old due date
        turn = date(2026, 6, 2)
        both = office.relief(
            loan, day, from_date=turn - timedelta(10), to_date=turn + timedelta(10)
        )
        assert both.calc_amount == money("2500.00") + money("3055.56")

    def test_penalty_interest_is_not_refundable(self, office):
        loan = office.ledger.loan(term_months=1)
        day = DUE + timedelta(40)
        office.ledger.repay(loan, loan_position(fresh(loan), day).due_total, day)
        entry = LedgerEntry.objects.get(loan=loan, kind="REPAYMENT")
        assert (entry.interest, entry.penalty) == (money(-17500), money("-3333.33"))
        assert refundable_interest(fresh(loan)) == money(17500)
        request = office.refund(fresh(loan), day, amount=money("17500.01"))
        assert request.max_amount == money(17500)
        assert codes(refusal(office.submit, request, at(day))) == ["INT-02"]
        error = refusal(
            refund_interest,
            loan_id=loan.pk,
            amount=money("17500.01"),
            day=day,
            bank_ref="PENALTY-1",
            reason="协商",
            reference="TX-1",
            actor=office.people.fin,
            now=at(day),
        )
        assert codes(error) == ["INT-02"]

    def test_the_interest_of_a_loan_is_that_of_its_whole_life(self, office, paid):
        assert interest_of_loan(office.ledger.loan()) == money(22500)
        assert interest_of_loan(paid) == money(7500)


class TestDraft:
    def test_only_the_account_manager_of_the_customer(self, office):
        loan = office.ledger.loan()
        for role in ("colleague", "tl", "fin", "hrm"):
            error = refusal(office.relief, loan, actor=getattr(office.people, role))
            assert codes(error) == ["DOC-05"]

    def test_int_07_asks_for_an_amount(self, office):
        loan = office.ledger.loan()
        assert codes(refusal(office.relief, loan, amount=money(0))) == ["INT-07"]

    def test_int_08_the_type_is_part_of_the_number(self, office):
        request = office.relief(office.ledger.loan())
        error = refusal(
            update_draft,
            kind=routed_kind(KIND_CODE),
            document_id=request.pk,
            actor=office.people.am,
            now=at(DUE),
            values={"relief_type": "REFUND"},
        )
        assert codes(error) == ["INT-08"]

    def test_int_11_penalty_interest_is_not_refunded(self, office, paid):
        error = refusal(office.refund, paid, penalty_part=money(1))
        assert codes(error) == ["INT-11"]

    def test_int_06_nothing_of_a_completed_business(self, office):
        loan = office.ledger.loan()
        with engine_writes():
            type(loan.application).objects.update(biz_status="COMPLETED")
        error = refusal(office.relief, loan)
        assert codes(error) == ["INT-06"]
        assert error.message == "业务已完结,不能退息或免息。"


class TestSubmission:
    def test_int_01_n11_refuses_more_than_unpaid(self, office):
        request = office.relief(office.ledger.loan(), amount=money("7500.01"))
        error = refusal(office.submit, request, at(DUE))
        assert codes(error) == ["INT-01"]
        assert error.message == "免息金额 7,500.01 元不能大于未还利息 7,500.00 元。"

    def test_int_02_n11_refuses_more_than_received(self, office, paid):
        request = office.refund(paid, amount=money("7500.01"))
        error = refusal(office.submit, request, at(DUE))
        assert codes(error) == ["INT-02"]

    def test_n11_the_database_holds_the_limit(self, office):
        request = office.submit(office.relief(office.ledger.loan()), at(DUE))
        with engine_writes(), pytest.raises(IntegrityError), transaction.atomic():
            InterestRefundWaiver.objects.filter(pk=request.pk).update(
                amount=money(8000), claimed=money(8000)
            )

    def test_int_03_n07_one_request_of_a_loan_at_a_time(self, office):
        loan = office.ledger.loan()
        second = office.relief(loan, amount=money(1))
        first = office.submit(office.relief(loan), at(DUE))
        error = refusal(office.submit, second, at(DUE))
        assert codes(error) == ["INT-03"]
        assert first.doc_no in error.message
        assert codes(refusal(office.relief, loan)) == ["INT-03"]
        with pytest.raises(IntegrityError), transaction.atomic():
            InterestRefundWaiver.objects.filter(pk=second.pk).update(open_loan=loan)

    def test_int_04_the_early_repayment_is_booked_first(self, office):
        loan = office.ledger.loan()
        office.ledger.repay(loan, "7500", office.ledger.day(10))
        request = office.refund(
            loan, reason="EARLY", to_date=office.ledger.day(10), amount=money(5000)
        )
        error = refusal(office.submit, request, at(DUE))
        # Nothing is computed either while the days that were paid for are still to come.
        assert codes(error) == ["INT-10", "INT-04"]
        assert error.reasons[-1].message == "提前还款退息须先登记还款。"

    def test_int_05_n20_the_payee_is_who_paid(self, office, paid):
        request = office.refund(paid, payee_name="张三")
        error = refusal(office.submit, request, at(DUE))
        assert codes(error) == ["INT-05"]
        assert error.message == "收款户名与原付息户名不一致。"

    def test_wf_08_a_refund_needs_its_payee(self, office, paid):
        request = office.refund(paid, payee_account="")
        assert codes(refusal(office.submit, request, at(DUE))) == ["WF-08"]

    @pytest.mark.parametrize(
        ("first", "last"),
        [(date(2026, 3, 1), DUE), (DUE, DUE), (DUE, date(2026, 6, 3))],
    )
    def test_int_09_the_period_lies_in_the_loans_life(self, office, first, last):
        request = office.relief(office.ledger.loan(), from_date=first, to_date=last)
        assert codes(refusal(office.submit, request, at(DUE))) == ["INT-09"]

    def test_int_10_some_reasons_are_bounded_by_the_computed_amount(self, office, paid):
        day = office.ledger.day(10)
        request = office.refund(paid, day, reason="EARLY", to_date=day, amount=money("5000.01"))
        error = refusal(office.submit, request, at(day))
        assert codes(error) == ["INT-10"]

    def test_int_12_no_more_penalty_interest_than_is_owed(self, office):
        loan = office.ledger.loan("100000.00", term_months=1, annual_rate=Decimal(8))
        day = DUE + timedelta(30)
        owed = loan_position(fresh(loan), day).penalty
        assert owed > 0
        request = office.relief(loan, day, amount=money(0), penalty_part=owed + money("0.01"))
        assert codes(refusal(office.submit, request, at(day))) == ["INT-12"]

    def test_rep_10_nothing_is_waived_of_a_settled_loan(self, office, paid):
        request = office.relief(paid, to_date=office.ledger.day(10), amount=money(1))
        assert codes(refusal(office.submit, request, at(DUE))) == ["REP-10", "INT-01"]

    def test_a_returned_request_stays_the_open_one_and_may_be_changed(self, office):
        loan = office.ledger.loan()
        request = office.submit(office.relief(loan), at(DUE))
        item = office.item(request, office.people.tl)
        return_case(item_id=item.pk, actor=office.people.tl, now=at(DUE), opinion="金额请再核对")
        update_draft(
            kind=routed_kind(KIND_CODE),
            document_id=request.pk,
            actor=office.people.am,
            now=at(DUE),
            values={"amount": money(900)},
        )
        request.refresh_from_db()
        assert (request.open_loan_id, request.claimed) == (loan.pk, 0)
        assert office.submit(request, at(DUE)).claimed == money(900)


class TestRoute:
    @pytest.mark.parametrize(
        ("amount", "extra"),
        [("4500.00", ()), ("4500.01", ("hrm",)), ("7500.00", ("hrm",))],
    )
    def test_above_a_fifth_of_the_interest_head_office_decides(self, office, amount, extra):
        """22,500.00 of interest in the loan's life: 20 % are 4,500.00."""
        loan = office.ledger.loan()
        request = office.approved(office.relief(loan, amount=money(amount)), at(DUE), *extra)
        assert request.wf_status == "APPROVED"

    def test_above_5000_head_office_decides_whatever_the_share(self, office):
        loan = office.ledger.loan("2000000.00", approved="2000000.00")
        for amount, extra in (("5000.00", ()), ("5000.01", ("hrm",))):
            done = office.approved(office.relief(loan, amount=money(amount)), at(DUE), *extra)
            assert done.biz_status == "WAIVED"

    def test_above_50000_the_president_decides_too(self, office):
        loan = office.ledger.loan("5000000.00", approved="5000000.00")
        request = office.relief(loan, amount=money("50000.01"))
        done = office.approved(request, at(DUE), "hrm", "ceo")
        assert done.biz_status == "WAIVED"


class TestWaiver:
    def test_goes_into_the_ledger_with_the_last_decision(self, office):
        loan = office.ledger.loan()
        before = [line.interest for line in loan.schedules.get(no=1).lines.all()]
        done = office.approved(office.relief(loan), at(DUE))
        assert (done.wf_status, done.biz_status) == ("APPROVED", "WAIVED")
        assert (done.open_loan_id, done.claimed) == (None, 0)
        assert done.entry.reference == done.doc_no
        assert done.entry.interest == money(-1000)
        assert loan_position(fresh(loan), DUE).interest == money(6500)
        assert [line.interest for line in loan.schedules.get(no=1).lines.all()] == before
        check_books(loan, DUE)

    def test_forgives_penalty_interest_besides(self, office):
        loan = office.ledger.loan("100000.00", term_months=1, annual_rate=Decimal(8))
        day = DUE + timedelta(30)
        request = office.relief(loan, day, amount=money(60), penalty_part=money(40))
        done = office.approved(request, at(day))
        assert (done.entry.interest, done.entry.penalty) == (money(-60), money(-40))
        check_books(loan, day)

    def test_int_01_n11_what_was_repaid_meanwhile_is_not_waived(self, office):
        loan = office.ledger.loan()
        request = office.submit(office.relief(loan), at(DUE))
        for role in ("tl", "brm", "bgm"):
            office.decide(request, getattr(office.people, role), at(DUE))
        office.ledger.repay(loan, "7500", DUE)
        error = refusal(office.decide, request, office.people.fin, at(DUE))
        assert codes(error) == ["INT-01"]
        request.refresh_from_db()
        assert request.biz_status == "APPLYING"
        assert not LedgerEntry.objects.filter(kind="WAIVER").exists()
        check_books(loan, DUE)

    def test_doc_02_what_is_booked_is_not_voided(self, office):
        done = office.approved(office.relief(office.ledger.loan()), at(DUE))
        error = refusal(
            request_void,
            doc_no=done.doc_no,
            actor=office.people.hrm,
            now=at(DUE),
            reason="录入有误,作废",
        )
        assert codes(error) == ["DOC-02"]


class TestRefund:
    @pytest.fixture
    def approved(self, office, paid):
        day = office.ledger.day(10)
        request = office.refund(paid, day, reason="EARLY", to_date=day, amount=money(5000))
        return office.approved(request, at(day), "hrm")

    @pytest.fixture
    def moment(self, office):
        return at(office.ledger.day(10)) + timedelta(hours=1)

    def test_waits_for_finance_which_is_told(self, office, approved):
        assert (approved.biz_status, approved.claimed) == ("PENDING", money(5000))
        told = OutboxMessage.objects.get(payload__event="payment.waiting")
        assert set(told.payload["recipients"]) == {office.people.fin.pk, office.cashier.pk}

    def test_int_03_until_it_is_paid_nothing_else_is_asked(self, office, paid, approved):
        assert codes(refusal(office.refund, paid)) == ["INT-03"]

    def test_finance_pays_and_the_ledger_gives_back(self, office, paid, approved, moment):
        done = office.pay(approved, moment, bank_ref="TX-77", receipt=upload())
        assert (done.biz_status, done.bank_ref, done.executor) == (
            "REFUNDED",
            "TX-77",
            office.cashier,
        )
        assert (done.open_loan_id, done.claimed) == (None, 0)
        assert done.entry.cash == money(-5000)
        assert refundable_interest(fresh(paid)) == money(2500)
        receipt = done.attachments.get(category="BANK_RECEIPT")
        assert receipt.title == "TX-77"
        told = OutboxMessage.objects.get(payload__event="payment.done")
        assert told.payload["recipients"] == [office.people.am.pk]
        check_books(paid, moment.date())

    @pytest.mark.parametrize("role", ["am", "brm", "hrm", "adm"])
    def test_only_finance_pays(self, office, approved, moment, role):
        error = refusal(office.pay, approved, moment, actor=getattr(office.people, role))
        assert codes(error) == ["DOC-05"]

    def test_ftr_08_n21_an_approver_does_not_pay(self, office, approved, moment):
        assert codes(refusal(office.pay, approved, moment, actor=office.people.fin)) == ["FTR-08"]

    def test_n21_the_database_refuses_an_approver_too(self, office, approved, moment):
        done = office.pay(approved, moment)
        with pytest.raises(IntegrityError), transaction.atomic():
            InterestRefundWaiver.objects.filter(pk=done.pk).update(executor=office.people.fin)

    def test_ftr_07_n29_a_bank_reference_leaves_once(self, office, approved, moment):
        used = LedgerEntry.objects.get(kind="DISBURSEMENT").bank_ref
        assert codes(refusal(office.pay, approved, moment, bank_ref=used)) == ["FTR-07"]

    def test_pay_01_nothing_is_paid_twice(self, office, approved, moment):
        done = office.pay(approved, moment)
        assert codes(refusal(office.pay, done, moment)) == ["PAY-01"]

    def test_pay_01_not_before_it_is_approved(self, office, paid, moment):
        request = office.submit(office.refund(paid), moment)
        assert codes(refusal(office.pay, request, moment)) == ["PAY-01"]

    def test_pay_02_not_in_the_future(self, office, approved, moment):
        tomorrow = moment.date() + timedelta(1)
        assert codes(refusal(office.pay, approved, moment, paid_on=tomorrow)) == ["PAY-02"]

    def test_wf_12_a_page_opened_before_is_refused(self, office, approved, moment):
        error = refusal(office.pay, approved, moment, seen_version=approved.version - 1)
        assert codes(error) == ["WF-12"]

    def test_given_up_it_is_voided_and_frees_the_loan(self, office, paid, approved, moment):
        asked = request_void(
            doc_no=approved.doc_no, actor=office.people.hrm, now=moment, reason="客户放弃退息"
        )
        confirm_void(request_id=asked.pk, actor=office.people.adm, now=moment)
        again = office.refund(paid, amount=money(1))
        assert again.max_amount == money(7500)


class TestPaper:
    def test_prints_with_the_whole_account_of_the_payee(self, office, paid):
        request = office.refund(paid)
        kind = routed_kind(KIND_CODE)
        context = kind.print_context(kind.get(request.pk), FORM, hidden=())
        assert request.payee_account in str(context["sections"])
        record = print_document(
            document=kind.get(request.pk), form=FORM, actor=office.people.am, now=at(DUE)
        )
        assert record.file is not None

    def test_a_waiver_has_no_payment_on_its_paper(self, office):
        kind = routed_kind(KIND_CODE)
        request = kind.get(office.relief(office.ledger.loan()).pk)
        assert kind.print_context(request, FORM, hidden=())["is_paid"] is False

    def test_n25_a_waiver_opens_no_account_number_on_its_paper(self, office, paid):
        kind = routed_kind(KIND_CODE)
        request = kind.get(office.relief(paid, payee_account="2100500012345678").pk)
        printed = str(kind.print_context(request, FORM, hidden=())["sections"])
        assert request.payee_account not in printed
        assert request.get_payee_account_display() in printed
