"""Text messages: templates with their approval, consents, and what people send themselves."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from customers.models import Contact
from funds.models import Loan
from funds.selectors.loans import loan_position
from reports.demo.clock import Story
from reports.demo.plans.office import (
    CONSENTS,
    MARKETED,
    REFUSED,
    TEXT_IN_DRAFT,
    TEXTS,
)
from reports.demo.world import World
from sms.gateways.base import Reply
from sms.models import SmsSetting, SmsTemplate
from sms.services.consents import note_consent, take_reply
from sms.services.sending import send_message
from sms.services.settings import update_sms_setting
from sms.services.templates import approve_version, create_template

#: working hours ago: the texts are written, approved, the consents noted, offers sent
_WRITTEN, _APPROVED, _AGREED, _OFFERED, _DUNNED, _LAST_TEXT = 168.0, 160.0, 150.0, 36.0, 12.5, 5.0
_COLLECTED_BY_HAND = "孟庆林"


def start_texting(world: World) -> None:
    world.timeline.start(_configure(world))
    world.timeline.start(_ask_for_consent(world))
    world.timeline.start(_send(world))


def _configure(world: World) -> Story:
    people = world.company.people
    now = yield _WRITTEN
    update_sms_setting(
        values={"signature": "北方汇银"},
        seen_version=SmsSetting.objects.get(pk=1).version,
        actor=world.company.administrator,
        now=now,
    )
    written = [_write(world, text, now=now) for text in TEXTS]
    now = yield _APPROVED
    for template in written:
        approve_version(version_id=template.versions.get().pk, actor=people["hrm"], now=now)
    now = yield _LAST_TEXT
    _write(world, TEXT_IN_DRAFT, now=now)


def _write(world: World, text: tuple[str, str, str, str], *, now: datetime) -> SmsTemplate:
    name, kind, usage, words = text
    return create_template(
        values={"name": name, "kind": kind, "usage": usage},
        text=words,
        actor=world.company.people["plm"],
        now=now,
    )


def _ask_for_consent(world: World) -> Story:
    hours = _AGREED
    for customer, means, note in CONSENTS:
        now = yield hours
        contact = _main(world, customer)
        owner = contact.customer.owner
        note_consent(record=contact, agrees=True, means=means, note=note, actor=owner, now=now)
        hours -= 9.0


def _send(world: World) -> Story:
    offer = "产品推介"
    for place, customer in enumerate(MARKETED):
        now = yield _OFFERED - place
        contact = _main(world, customer)
        _message(contact, offer, contact.customer.owner, now=now, product="流动资金贷",
                 date=_month_end(now))  # fmt: skip
    now = yield _OFFERED - 9
    take_reply(
        reply=Reply(number=_main(world, REFUSED).mobile, text="R", gateway_id="demo-reply-1"),
        gateway="console",
        now=now,
    )
    now = yield _DUNNED
    contact = _main(world, _COLLECTED_BY_HAND)
    loan = Loan.objects.filter(customer=contact.customer).latest("pk")
    today = timezone.localdate(now)
    _message(
        contact,
        "逾期提醒",
        world.company.people["ard"],
        now=now,
        loan_no=loan.loan_no,
        amount=loan_position(loan, today).due_total,
        due_date=today - timedelta(days=loan.overdue_days),
        days=loan.overdue_days,
    )


def _message(
    contact: Contact, template: str, actor: object, *, now: datetime, **values: object
) -> None:
    send_message(
        record=contact,
        template_id=SmsTemplate.objects.get(name=template).pk,
        values=values,
        actor=actor,  # type: ignore[arg-type]
        now=now,
    )


def _main(world: World, customer: str) -> Contact:
    found: Contact = Contact.objects.select_related("customer__owner").get(
        customer=world.customers[customer], contact_type="MAIN"
    )
    return found


def _month_end(now: datetime) -> date:
    first = timezone.localdate(now).replace(day=1)
    return (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
