"""The ledger proves itself after any sequence of events (domain M24, N30)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications.choices import RepaymentMethod
from funds.choices import InterestTreatment, Treatment
from funds.models import Loan
from funds.models.fields import ZERO
from funds.rules.planning import Division, Due, divide_anew, extension_lines, first_schedule
from funds.rules.rates import Rates
from funds.selectors.loans import loan_position, refundable_interest, settlement_figure
from funds.services.adjustments import refund_interest, waive_interest
from funds.services.disbursement import add_disbursement
from funds.services.extensions import extend_loan
from funds.services.repayments import reverse_repayment
from lending_crm.common.errors import DomainError
from tests.funds.factories import Ledger, at, check_books, fresh, money, reference

METHODS = [method for method in RepaymentMethod.values if method != "CUSTOM"]
DAY_COUNTS = ["30/360", "ACT/360", "ACT/365"]
amounts = st.integers(1, 10**11).map(lambda fen: Decimal(fen).scaleb(-2))
rates = st.integers(0, 240_000).map(lambda value: Decimal(value).scaleb(-4))
days = st.dates(date(2024, 1, 1), date(2027, 12, 31))


class TestSchedules:
    @given(
        method=st.sampled_from(METHODS),
        principal=amounts,
        rate=rates,
        months=st.integers(1, 60),
        start=days,
        day_count=st.sampled_from(DAY_COUNTS),
    )
    @settings(max_examples=150, deadline=None)
    def test_n30_the_instalments_add_up_to_the_principal(
        self, method, principal, rate, months, start, day_count
    ):
        rows = first_schedule(
            Division(method, Rates(rate), day_count, start.day),
            principal=principal,
            months=months,
            start=start,
            first_due=None,
            rest_day="NEXT_WORKING_DAY",
            is_working_day=lambda day: day.weekday() < 5,
        )
        self.check(rows, principal)

    @given(
        method=st.sampled_from([*METHODS, "CUSTOM"]),
        principal=amounts,
        parts=st.lists(amounts, min_size=1, max_size=24),
        rate=rates,
        start=days,
        treatment=st.sampled_from([Treatment.REDUCE, Treatment.SHORTEN]),
    )
    @settings(max_examples=150, deadline=None)
    def test_n30_also_when_what_is_left_is_divided_anew(
        self, method, principal, parts, rate, start, treatment
    ):
        dues = [
            Due(start + timedelta(30 * number), start + timedelta(30 * number), part, part)
            for number, part in enumerate(parts, start=1)
        ]
        rows = divide_anew(
            Division(method, Rates(rate), "30/360", start.day),
            principal=principal,
            start=start,
            dues=dues,
            treatment=treatment,
        )
        self.check(rows, principal)

    @given(
        method=st.sampled_from([*METHODS, "CUSTOM"]),
        principal=amounts,
        rate=rates,
        start=days,
        length=st.integers(1, 800),
    )
    @settings(max_examples=150, deadline=None)
    def test_n30_also_of_an_extension(self, method, principal, rate, start, length):
        end = start + timedelta(length)
        rows = extension_lines(
            Division(method, Rates(rate), "ACT/365", start.day),
            principal=principal,
            start=start,
            end=end,
            rest_day="SAME_DAY",
            is_working_day=lambda day: True,
        )
        self.check(rows, principal)
        assert rows[-1].contractual_due <= end
        assert rows[0].starts_on == start

    def check(self, rows: list[Any], principal: Decimal) -> None:
        assert sum(row.principal for row in rows) == principal
        assert all(row.principal >= 0 and row.interest >= 0 for row in rows)
        assert all(row.starts_on < row.contractual_due for row in rows)


class Acts:
    """Random acts on one loan; what the rules refuse leaves everything as it was."""

    def __init__(self, ledger: Ledger, loan: Loan) -> None:
        self.ledger, self.loan, self.day = ledger, loan, ledger.start

    def run(self, act: str, size: int) -> None:
        self.day += timedelta(size % 45)
        try:
            with transaction.atomic():
                getattr(self, act)(Decimal(size % 997 + 1) / 997)
        except DomainError:
            pass
        check_books(self.loan, self.day)

    @property
    def position(self):
        return loan_position(fresh(self.loan), self.day)

    def pay_due(self, share: Decimal) -> None:
        position = self.position
        amount = max(position.due_total * share, Decimal("0.01"))
        self.ledger.repay(self.loan, amount.quantize(Decimal("0.01")), self.day)

    def pay_ahead(self, share: Decimal) -> None:
        position = self.position
        self.ledger.repay(self.loan, position.due_total + position.next_amount, self.day)

    def prepay(self, share: Decimal) -> None:
        figure = settlement_figure(fresh(self.loan), self.day)
        treatment = Treatment.REDUCE if share < Decimal("0.5") else Treatment.SHORTEN
        self.ledger.repay(
            self.loan,
            (figure.total * share).quantize(Decimal("0.01")),
            self.day,
            treatment=treatment,
        )

    def settle(self, share: Decimal) -> None:
        if share > Decimal("0.9"):
            figure = settlement_figure(fresh(self.loan), self.day)
            self.ledger.repay(self.loan, figure.total, self.day, treatment=Treatment.SETTLE)

    def reverse(self, share: Decimal) -> None:
        last = self.loan.repayments.standing().order_by("-id").first()
        if last is not None:
            reverse_repayment(
                repayment_id=last.pk, reason="错", actor=self.ledger.fin, now=at(self.day)
            )

    def waive(self, share: Decimal) -> None:
        position = self.position
        waive_interest(
            loan_id=self.loan.pk,
            amount=((position.interest + position.accrued) * share).quantize(Decimal("0.01")),
            penalty_part=(position.penalty * share).quantize(Decimal("0.01")),
            day=self.day,
            reason="减免",
            reference="MX-1",
            actor=self.ledger.fin,
            now=at(self.day),
        )

    def refund(self, share: Decimal) -> None:
        left = refundable_interest(fresh(self.loan))
        refund_interest(
            loan_id=self.loan.pk,
            amount=(left * share).quantize(Decimal("0.01")),
            day=self.day,
            bank_ref=reference(),
            reason="退息",
            reference="TX-1",
            actor=self.ledger.fin,
            now=at(self.day),
        )

    def disburse(self, share: Decimal) -> None:
        add_disbursement(
            loan_id=self.loan.pk,
            transfer_ref=reference(),
            principal=(money(20_000) * share).quantize(Decimal("0.01")),
            disbursed_on=self.day,
            actor=self.ledger.fin,
            now=at(self.day),
        )

    def extend(self, share: Decimal) -> None:
        loan = fresh(self.loan)
        treatment = (
            InterestTreatment.MERGE if share < Decimal("0.7") else InterestTreatment.SETTLE_FIRST
        )
        part = (loan.unpaid_principal * share).quantize(Decimal("0.01")) or None
        extend_loan(
            loan_id=loan.pk,
            new_due=max(loan.due_date, self.day) + timedelta(100),
            rate=loan.annual_rate + 2,
            treatment=treatment,
            amount=part if share > Decimal("0.3") else None,
            reference="ZQ-1",
            actor=self.ledger.fin,
            now=at(self.day),
        )


ACTS = [
    "pay_due",
    "pay_ahead",
    "prepay",
    "settle",
    "reverse",
    "waive",
    "refund",
    "disburse",
    "extend",
]


class TestAnySequence:
    @given(
        method=st.sampled_from(METHODS),
        acts=st.lists(
            st.tuples(st.sampled_from(ACTS), st.integers(0, 10**6)), min_size=1, max_size=10
        ),
    )
    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    def test_the_ledger_balances_after_every_event(self, ledger, method, acts):
        with transaction.atomic():
            loan = ledger.loan(
                "100000.00",
                application=ledger.approved(
                    "140000.00", approval_valid_until=ledger.start + timedelta(2000)
                ),
                method=method,
                term_months=6,
                annual_rate=Decimal(12),
            )
            walk = Acts(ledger, loan)
            for act, size in acts:
                walk.run(act, size)
            assert fresh(loan).unpaid_principal >= ZERO
            transaction.set_rollback(True)
