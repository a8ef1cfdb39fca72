"""Disbursements, late principal, waivers, refunds, extensions, and what other apps hear."""

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
from funds.choices import InterestTreatment, LoanStatus, ScheduleState, Treatment
from funds.models import LedgerSetting, Loan, ScheduleLine, ScheduleVersion
from funds.selectors.loans import loan_position, outstanding_of_applications, refundable_interest
from funds.services.adjustments import (
    accrue_interest,
    charge_fee,
    refund_interest,
    waive_interest,
    write_off,
)
from funds.services.disbursement import add_disbursement
from funds.services.extensions import extend_loan
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
        application = ledger.approved("300000.00")
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


class TestWaiveInterest:
    def waive(self, ledger, loan, amount, day, **values):
        terms = {
            "penalty_part": money(0),
            "reason": "协商减免",
            "reference": "MX-1",
            "actor": ledger.fin,
            "now": at(day),
        }
        return waive_interest(loan_id=loan.pk, amount=money(amount), day=day, **(terms | values))

    def test_forgives_the_oldest_interest_and_leaves_the_schedule(self, ledger):
        loan = ledger.loan()
        before = [line.interest for line in lines(loan)]
        self.waive(ledger, loan, "7000", date(2026, 4, 2))
        assert loan_position(fresh(loan), date(2026, 4, 2)).interest == money("500")
        assert [line.interest for line in lines(loan)] == before
        check_books(loan, date(2026, 4, 2))

    def test_reaches_into_the_running_period(self, ledger):
        loan = ledger.loan()
        day = ledger.day(10)
        self.waive(ledger, loan, "2500", day)
        assert loan_position(fresh(loan), day).accrued == 0
        assert lines(loan)[0].unpaid_interest == money("5000")
        check_books(loan, day)

    def test_int_01_n11_refuses_more_than_unpaid(self, ledger):
        loan = ledger.loan()
        error = refused(lambda: self.waive(ledger, loan, "7500.01", date(2026, 4, 2)))
        assert error.code == "INT-01"
        assert error.message == "免息金额 7,500.01 元不能大于未还利息 7,500.00 元。"

    def test_forgives_penalty_interest_on_its_own(self, ledger):
        loan = ledger.loan("100000.00", term_months=1, annual_rate=Decimal(8))
        day = DUE + timedelta(30)
        self.waive(ledger, loan, "0", day, penalty_part=money("1000"))
        assert loan_position(fresh(loan), day).penalty == 0
        check_books(loan, day)


class TestRefundInterest:
    def refund(self, ledger, loan, amount, day, **values):
        terms = {
            "bank_ref": reference(),
            "reason": "提前还款",
            "reference": "TX-1",
            "actor": ledger.fin,
            "now": at(day),
        }
        return refund_interest(loan_id=loan.pk, amount=money(amount), day=day, **(terms | values))

    def test_gives_back_what_was_received_for_days_that_were_not_used(self, ledger):
        """domain §4.11: a month of 7,500.00 was paid, ten days are due: 5,000.00 back."""
        loan = ledger.loan()
        day = ledger.day(10)
        ledger.repay(loan, "7500", day)
        assert refundable_interest(loan) == money("7500")
        self.refund(ledger, loan, "5000", day)
        assert refundable_interest(loan) == money("2500")
        check_books(loan, day)

    def test_int_02_n11_refuses_more_than_received(self, ledger):
        loan = ledger.loan()
        ledger.repay(loan, "7500", DUE)
        self.refund(ledger, loan, "7000", DUE)
        error = refused(lambda: self.refund(ledger, loan, "500.01", DUE))
        assert error.code == "INT-02"
        assert error.message == "退息金额 500.01 元不能大于可退利息 500.00 元。"

    def test_n29_a_reference_leaves_the_bank_once(self, ledger):
        loan = ledger.loan()
        ledger.repay(loan, "7500", DUE)
        self.refund(ledger, loan, "1", DUE, bank_ref="TX9")
        error = refused(lambda: self.refund(ledger, loan, "1", DUE, bank_ref="TX9"))
        assert error.code == "FTR-07"


