"""客户价值与风险 (X5): the formulas, what is unknown, and the page."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.core.cache import cache
from django.test import Client
from django.urls import reverse

import pytest

from customers import hooks
from customers.hooks import Exposures, LedgerFigures
from customers.models import Customer
from customers.rules.scores import risk_score, value_score
from customers.selectors.scores import score_page
from customers.services.customers import set_business_state
from tests.customers.factories import World, make_customer


class Ledger:
    """The figures of one customer; everybody else has no loan."""

    def __init__(self, customer: Customer, **values) -> None:
        self.known = {customer.pk: LedgerFigures(**values)}

    def figures(self, customer_ids, *, day: date):
        return {pk: self.known[pk] for pk in customer_ids if pk in self.known}

    def best_income(self, *, day: date) -> Decimal:
        return Decimal(200_000)


def points(score) -> list[Decimal]:
    return [part.points for part in score.parts]


class TestValueScore:
    def test_adds_income_years_settled_loans_and_referrals(self) -> None:
        figures = LedgerFigures(income=Decimal(100_000), years=Decimal("2.5"), settled_loans=1)
        score = value_score(figures, best_income=Decimal(200_000), referrals=2)
        assert points(score) == [Decimal(20), Decimal(10), Decimal(4), Decimal(8)]
        assert score.total == Decimal(42)

    def test_is_never_above_100(self) -> None:
        figures = LedgerFigures(income=Decimal(900), years=Decimal(30), settled_loans=30)
        assert value_score(figures, best_income=Decimal(1), referrals=30).total == Decimal(100)

    def test_the_lender_without_income_divides_by_nothing(self) -> None:
        assert value_score(LedgerFigures(), best_income=Decimal(0), referrals=0).total == 0


class TestRiskScore:
    def test_adds_overdue_ltv_limit_and_colour(self) -> None:
        figures = LedgerFigures(overdue_days=45, ltv=Decimal("0.6"), colour="YELLOW")
        score = risk_score(figures, exposure=Decimal(300), limit=Decimal(1000))
        assert points(score) == [Decimal(20), Decimal(12), Decimal(6), Decimal(10)]

    def test_without_collateral_nothing_covers_the_loan(self) -> None:
        assert points(risk_score(LedgerFigures(), exposure=Decimal(1), limit=None))[1] == 20
        assert points(risk_score(LedgerFigures(), exposure=Decimal(0), limit=None))[1] == 0

    def test_what_is_unknown_is_said_to_be_so(self) -> None:
        score = risk_score(LedgerFigures(), exposure=Decimal(1), limit=None)
        assert [part.is_known for part in score.parts] == [True, True, False, False]

    def test_is_never_above_100(self) -> None:
        figures = LedgerFigures(overdue_days=900, ltv=Decimal(3), colour="RED")
        assert risk_score(figures, exposure=Decimal(9), limit=Decimal(1)).total == Decimal(100)


@pytest.mark.django_db
class TestScorePage:
    @pytest.fixture(autouse=True)
    def no_yardstick(self) -> None:
        cache.clear()

    @pytest.fixture
    def borrower(self, customer: Customer, now: datetime, monkeypatch) -> Customer:
        set_business_state(customer_id=customer.pk, biz_status="ACTIVE", now=now)
        ledger = Ledger(customer, income=Decimal(200_000), years=Decimal(5))
        monkeypatch.setattr(hooks, "_ledger_sources", [ledger])
        owed = Exposures({customer.pk: Decimal(500)}, Decimal(1000), None)
        monkeypatch.setattr(hooks, "_exposure_sources", [lambda ids, day: owed])
        return customer

    def test_shows_borrowers_with_their_parts(
        self, world: World, borrower: Customer, now: datetime
    ) -> None:
        make_customer(world.am, now, name="只是潜在客户有限公司")
        page = score_page(world.am, day=now.date())
        assert [row.customer for row in page.rows] == [borrower]
        assert (page.rows[0].value.total, page.rows[0].risk.total) == (Decimal(60), Decimal(30))
        assert page.has_ledger

    def test_counts_whom_a_customer_brought(
        self, world: World, borrower: Customer, now: datetime
    ) -> None:
        alone = score_page(world.am, day=now.date()).rows[0].value
        for _ in range(2):
            Customer.objects.filter(pk=make_customer(world.am, now).pk).update(channel=borrower)
        brought = score_page(world.am, day=now.date()).rows[0].value
        assert brought.total > alone.total

    def test_the_yardstick_of_the_lender_is_asked_for_once_an_hour(
        self, world: World, borrower: Customer, now: datetime, monkeypatch
    ) -> None:
        first = score_page(world.am, day=now.date()).rows[0].value.total
        monkeypatch.setattr(Ledger, "best_income", lambda self, *, day: Decimal(400_000))
        assert score_page(world.am, day=now.date()).rows[0].value.total == first
        cache.clear()
        assert score_page(world.am, day=now.date()).rows[0].value.total < first

    def test_n26_keeps_other_branches_out(
        self, world: World, borrower: Customer, now: datetime
    ) -> None:
        assert score_page(world.other_am, day=now.date()).rows == []

    def test_the_page_asks_at_most_ten_queries_and_needs_no_inline_style(
        self, world: World, borrower: Customer, client: Client, django_assert_max_num_queries
    ) -> None:
        client.force_login(world.bgm)
        client.get("/search/")  # the first request of a session writes the session
        with django_assert_max_num_queries(10):
            text = client.get(reverse("customers:scores")).content.decode()
        assert borrower.name in text
        assert "style=" not in text

    def test_administrators_have_no_business_there(self, world: World, client: Client) -> None:
        client.force_login(world.adm)
        assert client.get(reverse("customers:scores")).status_code == 403
