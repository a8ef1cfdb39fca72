"""What happens to intermediary business after its approval (M8): each step one act.

The fee sheet is frozen with the document, so that receipts, payments and refunds are rows of
their own, which finance adds and nobody changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction

from applications.assessment import local_day
from applications.choices import BookingKind, IntermediaryStatus
from applications.models import FeeBooking, IntermediaryApplication, SheetLine
from applications.permissions import may_book_fees
from applications.rules import intermediary as rules
from applications.sheet import Balances, balances_of, sheet_of
from documents.choices import WfStatus
from documents.errors import wrong_status
from documents.kinds import routed_kind
from documents.rules import refuse_unless
from documents.values import as_stored, field_refusals
from lending_crm.common.changes import field_values, record_changes
from lending_crm.common.errors import DomainError, not_found, refuse_all
from lending_crm.common.text import clean_text
from workflows.errors import not_handler, reason_too_short

if TYPE_CHECKING:
    from staff.models import Employee

KIND = "intermediary_application"
#: 终止 needs a reason of this length, as every act that ends a document
REASON_LENGTH = 5


@transaction.atomic
def book_fee(
    *,
    line_id: int,
    kind: str,
    amount: Decimal,
    booked_on: date,
    actor: Employee,
    now: datetime,
    voucher: str = "",
    note: str = "",
) -> FeeBooking:
    """Register a receipt, a payment or a refund on a line of the approved sheet.

    A rejected or void one can still be paid on and refunded. Raises DOC-05 for anybody but
    finance, WF-05 and MED-11 for what the business does not allow now, MED-01 for paying
    more than was received, MED-05 without a voucher, MED-08 for refunding more than is left,
    MED-09 for a day to come.
    """
    line = _locked_line(line_id)
    refuse_unless(may_book_fees(actor))
    _ensure_bookable(line.document, kind)
    booking = FeeBooking(
        line=line,
        kind=kind,
        amount=as_stored(FeeBooking, "amount", amount),
        booked_on=booked_on,
        voucher=as_stored(FeeBooking, "voucher", voucher),
        note=as_stored(FeeBooking, "note", note),
        booked_by=actor,
        booked_at=now,
    )
    refuse_all(_booking_refusals(booking, balances_of(line), day=local_day(now)))
    booking.save()
    return booking


@transaction.atomic
def reverse_booking(*, booking_id: int, actor: Employee, now: datetime, reason: str) -> FeeBooking:
    """Answer a wrong booking by its opposite; the wrong one stays on record.

    Raises WF-07 without a reason, MED-10 when it was reversed before, MED-01 when what was
    received by it has been paid on or refunded already.
    """
    wrong = FeeBooking.objects.filter(pk=booking_id).first()
    if wrong is None:
        raise not_found()
    line = _locked_line(wrong.line_id)
    refuse_unless(may_book_fees(actor))
    _ensure_bookable(line.document)
    reason = clean_text(reason)
    if len(reason) < REASON_LENGTH:
        raise reason_too_short(REASON_LENGTH)
    if not wrong.is_reversible:
        raise rules.reversed_before()
    balances = balances_of(line)
    if wrong.kind == BookingKind.RECEIPT and wrong.amount > balances.balance:
        spent = balances.paid + balances.refunded
        raise rules.paid_above_received(spent, balances.received - wrong.amount, "amount")
    return FeeBooking.objects.create(
        line=line,
        kind=wrong.kind,
        amount=wrong.amount,
        booked_on=local_day(now),
        voucher=wrong.voucher,
        note=as_stored(FeeBooking, "note", reason)[:200],
        reverses=wrong,
        booked_by=actor,
        booked_at=now,
    )


@transaction.atomic
def confirm_funding(
    *, document_id: int, actor: Employee, now: datetime, funded_on: date, ip: str | None = None
) -> IntermediaryApplication:
    """已放款(资金方): the handler has seen that the funder paid out. WF-05, WF-29, MED-09."""
    document = _locked(document_id)
    if document.handler_id != actor.pk:
        raise not_handler()
    _ensure_status(document, IntermediaryStatus.IN_PROGRESS)
    if funded_on > local_day(now):
        raise rules.in_the_future("funded_on")
    values = {"biz_status": IntermediaryStatus.FUNDED, "funded_on": funded_on}
    return _move(document, values, actor=actor, now=now, ip=ip)


@transaction.atomic
def confirm_fee(
    *, document_id: int, actor: Employee, now: datetime, received_on: date, ip: str | None = None
) -> IntermediaryApplication:
    """已收费: finance has received our service fee. DOC-05, WF-05, MED-09."""
    document = _locked(document_id)
    refuse_unless(may_book_fees(actor))
    _ensure_status(document, IntermediaryStatus.FUNDED)
    if received_on > local_day(now):
        raise rules.in_the_future("received_on")
    values = {"biz_status": IntermediaryStatus.FEE_RECEIVED, "fee_received_on": received_on}
    return _move(document, values, actor=actor, now=now, ip=ip)


@transaction.atomic
def settle(
    *, document_id: int, actor: Employee, now: datetime, ip: str | None = None
) -> IntermediaryApplication:
    """已结清: MED-02 while money of the customer is still with the company."""
    document = _locked(document_id)
    refuse_unless(may_book_fees(actor))
    _ensure_status(document, IntermediaryStatus.FEE_RECEIVED)
    _ensure_cleared(document)
    return _move(document, {"biz_status": IntermediaryStatus.SETTLED}, actor=actor, now=now, ip=ip)


@transaction.atomic
def terminate(
    *, document_id: int, actor: Employee, now: datetime, reason: str, ip: str | None = None
) -> IntermediaryApplication:
    """终止: the business comes to nothing; WF-07 without a reason, MED-02 as for a settlement."""
    document = _locked(document_id)
    if document.handler_id != actor.pk:
        raise not_handler()
    _ensure_status(document, IntermediaryStatus.IN_PROGRESS, IntermediaryStatus.FUNDED)
    reason = clean_text(reason)
    if len(reason) < REASON_LENGTH:
        raise reason_too_short(REASON_LENGTH)
    _ensure_cleared(document)
    values = {"biz_status": IntermediaryStatus.TERMINATED, "held_contract_no": None}
    return _move(document, values, actor=actor, now=now, ip=ip, reason=reason)


def _locked(document_id: int) -> IntermediaryApplication:
    found: IntermediaryApplication = routed_kind(KIND).lock(document_id)
    return found


def _locked_line(line_id: int) -> SheetLine:
    """The line, its document locked: sums and status are judged on what really holds."""
    line = SheetLine.objects.filter(pk=line_id).first()
    if line is None:
        raise not_found()
    line.document = _locked(line.document_id)
    return line


def _ensure_bookable(document: IntermediaryApplication, kind: str = "") -> None:
    possible = rules.bookings_possible(document)
    if not possible or (kind == BookingKind.RECEIPT and kind not in possible):
        raise _wrong_state(document)


def _wrong_state(document: IntermediaryApplication) -> DomainError:
    if document.wf_status != WfStatus.APPROVED:
        return wrong_status(document.wf_status)
    return rules.wrong_step(document.get_biz_status_display())


def _ensure_status(document: IntermediaryApplication, *allowed: IntermediaryStatus) -> None:
    if document.wf_status != WfStatus.APPROVED or document.biz_status not in allowed:
        raise _wrong_state(document)


def _ensure_cleared(document: IntermediaryApplication) -> None:
    balance = sheet_of(document).total.balance
    if balance != 0:
        raise rules.not_cleared(balance)


def _booking_refusals(booking: FeeBooking, balances: Balances, *, day: date) -> list[DomainError]:
    try:
        booking.clean_fields(exclude=["line", "booked_by", "reverses"])
    except ValidationError as error:
        return field_refusals(error)
    found = []
    if booking.booked_on > day:
        found.append(rules.in_the_future("booked_on"))
    if booking.kind == BookingKind.PAYMENT:
        if booking.amount > balances.balance:
            spent = balances.paid + balances.refunded + booking.amount
            found.append(rules.paid_above_received(spent, balances.received, "amount"))
        if not booking.voucher:
            found.append(rules.voucher_missing())
    if booking.kind == BookingKind.REFUND and booking.amount > balances.balance:
        found.append(rules.refund_above_balance(booking.amount, balances.balance, "amount"))
    return found


def _move(
    document: IntermediaryApplication,
    values: Mapping[str, Any],
    *,
    actor: Employee,
    now: datetime,
    ip: str | None,
    reason: str = "",
) -> IntermediaryApplication:
    """Write the step and keep it in 修改记录."""
    shown = [name for name in values if name != "held_contract_no"]
    before = field_values(document, shown)
    for name, value in values.items():
        setattr(document, name, value)
    IntermediaryApplication.objects.filter(pk=document.pk).update(**values)
    after = field_values(document, shown)
    if reason:
        after["biz_status"] = f"{after['biz_status']}:{reason}"
    record_changes(instance=document, before=before, after=after, actor=actor, now=now, ip=ip)
    return document
