"""Every list, search and report of the business costs at most ten statements."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta

from django.urls import reverse

import pytest

from applications.models import BusinessApplication
from documents.desk import all_desks
from lending_crm.common.arms import first_rows
from lending_crm.common.exports.declarations import export_of
from lending_crm.common.exports.runs import MOST_ROWS, rows_of
from postloan.models import PostLoanSupervision, SupervisionReport
from tests.postloan.supervision import Watch


@pytest.fixture
def watch(db, now) -> Watch:
    """One document of most kinds, from the application to the report on its supervision."""
    from tests.applications.factories import Lender

    watch = Watch(Lender(now))
    made = watch.approved()
    watch.filed(made, watch.day(15))
    return watch


@pytest.fixture(params=["am", "brm", "hrm"])
def reader(request, watch, client):
    client.force_login(getattr(watch.people, request.param))
    return client


def _paths() -> dict[str, str]:
    found = {desk.path: desk.url("list") for desk in all_desks()}
    return found | {"loans": reverse("funds:loan-list")}


class TestBudgets:
    def test_of_every_list_and_its_search(self, watch, reader, django_assert_max_num_queries):
        name = watch.lender.customer.name
        for path in _paths().values():
            for query in ("", f"?q={name}", f"?q={name}+YW", "?wf_status=APPROVED"):
                reader.get(path + query)
                with django_assert_max_num_queries(10):
                    answer = reader.get(path + query)
                assert answer.status_code in (200, 403), path

    def test_of_the_search_over_everything(self, watch, reader, django_assert_max_num_queries):
        """Who asks, what the indexes hold, and one statement for the seven kinds together."""
        path = f"{reverse('customers:search')}?q={watch.lender.customer.name}"
        reader.get(path)
        with django_assert_max_num_queries(6):
            assert reader.get(path).status_code == 200

    def test_of_the_reports_of_the_ledger(self, watch, client, django_assert_max_num_queries):
        client.force_login(watch.people.hrm)
        for name in ("trial-balance", "arrears", "provisions"):
            client.get(reverse(f"funds:{name}"))
            with django_assert_max_num_queries(10):
                assert client.get(reverse(f"funds:{name}")).status_code == 200


class TestExports:
    @pytest.mark.parametrize("who", ["am", "brm", "hrm"])
    def test_hold_the_rows_of_the_list_in_its_order(self, watch, who):
        user = getattr(watch.people, who)
        seen = 0
        for export in (export_of(desk.path) for desk in all_desks()):
            if export is None or not export.may_open(user):
                continue
            found = rows_of(export, user, "", now=watch.lender.now)
            written = first_rows(found, MOST_ROWS)
            assert [row.pk for row in written] == [row.pk for row in found], export.code
            seen += len(found)
        assert seen > 3


class TestApi:
    @pytest.mark.parametrize("who", ["am", "brm", "hrm"])
    def test_pages_hold_every_document_once_there_and_back(self, watch, client, monkeypatch, who):
        watch.filed(PostLoanSupervision.objects.get(), watch.day(30))
        monkeypatch.setattr("documents.api.desk.NewestFirst.page_size", 1)
        user = getattr(watch.people, who)
        client.force_login(user)
        expected = SupervisionReport.objects.visible_to(user).order_by("-created_at", "-pk")
        path, pages = "/api/v1/supervision-reports/", []
        while path:
            pages.append(client.get(path).json())
            path = pages[-1]["next"]
        shown = [row["id"] for page in pages for row in page["results"]]
        assert shown == [row.pk for row in expected]
        assert len(pages) == 2
        assert client.get(pages[1]["previous"]).json()["results"] == pages[0]["results"]

    def test_a_cursor_of_somebody_elses_making_is_not_found(self, watch, client):
        client.force_login(watch.people.brm)
        foreign = b64encode(b"p=yesterday").decode()
        for name in ("supervision-reports", "cases", "inbox", "loans"):
            assert client.get(f"/api/v1/{name}/", {"cursor": foreign}).status_code == 404, name


class TestDays:
    def test_narrow_by_the_day_in_shanghai(self, watch, client):
        client.force_login(watch.people.hrm)
        made = BusinessApplication.objects.get()
        day = watch.today
        for first, last, is_shown in (
            (day, day, True),
            (day + timedelta(1), day + timedelta(9), False),
            (day - timedelta(9), day - timedelta(1), False),
        ):
            page = client.get(f"/applications/?created_from={first}&created_to={last}")
            assert (made.doc_no in page.content.decode()) == is_shown
        far = client.get("/applications/?created_from=0001-01-01&created_to=9999-12-31")
        assert far.status_code == 200
        assert made.doc_no in far.content.decode()
