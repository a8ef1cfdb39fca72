"""Whatever is sent to any form or any endpoint: an answer with the right status, never a fault.

Forms are found on the pages themselves and fields of the API in its own description, so a new
page or endpoint is covered without a line here. What a field is spoiled with is the same
everywhere; what each app's own fields mean is tested beside the app.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from http.cookies import SimpleCookie
from itertools import count, cycle, islice
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

import pytest
from lxml import html

from lending_crm.common.api_description import DescriptionGenerator
from tests.architecture.role_matrix import World, addresses

pytestmark = pytest.mark.django_db

MARKUP = "<script>alert(1)</script>\"'><img src=x>"
TEXTS: tuple[str, ...] = (
    "", "\x00", "a\x00b", "\u202e\ufffe", "😀" * 40, MARKUP, "{{ 7*7 }}%s%(x)s{0}", "x" * 20_000,
    "-1", "NaN", "1e400", "9" * 400, "2026-02-30", "9999-12-31T99:99", "0001-01-01", str(2**63),
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, -1, 1.5, 10**30, 2**63, "", " ", "\x00", "\ud800", "😀", MARKUP, "x" * 20_000,
    "9" * 400, "NaN", "2026-02-30", [], [None], ["x", 1, {}], {}, {"a": {"b": [1]}},
)  # fmt: skip
FILES = {
    "empty.pdf": b"",
    "page.html": b"<script>alert(1)</script>",
    "lie.pdf": b"MZ\x90\x00" + b"\x00" * 200,
    "lie.jpg": b"%PDF-1.4\n",
    "broken.zip": b"PK\x03\x04" + b"\xff" * 60,
    "..\\..\\" + "x" * 300 + ".pdf": b"%PDF-1.4\n%%EOF",
    "no-name": b"\x00",
}
#: signing out would end the run; the rest of allauth is not ours
_LEFT_OUT = ("/accounts/logout/", "/accounts/2fa/")


class Visitor:
    """One person's browser; nothing that he does stays."""

    def __init__(self, world: World, role: str) -> None:
        self._client = Client(raise_request_exception=False, headers={"Accept-Language": "en"})
        self._client.force_login(world.people[role])
        self._cookies = self._client.cookies.output(header="", sep=";")
        self.faults: list[str] = []

    def ask(self, method: str, path: str, what: object, *args: Any, **kwargs: Any) -> HttpResponse:
        self._client.cookies = SimpleCookie(self._cookies)
        with transaction.atomic():
            response = getattr(self._client, method)(path, *args, **kwargs)
            if not response.streaming:
                response.content  # noqa: B018 - templates are rendered by now
            transaction.set_rollback(True)
        told = f"{method} {path} {str(what)[:80]!r}"
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.faults.append(f"{response.status_code} {told}")
        elif _is_page(response) and b"<script>alert(1)" in response.content:
            self.faults.append(f"unescaped {told}")
        return response


def _is_page(response: HttpResponse) -> bool:
    return not response.streaming and response.headers.get("Content-Type", "").startswith(
        "text/html"
    )


@dataclass(frozen=True)
class Form:
    action: str
    method: str
    fields: dict[str, str]
    files: tuple[str, ...]


def forms_of(path: str, page: HttpResponse) -> Iterator[Form]:
    """Every form of a page with what it would send, and what htmx would ask for by itself."""
    if not _is_page(page) or not page.content.strip():
        return
    for form in html.fromstring(page.content.decode()).iter("form"):
        action = form.get("hx-post") or form.get("action") or path
        method = "post" if form.get("hx-post") else (form.get("method") or "get").lower()
        fields = {
            name: form.fields[name] if isinstance(form.fields[name], str) else ""
            for name in form.fields
            if name not in ("csrfmiddlewaretoken", None)
        }
        files = tuple(box.get("name") for box in form.iter("input") if box.get("type") == "file")
        yield Form(action.partition("#")[0] or path, method, fields, files)


_turn = count()


