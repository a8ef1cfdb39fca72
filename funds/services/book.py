"""The open book of one loan: every act of the ledger changes it through here.

``open_book`` locks the loan first, so acts on one loan follow each other. Entries and
instalments are collected and written by ``close``, with the loan's running figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from applications.assessment import local_day
from applications.choices import BizStatus
from customers.models import Customer
from funds import errors, hooks
from funds.choices import (
    BAD_CLASSES,
    EntryKind,
    LineStatus,
    LoanStatus,
    ScheduleState,
)
from funds.models import (
    LedgerEntry,
    Loan,
    LoanCharge,
    ScheduleLine,
    ScheduleVersion,
)
from funds.models.fields import ZERO
from funds.rules.growth import Growth, growth
from funds.rules.planning import NewLine
from funds.rules.position import overdue_since
from funds.selectors.state import LoanState, state_of
from staff.services.guards import lock_row

if TYPE_CHECKING:
    from funds.models import Repayment
    from staff.models import Employee

_PARTS = ("principal", "interest", "penalty", "fee")
#: what time adds by itself; a repayment may be taken back across it
GROWTH_KINDS = (EntryKind.INTEREST_DUE, EntryKind.LATE_INTEREST, EntryKind.PENALTY)
_GROWING = (
    "late_interest",
    "penalty",
    "interest_booked",
    "principal_paid",
    "interest_paid",
    "penalty_paid",
    "interest_waived",
    "penalty_waived",
    "late_to",
    "penalty_to",
    "cleared_on",
    "status",
)


@dataclass
class Book(LoanState):
    """A loan with the instalments in force and its fees, about to be changed.

    ``actor`` is None for what happens by time alone.
    """

    actor: Employee | None
    now: datetime
    balances: dict[str, Decimal] = field(default_factory=dict)
    was_ended: bool = False
    _entries: list[LedgerEntry] = field(default_factory=list)
    _touched: dict[int, ScheduleLine] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return local_day(self.now)

    def enter(self, kind: str, day: date, **values: Any) -> LedgerEntry:
        """Add a row to the journal; amounts are signed changes, income follows from them."""
        self.loan.last_entry += 1
        entry = LedgerEntry(
            loan=self.loan,
            no=self.loan.last_entry,
            kind=kind,
            day=day,
            actor=self.actor,
            at=self.now,
            **values,
        )
        entry.income = entry.principal + entry.interest + entry.penalty + entry.fee + entry.cash
        for part in _PARTS:
            self.balances[part] = self.balances.get(part, ZERO) + getattr(entry, part)
            setattr(entry, f"{part}_after", self.balances[part])
        self.loan.unpaid_principal = self.balances["principal"]
        self._entries.append(entry)
        return entry

    def touch(self, line: ScheduleLine) -> None:
        """Have the instalment written when the book is closed."""
        line.status = _line_status(line)
        line.cleared_on = _cleared_on(line, self.loan.booked_to)
        self._touched[line.pk] = line

    def bring_up_to(self, day: date) -> None:
        """Put into the journal what fell due and what late principal cost up to ``day``."""
        terms = self.terms
        for line in self.lines:
            if line.due > day:
                continue
            if line.interest_booked < line.interest:
                self._book_interest(line, line.due)
            grown = growth(line, day, terms)
            self._grow(line, day, grown)
        self.loan.booked_to = max(self.loan.booked_to, day)

    def book_interest(
        self, line: ScheduleLine, amount: Decimal, day: date, repayment: Repayment | None = None
    ) -> None:
        """Book interest of an instalment that is not due yet because it is paid or waived."""
        line.interest_booked += amount
        self.enter(EntryKind.INTEREST_DUE, day, interest=amount, line=line, repayment=repayment)
        self.touch(line)

    def _book_interest(self, line: ScheduleLine, day: date) -> None:
        self.book_interest(line, line.interest - line.interest_booked, day)

    def _grow(self, line: ScheduleLine, day: date, grown: Growth) -> None:
        # The dates move also where nothing grew: what is paid later must not grow backwards.
        if grown.interest:
            line.late_interest += grown.interest
            self.enter(
                EntryKind.LATE_INTEREST,
                day,
                interest=grown.interest,
                line=line,
                from_day=line.late_to,
            )
        if grown.penalty:
            line.penalty += grown.penalty
            self.enter(
                EntryKind.PENALTY, day, penalty=grown.penalty, line=line, from_day=line.penalty_to
            )
        if grown.interest:
            line.late_to = day
        if grown.penalty:
            line.penalty_to = day
        if grown.interest or grown.penalty:
            self.touch(line)

    def replace_schedule(
        self,
        new_lines: Iterable[NewLine],
        *,
        reason: str,
        day: date,
        old_state: str = ScheduleState.REPLACED,
    ) -> ScheduleVersion:
        """Put the next version in force; the old one stays on record as ``old_state``."""
        self.write_lines()
        ScheduleVersion.objects.filter(loan=self.loan, state=ScheduleState.CURRENT).update(
            state=old_state
        )
        rows = list(new_lines)
        # Versions are never reused: that of a reversed repayment keeps its number.
        last = ScheduleVersion.objects.filter(loan=self.loan).order_by("-no").first()
        version = ScheduleVersion.objects.create(
            loan=self.loan,
            no=last.no + 1 if last else 1,
            reason=reason,
            principal=sum((row.principal for row in rows), ZERO),
            annual_rate=self.loan.annual_rate,
            method=self.loan.method,
            starts_on=day,
            ends_on=max(row.contractual_due for row in rows),
            created_at=self.now,
            created_by=self.actor,
        )
        self.lines = ScheduleLine.objects.bulk_create(
            [_stored(version, number, row) for number, row in enumerate(rows, start=1)]
        )
        self.loan.schedule_version = version.no
        return version

    def write_lines(self) -> None:
        if self._touched:
            ScheduleLine.objects.bulk_update(self._touched.values(), _GROWING)
            self._touched.clear()

    def close(self) -> None:
        """Write everything and bring the loan's running figures up to today."""
        self.write_lines()
        LedgerEntry.objects.bulk_create(self._entries)
        self._entries.clear()
        refresh(self.loan, self.lines, self.charges, today=self.today)
        self.loan.version += 1
        self.loan.save()
        if self.loan.is_ended != self.was_ended:
            self.was_ended = self.loan.is_ended
            hooks.tell_of_end(self.loan, now=self.now)


