"""Refunds, waivers and rebates in the same second as another act, on real connections."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from funds.models import FundTransfer, LedgerEntry, RebateApplication
from funds.services.repayments import register_repayment
from funds.services.transfers import reverse_transfer
from tests.applications.factories import Lender, fresh
from tests.applications.test_races import codes, together
from tests.funds.factories import at, check_books, money
from tests.funds.payments import DUE, Cashier

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def office(transactional_db, now) -> Cashier:
    from funds.services.defaults import ensure_settings

    ensure_settings()
    return Cashier(Lender(now))


class TestOneLoan:
    def test_int_03_n07_two_requests_submitted_at_once(self, office):
        loan = office.ledger.loan()
        pair = [office.relief(loan) for _ in range(2)]
        results = together(*(lambda each=each: office.submit(each, at(DUE)) for each in pair))
        assert codes(results) == ["INT-03"]

    def test_int_01_n11_the_last_decision_and_a_repayment(self, office):
        loan = office.ledger.loan()
        request = office.relief(loan, amount=money(7500))
        request = office.submit(request, at(DUE))
        for role in ("tl", "brm", "bgm", "hrm"):
            office.decide(request, getattr(office.people, role), at(DUE))
        results = together(
            lambda: office.decide(request, office.people.fin, at(DUE)),
            lambda: register_repayment(
                loan_id=loan.pk,
                amount=money(7500),
                paid_on=DUE,
                bank_ref="A",
                payer="客户",
                actor=office.cashier,
                now=at(DUE),
            ),
        )
        # Either the waiver comes too late, or the payment goes to the next instalment.
        assert codes(results) in (["INT-01"], [])
        line = loan.schedules.get(no=1).lines.get(no=1)
        assert line.interest_paid + line.interest_waived == Decimal("7500.00")
        check_books(loan, DUE)

    def test_n29_a_refund_is_paid_once(self, office):
        loan = office.ledger.loan()
        office.ledger.repay(loan, "7500", DUE)
        request = office.approved(office.refund(loan), at(DUE))
        moment = at(DUE) + timedelta(hours=1)
        results = together(
            *(lambda ref=ref: office.pay(request, moment, bank_ref=ref) for ref in ("A", "B"))
        )
        assert codes(results) == ["PAY-01"]
        assert LedgerEntry.objects.filter(kind="REFUND").count() == 1
        check_books(loan, DUE)


class TestOneBusiness:
    def test_reb_05_n09_two_rebates_submitted_at_once(self, office):
        business = office.business()
        pair = [office.rebate(business, amount=money(4000)) for _ in range(2)]
        moment = office.desk.at(3)
        results = together(*(lambda each=each: office.submit(each, moment) for each in pair))
        assert [code for code in codes(results) if code.startswith("REB")] == codes(results)
        assert len(codes(results)) == 1
        claimed = sum(each.claimed for each in RebateApplication.objects.all())
        assert claimed == money(4000)

    def test_n09_a_rebate_and_the_reversal_of_its_transfer(self, office):
        business = office.business()
        rebate = office.rebate(business)
        transfer = FundTransfer.objects.get()
        moment = office.desk.at(3)
        results = together(
            lambda: office.submit(rebate, moment),
            lambda: reverse_transfer(
                transfer_id=transfer.pk, reason="付错账户", actor=office.cashier, now=moment
            ),
        )
        reserve = sum(
            each.rebate_amount for each in FundTransfer.objects.filter(biz_status="EXECUTED")
        )
        claimed = sum(each.claimed for each in RebateApplication.objects.all())
        assert claimed <= reserve
        assert len(codes(results)) == 1

    def test_reb_09_two_businesses_of_one_channel_share_its_month(self, office):
        from funds.models import LedgerSetting

        channel = office.channel()
        pair = [office.rebate(office.business(channel=channel)) for _ in range(2)]
        LedgerSetting.objects.update(rebate_month_cap=money(11000))
        moment = office.desk.at(3)
        results = together(*(lambda each=each: office.submit(each, moment) for each in pair))
        assert codes(results) == ["REB-09"]


class TestOneReference:
    def test_ftr_07_n29_a_rebate_and_a_transfer(self, office):
        rebate = office.approved(office.rebate(office.business()), office.desk.at(2))
        transfer = office.transfer()
        moment = office.desk.at(4)
        results = together(
            lambda: office.pay(rebate, moment, bank_ref="SAME"),
            lambda: office.desk.execute(transfer, bank_ref="SAME", now=moment),
        )
        assert codes(results) == ["FTR-07"]


class TestTransferAndReversal:
    def test_leave_what_one_of_the_two_orders_leaves(self, office):
        review = office.desk.review()
        first = office.desk.execute(office.desk.approved(review, principal=money(300000)))
        second = office.desk.approved(review, principal=money(100000))
        moment = office.desk.at(3)
        results = together(
            lambda: office.desk.execute(second, now=moment),
            lambda: reverse_transfer(
                transfer_id=first.pk, reason="付错账户", actor=office.cashier, now=moment
            ),
        )
        # A payment that came first stands in the way of the reversal of the one before it.
        paid = {each.pk: each.biz_status for each in FundTransfer.objects.all()}
        assert codes(results) in (["REP-06"], [])
        assert paid[second.pk] == "EXECUTED"
        assert paid[first.pk] == ("EXECUTED" if codes(results) else "REVERSED")
        loan = FundTransfer.objects.get(pk=second.pk).loan
        expected = 400000 if codes(results) else 100000
        assert loan.principal == money(expected)
        assert fresh(second.application).biz_status in ("DISBURSED", "PARTLY_DISBURSED")
        check_books(loan, office.desk.today)
