"""关联人登记: who is declared abstains, through the register, the ID number and the group."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.test import Client
from django.urls import reverse

import pytest

from customers.models import Contact, Customer, InfluenceRelation, StaffIdentity, StaffRelation
from customers.selectors.related import linked_customers, related_employees
from customers.services.contacts import delete_contact
from customers.services.groups import change_group, create_group
from customers.services.relations import TOPIC
from customers.services.staff_relations import declare_relation, end_relation, keep_identity
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord, OutboxMessage
from staff.models import Employee
from tests.customers.factories import (
    World,
    id_number,
    make_channel,
    make_contact,
    make_customer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(customer: Customer, now: datetime) -> Contact:
    return make_contact(customer, now)


def declare(world: World, customer: Customer, now: datetime, **values) -> StaffRelation:
    given = {
        "employee": world.brm, "contact": None, "tie": "RELATIVE", "reason": "本人申报,书面",
        "actor": world.hrm,
    }  # fmt: skip
    return declare_relation(customer=customer, now=now, **(given | values))


def code_of(call, **values) -> str:
    with pytest.raises(DomainError) as refusal:
        call(**values)
    return refusal.value.code


class TestDeclareRelation:
    def test_makes_the_employee_related_and_is_logged(
        self, world: World, customer: Customer, boss: Contact, now: datetime
    ) -> None:
        OutboxMessage.objects.all().delete()
        declare(world, customer, now, contact=boss)
        assert related_employees(customer.pk) == {
            world.brm.pk: "declared as related to the customer or its group"
        }
        note = ChangeRecord.objects.get(field="related employees")
        assert world.brm.name in note.new
        assert boss.name in note.new
        assert OutboxMessage.objects.filter(topic=TOPIC).count() == 1

    @pytest.mark.parametrize("who", ["am", "tl", "brm", "adm"])
    def test_cus_31_only_head_office_risk_keeps_it(
        self, world: World, customer: Customer, now: datetime, who: str
    ) -> None:
        values = {"world": world, "customer": customer, "now": now, "actor": getattr(world, who)}
        assert code_of(declare, **values) == "CUS-31"

    def test_cus_32_refuses_a_second_entry_until_the_first_is_ended(
        self, world: World, customer: Customer, now: datetime
    ) -> None:
        first = declare(world, customer, now)
        assert code_of(declare, world=world, customer=customer, now=now) == "CUS-32"
        end_relation(relation=first, actor=world.hrm, now=now)
        declare(world, customer, now)

    def test_cus_34_refuses_who_has_left(
        self, world: World, customer: Customer, now: datetime
    ) -> None:
        Employee.objects.filter(pk=world.brm.pk).update(is_active=False)
        gone = Employee.objects.get(pk=world.brm.pk)
        values = {"world": world, "customer": customer, "now": now, "employee": gone}
        assert code_of(declare, **values) == "CUS-34"

    def test_cus_22_refuses_a_contact_of_another_customer(
        self, world: World, boss: Contact, now: datetime
    ) -> None:
        other = make_channel(world.am, now)
        values = {"world": world, "customer": other, "now": now, "contact": boss}
        assert code_of(declare, **values) == "CUS-22"

    def test_removing_the_contact_does_not_end_the_duty(
        self, world: World, customer: Customer, boss: Contact, now: datetime
    ) -> None:
        declare(world, customer, now, contact=boss)
        delete_contact(contact=boss, actor=world.am, now=now)
        assert world.brm.pk in related_employees(customer.pk)

    def test_the_account_manager_cannot_see_the_list_on_his_customer(
        self, world: World, customer: Customer, now: datetime, client: Client
    ) -> None:
        declare(world, customer, now)
        graph = reverse("customers:customer-graph", args=[customer.pk])
        client.force_login(world.am)
        assert "本人申报" not in client.get(graph).content.decode()
        client.force_login(world.hrm)
        assert "本人申报" in client.get(graph).content.decode()


class TestEndRelation:
    def test_the_employee_may_decide_again_and_the_entry_stays(
        self, world: World, customer: Customer, now: datetime
    ) -> None:
        relation = declare(world, customer, now)
        later = now + timedelta(days=1)
        end_relation(relation=relation, actor=world.hrm, now=later)
        end_relation(relation=relation, actor=world.hrm, now=later + timedelta(days=1))
        assert related_employees(customer.pk) == {}
        kept = StaffRelation.objects.get()
        assert (kept.ended_by, kept.ended_at) == (world.hrm, later)


class TestKeepIdentity:
    def test_finds_the_employee_among_the_contacts(
        self, world: World, customer: Customer, now: datetime
    ) -> None:
        number = id_number()
        make_contact(customer, now, id_no=number)
        keep_identity(employee=world.brm, id_no=number.lower(), actor=world.hrm, now=now)
        assert related_employees(customer.pk) == {
            world.brm.pk: "same ID number as a contact of the customer"
        }
        assert number not in str(StaffIdentity.objects.values().get())
        assert number not in str(list(ChangeRecord.objects.values()))

    def test_cus_02_refuses_a_wrong_number(self, world: World, now: datetime) -> None:
        values = {"employee": world.brm, "id_no": "123", "actor": world.hrm, "now": now}
        assert code_of(keep_identity, **values) == "CUS-02"

    def test_cus_33_refuses_the_number_of_another_employee(
        self, world: World, now: datetime
    ) -> None:
        number = id_number()
        keep_identity(employee=world.brm, id_no=number, actor=world.hrm, now=now)
        values = {"employee": world.bgm, "id_no": number, "actor": world.hrm, "now": now}
        assert code_of(keep_identity, **values) == "CUS-33"


class TestThroughInfluenceAndGroup:
    @pytest.mark.parametrize(("kind", "is_related"), [("KINSHIP", True), ("COOPERATION", False)])
    def test_kin_of_a_contact_who_is_tied_to_the_employee(
        self, world: World, customer: Customer, boss: Contact, now: datetime, kind, is_related
    ) -> None:
        other = make_channel(world.am, now)
        brother = make_contact(other, now, name="张四", mobile="13900005555")
        InfluenceRelation.objects.create(
            from_contact=brother, to_contact=boss, influence_type=kind,
            created_by=world.am, created_at=now,
        )  # fmt: skip
        declare(world, other, now, contact=brother)
        assert (world.brm.pk in related_employees(customer.pk)) is is_related

    def test_members_of_the_group_share_the_duty(
        self, world: World, customer: Customer, now: datetime
    ) -> None:
        sister = make_customer(world.am, now, name="北方汇银建材有限公司")
        group = create_group(name="汇银集团", actor=world.hrm, now=now)
        for member in (customer, sister):
            change_group(
                customer=member, group=group, reason="同一控制人", actor=world.hrm, now=now
            )
        declare(world, sister, now)
        assert world.brm.pk in related_employees(customer.pk)
        assert sister.pk in linked_customers(customer.pk)


class TestPages:
    def test_the_register_is_for_head_office_risk_alone(self, world: World, client: Client) -> None:
        url = reverse("customers:related-employees")
        for who, status in (("hrm", 200), ("adm", 403), ("am", 403), ("bgm", 403)):
            client.force_login(getattr(world, who))
            assert client.get(url).status_code == status

    def test_declares_and_ends_by_form(
        self, world: World, customer: Customer, boss: Contact, client: Client
    ) -> None:
        client.force_login(world.hrm)
        url = reverse("customers:related-employee-new", args=[customer.pk])
        typed = {"employee": world.brm.pk, "contact": boss.pk, "tie": "SHARES", "reason": "持股5%"}
        assert client.post(url, {**typed, "tie": ""}).status_code == 422
        assert client.post(url, typed).status_code == 302
        relation = StaffRelation.objects.get()
        end = reverse("customers:related-employee-end", args=[relation.pk])
        assert client.post(end).status_code == 302
        assert related_employees(customer.pk) == {}

    def test_the_id_number_is_kept_by_form_and_shown_nowhere(
        self, world: World, client: Client
    ) -> None:
        client.force_login(world.hrm)
        url = reverse("customers:related-employee-identity")
        number = id_number()
        assert client.post(url, {"employee": world.brm.pk, "id_no": "1"}).status_code == 422
        assert client.post(url, {"employee": world.brm.pk, "id_no": number}).status_code == 302
        page = client.get(reverse("customers:related-employees")).content.decode()
        assert number not in page
