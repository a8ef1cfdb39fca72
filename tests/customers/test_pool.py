"""客户分级与公海 (X2): daily grades, what falls, who claims, who earned a deal."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

import pytest

from customers.choices import BorrowerTier, GradeEvent, RiskClass, Stage, Tier
from customers.hooks import LedgerFigures
from customers.models import CreditShare, Customer, GradeChange, PoolEntry, PoolSetting
from customers.rules.grading import grade_of, tier_earned
from customers.rules.permissions import may_edit
from customers.selectors.pool import pooled
from customers.services.customers import change_owner, set_business_state, update_customer
from customers.services.grading import grade_prospects
from customers.services.opportunities import advance_by_system
from customers.services.pool import claim_from_pool, extend_grade, give_to_pool
from customers.services.pool_settings import update_pool_setting
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord, OutboxMessage
from tests.customers.factories import World, make_channel, make_customer, make_opportunity

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=8)


def now_of(customer: Customer) -> Customer:
    return Customer.objects.get(pk=customer.pk)


def refusal_of(call, **values) -> str:
    with pytest.raises(DomainError) as refusal:
        call(**values)
    return refusal.value.code


@pytest.fixture
def fallen(world: World, customer: Customer, now: datetime) -> Customer:
    """A prospect that fell to the pool today."""
    give_to_pool(customer=customer, reason="长期未跟进", actor=world.tl, now=now)
    return now_of(customer)


class TestGradeOf:
    @pytest.mark.parametrize(
        ("stage", "grade"),
        [
            (None, Tier.D),
            (Stage.FIRST_CONTACT, Tier.C),
            (Stage.NEEDS, Tier.C),
            (Stage.INVESTIGATION, Tier.B),
            (Stage.PROPOSAL, Tier.B),
            (Stage.SUBMITTED, Tier.A),
            (Stage.SIGNED, Tier.A),
        ],
    )
    def test_follows_the_furthest_open_opportunity(self, stage: int | None, grade: Tier) -> None:
        assert grade_of(stage) == grade


class TestTierEarned:
    @pytest.mark.parametrize(
        ("income", "years", "tier"),
        [
            ("9999.99", 5, BorrowerTier.NORMAL),
            ("10000", 1, BorrowerTier.SILVER),
            ("50000", 1, BorrowerTier.SILVER),
            ("50000", 2, BorrowerTier.GOLD),
            ("200000", 3, BorrowerTier.DIAMOND),
        ],
    )
    def test_asks_for_interest_and_years(self, income: str, years: int, tier: str) -> None:
        figures = LedgerFigures(income=Decimal(income), years=Decimal(years))
        assert tier_earned(figures, RiskClass.NORMAL) == tier

    def test_one_day_overdue_or_a_bad_class_means_normal(self) -> None:
        rich = {"income": Decimal(900_000), "years": Decimal(9)}
        late = LedgerFigures(overdue_days=1, **rich)
        assert tier_earned(late, RiskClass.NORMAL) == BorrowerTier.NORMAL
        assert tier_earned(LedgerFigures(**rich), RiskClass.DOUBTFUL) == BorrowerTier.NORMAL


class TestGradeProspects:
    def test_starts_the_clock_and_changes_nothing_when_run_again(
        self, customer: Customer, now: datetime
    ) -> None:
        assert grade_prospects(now=now) == 0
        assert now_of(customer).grade_due == now.date() + timedelta(days=7)
        grade_prospects(now=now + timedelta(hours=1))
        assert now_of(customer).grade_due == now.date() + timedelta(days=7)
        assert not GradeChange.objects.exists()

    def test_a_promotion_is_recorded_and_starts_the_clock_anew(
        self, customer: Customer, now: datetime
    ) -> None:
        grade_prospects(now=now)
        make_opportunity(customer, now)
        later = now + timedelta(days=5)
        grade_prospects(now=later)
        change = GradeChange.objects.get()
        assert (change.from_grade, change.to_grade, change.owner) == ("D", "C", customer.owner)
        assert now_of(customer).grade_due == later.date() + timedelta(days=7)

    def test_who_is_not_promoted_in_7_days_falls_and_is_told(
        self, world: World, customer: Customer, now: datetime
    ) -> None:
        grade_prospects(now=now)
        assert grade_prospects(now=now + timedelta(days=7)) == 0
        OutboxMessage.objects.all().delete()
        assert grade_prospects(now=now + WEEK) == 1
        entry = PoolEntry.objects.get()
        assert (entry.from_owner, entry.entered_by, entry.claimed_by) == (world.am, None, None)
        assert not may_edit(world.am, now_of(customer))
        assert not Customer.objects.visible_to(world.am).exists()
        told = OutboxMessage.objects.get(topic="notify").payload
        assert told["recipients"] == [world.am.pk, world.tl.pk]
        assert grade_prospects(now=now + WEEK) == 0

    def test_nobody_falls_with_a_document_under_approval(
        self, customer: Customer, now: datetime, open_document: None
    ) -> None:
        grade_prospects(now=now)
        assert grade_prospects(now=now + WEEK) == 0

    def test_who_is_about_to_sign_stays(self, customer: Customer, now: datetime) -> None:
        opportunity = make_opportunity(customer, now)
        advance_by_system(opportunity, Stage.SIGNED, now=now, reason="HT-1")
        grade_prospects(now=now)
        assert now_of(customer).tier == Tier.A
        assert grade_prospects(now=now + WEEK) == 0

    def test_channels_and_borrowers_are_not_graded(
        self, world: World, customer: Customer, now: datetime
    ) -> None:
        channel = make_channel(world.am, now)
        set_business_state(customer_id=customer.pk, biz_status="ACTIVE", now=now)
        grade_prospects(now=now)
        assert now_of(channel).grade_due is None
        assert now_of(customer).grade_due is None

    def test_the_setting_keeps_prospects_where_they_are(
        self, customer: Customer, now: datetime
    ) -> None:
        PoolSetting.objects.create(pk=1, falls_by_itself=False)
        grade_prospects(now=now)
        assert grade_prospects(now=now + WEEK) == 0


class TestExtendGrade:
    def test_gives_seven_more_days(self, world: World, customer: Customer, now: datetime) -> None:
        grade_prospects(now=now)
        extend_grade(customer=customer, actor=world.tl, now=now, note="客户出国")
        assert now_of(customer).grade_due == now.date() + timedelta(days=14)
        assert GradeChange.objects.get().event == GradeEvent.EXTENDED
        assert grade_prospects(now=now + WEEK) == 0

    @pytest.mark.parametrize("who", ["am", "brm", "hrm"])
    def test_pol_05_only_the_department_head(
        self, world: World, customer: Customer, now: datetime, who: str
    ) -> None:
        actor = getattr(world, who)
        assert refusal_of(extend_grade, customer=customer, actor=actor, now=now) == "POL-05"
        values = {"customer": customer, "reason": "长期未跟进", "actor": actor, "now": now}
        assert refusal_of(give_to_pool, **values) == "POL-05"

    def test_pol_06_borrowers_are_no_prospects(
        self, world: World, customer: Customer, now: datetime
    ) -> None:
        set_business_state(customer_id=customer.pk, biz_status="ACTIVE", now=now)
        assert refusal_of(extend_grade, customer=customer, actor=world.tl, now=now) == "POL-06"


class TestClaimFromPool:
    def test_makes_him_the_account_manager_and_keeps_the_stay(
        self, world: World, fallen: Customer, now: datetime
    ) -> None:
        claim_from_pool(customer=fallen, actor=world.colleague, now=now)
        mine = now_of(fallen)
        assert (mine.owner, mine.pooled_at) == (world.colleague, None)
        assert mine.grade_due == now.date() + timedelta(days=7)
        entry = PoolEntry.objects.get()
        assert (entry.claimed_by, entry.claimed_at) == (world.colleague, now)
        assert ChangeRecord.objects.filter(field="owner", new=world.colleague.name).exists()
        events = GradeChange.objects.order_by("id").values_list("event", flat=True)
        assert list(events) == [GradeEvent.POOLED, GradeEvent.CLAIMED]

    def test_pol_01_refuses_who_comes_second(
        self, world: World, fallen: Customer, now: datetime
    ) -> None:
        claim_from_pool(customer=fallen, actor=world.colleague, now=now)
        assert refusal_of(claim_from_pool, customer=fallen, actor=world.am, now=now) == "POL-01"

    @pytest.mark.parametrize("who", ["other_am", "tl", "brm", "adm"])
    def test_pol_02_only_account_managers_of_the_branch(
        self, world: World, fallen: Customer, now: datetime, who: str
    ) -> None:
        actor = getattr(world, who)
        assert refusal_of(claim_from_pool, customer=fallen, actor=actor, now=now) == "POL-02"

    def test_pol_03_limits_the_claims_of_a_week(
        self, world: World, fallen: Customer, now: datetime
    ) -> None:
        PoolSetting.objects.create(pk=1, claim_limit=1)
        other = make_customer(world.am, now, name="沈阳恒通机电有限公司")
        give_to_pool(customer=other, reason="长期未跟进", actor=world.tl, now=now)
        claim_from_pool(customer=fallen, actor=world.colleague, now=now)
        values = {"customer": other, "actor": world.colleague}
        assert refusal_of(claim_from_pool, now=now, **values) == "POL-03"
        claim_from_pool(now=now + WEEK, **values)

    def test_pol_04_the_last_handler_waits_30_days(
        self, world: World, fallen: Customer, now: datetime
    ) -> None:
        soon, late = now + timedelta(days=29), now + timedelta(days=31)
        assert refusal_of(claim_from_pool, customer=fallen, actor=world.am, now=soon) == "POL-04"
        claim_from_pool(customer=fallen, actor=world.am, now=late)

    def test_bus_07_a_blacklisted_customer_is_not_claimed(
        self, world: World, fallen: Customer, now: datetime
    ) -> None:
        set_business_state(customer_id=fallen.pk, biz_status="BLACKLISTED", now=now)
        values = {"customer": fallen, "actor": world.colleague, "now": now}
        assert refusal_of(claim_from_pool, **values) == "BUS-07"
        assert not pooled(world.colleague).exists()

    def test_the_last_handler_changes_nothing_meanwhile(
        self, world: World, fallen: Customer, now: datetime
    ) -> None:
        values = {
            "customer": fallen, "data": {"remark": "我的"}, "version": None,
            "actor": world.am, "now": now,
        }  # fmt: skip
        assert refusal_of(update_customer, **values) == "CUS-11"

    def test_the_head_may_give_it_to_somebody_instead(
        self, world: World, fallen: Customer, now: datetime
    ) -> None:
        change_owner(customer=fallen, owner=world.colleague, actor=world.tl, now=now)
        assert now_of(fallen).pooled_at is None
        assert PoolEntry.objects.get().claimed_by == world.colleague


class TestCredit:
    def test_is_halved_between_first_and_closing_handler(
        self, world: World, fallen: Customer, now: datetime
    ) -> None:
        claim_from_pool(customer=fallen, actor=world.colleague, now=now)
        opportunity = make_opportunity(now_of(fallen), now)
        advance_by_system(opportunity, Stage.DISBURSED, now=now, reason="HB-1")
        advance_by_system(opportunity, Stage.DISBURSED, now=now, reason="HB-2")
        shares = CreditShare.objects.values_list("part", "employee", "percent")
        assert sorted(shares) == [
            ("CLOSING", world.colleague.pk, Decimal("50.0000")),
            ("FIRST", world.am.pk, Decimal("50.0000")),
        ]
        won = GradeChange.objects.get(event=GradeEvent.WON)
        assert won.to_grade == ""

    def test_is_whole_for_who_did_both(
        self, world: World, customer: Customer, now: datetime
    ) -> None:
        opportunity = make_opportunity(customer, now)
        advance_by_system(opportunity, Stage.DISBURSED, now=now, reason="HB-1")
        share = CreditShare.objects.get()
        assert (share.employee, share.percent) == (world.am, Decimal("100.0000"))


class TestBorrowerTier:
    def test_is_lost_at_substandard(self, customer: Customer, now: datetime) -> None:
        Customer.objects.filter(pk=customer.pk).update(borrower_tier=BorrowerTier.GOLD)
        set_business_state(customer_id=customer.pk, risk_class=RiskClass.ATTENTION, now=now)
        assert now_of(customer).borrower_tier == BorrowerTier.GOLD
        set_business_state(customer_id=customer.pk, risk_class=RiskClass.SUBSTANDARD, now=now)
        assert now_of(customer).borrower_tier == BorrowerTier.NORMAL
        assert ChangeRecord.objects.filter(field="borrower_tier").exists()


class TestPoolSettings:
    def test_pol_07_only_the_information_administrator(self, world: World, now: datetime) -> None:
        values = {
            "effective_days": 10, "extension_days": 5, "claim_limit": 3, "reclaim_days": 60,
            "falls_by_itself": True,
        }  # fmt: skip
        act = {"values": values, "version": 1, "now": now}
        assert refusal_of(update_pool_setting, actor=world.hrm, **act) == "POL-07"
        update_pool_setting(actor=world.adm, **act)
        assert PoolSetting.objects.get().effective_days == 10
        assert refusal_of(update_pool_setting, actor=world.adm, **act) == "WF-12"
        zero = {"values": values | {"claim_limit": 0}, "version": 2, "now": now}
        assert refusal_of(update_pool_setting, actor=world.adm, **zero) == "CUS-29"


class TestPages:
    def test_n26_shows_the_branch_no_number_and_no_other_branch(
        self, world: World, fallen: Customer, client: Client
    ) -> None:
        client.force_login(world.colleague)
        page = client.get(reverse("customers:pool")).content.decode()
        assert fallen.name in page
        assert fallen.phone not in page
        assert fallen.get_absolute_url() not in page
        client.force_login(world.other_am)
        assert fallen.name not in client.get(reverse("customers:pool")).content.decode()
        claim = reverse("customers:pool-claim", args=[fallen.pk])
        assert client.post(claim).status_code == 404

    def test_claims_extends_and_gives_back(
        self, world: World, fallen: Customer, client: Client
    ) -> None:
        client.force_login(world.colleague)
        answer = client.post(reverse("customers:pool-claim", args=[fallen.pk]))
        assert answer["Location"] == fallen.get_absolute_url()
        client.force_login(world.tl)
        assert client.post(reverse("customers:grade-extend", args=[fallen.pk])).status_code == 302
        assert fallen.name in client.get(reverse("customers:pool-due")).content.decode()
        back = reverse("customers:pool-give-back", args=[fallen.pk])
        assert client.post(back, {"reason": ""}).status_code == 422
        assert client.post(back, {"reason": "客户经理调岗"}).status_code == 302
        assert now_of(fallen).pooled_at is not None
        client.force_login(world.am)
        assert client.get(back).status_code == 404

    def test_settings_are_for_the_administrator(self, world: World, client: Client) -> None:
        url = reverse("customers:pool-settings")
        client.force_login(world.tl)
        assert client.get(url).status_code == 403
        client.force_login(world.adm)
        typed = {
            "version": 1, "effective_days": 10, "extension_days": 5, "claim_limit": 0,
            "reclaim_days": 30,
        }  # fmt: skip
        assert client.post(url, typed).status_code == 422
        assert client.post(url, typed | {"claim_limit": 3}).status_code == 302
        assert not PoolSetting.objects.get().falls_by_itself

    @pytest.mark.parametrize("name", ["pool", "pool-due"])
    def test_ask_at_most_ten_queries(
        self, world: World, fallen: Customer, now: datetime, client: Client, name: str,
        django_assert_max_num_queries,
    ) -> None:  # fmt: skip
        make_customer(world.am, now, name="沈阳恒通机电有限公司")
        grade_prospects(now=now)
        client.force_login(world.tl)
        client.get("/search/")  # the first request of a session writes the session
        with django_assert_max_num_queries(10):
            page = client.get(reverse(f"customers:{name}"))
        assert len(page.context["page"]) == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestRace:
    def test_two_claims_at_once_make_one_account_manager(self, now: datetime) -> None:
        from tests.customers.factories import build_world

        world = build_world()
        customer = make_customer(world.am, now)
        give_to_pool(customer=customer, reason="长期未跟进", actor=world.tl, now=now)
        third = world.colleague
        results: list[str] = []
        gate = threading.Barrier(2)

        def claim() -> None:
            gate.wait()
            try:
                with transaction.atomic():
                    claim_from_pool(customer=customer, actor=third, now=now)
                results.append("")
            except DomainError as refusal:
                results.append(refusal.code)
            finally:
                connection.close()

        threads = [threading.Thread(target=claim) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == ["", "POL-01"]
        assert PoolEntry.objects.filter(claimed_by=third).count() == 1
