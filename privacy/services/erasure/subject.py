"""Whose data it is: the customer with everything that hangs on it, by id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from customers.models import Contact, Customer, Opportunity
from documents.kinds import RoutedDocumentKind
from documents.models import Document
from funds.models import Loan
from workflows.kinds import all_kinds
from workflows.models import Case


@dataclass(frozen=True)
class Subject:
    customer: Customer
    contacts: tuple[Contact, ...]
    opportunities: tuple[int, ...]
    documents: tuple[int, ...]
    cases: tuple[int, ...]
    loans: tuple[int, ...]

    @property
    def customers(self) -> tuple[int, ...]:
        return (self.customer.pk,)

    @property
    def contact_ids(self) -> tuple[int, ...]:
        return tuple(contact.pk for contact in self.contacts)

    @property
    def people(self) -> tuple[Customer | Contact, ...]:
        return (self.customer, *self.contacts)


def subject_of(customer: Customer) -> Subject:
    """Everything about the customer; a document belongs to the customer that it names as such,
    not to a channel or a lender of money in it."""
    documents = sorted(
        pk
        for model in _models()
        for pk in model.filter(customer=customer).values_list("pk", flat=True)
    )
    cases = Case.objects.filter(document__in=documents).order_by("pk")
    return Subject(
        customer=customer,
        contacts=tuple(Contact.objects.filter(customer=customer).order_by("pk")),
        opportunities=_ids(Opportunity, customer),
        documents=tuple(documents),
        cases=tuple(cases.values_list("pk", flat=True)),
        loans=_ids(Loan, customer),
    )


def _models() -> Iterator[Any]:
    for kind in all_kinds():
        if isinstance(kind, RoutedDocumentKind) and kind.is_about_customers:
            yield kind.model._default_manager.filter(kind=kind.code)


def _ids(model: Any, customer: Customer) -> tuple[int, ...]:
    return tuple(model._default_manager.filter(customer=customer).values_list("pk", flat=True))


def documents_by_label(subject: Subject) -> dict[str, list[int]]:
    """The change log names a document by its own model."""
    found: dict[str, list[int]] = {}
    kinds = {
        kind.code: kind.model._meta.label_lower
        for kind in all_kinds()
        if isinstance(kind, RoutedDocumentKind)
    }
    for pk, code in Document.objects.filter(pk__in=subject.documents).values_list("pk", "kind"):
        found.setdefault(kinds[code], []).append(pk)
    return found
