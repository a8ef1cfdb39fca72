"""Waivers, refunds, extensions, closing the books and writing off (M7, M13)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from funds.choices import InterestTreatment, LoanStatus, ScheduleState, Treatment
from funds.models import ScheduleVersion
from funds.selectors.loans import loan_position, refundable_interest
from funds.services.adjustments import (
    refund_interest,
    waive_interest,
    write_off,
)
from funds.services.disbursement import add_disbursement
from funds.services.extensions import extend_loan
from tests.funds.factories import at, check_books, fresh, lines, money, reference
from tests.funds.test_repayments import refused

DUE = date(2026, 4, 2)


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

    def test_cls_01_n28_the_class_follows_the_days_that_were_counted_meanwhile(self, ledger):
        loan = ledger.loan()
        ledger.repay(loan, "7500", DUE)
        day = ledger.day(75)  # the second instalment is overdue by now
        self.refund(ledger, loan, "1", day)
        check_books(loan, day)
        assert fresh(loan).risk_class == "ATTENTION"

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

    def extended(self, ledger, **values):
        """18 % until 2 June, extended on 10 April to 2 September at 22 %."""
        loan = ledger.loan(**values)
        ledger.repay(loan, loan_position(loan, DUE).interest, DUE)
        return self.extend(ledger, loan, date(2026, 4, 10), rate=Decimal(22))

    def test_an_early_repayment_keeps_the_rate_before_the_extension(self, ledger):
        loan = self.extended(ledger)
        day = date(2026, 4, 12)
        ledger.repay(loan, "100000", day, treatment=Treatment.REDUCE)
        # 402,500.00 are left: interest of 10 days was 2,500.00
        assert [(line.annual_rate, line.interest) for line in lines(loan)[1:]] == [
            (Decimal(18), money("4025.00")),
            (Decimal(18), money("6037.50")),
            (Decimal(22), money("7379.17")),
            (Decimal(22), money("7379.17")),
            (Decimal(22), money("7379.17")),
        ]
        check_books(loan, day)

    def test_a_further_disbursement_keeps_the_rate_before_the_extension(self, ledger):
        loan = self.extended(ledger, principal="400000.00", approved="500000.00")
        day = date(2026, 4, 12)
        add_disbursement(
            loan_id=loan.pk,
            transfer_ref=reference(),
            principal=money(100000),
            disbursed_on=day,
            actor=ledger.fin,
            now=at(day),
        )
        rows = lines(loan)
        assert [line.annual_rate for line in rows] == [18, 18, 22, 22, 22]
        assert rows[1].interest == money(7500)
        assert rows[2].interest == money("9166.67")
        check_books(loan, day)

    def test_a_further_disbursement_pays_for_its_own_days_of_a_period_paid_ahead(self, ledger):
        loan = ledger.loan("400000.00", approved="500000.00")
        ledger.repay(loan, "6000", date(2026, 3, 20))  # due on 2 April
        day = date(2026, 3, 25)
        add_disbursement(
            loan_id=loan.pk,
            transfer_ref=reference(),
            principal=money(100000),
            disbursed_on=day,
            actor=ledger.fin,
            now=at(day),
        )
        coming = [line for line in lines(loan) if line.unpaid > 0]
        # 500,000.00 for April, and 100,000.00 for the 8 days of March before it
        assert coming[0].interest == money("7500") + money("400")
        assert coming[1].interest == money("7500")
        check_books(loan, day)

    def test_a_period_whose_rate_changes_costs_the_days_of_both(self, ledger):
        """MERGE leaves no instalment on the old due date: May costs 18 %, June 22 %."""
        loan = ledger.loan()
        ledger.repay(loan, "7500", DUE)
        loan = self.extend(
            ledger,
            loan,
            date(2026, 4, 10),
            rate=Decimal(22),
            treatment=InterestTreatment.MERGE,
        )
        day = date(2026, 4, 12)
        ledger.repay(loan, "100000", day, treatment=Treatment.REDUCE)
        rows = {line.due: line for line in lines(loan)}
        assert rows[date(2026, 7, 2)].interest == money("6037.50") + money("7379.17")
        check_books(loan, day)

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
