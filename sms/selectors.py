"""Read-only questions about text messages."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import OuterRef, QuerySet, Subquery

from customers.models import Contact, Customer
from lending_crm.common.crypto import blind_index
from lending_crm.common.models import ChangeRecord
from sms.choices import VersionState
from sms.models import ConsentProof, SmsMessage, SmsSetting, SmsTemplate, TemplateVersion
from staff.models import Employee

_CHANGES_SHOWN = 50


def current_setting() -> SmsSetting:
    return SmsSetting.objects.get(pk=1)


def approved_texts() -> QuerySet[TemplateVersion]:
    """The text in use of every active template: its newest approved version."""
    newest = (
        TemplateVersion.objects.filter(template=OuterRef("pk"), state=VersionState.APPROVED)
        .order_by("-number")
        .values("pk")[:1]
    )
    active = SmsTemplate.objects.filter(is_active=True)
    return TemplateVersion.objects.filter(
        pk__in=active.annotate(newest=Subquery(newest)).values("newest")
    ).select_related("template")


def text_for(usage: str) -> TemplateVersion | None:
    """What an event sends; None while no active template with an approved text serves it."""
    return approved_texts().filter(template__usage=usage).first()


def template_list() -> list[SmsTemplate]:
    """All templates with the versions on each, newest first."""
    return list(SmsTemplate.objects.prefetch_related("versions__author", "versions__decided_by"))


def texts_to_send(kinds: Sequence[str]) -> list[TemplateVersion]:
    """What a person may choose from, by kind and name."""
    return list(
        approved_texts()
        .filter(template__kind__in=kinds)
        .order_by("template__kind", "template__name")
    )


def last_word(number: str) -> ConsentProof | None:
    """What the owner of a number said last about text messages, for whichever record."""
    return ConsentProof.objects.filter(number_index=blind_index(number)).first()


def proofs_of(record: Customer | Contact) -> list[ConsentProof]:
    """What was said for this record, newest first."""
    field = "contact" if isinstance(record, Contact) else "customer"
    found = ConsentProof.objects.filter(**{field: record}).select_related("by")
    if field == "customer":
        found = found.filter(contact=None)
    return list(found[:20])


def message_list(user: Employee) -> QuerySet[SmsMessage]:
    return SmsMessage.objects.visible_to(user).with_names()


def messages_of(customer: Customer, user: Employee) -> list[SmsMessage]:
    """The newest messages of a customer."""
    return list(message_list(user).filter(customer=customer)[:5])


def changes_of(model: str, pk: int) -> list[ChangeRecord]:
    found = ChangeRecord.objects.filter(model=model, object_id=pk).select_related("actor")
    return list(found.order_by("-id")[:_CHANGES_SHOWN])
