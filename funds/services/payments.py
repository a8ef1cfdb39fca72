"""What every payment by finance shares: who may pay, what it leaves, its receipt, who is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q

from applications.assessment import local_day
from documents.choices import WfStatus
from documents.kinds import routed_kind
from documents.models import Attachment, Document, StoredFile
from documents.rules import refuse_unless
from documents.services.attachments import attach_to_decided
from documents.services.files import store_upload
from documents.services.guard import ensure_version
from documents.services.outcomes import write_outcome
from funds import errors
from funds.categories import RECEIPT
from funds.models import LedgerEntry
from funds.permissions import may_book
from funds.rules import refusals
from lending_crm.common.errors import DomainError, not_found
from lending_crm.common.outbox import publish_all
from staff.choices import RoleCode
from staff.events import notice
from staff.selectors import holders
from staff.services.guards import refusing, required_line
from workflows.models import WorkItem

if TYPE_CHECKING:
    from staff.models import Employee

WAITING, DONE, FAILED = "payment.waiting", "payment.done", "payment.failed"
_KEPT = ("biz_status", "paid_on", "bank_ref", "executor")

#: what follows from a payment: document, day, reference → columns of the document that change
Settle = Callable[[Any, date, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Receipt:
    """回单 whose bytes are kept already."""

    file: StoredFile
    name: str


def may_pay(document: Any, user: Employee) -> bool:
    """FTR-08 (N21): neither who wrote the document nor anybody who decided on it."""
    if user.pk in (document.creator_id, document.handler_id):
        return False
    decided = WorkItem.objects.filter(case=document.case_id, decided_by__isnull=False)
    return not decided.filter(Q(decided_by=user) | Q(on_behalf_of=user)).exists()


def refuse_payer(document: Any, actor: Employee, *, seen_version: int | None) -> None:
    """DOC-05 for anybody but finance, WF-12 on a stale page, FTR-08 for who takes part."""
    refuse_unless(may_book(actor))
    ensure_version(document, seen_version)
    if not may_pay(document, actor):
        raise refusals.own_transfer()


def refuse_unpayable(document: Any, pending: str) -> None:
    """PAY-01 for what is not approved, or is not waiting for its payment."""
    if document.wf_status != WfStatus.APPROVED:
        raise refusals.not_to_be_paid(document.get_wf_status_display())
    if document.biz_status != pending:
        raise refusals.not_to_be_paid(document.get_biz_status_display())


def payment_day(day: date, *, now: datetime) -> date:
    """Raises PAY-02."""
    if day > local_day(now):
        raise refusals.paid_in_the_future()
    return day


def bank_reference(text: str) -> str:
    """The reference, cleaned; raises ORG-20 and ORG-21."""
    label = LedgerEntry._meta.get_field("bank_ref").verbose_name
    return required_line(text, field="bank_ref", label=label, limit=60)


def pay(
    *,
    kind: str,
    document_id: int,
    pending: str,
    settle: Settle,
    paid_on: date,
    bank_ref: str,
    actor: Employee,
    now: datetime,
    receipt: UploadedFile | None,
    seen_version: int | None,
    ip: str | None,
) -> Any:
    """Finance has paid a document that was approved and is ``pending``; the document, locked.

    ``settle(document, day, reference)`` does what follows in the ledger, asks again what could
    have changed since the approval, and gives the columns of the document that change. Raises
    DOC-05, FTR-08 (N21), WF-12, PAY-01, PAY-02, FTR-07 (N29), ORG-20, ORG-21, what ``settle``
    raises, and ATT-02 and FIL-01 for the receipt.
    """
    refuse_unless(may_book(actor))
    proof = keep_receipt(upload=receipt, actor=actor, now=now)
    with transaction.atomic():
        document = routed_kind(kind).lock(document_id)
        refuse_payer(document, actor, seen_version=seen_version)
        refuse_unpayable(document, pending)
        reference, day = bank_reference(bank_ref), payment_day(paid_on, now=now)
        values = settle(document, day, reference)
        with refusing(_taken(reference)):
            write_outcome(
                document=document,
                kept=_KEPT,
                actor=actor,
                now=now,
                ip=ip,
                paid_on=day,
                bank_ref=reference,
                executor=actor,
                **values,
            )
        if proof is not None:
            attach_receipt(document=document, receipt=proof, actor=actor, now=now, ip=ip)
        tell_handler(event=DONE, document=document, actor=actor, now=now)
    return document


def _taken(reference: str) -> dict[str, Callable[[], DomainError]]:
    """The refusal behind each constraint that a payment can run into."""
    taken = partial(errors.transfer_taken, reference)
    own = ("relief_reference_once", "rebate_reference_once")
    return {
        **errors.reference_refusals(reference),
        **dict.fromkeys(own, taken),
        "executed_by_another": refusals.own_transfer,
    }


def keep_receipt(*, upload: UploadedFile | None, actor: Employee, now: datetime) -> Receipt | None:
    """Keep the bytes, before the transaction that locks a document (``store_upload``)."""
    if upload is None:
        return None
    refuse_unless(may_book(actor))
    return Receipt(store_upload(upload=upload, actor=actor, now=now), upload.name or "")


def attach_receipt(
    *, document: Any, receipt: Receipt, actor: Employee, now: datetime, ip: str | None
) -> Attachment:
    """The receipt on the paid and locked document; its title is the bank reference."""
    return attach_to_decided(
        document=document,
        actor=actor,
        now=now,
        title=document.bank_ref,
        category=RECEIPT.code,
        file=receipt.file,
        file_name=receipt.name,
        ip=ip,
    )


def add_receipt(
    *,
    document_id: int,
    upload: UploadedFile,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> Attachment:
    """回单 of a payment that is booked already; finance only, whatever the approval's status.

    Raises DOC-05, PAY-03 when nothing is paid, ATT-02 and FIL-01 for the file.
    """
    refuse_unless(may_book(actor))
    receipt = Receipt(store_upload(upload=upload, actor=actor, now=now), upload.name or "")
    with transaction.atomic():
        kind = Document.objects.filter(pk=document_id).values_list("kind", flat=True).first()
        if kind is None:
            raise not_found()
        document = routed_kind(kind).lock(document_id)
        if not getattr(document, "bank_ref", ""):
            raise refusals.no_payment_to_prove()
        return attach_receipt(document=document, receipt=receipt, actor=actor, now=now, ip=ip)


def tell_finance(*, document: Any, actor: Employee, now: datetime) -> None:
    """An approved document waits for its payment."""
    people = [person.pk for person in holders(RoleCode.FIN)]
    _tell(WAITING, people, document, actor=actor, now=now)


def tell_handler(
    *, event: str, document: Any, actor: Employee, now: datetime, opinion: str = ""
) -> None:
    """The money went out, or the bank returned it."""
    people = [document.handler_id, document.creator_id]
    _tell(event, people, document, actor=actor, now=now, opinion=opinion)


def _tell(
    event: str,
    people: Sequence[int],
    document: Any,
    *,
    actor: Employee,
    now: datetime,
    opinion: str = "",
) -> None:
    message = notice(
        event,
        people,
        url=document.get_absolute_url(),
        case_id=document.case_id,
        by=actor,
        doc_no=document.doc_no,
        subject=document.subject,
        party=document.customer.name,
        opinion=opinion,
    )
    publish_all(message, now=now)
