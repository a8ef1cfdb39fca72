"""Intermediary business and its fee sheet (M8): MED-01 to MED-11."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.choices import BookingKind, IntermediaryStatus
from applications.models import IntermediaryApplication, LenderSetting, SheetLine
from documents.choices import WfStatus
from lending_crm.common.errors import DomainError
from lending_crm.common.money import format_amount, format_rate, yuan

_RUNNING = (
    IntermediaryStatus.IN_PROGRESS,
    IntermediaryStatus.FUNDED,
    IntermediaryStatus.FEE_RECEIVED,
)
#: what money that came in before leaves by
_CLEARING = (BookingKind.PAYMENT, BookingKind.REFUND)


def is_running(document: IntermediaryApplication) -> bool:
    return document.wf_status == WfStatus.APPROVED and document.biz_status in _RUNNING


def bookings_possible(document: IntermediaryApplication) -> tuple[BookingKind, ...]:
    """What finance may book on the sheet. A refused or void business takes no money in any
    more; what it holds of the customer's is passed on or given back (CMP-05)."""
    if is_running(document):
        return tuple(BookingKind)
    return _CLEARING if document.wf_status in (WfStatus.REJECTED, WfStatus.VOID) else ()


def paid_above_received(paid: Decimal, received: Decimal, field: str = "paid") -> DomainError:
    return DomainError(
        "MED-01",
        _("Paid-on %(paid)s exceeds received %(received)s."),
        status=422,
        field=field,
        params={"paid": format_amount(paid), "received": format_amount(received)},
    )


def not_cleared(balance: Decimal) -> DomainError:
    return DomainError(
        "MED-02",
        _("A balance of %(balance)s is not cleared."),
        params={"balance": format_amount(balance)},
    )


def lines_do_not_add_up() -> DomainError:
    return DomainError(
        "MED-03", _("Lines must add up to the signed amount."), status=422, field="lines"
    )


def fee_rate_above_cap(cap: Decimal) -> DomainError:
    return DomainError(
        "MED-04",
        _("Fee rate above %(cap)s%%."),
        status=422,
        field="fee_rate",
        params={"cap": format_rate(cap)},
    )


def voucher_missing() -> DomainError:
    return DomainError("MED-05", _("A voucher number is required."), status=422, field="voucher")


def contract_exists(number: str) -> DomainError:
    return DomainError(
        "MED-06",
        _("Contract %(number)s exists."),
        status=422,
        field="contract_no",
        params={"number": number},
    )


def no_principal_transfer() -> DomainError:
    return DomainError("MED-07", _("No principal transfer for intermediary business."))


def refund_above_balance(refund: Decimal, balance: Decimal, field: str) -> DomainError:
    return DomainError(
        "MED-08",
        _("A refund of %(refund)s exceeds the balance of %(balance)s."),
        status=422,
        field=field,
        params={"refund": format_amount(refund), "balance": format_amount(balance)},
    )


def in_the_future(field: str) -> DomainError:
    return DomainError("MED-09", _("The date lies in the future."), status=422, field=field)


def reversed_before() -> DomainError:
    return DomainError("MED-10", _("This booking is reversed already, or reverses another."))


def wrong_step(status: str | Promise) -> DomainError:
    return DomainError(
        "MED-11",
        _("The business is %(status)s; this step is not possible."),
        params={"status": status},
    )


def service_fee(document: IntermediaryApplication) -> Decimal:
    """服务费 = signed amount × rate, to the fen."""
    return yuan(document.sign_amount * document.fee_rate / 100)


def set_balance(line: SheetLine) -> None:
    line.balance = (line.received or 0) - (line.paid or 0) - (line.refunded or 0)


def line_refusals(line: SheetLine) -> Iterable[DomainError]:
    """MED-01, MED-05 and MED-08 of one line of the fee sheet."""
    if line.paid > line.received:
        yield paid_above_received(line.paid, line.received)
    elif line.refunded > line.received - line.paid:
        yield refund_above_balance(line.refunded, line.received - line.paid, "refunded")
    if line.paid > 0 and not line.voucher.strip():
        yield voucher_missing()


def date_refusals(document: IntermediaryApplication, *, day: date) -> Iterator[DomainError]:
    """MED-09: nothing is signed, received or paid on a day to come."""
    if document.signed_on > day:
        yield in_the_future("signed_on")
    for index, line in enumerate(document.sheet.all()):
        for name in ("received_on", "paid_on"):
            moment = getattr(line, name)
            if moment is not None and moment > day:
                yield in_the_future(f"sheet.{index}.{name}")


def submission_refusals(
    document: IntermediaryApplication, *, setting: LenderSetting
) -> Iterator[DomainError]:
    """MED-03 and MED-04; an empty list of lines is named by WF-08 already."""
    if document.lines.exists() and document.amount_total != document.sign_amount:
        yield lines_do_not_add_up()
    if document.fee_rate > setting.intermediary_fee_cap:
        yield fee_rate_above_cap(setting.intermediary_fee_cap)
