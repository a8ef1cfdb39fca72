"""返点: finance pays the channel what was approved (domain M14)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile

from funds.choices import RebateStatus
from funds.models import RebateApplication
from funds.rules.rebates import payment_refusals
from funds.services.payments import pay
from lending_crm.common.errors import refuse_all

if TYPE_CHECKING:
    from staff.models import Employee

KIND_CODE = "rebate_application"


def pay_rebate(
    *,
    document_id: int,
    paid_on: date,
    bank_ref: str,
    actor: Employee,
    now: datetime,
    receipt: UploadedFile | None = None,
    seen_version: int | None = None,
    ip: str | None = None,
) -> RebateApplication:
    """Book that the channel was paid: the day, the bank's reference, and the receipt.

    What could have changed since the approval is asked again under the lock (N9). Raises
    DOC-05, FTR-08 (N21), WF-12, PAY-01, PAY-02, REB-01, REB-02, REB-04, REB-06, REB-07, REB-09,
    FTR-07 (N29), ORG-20, ORG-21, and ATT-02 and FIL-01 for the receipt.
    """
    rebate: RebateApplication = pay(
        kind=KIND_CODE,
        document_id=document_id,
        pending=RebateStatus.PENDING,
        settle=_settle,
        paid_on=paid_on,
        bank_ref=bank_ref,
        actor=actor,
        now=now,
        receipt=receipt,
        seen_version=seen_version,
        ip=ip,
    )
    return rebate


def _settle(rebate: RebateApplication, day: date, reference: str) -> dict[str, Any]:
    refuse_all(payment_refusals(rebate, day=day))
    return {"biz_status": RebateStatus.PAID, "open_application": None}
