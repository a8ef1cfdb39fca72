"""A route's step that texts the customer: his document was approved."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import translation

import pytest

from customers.models import Customer
from lending_crm.common.models import OutboxMessage
from lending_crm.common.services import deliver_due
from sms.choices import Kind, Usage
from sms.models import SmsMessage, SmsTemplate
from sms.services.approvals import TELL_CUSTOMER
from tests.customers.factories import make_customer
from tests.sms.factories import make_template
from tests.workflows.toy import ToyKind
from tests.workflows.world import NOW, World, by_role, stage
from workflows.bpmn.chain import Chain, ChainService, from_chain
from workflows.choices import CaseState, EventKind
from workflows.models import Case
from workflows.screens.notes import note_of
from workflows.service_tasks import offered
from workflows.services.definitions import findings_of
from workflows.verification import verify_case

pytestmark = pytest.mark.django_db

TELL = ChainService("tell", "短信通知客户", "Text the customer", TELL_CUSTOMER.name)
SECOND = ChainService("again", "再次通知", "Tell again", TELL_CUSTOMER.name)


@pytest.fixture
def world(db: None) -> World:
    """The engine's small lender; the fixture of this folder is another one."""
    return World()


@pytest.fixture
def customer(world: World, monkeypatch: pytest.MonkeyPatch) -> Customer:
    """The customer that the documents are about; their route ends with the step."""
    found = make_customer(world.am, NOW, phone="13800138000")
    monkeypatch.setattr(ToyKind, "is_about_customers", True)
    monkeypatch.setattr(ToyKind, "customers_of", lambda self, ids: dict.fromkeys(ids, found.pk))
    publish(world, TELL)
    return found


def publish(world: World, *nodes: Any, first: Any = None) -> None:
    first = first or stage("tl", by_role("TL"))
    world.publish(from_chain(Chain("toy_route", "一步", nodes=(first, *nodes))))


def said(case: Case, language: str = "en") -> list[str]:
    with translation.override(language):
        return [note_of(event) for event in case.events.filter(kind=EventKind.SYSTEM_STEP)]


def template(world: World) -> SmsTemplate:
    office: Any = SimpleNamespace(plm=world.auditors[0], hrm=world.hrm)
    return make_template(office, NOW, Kind.NOTICE, usage=Usage.APPROVED)


def worker() -> None:
    deliver_due(clock=lambda: NOW + timedelta(minutes=2), limit=50)


class TestTellCustomer:
    def test_the_approval_only_leaves_a_row_in_the_outbox(
        self, world: World, customer: Customer
    ) -> None:
        template(world)
        case = world.approve(world.submitted(), world.tl)
        assert case.state == CaseState.APPROVED
        assert not SmsMessage.objects.exists()
        assert OutboxMessage.objects.filter(topic="sms.approval", delivered_at=None).count() == 1

    def test_the_worker_sends_and_says_so_in_the_history(
        self, world: World, customer: Customer
    ) -> None:
        template(world)
        case = world.approve(world.submitted(), world.tl)
        worker()
        message = SmsMessage.objects.get()
        assert (message.customer, message.by) == (customer, None)
        assert case.doc_no in message.text
        assert "100,000.00" in message.text
        assert said(case) == [
            "Text the customer · The text message to the customer is in the queue."
        ]
        assert said(case, "zh-hans") == ["短信通知客户 · 给客户的短信已进入发送队列。"]
        case.refresh_from_db()
        assert verify_case(case) is None

    def test_no_customer_is_told_twice_of_one_approval(
        self, world: World, customer: Customer
    ) -> None:
        template(world)
        publish(world, TELL, SECOND)
        case = world.approve(world.submitted(), world.tl)
        worker()
        assert SmsMessage.objects.count() == 1
        assert said(case)[1].endswith("the customer was told of this approval before.")

    def test_nothing_is_sent_while_the_document_is_not_approved(
        self, world: World, customer: Customer
    ) -> None:
        template(world)
        last = stage("bgm", by_role("BGM"), duty_line="MANAGEMENT")
        publish(world, TELL, last)
        case = world.approve(world.submitted(), world.tl)
        assert case.state == CaseState.IN_APPROVAL
        worker()
        assert not SmsMessage.objects.exists()
        assert said(case)[0].endswith("not approved yet when it passed this step.")
        world.approve(Case.objects.get(pk=case.pk), world.bgm, minutes=3)

    def test_in_front_of_another_decision_it_is_not_published(
        self, world: World, customer: Customer
    ) -> None:
        """The customer would never hear of the approval; the finding names the step."""
        first = stage("tl", by_role("TL"))
        last = stage("bgm", by_role("BGM"), duty_line="MANAGEMENT")

        def found(*nodes: Any) -> list[str]:
            route = from_chain(Chain("toy_route", "两步", nodes=nodes))
            with translation.override("en"):
                return [each.message for each in findings_of(route, "toy")]

        assert found(first, TELL, last) == [
            "“Text the customer” does nothing before the document is approved: put it behind the "
            "last step that decides."
        ]
        assert found(first, last, TELL) == []

    def test_without_a_template_the_history_says_why(
        self, world: World, customer: Customer
    ) -> None:
        case = world.approve(world.submitted(), world.tl)
        worker()
        assert case.state == CaseState.APPROVED
        assert said(case)[0].endswith("no approved template in use is sent at an approval.")

    def test_without_a_mobile_number_the_history_says_why(
        self, world: World, customer: Customer
    ) -> None:
        template(world)
        Customer.objects.filter(pk=customer.pk).update(phone="024-23456789")
        case = world.approve(world.submitted(), world.tl)
        worker()
        assert not SmsMessage.objects.exists()
        assert "No text message: SMS-12" in said(case)[0]
        assert "SMS-12" in said(case, "zh-hans")[0]

    def test_an_amount_that_a_step_changed_is_not_named(
        self, world: World, customer: Customer
    ) -> None:
        """What was granted is for the document's own message; the text asks for an amount."""
        template(world)
        lower = stage("tl", by_role("TL"), term_fields=("approved_amount",))
        publish(world, TELL, first=lower)
        case = world.approve(world.submitted(), world.tl, terms={"approved_amount": "9.00"})
        worker()
        assert not SmsMessage.objects.exists()
        assert "SMS-08" in said(case)[0]


class TestOffer:
    def test_kinds_about_customers_are_offered_it(self, world: World, customer: Customer) -> None:
        assert TELL_CUSTOMER.name in dict(offered(ToyKind()))

    def test_other_kinds_are_not(self) -> None:
        assert TELL_CUSTOMER.name not in dict(offered(ToyKind()))
