"""Who may borrow: the customer's standing and its people (BUS-07, CUS-07, CUS-09, CON-03/04)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from applications.models import LenderSetting
from applications.rules import refusals
from customers import errors
from customers.choices import BLOCKED_STATUSES, CustomerType, MaritalStatus, RiskClass
from customers.models import Consent, Contact, Customer
from customers.rules.contacts import is_spouse
from customers.rules.submission import find_main_contact, gaps, without_consent
from lending_crm.common.errors import DomainError
from lending_crm.common.identity import check_id_no

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


def customer_refusals(customer: Customer) -> Iterator[DomainError]:
    """BUS-07: 不良 and 黑名单 customers, and those whose loans are classed 不良, get nothing."""
    if customer.biz_status in BLOCKED_STATUSES:
        yield refusals.customer_barred(customer.get_biz_status_display())
    elif customer.risk_class in BAD_CLASSES:
        yield refusals.customer_barred(customer.get_risk_class_display())


def party_refusals(party: Party, *, setting: LenderSetting, day: date) -> Iterator[DomainError]:
    """Everything about the customer and its people that stands against new business."""
    yield from customer_refusals(party.customer)
    main = party.main_contact
    if main is None:
        yield errors.main_contact_missing()
    elif main.marital == MaritalStatus.MARRIED and not any(map(is_spouse, party.contacts)):
        yield errors.spouse_missing()
    if not _age_fits(party, setting, day):
        yield errors.age_out_of_range(setting.min_age, setting.max_age)
    if without_consent(party.customer, party.contacts, party.consents, today=day):
        yield errors.consent_missing()


def _age_fits(party: Party, setting: LenderSetting, day: date) -> bool:
    """The main contact is the borrower; a 中介(个人) customer is one himself."""
    main = party.main_contact
    ages = [age_on(main.birth_date, day)] if main and main.birth_date else []
    if party.customer.customer_type == CustomerType.PERSON and party.customer.id_no:
        ages.append(check_id_no(party.customer.id_no, today=day).age_on(day))
    return all(setting.min_age <= age <= setting.max_age for age in ages)


def age_on(birth_date: date, day: date) -> int:
    """Full years; who is born on 29 February is a year older on 1 March of common years."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (0 if had_birthday else 1)
