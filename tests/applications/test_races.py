"""In the same second, on real connections: N7 and N18 (domain §10)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import OperationalError, connection

import pytest

from applications.models import BusinessApplication
from applications.services.drafts import create_application
from documents.kinds import routed_kind
from documents.services.drafts import create_draft
from lending_crm.common.errors import DomainError
from tests.applications.factories import Lender, fresh, line
from tests.applications.reconsidering import rejected
from tests.applications.test_approval import Walk, again
from tests.applications.test_intermediary import header
from workflows.services import decisions
from workflows.services.submission import submit_document

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def lender(transactional_db, now) -> Lender:
    return Lender(now)


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at the same moment, each on its own connection; results or errors."""
    gate = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[index] = call()
        except (DomainError, OperationalError) as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def codes(results: list[Any]) -> list[str]:
    return [result.code for result in results if isinstance(result, DomainError)]


class TestN7SameSecond:
    def test_n7_two_applications_of_one_opportunity(self, lender, now):
        drafts = [lender.draft(), lender.draft()]

        def submit(draft: BusinessApplication) -> Callable[[], Any]:
            return lambda: submit_document(
                kind="business_application",
                document_id=draft.pk,
                actor=again(lender.am),
                now=now,
            )

        results = together(*(submit(draft) for draft in drafts))

        assert codes(results) == ["BUS-08"]
        assert sorted(fresh(draft).wf_status for draft in drafts) == ["DRAFT", "IN_APPROVAL"]

    def test_n7_one_application_twice(self, lender, now):
        draft = lender.draft()
        results = together(
            *[
                lambda: submit_document(
                    kind="business_application",
                    document_id=draft.pk,
                    actor=again(lender.am),
                    now=now,
                )
            ]
            * 2
        )
        assert codes(results) == ["WF-05"]

    def test_n7_two_reconsiderations_of_one_application(self, lender, now):
        origin = rejected(lender)

        def begin() -> Any:
            return create_draft(
                kind=routed_kind("reconsideration"), origin=origin, actor=again(lender.am), now=now
            )

        results = together(begin, begin)

        assert codes(results) == ["REC-03"]
        assert origin.reconsiderations.count() == 1

    def test_n7_two_intermediary_applications_of_one_contract(self, lender, now):
        values = header(lender)

        def begin() -> Any:
            return create_draft(
                kind=routed_kind("intermediary_application"),
                origin=lender.opportunity_of(lender.customer),
                actor=again(lender.am),
                now=now,
                values=values,
            )

        results = together(begin, begin)

        assert codes(results) == ["MED-06"]

    def test_a_double_click_on_new_creates_one(self, lender, now):
        import uuid

        key = uuid.uuid4()
        results = together(
            *[
                lambda: create_application(
                    opportunity=lender.opportunity,
                    actor=again(lender.am),
                    now=now,
                    creation_key=key,
                )
            ]
            * 2
        )
        assert results[0].pk == results[1].pk
        assert BusinessApplication.objects.count() == 1


class TestN18SameSecond:
    def test_n18_two_last_approvals_of_one_group(self, lender, now):
        """300,000 each are within the limit of 500,000, together they are not."""
        p = lender.people
        sister = lender.borrower(name="姊妹公司")
        lender.group(lender.customer, sister)
        walks = [
            Walk(lender, lender.draft(opportunity, lines=[line(lender.product)]))
            for opportunity in (lender.opportunity, lender.opportunity_of(sister))
        ]
        for walk in walks:
            walk.by(p.tl)
            walk.by(p.brm)
        items = [walk.item(p.bgm) for walk in walks]

        def approve(item: Any) -> Callable[[], Any]:
            return lambda: decisions.approve(
                item_id=item.pk,
                actor=again(p.bgm),
                now=now + timedelta(minutes=30),
                opinion="同意",
            )

        results = together(*(approve(item) for item in items))

        assert codes(results) == ["WF-15"]
        approved = [fresh(walk.application).approved_amount for walk in walks]
        assert sorted(approved, key=str) == [Decimal("300000.00"), None]
