"""What the pages of every desk cost, by kind and status, for its handler and its approvers."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import pytest

from documents.desk import Desk, all_desks, desk_of
from lending_crm.common.exports.declarations import export_of
from lending_crm.common.exports.numbers import NumberKind
from lending_crm.common.exports.runs import rows_of
from staff.calendar import shown_calendar
from staff.choices import RoleCode
from staff.middleware import LAST_USE
from staff.models import Employee
from staff.selectors import roles_of
from tests.applications.factories import Lender
from tests.documents.desks import ROADS, Road

#: a page that somebody waits for
PAGE = 10
#: the page 4, the rules 13 of as many tables, who is related to the party 7, the route 3, its
#: drawing where the process has not read it before: each rule reads what is stored now, as the
#: submission will, so there is nothing to be kept between them
PREVIEW = 33
FRAGMENTS = ("attachments", "supplement_panel", "record")


@pytest.fixture
def lender(db: None, now: Any) -> Lender:
    return Lender(now)


def ask(road: Road, clock: Any, person: Employee, url: str, most: int = PAGE) -> None:
    """Reads the page as the person does and counts its statements."""
    clock.move_to(road.moment, tick=False)
    client = Client()
    client.force_login(Employee.objects.get(pk=person.pk))
    session = client.session
    session[LAST_USE] = road.moment.timestamp()  # no write of the session, due every five minutes
    session.save()
    shown_calendar()  # asked once a minute, not by each page
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200, url
    statements = "\n".join(query["sql"][:300] for query in asked.captured_queries)
    assert len(asked) <= most, f"{url}: {len(asked)} statements\n{statements}"


def read_export(road: Road, desk: Desk, person: Employee) -> None:
    """The rows of the workbook come from one cursor, and their columns ask nothing more."""
    export, reader = export_of(desk.path), Employee.objects.get(pk=person.pk)
    assert export is not None
    assert export.may_open(reader)
    roles_of(reader).has(RoleCode.AM)  # asks for his roles, where the door did not
    with CaptureQueriesContext(connection) as asked:
        rows = 0
        for row in rows_of(export, reader, "", now=road.moment).iterator(chunk_size=1_000):
            rows += 1
            for column in export.columns:
                column.value(row, user=reader, opens=NumberKind.values)
    statements = [query["sql"][:200] for query in asked.captured_queries]
    assert rows
    assert len(statements) == 1, statements
    assert statements[0].startswith("DECLARE"), "read as a whole into memory"


def read_pages(road: Road, clock: Any, desk: Desk, *people: Employee) -> None:
    pk = road.document.pk
    for person in people:
        ask(road, clock, person, desk.url("detail", pk))
        for name in FRAGMENTS:
            ask(road, clock, person, reverse(f"documents:{name}", args=[pk]))
        ask(road, clock, person, desk.url("related", pk))


def test_every_desk_is_walked() -> None:
    assert set(ROADS) == {desk.kind_code for desk in all_desks()}


@pytest.mark.parametrize("code", sorted(ROADS))
def test_pages_ask_few_statements(
    code: str, lender: Lender, monkeypatch: Any, time_machine: Any
) -> None:
    """As draft, under approval and approved; for the handler, who is asked, and who has decided."""
    road, desk = ROADS[code](lender, monkeypatch), desk_of(code)
    assert desk is not None

    read_pages(road, time_machine, desk, road.handler)
    edit = desk.url("edit", road.document.pk)
    ask(road, time_machine, road.handler, edit)
    submission = desk.url("submission", road.document.pk)
    ask(road, time_machine, road.handler, submission, PREVIEW)
    ask(road, time_machine, road.handler, desk.url("list"))
    read_export(road, desk, road.handler)

    road.submit()
    found = road.asked()
    assert found is not None
    read_pages(road, time_machine, desk, road.handler, found[1])
    ask(road, time_machine, road.handler, desk.url("list"))
    read_pages(road, time_machine, desk, road.approve())

    road.to_the_end()
    assert road.stored.wf_status == "APPROVED"
    read_pages(road, time_machine, desk, road.handler, lender.people.hrm)
