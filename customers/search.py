"""The global search: customers, contacts and opportunities, and what later apps add."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Model, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.choices import (
    ContactType,
    CustomerStatus,
    CustomerType,
    OpportunityStatus,
    Stage,
)
from customers.models import Contact, Customer, Opportunity
from customers.querysets import OWN, OWN_AND_CUSTOMER
from documents.involvement import involved_at_once
from lending_crm.common.arms import FirstKeys
from lending_crm.common.identity import mask_phone
from lending_crm.common.search import asked_at_once
from staff.models import Employee
from staff.selectors import roles_of

Label = str | Promise
#: hits shown per kind; the rest is behind the link to the list
SHOWN = 10


@dataclass(frozen=True)
class Hit:
    """One line of the answer; ``notes`` stand small behind the title."""

    url: str
    title: str
    notes: Sequence[Label] = ()


#: by the path of a column its value as text
Shown = Mapping[str, str]


@dataclass(frozen=True)
class Provider:
    """``rows(user, text)`` are the visible rows that match, None where the user has no such list.

    ``columns`` are paths of what a hit shows; ``hit(pk, shown)`` makes the line of them.
    ``looks_in`` names the model and the columns that ``rows`` hands to ``with_words``, so that
    the indexes of all kinds are asked together.
    """

    code: str
    label: Label
    icon: str
    rows: Callable[[Employee, str], QuerySet | None]
    columns: Sequence[str]
    hit: Callable[[int, Shown], Hit]
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
    """What matches, by kind; kinds without a hit are left out.

    Four statements at most, however many kinds there are: what the indexes hold (two), what came
    to the reader, and the hits of all kinds.
    """
    lists = [provider.looks_in() for provider in _providers if provider.looks_in]
    asked: list[tuple[Provider, QuerySet]] = []
    with asked_at_once(text, lists, sees_all=roles_of(user).sees_all), involved_at_once(user):
        for provider in sorted(_providers, key=lambda provider: provider.order):
            rows = provider.rows(user, text)
            if rows is not None:
                asked.append((provider, rows))
        hits = _hits_of(asked)
    return [
        Found(provider, hits[number][:SHOWN], len(hits[number]) > SHOWN)
        for number, (provider, _rows) in enumerate(asked)
        if hits[number]
    ]


def _hits_of(asked: Sequence[tuple[Provider, QuerySet]]) -> list[list[Hit]]:
    """Up to one more than is shown of each kind, the newest first; one statement."""
    if not asked:
        return []
    width = max(len(provider.columns) for provider, _rows in asked)
    parts = [
        _top(number, provider.columns, rows, width) for number, (provider, rows) in enumerate(asked)
    ]
    first, *others = parts
    found = list(first.union(*others, all=True) if others else first)
    found.sort(key=lambda row: (row[2], row[1]), reverse=True)
    hits: list[list[Hit]] = [[] for _ in asked]
    for number, pk, _moment, *texts in found:
        provider = asked[number][0]
        shown = dict(zip(provider.columns, texts, strict=False))
        hits[number].append(provider.hit(pk, shown))
    return hits


def _top(number: int, columns: Sequence[str], rows: QuerySet, width: int) -> QuerySet:
    """The arm of one kind: its place, key and moment, and texts for the hit."""
    keys = FirstKeys(rows, (("created_at", True), ("pk", True)), SHOWN + 1)
    # What a hit shows is joined to the few that are shown, not to all that match.
    few = rows.model._base_manager.order_by().filter(pk__among=keys)
    texts = [Cast(F(path), TextField()) for path in columns]
    blanks = [Value("", TextField())] * (width - len(texts))
    return few.values_list(Value(number), "pk", "created_at", *texts, *blanks)


def _customer(pk: int, shown: Shown) -> Hit:
    notes = (
        CustomerType(shown["customer_type"]).label,
        shown["customer_no"],
        CustomerStatus(shown["biz_status"]).label,
        shown["owner__name"],
    )
    return Hit(reverse("customers:customer-detail", args=[pk]), shown["name"], notes)


def _contact(pk: int, shown: Shown) -> Hit:
    notes = (
        ContactType(shown["contact_type"]).label,
        shown["customer__name"],
        mask_phone(shown["mobile"]),
    )
    return Hit(reverse("customers:contact-detail", args=[pk]), shown["name"], notes)


def _opportunity(pk: int, shown: Shown) -> Hit:
    notes = (
        shown["customer__name"],
        Stage(int(shown["stage"])).label,
        OpportunityStatus(shown["biz_status"]).label,
    )
    return Hit(reverse("customers:opportunity-detail", args=[pk]), shown["subject"], notes)


def register_own() -> None:
    """The three kinds of this app."""
    register_provider(
        Provider(
            "customers",
            _("Customers"),
            "building",
            lambda user, text: Customer.objects.visible_to(user).search(text),
            ("name", "customer_type", "customer_no", "biz_status", "owner__name"),
            _customer,
            lambda: reverse("customers:customer-list"),
            order=10,
            looks_in=lambda: (Customer, OWN),
        )
    )
    register_provider(
        Provider(
            "contacts",
            _("Contacts"),
            "address-book",
            lambda user, text: Contact.objects.visible_to(user).search(text),
            ("name", "contact_type", "customer__name", "mobile"),
            _contact,
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
            lambda user, text: Opportunity.objects.visible_to(user).search(text),
            ("subject", "customer__name", "stage", "biz_status"),
            _opportunity,
            lambda: reverse("customers:opportunity-list"),
            order=30,
            looks_in=lambda: (Opportunity, OWN_AND_CUSTOMER),
        )
    )
