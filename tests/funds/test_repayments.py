"""还款登记: allocation, early repayment, refusals, reversal (domain M24, §4)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

import pytest

from applications.choices import BizStatus
from funds.choices import LoanStatus, Treatment
from funds.models import LedgerEntry, LedgerSetting, Repayment
from funds.selectors.loans import loan_position, settlement_figure
from funds.services.repayments import preview_repayment, register_repayment, reverse_repayment
from lending_crm.common.errors import DomainError
from tests.funds.factories import at, check_books, fresh, lines, money

MATURITY = date(2026, 6, 2)


def refused(call) -> DomainError:
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value


class TestRegisterRepayment:
    def test_pays_interest_each_month_and_principal_at_the_end(self, ledger):
        """domain §4.3: 7,500.00 / 7,500.00 / 507,500.00."""
        loan = ledger.loan()
        assert [line.total for line in lines(loan)] == [
            money("7500"),
            money("7500"),
            money("507500"),
        ]

        for day, amount in (
            (date(2026, 4, 2), "7500"),
            (date(2026, 5, 2), "7500"),
            (MATURITY, "507500"),
        ):
            ledger.repay(loan, amount, day)
            check_books(loan, day)

        loan = fresh(loan)
        assert (loan.status, loan.unpaid_principal) == (LoanStatus.SETTLED, 0)
        assert loan.settled_on == MATURITY
        assert loan.application.biz_status == BizStatus.SETTLED

    def test_allocates_fees_penalty_interest_and_principal_in_this_order(self, ledger):
        loan = ledger.loan(
            "120000.00", annual_rate=Decimal(12), method="EQUAL_PRINCIPAL", term_months=12
        )
        from funds.services.fees import charge_fee

        late = date(2026, 4, 22)
        charge_fee(
            loan_id=loan.pk,
            kind="RECOVERY",
            amount=money("50"),
            due_on=date(2026, 4, 10),
            note="催收",
            actor=ledger.fin,
            now=at(date(2026, 4, 10)),
        )
        position = loan_position(loan, late)
        # 10,000.00 late for 20 days at 12 %, and at 12 % penalty interest: 1.5 × 12 % would be
        # 18 %, but both together are bounded by 4 × LPR 3 % ... by the cap of 24 %.
        assert position.principal_due == money("10000")
        assert position.interest == money("1200") + money("66.67")
        assert position.penalty == money("66.66")

        repayment = ledger.repay(loan, "1000", late)

        fee, line = repayment.allocations.all()
        assert (fee.fee, line.penalty, line.interest, line.principal) == (
            money("50"),
            money("66.66"),
            money("883.34"),
            0,
        )
        check_books(loan, late)

    def test_pays_the_principal_first_when_the_loan_is_bad(self, ledger):
        loan = ledger.loan("100000.00", term_months=1, annual_rate=Decimal(12))
        late = date(2026, 8, 1)
        from funds.services.daily import count_overdue

        count_overdue(now=at(late))
        assert fresh(loan).status == LoanStatus.BAD

        repayment = ledger.repay(loan, "100500", late)

        (share,) = repayment.allocations.all()
        assert (share.principal, share.interest, share.penalty) == (
            money("100000"),
            money("500"),
            0,
        )
        check_books(loan, late)

    def test_takes_the_next_instalment_before_it_is_due(self, ledger):
        loan = ledger.loan()
        ledger.repay(loan, "7500", date(2026, 3, 30))
        assert lines(loan)[0].status == "PAID"
        assert loan_position(fresh(loan), date(2026, 4, 20)).days_overdue == 0
        check_books(loan, date(2026, 4, 20))

    def test_rep_01_refuses_a_day_before_the_last_repayment(self, ledger):
        loan = ledger.loan()
        ledger.repay(loan, "7500", date(2026, 4, 2))
        error = refused(
            lambda: ledger.repay(loan, "7500", date(2026, 4, 1), now=at(date(2026, 4, 3)))
        )
        assert (error.code, error.field) == ("REP-01", "paid_on")
        assert error.message == "还款日期不能早于最近一笔还款 2026-04-02。"

    @pytest.mark.parametrize("amount", ["0", "-1"])
    def test_rep_02_refuses_nothing_and_less(self, ledger, amount):
        loan = ledger.loan()
        error = refused(lambda: ledger.repay(loan, amount, date(2026, 4, 2)))
        assert (error.code, error.message) == ("REP-02", "还款金额必须大于 0。")

    def test_rep_03_refuses_a_reference_that_is_booked(self, ledger):
        first, second = ledger.loan(), ledger.loan()
        ledger.repay(first, "7500", date(2026, 4, 2), bank_ref="ICBC1")
        error = refused(lambda: ledger.repay(second, "7500", date(2026, 4, 2), bank_ref=" ICBC1 "))
        assert (error.code, error.field) == ("REP-03", "bank_ref")
        assert error.message == "流水号已登记。"

    def test_n29_the_database_holds_one_standing_reference(self, ledger):
        loan = ledger.loan()
        repayment = ledger.repay(loan, "7500", date(2026, 4, 2), bank_ref="ICBC1")
        repayment.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            Repayment.objects.bulk_create([repayment])

    def test_rep_04_refuses_more_than_is_due(self, ledger):
        loan = ledger.loan()
        error = refused(lambda: ledger.repay(loan, "7500.01", date(2026, 4, 2) - timedelta(1)))
        assert (error.code, error.message) == ("REP-04", "还款金额超过应还总额 7,500.00 元。")

    def test_rep_04_refuses_more_than_settles_the_loan(self, ledger):
        loan = ledger.loan()
        day = ledger.day(10)
        total = settlement_figure(loan, day).total
        assert total == money("502500")
        error = refused(
            lambda: ledger.repay(loan, total + money("0.01"), day, treatment=Treatment.REDUCE)
        )
        assert error.code == "REP-04"

    def test_rep_05_refuses_tomorrow(self, ledger):
        loan = ledger.loan()
        error = refused(
            lambda: ledger.repay(loan, "7500", date(2026, 4, 3), now=at(date(2026, 4, 2)))
        )
        assert (error.code, error.message) == ("REP-05", "还款日期不能晚于今天。")

    def test_refuses_everybody_but_finance(self, ledger):
        loan = ledger.loan()
        people = ledger.lender.people
        for actor in (people.am, people.brm, people.hrm, people.adm, people.ceo):
            error = refused(lambda who=actor: ledger.repay(loan, 1, ledger.day(1), actor=who))
            assert (error.code, error.status) == ("DOC-05", 403)

    def test_refuses_a_settled_loan(self, ledger):
        loan = ledger.loan()
        ledger.repay(loan, "502500", ledger.day(10), treatment=Treatment.SETTLE)
        error = refused(lambda: ledger.repay(loan, "1", ledger.day(10)))
        assert error.code == "REP-10"

    def test_the_preview_is_what_is_booked_and_writes_nothing(self, ledger):
        loan = ledger.loan(method="EQUAL_INSTALLMENT", term_months=12)
        day = date(2026, 4, 12)
        plan = preview_repayment(
            loan=fresh(loan),
            amount=money("200000"),
            paid_on=day,
            now=at(day),
            treatment=Treatment.REDUCE,
        )
        assert LedgerEntry.objects.filter(loan=loan).count() == 1
        repayment = ledger.repay(loan, "200000", day, treatment=Treatment.REDUCE)
        for part in ("principal", "interest", "penalty", "fee"):
            booked = sum(getattr(each, part) for each in repayment.allocations.all())
            assert plan.total(part) == booked, part


class TestEarlyRepayment:
    def test_settles_with_interest_to_the_day(self, ledger):
        """domain §4.11: ten days of 500,000 at 1.5 % a month are 2,500.00."""
        loan = ledger.loan()
        day = ledger.day(10)
        figure = settlement_figure(loan, day)
        assert (figure.position.accrued, figure.total) == (money("2500"), money("502500"))

        ledger.repay(loan, figure.total, day, treatment=Treatment.SETTLE)

        assert fresh(loan).status == LoanStatus.SETTLED
        check_books(loan, day)

    def test_rep_08_names_what_settling_takes(self, ledger):
        loan = ledger.loan()
        error = refused(
            lambda: ledger.repay(loan, "500000", ledger.day(10), treatment=Treatment.SETTLE)
        )
        assert error.code == "REP-08"
        assert "502,500.00" in error.message

    def test_rep_08_what_leaves_only_a_part_of_the_early_fee_is_no_early_repayment(self, ledger):
        """The fee is rounded, so that a fen below the settlement would pay all the principal."""
        product = ledger.lender.product
        product.early_repayment_fee = Decimal(1)
        product.save()
        loan = ledger.loan("150.50", annual_rate=Decimal(8), term_months=12)
        total = settlement_figure(loan, ledger.start).total
        assert total == money("152.01")
        error = refused(
            lambda: ledger.repay(loan, "152.00", ledger.start, treatment=Treatment.REDUCE)
        )
        assert error.code == "REP-08"

    def test_rep_09_refuses_an_early_repayment_of_interest_alone(self, ledger):
        loan = ledger.loan()
        error = refused(
            lambda: ledger.repay(loan, "2500", ledger.day(10), treatment=Treatment.REDUCE)
        )
        assert error.code == "REP-09"

    def test_keeps_the_term_and_lowers_the_instalments(self, ledger):
        loan = ledger.loan("120000.00", method="EQUAL_INSTALLMENT", term_months=12)
        before = lines(loan)
        ledger.repay(loan, before[0].total, date(2026, 4, 2))
        ledger.repay(loan, "50000", date(2026, 4, 2), treatment=Treatment.REDUCE)

        after = lines(loan)[1:]
        assert [line.due for line in after] == [line.due for line in before[1:]]
        assert after[0].total < before[1].total
        assert len({line.total for line in after[:-1]}) == 1
        assert fresh(loan).unpaid_principal == sum(line.principal for line in after)
        check_books(loan, date(2026, 4, 2))

    def test_the_days_of_an_instalment_paid_ahead_are_paid_for(self, ledger):
        loan = ledger.loan()
        ledger.repay(loan, "7500", date(2026, 3, 20))  # due on 2 April
        day = date(2026, 3, 25)
        ledger.repay(loan, "200000", day, treatment=Treatment.REDUCE)
        coming = [line for line in lines(loan) if line.unpaid > 0]
        assert [line.starts_on for line in coming] == [date(2026, 4, 2), date(2026, 5, 2)]
        assert [line.interest for line in coming] == [money("4500"), money("4500")]
        check_books(loan, day)

    def test_keeps_the_instalment_and_shortens_the_term(self, ledger):
        loan = ledger.loan("120000.00", method="EQUAL_INSTALLMENT", term_months=12)
        before = lines(loan)
        ledger.repay(loan, before[0].total, date(2026, 4, 2))
        ledger.repay(loan, "50000", date(2026, 4, 2), treatment=Treatment.SHORTEN)

        after = lines(loan)[1:]
        assert len(after) < 11
        assert {line.total for line in after[:-1]} == {before[1].total}
        assert fresh(loan).due_date == after[-1].due
        check_books(loan, date(2026, 4, 2))

    def test_charges_the_products_fee_but_never_above_the_cap(self, ledger):
        product = ledger.lender.product
        product.early_repayment_fee = Decimal(1)
        product.save()
        cheap = ledger.loan("100000.00", annual_rate=Decimal(8), term_months=12)
        dear = ledger.loan("100000.00", annual_rate=Decimal(24), term_months=12)
        day = date(2026, 9, 2)
        for loan in (cheap, dear):
            for month in range(4, 10):
                line = lines(loan)[month - 4]
                ledger.repay(loan, line.total, date(2026, month, 2))
        assert settlement_figure(fresh(cheap), day).fee == money("1000")
        assert settlement_figure(fresh(dear), day).fee == 0

        figure = settlement_figure(fresh(cheap), day)
        repayment = ledger.repay(cheap, figure.total, day, treatment=Treatment.SETTLE)
        assert sum(each.fee for each in repayment.allocations.all()) == money("1000")
        check_books(cheap, day)


class TestReverseRepayment:
    def reverse(self, ledger, repayment, day, **values):
        terms = {"reason": "登记错误", "actor": ledger.fin, "now": at(day)}
        return reverse_repayment(repayment_id=repayment.pk, **(terms | values))

    def test_restores_what_was_owed_and_keeps_every_row(self, ledger):
        loan = ledger.loan()
        day = date(2026, 4, 12)
        before = loan_position(loan, day)
        repayment = ledger.repay(loan, "5000", day)

        self.reverse(ledger, repayment, day)

        assert loan_position(fresh(loan), day) == before
        assert Repayment.objects.get(pk=repayment.pk).allocations.count() == 1
        check_books(loan, day)

    def test_opens_a_settled_loan_and_its_schedule_again(self, ledger):
        loan = ledger.loan()
        day = ledger.day(10)
        old = [line.pk for line in lines(loan)]
        repayment = ledger.repay(loan, "502500", day, treatment=Treatment.SETTLE)

        self.reverse(ledger, repayment, day)

        assert [line.pk for line in lines(loan)] == old
        assert fresh(loan).status == LoanStatus.NORMAL
        assert fresh(loan).application.biz_status == BizStatus.DISBURSED
        check_books(loan, day)

    def test_takes_back_the_fee_that_the_repayment_was_charged(self, ledger):
        product = ledger.lender.product
        product.early_repayment_fee = Decimal(1)
        product.save()
        loan = ledger.loan("100000.00", annual_rate=Decimal(8), term_months=12)
        day = date(2026, 4, 2)
        ledger.repay(loan, lines(loan)[0].total, day)
        repayment = ledger.repay(loan, "50500", day, treatment=Treatment.REDUCE)

        self.reverse(ledger, repayment, day)

        assert loan_position(fresh(loan), day).fees == 0
        check_books(loan, day)

    def test_lets_penalties_grow_again_as_if_nothing_was_paid(self, ledger):
        loan, twin = ledger.loan(term_months=1), ledger.loan(term_months=1)
        first = ledger.repay(loan, "300000", date(2026, 4, 12))
        second = ledger.repay(loan, "1000", date(2026, 4, 22))
        day = date(2026, 4, 30)
        self.reverse(ledger, second, day)
        self.reverse(ledger, first, day)
        assert loan_position(fresh(loan), day) == loan_position(fresh(twin), day)
        check_books(loan, day)

    def test_rep_06_protects_later_repayments(self, ledger):
        loan = ledger.loan()
        first = ledger.repay(loan, "7500", date(2026, 4, 2))
        ledger.repay(loan, "7500", date(2026, 5, 2))
        error = refused(lambda: self.reverse(ledger, first, date(2026, 5, 2)))
        assert error.code == "REP-06"
        assert Repayment.objects.get(pk=first.pk).reversed_at is None

    def test_rep_07_refuses_a_second_reversal(self, ledger):
        loan = ledger.loan()
        repayment = ledger.repay(loan, "7500", date(2026, 4, 2))
        self.reverse(ledger, repayment, date(2026, 4, 2))
        error = refused(lambda: self.reverse(ledger, repayment, date(2026, 4, 2)))
        assert error.code == "REP-07"

    def test_refuses_everybody_but_finance(self, ledger):
        loan = ledger.loan()
        repayment = ledger.repay(loan, "7500", date(2026, 4, 2))
        people = ledger.lender.people
        error = refused(lambda: self.reverse(ledger, repayment, date(2026, 4, 2), actor=people.hrm))
        assert (error.code, error.status) == ("DOC-05", 403)

    def test_frees_the_reference_for_the_right_loan(self, ledger):
        wrong, right = ledger.loan(), ledger.loan()
        day = date(2026, 4, 2)
        repayment = ledger.repay(wrong, "7500", day, bank_ref="ICBC9")
        self.reverse(ledger, repayment, day)
        assert ledger.repay(right, "7500", day, bank_ref="ICBC9").loan == right

    def test_an_earlier_day_can_be_booked_afterwards(self, ledger):
        loan = ledger.loan()
        wrong = ledger.repay(loan, "7500", date(2026, 4, 20))
        self.reverse(ledger, wrong, date(2026, 4, 20))
        ledger.repay(loan, "7500", date(2026, 4, 2), now=at(date(2026, 4, 20)))
        assert loan_position(fresh(loan), date(2026, 4, 20)).due_total == 0
        check_books(loan, date(2026, 4, 20))


class TestAppendOnly:
    def test_no_row_of_the_journal_is_changed_or_removed(self, ledger):
        loan = ledger.loan()
        ledger.repay(loan, "7500", date(2026, 4, 2))
        rows = LedgerEntry.objects.filter(loan=loan)
        for act in (lambda: rows.update(note="x"), rows.delete):
            with pytest.raises(Exception, match="append_only"), transaction.atomic():
                act()

    def test_no_repayment_is_edited_or_removed(self, ledger):
        loan = ledger.loan()
        repayment = ledger.repay(loan, "7500", date(2026, 4, 2))
        rows = Repayment.objects.filter(pk=repayment.pk)
        for act in (lambda: rows.update(amount=1), rows.delete):
            with pytest.raises(Exception, match="repayment"), transaction.atomic():
                act()

    def test_every_row_of_the_journal_balances(self, ledger):
        loan = ledger.loan()
        with pytest.raises(IntegrityError, match="ledger_entry_balances"), transaction.atomic():
            LedgerEntry.objects.create(
                loan=loan,
                no=2,
                kind="FEE",
                day=ledger.start,
                fee=1,
                fee_after=1,
                principal_after=loan.unpaid_principal,
                at=ledger.lender.now,
            )

    def test_a_row_of_the_journal_continues_the_last(self, ledger):
        loan = ledger.loan()
        with pytest.raises(IntegrityError, match="does not continue"), transaction.atomic():
            LedgerEntry.objects.create(
                loan=loan, no=2, kind="FEE", day=ledger.start, at=ledger.lender.now
            )


class TestSettings:
    def test_the_order_is_a_setting(self, ledger):
        LedgerSetting.objects.filter(pk=1).update(
            normal_order=["PRINCIPAL", "INTEREST", "PENALTY", "FEE"]
        )
        loan = ledger.loan("100000.00", term_months=1)
        repayment = ledger.repay(loan, "1000", date(2026, 4, 12))
        assert repayment.allocations.get().principal == money("1000")


def test_register_refuses_a_missing_reference(ledger):
    loan = ledger.loan()
    error = refused(
        lambda: register_repayment(
            loan_id=loan.pk,
            amount=money("1"),
            paid_on=ledger.start,
            bank_ref="  ",
            payer="x",
            actor=ledger.fin,
            now=at(ledger.start),
        )
    )
    assert (error.code, error.field) == ("ORG-20", "bank_ref")
