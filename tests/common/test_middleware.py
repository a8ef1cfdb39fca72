"""Whatever a view raises ends in a sentence, a code and a status that its asker understands."""

from __future__ import annotations

import io
import json
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

import pytest

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.raising_urls")]

HTMX = {"HX-Request": "true"}
EXPECTED = [
    ("rule", 403, "WF-03"),
    ("rules", 422, "BA-01"),
    ("lock", 503, "SYS-503"),
    ("nul", 400, "SYS-400"),
    ("overflow", 400, "SYS-400"),
    ("surrogate", 400, "SYS-400"),
    ("oversized", 413, "SYS-413"),
    ("missing", 404, "SYS-404"),
    ("denied", 403, "SYS-403"),
    ("fault", 500, "SYS-500"),
]


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def member(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_user("someone"))
    return client


class TestRefusalAsPage:
    @pytest.mark.parametrize(("act", "status", "code"), EXPECTED)
    def test_has_the_status_and_no_traceback(
        self, client: Client, act: str, status: int, code: str
    ) -> None:
        response = client.get(f"/act/{act}/")

        assert response.status_code == status
        assert response["Content-Type"].startswith("text/html")
        for secret in (b"Traceback", b"secret detail", b"hidden reason"):
            assert secret not in response.content

    def test_shows_every_reason_with_its_code(self, client: Client) -> None:
        text = client.get("/act/rules/").content.decode()

        for part in ("The amount is missing.", "BA-01", "The term is missing.", "BA-02"):
            assert part in text

    def test_escapes_what_people_typed(self, client: Client) -> None:
        assert "A&lt;b&gt; may not." in client.get("/act/rule/").content.decode()

    def test_leads_back_to_where_the_asker_came_from(self, client: Client) -> None:
        back = client.get("/act/rule/", headers={"Referer": "http://testserver/from-here/"})
        abroad = client.get("/act/rule/", headers={"Referer": "https://evil.example/trap/"})

        assert b"http://testserver/from-here/" in back.content
        assert b"evil.example" not in abroad.content

    def test_speaks_the_language_of_the_asker(self, client: Client) -> None:
        chinese = client.get("/act/lock/").content.decode()
        english = client.get("/act/lock/", headers={"Accept-Language": "en"}).content.decode()

        assert "Somebody else is working on this record right now" in english
        assert "Somebody else is working on this record right now" not in chinese


class TestRefusalAsFragment:
    @pytest.mark.parametrize(("act", "status", "code"), EXPECTED)
    def test_has_the_status_and_the_code(
        self, client: Client, act: str, status: int, code: str
    ) -> None:
        response = client.get(f"/act/{act}/", headers=HTMX)

        assert response.status_code == status
        assert code.encode() in response.content
        assert b"<html" not in response.content

    def test_a_lost_login_reloads_the_whole_page(self, client: Client) -> None:
        response = client.get("/members/", headers=HTMX)

        assert response.headers["HX-Redirect"] == settings.LOGIN_URL
        assert not response.content


class TestRefusalAsProblem:
    @pytest.mark.parametrize(("act", "status", "code"), EXPECTED)
    def test_is_a_problem_document(self, member: Client, act: str, status: int, code: str) -> None:
        response = member.get(f"/api/v1/act/{act}/")
        body = response.json()

        assert response.status_code == status
        assert response["Content-Type"] == "application/problem+json"
        assert (body["status"], body["code"]) == (status, code)
        assert body["detail"]
        assert "secret" not in response.content.decode()

    def test_lists_every_reason_with_its_field(self, member: Client) -> None:
        errors = member.get("/api/v1/act/rules/").json()["errors"]

        assert [(error["code"], error["field"]) for error in errors] == [
            ("BA-01", "amount"),
            ("BA-02", "term"),
        ]

    def test_names_the_field_of_a_validation_error(self, member: Client) -> None:
        response = post_json(member, "/api/v1/act/validate/", {"name": "too long"})

        assert response.status_code == 400
        assert response.json()["errors"][0]["field"] == "name"
        assert response.json()["errors"][0]["code"] == "max_length"

    @pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"name": NaN}'])
    def test_refuses_what_is_not_json(self, member: Client, body: bytes) -> None:
        response = member.post("/api/v1/act/validate/", body, content_type="application/json")

        assert response.status_code == 400
        assert response["Content-Type"] == "application/problem+json"

    def test_asks_a_stranger_to_log_in(self, client: Client) -> None:
        response = client.get("/api/v1/act/pass/")

        assert response.status_code == 401
        assert response["WWW-Authenticate"] == "Token"
        assert response.json()["code"] == "SYS-401"

    def test_refuses_a_method(self, member: Client) -> None:
        response = member.delete("/api/v1/act/pass/")

        assert response.status_code == 405
        assert response.json()["code"] == "SYS-405"

    def test_answers_an_unknown_address(self, client: Client) -> None:
        response = client.get("/api/v1/nowhere/")

        assert response.status_code == 404
        assert response.json()["code"] == "SYS-404"


