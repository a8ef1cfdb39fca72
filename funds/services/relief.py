"""退息、免息: an approved waiver goes into the ledger, an approved refund is paid (M13)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile

from applications.assessment import local_day
from funds.choices import ReliefStatus
from funds.models import InterestRefundWaiver
from funds.models.fields import ZERO
from funds.services.adjustments import refund_interest, waive_interest
from funds.services.payments import pay

if TYPE_CHECKING:
    from staff.models import Employee

KIND_CODE = "interest_relief"


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

    def settle(request: InterestRefundWaiver, day: date, reference: str) -> dict[str, Any]:
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
        return {
            "biz_status": ReliefStatus.REFUNDED,
            "open_loan": None,
            "claimed": ZERO,
            "entry": entry,
        }

    request: InterestRefundWaiver = pay(
        kind=KIND_CODE,
        document_id=document_id,
        pending=ReliefStatus.PENDING,
        settle=settle,
        paid_on=paid_on,
        bank_ref=bank_ref,
        actor=actor,
        now=now,
        receipt=receipt,
        seen_version=seen_version,
        ip=ip,
    )
    return request
