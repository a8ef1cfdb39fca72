"""The fee sheet as it stands: what the document says, and what finance booked since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from applications.choices import BookingKind
from applications.models import FeeBooking, IntermediaryApplication, SheetLine
from applications.row_tables import SHEET


@dataclass(frozen=True)
class Balances:
    """Yuan; ``balance`` is money of the customer that is still with the company."""

    due: Decimal = Decimal("0.00")
    received: Decimal = Decimal("0.00")
    paid: Decimal = Decimal("0.00")
    refunded: Decimal = Decimal("0.00")

    @property
    def balance(self) -> Decimal:
        return self.received - self.paid - self.refunded

    def __add__(self, other: Balances) -> Balances:
        return Balances(
            self.due + other.due,
            self.received + other.received,
            self.paid + other.paid,
            self.refunded + other.refunded,
        )


@dataclass(frozen=True)
class StandingLine:
    line: SheetLine
    balances: Balances


@dataclass(frozen=True)
class Sheet:
    lines: Sequence[StandingLine]
    bookings: Sequence[FeeBooking]

    @property
    def total(self) -> Balances:
        return sum((each.balances for each in self.lines), Balances())


def balances_of(line: SheetLine) -> Balances:
    return _balances(line, line.bookings.all())


def sheet_of(document: IntermediaryApplication) -> Sheet:
    """Two queries, one where the document's page has read its lists."""
    lines = SHEET.stored(document)
    bookings = list(
        FeeBooking.objects.filter(line__document=document)
        .select_related("line", "booked_by", "reversal")
        .order_by("id")
    )
    standing = [
        StandingLine(line, _balances(line, [b for b in bookings if b.line_id == line.pk]))
        for line in lines
    ]
    return Sheet(standing, bookings)


def _balances(line: SheetLine, bookings: Iterable[FeeBooking]) -> Balances:
    sums = {
        BookingKind.RECEIPT: line.received,
        BookingKind.PAYMENT: line.paid,
        BookingKind.REFUND: line.refunded,
    }
    for booking in bookings:
        signed = -booking.amount if booking.reverses_id else booking.amount
        sums[BookingKind(booking.kind)] += signed
    return Balances(
        line.due,
        sums[BookingKind.RECEIPT],
        sums[BookingKind.PAYMENT],
        sums[BookingKind.REFUND],
    )
