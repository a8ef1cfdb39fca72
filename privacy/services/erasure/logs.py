"""What logs say of the person: changes, accesses, downloads, text messages, notifications."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from customers.models import Contact, Customer, SensitiveAccess
from customers.services.anonymising import (
    CONTACT_COLUMNS,
    CONTACT_NAMES,
    CUSTOMER_COLUMNS,
    CUSTOMER_NAMES,
)
from documents.models import Document, DownloadLog
from funds.models import Loan
from lending_crm.common.models import ChangeRecord, OutboxMessage
from privacy.services.erasure.subject import Subject, documents_by_label
from privacy.services.erasure.tables import write_past_triggers
from privacy.services.erasure.words import PLACEHOLDER, Words
from sms.choices import CONSENT_KINDS, UNSUBSCRIBE
from sms.models import Allowance, ConsentProof, SmsMessage
from staff.models import EmailDelivery, Notification

_COLUMNS = {
    Customer._meta.label_lower: frozenset(CUSTOMER_COLUMNS),
    Contact._meta.label_lower: frozenset(CONTACT_COLUMNS),
}
_NAMES = {
    Customer._meta.label_lower: frozenset(CUSTOMER_NAMES),
    Contact._meta.label_lower: frozenset(CONTACT_NAMES),
}


def change_records(subject: Subject) -> Any:
    """The change log of the customer and of all that hangs on it."""
    about = {
        Customer._meta.label_lower: list(subject.customers),
        Contact._meta.label_lower: list(subject.contact_ids),
        "customers.opportunity": list(subject.opportunities),
        Loan._meta.label_lower: list(subject.loans),
        **documents_by_label(subject),
    }
    clause = Q(pk__in=())
    for label, ids in about.items():
        if ids:
            clause |= Q(model=label, object_id__in=ids)
    return ChangeRecord.objects.filter(clause)


def earlier_values(subject: Subject) -> list[str]:
    """What the columns of persons held once: former names, addresses and masked numbers."""
    found: list[str] = []
    for row in change_records(subject).filter(model__in=_NAMES):
        if row.field in _NAMES[row.model]:
            found += [row.old, row.new]
    return found


def scrub_changes(subject: Subject, words: Words) -> int:
    """Who changed which field when stays; what a person's field held does not."""
    count = 0
    for row in change_records(subject).iterator():
        if row.field in _COLUMNS.get(row.model, ()):
            changes = {name: PLACEHOLDER for name in ("old", "new") if getattr(row, name)}
        else:
            changes = {name: words.scrub(getattr(row, name)) for name in ("old", "new")}
            changes = {name: text for name, text in changes.items() if text != getattr(row, name)}
        if changes:
            write_past_triggers(ChangeRecord, row.pk, changes)
            count += 1
    return count


def scrub_accesses(subject: Subject, words: Words) -> int:
    """Who saw a number or took a file stays on record, without the name on it."""
    people = Q(model=Customer._meta.label_lower, object_id__in=subject.customers)
    people |= Q(model=Contact._meta.label_lower, object_id__in=subject.contact_ids)
    people |= Q(
        model=SmsMessage._meta.label_lower,
        object_id__in=SmsMessage.objects.filter(_messages(subject)).values("pk"),
    )
    count = 0
    for access in SensitiveAccess.objects.filter(people):
        changes = {"label": PLACEHOLDER, "reason": words.scrub(access.reason)}
        write_past_triggers(SensitiveAccess, access.pk, changes)
        count += 1
    taken = Q(attachment__document__in=subject.documents)
    taken |= Q(file__consents__customer=subject.customer)
    for row in DownloadLog.objects.filter(taken).distinct():
        clean = words.scrub(row.file_name)
        if clean != row.file_name:
            write_past_triggers(DownloadLog, row.pk, {"file_name": clean})
            count += 1
    return count


def scrub_messages(subject: Subject) -> int:
    """Text messages and proofs of consent; the last word of a number that somebody else has
    now stays with the number, so that a refusal is never forgotten (N24)."""
    count = 0
    indexes: set[str] = set()
    for message in SmsMessage.objects.filter(_messages(subject)):
        if not _is_shared(message.number, subject):
            indexes.add(message.number_index)
        # The database keeps a way out at the end of every commercial text.
        text = PLACEHOLDER + (UNSUBSCRIBE if message.kind in CONSENT_KINDS else "")
        number = {"number": "", "number_index": "", "number_masked": ""}
        told = {"recipient": "", "text": text, "error": ""}
        write_past_triggers(SmsMessage, message.pk, number | told)
        count += 1
    for proof in ConsentProof.objects.filter(_messages(subject)):
        count += 1
        if _is_shared(proof.number, subject):
            values: dict[str, Any] = {"customer": None, "contact": None, "note": PLACEHOLDER}
        else:
            indexes.add(proof.number_index)
            values = {"number": "", "number_index": "", "number_masked": "", "note": PLACEHOLDER}
        write_past_triggers(ConsentProof, proof.pk, values)
    Allowance.objects.filter(number_index__in=indexes - {""}).delete()
    return count


def scrub_notifications(subject: Subject, words: Words) -> int:
    """What people were told of the customer and of his cases."""
    numbers = [
        subject.customer.customer_no,
        *Document.objects.filter(pk__in=subject.documents).values_list("doc_no", flat=True),
    ]
    count = 0
    told: Any = Notification.objects.filter(
        Q(case_id__in=subject.cases) | Q(params__doc_no__in=numbers)
    )
    posted: Any = EmailDelivery.objects.filter(params__doc_no__in=numbers)
    # A message that could not be delivered is parked and may lie there for years.
    parked: Any = OutboxMessage.objects.filter(
        Q(payload__case_id__in=subject.cases) | Q(payload__params__doc_no__in=numbers)
    )
    for rows, column in ((told, "params"), (posted, "params"), (parked, "payload")):
        for row in rows:
            said = getattr(row, column)
            clean = words.scrub(said)
            if clean != said:
                rows.model.objects.filter(pk=row.pk).update(**{column: clean})
                count += 1
    return count


def _messages(subject: Subject) -> Q:
    return Q(customer=subject.customer) | Q(contact__in=subject.contact_ids)


def _is_shared(number: str, subject: Subject) -> bool:
    """Whether a record of another customer has the number too."""
    customers = Customer.objects.filter(phone=number).exclude(pk=subject.customer.pk)
    contacts = Contact.objects.filter(Q(mobile=number) | Q(phone2=number))
    return customers.exists() or contacts.exclude(customer=subject.customer).exists()
