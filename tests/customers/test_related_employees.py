"""Employees related to a customer, by what contacts and influence tell; they abstain."""

from __future__ import annotations

from datetime import datetime

import pytest

from customers import hooks
from customers.models import Customer, InfluenceRelation
from customers.selectors.related import linked_customers, related_employees
from customers.services.contacts import delete_contact
from customers.services.relations import TOPIC, related_to, review_cases
from lending_crm.common.models import OutboxMessage
from staff.models import Employee
from tests.customers.factories import World, make_channel, make_contact

pytestmark = pytest.mark.django_db

NUMBER = "13800001111"


def with_phone(who: Employee, number: str = NUMBER) -> Employee:
    Employee.objects.filter(pk=who.pk).update(phone=number)
    return who


class TestRelatedEmployees:
    def test_by_the_telephone_of_a_contact(
        self, world: World, customer: Customer, now: datetime
    ) -> None:
        make_contact(customer, now, mobile=NUMBER)
        with_phone(world.brm)
        with_phone(world.hrm, "13900002222")
        found = related_employees(customer.pk)
        assert list(found) == [world.brm.pk]
        assert "contact of the customer" in found[world.brm.pk]

    def test_by_somebody_with_influence_across_customers(
        self, world: World, customer: Customer, now: datetime
    ) -> None:
        contact = make_contact(customer, now)
        channel = make_channel(world.am, now)
        other = make_contact(channel, now, mobile=NUMBER, name="李四")
        InfluenceRelation.objects.create(
            from_contact=other, to_contact=contact, influence_type="KINSHIP",
            created_by=world.am, created_at=now,
        )  # fmt: skip
        with_phone(world.hrm)
        found = related_employees(customer.pk)
        assert list(found) == [world.hrm.pk]
        assert "influence" in found[world.hrm.pk]
        assert linked_customers(customer.pk) == {channel.pk}

    def test_people_without_a_telephone_or_who_left_are_nobody(
        self, world: World, customer: Customer, now: datetime
    ) -> None:
        make_contact(customer, now, mobile=NUMBER)
        with_phone(world.brm, "")
        Employee.objects.filter(pk=with_phone(world.hrm).pk).update(is_active=False)
        assert related_employees(customer.pk) == {}

    def test_a_document_without_a_customer_has_none(self) -> None:
        assert related_to(object()) == {}


class TestChanges:
    def test_a_changed_contact_has_its_cases_reviewed(
        self, customer: Customer, now: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        contact = make_contact(customer, now)
        OutboxMessage.objects.all().delete()
        delete_contact(contact=contact, actor=customer.owner, now=now)
        message = OutboxMessage.objects.get(topic=TOPIC)
        reviewed: list[int] = []
        monkeypatch.setattr(hooks, "_case_sources", [lambda customer_id: [7, 3]])
        monkeypatch.setattr(
            "customers.services.relations.review_recusals",
            lambda *, case_id, now: reviewed.append(case_id),
        )
        review_cases(message, now)
        assert reviewed == [3, 7]
