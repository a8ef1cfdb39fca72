from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from django.db.models import QuerySet
from django.urls import reverse

from customers.choices import InfluenceStrength, InfluenceType
from customers.models import Consent, Contact, InfluenceRelation
from customers.rules.fields import CONTACT_TO_SUBMIT, label_of
from customers.rules.permissions import may_edit
from customers.selectors.influence import influenced_by, influences
from documents.panels import ShownPanel, panels_of
from lending_crm.common.text import is_empty
from staff.models import Employee


def contact_list(user: Employee) -> QuerySet[Contact]:
    """The list 联系人, with what its columns show."""
    return Contact.objects.visible_to(user).select_related("customer", "customer__owner")


@dataclass(frozen=True)
class ContactPage:
    contact: Contact
    incoming: list[InfluenceRelation]
    outgoing: list[InfluenceRelation]
    consents: list[Consent]
    panels: list[ShownPanel]
    missing: list[object]
    has_consent: bool
    may_edit: bool

    influence_types = InfluenceType.choices
    strengths = InfluenceStrength.choices

    @property
    def new_consent_url(self) -> str:
        if not self.may_edit:
            return ""
        url = reverse("customers:consent-new", args=[self.contact.customer_id])
        back = quote(self.contact.get_absolute_url())
        return f"{url}?contact={self.contact.pk}&next={back}"


def contact_page(user: Employee, pk: int, *, today: date) -> ContactPage | None:
    """The page of one contact in a fixed number of queries; None when out of sight."""
    contact = (
        Contact.objects.visible_to(user)
        .select_related("customer__owner", "creator")
        .filter(pk=pk)
        .first()
    )
    if contact is None:
        return None
    consents = list(contact.consents.select_related("file", "added_by"))
    return ContactPage(
        contact=contact,
        incoming=list(influenced_by(contact, user=user)),
        outgoing=list(influences(contact, user=user)),
        consents=consents,
        panels=panels_of("contact", contact, user),
        missing=[
            label_of(Contact, name)
            for name in CONTACT_TO_SUBMIT[contact.contact_type]
            if is_empty(getattr(contact, name))
        ],
        has_consent=any(consent.is_valid_on(today) for consent in consents),
        may_edit=may_edit(user, contact.customer),
    )
