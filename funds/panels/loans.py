"""Loans on the pages of customers and business applications, and in the global search."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.assessment import KIND_CODE as APPLICATION
from customers.search import Hit, Provider, Shown, register_provider
from documents.panels import Panel, PanelContent, register_panel
from funds.choices import LoanStatus
from funds.models import Loan
from funds.permissions import may_see_ledger
from funds.selectors.loans import loan_list, loans_of_application, loans_of_customer
from lending_crm.common.search import with_words
from staff.models import Employee

#: rows shown on the page; the list has the rest
SHOWN = 20
#: where the global search looks for a loan
FOUND_BY = ("loan_no__lower", "customer__search_text")


def register() -> None:
    for subject, load in (("customer", of_customer), (APPLICATION, of_application)):
        register_panel(
            Panel(
                subject=subject,
                code="loans",
                title=_("Loans"),
                template="funds/_panel.html",
                load=load,
                order=40,
                empty=_("No loans yet; a loan is booked when money goes out."),
                is_later=True,
            )
        )
    register_provider(
        Provider(
            code="loans",
            label=_("Loans"),
            icon="coins",
            rows=find,
            columns=("loan_no", "customer__name", "status", "unpaid_principal"),
            hit=_hit,
            list_url=lambda: reverse("funds:loan-list"),
            order=50,
            looks_in=lambda: (Loan, FOUND_BY),
        )
    )


def of_customer(customer: Any, user: Employee) -> PanelContent | None:
    if not may_see_ledger(user):
        return None
    rows = list(loans_of_customer(customer, user)[:SHOWN])
    return PanelContent(count=len(rows), data={"rows": rows})


def of_application(application: Any, user: Employee) -> PanelContent | None:
    if not may_see_ledger(user):
        return None
    rows = list(loans_of_application(application, user)[:SHOWN])
    return PanelContent(count=len(rows), data={"rows": rows})


def find(user: Employee, text: str) -> QuerySet | None:
    """By number, or the customer's name in characters or pinyin."""
    return with_words(loan_list(user), text, FOUND_BY) if may_see_ledger(user) else None


def _hit(pk: int, shown: Shown) -> Hit:
    unpaid = Decimal(shown["unpaid_principal"])
    return Hit(
        reverse("funds:loan-detail", args=[pk]),
        f"{shown['loan_no']} {shown['customer__name']}",
        (LoanStatus(shown["status"]).label, f"{unpaid:,.2f}"),
    )
