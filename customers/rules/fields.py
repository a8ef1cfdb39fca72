"""Which fields belong to which type, which are needed to save (S) and which to submit (P)."""

from __future__ import annotations

from typing import Any, cast

from django.db import models

from customers.choices import ContactType, CustomerSource, CustomerType
from customers.models import Contact, Customer

_ACCOUNT = ("bank", "acct_name", "acct_no")
_COMPANY = (
    "uscc",
    "legal_rep",
    "controller",
    "founded_on",
    "reg_capital",
    "paid_capital",
    "industry",
    "size",
    "reg_addr",
    "biz_addr",
    "main_business",
)
_SHARED = ("phone", *_ACCOUNT, "source", "channel", "group", "sms_consent", "remark")

#: fields that a person may fill, by customer type, in the order of the form
CUSTOMER_FIELDS: dict[str, tuple[str, ...]] = {
    CustomerType.ENTERPRISE: ("name", *_COMPANY, *_SHARED),
    CustomerType.CHANNEL: (
        "name",
        "uscc",
        "legal_rep",
        "reg_addr",
        "biz_addr",
        "agreement_no",
        "rebate_ratio",
        "agreement_end",
        *_SHARED,
    ),
    CustomerType.UPDOWN: ("name", "relation_kind", "principal_customer", *_COMPANY, *_SHARED),
    CustomerType.PERSON: ("name", "id_no", "industry", "biz_addr", "main_business", *_SHARED),
}

#: S: needed to save
CUSTOMER_TO_SAVE: dict[str, tuple[str, ...]] = {
    CustomerType.ENTERPRISE: ("name", "phone", "source"),
    CustomerType.CHANNEL: ("name", "phone", "source"),
    CustomerType.UPDOWN: ("name", "phone", "source", "relation_kind", "principal_customer"),
    CustomerType.PERSON: ("name", "phone", "source"),
}

#: P: needed to submit a document of this customer
CUSTOMER_TO_SUBMIT: dict[str, tuple[str, ...]] = {
    CustomerType.ENTERPRISE: (
        "uscc",
        "legal_rep",
        "founded_on",
        "reg_capital",
        "industry",
        "reg_addr",
        "biz_addr",
        "main_business",
        *_ACCOUNT,
    ),
    CustomerType.CHANNEL: (*_ACCOUNT, "agreement_no", "rebate_ratio", "agreement_end"),
    CustomerType.UPDOWN: (
        "uscc",
        "founded_on",
        "reg_capital",
        "industry",
        "reg_addr",
        "biz_addr",
        "main_business",
        *_ACCOUNT,
    ),
    CustomerType.PERSON: ("id_no", "industry", "biz_addr", "main_business", *_ACCOUNT),
}

#: fields whose full value is shown only by click, with a reason, and is logged (R11, N25)
SENSITIVE: dict[str, tuple[str, ...]] = {
    Customer._meta.label_lower: ("id_no", "phone", "acct_no"),
    Contact._meta.label_lower: ("id_no", "mobile", "phone2"),
}

_EVERY_CONTACT = (
    "contact_type",
    "name",
    "id_type",
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
    "income",
    "assets",
    "debts",
    "sms_consent",
    "remark",
)
CONTACT_FIELDS: dict[str, tuple[str, ...]] = {
    ContactType.MAIN: _EVERY_CONTACT,
    ContactType.SHAREHOLDER: (*_EVERY_CONTACT, "capital", "share_pct", "capital_kind"),
    ContactType.FAMILY: (*_EVERY_CONTACT, "family_relation"),
    ContactType.MANAGER: (*_EVERY_CONTACT, "years"),
}
#: fields that one contact type has and another does not
TYPED_CONTACT_FIELDS = ("capital", "share_pct", "capital_kind", "family_relation", "years")

CONTACT_TO_SAVE: dict[str, tuple[str, ...]] = {
    ContactType.MAIN: ("contact_type", "name", "id_type", "mobile"),
    ContactType.SHAREHOLDER: ("contact_type", "name", "id_type", "mobile"),
    ContactType.FAMILY: ("contact_type", "name", "id_type", "mobile", "family_relation"),
    ContactType.MANAGER: ("contact_type", "name", "id_type", "mobile"),
}
CONTACT_TO_SUBMIT: dict[str, tuple[str, ...]] = {
    ContactType.MAIN: (
        "id_no",
        "marital",
        "education",
        "household_addr",
        "home_addr",
        "housing",
    ),
    ContactType.SHAREHOLDER: ("id_no", "capital", "share_pct", "capital_kind"),
    ContactType.FAMILY: ("id_no",),
    ContactType.MANAGER: ("id_no", "position", "years"),
}


#: of 业务拓展, needed to submit an application on it
OPPORTUNITY_TO_SUBMIT = ("term",)


def customer_to_submit(customer: Customer) -> tuple[str, ...]:
    """The P fields of this customer; the channel is one when it introduced him."""
    needed = CUSTOMER_TO_SUBMIT[customer.customer_type]
    if customer.source == CustomerSource.CHANNEL:
        return (*needed, "channel")
    return needed


def label_of(model: type[models.Model], name: str) -> Any:
    """The column's label, translated for whoever reads it."""
    return cast(Any, model._meta.get_field(name)).verbose_name
