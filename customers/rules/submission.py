"""What must be on file before a document of this customer may be submitted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils.text import format_lazy

from customers import errors
from customers.choices import ConsentPurpose, CustomerType, MaritalStatus
from customers.hooks import Limits
from customers.models import Consent, Contact, Customer, Opportunity
from customers.rules.contacts import is_spouse
from customers.rules.fields import (
    CONTACT_TO_SUBMIT,
    OPPORTUNITY_TO_SUBMIT,
    customer_to_submit,
    label_of,
)
from lending_crm.common.errors import DomainError
from lending_crm.common.identity import check_id_no, full_years
from lending_crm.common.text import is_empty

Gap = tuple[str, object]


def find_main_contact(contacts: Iterable[Contact]) -> Contact | None:
    return next((contact for contact in contacts if contact.is_main), None)


def gaps(customer: Customer, contacts: Iterable[Contact]) -> list[Gap]:
    """Empty P fields of the customer and its contacts, as (field, label) for WF-08.

    A contact's field is named ``contacts.<id>.<field>``.
    """
    found: list[Gap] = [
        (name, label_of(Customer, name))
        for name in customer_to_submit(customer)
        if is_empty(getattr(customer, name))
    ]
    for contact in contacts:
        found += [
            (
                f"contacts.{contact.pk}.{name}",
                format_lazy("{}·{}", contact.name, label_of(Contact, name)),
            )
            for name in CONTACT_TO_SUBMIT[contact.contact_type]
            if is_empty(getattr(contact, name))
        ]
    return found


def opportunity_gaps(opportunity: Opportunity) -> list[object]:
    """Labels of the empty P fields of an opportunity, for the application on it (WF-08)."""
    title = Opportunity._meta.verbose_name
    return [
        format_lazy("{}·{}", title, label_of(Opportunity, name))
        for name in OPPORTUNITY_TO_SUBMIT
        if is_empty(getattr(opportunity, name))
    ]


def without_consent(
    customer: Customer,
    contacts: Iterable[Contact],
    consents: Sequence[Consent],
    *,
    today: date,
) -> list[str]:
    """Names of the people whose number is kept without a consent that is valid today (R10).

    Only a consent to the review of a loan counts: marketing permits no credit business.
    """
    valid = {
        consent.contact_id
        for consent in consents
        if consent.is_valid_on(today) and ConsentPurpose.LOAN_REVIEW in consent.purposes
    }
    missing = [contact.name for contact in contacts if contact.id_no and contact.pk not in valid]
    if customer.customer_type == CustomerType.PERSON and None not in valid:
        missing.insert(0, customer.name)
    return missing


def people_refusals(
    customer: Customer,
    contacts: Sequence[Contact],
    consents: Sequence[Consent],
    *,
    today: date,
    limits: Limits,
) -> list[DomainError]:
    """CON-03, CON-04, CUS-07 and CUS-09; the empty P fields come from ``gaps``."""
    found: list[DomainError] = []
    main = find_main_contact(contacts)
    if main is None:
        found.append(errors.main_contact_missing())
    elif main.marital == MaritalStatus.MARRIED and not any(map(is_spouse, contacts)):
        found.append(errors.spouse_missing())
    if not _age_fits(customer, main, today=today, limits=limits):
        found.append(errors.age_out_of_range(limits.min_age, limits.max_age))
    if without_consent(customer, contacts, consents, today=today):
        found.append(errors.consent_missing())
    return found


def _age_fits(customer: Customer, main: Contact | None, *, today: date, limits: Limits) -> bool:
    """The main contact is the borrower; a 中介(个人) customer is one himself."""
    births = [main.birth_date] if main and main.birth_date else []
    if customer.customer_type == CustomerType.PERSON and customer.id_no:
        births.append(check_id_no(customer.id_no, today=today).birth_date)
    return all(limits.min_age <= full_years(born, today) <= limits.max_age for born in births)
