from rest_framework.test import APIClient

import pytest

from staff.models import Notification
from tests.staff.factories import NOW, EmployeeFactory, person

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.staff.urls")]


@pytest.fixture
def me():
    return person("BRM", phone="13812345678")


@pytest.fixture
def api(me):
    client = APIClient()
    client.force_authenticate(me)
    return client


class TestMe:
    def test_says_who_i_am(self, api, me):
        body = api.get("/api/v1/me/").json()
        assert body["username"] == me.username and body["phone"] == "13812345678"
        assert [one["code"] for one in body["roles"]] == ["BRM"]
        assert "password" not in body

    def test_needs_a_login(self):
        assert APIClient().get("/api/v1/me/").status_code == 401


class TestEmployees:
    def test_lists_searches_and_masks(self, api, me):
        colleague = EmployeeFactory(name="李娜", phone="13912345678")
        EmployeeFactory(is_active=False)
        body = api.get("/api/v1/employees/").json()
        assert [one["id"] for one in body["results"]] == [me.pk, colleague.pk]
        found = api.get("/api/v1/employees/", {"q": "李娜"}).json()["results"]
        assert [one["phone"] for one in found] == ["139****5678"]
        assert "username" not in found[0] and "email" not in found[0]

    def test_pages_without_more_queries(self, api, django_assert_max_num_queries):
        EmployeeFactory.create_batch(60)
        with django_assert_max_num_queries(5):
            body = api.get("/api/v1/employees/").json()
        assert len(body["results"]) == 50
        assert len(api.get(body["next"]).json()["results"]) == 11

    @pytest.mark.parametrize(
        ("query", "status"),
        [({"q": "\x00"}, 400), ({"branch": "x"}, 400), ({"branch": "9" * 40}, 400)],
    )
    def test_bad_filters(self, api, query, status):
        response = api.get("/api/v1/employees/", query)
        assert response.status_code == status
        assert response.headers["Content-Type"].startswith("application/problem+json")

    @pytest.mark.parametrize("pk", ["999999", "9" * 40, "abc"])
    def test_an_unknown_one_is_a_404(self, api, pk):
        assert api.get(f"/api/v1/employees/{pk}/").status_code == 404

    def test_reads_only(self, api, me):
        for method in (api.post, api.put, api.patch, api.delete):
            assert method(f"/api/v1/employees/{me.pk}/", {}).status_code == 405


class TestNotifications:
    def tell(self, employee):
        return Notification.objects.create(
            recipient=employee,
            event="case.approved",
            params={"doc_no": "YW-1", "party": "甲", "actor": "乙"},
            created_at=NOW,
        )

    def test_lists_and_reads_ones_own(self, api, me):
        mine, foreign = self.tell(me), self.tell(EmployeeFactory())
        body = api.get("/api/v1/notifications/").json()["results"]
        assert [one["id"] for one in body] == [mine.pk]
        assert "YW-1" in body[0]["title"]
        read = api.post("/api/v1/notifications/read/", {"ids": [mine.pk, foreign.pk]}).json()
        assert read == {"read": 1, "unread": 0}
        foreign.refresh_from_db()
        assert foreign.read_at is None
        self.tell(me)
        assert api.post("/api/v1/notifications/read/", {}).json() == {"read": 1, "unread": 0}

    @pytest.mark.parametrize("ids", ["x", [0], ["a"], [2**70], {"a": 1}, [None]])
    def test_bad_ids(self, api, ids):
        response = api.post("/api/v1/notifications/read/", {"ids": ids})
        assert response.status_code == 400
        assert response.json()["errors"]
