"""What the customer screens show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse

from customers import errors
from customers.choices import CustomerType
from customers.models import Consent, Contact, Customer, Opportunity
from customers.rules import submission
from customers.rules.permissions import may_edit, may_enter, may_reassign, may_regroup
from customers.selectors.submission import submission_refusals
from documents.panels import ShownPanel, panels_of
from lending_crm.common.errors import DomainError
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of

_OWNERS_OFFERED = 200


def customer_list(user: Employee, *, customer_type: str | None = None) -> QuerySet[Customer]:
    """One of the four lists, or all customers, with what the columns show."""
    rows = Customer.objects.visible_to(user).select_related(
        "owner", "co_handler", "branch", "principal_customer"
    )
    return rows.filter(customer_type=customer_type) if customer_type else rows


def owners_on_offer(user: Employee, *, customer_type: str | None = None) -> list[tuple[int, str]]:
    """Account managers to filter by; none for whoever sees only his own customers."""
    if roles_of(user).codes <= {RoleCode.AM}:
        return []
    rows = Customer.objects.visible_to(user).filter(owner=OuterRef("pk"))
    if customer_type:
        rows = rows.filter(customer_type=customer_type)
    # There are few people and many customers: each person is looked up once.
    owners = Employee.objects.filter(Exists(rows)).order_by("name", "pk")
    return list(owners.values_list("pk", "name")[:_OWNERS_OFFERED])


def receivers(customer: Customer) -> QuerySet[Employee]:
    """Who may take the customer over: the other account managers of its department."""
    return (
        Employee.objects.active()
        .filter(department=customer.department_id, role_assignments__role__code=RoleCode.AM)
        .exclude(pk=customer.owner_id)
        .distinct()
        .order_by("name")
    )


@dataclass(frozen=True)
class CustomerPage:
    """The page of one customer; ``missing`` and ``refusals`` say what a submission lacks."""

    customer: Customer
    contacts: list[Contact]
    opportunities: list[Opportunity]
    consents: list[Consent]
    companies: list[Customer]
    panels: list[ShownPanel]
    missing: list[tuple[str, object]]
    refusals: list[DomainError]
    may_edit: bool
    may_enter: bool
    may_reassign: bool
    may_regroup: bool

    @property
    def blocked_reason(self) -> str:
        """Why this customer gets no new business (BUS-07); empty when he does."""
        status = self.customer.get_biz_status_display()
        return errors.no_new_business(status).message if self.customer.is_blocked else ""

    @property
    def new_consent_url(self) -> str:
        needs_contact = self.customer.customer_type != CustomerType.PERSON
        if not self.may_edit or (needs_contact and not self.contacts):
            return ""
        return reverse("customers:consent-new", args=[self.customer.pk])

    @property
    def new_company_url(self) -> str:
        if not (self.may_edit and self.may_enter):
            return ""
        url = reverse("customers:customer-new", args=["companies"])
        return f"{url}?principal={self.customer.pk}"


def customer_page(user: Employee, pk: int, *, today: date) -> CustomerPage | None:
    """Everything on the page in a fixed number of queries; None when out of sight."""
    customer = (
        Customer.objects.visible_to(user)
        .select_related(
            "owner",
            "co_handler",
            "creator",
            "branch",
            "department",
            "group",
            "channel",
            "principal_customer",
        )
        .prefetch_related(
            Prefetch("contacts", Contact.objects.order_by("id")),
            Prefetch("opportunities", Opportunity.objects.order_by("-created_at", "-id")),
            Prefetch("consents", Consent.objects.select_related("file", "added_by")),
        )
        .filter(pk=pk)
        .first()
    )
    if customer is None:
        return None
    contacts = sorted(customer.contacts.all(), key=lambda contact: not contact.is_main)
    consents = list(customer.consents.all())
    _share_instances(customer, contacts, consents)
    borrows = customer.customer_type != CustomerType.CHANNEL
    # Both ways: who names this one as principal, and the principal that it names.
    linked = Q(principal_customer=customer) | Q(pk=customer.principal_customer_id)
    companies = Customer.objects.visible_to(user).filter(linked)
    return CustomerPage(
        customer=customer,
        contacts=contacts,
        opportunities=list(customer.opportunities.all()),
        consents=consents,
        companies=list(companies.order_by("name")[:50]),
        panels=panels_of("customer", customer, user),
        missing=submission.gaps(customer, contacts),
        refusals=submission_refusals(customer, today=today) if borrows else [],
        may_edit=may_edit(user, customer),
        may_enter=may_enter(user),
        may_reassign=may_reassign(user, customer),
        may_regroup=may_regroup(user, customer),
    )


def _share_instances(customer: Customer, contacts: list[Contact], consents: list[Consent]) -> None:
    """Point the rows at the objects already read, so that templates ask nothing again."""
    by_id = {contact.pk: contact for contact in contacts}
    for consent in consents:
        consent.customer = customer
        if consent.contact_id is not None:
            consent.contact = by_id.get(consent.contact_id)
