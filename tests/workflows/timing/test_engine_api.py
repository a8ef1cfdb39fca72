"""The same in the API, and as numbers for Prometheus."""

from __future__ import annotations

from django.test import Client
from rest_framework.test import APIClient

import pytest

from tests.workflows.timing.steps import timer
from tests.workflows.timing.test_engine_page import park
from tests.workflows.world import World, fresh
from workflows.choices import TimerState
from workflows.models import FlowVersion, Timer

API = "/api/v1/"


@pytest.fixture
def client(world: World) -> APIClient:
    found = APIClient()
    found.force_authenticate(fresh(world.adm))
    return found


class TestEngineApi:
    def test_health(self, world: World, client: APIClient) -> None:
        case = world.submitted()
        park(case)

        found = client.get(f"{API}engine/health/").json()

        assert found["is_well"] is False
        assert found["parked_timers"][0]["case"] == case.pk
        assert found["parked_timers"][0]["last_error"] == "DatabaseError: no room"
        assert found["timers"]["late"] == {"number": 2, "is_capped": False}

    def test_retry_and_drop(self, world: World, client: APIClient) -> None:
        first, second = park(world.submitted()), park(world.submitted())

        assert client.post(f"{API}engine/timers/{first.pk}/retry/").json()["state"] == "WAITING"
        dropped = client.post(
            f"{API}engine/timers/{second.pk}/drop/", {"reason": "不再需要"}, format="json"
        )

        assert dropped.json()["state"] == TimerState.DROPPED
        again = client.post(f"{API}engine/timers/{first.pk}/retry/")
        assert (again.status_code, again.json()["code"]) == (409, "TIM-03")

    def test_limits(self, world: World, client: APIClient) -> None:
        address = f"{API}flow-versions/{world.version.pk}/limits/"
        assert {row["node_id"] for row in client.get(address).json()} >= {"tl", "brm"}

        response = client.post(
            address, {"node_id": "tl", "hours": "12", "reason": "月末"}, format="json"
        )

        assert response.status_code == 200
        assert FlowVersion.objects.get(pk=world.version.pk).limits == {"tl": "12.00"}

    @pytest.mark.parametrize(
        "data", [{}, {"node_id": "tl", "hours": "x", "reason": "月末"}, {"node_id": "tl"}, [1]]
    )
    def test_bad_input_is_refused(self, world: World, client: APIClient, data: object) -> None:
        response = client.post(
            f"{API}flow-versions/{world.version.pk}/limits/", data, format="json"
        )
        assert response.status_code in (400, 422)

    def test_for_administrators_only(self, world: World) -> None:
        client = APIClient()
        client.force_authenticate(fresh(world.ceo))
        assert client.get(f"{API}engine/health/").status_code == 403


class TestMetrics:
    def test_timers_are_measured(self, world: World, settings) -> None:
        settings.METRICS_TOKEN = "t"
        case = world.submitted()
        park(case)
        Timer.objects.filter(pk=timer(case, 100).pk).update(ring_at=None)

        body = Client().get("/metrics", headers={"Authorization": "Bearer t"}).content.decode()

        assert "lending_timers_parked 1.0" in body
        assert "lending_timers_due 1.0" in body
        assert "lending_cases_unattended 0.0" in body
