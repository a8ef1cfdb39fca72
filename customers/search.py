"""The global search: customers, contacts and opportunities, and what later apps add."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.models import Contact, Customer, Opportunity
from customers.querysets import OWN_AND_CUSTOMER
from lending_crm.common.search import asked_at_once
from staff.models import Employee

Label = str | Promise
#: hits shown per kind; the rest is behind the link to the list
SHOWN = 10


@dataclass(frozen=True)
class Hit:
    """One line of the answer; ``notes`` stand small behind the title."""

    url: str
    title: str
    notes: Sequence[Label] = ()


@dataclass(frozen=True)
class Provider:
    """``find(user, text, limit)`` asks one query and returns only what the user may see.

    ``looks_in`` names the model and the columns that ``find`` hands to ``with_words``, so that
    the indexes of all kinds are asked together.
    """

    code: str
    label: Label
    icon: str
    find: Callable[[Employee, str, int], list[Hit]]
    list_url: Callable[[], str] | None = None
    order: int = 100
    looks_in: Callable[[], tuple[type[Model], Sequence[str]]] | None = None


@dataclass(frozen=True)
class Found:
    """The hits of one kind; ``has_more`` when there are others."""

    provider: Provider
    hits: list[Hit]
    has_more: bool

    @property
    def list_url(self) -> str:
        return self.provider.list_url() if self.provider.list_url else ""


_providers: list[Provider] = []


def register_provider(provider: Provider) -> None:
    """Add a kind of record to the search; called from ``AppConfig.ready``."""
    if any(known.code == provider.code for known in _providers):
        raise ValueError(f"search provider {provider.code!r} is registered twice")
    _providers.append(provider)


def search_everything(user: Employee, text: str) -> list[Found]:
    """What matches, by kind; kinds without a hit are left out."""
    found = []
    lists = [provider.looks_in() for provider in _providers if provider.looks_in]
    with asked_at_once(text, lists):
        for provider in sorted(_providers, key=lambda provider: provider.order):
            hits = provider.find(user, text, SHOWN + 1)
            if hits:
                found.append(Found(provider, hits[:SHOWN], len(hits) > SHOWN))
    return found


def _top(rows: QuerySet, limit: int) -> QuerySet:
    return rows.order_by("-created_at", "-id")[:limit]


def find_customers(user: Employee, text: str, limit: int) -> list[Hit]:
    rows = Customer.objects.visible_to(user).search(text).select_related("owner")
    return [
        Hit(
            row.get_absolute_url(),
            row.name,
            (
                row.get_customer_type_display(),
                row.customer_no,
                row.get_biz_status_display(),
                row.owner.name,
            ),
        )
        for row in _top(rows, limit)
    ]


def find_contacts(user: Employee, text: str, limit: int) -> list[Hit]:
    rows = Contact.objects.visible_to(user).search(text).select_related("customer")
    return [
        Hit(
            row.get_absolute_url(),
            row.name,
            (row.get_contact_type_display(), row.customer.name, row.masked_mobile),
        )
        for row in _top(rows, limit)
    ]


def find_opportunities(user: Employee, text: str, limit: int) -> list[Hit]:
    rows = Opportunity.objects.visible_to(user).search(text).select_related("customer")
    return [
        Hit(
            row.get_absolute_url(),
            row.subject,
            (row.customer.name, row.get_stage_display(), row.get_biz_status_display()),
        )
        for row in _top(rows, limit)
    ]


def register_own() -> None:
    """The three kinds of this app."""
    register_provider(
        Provider(
            "customers",
            _("Customers"),
            "building",
            find_customers,
            lambda: reverse("customers:customer-list"),
            order=10,
        )
    )
    register_provider(
        Provider(
            "contacts",
            _("Contacts"),
            "address-book",
            find_contacts,
            lambda: reverse("customers:contact-list"),
            order=20,
            looks_in=lambda: (Contact, OWN_AND_CUSTOMER),
        )
    )
    register_provider(
        Provider(
            "opportunities",
            _("Business development"),
            "target-arrow",
            find_opportunities,
            lambda: reverse("customers:opportunity-list"),
            order=30,
            looks_in=lambda: (Opportunity, OWN_AND_CUSTOMER),
        )
    )