def open_book(*, loan_id: int, actor: Employee | None, now: datetime) -> Book:
    """The loan under its lock, after that of its customer; 404 when there is none.

    The class of one loan depends on the customer's others, so acts on all of them take turns.
    Raises CMP-04 for a loan of a completed business, of which nothing changes any more.
    """
    customer = Loan.objects.filter(pk=loan_id).values_list("customer_id", flat=True).first()
    lock_row(Customer, customer or 0)
    loan = lock_row(Loan, loan_id)
    if loan.application.biz_status == BizStatus.COMPLETED:
        raise errors.business_completed(loan.application.doc_no)
    return read_book(loan=loan, actor=actor, now=now)


def read_book(*, loan: Loan, actor: Employee | None, now: datetime) -> Book:
    """The book of a loan that the caller has locked, or only looks at and never closes."""
    last = LedgerEntry.objects.filter(loan=loan).order_by("-no").first()
    state = state_of(loan)
    return Book(
        loan=loan,
        lines=state.lines,
        charges=state.charges,
        setting=state.setting,
        actor=actor,
        now=now,
        balances={part: getattr(last, f"{part}_after") if last else ZERO for part in _PARTS},
        was_ended=loan.is_ended,
    )


def refresh(
    loan: Loan, lines: Sequence[ScheduleLine], charges: Sequence[LoanCharge], *, today: date
) -> None:
    """Overdue days and status as of ``today``; nothing is written."""
    was_overdue = loan.overdue_since is not None
    loan.overdue_since = overdue_since(lines, today)
    loan.overdue_days = loan.days_overdue(today)
    if loan.overdue_since is None and was_overdue:
        loan.cured_on = today
    elif loan.overdue_since is not None:
        loan.cured_on = None
    if loan.status in (LoanStatus.WRITTEN_OFF, LoanStatus.REVERSED):
        return
    is_settled = all(line.unpaid <= 0 for line in lines) and all(
        charge.unpaid <= 0 for charge in charges
    )
    loan.settled_on = (loan.settled_on or loan.booked_to) if is_settled else None
    loan.status = _status(loan, is_settled=is_settled)


def _status(loan: Loan, *, is_settled: bool) -> str:
    if is_settled:
        return LoanStatus.SETTLED
    if loan.risk_class in BAD_CLASSES:
        return LoanStatus.BAD
    if loan.overdue_since is not None:
        return LoanStatus.OVERDUE
    return LoanStatus.EXTENDED if loan.extension_count else LoanStatus.NORMAL


def _line_status(line: ScheduleLine) -> str:
    if line.unpaid <= 0:
        return LineStatus.PAID
    is_touched = line.principal_paid + line.interest_paid + line.penalty_paid > 0
    return LineStatus.PARTLY if is_touched else LineStatus.PENDING


def _cleared_on(line: ScheduleLine, day: date) -> date | None:
    """Of what owed principal or interest at all, which a penalty carried over does not; ``day``
    is the value day of the act, to which the books have been brought."""
    if line.uncleared > 0 or not line.total + line.late_interest:
        return None
    return line.cleared_on or day


def _stored(version: ScheduleVersion, number: int, row: NewLine) -> ScheduleLine:
    return ScheduleLine(
        version=version,
        no=number,
        starts_on=row.starts_on,
        contractual_due=row.contractual_due,
        due=row.due,
        base=row.base,
        principal=row.principal,
        interest=row.interest,
        annual_rate=row.annual_rate,
        carried_interest=row.carried_interest,
        penalty=row.penalty,
        interest_booked=row.interest_booked,
        late_to=row.late_to or row.due,
        penalty_to=row.penalty_to or row.due,
    )
