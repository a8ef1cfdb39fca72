from __future__ import annotations

from typing import Any

from rest_framework.test import APIClient

import pytest

from tests.workflows.world import World
from workflows.models import Case

pytestmark = pytest.mark.django_db


def client_of(who: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(type(who).objects.get(pk=who.pk))
    return client


def send(who: Any, path: str, key: str = "key-00001", **data: Any) -> Any:
    return client_of(who).post(f"/api/v1/{path}", data, headers={"Idempotency-Key": key})


@pytest.fixture
def case(world: World) -> Case:
    return world.submitted()


class TestInbox:
    def test_lists_what_waits_for_the_caller(self, world: World, case: Case) -> None:
        answer = client_of(world.tl).get("/api/v1/inbox/")
        assert [row["case"]["id"] for row in answer.json()["results"]] == [case.pk]
        assert client_of(world.brm).get("/api/v1/inbox/").json()["results"] == []


class TestWorkItem:
    def test_says_why_and_which_acts_are_open(self, world: World, case: Case) -> None:
        found = client_of(world.tl).get(f"/api/v1/work-items/{world.item(case).pk}/").json()
        assert found["why_me"]
        assert [act["code"] for act in found["acts"]][:2] == ["approve", "approve_with_conditions"]

    def test_n26_is_404_for_who_may_not_see_the_case(self, world: World, case: Case) -> None:
        stranger = world._local("AM")
        path = f"/api/v1/work-items/{world.item(case).pk}/"
        assert client_of(stranger).get(path).status_code == 404

    def test_survives_hostile_ids(self, world: World) -> None:
        for hostile in ("0", "99999999999999999999999", "-1", "abc", "1%00"):
            answer = client_of(world.tl).get(f"/api/v1/work-items/{hostile}/")
            assert answer.status_code in (400, 404)


class TestActs:
    def test_a_misspelt_field_is_named_and_nothing_is_done(self, world: World, case: Case) -> None:
        """Approving without the condition that was meant would be worse than any refusal."""
        path = f"work-items/{world.item(case).pk}/approve/"
        answer = send(world.tl, path, opinion="同意", seen_version=case.version, condition=["x"])
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
        assert answer.json()["errors"] == [
            {"code": "unknown", "detail": "没有这个字段。", "field": "condition"}
        ]
        assert Case.objects.get(pk=case.pk).version == case.version

    def test_approve_moves_the_case(self, world: World, case: Case) -> None:
        path = f"work-items/{world.item(case).pk}/approve/"
        answer = send(world.tl, path, opinion="同意", seen_version=case.version)
        assert answer.status_code == 200
        assert answer.json()["version"] > case.version

    def test_a_retry_answers_alike(self, world: World, case: Case) -> None:
        path = f"work-items/{world.item(case).pk}/approve/"
        first = send(world.tl, path, opinion="同意", seen_version=case.version)
        again = send(world.tl, path, opinion="同意", seen_version=case.version)
        assert again.json() == first.json()
        assert case.events.count() == 2

    def test_the_key_is_required(self, world: World, case: Case) -> None:
        path = f"/api/v1/work-items/{world.item(case).pk}/approve/"
        answer = client_of(world.tl).post(path, {"opinion": "同意", "seen_version": case.version})
        assert answer.status_code == 400
        assert answer.headers["Content-Type"].startswith("application/problem+json")

    def test_refusals_are_problem_documents_with_their_code(self, world: World, case: Case) -> None:
        path = f"work-items/{world.item(case).pk}/approve/"
        answer = send(world.tl, path, opinion="同意", seen_version=case.version - 1)
        assert (answer.status_code, answer.json()["code"]) == (409, "WF-12")

    @pytest.mark.parametrize(
        "data",
        [
            {"opinion": ["x"]},
            {"opinion": "同意", "seen_version": "x"},
            {"opinion": "同意", "seen_version": 10**30},
            {"opinion": "同意", "terms": "x"},
            {},
        ],
    )
    def test_wrong_types_are_told_in_words(
        self, world: World, case: Case, data: dict[str, Any]
    ) -> None:
        answer = send(world.tl, f"work-items/{world.item(case).pk}/approve/", **data)
        assert 400 <= answer.status_code < 500
        assert answer.json()["errors"]
        assert case.events.count() == 1

    def test_unknown_acts_are_not_found(self, world: World, case: Case) -> None:
        assert send(world.tl, f"work-items/{world.item(case).pk}/explode/").status_code == 404

    def test_transfer_to_nobody_is_refused(self, world: World, case: Case) -> None:
        path = f"work-items/{world.item(case).pk}/transfer/"
        answer = send(world.tl, path, recipient=10**9, reason="出差", seen_version=case.version)
        assert answer.status_code in (400, 422)

    def test_comment_needs_no_version(self, world: World, case: Case) -> None:
        assert send(world.tl, f"cases/{case.pk}/comment/", text="请看附件").status_code == 200


class TestCase:
    @pytest.mark.parametrize(
        "path", ["", "history/", "diagram.svg/", "bpmn/", "preview/", "snapshots/1/"]
    )
    def test_is_read_in_all_its_parts(self, world: World, case: Case, path: str) -> None:
        answer = client_of(world.tl).get(f"/api/v1/cases/{case.pk}/{path}")
        assert answer.status_code == 200

    def test_history_carries_its_hashes(self, world: World, case: Case) -> None:
        rows = client_of(world.tl).get(f"/api/v1/cases/{case.pk}/history/").json()
        assert rows[0]["hash"] == case.last_hash
