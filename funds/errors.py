"""Refusals of the loan ledger: REP, CLS, and what other documents hear from it (domain.md)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from lending_crm.common.formats import format_day
from lending_crm.common.money import format_amount


def before_last_repayment(day: date) -> DomainError:
    return DomainError(
        "REP-01",
        _("The repayment date cannot be earlier than the last repayment (%(day)s)."),
        status=422,
        field="paid_on",
        params={"day": format_day(day)},
    )


def amount_not_positive() -> DomainError:
    return DomainError(
        "REP-02",
        _("The repayment amount must be greater than 0."),
        status=422,
        field="amount",
    )


def disbursement_not_positive() -> DomainError:
    return DomainError(
        "REP-02", _("The disbursement must be greater than 0."), status=422, field="principal"
    )


def fee_not_positive() -> DomainError:
    return DomainError("REP-02", _("The fee must be greater than 0."), status=422, field="amount")


def reference_taken() -> DomainError:
    return DomainError(
        "REP-03", _("The bank reference is already booked."), status=409, field="bank_ref"
    )


def above_total_due(total: Decimal) -> DomainError:
    return DomainError(
        "REP-04",
        _("The repayment amount exceeds the total due of %(total)s yuan."),
        status=422,
        field="amount",
        params={"total": format_amount(total)},
    )


def in_the_future() -> DomainError:
    return DomainError(
        "REP-05",
        _("The repayment date cannot be later than today."),
        status=422,
        field="paid_on",
    )


def later_booking(what: str) -> DomainError:
    return DomainError(
        "REP-06",
        _("Later bookings rest on this repayment (%(what)s); reverse them first."),
        params={"what": what},
    )


def already_reversed() -> DomainError:
    return DomainError("REP-07", _("The repayment is already reversed."))


def below_settlement(total: Decimal) -> DomainError:
    return DomainError(
        "REP-08",
        _("Settling the loan on this day takes %(total)s yuan."),
        status=422,
        field="amount",
        params={"total": format_amount(total)},
    )


def no_early_principal(total: Decimal) -> DomainError:
    return DomainError(
        "REP-09",
        _("An early repayment must be more than the %(total)s yuan due on this day."),
        status=422,
        field="amount",
        params={"total": format_amount(total)},
    )


def loan_ended(loan_no: str) -> DomainError:
    return DomainError(
        "REP-10", _("Loan %(no)s is settled or written off."), params={"no": loan_no}
    )


def before_last_booking(day: date, *, field: str) -> DomainError:
    return DomainError(
        "REP-11",
        _("The day cannot be earlier than the last booking (%(day)s)."),
        status=422,
        field=field,
        params={"day": format_day(day)},
    )


def text_missing(field: str, label: object) -> DomainError:
    return DomainError(
        "REP-12",
        _("Please fill in “%(label)s”."),
        status=422,
        field=field,
        params={"label": label},
    )


def fee_of_a_repayment() -> DomainError:
    return DomainError(
        "REP-15",
        _("The early-repayment fee comes and goes with the early repayment; it is not typed."),
        status=422,
        field="kind",
    )


def fee_partly_paid() -> DomainError:
    return DomainError(
        "REP-16", _("The fee is paid already, in part at least; reverse the repayment first.")
    )


def fee_already_reversed() -> DomainError:
    return DomainError("REP-17", _("The fee is already reversed."))


def waiver_above_unpaid(amount: Decimal, unpaid: Decimal) -> DomainError:
    return DomainError(
        "INT-01",
        _("The waiver of %(amount)s yuan exceeds the unpaid interest of %(unpaid)s yuan."),
        status=422,
        field="amount",
        params={"amount": format_amount(amount), "unpaid": format_amount(unpaid)},
    )


def penalty_waiver_above_unpaid(amount: Decimal, unpaid: Decimal) -> DomainError:
    return DomainError(
        "INT-12",
        _("The waiver of %(amount)s yuan exceeds the unpaid penalty interest of %(unpaid)s yuan."),
        status=422,
        field="penalty_part",
        params={"amount": format_amount(amount), "unpaid": format_amount(unpaid)},
    )


def refund_above_received(amount: Decimal, received: Decimal) -> DomainError:
    return DomainError(
        "INT-02",
        _("The refund of %(amount)s yuan exceeds the refundable interest of %(received)s yuan."),
        status=422,
        field="amount",
        params={"amount": format_amount(amount), "received": format_amount(received)},
    )


def extension_of_ended(loan_no: str) -> DomainError:
    return DomainError("EXT-01", _("Loan %(no)s is settled or completed."), params={"no": loan_no})


def extension_above_unpaid(unpaid: Decimal) -> DomainError:
    return DomainError(
        "EXT-06",
        _("The amount cannot exceed the unpaid principal of %(unpaid)s yuan."),
        status=422,
        field="amount",
        params={"unpaid": format_amount(unpaid)},
    )


def extension_interest_unpaid(interest: Decimal) -> DomainError:
    return DomainError(
        "EXT-08",
        _("Interest of %(interest)s yuan up to the extension date must be paid first."),
        params={"interest": format_amount(interest)},
    )


def extension_not_later(due: date) -> DomainError:
    return DomainError(
        "EXT-11",
        _("The new due date must lie after %(due)s."),
        status=422,
        field="new_due",
        params={"due": format_day(due)},
    )


def transfer_taken(reference: str) -> DomainError:
    return DomainError(
        "FTR-07",
        _("Bank reference %(ref)s is already booked."),
        field="bank_ref",
        params={"ref": reference},
    )


def reference_refusals(reference: str) -> Mapping[str, Callable[[], DomainError]]:
    """What the database's guards of N29 are called, and what they mean (``refusing``)."""
    guards = ("ledger_reference_once", "reference_leaves_once")
    return dict.fromkeys(guards, lambda: transfer_taken(reference))


