"""The step of a route that texts the customer: his document was approved (X1).

The route only leaves a row in the outbox. The worker sends once the document is approved, by the
rules of every other message, and says in the history what came of it.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise, lazystr
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from documents.kinds import RoutedDocumentKind
from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from sms.choices import Usage
from sms.selectors import text_for
from sms.services.sending import send_by_event
from workflows.act import Act
from workflows.bpmn.model import ServiceTask
from workflows.choices import CaseState
from workflows.kinds import DocumentKind, kind_for
from workflows.models import Case
from workflows.service_tasks import ServiceAct
from workflows.services.system_steps import note_system_step

APPROVAL_TOPIC = "sms.approval"


def _leave_word(act: Act, task: ServiceTask) -> None:
    titles = {"title": task.name, "title_en": task.name_en}
    act.publish(APPROVAL_TOPIC, titles)


def _is_about_customers(kind: DocumentKind) -> bool:
    return isinstance(kind, RoutedDocumentKind) and kind.is_about_customers


TELL_CUSTOMER = ServiceAct(
    name="sms.approved",
    title=_("Text the customer that it was approved"),
    run=_leave_word,
    suits=_is_about_customers,
    is_closing=True,
)


def deliver_approval(message: OutboxMessage, now: datetime) -> None:
    """Handler of the topic ``sms.approval``; what a rule refuses is said in the history."""
    case = Case.objects.get(pk=message.payload["case_id"])
    note_system_step(
        case_id=case.pk,
        title=message.payload["title"],
        title_en=message.payload["title_en"],
        said=_send(case, now),
        now=now,
    )


def _send(case: Case, now: datetime) -> str | Promise:
    if case.state != CaseState.APPROVED:
        return _("No text message: the document was not approved yet when it passed this step.")
    if text_for(Usage.APPROVED) is None:
        return _("No text message: no approved template in use is sent at an approval.")
    kind = kind_for(case.document_kind)
    assert isinstance(kind, RoutedDocumentKind)  # noqa: S101 - only these are offered the step
    about = kind.customers_of([case.document_id]).values()
    customer = Customer.objects.filter(pk__in=about).first()
    if customer is None:
        return _("No text message: the document is about no customer.")
    try:
        sent = send_by_event(
            record=customer,
            usage=Usage.APPROVED,
            values=_values(case, now),
            # As the application's own message: nobody is told twice of one approval.
            dedupe_key=f"approved:{case.document_id}",
            now=now,
        )
    except DomainError as refusal:
        return format_lazy(_("No text message: {reason}"), reason=lazystr(refusal))
    if sent is None:
        return _("No text message: the customer was told of this approval before.")
    return _("The text message to the customer is in the queue.")


def _values(case: Case, now: datetime) -> dict[str, Any]:
    """An amount only as it was asked for: where a step set terms it may not be what was granted."""
    values: dict[str, Any] = {
        "doc_no": case.doc_no,
        "date": timezone.localdate(now).isoformat(),
    }
    amount: Decimal | None = case.amount
    if amount is not None and not case.items.exclude(terms={}).exists():
        values["amount"] = str(amount)
    return values
