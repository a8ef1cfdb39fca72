"""退息、免息: an approved waiver goes into the ledger, an approved refund is paid (M13)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from applications.assessment import local_day
from documents.kinds import routed_kind
from documents.rules import refuse_unless
from funds import errors
from funds.choices import ReliefStatus
from funds.models import InterestRefundWaiver
from funds.models.fields import ZERO
from funds.permissions import may_book
from funds.rules import refusals
from funds.services.adjustments import refund_interest, waive_interest
from funds.services.payments import (
    DONE,
    Receipt,
    attach_receipt,
    bank_reference,
    keep_receipt,
    payment_day,
    refuse_payer,
    refuse_unpayable,
    tell_handler,
    write_outcome,
)
from staff.services.guards import refusing

if TYPE_CHECKING:
    from staff.models import Employee

KIND_CODE = "interest_relief"
_KEPT = ("biz_status", "paid_on", "bank_ref", "executor")


def book_waiver(*, request: InterestRefundWaiver, actor: Employee, now: datetime) -> None:
    """The approved waiver in the ledger, in the transaction of the last decision.

    ``request`` and its loan are locked; the ledger looks at today's figures (N11). Raises
    INT-01, INT-12 and REP-10.
    """
    entry = waive_interest(
        loan_id=request.loan_id,
        amount=request.amount,
        penalty_part=request.penalty_part,
        day=local_day(now),
        reason=request.get_reason_display(),
        reference=request.doc_no,
        actor=actor,
        now=now,
    )
    InterestRefundWaiver.objects.filter(pk=request.pk).update(
        biz_status=ReliefStatus.WAIVED, open_loan=None, claimed=ZERO, entry=entry
    )
    request.biz_status = ReliefStatus.WAIVED


def pay_refund(
    *,
    document_id: int,
    paid_on: date,
    bank_ref: str,
    actor: Employee,
    now: datetime,
    receipt: UploadedFile | None = None,
    seen_version: int | None = None,
    ip: str | None = None,
) -> InterestRefundWaiver:
    """退息: finance has paid the approved amount; the ledger gives the interest back.

    Raises DOC-05, FTR-08 (N21), WF-12, PAY-01, PAY-02, FTR-07 (N29), INT-02 (N11), ORG-20,
    ORG-21, and ATT-02 and FIL-01 for the receipt.
    """
    refuse_unless(may_book(actor))
    kept = keep_receipt(upload=receipt, actor=actor, now=now)
    return _pay(document_id, paid_on, bank_ref, kept, seen_version, actor=actor, now=now, ip=ip)


@transaction.atomic
def _pay(
    document_id: int,
    paid_on: date,
    bank_ref: str,
    receipt: Receipt | None,
    seen_version: int | None,
    *,
    actor: Employee,
    now: datetime,
    ip: str | None,
) -> InterestRefundWaiver:
    request: InterestRefundWaiver = routed_kind(KIND_CODE).lock(document_id)
    refuse_payer(request, actor, seen_version=seen_version)
    refuse_unpayable(request, ReliefStatus.PENDING)
    reference, day = bank_reference(bank_ref), payment_day(paid_on, now=now)
    entry = refund_interest(
        loan_id=request.loan_id,
        amount=request.amount,
        day=day,
        bank_ref=reference,
        reason=request.get_reason_display(),
        reference=request.doc_no,
        actor=actor,
        now=now,
    )
    with refusing(
        {
            "relief_reference_once": lambda: errors.transfer_taken(reference),
            "executed_by_another": refusals.own_transfer,
        }
    ):
        write_outcome(
            document=request,
            kept=_KEPT,
            actor=actor,
            now=now,
            ip=ip,
            biz_status=ReliefStatus.REFUNDED,
            open_loan=None,
            claimed=ZERO,
            entry=entry,
            paid_on=day,
            bank_ref=reference,
            executor=actor,
        )
    if receipt is not None:
        attach_receipt(document=request, receipt=receipt, actor=actor, now=now, ip=ip)
    tell_handler(event=DONE, document=request, actor=actor, now=now)
    return request
