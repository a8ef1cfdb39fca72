"""What asset recovery (资产保全部) sees: bad customers and what hangs on them (domain.md §1)."""

from __future__ import annotations

from dataclasses import dataclass

from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

import pytest

from applications.models import BusinessApplication
from customers.models import Customer
from documents.models import Attachment, Document, Supplement
from staff.models import Employee
from tests.applications.factories import Lender, fresh
from tests.documents.factories import give_role
from tests.staff.factories import person
from workflows.models import Case
from workflows.services.submission import submit_document
from workflows.wholeness import sees_whole


@dataclass
class Matter:
    """A running application of one customer with one attachment."""

    application: BusinessApplication
    attachment: Attachment

    @property
    def case(self) -> Case:
        case = self.application.case
        assert case is not None
        return case

    def pages(self) -> list[str]:
        pk = self.application.pk
        return [
            reverse("applications:detail", args=[pk]),
            reverse("applications:schedule", args=[pk]),
            reverse("workflows:case", args=[self.case.pk]),
            reverse("workflows:diagram", args=[self.case.pk]),
            reverse("documents:attachments", args=[pk]),
            reverse("documents:attachment", args=[pk, self.attachment.pk]),
            reverse("documents:attachment_preview", args=[pk, self.attachment.pk]),
        ]

    def operations(self) -> list[str]:
        return [
            f"/api/v1/business-applications/{self.application.pk}/",
            f"/api/v1/business-applications/{self.application.pk}/attachments/",
            f"/api/v1/cases/{self.case.pk}/",
            f"/api/v1/cases/{self.case.pk}/history/",
            f"/api/v1/cases/{self.case.pk}/snapshots/1/",
        ]


@pytest.fixture(autouse=True)
def clock(time_machine, now):
    time_machine.move_to(now, tick=False)


@pytest.fixture
def ard(lender) -> Employee:
    """As each request loads him."""
    return Employee.objects.get(pk=lender.people.ard.pk)


def matter(lender: Lender, customer: Customer) -> Matter:
    draft = lender.draft(lender.opportunity_of(customer))
    submit_document(
        kind="business_application",
        document_id=draft.pk,
        actor=draft.handler,
        now=lender.now,
    )
    attachment = Attachment.objects.filter(document=draft.pk).order_by("pk")[0]
    return Matter(fresh(draft), attachment)


@pytest.fixture
def healthy(lender) -> Matter:
    return matter(lender, lender.customer)


@pytest.fixture
def bad(lender) -> Matter:
    """Its customer turned bad while it was under way."""
    customer = lender.borrower(name="沈阳坏账贸易有限公司")
    found = matter(lender, customer)
    Customer.objects.filter(pk=customer.pk).update(biz_status="BAD", risk_class="LOSS")
    return found


class TestVisibleTo:
    def test_of_documents_cases_and_what_hangs_on_them(self, healthy, bad, ard):
        assert list(Document.objects.visible_to(ard)) == [bad.application.document_ptr]
        assert list(BusinessApplication.objects.visible_to(ard)) == [bad.application]
        asked = str(BusinessApplication.objects.visible_to(ard).query)
        assert "postloan_supervisionreport" not in asked, "of a kind, no other kind is asked"
        assert list(Case.objects.visible_to(ard)) == [bad.case]
        seen = Attachment.objects.readable_by(ard).values_list("document", flat=True)
        assert set(seen) == {bad.application.pk}

    def test_of_a_few_known_ones_the_same(self, lender, healthy, bad, ard):
        keys = [healthy.application.pk, bad.application.pk]
        for reader in (ard, lender.people.am, lender.people.adm, lender.people.hrm):
            for rows in (Document.objects, BusinessApplication.objects):
                seen = set(rows.visible_to(reader).filter(pk__in=keys))
                assert set(rows.seen_among(reader, keys)) == seen
        assert len(seen) == 2

    def test_of_supplements(self, lender, healthy, bad, ard):
        for number, each in enumerate((healthy, bad)):
            Supplement.objects.create(
                document=each.application.document_ptr,
                doc_no=f"BC-SY-20260302-{number:03}",
                subject="补充",
                creator=lender.am,
                created_at=lender.now,
                submitted_at=lender.now,
            )
        seen = Supplement.objects.readable_by(ard).values_list("document", flat=True)
        assert list(seen) == [bad.application.pk]

    def test_includes_the_customers_that_were_handed_over_to_him(self, healthy, ard):
        Customer.objects.filter(pk=healthy.application.customer_id).update(owner=ard)
        assert list(BusinessApplication.objects.visible_to(ard)) == [healthy.application]

    def test_ends_when_the_customer_is_good_again(self, bad, ard):
        Customer.objects.filter(pk=bad.application.customer_id).update(biz_status="ACTIVE")
        assert not Case.objects.visible_to(ard).exists()

    def test_another_role_of_the_same_person_adds_to_it(self, healthy, bad):
        both = give_role(person("ARD"), "PLM")
        assert Case.objects.visible_to(both).count() == 2

    def test_a_case_about_a_bad_customer_is_seen_whole(self, healthy, bad, ard):
        assert sees_whole(bad.case, ard)
        assert not sees_whole(healthy.case, ard)


class TestPages:
    def test_n26_a_healthy_customers_application_is_not_there(self, healthy, ard):
        client = Client()
        client.force_login(ard)
        for url in healthy.pages():
            assert client.get(url).status_code == 404, url

    def test_a_bad_customers_application_is(self, bad, ard):
        client = Client()
        client.force_login(ard)
        for url in bad.pages()[:5]:
            assert client.get(url).status_code == 200, url

    def test_lists_and_searches_find_the_bad_customers_only(self, healthy, bad, ard):
        client = Client()
        client.force_login(ard)
        for query in ("", "?q=YW-", "?wf_status=IN_APPROVAL"):
            page = client.get(reverse("applications:list") + query).content.decode()
            assert bad.application.doc_no in page, query
            assert healthy.application.doc_no not in page, query
        page = client.get(
            reverse("applications:list"), {"q": healthy.application.doc_no}
        ).content.decode()
        assert reverse("applications:detail", args=[healthy.application.pk]) not in page

    def test_he_reads_and_does_not_act(self, bad, ard):
        client = Client()
        client.force_login(ard)
        assert client.get(reverse("workflows:inbox")).status_code == 200
        item = bad.case.items.get()
        url = reverse("workflows:act_on_item", args=[item.pk, "approve"])
        assert client.post(url, {"opinion": "同意"}).status_code == 403


class TestApi:
    def test_n26_a_healthy_customers_application_is_not_there(self, healthy, ard):
        client = APIClient()
        client.force_authenticate(ard)
        for url in healthy.operations():
            assert client.get(url).status_code == 404, url

    def test_a_bad_customers_application_is(self, bad, ard):
        client = APIClient()
        client.force_authenticate(ard)
        for url in bad.operations():
            assert client.get(url).status_code == 200, url

    def test_the_list_holds_the_bad_customers_only(self, healthy, bad, ard):
        client = APIClient()
        client.force_authenticate(ard)
        rows = client.get("/api/v1/business-applications/").json()["results"]
        assert [row["id"] for row in rows] == [bad.application.pk]

    def test_n26_a_healthy_case_is_not_exported(self, healthy, ard):
        client = APIClient()
        client.force_authenticate(ard)
        url = f"/api/v1/cases/{healthy.case.pk}/exports/"
        assert client.post(url, {"form": "PACK"}).status_code == 404
