"""匿名化: take the person out of everything that is kept of a customer whose time is over (R10).

docs/decisions/0015-anonymising-leaves-the-history-whole.md says what goes and what stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

import structlog

from customers.models import Customer
from customers.services.anonymising import (
    anonymise_contact_row,
    anonymise_customer_row,
    naming_values,
)
from lending_crm.common.errors import DomainError
from privacy import retention_errors as errors
from privacy.models import Anonymisation
from privacy.selectors.retention import due_customers, explained
from privacy.selectors.settings import privacy_setting
from privacy.services.erasure.files import book_files, erase_booked_files, own_files
from privacy.services.erasure.logs import (
    earlier_values,
    scrub_accesses,
    scrub_changes,
    scrub_messages,
    scrub_notifications,
)
from privacy.services.erasure.subject import Subject, subject_of
from privacy.services.erasure.tables import named_persons, scrub_tables
from privacy.services.erasure.words import Words, with_masks
from staff.models import Employee
from staff.services.guards import lock_row
from workflows.models import Case, HistoryEvent
from workflows.services.redaction import redact_case

_log = structlog.get_logger(__name__)


@transaction.atomic
def anonymise_customer(
    *, customer_id: int, now: datetime, actor: Employee | None = None
) -> Anonymisation:
    """Everything that says who the customer and its contacts were goes, in one transaction.

    Done before, it answers with what was done then. Raises RET-02 for a customer that is not
    due at this moment, looked at again under its lock. The bytes of its files go after the
    commit (``erase_booked_files``).
    """
    customer = lock_row(Customer, customer_id)
    done = Anonymisation.objects.filter(customer=customer).first()
    if done is not None:
        return done
    due = explained(due_customers(now=now).filter(pk=customer.pk))
    if not due:
        raise errors.not_due(customer.customer_no)
    subject = subject_of(customer)
    words = _words(subject)
    # First what is found by the numbers that the rows still hold.
    messages = scrub_messages(subject) + scrub_notifications(subject, words)
    changes = scrub_changes(subject, words) + scrub_accesses(subject, words)
    records = scrub_tables(subject, words)
    anonymise_customer_row(customer, now=now)
    for contact in subject.contacts:
        anonymise_contact_row(contact, now=now)
    snapshots = sum(
        redact_case(case_id=case, scrub=words.scrub, party=customer.name, now=now)
        for case in subject.cases
    )
    files = own_files(subject)
    act = Anonymisation.objects.create(
        customer=customer,
        customer_no=customer.customer_no,
        branch_id=customer.branch_id,
        ended_on=due[0].ended_on,
        keep_years=privacy_setting().keep_years,
        by=actor,
        at=now,
        contacts=len(subject.contacts),
        records=records,
        changes=changes,
        snapshots=snapshots,
        messages=messages,
        opinions=_opinions(subject, words),
        files=len(files),
    )
    book_files(files, act)
    return act


def run_retention(*, now: datetime, limit: int | None = None) -> tuple[int, int]:
    """Anonymise whoever is due, a transaction each, then remove the bytes of their files.

    One that fails is logged and stops no other. Returns how many customers and files went.
    """
    count = 0
    for pk in _due_ids(now, limit):
        try:
            anonymise_customer(customer_id=pk, now=now)
        except DomainError as refusal:
            _log.warning("anonymising refused", customer=pk, code=refusal.code)
        except Exception:
            _log.exception("anonymising failed", customer=pk)
        else:
            count += 1
    return count, erase_booked_files(now=now)


def _due_ids(now: datetime, limit: int | None) -> list[int]:
    return list(due_customers(now=now).values_list("pk", flat=True)[:limit])


def _words(subject: Subject) -> Words:
    now = [text for record in subject.people for text in naming_values(record)]
    return Words(with_masks([*now, *earlier_values(subject), *named_persons(subject)]))


def _opinions(subject: Subject, words: Words) -> int:
    """Events that still name the person: counted, not touched (WF-16)."""
    events: Iterator[HistoryEvent] = HistoryEvent.objects.filter(
        case__in=Case.objects.filter(pk__in=subject.cases)
    ).iterator()
    return sum(words.names([event.opinion, event.conditions, event.data]) for event in events)