def spoiled(
    fields: dict[str, Any], values: tuple[Any, ...]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """All fields spoiled in a few ways, then each on its own in another; forms take turns
    through the ways, so that every way is met on many forms and none takes long."""
    ways = cycle(values)
    for _skip in range(next(_turn) * 5 % len(values)):
        next(ways)
    for value in islice(ways, 5):
        yield f"all={value!r}", dict.fromkeys(fields, value)
    for name in fields:
        value = next(ways)
        yield f"{name}={value!r}", {**fields, name: value}


class TestPages:
    @pytest.mark.parametrize("role", ["am", "adm"])
    def test_every_form_answers_whatever_is_typed(self, now: datetime, role: str) -> None:
        world = World(now)
        visitor = Visitor(world, role)
        done: set[tuple[str, str, frozenset[str]]] = set()
        for address in addresses():
            path = world.path(address)
            if path.startswith(("/api/", *_LEFT_OUT)):
                continue
            page = visitor.ask("get", path, "")
            for form in forms_of(path, page):
                mark = (form.action, form.method, frozenset(form.fields))
                if (
                    form.method == "dialog"
                    or mark in done
                    or form.action.startswith(_LEFT_OUT)
                    or "://" in form.action
                ):
                    continue
                done.add(mark)
                for what, data in spoiled(form.fields, TEXTS):
                    visitor.ask(form.method, form.action, what, data)
                for name in form.files:
                    for file_name, content in FILES.items():
                        upload = SimpleUploadedFile(file_name, content)
                        sent = {**form.fields, name: upload}
                        visitor.ask(form.method, form.action, file_name, sent)
        assert len(done) > 5
        assert not visitor.faults

    def test_every_address_answers_odd_queries_and_bodies(self, now: datetime) -> None:
        world = World(now)
        visitor = Visitor(world, "am")
        names = ("q", "cursor", "tab", "sort", "page", "case", "show", "year", "status", "kind")
        odd = dict(zip(names, cycle(("\x00", "-1", "9" * 400, "😀", "../..")), strict=False))
        for address in addresses():
            path = world.path(address)
            if path.startswith(_LEFT_OUT):
                continue
            visitor.ask("get", path, "odd", odd)
            visitor.ask("get", path, "markup", dict.fromkeys(names, MARKUP))
            is_api = path.startswith("/api/")
            kind = "application/json" if is_api else "application/x-www-form-urlencoded"
            for body in (b"\xff\xfe\x00", b"[" * 9000 if is_api else b"%ED%A0%80=%00&=&"):
                visitor.ask("post", path, body, body, content_type=kind)
        assert not visitor.faults


class TestApi:
    @pytest.mark.parametrize("role", ["am", "adm"])
    def test_every_field_of_every_operation(self, now: datetime, role: str) -> None:
        world = World(now)
        visitor = Visitor(world, role)
        schema = DescriptionGenerator().get_schema(request=None, public=True)
        by_path = {_shape(world.path(address)): world.path(address) for address in addresses()}
        asked = 0
        for template, operations in schema["paths"].items():
            path = by_path.get(_shape(template.replace("{", "0{")), template)
            for method, operation in operations.items():
                if method not in ("post", "put", "patch", "delete"):
                    continue
                fields = _properties(schema, operation)
                for number, (what, data) in enumerate(spoiled(fields, VALUES)):
                    asked += 1
                    visitor.ask(
                        method, path, what, _json(data), content_type="application/json",
                        headers={"Idempotency-Key": f"key-{number:08}"},
                    )  # fmt: skip
        assert asked > 200
        assert not visitor.faults


def _shape(path: str) -> str:
    """The address without its ids: what a route and its description have in common."""
    parts = path.strip("/").split("/")
    return "/".join("*" if "{" in part or part.isdecimal() else part for part in parts)


def _properties(schema: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        found = content["schema"]
        if "$ref" in found:
            found = schema["components"]["schemas"][found["$ref"].rpartition("/")[2]]
        return dict.fromkeys(found.get("properties", {}))
    return {}


def _json(data: Any) -> str:
    return json.dumps(data)