class TestExtendLoan:
    def extend(self, ledger, loan, day, **values):
        terms = {
            "new_due": date(2026, 9, 2),
            "rate": loan.annual_rate,
            "treatment": InterestTreatment.SETTLE_FIRST,
            "reference": "ZQ-1",
            "actor": ledger.lender.people.hrm,
            "now": at(day),
        }
        return extend_loan(loan_id=loan.pk, **(terms | values))

    def test_keeps_the_old_version_and_starts_on_the_old_due_date(self, ledger):
        loan = ledger.loan()
        for month in (4, 5):
            ledger.repay(loan, "7500", date(2026, month, 2))
        loan = self.extend(ledger, loan, date(2026, 5, 20))
        assert (loan.due_date, loan.extension_count) == (date(2026, 9, 2), 1)
        assert loan.status == LoanStatus.EXTENDED
        assert loan.risk_class == "ATTENTION"
        assert [(line.due, line.principal, line.interest) for line in lines(loan)] == [
            (date(2026, 6, 2), 0, money("7500")),
            (date(2026, 7, 2), 0, money("7500")),
            (date(2026, 8, 2), 0, money("7500")),
            (date(2026, 9, 2), money("500000"), money("7500")),
        ]
        old = ScheduleVersion.objects.get(loan=loan, no=1)
        assert old.state == ScheduleState.REPLACED_BY_EXTENSION
        check_books(loan, date(2026, 5, 20))

    def test_a_part_may_be_extended(self, ledger):
        loan = ledger.loan()
        loan = self.extend(ledger, loan, date(2026, 3, 20), amount=money("200000"))
        rows = {line.due: line.principal for line in lines(loan)}
        assert rows[date(2026, 6, 2)] == money("300000")
        assert rows[date(2026, 9, 2)] == money("200000")
        check_books(loan, date(2026, 3, 20))

    def test_interest_may_go_into_the_first_new_instalment(self, ledger):
        loan = ledger.loan()
        loan = self.extend(ledger, loan, date(2026, 3, 20), treatment=InterestTreatment.MERGE)
        rows = {line.due: line.interest for line in lines(loan)}
        assert date(2026, 6, 2) not in rows
        assert rows[date(2026, 7, 2)] == money("15000")
        check_books(loan, date(2026, 3, 20))

    def test_moved_principal_of_instalments_keeps_earning_to_the_old_due_date(self, ledger):
        loan = ledger.loan(
            "120000.00", method="EQUAL_PRINCIPAL", term_months=3, annual_rate=Decimal(12)
        )
        loan = self.extend(ledger, loan, date(2026, 3, 10), amount=money("120000"))
        rows = [line for line in lines(loan) if line.due <= date(2026, 6, 2)]
        # 40,000.00 each for 61 and for 31 days beyond their own dates, at 12 % by 360 days
        extra = money("813.33") + money("413.33")
        assert rows[-1].interest == money("400") + extra
        assert sum(line.principal for line in rows) == 0
        check_books(loan, date(2026, 3, 10))

    def test_ext_08_refuses_unpaid_interest(self, ledger):
        loan = ledger.loan()
        error = refused(lambda: self.extend(ledger, loan, date(2026, 4, 10)))
        assert error.code == "EXT-08"
        assert error.message == "展期前须结清截至展期日的利息 7,500.00 元。"

    def test_ext_06_refuses_more_than_is_unpaid(self, ledger):
        loan = ledger.loan()
        error = refused(lambda: self.extend(ledger, loan, ledger.start, amount=money("500000.01")))
        assert (error.code, error.field) == ("EXT-06", "amount")

    def test_ext_01_n06_refuses_a_settled_loan(self, ledger):
        loan = ledger.loan()
        ledger.repay(loan, "502500", ledger.day(10), treatment=Treatment.SETTLE)
        assert refused(lambda: self.extend(ledger, loan, ledger.day(10))).code == "EXT-01"

    def test_ext_11_refuses_a_day_that_is_not_later(self, ledger):
        loan = ledger.loan()
        error = refused(lambda: self.extend(ledger, loan, ledger.start, new_due=date(2026, 6, 2)))
        assert error.code == "EXT-11"


class TestOtherActs:
    def test_accruing_closes_the_books_of_the_day(self, ledger):
        loan = ledger.loan()
        day = date(2026, 4, 30)
        accrue_interest(loan_id=loan.pk, day=day, actor=None, now=at(day))
        assert fresh(loan).booked_to == day
        error = refused(lambda: ledger.repay(loan, "1", date(2026, 4, 29), now=at(day)))
        assert error.code == "REP-11"
        check_books(loan, day)

    def test_writing_off_takes_everything_from_the_books(self, ledger):
        loan = ledger.loan()
        day = date(2026, 4, 30)
        write_off(
            loan_id=loan.pk,
            day=day,
            reason="法院终结执行",
            reference="HX-1",
            actor=ledger.fin,
            now=at(day),
        )
        loan = fresh(loan)
        assert (loan.status, loan.unpaid_principal) == (LoanStatus.WRITTEN_OFF, 0)
        check_books(loan, day)


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
