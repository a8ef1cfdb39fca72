"""返点: finance pays the channel what was approved (domain M14)."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from documents.kinds import routed_kind
from documents.rules import refuse_unless
from funds import errors
from funds.choices import RebateStatus
from funds.models import RebateApplication
from funds.permissions import may_book
from funds.rules import refusals
from funds.rules.rebates import payment_refusals
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
from lending_crm.common.errors import refuse_all
from staff.services.guards import refusing

if TYPE_CHECKING:
    from staff.models import Employee

KIND_CODE = "rebate_application"
_KEPT = ("biz_status", "paid_on", "bank_ref", "executor")


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
    DOC-05, FTR-08 (N21), WF-12, PAY-01, PAY-02, REB-01, REB-02, REB-04, REB-07, FTR-07 (N29),
    ORG-20, ORG-21, and ATT-02 and FIL-01 for the receipt.
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
) -> RebateApplication:
    rebate: RebateApplication = routed_kind(KIND_CODE).lock(document_id)
    refuse_payer(rebate, actor, seen_version=seen_version)
    refuse_unpayable(rebate, RebateStatus.PENDING)
    reference, day = bank_reference(bank_ref), payment_day(paid_on, now=now)
    refuse_all(payment_refusals(rebate))
    guards = {**errors.reference_refusals(reference), "executed_by_another": refusals.own_transfer}
    guards["rebate_reference_once"] = guards["reference_leaves_once"]
    with refusing(guards):
        write_outcome(
            document=rebate,
            kept=_KEPT,
            actor=actor,
            now=now,
            ip=ip,
            biz_status=RebateStatus.PAID,
            open_application=None,
            paid_on=day,
            bank_ref=reference,
            executor=actor,
        )
    if receipt is not None:
        attach_receipt(document=rebate, receipt=receipt, actor=actor, now=now, ip=ip)
    tell_handler(event=DONE, document=rebate, actor=actor, now=now)
    return rebate
