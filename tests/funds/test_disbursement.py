"""Disbursements, what late principal costs, and what other apps hear of loans."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

import pytest

from applications.calculation import PlanRow
from applications.choices import BizStatus, UpliftReason
from applications.exposure import exposure_of
from applications.hooks import has_young_loan, old_loans
from applications.models import LprQuote, Product
from customers.models import Customer
from funds.choices import LoanStatus, Treatment
from funds.models import LedgerSetting, Loan, ScheduleLine
from funds.selectors.loans import loan_position, outstanding_of_applications
from funds.services.disbursement import add_disbursement
from funds.services.fees import charge_fee
from tests.applications.factories import fresh as fresh_application
from tests.funds.factories import at, check_books, fresh, lines, money, reference
from tests.funds.test_repayments import refused

DUE = date(2026, 4, 2)


class TestOpenLoan:
    def test_books_loan_schedule_journal_and_statuses(self, ledger):
        loan = ledger.loan()
        assert loan.loan_no.startswith("JJ-SY-20260302-")
        assert (loan.status, loan.unpaid_principal) == (LoanStatus.NORMAL, money("500000"))
        assert loan.cost_cap == Decimal(24)
        application = fresh_application(loan.application)
        assert application.biz_status == BizStatus.DISBURSED
        assert Customer.objects.get(pk=loan.customer_id).biz_status == "ACTIVE"
        assert application.opportunity.biz_status == "WON"
        check_books(loan, ledger.start)

    @pytest.mark.parametrize(
        ("method", "first"),
        [
            # 10,000 at 12 % for twelve months, by hand and by numpy_financial.pmt.
            ("EQUAL_INSTALLMENT", "888.49"),
            ("EQUAL_PRINCIPAL", "933.33"),
            ("INTEREST_FIRST", "100.00"),
            ("BULLET", "11200.00"),
            ("FLAT", "933.33"),
        ],
    )
    def test_each_method_has_its_schedule(self, ledger, method, first):
        loan = ledger.loan("10000.00", method=method, term_months=12, annual_rate=Decimal(12))
        assert lines(loan)[0].total == money(first)
        assert sum(line.principal for line in lines(loan)) == money("10000")

    def test_a_plan_is_followed(self, ledger):
        loan = ledger.loan(
            "30000.00",
            method="CUSTOM",
            term_months=6,
            annual_rate=Decimal(12),
            plan=[PlanRow(2, money("10000")), PlanRow(6, money("20000"))],
        )
        assert [(line.due, line.principal) for line in lines(loan)] == [
            (date(2026, 5, 2), money("10000")),
            (date(2026, 9, 2), money("20000")),
        ]

    def test_bullet_of_whole_months_is_not_cut(self, ledger):
        """domain §4.4: 1,000.00 and not 999.99."""
        loan = ledger.loan("10000.00", method="BULLET", annual_rate=Decimal(10), term_months=12)
        assert lines(loan)[0].interest == money("1000")

    def test_a_due_date_on_a_rest_day_moves_by_the_setting(self, ledger):
        LedgerSetting.objects.filter(pk=1).update(rest_day="NEXT_WORKING_DAY")
        loan = ledger.loan()
        assert lines(loan)[1].contractual_due == date(2026, 5, 2)
        assert lines(loan)[1].due > date(2026, 5, 2)

    def test_ftr_03_refuses_more_than_undisbursed(self, ledger):
        application = ledger.approved("250000.00")
        ledger.loan("150000.00", application=application)
        assert fresh_application(application).biz_status == BizStatus.PARTLY_DISBURSED
        ledger.loan("100000.00", application=application)
        assert fresh_application(application).biz_status == BizStatus.DISBURSED
        error = refused(lambda: ledger.loan("0.01", application=application))
        assert error.code == "FTR-01"

    def test_n01_the_database_refuses_more_than_approved(self, ledger):
        loan = ledger.loan("100000.00")
        with pytest.raises(IntegrityError, match="FTR-03"), transaction.atomic():
            Loan.objects.filter(pk=loan.pk).update(principal=money("100000.01"))

    def test_ftr_03_names_both_amounts(self, ledger):
        application = ledger.approved("250000.00")
        error = refused(lambda: ledger.loan("250000.01", application=application))
        assert (error.code, error.field) == ("FTR-03", "principal")

    def test_rep_14_refuses_a_first_due_day_before_the_payout(self, ledger):
        error = refused(lambda: ledger.loan(first_due=ledger.start))
        assert (error.code, error.status) == ("REP-14", 422)

    def test_ftr_07_refuses_a_transfer_that_is_booked(self, ledger):
        ledger.loan(transfer_ref="HB1")
        error = refused(lambda: ledger.loan(transfer_ref="HB1"))
        assert (error.code, error.message) == ("FTR-07", "银行流水号 HB1 已登记。")

    def test_ftr_01_refuses_an_expired_approval(self, ledger):
        application = ledger.approved(approval_valid_until=ledger.start - timedelta(1))
        assert refused(lambda: ledger.loan(application=application)).code == "FTR-01"

    def test_n30_the_database_refuses_a_schedule_that_does_not_add_up(self, ledger):
        from django.db import connection

        loan = ledger.loan()
        line = lines(loan)[0]
        with pytest.raises(IntegrityError, match="N30"), transaction.atomic():
            line.pk, line.no, line.principal = None, 99, Decimal(1)
            ScheduleLine.objects.bulk_create([line])
            connection.check_constraints()


class TestAddDisbursement:
    def test_divides_what_is_left_anew_and_keeps_the_dates(self, ledger):
        application = ledger.approved("300000.00", approval_valid_until=date(2026, 3, 17))
        loan = ledger.loan(
            "120000.00",
            application=application,
            method="EQUAL_PRINCIPAL",
            term_months=12,
            annual_rate=Decimal(12),
        )
        before = lines(loan)
        day = date(2026, 3, 17)
        add_disbursement(
            loan_id=loan.pk,
            transfer_ref=reference(),
            principal=money("180000"),
            disbursed_on=day,
            actor=ledger.fin,
            now=at(day),
        )
        after = lines(loan)
        assert [line.due for line in after] == [line.due for line in before]
        assert {line.principal for line in after} == {money("25000")}
        # 15 days on 120,000.00, then 16 days on 300,000.00
        assert after[0].interest == money("600") + money("1600")
        assert fresh_application(application).biz_status == BizStatus.DISBURSED
        check_books(loan, day)

    def test_ftr_01_n12_a_further_part_needs_a_valid_approval(self, ledger):
        application = ledger.approved("300000.00", approval_valid_until=ledger.start)
        loan = ledger.loan("120000.00", application=application)
        day = ledger.day(1)
        error = refused(
            lambda: add_disbursement(
                loan_id=loan.pk,
                transfer_ref=reference(),
                principal=money("180000"),
                disbursed_on=day,
                actor=ledger.fin,
                now=at(day),
            )
        )
        assert error.code == "FTR-01"


class TestLatePrincipal:
    def test_costs_interest_and_penalty_within_the_cap(self, ledger):
        loan = ledger.loan("100000.00", term_months=1, annual_rate=Decimal(8))
        position = loan_position(loan, DUE + timedelta(30))
        # 8 % go on, and 12 % (1.5 times) come on top; together 20 %, below the cap of 24 %.
        assert position.interest == money("666.67") + money("666.67")
        assert position.penalty == money("1000")

    def test_n22_penalty_and_interest_together_stay_below_the_cap(self, ledger):
        loan = ledger.loan("100000.00", term_months=1, annual_rate=Decimal(18))
        position = loan_position(loan, DUE + timedelta(30))
        late = position.interest - money("1500") + position.penalty
        assert late <= Decimal(100000) * 24 / 100 * 30 / 360
        assert position.penalty == money("500")

    def test_n22_an_unlicensed_lender_is_capped_by_the_lpr(self, ledger):
        from applications.models import LenderSetting

        LenderSetting.objects.filter(pk=1).update(is_licensed=False)
        LprQuote.objects.update(rate=Decimal("3.0"))
        loan = ledger.loan("100000.00", term_months=1, annual_rate=Decimal(12))
        assert loan.cost_cap == Decimal(12)
        assert loan_position(loan, DUE + timedelta(30)).penalty == 0

    def test_the_grace_forgives_and_then_counts_from_the_first_day(self, ledger):
        LedgerSetting.objects.filter(pk=1).update(grace_days=3)
        loan = ledger.loan("100000.00", term_months=1, annual_rate=Decimal(8))
        assert loan_position(loan, DUE + timedelta(3)).penalty == 0
        assert loan_position(loan, DUE + timedelta(4)).penalty == money("133.33")

    def test_the_penalty_may_take_the_place_of_interest(self, ledger):
        LedgerSetting.objects.filter(pk=1).update(late_interest=False)
        loan = ledger.loan("100000.00", term_months=1, annual_rate=Decimal(12))
        position = loan_position(loan, DUE + timedelta(30))
        assert (position.interest, position.penalty) == (money("1000"), money("1500"))

    def test_misused_funds_cost_twice_the_rate(self, ledger):
        loan = ledger.loan("100000.00", term_months=1, annual_rate=Decimal(6))
        Loan.objects.filter(pk=loan.pk).update(is_misused=True)
        assert loan_position(fresh(loan), DUE + timedelta(30)).penalty == money("1000")

    def test_no_interest_on_interest_unless_it_is_set(self, ledger):
        loan = ledger.loan("100000.00", term_months=1, annual_rate=Decimal(8))
        plain = loan_position(loan, DUE + timedelta(30)).penalty
        LedgerSetting.objects.filter(pk=1).update(is_compound=True)
        assert loan_position(loan, DUE + timedelta(30)).penalty > plain

    def test_n22_a_fee_above_the_cap_is_refused(self, ledger):
        loan = ledger.loan("100000.00", term_months=3, annual_rate=Decimal(18))
        call = {
            "loan_id": loan.pk,
            "kind": "BREACH",
            "due_on": date(2026, 5, 2),
            "note": "违约金",
            "actor": ledger.fin,
            "now": at(ledger.start),
        }
        error = refused(lambda: charge_fee(amount=money("3000"), **call))
        assert error.code == "BUS-05"
        charge_fee(amount=money("500"), **call)
        check_books(loan, date(2026, 5, 2))


class TestWhatApplicationsHear:
    def test_exposure_is_the_undisbursed_part_and_the_unpaid_principal(self, ledger):
        application = ledger.approved("500000.00")
        loan = ledger.loan(
            "300000.00", application=application, method="EQUAL_PRINCIPAL", term_months=12
        )
        day = DUE

        def exposure():
            return exposure_of(
                loan.customer, request=money("1000"), excluding=None, day=day
            ).borrower

        assert exposure() == money("501000")
        ledger.repay(loan, lines(loan)[0].total, day)
        assert exposure() == money("476000")

    def test_the_balance_of_a_past_day_comes_from_the_journal(self, ledger):
        loan = ledger.loan("120000.00", method="EQUAL_PRINCIPAL", term_months=12)
        ledger.repay(loan, lines(loan)[0].total, DUE)
        key = loan.application_id
        before = outstanding_of_applications([key], DUE - timedelta(1))[key]
        after = outstanding_of_applications([key], DUE)[key]
        assert (before.unpaid, after.unpaid) == (money("120000"), money("110000"))

    def test_a_second_loan_before_the_first_is_half_repaid_moves_a_band_up(self, ledger):
        from applications.assessment import assess_stored

        loan = ledger.loan("100000.00", method="EQUAL_PRINCIPAL", term_months=2)
        draft = ledger.lender.draft(ledger.lender.opportunity_of(ledger.lender.customer))
        assert UpliftReason.SECOND_LOAN in assess_stored(draft, now=at(DUE)).uplift
        ledger.repay(loan, lines(loan)[0].total, DUE)
        assert not has_young_loan(loan.customer_id)
        assert UpliftReason.SECOND_LOAN not in assess_stored(draft, now=at(DUE)).uplift

    def test_old_loans_are_those_that_run(self, ledger):
        loan = ledger.loan("100000.00")
        assert [old.number for old in old_loans(loan.customer)] == [loan.loan_no]
        ledger.repay(loan, "100500", ledger.day(10), treatment=Treatment.SETTLE)
        assert old_loans(loan.customer) == []

    def test_the_product_of_a_loan_is_kept(self, ledger):
        assert ledger.loan().product == Product.objects.get(pk=ledger.lender.product.pk)
