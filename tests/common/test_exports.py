"""Lists as workbooks: the same rows, masked, without formulas, in bounded memory, on record."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

import pytest
from openpyxl import load_workbook

from contracts.models import ContractReview
from lending_crm.common.errors import DomainError
from lending_crm.common.exports import runs
from lending_crm.common.exports.declarations import Column
from lending_crm.common.exports.workbook import write_workbook
from lending_crm.common.models import ExportRun, ExportState
from lending_crm.common.services import deliver_due
from staff.models import Notification
from tests.applications.factories import make_product
from tests.customers.factories import (
    World,
    build_world,
    make_contact,
    make_customer,
    make_opportunity,
    make_person,
)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def world(db) -> World:
    return build_world()


def ask(world, now, code="customers", query="", who="am", **values) -> ExportRun:
    return runs.request_list_export(
        code=code, query=query, actor=getattr(world, who), now=now, **values
    )


def cells(run: ExportRun, actor) -> list[list[Any]]:
    _run, stream = runs.open_list_export(run_id=run.pk, actor=actor, now=run.at)
    with stream:
        sheet = load_workbook(stream).active
        return [[cell.value for cell in row] for row in sheet.iter_rows()]


class TestWriteWorkbook:
    def test_no_text_becomes_a_formula(self):
        target = io.BytesIO()
        texts = [
            '=HYPERLINK("http://x")',
            "+1+1",
            "-2",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "plain",
            "#N/A",
        ]

        write_workbook(target, title="a/b[c]", heads=["x"], rows=[[text] for text in texts])

        sheet = load_workbook(target).active
        read = [row[0] for row in sheet.iter_rows(min_row=2)]
        assert {cell.data_type for cell in read} == {"s"}
        assert [cell.quotePrefix for cell in read] == [True] * 6 + [False] * 2
        assert read[0].value == texts[0]

    def test_keeps_numbers_and_days_as_such(self):
        target = io.BytesIO()
        moment = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
        row = [Decimal("1000.10"), 3, date(2026, 3, 2), moment, None, True, "a\x00b"]

        write_workbook(target, title="x", heads=["h"] * 7, rows=[row])

        read = [cell.value for cell in list(load_workbook(target).active.iter_rows())[1]]
        assert read[:2] == [1000.1, 3]
        assert read[2:] == [datetime(2026, 3, 2), datetime(2026, 3, 2, 10, 0), None, "是", "ab"]

    def test_memory_does_not_grow_with_the_rows(self, tmp_path):
        def rows(count: int) -> Iterator[list[Any]]:
            return ([f"客户 {number}", Decimal(number)] for number in range(count))

        def peak(count: int) -> int:
            with (tmp_path / f"{count}.xlsx").open("wb") as target:
                tracemalloc.start()
                write_workbook(target, title="x", heads=["a", "b"], rows=rows(count))
                found = tracemalloc.get_traced_memory()[1]
                tracemalloc.stop()
            return found

        small = peak(500)
        assert peak(5_000) < small * 2


class TestColumn:
    def test_a_choice_is_written_in_the_language_of_the_reader(self, world, now):
        opportunity = make_opportunity(make_customer(world.am, now), now)
        column = Column("x", "customer.get_customer_type_display")

        said = []
        for language in ("zh-hans", "en", "zh-hans"):
            with translation.override(language):
                said.append(column.value(opportunity, user=world.am))
                assert said[-1] == opportunity.customer.get_customer_type_display()

        assert said[0] == said[2] == "企业"
        assert said[1] != said[0]

    def test_what_a_model_words_itself_stays_its_own(self):
        """The display of an account number is its mask."""
        review = ContractReview(payee_account="6222021234567890128")

        shown = Column("x", "get_payee_account_display").value(review, user=None)

        assert shown == review.get_payee_account_display()
        assert "1234567890" not in shown


class TestRequestListExport:
    def test_holds_exactly_what_the_filter_shows(self, world, now):
        shown = make_customer(world.am, now, name="甲公司")
        make_customer(world.am, now, name="乙公司")
        make_person(world.am, now)

        run = ask(world, now, query="q=甲&list=ENTERPRISE&cursor=abc")

        found = cells(run, world.am)
        assert [row[1] for row in found[1:]] == [shown.name]
        assert (run.rows, run.state) == (1, ExportState.DONE)

    def test_n26_other_branches_get_nothing_of_it(self, world, now):
        make_customer(world.am, now)

        assert len(cells(ask(world, now, who="other_am"), world.other_am)) == 1

    def test_n25_numbers_are_masked(self, world, now):
        make_customer(world.am, now)

        text = str(cells(ask(world, now), world.am))

        assert "138****8000" in text
        assert "13800138000" not in text
        assert "6222021234567890128" not in text

    def test_n25_every_reader_gets_masks_whatever_his_right(self, world, now):
        make_contact(make_customer(world.am, now), now)

        for who in ("am", "tl", "brm", "hrm"):
            text = str(cells(ask(world, now, code="contacts", who=who), getattr(world, who)))
            assert "139****9000" in text
            assert "13900139000" not in text

    def test_who_may_not_open_the_list_may_not_export_it(self, world, now):
        with pytest.raises(DomainError) as refused:
            ask(world, now, who="adm")

        assert refused.value.status == 404

    def test_exp_01_refuses_a_list_that_is_too_long(self, world, now, monkeypatch):
        monkeypatch.setattr(runs, "MOST_ROWS", 1)
        make_customer(world.am, now, name="甲")
        make_customer(world.am, now, name="乙")

        with pytest.raises(DomainError) as refused:
            ask(world, now)

        assert refused.value.code == "EXP-01"

    def test_a_long_list_is_made_by_the_worker_who_tells(self, world, now, monkeypatch):
        monkeypatch.setattr(runs, "AT_ONCE_ROWS", 0)
        make_customer(world.am, now)
        run = ask(world, now)
        assert run.state == ExportState.WAITING

        deliver_due(clock=lambda: now, limit=20)
        # The task reads the clock itself, so its message is due now and not at the test's time.
        deliver_due(clock=lambda: now + timedelta(days=3650), limit=20)

        run.refresh_from_db()
        assert (run.state, run.rows) == (ExportState.DONE, 1)
        told = Notification.objects.get(recipient=world.am, event="export.ready")
        assert told.url == reverse("exports:run", args=[run.pk])

    def test_a_cursor_is_planned_to_be_read_to_its_end(self, db):
        """PostgreSQL takes for granted that a tenth is read, and walks a whole table for it."""
        with connection.cursor() as cursor:
            cursor.execute("SHOW cursor_tuple_fraction")
            assert cursor.fetchone() == ("1",)

    def test_making_it_twice_changes_nothing(self, world, now):
        run = ask(world, now)

        runs.build_list_export(run_id=run.pk, now=now + timedelta(hours=1))

        run.refresh_from_db()
        assert run.finished_at == now

    def test_the_log_is_never_changed_or_deleted(self, world, now):
        run = ask(world, now)

        for act in (lambda rows: rows.delete(), lambda rows: rows.update(reason="anderes")):
            with pytest.raises(ProgrammingError), transaction.atomic():
                act(ExportRun.objects.filter(pk=run.pk))


class TestOpenListExport:
    def test_each_time_is_written_down(self, world, now):
        run = ask(world, now)

        cells(run, world.am)
        cells(run, world.am)

        assert list(run.downloads.values_list("actor", flat=True)) == [world.am.pk] * 2

    def test_only_who_asked_gets_the_file(self, world, now):
        run = ask(world, now)

        with pytest.raises(DomainError) as refused:
            runs.open_list_export(run_id=run.pk, actor=world.hrm, now=now)

        assert refused.value.status == 404

    def test_exp_03_says_that_the_file_is_gone(self, world, now):
        run = ask(world, now)
        assert runs.forget_list_exports(now=now + timedelta(days=6)) == 0
        assert runs.forget_list_exports(now=now + timedelta(days=8)) == 1

        with pytest.raises(DomainError) as refused:
            runs.open_list_export(run_id=run.pk, actor=world.am, now=now)

        assert (refused.value.code, refused.value.status) == ("EXP-03", 410)


class TestOpportunities:
    def test_names_the_product_also_when_it_is_no_longer_on_offer(self, world, now):
        opportunity = make_opportunity(make_customer(world.am, now), now)
        make_product(code=opportunity.product, name="旧流贷", is_active=False)
        make_product(code="LDZJ2", name="新流贷")

        head, row = cells(ask(world, now, code="opportunities"), world.am)

        assert row[head.index("意向产品")] == "旧流贷"
        client = Client()
        client.force_login(world.am)
        for page in ("", "edit/"):
            shown = client.get(f"{opportunity.get_absolute_url()}{page}").content.decode()
            assert "旧流贷" in shown, page


class TestPages:
    @pytest.mark.parametrize(
        "code", ["customers", "contacts", "opportunities", "applications", "sms"]
    )
    def test_each_list_leads_to_its_workbook(self, world, now, code):
        make_contact(make_customer(world.am, now), now)
        client = Client()
        client.force_login(world.am)
        page = client.get(reverse("exports:new", args=[code]), {"q": "x"})
        assert page.context["form"].initial["query"] == "q=x"

        done = client.post(reverse("exports:new", args=[code]), {"query": ""}, follow=True)
        run = ExportRun.objects.get()
        file = client.get(reverse("exports:file", args=[run.pk]))

        assert done.status_code == 200
        assert load_workbook(io.BytesIO(b"".join(file.streaming_content))).active.max_row >= 1
        assert file["Cache-Control"] == "private, no-store"

    def test_the_button_carries_the_filter(self, world, now):
        client = Client()
        client.force_login(world.am)

        page = client.get(reverse("customers:customer-list", args=["enterprises"]), {"q": "甲"})

        wanted = f"{reverse('exports:new', args=['customers'])}?q=%E7%94%B2&amp;list=ENTERPRISE"
        assert wanted in page.content.decode()

    def test_the_button_is_not_offered_to_who_may_not_export_the_list(self, world, now):
        client = Client()
        client.force_login(world.adm)

        page = client.get(reverse("applications:list"))

        assert page.status_code == 200
        assert reverse("exports:new", args=["applications"]) not in page.content.decode()

    def test_unknown_lists_do_not_exist(self, world):
        client = Client()
        client.force_login(world.am)

        assert client.get(reverse("exports:new", args=["salaries"])).status_code == 404
