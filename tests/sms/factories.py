"""Set-up for the tests of text messages; services make the state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from customers.models import Contact, Customer
from lending_crm.common.models import OutboxMessage
from lending_crm.common.services import deliver_due
from sms.choices import ConsentMeans, Kind
from sms.models import ConsentProof, SmsTemplate
from sms.services.consents import note_consent
from sms.services.templates import approve_version, create_template
from staff.models import Employee
from tests.customers.factories import World

TEXTS = {
    Kind.NOTICE: "{name}您好,{doc_no}已通过,金额{amount}元。",
    Kind.COLLECTION: "{name}您好,{due_date}应还{amount}元。",
    Kind.MARKETING: "{name}您好,{product}利率下调。",
    Kind.BIRTHDAY: "{name}生日快乐。",
}
VALUES: dict[str, dict[str, Any]] = {
    Kind.NOTICE: {"doc_no": "YW-1", "amount": "1000"},
    Kind.COLLECTION: {"amount": "1,000", "due_date": "2026-03-05"},
    Kind.MARKETING: {"product": "信用贷"},
    Kind.BIRTHDAY: {},
}


def draft_template(world: World, now: datetime, kind: str, **values: Any) -> SmsTemplate:
    """A template whose text waits for approval."""
    text = values.pop("text", TEXTS[kind])
    given = {"name": f"模板 {kind}", "kind": kind, "usage": ""} | values
    return create_template(values=given, text=text, actor=world.plm, now=now)


def make_template(world: World, now: datetime, kind: str, **values: Any) -> SmsTemplate:
    """A template in use."""
    template = draft_template(world, now, kind, **values)
    approve_version(version_id=template.versions.get().pk, actor=world.hrm, now=now)
    return template


def agree(record: Customer | Contact, actor: Employee, now: datetime) -> ConsentProof:
    return note_consent(
        record=record,
        agrees=True,
        means=ConsentMeans.PAPER,
        note="客户档案 12 页",
        actor=actor,
        now=now,
    )


class Gateway:
    """Remembers what it was handed; ``answers`` are raised or returned one after the other."""

    code = "fake"

    def __init__(self, *answers: Any) -> None:
        self.sent: list[tuple[UUID, str, str]] = []
        self._answers = list(answers)

    def send(self, *, reference: UUID, number: str, text: str) -> str:
        self.sent.append((reference, number, text))
        answer = self._answers.pop(0) if self._answers else "g-1"
        if isinstance(answer, BaseException):
            raise answer
        return answer

    @property
    def messages(self) -> set[UUID]:
        """As a gateway counts that knows a reference again."""
        return {reference for reference, _number, _text in self.sent}


def deliver(clock: Callable[[], datetime] | datetime) -> int:
    """One look of the worker at the outbox."""
    at = clock if callable(clock) else lambda: clock
    return deliver_due(clock=at, limit=50).delivered


def waiting() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(topic="sms.send", delivered_at=None))
