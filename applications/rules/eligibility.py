"""Who may borrow: the customer's standing and its people (BUS-07, CUS-07, CUS-09, CON-03/04)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from applications.rules import refusals
from customers.choices import BLOCKED_STATUSES, RiskClass
from customers.hooks import Limits
from customers.models import Consent, Contact, Customer
from customers.rules.submission import find_main_contact, gaps, people_refusals
from lending_crm.common.errors import DomainError

#: 不良 by class: new business is blocked before the customer is handed over (story 8).
BAD_CLASSES = (RiskClass.SUBSTANDARD, RiskClass.DOUBTFUL, RiskClass.LOSS)


@dataclass(frozen=True)
class Party:
    """The customer with its people and the consents on file."""

    customer: Customer
    contacts: Sequence[Contact]
    consents: Sequence[Consent]

    @property
    def main_contact(self) -> Contact | None:
        return find_main_contact(self.contacts)

    def gap_labels(self) -> list[object]:
        """What customers and contacts still lack to submit business (WF-08)."""
        return [label for _field, label in gaps(self.customer, self.contacts)]


def barred_as(customer: Customer) -> str:
    """As what the customer gets nothing (不良, 黑名单, or the 不良 class of his loans), or ""."""
    if customer.biz_status in BLOCKED_STATUSES:
        return customer.get_biz_status_display()
    if customer.risk_class in BAD_CLASSES:
        return customer.get_risk_class_display()
    return ""


def customer_refusals(customer: Customer) -> Iterator[DomainError]:
    """BUS-07: 不良 and 黑名单 customers, and those whose loans are classed 不良, get nothing."""
    if status := barred_as(customer):
        yield refusals.customer_barred(status)


def party_refusals(party: Party, *, limits: Limits, day: date) -> Iterator[DomainError]:
    """Everything about the customer and its people that stands against new business."""
    yield from customer_refusals(party.customer)
    yield from people_refusals(
        party.customer, party.contacts, party.consents, today=day, limits=limits
    )
