"""客户, 联系人 and 业务拓展 as workbooks: the columns, and the same rows as the lists."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from customers.choices import CustomerType
from customers.filters import ContactFilter, CustomerFilter, OpportunityFilter
from customers.models import Contact, Customer
from customers.rules.permissions import may_reveal, sees_business
from customers.selectors.contacts import contact_list
from customers.selectors.customers import customer_list
from customers.selectors.opportunities import opportunity_list, with_product_names
from lending_crm.common.exports import Column, ListExport
from lending_crm.common.exports.declarations import Words
from lending_crm.common.exports.words import filter_words
from lending_crm.common.identity import mask_card, mask_id_no, mask_phone
from staff.models import Employee

_NEWEST = ("-created_at", "-id")


def _reveals(field: str) -> Callable[[Employee, Customer | Contact], bool]:
    return lambda user, record: may_reveal(user, record, field)


def _customers(user: Employee, query: QueryDict, now: datetime) -> QuerySet[Any]:
    kind = query.get("list", "")
    rows = customer_list(user, customer_type=kind if kind in CustomerType.values else None)
    return CustomerFilter(query, queryset=rows.select_related("department")).qs.order_by(*_NEWEST)


def _contacts(user: Employee, query: QueryDict, now: datetime) -> QuerySet[Any]:
    return ContactFilter(query, queryset=contact_list(user)).qs.order_by(*_NEWEST)


def _opportunities(user: Employee, query: QueryDict, now: datetime) -> QuerySet[Any]:
    found = OpportunityFilter(query, queryset=opportunity_list(user), now=now)
    return with_product_names(found.qs).order_by(*_NEWEST)


def _customer_words(user: Employee, query: QueryDict) -> Words:
    """``list`` is which of the four lists the button stood on."""
    label = dict(CustomerType.choices).get(query.get("list", ""))
    shown: Words = [(_("Customer type"), str(label))] if label else []
    return [*shown, *filter_words(CustomerFilter, query, user)]


EXPORTS = (
    ListExport(
        "customers",
        _("Customers"),
        (
            Column(_("Customer number"), "customer_no"),
            Column(_("Customer name"), "name"),
            Column(_("Customer type"), "get_customer_type_display"),
            Column(_("Unified social credit code"), "uscc"),
            Column(_("ID number"), "id_no", mask_id_no, _reveals("id_no")),
            Column(_("Telephone"), "phone", mask_phone, _reveals("phone")),
            Column(_("Industry"), "get_industry_display"),
            Column(_("Bank of deposit"), "bank"),
            Column(_("Account number"), "acct_no", mask_card, _reveals("acct_no")),
            Column(_("Customer source"), "get_source_display"),
            Column(_("Customer status"), "get_biz_status_display"),
            Column(_("Risk class"), "get_risk_class_display"),
            Column(_("Customer tier"), "get_tier_display"),
            Column(_("Account manager"), "owner.name"),
            Column(_("Company branch"), "branch.name"),
            Column(_("Created at"), "created_at"),
        ),
        _customers,
        sees_business,
        _customer_words,
    ),
    ListExport(
        "contacts",
        _("Contacts"),
        (
            Column(_("Full name"), "name"),
            Column(_("Company (person) name"), "customer.name"),
            Column(_("Contact type"), "get_contact_type_display"),
            Column(_("Gender"), "get_gender_display"),
            Column(_("ID type"), "get_id_type_display"),
            Column(_("ID document number"), "id_no", mask_id_no, _reveals("id_no")),
            Column(_("Mobile"), "mobile", mask_phone, _reveals("mobile")),
            Column(_("Other telephone"), "phone2", mask_phone, _reveals("phone2")),
            Column(_("Position"), "position"),
            Column(_("Account manager"), "customer.owner.name"),
            Column(_("Created at"), "created_at"),
        ),
        _contacts,
        sees_business,
        lambda user, query: filter_words(ContactFilter, query, user),
    ),
    ListExport(
        "opportunities",
        _("Business development"),
        (
            Column(_("Subject"), "subject"),
            Column(_("Customer"), "customer.name"),
            Column(_("Intended product"), "product_name"),
            Column(_("Intended amount (yuan)"), "amount"),
            Column(_("Intended term (months)"), "term"),
            Column(_("Current stage"), "get_stage_display"),
            Column(_("Chance of success (%)"), "probability"),
            Column(_("Expected disbursement date"), "expected_on"),
            Column(_("Next follow-up date"), "next_follow_on"),
            Column(_("Status"), "get_biz_status_display"),
            Column(_("Account manager"), "customer.owner.name"),
            Column(_("Created at"), "created_at"),
        ),
        _opportunities,
        sees_business,
    ),
)
