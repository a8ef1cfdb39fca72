"""匿名化 of a customer and its contacts: the rows stay for the books, the persons go (R10)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from customers.models import Contact, Customer
from customers.services.log import LANGUAGE_OF_RECORD

#: what of a customer says who it is, or how to find and reach it
CUSTOMER_COLUMNS = (
    "name",
    "uscc",
    "id_no",
    "legal_rep",
    "controller",
    "founded_on",
    "reg_addr",
    "biz_addr",
    "main_business",
    "phone",
    "bank",
    "acct_name",
    "acct_no",
    "agreement_no",
    "remark",
)
CONTACT_COLUMNS = (
    "name",
    "gender",
    "birth_date",
    "id_no",
    "mobile",
    "phone2",
    "wechat",
    "marital",
    "education",
    "household_addr",
    "home_addr",
    "housing",
    "position",
    "years",
    "income",
    "assets",
    "debts",
    "remark",
)
#: of these columns, those whose texts name the person wherever they stand
CUSTOMER_NAMES = (
    "name",
    "uscc",
    "id_no",
    "legal_rep",
    "controller",
    "reg_addr",
    "biz_addr",
    "phone",
    "acct_name",
    "acct_no",
    "agreement_no",
)
CONTACT_NAMES = ("name", "id_no", "mobile", "phone2", "wechat", "household_addr", "home_addr")


def anonymise_customer_row(customer: Customer, *, now: datetime) -> None:
    """Empty what says who it was; call it with the row locked. Its number, its place in the
    company and its figures stay: loans and approvals refer to them."""
    with translation.override(LANGUAGE_OF_RECORD):
        name = _("Anonymised customer %(number)s") % {"number": customer.customer_no}
    _empty(customer, CUSTOMER_COLUMNS, name=name)
    customer.sms_consent, customer.sms_consent_at = False, None
    customer.group = customer.creation_key = customer.grade_due = customer.pooled_at = None
    customer.anonymised_at = customer.updated_at = now
    customer.version += 1
    customer.save()


def anonymise_contact_row(contact: Contact, *, now: datetime) -> None:
    """The same for one of its contacts; shares stay, they add up with those of others."""
    with translation.override(LANGUAGE_OF_RECORD):
        name = _("Anonymised contact %(number)s") % {"number": contact.pk}
    _empty(contact, CONTACT_COLUMNS, name=name)
    contact.sms_consent, contact.creation_key = False, None
    contact.updated_at = now
    contact.version += 1
    contact.save()


def naming_values(record: Customer | Contact) -> list[str]:
    """The texts that name the person now."""
    columns = CUSTOMER_NAMES if isinstance(record, Customer) else CONTACT_NAMES
    return [value for name in columns if (value := getattr(record, name))]


def _empty(record: Any, columns: Iterable[str], *, name: str) -> None:
    for column in columns:
        field = record._meta.get_field(column)
        setattr(record, column, None if field.null else "")
    record.name = name
