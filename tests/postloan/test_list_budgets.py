"""Every list, search and report of the business costs at most ten statements."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta

from django.urls import reverse

import pytest

from applications.models import BusinessApplication
from customers.models import Customer
from documents import involvement
from documents.desk import all_desks, panels
from documents.models import Document
from documents.panels import panels_of
from lending_crm.common import search
from lending_crm.common.arms import first_rows
from lending_crm.common.exports.declarations import export_of
from lending_crm.common.exports.runs import MOST_ROWS, rows_of
from lending_crm.common.search import with_words
from postloan.models import PostLoanSupervision, SupervisionReport
from tests.documents.factories import case_of
from tests.postloan.supervision import Watch
from workflows.models import CaseCopy


@pytest.fixture
def watch(db, now) -> Watch:
    """One document of most kinds, from the application to the report on its supervision."""
    from tests.applications.factories import Lender

    watch = Watch(Lender(now))
    made = watch.approved()
    watch.filed(made, watch.day(15))
    return watch


@pytest.fixture(params=["am", "brm", "hrm", "ard", "rc"])
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
        """Who asks, what the indexes hold, what came to him, and one statement for the seven kinds
        together."""
        path = f"{reverse('customers:search')}?q={watch.lender.customer.name}"
        reader.get(path)
        with django_assert_max_num_queries(7):
            assert reader.get(path).status_code == 200

    @pytest.mark.parametrize("most", [30_000, 0], ids=["few came", "too many came"])
    def test_who_was_sent_a_copy_finds_it_by_searching_everything(
        self, watch, client, monkeypatch, most
    ):
        monkeypatch.setattr(involvement, "_MOST_SENT", most)
        application = BusinessApplication.objects.get()
        path = f"{reverse('customers:search')}?q={application.doc_no}"
        client.force_login(watch.people.other_am)
        assert application.get_absolute_url() not in client.get(path).content.decode()
        case = case_of(application)
        Document.objects.filter(pk=application.pk).update(case=case)
        CaseCopy.objects.create(
            case=case, recipient=watch.people.other_am, sent_at=watch.lender.now
        )
        assert application.get_absolute_url() in client.get(path).content.decode()

    def test_of_the_reports_of_the_ledger(self, watch, client, django_assert_max_num_queries):
        client.force_login(watch.people.hrm)
        for name in ("trial-balance", "arrears", "provisions"):
            client.get(reverse(f"funds:{name}"))
            with django_assert_max_num_queries(10):
                assert client.get(reverse(f"funds:{name}")).status_code == 200


def _related_pages(watch: Watch) -> list[str]:
    made = PostLoanSupervision.objects.get()
    opportunity = made.application.opportunity_id
    return [
        f"/customers/{made.customer_id}/related/",
        f"/opportunities/{opportunity}/related/",
        f"/applications/{made.application_id}/related/",
        f"/loans/{made.loan_id}/related/",
        f"/contract-reviews/{made.transfer.review_id}/related/",
        f"/fund-transfers/{made.transfer_id}/related/",
        f"/supervisions/{made.pk}/related/",
    ]


class TestRelatedLists:
    @pytest.mark.parametrize("who", ["brm", "hrm"])
    def test_cost_three_statements_for_all_kinds(
        self, watch, client, django_assert_max_num_queries, who
    ):
        client.force_login(getattr(watch.people, who))
        for path in _related_pages(watch):
            client.get(path)
            with django_assert_max_num_queries(10):
                assert client.get(path).status_code == 200, path

    def test_only_what_can_be_begun_is_asked_besides(
        self, watch, client, django_assert_max_num_queries
    ):
        """Each 新建 of the account manager has its rule, and each rule its records: five of the
        customer's page."""
        client.force_login(watch.am)
        for path in _related_pages(watch)[:4]:
            client.get(path)
            with django_assert_max_num_queries(14):
                assert client.get(path).status_code == 200, path

    @pytest.mark.parametrize("who", ["am", "brm", "hrm", "ard", "adm", "colleague"])
    def test_n26_hold_the_rows_that_the_list_holds(self, watch, who):
        user = getattr(watch.people, who)
        if who == "ard":
            Customer.objects.update(biz_status="BAD")
        every = list(Document.objects.values_list("pk", flat=True))
        wanted = Document.objects.visible_to(user)
        assert set(Document.objects.seen_among(user, every)) == set(wanted)
        for desk in all_desks():
            rows = desk.kind.visible_to(user)
            few = desk.kind.queryset().seen_among(user, every)
            assert set(few) == set(rows), desk.kind_code

    def test_show_the_newest_of_each_kind(self, watch, monkeypatch):
        made = PostLoanSupervision.objects.get()
        later = watch.filed(made, watch.day(45))
        monkeypatch.setattr(panels, "SHOWN", 1)
        shown = panels_of("customer", made.customer, watch.am, later=True)
        found = {each.panel.code: each.content.data.get("documents") for each in shown}
        assert [row.pk for row in found["report"]] == [later.pk]
        assert [row.pk for row in found["supervision"]] == [made.pk]
        assert [row.pk for row in found["applications"]] == [made.application_id]


class TestSearch:
    def test_a_number_named_by_its_keys_finds_what_comparing_finds(self, watch, monkeypatch):
        """Also where it is the number of a document of another kind, or of a part of many."""
        numbers = list(Document.objects.values_list("doc_no", flat=True))
        for desk in all_desks():
            rows = desk.kind.visible_to(watch.people.hrm)
            for text in (*numbers, numbers[0][:6]):
                named = set(with_words(rows, text, desk.searched))
                with monkeypatch.context() as patch:
                    patch.setattr(search, "_FEW", 0)
                    assert named == set(with_words(rows, text, desk.searched)), desk.kind_code


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

    @pytest.mark.parametrize("who", ["am", "brm", "hrm"])
    def test_read_what_the_columns_show_and_nothing_more(
        self, watch, who, django_assert_num_queries
    ):
        user = getattr(watch.people, who)
        seen = 0
        codes = [desk.path for desk in all_desks()]
        for code in (*codes, "customers", "contacts", "opportunities", "applications"):
            export = export_of(code)
            if export is None or not export.may_open(user):
                continue
            found = rows_of(export, user, "", now=watch.lender.now)
            whole = [[column.value(row, user=user) for column in export.columns] for row in found]
            narrow = first_rows(export.narrowed(found), MOST_ROWS)
            with django_assert_num_queries(1):
                shown = [
                    [column.value(row, user=user) for column in export.columns] for row in narrow
                ]
            assert shown == whole, code
            assert not whole or narrow[0].get_deferred_fields(), code
            seen += len(whole)
        assert seen > 6


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
