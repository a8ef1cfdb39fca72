"""关系图, scores and 公海 over HTTP."""

from __future__ import annotations

from datetime import datetime

from rest_framework.test import APIClient

import pytest

from customers.models import Customer, InfluenceRelation
from customers.services.pool import give_to_pool
from staff.models import Employee
from tests.customers.factories import World, make_contact, make_customer

pytestmark = pytest.mark.django_db


def client_of(person: Employee) -> APIClient:
    client = APIClient()
    client.force_authenticate(person)
    return client


class TestGraph:
    def test_gives_nodes_lines_and_hints(
        self, world: World, customer: Customer, now: datetime
    ) -> None:
        boss = make_contact(customer, now)
        other = make_customer(world.am, now, name="沈阳恒通机电有限公司")
        clerk = make_contact(
            customer, now, contact_type="MANAGER", name="李四", mobile="13900007777"
        )
        InfluenceRelation.objects.create(
            from_contact=boss, to_contact=clerk, influence_type="EMPLOYMENT",
            created_by=world.am, created_at=now,
        )  # fmt: skip
        url = f"/api/v1/customers/{customer.pk}/graph/"
        graph = client_of(world.am).get(url).json()
        solid = [line for line in graph["lines"] if not line["is_dashed"]]
        assert [(line["start"], line["end"]) for line in solid] == [(f"p{boss.pk}", f"p{clerk.pk}")]
        assert [hint["other_customer"] for hint in graph["hints"]] == [other.pk]
        assert graph["has_hidden_hints"] is False
        strong = client_of(world.am).get(url, {"strength": 3}).json()
        assert [line for line in strong["lines"] if line["strength"]] == []

    def test_n26_of_another_branch_is_not_found(self, world: World, customer: Customer) -> None:
        for part in ("graph", "scores"):
            url = f"/api/v1/customers/{customer.pk}/{part}/"
            assert client_of(world.other_am).get(url).status_code == 404


class TestScores:
    def test_gives_both_with_their_parts(self, world: World, customer: Customer) -> None:
        scores = client_of(world.am).get(f"/api/v1/customers/{customer.pk}/scores/").json()
        assert [part["code"] for part in scores["value"]["parts"]] == [
            "income", "years", "settled", "referrals",
        ]  # fmt: skip
        assert scores["risk"]["total"] == "0.0"


class TestPool:
    def test_lists_and_claims(self, world: World, customer: Customer, now: datetime) -> None:
        give_to_pool(customer=customer, reason="长期未跟进", actor=world.tl, now=now)
        client = client_of(world.colleague)
        (row,) = client.get("/api/v1/public-pool/").json()["results"]
        assert (row["name"], row["last_owner"]) == (customer.name, world.am.name)
        assert "phone" not in row
        claim = f"/api/v1/public-pool/{customer.pk}/claim/"
        assert client_of(world.other_am).post(claim).status_code == 404
        refused = client_of(world.tl).post(claim)
        assert (refused.status_code, refused.json()["code"]) == (403, "POL-02")
        assert client.post(claim).json()["owner"] == world.colleague.pk
        assert client.get("/api/v1/public-pool/").json()["results"] == []