def above_contract(amount: Decimal, undisbursed: Decimal, contract: Decimal) -> DomainError:
    """FTR-03 where the signed contract is below the approval."""
    return DomainError(
        "FTR-03",
        _(
            "The disbursement of %(amount)s yuan exceeds the undisbursed amount of "
            "%(undisbursed)s yuan (contract %(contract)s, disbursed or in process %(disbursed)s)."
        ),
        status=422,
        field="principal",
        params={
            "amount": format_amount(amount),
            "undisbursed": format_amount(undisbursed),
            "contract": format_amount(contract),
            "disbursed": format_amount(contract - undisbursed),
        },
    )


def above_undisbursed(amount: Decimal, undisbursed: Decimal, approved: Decimal) -> DomainError:
    return DomainError(
        "FTR-03",
        _(
            "The disbursement of %(amount)s yuan exceeds the undisbursed amount of "
            "%(undisbursed)s yuan (approved %(approved)s, disbursed or in process %(disbursed)s)."
        ),
        status=422,
        field="principal",
        params={
            "amount": format_amount(amount),
            "undisbursed": format_amount(undisbursed),
            "approved": format_amount(approved),
            "disbursed": format_amount(approved - undisbursed),
        },
    )


def nothing_undisbursed(doc_no: str, payable: Decimal) -> DomainError:
    """FTR-03 before an amount is typed: there is nothing left that one could type."""
    return DomainError(
        "FTR-03",
        _(
            "Nothing of business %(no)s is undisbursed: the %(payable)s yuan that may be paid out"
            " are all disbursed or in process."
        ),
        status=422,
        field="principal",
        params={"no": doc_no, "payable": format_amount(payable)},
    )


def not_approved(doc_no: str) -> DomainError:
    return DomainError(
        "FTR-01",
        _("Business %(no)s is not approved or its approval has expired; it cannot be paid out."),
        params={"no": doc_no},
    )


def business_completed(doc_no: str) -> DomainError:
    return DomainError("CMP-04", _("Business %(no)s is completed already."), params={"no": doc_no})


def cost_above_cap(rate: Decimal, cap: Decimal) -> DomainError:
    from applications.rules.refusals import all_in_above_cap

    return all_in_above_cap(rate=rate, cap=cap)


def class_too_good(label: object) -> DomainError:
    return DomainError(
        "CLS-01",
        _("The class cannot be better than “%(label)s”, the lowest by days overdue."),
        status=422,
        field="risk_class",
        params={"label": label},
    )


def buckets_broken() -> DomainError:
    return DomainError("CLS-02", _("The classification tiers overlap or leave a gap."), status=422)


def rows_unreadable(sentence: object, **params: object) -> DomainError:
    return DomainError("REP-13", sentence, status=422, field="file", params=params)  # type: ignore[arg-type]


def missing_columns(names: Sequence[str]) -> DomainError:
    return rows_unreadable(
        _("The first row must name these columns: %(names)s."), names="、".join(names)
    )


def not_to_write_off(risk_class: object) -> DomainError:
    return DomainError(
        "WOF-01",
        _(
            "Only a loan classed as loss whose customer is with asset recovery is written off;"
            " this one is “%(class)s”."
        ),
        params={"class": risk_class},
    )


def write_off_proposed(loan_no: str) -> DomainError:
    return DomainError(
        "WOF-02", _("The write-off of loan %(no)s is proposed already."), params={"no": loan_no}
    )


def own_write_off() -> DomainError:
    return DomainError(
        "WOF-03", _("Who proposed a write-off cannot book it; somebody else does."), status=403
    )


def no_write_off() -> DomainError:
    return DomainError("WOF-04", _("No write-off of this loan is proposed."))


def order_incomplete(field: str) -> DomainError:
    return DomainError(
        "LED-01",
        _("The order must name fees, penalty interest, interest and principal once each."),
        status=422,
        field=field,
    )


FILE_TOO_LARGE = _("The file is larger than 5 MB.")
NOT_EXCEL = _("The file cannot be read; save it as an Excel workbook (.xlsx).")
NO_ROWS = _("The file has no rows.")
TOO_MANY_ROWS = _("The file has more than %(limit)s rows; divide it.")
NO_SUCH_LOAN = _("There is no loan “%(no)s”.")
NO_SUCH_DAY = _("“%(text)s” is no date.")
NO_SUCH_AMOUNT = _("“%(text)s” is no amount.")
