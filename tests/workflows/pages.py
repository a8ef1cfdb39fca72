"""A browser without a browser: signed-in clients, rows of a list, counted statements."""

from __future__ import annotations

import html
import re
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from staff.models import Employee
from tests.workflows.world import fresh
from workflows.models import Case, WorkItem

HTMX = {"HX-Request": "true"}


def browser(who: Employee, *, language: str = "en", **values: Any) -> Client:
    """The person's own browser; it answers faults of the program with their page."""
    client = Client(raise_request_exception=False, headers={"Accept-Language": language}, **values)
    client.force_login(fresh(who))
    return client


def text_of(response: HttpResponse) -> str:
    """What a reader sees: without marks, with entities resolved, blanks joined."""
    body = re.sub(r"<(script|style|template)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def listed(response: HttpResponse) -> list[int]:
    """The cases that the inbox lists, in their order."""
    found = re.findall(r'data-row href="[^"]*?case=(\d+)"', response.content.decode())
    return [int(pk) for pk in found]


def buttons(response: HttpResponse) -> set[str]:
    """The acts that a case page offers: dialogs to fill in, and acts of one click."""
    body = response.content.decode()
    dialogs = re.findall(r'<dialog[^>]* id="act-([a-z_]+)"', body)
    direct = re.findall(r'<form hx-post="/(?:work-items|cases)/\d+/([a-z_]+)/"', body)
    return {*dialogs, *direct}


def statements(client: Client, path: str, **headers: str) -> list[str]:
    """Every statement of a page, session and user included.

    The page is asked for twice: the first time also writes down that the session is used,
    which happens once in five minutes.
    """
    client.get(path, headers=headers)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path, headers=headers)
    assert response.status_code == 200, response.status_code
    return [query["sql"] for query in captured]


def at_item(case: Case, who: Employee, act: str) -> str:
    """The address of an act on the item that waits for the person."""
    person = fresh(who)
    waiting = WorkItem.objects.waiting_for(person) | WorkItem.objects.claimable_by(person)
    return f"/work-items/{waiting.filter(case=case).get().pk}/{act}/"
