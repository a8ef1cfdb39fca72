"""Set-up for the tests of the ledger: approved applications, and loans paid out of them."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from applications.models import BusinessApplication
from funds.models import LedgerEntry, Loan, Repayment, ScheduleLine
from funds.selectors.loans import loan_position
from funds.selectors.state import lines_in_force
from funds.services.disbursement import open_loan
from funds.services.repayments import register_repayment
from tests.applications.factories import Lender

_numbers = itertools.count(1)


def money(text: str | int) -> Decimal:
    return Decimal(text).quantize(Decimal("0.01"))


def reference() -> str:
    return f"BANK{next(_numbers):08d}"


def at(day: date) -> datetime:
    """Ten in the morning in Shanghai."""
    return datetime.combine(day, time(2, 0), tzinfo=UTC)


class Ledger:
    """A lender whose loans start on ``start``; ``fin`` books."""

    def __init__(self, lender: Lender) -> None:
        self.lender = lender
        self.fin = lender.people.fin
        self.start = lender.now.date()

    def approved(self, amount: str = "500000.00", **values: Any) -> BusinessApplication:
        return self.lender.approved(amount=amount, **values)

    def loan(self, principal: str = "500000.00", **values: Any) -> Loan:
        """A loan paid out on ``start``, by default 18 % a year, interest monthly, 3 months."""
        application = values.pop("application", None) or self.approved(
            values.pop("approved", principal),
            customer=values.pop("customer", None),
            approval_valid_until=self.day(2000),  # each part of the money needs a valid one
        )
        terms = {
            "transfer_ref": reference(),
            "principal": money(principal),
            "disbursed_on": self.start,
            "signed_on": values.get("disbursed_on", self.start),
            "annual_rate": Decimal(18),
            "method": "INTEREST_FIRST",
            "term_months": 3,
            "first_due": None,
            "actor": self.fin,
            "now": at(values.get("disbursed_on", self.start)),
        }
        return open_loan(application=application, **(terms | values))

    def repay(self, loan: Loan, amount: str | Decimal, day: date, **values: Any) -> Repayment:
        terms = {
            "bank_ref": reference(),
            "payer": "北方汇银商贸有限公司",
            "actor": self.fin,
            "now": at(day),
        }
        return register_repayment(
            loan_id=loan.pk, amount=money(str(amount)), paid_on=day, **(terms | values)
        )

    def day(self, days: int) -> date:
        return self.start + timedelta(days=days)


def fresh(loan: Loan) -> Loan:
    return Loan.objects.get(pk=loan.pk)


def lines(loan: Loan) -> list[ScheduleLine]:
    return lines_in_force(fresh(loan))


def check_books(loan: Loan, day: date) -> None:
    """Everything that the ledger must be able to prove of itself."""
    connection.check_constraints()
    loan = fresh(loan)
    entries = list(LedgerEntry.objects.filter(loan=loan).order_by("no"))
    rows = lines_in_force(loan)
    assert [entry.no for entry in entries] == list(range(1, len(entries) + 1))
    owed = {part: sum(getattr(entry, part) for entry in entries) for part in PARTS}
    last = entries[-1]
    for part in PARTS:
        assert getattr(last, f"{part}_after") == owed[part], part
    assert owed["principal"] == loan.unpaid_principal
    if loan.status != "WRITTEN_OFF":
        assert owed["principal"] == sum(line.unpaid_principal for line in rows)
        booked = sum(
            line.interest_booked + line.late_interest - line.interest_paid - line.interest_waived
            for line in rows
        )
        assert owed["interest"] == booked
        assert owed["penalty"] == sum(line.unpaid_penalty for line in rows)
        assert owed["fee"] == sum(each.unpaid for each in loan.charges.all())
        position = loan_position(loan, day)
        assert position.unpaid_principal == loan.unpaid_principal
    cash = sum(entry.cash for entry in entries)
    income = sum(entry.income for entry in entries)
    assert sum(owed.values()) + cash == income
    standing = loan.repayments.standing()
    received = sum((each.amount for each in standing), Decimal(0))
    paid_out = -sum(entry.cash for entry in entries if _left_the_bank(entry))
    assert cash == received - paid_out
    for version in loan.schedules.all():
        assert version.principal == sum(line.principal for line in version.lines.all())
    for repayment in loan.repayments.all():
        assert repayment.amount == sum(each.total for each in repayment.allocations.all())


def _left_the_bank(entry: LedgerEntry) -> bool:
    """A disbursement or a refund, or the mirror of a disbursement that was reversed."""
    kind = entry.reverses.kind if entry.reverses else entry.kind
    return kind in ("DISBURSEMENT", "REFUND")


PARTS = ("principal", "interest", "penalty", "fee")
