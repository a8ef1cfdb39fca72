"""五级分类 and 准备 (domain §5)."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import pytest

from customers.choices import RiskClass
from customers.models import Customer
from funds.choices import ClassCause, LoanStatus
from funds.models import ClassBucket, LedgerEntry, LedgerTotal, Loan, LoanClassification
from funds.rules.classification import DEFAULT_BUCKETS, are_continuous, class_by_days
from funds.selectors.reports import overdue_loans, provisions, trial_balance
from funds.selectors.settings import default_buckets
from funds.services.classification import set_class_by_hand
from funds.services.daily import count_overdue
from funds.services.repayments import reverse_repayment
from funds.services.settings import Tier, update_class_buckets, update_ledger_setting
from funds.services.totals import fold_totals
from lending_crm.common.models import OutboxMessage
from tests.funds.factories import at, check_books, fresh, lines, money
from tests.funds.test_repayments import refused

DUE = date(2026, 4, 2)


def late(ledger, loan, days: int) -> Loan:
    count_overdue(now=at(DUE + timedelta(days)))
    return fresh(loan)


def told_overdue() -> list[int]:
    """Who was told that a loan became overdue, one after the other."""
    told = OutboxMessage.objects.filter(payload__event="loan.overdue").order_by("pk")
    return [person for row in told for person in row.payload["recipients"]]


def by_hand(ledger, loan, risk_class, **values):
    terms = {"reason": "资金挪用嫌疑", "actor": ledger.lender.people.hrm, "now": at(ledger.start)}
    return set_class_by_hand(loan_id=loan.pk, risk_class=risk_class, **(terms | values))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, "NORMAL"),
        (1, "ATTENTION"),
        (90, "ATTENTION"),
        (91, "SUBSTANDARD"),
        (270, "SUBSTANDARD"),
        (271, "DOUBTFUL"),
        (360, "DOUBTFUL"),
        (361, "LOSS"),
        (5000, "LOSS"),
    ],
)
def test_the_class_by_days(days, expected):
    assert class_by_days(days, default_buckets()) == expected


class TestDailyCount:
    @pytest.mark.parametrize(
        ("days", "risk_class", "status"),
        [
            (1, "ATTENTION", "OVERDUE"),
            (90, "ATTENTION", "OVERDUE"),
            (91, "SUBSTANDARD", "BAD"),
            (361, "LOSS", "BAD"),
        ],
    )
    def test_follows_the_days(self, ledger, days, risk_class, status):
        loan = late(ledger, ledger.loan(term_months=1), days)
        assert (loan.overdue_days, loan.risk_class, loan.status) == (days, risk_class, status)
        assert Customer.objects.get(pk=loan.customer_id).risk_class == risk_class
        connection.check_constraints()

    def test_leaves_a_loan_in_order_on_its_due_date(self, ledger):
        loan = late(ledger, ledger.loan(term_months=1), 0)
        assert (loan.overdue_days, loan.status) == (0, LoanStatus.NORMAL)

    def test_writes_one_row_for_each_change_and_none_when_run_again(self, ledger):
        loan = ledger.loan(term_months=1)
        for days in (1, 1, 2, 91):
            late(ledger, loan, days)
        rows = LoanClassification.objects.filter(loan=loan).order_by("id")
        assert [(row.old_class, row.new_class, row.cause) for row in rows] == [
            ("", "NORMAL", ClassCause.OPENED),
            ("NORMAL", "ATTENTION", ClassCause.RUN),
            ("ATTENTION", "SUBSTANDARD", ClassCause.RUN),
        ]

    def test_day_91_blocks_new_business_through_the_class_of_the_customer(self, ledger):
        loan = late(ledger, ledger.loan(term_months=1), 91)
        assert Customer.objects.get(pk=loan.customer_id).risk_class == RiskClass.SUBSTANDARD

    def test_tells_the_account_manager_once(self, ledger):
        loan = ledger.loan(term_months=1)
        for days in (1, 2):
            late(ledger, loan, days)
        assert told_overdue() == [ledger.lender.am.pk]

    def test_a_booking_of_the_day_hides_nothing_from_the_count(self, ledger):
        """The booking itself finds the loan overdue, before the count and after it."""
        loan = ledger.loan(term_months=1)
        day = DUE + timedelta(1)
        ledger.repay(loan, "100", day)
        assert fresh(loan).overdue_days == 1
        for _run in range(2):
            late(ledger, loan, 1)
        late(ledger, loan, 2)
        assert told_overdue() == [ledger.lender.am.pk]

    def test_tells_of_what_a_booking_made_overdue_after_the_count(self, ledger):
        loan = ledger.loan(term_months=1)
        booked = ledger.repay(loan, "7500", DUE)
        paid = ledger.repay(loan, "500000", DUE)
        late(ledger, loan, 3)
        for each in (paid, booked):
            reverse_repayment(
                repayment_id=each.pk, reason="错", actor=ledger.fin, now=at(DUE + timedelta(3))
            )
        assert told_overdue() == []
        for days in (3, 3, 4):
            late(ledger, loan, days)
        assert told_overdue() == [ledger.lender.am.pk]

    def test_arrears_after_a_cure_are_told_anew(self, ledger):
        loan = ledger.loan(term_months=3)
        for month in (4, 5):
            due = date(2026, month, 2)
            for days in (1, 2):
                count_overdue(now=at(due + timedelta(days)))
            day = due + timedelta(2)
            ledger.repay(loan, loan_due(loan, day), day)
        assert told_overdue() == [ledger.lender.am.pk] * 2

    def test_a_cure_that_is_taken_back_is_not_told_again(self, ledger):
        loan = late(ledger, ledger.loan(term_months=1), 2)
        day = DUE + timedelta(2)
        paid = ledger.repay(loan, loan_due(loan, day), day)
        reverse_repayment(repayment_id=paid.pk, reason="错", actor=ledger.fin, now=at(day))
        for days in (2, 3):
            late(ledger, loan, days)
        assert told_overdue() == [ledger.lender.am.pk]

    def test_makes_all_loans_bad_when_too_much_of_the_customer_is(self, ledger):
        sound = ledger.loan("100000.00", term_months=12)
        bad = ledger.loan("50000.00", term_months=1)
        late(ledger, bad, 91)
        # Both have an instalment in arrears since April; the long one only by interest.
        assert fresh(sound).risk_class == RiskClass.SUBSTANDARD

    def test_reviews_sound_loans_of_a_bad_customer(self, ledger):
        sound = ledger.loan("100000.00", method="BULLET", term_months=12)
        bad = ledger.loan("50000.00", term_months=1)
        late(ledger, bad, 91)
        row = LoanClassification.objects.filter(loan=sound).latest("id")
        assert (row.new_class, row.cause) == (RiskClass.SUBSTANDARD, ClassCause.CUSTOMER)
        assert fresh(sound).overdue_days == 0

    def test_a_small_bad_share_spares_the_others(self, ledger):
        sound = ledger.loan("950000.00", method="BULLET", term_months=12)
        bad = ledger.loan("50000.00", term_months=1)
        late(ledger, bad, 91)
        assert fresh(sound).risk_class == RiskClass.NORMAL


class TestUpgrade:
    def test_waits_six_months_after_the_arrears_are_paid(self, ledger):
        loan = ledger.loan("100000.00", method="EQUAL_PRINCIPAL", term_months=24)
        late(ledger, loan, 5)
        cured = DUE + timedelta(5)
        ledger.repay(loan, loan_due(loan, cured), cured)
        loan = fresh(loan)
        assert (loan.risk_class, loan.status) == (RiskClass.ATTENTION, LoanStatus.NORMAL)
        assert loan.cured_on == cured
        for index in range(1, 7):
            line = lines(loan)[index]
            ledger.repay(loan, line.unpaid, line.due)
            assert fresh(loan).risk_class == RiskClass.ATTENTION
        count_overdue(now=at(date(2026, 10, 6)))
        assert fresh(loan).risk_class == RiskClass.ATTENTION
        ledger.repay(loan, lines(loan)[7].unpaid, date(2026, 10, 7))
        assert fresh(loan).risk_class == RiskClass.NORMAL


def loan_due(loan, day):
    from funds.selectors.loans import loan_position

    return loan_position(fresh(loan), day).due_total


class TestSetClassByHand:
    def test_takes_a_worse_class_with_its_reason(self, ledger):
        loan = by_hand(ledger, ledger.loan(), RiskClass.DOUBTFUL)
        assert (loan.risk_class, loan.status) == (RiskClass.DOUBTFUL, LoanStatus.BAD)
        row = LoanClassification.objects.filter(loan=loan).latest("id")
        assert (row.cause, row.reason) == (ClassCause.BY_HAND, "资金挪用嫌疑")
        late(ledger, loan, 0)
        assert fresh(loan).risk_class == RiskClass.DOUBTFUL

    def test_cls_01_refuses_a_class_better_than_the_days(self, ledger):
        loan = late(ledger, ledger.loan(term_months=1), 91)
        error = refused(
            lambda: by_hand(ledger, loan, RiskClass.ATTENTION, now=at(DUE + timedelta(91)))
        )
        assert (error.code, error.field) == ("CLS-01", "risk_class")
        assert error.message == "分类不能优于按逾期天数得出的最低档“次级”。"
        assert fresh(loan).manual_class == ""

    def test_n28_the_database_refuses_a_class_better_than_the_days(self, ledger):
        loan = late(ledger, ledger.loan(term_months=1), 91)
        with pytest.raises(IntegrityError, match="CLS-01"), transaction.atomic():
            Loan.objects.filter(pk=loan.pk).update(risk_class=RiskClass.ATTENTION)
            connection.check_constraints()

    def test_needs_head_office_risk_and_a_reason(self, ledger):
        loan = ledger.loan()
        people = ledger.lender.people
        for actor in (people.fin, people.brm, people.ceo, people.adm):
            error = refused(lambda who=actor: by_hand(ledger, loan, "LOSS", actor=who))
            assert (error.code, error.status) == ("DOC-05", 403)
        assert refused(lambda: by_hand(ledger, loan, "LOSS", reason=" ")).code == "ORG-20"

    def test_refinancing_is_never_better_than_special_mention(self, ledger):
        application = ledger.approved("100000.00")
        type(application).objects.filter(pk=application.pk)
        from documents.engine_door import engine_writes

        with engine_writes():
            type(application).objects.filter(pk=application.pk).update(biz_kind="REFINANCE")
        loan = ledger.loan("100000.00", application=application)
        assert fresh(loan).risk_class == RiskClass.ATTENTION


class TestTiers:
    def tiers(self, **changes):
        found = {code: [first, last, rate] for code, first, last, rate in DEFAULT_BUCKETS}
        for code, values in changes.items():
            found[code][: len(values)] = values
        return [Tier(code, *values) for code, values in found.items()]

    def save(self, ledger, tiers, actor=None):
        return update_class_buckets(
            tiers=tiers, actor=actor or ledger.lender.people.adm, now=ledger.lender.now
        )

    def test_seven_technical_days_may_stay_normal(self, ledger):
        self.save(ledger, self.tiers(NORMAL=[0, 7], ATTENTION=[8]))
        assert late(ledger, ledger.loan(term_months=1), 7).risk_class == RiskClass.NORMAL

    @pytest.mark.parametrize(
        "changes",
        [
            {"NORMAL": [0, 1]},
            {"ATTENTION": [2]},
            {"LOSS": [361, 900]},
            {"SUBSTANDARD": [91, None]},
            {"NORMAL": [1, 1], "ATTENTION": [2, 90]},
        ],
    )
    def test_cls_02_refuses_gaps_and_overlaps(self, ledger, changes):
        error = refused(lambda: self.save(ledger, self.tiers(**changes)))
        assert (error.code, error.message) == ("CLS-02", "分类区间重叠或不连续。")
        assert ClassBucket.objects.get(risk_class="LOSS").from_day == 361

    def test_cls_02_refuses_a_missing_class(self):
        assert not are_continuous([("NORMAL", 0, None)])

    def test_only_the_administrator_changes_them(self, ledger):
        error = refused(lambda: self.save(ledger, self.tiers(), ledger.lender.people.hrm))
        assert (error.code, error.status) == ("DOC-05", 403)

    def test_led_01_refuses_an_order_without_one_of_the_parts(self, ledger):
        error = refused(
            lambda: update_ledger_setting(
                values={"normal_order": ["FEE", "PENALTY", "INTEREST"]},
                seen_version=1,
                actor=ledger.lender.people.adm,
                now=ledger.lender.now,
            )
        )
        assert (error.code, error.field) == ("LED-01", "normal_order")


class TestReports:
    def test_provisions_are_the_rates_of_the_tiers(self, ledger):
        ledger.loan("100000.00", method="BULLET", term_months=12)
        bad = ledger.loan("1000.00", term_months=1)
        late(ledger, bad, 91)
        found = provisions(ledger.fin)
        by_class = {row.risk_class: row.provision for row in found.rows}
        assert by_class["NORMAL"] == money("1000")
        assert by_class["SUBSTANDARD"] == money("250")
        assert (found.unpaid, found.bad) == (money("101000"), money("1000"))

    def test_the_trial_balance_has_no_difference(self, ledger):
        loan = ledger.loan()
        ledger.repay(loan, "7600", date(2026, 4, 22))
        balance = trial_balance(ledger.fin, day=date(2026, 4, 22))
        assert balance.difference == 0
        assert balance.total.principal == fresh(loan).unpaid_principal
        assert balance.total.cash == money("7600") - money("500000")
        check_books(loan, date(2026, 4, 22))

    def test_n26_each_branch_sees_its_own(self, ledger):
        loan = late(ledger, ledger.loan(term_months=1), 3)
        people = ledger.lender.people
        assert list(overdue_loans(people.brm)) == [loan]
        assert list(Loan.objects.visible_to(people.other_am)) == []
        assert list(Loan.objects.visible_to(people.adm)) == []
        assert trial_balance(people.fin, day=DUE, branch_id=people.other_branch.pk).rows == ()

    def test_a_row_of_the_arrears_asks_nothing_more(self, ledger, client):
        client.force_login(ledger.lender.people.hrm)
        asked = []
        for _number in range(2):
            late(ledger, ledger.loan(term_months=1), 3)
            client.get(reverse("funds:arrears"))
            with CaptureQueriesContext(connection) as statements:
                client.get(reverse("funds:arrears"))
            asked.append(len(statements))
        assert asked[0] == asked[1] <= 10

    def test_the_totals_of_the_days_are_the_journal(self, ledger):
        loan = ledger.loan()
        ledger.repay(loan, "7600", date(2026, 4, 22))
        ledger.repay(ledger.loan("20000.00"), "300", date(2026, 4, 22))
        whole = trial_balance(ledger.fin, day=date(2026, 4, 22))
        branch = trial_balance(ledger.fin, day=date(2026, 4, 22), branch_id=loan.branch_id)
        assert whole == branch
        assert whole.total.count == LedgerEntry.objects.count()
        assert trial_balance(ledger.fin, day=date(2026, 3, 1)).rows == ()

    def test_folding_the_totals_leaves_their_sums(self, ledger):
        for _number in range(3):
            ledger.loan("20000.00")
        before = trial_balance(ledger.fin, day=DUE)
        assert fold_totals() > 0
        assert LedgerTotal.objects.filter(kind="DISBURSEMENT").count() == 1
        assert trial_balance(ledger.fin, day=DUE) == before
        assert fold_totals() == 0
