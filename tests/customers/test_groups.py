"""关联集团: members come and go with a reason, the total is told, likely members are named."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.test import Client
from django.urls import reverse

import pytest

from customers import hooks
from customers.hooks import Exposures
from customers.models import Customer, CustomerGroup
from customers.selectors.groups import group_page
from customers.services.groups import change_group, create_group
from customers.services.relations import TOPIC
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord, OutboxMessage
from tests.customers.factories import World, make_customer

pytestmark = pytest.mark.django_db
WHY = "同一实际控制人"


@pytest.fixture
def group(world: World, now: datetime) -> CustomerGroup:
    return create_group(name="汇银集团", actor=world.hrm, now=now)


@pytest.fixture
def owed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every customer owes a million; a group may owe one and a half."""

    def source(customer_ids, day: date) -> Exposures:
        amounts = {pk: Decimal("1000000.00") for pk in customer_ids}
        return Exposures(amounts, None, Decimal("1500000.00"))

    monkeypatch.setattr(hooks, "_exposure_sources", [source])


def join(world: World, customer: Customer, group: CustomerGroup | None, now, **values) -> Customer:
    return change_group(
        customer=customer, group=group, now=now, **({"reason": WHY, "actor": world.hrm} | values)
    )


def refusal_of(call, *args, **values) -> str:
    with pytest.raises(DomainError) as refusal:
        call(*args, **values)
    return refusal.value.code


class TestChangeGroup:
    def test_keeps_the_reason_with_customer_and_group(
        self, world: World, customer: Customer, group: CustomerGroup, now: datetime
    ) -> None:
        OutboxMessage.objects.all().delete()
        join(world, customer, group, now)
        join(world, Customer.objects.get(), None, now, reason="股权已转让")
        notes = ChangeRecord.objects.filter(field="group members", object_id=group.pk)
        assert [(note.old, note.new) for note in notes.order_by("id")] == [
            ("", f"{customer.name}:{WHY}"),
            (f"{customer.name}:股权已转让", ""),
        ]
        assert ChangeRecord.objects.filter(field="group", object_id=customer.pk).count() == 2
        assert OutboxMessage.objects.filter(topic=TOPIC).count() == 2

    def test_cus_23_refuses_account_managers(
        self, world: World, customer: Customer, group: CustomerGroup, now: datetime
    ) -> None:
        assert refusal_of(join, world, customer, group, now, actor=world.am) == "CUS-23"

    def test_cus_35_refuses_what_changes_nothing(
        self, world: World, customer: Customer, group: CustomerGroup, now: datetime
    ) -> None:
        assert refusal_of(join, world, customer, None, now) == "CUS-35"
        join(world, customer, group, now)
        assert refusal_of(join, world, customer, group, now) == "CUS-35"

    def test_cus_36_asks_for_a_reason(
        self, world: World, customer: Customer, group: CustomerGroup, now: datetime
    ) -> None:
        assert refusal_of(join, world, customer, group, now, reason=" 是的 ") == "CUS-36"
        assert refusal_of(join, world, customer, group, now, reason="长" * 201) == "CUS-26"


class TestGroupPage:
    def test_adds_up_what_the_members_in_sight_owe(
        self, world: World, customer: Customer, group: CustomerGroup, now: datetime, owed: None
    ) -> None:
        other = make_customer(world.other_am, now, name="大连海港物流有限公司")
        for member in (customer, other):
            join(world, member, group, now)
        whole = group_page(world.hrm, group, day=now.date())
        assert (whole.total, whole.hidden, whole.is_above_limit) == (Decimal("2000000"), 0, True)

    def test_n26_of_other_branches_only_the_number_is_told(
        self, world: World, customer: Customer, group: CustomerGroup, now: datetime, owed: None
    ) -> None:
        other = make_customer(world.other_am, now, name="大连海港物流有限公司")
        for member in (customer, other):
            join(world, member, group, now)
        part = group_page(world.am, group, day=now.date())
        assert [member.customer for member in part.members] == [customer]
        assert (part.total, part.hidden) == (Decimal("1000000"), 1)

    def test_names_who_shares_a_head_or_is_an_affiliate(
        self, world: World, customer: Customer, group: CustomerGroup, now: datetime
    ) -> None:
        twin = make_customer(
            world.am, now, name="汇银建材有限公司", legal_rep="", controller="张三"
        )
        branch = make_customer(
            world.am, now, name="汇银一分公司", customer_type="UPDOWN", legal_rep="王五",
            principal_customer=customer, relation_kind="BRANCH_COMPANY",
        )  # fmt: skip
        make_customer(world.am, now, name="无关有限公司", legal_rep="王五")
        join(world, customer, group, now)
        found = group_page(world.hrm, group, day=now.date()).suggestions
        assert [(hint.customer, hint.because) for hint in found] == [
            (branch, customer.name),
            (twin, "张三"),
        ]
        assert all(hint.may_add for hint in found)
        assert not any(h.may_add for h in group_page(world.am, group, day=now.date()).suggestions)


class TestPages:
    def test_risk_control_adds_and_takes_out(
        self, world: World, customer: Customer, group: CustomerGroup, client: Client
    ) -> None:
        client.force_login(world.brm)
        add = reverse("customers:group-add", args=[group.pk])
        typed = {"customer": customer.pk, "reason": WHY}
        assert client.post(add, {"customer": customer.pk, "reason": "短"}).status_code == 422
        assert client.post(add, typed).status_code == 302
        assert Customer.objects.get().group == group
        remove = reverse("customers:group-remove", args=[group.pk])
        assert client.post(remove, typed).status_code == 302
        assert Customer.objects.get().group is None

    def test_others_see_no_button_and_may_not(
        self, world: World, customer: Customer, group: CustomerGroup, client: Client
    ) -> None:
        client.force_login(world.am)
        page = client.get(reverse("customers:group-detail", args=[group.pk]))
        assert "add-dialog" not in page.content.decode()
        add = reverse("customers:group-add", args=[group.pk])
        answer = client.post(add, {"customer": customer.pk, "reason": WHY})
        assert answer.status_code == 403

    def test_asks_at_most_ten_queries(
        self, world: World, customer: Customer, group: CustomerGroup, now: datetime,
        client: Client, django_assert_max_num_queries,
    ) -> None:  # fmt: skip
        join(world, customer, group, now)
        client.force_login(world.am)
        client.get("/search/")  # the first request of a session writes the session
        with django_assert_max_num_queries(10):
            client.get(reverse("customers:group-detail", args=[group.pk]))