def post_json(client: Client, address: str, data: Any) -> Any:
    return client.post(address, json.dumps(data), content_type="application/json")


class TestRequestSize:
    def test_takes_ten_megabytes_of_text(self, client: Client) -> None:
        assert client.post("/form/", {"text": "x" * 10 * 2**20}).status_code == 200

    def test_refuses_more_text_than_it_takes(self, client: Client) -> None:
        response = client.post("/form/", {"text": "x" * 13 * 2**20})

        assert response.status_code == 413
        assert b"SYS-413" in response.content

    def test_refuses_a_large_json_body(self, member: Client) -> None:
        response = post_json(member, "/api/v1/act/validate/", {"name": "x" * 13 * 2**20})

        assert response.status_code == 413
        assert response.json()["code"] == "SYS-413"

    def test_takes_a_file_of_fifty_megabytes(self, client: Client) -> None:
        file = io.BytesIO(bytes(50 * 2**20))

        assert client.post("/form/", {"file": file}).status_code == 200

    def test_refuses_a_larger_request_before_parsing_it(self, client: Client) -> None:
        file = io.BytesIO(bytes(53 * 2**20))

        assert client.post("/form/", {"file": file}).status_code == 413

    def test_refuses_too_many_fields(self, client: Client) -> None:
        fields = {f"field{number}": "1" for number in range(2_001)}

        assert client.post("/form/", fields).status_code == 413


class TestSecurityHeaders:
    def test_forbid_inline_code_and_other_hosts(self, client: Client) -> None:
        policy = client.get("/healthz")["Content-Security-Policy"]

        assert "script-src 'self';" in f"{policy};"
        assert "style-src 'self';" in f"{policy};"
        assert "unsafe" not in policy
        assert "https:" not in policy

    def test_a_form_without_its_token_is_refused_in_words(self) -> None:
        strict = Client(enforce_csrf_checks=True)

        assert strict.post("/form/", {}).status_code == 403
        assert strict.post("/form/", {}, headers=HTMX).status_code == 403


class TestClientAddress:
    @pytest.mark.parametrize(
        ("proxies", "forwarded", "expected"),
        [
            (0, "10.9.9.9", "127.0.0.1"),
            (1, "10.9.9.9", "10.9.9.9"),
            (1, "6.6.6.6, 10.9.9.9", "10.9.9.9"),
            (2, "10.9.9.9, 10.0.0.1", "10.9.9.9"),
            (1, "<script>", "127.0.0.1"),
            (1, "", "127.0.0.1"),
        ],
    )
    def test_believes_only_our_own_proxies(
        self, client: Client, settings: Any, proxies: int, forwarded: str, expected: str
    ) -> None:
        settings.TRUSTED_PROXIES = proxies
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}

        assert client.get("/address/", headers=headers).content.decode() == expected


class TestHealth:
    def test_reports_the_outbox(self, client: Client) -> None:
        answer = client.get("/healthz").json()

        assert answer["status"] == "ok"
        assert answer["outbox"] == {"waiting": 0, "oldest_seconds": 0, "parked": 0}

    def test_hides_metrics_without_a_token(self, client: Client, settings: Any) -> None:
        assert client.get("/metrics").status_code == 404
        settings.METRICS_TOKEN = "t0ken"
        wrong = client.get("/metrics", headers={"Authorization": "Bearer other"})
        right = client.get("/metrics", headers={"Authorization": "Bearer t0ken"})

        assert wrong.status_code == 404
        assert right.status_code == 200
        assert b"lending_outbox_waiting" in right.content


class TestRequestLog:
    def test_names_the_route_and_never_the_query(
        self, member: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level("INFO", logger="lending_crm.common.middleware"):
            response = member.get("/form/?name=%E5%BC%A0%E4%B8%89")

        line = str(caplog.records[-1].msg)
        assert "'route': 'form/'" in line
        assert "张三" not in line
        assert response["X-Request-ID"]
