"""资金划拨: finance pays what was approved, reports what failed, and reverses (domain M12)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from applications.assessment import local_day
from applications.calculation import PlanRow
from contracts.rules.cost import contract_cost_refusals
from contracts.rules.plans import part_of_plan
from customers.models import Customer
from documents.choices import WfStatus
from documents.kinds import routed_kind
from documents.rules import refuse_unless
from documents.services.guard import ensure_version
from documents.services.outcomes import write_outcome
from funds import errors, hooks
from funds.choices import PAYABLE_STATUSES, TransferStatus
from funds.kinds.transfer import KIND_CODE
from funds.models import FundTransfer, Loan
from funds.models.fields import ZERO
from funds.permissions import may_book
from funds.rules import rebate_refusals, refusals
from funds.rules.transfers import payee_differs, unpayable
from funds.selectors.rebates import reserve_of
from funds.services.disbursement import add_disbursement, open_loan, reverse_disbursement
from funds.services.payments import (
    DONE,
    FAILED,
    attach_receipt,
    bank_reference,
    keep_receipt,
    may_pay,
    tell_handler,
)
from lending_crm.common.errors import not_found, refuse_all
from sms.choices import Usage
from sms.services.events import announce
from staff.services.guards import lock_row, refusing, required_line
from workflows.models import Case

if TYPE_CHECKING:
    from staff.models import Employee

_KEPT = ("biz_status", "executed_on", "bank_ref", "executor", "outcome_reason")


def execute_transfer(
    *,
    transfer_id: int,
    executed_on: date,
    bank_ref: str,
    paid_amount: Decimal,
    actor: Employee,
    now: datetime,
    receipt: UploadedFile | None = None,
    seen_version: int | None = None,
    ip: str | None = None,
) -> FundTransfer:
    """Book that the money went out: opens the loan, or adds to it, with its schedule.

    ``paid_amount`` in yuan is what the payee received: the whole principal, or FTR-09 (N23).
    Raises DOC-05, FTR-08 (N21), FTR-13, BUS-07 (N14), FTR-01, FTR-02 (N12), FTR-05 (N20),
    BUS-05 (N22), FTR-15, FTR-14, FTR-07 (N29), what the ledger refuses: FTR-03, REP-05, REP-11,
    REP-14, and ATT-02 and FIL-01 for the receipt.
    """
    refuse_unless(may_book(actor))
    kept = keep_receipt(upload=receipt, actor=actor, now=now)
    with transaction.atomic():
        transfer = _lock(transfer_id, actor, seen_version=seen_version)
        _refuse_execution(transfer, executed_on, paid_amount, actor)
        bank_ref = bank_reference(bank_ref)
        if FundTransfer.objects.filter(bank_ref=bank_ref).exists():
            raise errors.transfer_taken(bank_ref)
        loan = _pay_out(transfer, executed_on, bank_ref, actor=actor, now=now)
        with refusing(
            {
                "transfer_reference_once": lambda: errors.transfer_taken(bank_ref),
                "executed_by_another": refusals.own_transfer,
            }
        ):
            write_outcome(
                document=transfer,
                kept=_KEPT,
                actor=actor,
                now=now,
                ip=ip,
                biz_status=TransferStatus.EXECUTED,
                executed_on=executed_on,
                bank_ref=bank_ref,
                executor=actor,
                loan=loan,
                outcome_reason="",
            )
        if kept is not None:
            attach_receipt(document=transfer, receipt=kept, actor=actor, now=now, ip=ip)
        tell_handler(event=DONE, document=transfer, actor=actor, now=now)
        _tell_borrower(transfer, executed_on, now=now)
        for watcher in hooks.watchers():
            watcher.transfer_executed(transfer, now=now)
    return transfer


@transaction.atomic
def report_failure(
    *,
    transfer_id: int,
    reason: str,
    actor: Employee,
    now: datetime,
    seen_version: int | None = None,
    ip: str | None = None,
) -> FundTransfer:
    """划拨失败: the bank returned the payment; it keeps its claim and may be tried again.

    Raises DOC-05, FTR-13, and ORG-20/ORG-21 for the reason.
    """
    transfer = _lock(transfer_id, actor, seen_version=seen_version)
    _refuse_unpayable(transfer)
    reason = _reason(reason)
    write_outcome(
        document=transfer,
        kept=_KEPT,
        actor=actor,
        now=now,
        ip=ip,
        biz_status=TransferStatus.FAILED,
        outcome_reason=reason,
    )
    tell_handler(event=FAILED, document=transfer, actor=actor, now=now, opinion=reason)
    return transfer


@transaction.atomic
def reverse_transfer(
    *,
    transfer_id: int,
    reason: str,
    actor: Employee,
    now: datetime,
    seen_version: int | None = None,
    ip: str | None = None,
) -> FundTransfer:
    """冲销: take a booked payment back while nothing was repaid; a new one needs a new document.

    Raises DOC-05, FTR-08, FTR-13, REP-06, REB-11 while rebates rest on the transfer (N9), and
    ORG-20/ORG-21 for the reason.
    """
    transfer = _lock(transfer_id, actor, seen_version=seen_version)
    if not may_pay(transfer, actor):
        raise refusals.own_transfer()
    if transfer.biz_status != TransferStatus.EXECUTED or transfer.loan_id is None:
        raise refusals.not_payable(transfer.get_biz_status_display())
    reason = _reason(reason)
    found = reserve_of(transfer.application_id)
    if found.claimed > found.reserve - transfer.rebate_amount:
        raise rebate_refusals.reserve_taken(found.claimed)
    reverse_disbursement(loan_id=transfer.loan_id, bank_ref=transfer.bank_ref, actor=actor, now=now)
    write_outcome(
        document=transfer,
        kept=_KEPT,
        actor=actor,
        now=now,
        ip=ip,
        biz_status=TransferStatus.REVERSED,
        claimed=ZERO,
        outcome_reason=reason,
    )
    for watcher in hooks.watchers():
        watcher.transfer_reversed(transfer, now=now)
    return transfer


def _tell_borrower(transfer: FundTransfer, day: date, *, now: datetime) -> None:
    """X1: a text message about the money, by the main contact of the application."""
    contact = transfer.application.borrower_id
    if contact is not None:
        announce(
            usage=Usage.TRANSFERRED,
            contact_id=contact,
            values={
                "doc_no": transfer.doc_no,
                "amount": str(transfer.principal),
                "date": day.isoformat(),
            },
            key=f"transferred:{transfer.pk}",
            now=now,
        )


def _lock(transfer_id: int, actor: Employee, *, seen_version: int | None) -> FundTransfer:
    """The customer first, as the ledger does, then document and application (FTR-03)."""
    customer = FundTransfer.objects.filter(pk=transfer_id).values_list("customer_id", flat=True)
    if (customer_id := customer.first()) is None:
        raise not_found()
    lock_row(Customer, customer_id)
    transfer: FundTransfer = routed_kind(KIND_CODE).lock(transfer_id)
    refuse_unless(may_book(actor))
    ensure_version(transfer, seen_version)
    return transfer


def _refuse_execution(
    transfer: FundTransfer, day: date, paid_amount: Decimal, actor: Employee
) -> None:
    if not may_pay(transfer, actor):
        raise refusals.own_transfer()
    _refuse_unpayable(transfer)
    if reason := unpayable(transfer, day=day):
        raise reason
    if payee_differs(transfer):
        raise refusals.other_payee()
    refuse_all(contract_cost_refusals(transfer.review))
    approved_at = Case.objects.filter(pk=transfer.case_id).values_list("finished", flat=True)
    if (moment := approved_at.first()) is not None and day < local_day(moment):
        raise refusals.paid_before_approval(local_day(moment))
    if paid_amount != transfer.principal:
        raise refusals.deducted() if paid_amount < transfer.principal else refusals.paid_more()


def _refuse_unpayable(transfer: FundTransfer) -> None:
    if transfer.wf_status != WfStatus.APPROVED:
        raise refusals.not_payable(transfer.get_wf_status_display())
    if transfer.biz_status not in PAYABLE_STATUSES:
        raise refusals.not_payable(transfer.get_biz_status_display())


def _pay_out(
    transfer: FundTransfer, day: date, bank_ref: str, *, actor: Employee, now: datetime
) -> Loan:
    review, application = transfer.review, transfer.application
    if review.annual_rate is None or review.term_months is None:
        raise refusals.review_not_passed()
    running = Loan.objects.filter(application=application, contract_no=review.contract_no)
    if (loan := running.running().first()) is not None:
        return add_disbursement(
            loan_id=loan.pk,
            transfer_ref=bank_ref,
            principal=transfer.principal,
            disbursed_on=day,
            actor=actor,
            now=now,
            reference=transfer.doc_no,
        )
    plan = part_of_plan(review, transfer.principal)
    return open_loan(
        application=application,
        transfer_ref=bank_ref,
        principal=transfer.principal,
        disbursed_on=day,
        signed_on=review.signed_on,
        annual_rate=review.annual_rate,
        method=review.method,
        term_months=review.term_months,
        first_due=None,
        plan=[PlanRow(month, Decimal(principal)) for month, principal in plan],
        contract_no=review.contract_no,
        reference=transfer.doc_no,
        actor=actor,
        now=now,
    )


def _reason(text: str) -> str:
    label = FundTransfer._meta.get_field("outcome_reason").verbose_name
    return required_line(text, field="reason", label=label, limit=200)
