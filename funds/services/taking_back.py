"""冲销 in the book: mirror what was booked, and put the schedule before it back into force."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from funds import errors
from funds.choices import ChargeKind, EntryKind, LoanStatus, ScheduleState
from funds.models import LedgerEntry, RepaymentAllocation, ScheduleLine, ScheduleVersion
from funds.selectors.state import lines_in_force
from funds.services.book import GROWTH_KINDS, Book

if TYPE_CHECKING:
    from funds.models import Repayment

_PARTS = ("principal", "interest", "penalty", "fee")


def take_back(book: Book, repayment: Repayment) -> None:
    """Mirror the entries of a repayment and of what grew around it (REP-06).

    Stops at the act before it: up to that day everything stays as it was booked.
    """
    own, before = _entries_to_take_back(book, lambda entry: entry.repayment_id == repayment.pk)
    if before is None:
        raise LookupError(f"loan {book.loan.pk} has no disbursement")
    if repayment.schedule is not None:
        _restore_schedule(book, repayment.schedule)
    lines = {line.pk: line for line in book.lines}
    allocations = list(repayment.allocations.select_related("line", "charge"))
    touched = [entry.line_id for entry in own] + [each.line_id for each in allocations]
    missing = {pk for pk in touched if pk is not None and pk not in lines}
    lines |= {line.pk: line for line in ScheduleLine.objects.filter(pk__in=missing)}
    for entry in own:
        if entry.kind == EntryKind.REPAYMENT:
            _take_back_allocations(book, allocations, lines)
        elif entry.line_id is not None:
            _shrink(lines[entry.line_id], entry)
            book.touch(lines[entry.line_id])
        _mirror(book, entry)
    book.loan.booked_to = before.day


def take_back_disbursement(book: Book, bank_ref: str) -> None:
    """Mirror the last disbursement and what grew since, while nothing was repaid (REP-06).

    The schedule before it comes back into force; after the first disbursement nothing is
    left of the loan but its journal.
    """
    own, before = _entries_to_take_back(
        book, lambda entry: entry.kind == EntryKind.DISBURSEMENT and entry.bank_ref == bank_ref
    )
    paid_out = next(entry for entry in own if entry.kind == EntryKind.DISBURSEMENT)
    for entry in own:
        _mirror(book, entry)
    made = ScheduleVersion.objects.get(loan=book.loan, state=ScheduleState.CURRENT)
    book.loan.principal -= paid_out.principal
    if before is None:
        if any(charge.unpaid > 0 for charge in book.charges):
            raise errors.later_booking(str(EntryKind.FEE.label))
        ScheduleVersion.objects.filter(pk=made.pk).update(state=ScheduleState.REVERSED)
        book.lines, book.loan.status = [], LoanStatus.REVERSED
        book.loan.booked_to = paid_out.day
        return
    _restore_schedule(book, made)
    lines = {line.pk: line for line in book.lines}
    for entry in own:
        if entry.line_id in lines:
            _shrink(lines[entry.line_id], entry)
            book.touch(lines[entry.line_id])
    book.loan.booked_to = before.day


def _mirror(book: Book, entry: LedgerEntry) -> None:
    book.enter(
        EntryKind.REVERSAL,
        entry.day,
        reverses=entry,
        repayment_id=entry.repayment_id,
        line_id=entry.line_id,
        cash=-entry.cash,
        **{part: -getattr(entry, part) for part in _PARTS},
    )


def _entries_to_take_back(
    book: Book, is_own: Callable[[LedgerEntry], bool]
) -> tuple[list[LedgerEntry], LedgerEntry | None]:
    entries = LedgerEntry.objects.filter(loan=book.loan).order_by("-no")
    undone = {entry.reverses_id for entry in entries}
    own: list[LedgerEntry] = []
    is_found = False
    for entry in entries:
        if entry.kind == EntryKind.REVERSAL or entry.pk in undone:
            continue
        if is_own(entry):
            is_found = True
            own.append(entry)
        elif entry.kind in GROWTH_KINDS:
            own.append(entry)
        elif entry.kind == EntryKind.FEE:
            continue  # charged on its own, nothing was computed from it
        elif not is_found:
            raise errors.later_booking(str(EntryKind(entry.kind).label))
        else:
            return own, entry
    return own, None


def _restore_schedule(book: Book, made: ScheduleVersion) -> None:
    ScheduleVersion.objects.filter(pk=made.pk).update(state=ScheduleState.REVERSED)
    before = (
        ScheduleVersion.objects.filter(loan=book.loan, no__lt=made.no)
        .exclude(state=ScheduleState.REVERSED)
        .order_by("-no")[0]
    )
    ScheduleVersion.objects.filter(pk=before.pk).update(state=ScheduleState.CURRENT)
    book.lines = lines_in_force(book.loan)
    book.loan.schedule_version = before.no
    book.loan.due_date = before.ends_on


def _take_back_allocations(
    book: Book, allocations: Iterable[RepaymentAllocation], lines: Mapping[int, ScheduleLine]
) -> None:
    for each in allocations:
        if each.line_id is not None:
            line = lines[each.line_id]
            line.principal_paid -= each.principal
            line.interest_paid -= each.interest
            line.penalty_paid -= each.penalty
            book.touch(line)
            continue
        charge = next(found for found in book.charges if found.pk == each.charge_id)
        charge.paid -= each.fee
        if (
            LedgerEntry.objects.filter(repayment=each.repayment_id, kind=EntryKind.FEE).exists()
            and charge.kind == ChargeKind.EARLY_REPAYMENT
        ):
            # The fee was charged by this repayment and is owed no longer.
            charge.waived = charge.amount
        charge.save(update_fields=["paid", "waived"])


def _shrink(line: ScheduleLine, entry: LedgerEntry) -> None:
    """Take from an instalment what an entry of growth had added to it."""
    if entry.kind == EntryKind.INTEREST_DUE:
        line.interest_booked -= entry.interest
    elif entry.kind == EntryKind.LATE_INTEREST:
        line.late_interest -= entry.interest
        line.late_to = entry.from_day or line.late_to
    elif entry.kind == EntryKind.PENALTY:
        line.penalty -= entry.penalty
        line.penalty_to = entry.from_day or line.penalty_to
