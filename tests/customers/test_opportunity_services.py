"""M4: the ladder of an opportunity (OPP-01 … OPP-10) and who is warned when it goes quiet."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import DatabaseError, transaction

import pytest

from customers import hooks
from customers.choices import OpportunityStatus, Stage, StageMove
from customers.models import FollowUp, Opportunity, StageChange
from customers.selectors.opportunities import opportunity_list, stalled
from customers.services.customers import set_business_state
from customers.services.opportunities import (
    advance_by_system,
    create_opportunity,
    log_follow_up,
    lose_opportunity,
    promote_opportunity,
    step_back,
    update_opportunity,
)
from lending_crm.common.models import ChangeRecord
from tests.customers.factories import (
    make_consent,
    make_contact,
    make_opportunity,
    opportunity_data,
)
from tests.customers.test_customer_services import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def opportunity(customer, now) -> Opportunity:
    return make_opportunity(customer, now)


@pytest.fixture
def ready(customer, now) -> None:
    """Main contact and consent are on file."""
    contact = make_contact(customer, now)
    make_consent(customer, now, contact)


def climb(opportunity: Opportunity, stage: int, now) -> Opportunity:
    for step in range(opportunity.stage + 1, min(stage, Stage.PROPOSAL) + 1):
        opportunity = promote_opportunity(
            opportunity=opportunity, stage=step, actor=opportunity.customer.owner, now=now
        )
    if stage > Stage.PROPOSAL:
        opportunity = advance_by_system(opportunity, stage, now=now, reason="YW-1")
    return opportunity


class TestCreateOpportunity:
    def test_starts_at_the_first_stage(self, opportunity, world, now):
        assert (opportunity.stage, opportunity.probability) == (Stage.FIRST_CONTACT, 10)
        row = StageChange.objects.get(opportunity=opportunity)
        assert (row.move, row.by) == (StageMove.CREATED, world.am)
        assert ChangeRecord.objects.filter(
            model="customers.opportunity", field="subject", new="建材采购周转"
        ).exists()

    def test_refuses_amount_not_positive_opp_07(self, customer, now):
        found = refused(make_opportunity, customer=customer, now=now, amount="0.00")
        assert found["OPP-07"].field == "amount"

    def test_refuses_past_dates_opp_08(self, customer, now):
        found = refused(
            make_opportunity,
            customer=customer, now=now, expected_on=now.date() - timedelta(days=1),
        )  # fmt: skip
        assert found["OPP-08"].field == "expected_on"

    def test_refuses_absurd_term_opp_10(self, customer, now):
        assert "OPP-10" in refused(make_opportunity, customer=customer, now=now, term=0)
        assert "OPP-10" in refused(make_opportunity, customer=customer, now=now, term=601)

    def test_refuses_unknown_product_cus_27(self, customer, now):
        found = refused(make_opportunity, customer=customer, now=now, product="NOPE")
        assert found["CUS-27"].field == "product"

    def test_refuses_huge_amount_cus_29(self, customer, now):
        found = refused(make_opportunity, customer=customer, now=now, amount="1" + "0" * 16)
        assert found["CUS-29"].field == "amount"

    def test_refuses_empty_red_fields_cus_17(self, customer, now):
        found = refused(
            create_opportunity, customer=customer, data={}, actor=customer.owner, now=now
        )
        assert set(found) == {"CUS-17"}

    def test_refuses_bad_and_blacklisted_customers_bus_07(self, customer, now):
        for status in ("BAD", "BLACKLISTED"):
            set_business_state(customer_id=customer.pk, now=now, biz_status=status)
            assert "BUS-07" in refused(make_opportunity, customer=customer, now=now)

    def test_refuses_others_cus_11(self, customer, world, now):
        for actor in (world.colleague, world.tl, world.brm):
            assert "CUS-11" in refused(
                create_opportunity,
                customer=customer, data=opportunity_data(now), actor=actor, now=now,
            )  # fmt: skip

    def test_answers_a_double_click_with_one_opportunity(self, customer, now):
        key = uuid.uuid4()
        made = {
            create_opportunity(
                customer=customer, data=opportunity_data(now), actor=customer.owner, now=now,
                creation_key=key,
            ).pk
            for _click in range(2)
        }  # fmt: skip
        assert len(made) == 1


class TestUpdateOpportunity:
    def test_keeps_a_date_that_has_passed_meanwhile(self, opportunity, now):
        later = now + timedelta(days=90)
        updated = update_opportunity(
            opportunity=opportunity, data={"remark": "改"}, version=1,
            actor=opportunity.customer.owner, now=later,
        )  # fmt: skip
        assert updated.remark == "改"

    def test_refuses_stale_form_wf_12(self, opportunity, now):
        assert "WF-12" in refused(
            update_opportunity,
            opportunity=opportunity, data={}, version=9, actor=opportunity.customer.owner,
            now=now,
        )  # fmt: skip

    def test_refuses_closed_opp_05(self, opportunity, now):
        actor = opportunity.customer.owner
        lose_opportunity(opportunity=opportunity, lost_reason="PRICE", actor=actor, now=now)
        assert "OPP-05" in refused(
            update_opportunity, opportunity=opportunity, data={}, version=None, actor=actor,
            now=now,
        )  # fmt: skip


class TestPromoteOpportunity:
    def test_climbs_one_step_and_writes_history(self, opportunity, world, now):
        later = now + timedelta(days=5)
        promoted = promote_opportunity(
            opportunity=opportunity, stage=Stage.NEEDS, actor=world.am, now=later, note="已面谈"
        )
        assert (promoted.stage, promoted.probability) == (Stage.NEEDS, 20)
        row = StageChange.objects.latest("id")
        assert (row.from_stage, row.to_stage, row.days_in_stage) == (1, 2, 5)
        assert (row.by, row.at, row.note) == (world.am, later, "已面谈")

    def test_refuses_to_skip_opp_01(self, opportunity, world, now):
        found = refused(
            promote_opportunity,
            opportunity=opportunity, stage=Stage.INVESTIGATION, actor=world.am, now=now,
        )  # fmt: skip
        assert found["OPP-01"].params == {"current": "初步接触", "next": "需求确认"}

    def test_refuses_to_stay_opp_01(self, opportunity, world, now):
        assert "OPP-01" in refused(
            promote_opportunity, opportunity=opportunity, stage=1, actor=world.am, now=now
        )

    def test_asks_for_the_main_contact_opp_02(self, opportunity, world, now):
        climb(opportunity, Stage.NEEDS, now)
        found = refused(
            promote_opportunity,
            opportunity=opportunity, stage=Stage.INVESTIGATION, actor=world.am, now=now,
        )  # fmt: skip
        assert "录入主联系人" in found["OPP-02"].message
        make_contact(opportunity.customer, now)
        climb(Opportunity.objects.get(), Stage.INVESTIGATION, now)

    def test_asks_for_the_consent_opp_02(self, opportunity, world, now):
        contact = make_contact(opportunity.customer, now)
        opportunity = climb(opportunity, Stage.INVESTIGATION, now)
        found = refused(
            promote_opportunity,
            opportunity=opportunity, stage=Stage.PROPOSAL, actor=world.am, now=now,
        )  # fmt: skip
        assert "个人信息授权书" in found["OPP-02"].message
        make_consent(opportunity.customer, now, contact)
        assert climb(Opportunity.objects.get(), Stage.PROPOSAL, now).probability == 60

    def test_refuses_system_stages_by_hand_opp_03(self, opportunity, ready, world, now):
        opportunity = climb(opportunity, Stage.PROPOSAL, now)
        for stage in (Stage.SUBMITTED, Stage.SIGNED, Stage.DISBURSED):
            found = refused(
                promote_opportunity, opportunity=opportunity, stage=stage, actor=world.am, now=now
            )
            assert found["OPP-03"].params["stage"] == Stage(stage).label

    def test_refuses_closed_opp_05(self, opportunity, world, now):
        lose_opportunity(opportunity=opportunity, lost_reason="PRICE", actor=world.am, now=now)
        assert "OPP-05" in refused(
            promote_opportunity, opportunity=opportunity, stage=2, actor=world.am, now=now
        )

    def test_refuses_unknown_stage(self, opportunity, world, now):
        for stage in (-1, 0, 8, 10**20):
            assert "CUS-27" in refused(
                promote_opportunity, opportunity=opportunity, stage=stage, actor=world.am, now=now
            )

    def test_refuses_second_click_wf_12(self, opportunity, world, now):
        promote_opportunity(opportunity=opportunity, stage=2, actor=world.am, now=now, version=1)
        assert "WF-12" in refused(
            promote_opportunity,
            opportunity=opportunity, stage=2, actor=world.am, now=now, version=1,
        )  # fmt: skip

    def test_refuses_others_cus_11(self, opportunity, world, now):
        assert "CUS-11" in refused(
            promote_opportunity, opportunity=opportunity, stage=2, actor=world.tl, now=now
        )


class TestStepBack:
    def test_goes_down_with_a_reason(self, opportunity, ready, world, now):
        opportunity = climb(opportunity, Stage.PROPOSAL, now)
        lower = step_back(
            opportunity=opportunity, stage=2, reason="客户改主意", actor=world.am, now=now
        )
        assert (lower.stage, lower.probability) == (2, 20)

    def test_asks_for_a_reason_opp_04(self, opportunity, world, now):
        opportunity = climb(opportunity, Stage.NEEDS, now)
        found = refused(
            step_back, opportunity=opportunity, stage=1, reason=" \x00", actor=world.am, now=now
        )
        assert found["OPP-04"].field == "reason"

    def test_only_goes_down_opp_06(self, opportunity, world, now):
        assert "OPP-06" in refused(
            step_back, opportunity=opportunity, stage=1, reason="错了", actor=world.am, now=now
        )

    def test_leaves_what_the_system_holds_opp_03(self, opportunity, ready, world, now, monkeypatch):
        opportunity = climb(opportunity, Stage.SUBMITTED, now)
        monkeypatch.setattr(hooks, "_open_document_checks", [lambda customer_id: True])
        down = {"opportunity": opportunity, "stage": 4, "reason": "被否", "actor": world.am}
        assert "OPP-03" in refused(step_back, **down, now=now)
        monkeypatch.setattr(hooks, "_open_document_checks", [])
        assert step_back(**down, now=now).stage == 4

    def test_refuses_closed_opp_05(self, opportunity, world, now):
        lose_opportunity(opportunity=opportunity, lost_reason="PRICE", actor=world.am, now=now)
        assert "OPP-05" in refused(
            step_back, opportunity=opportunity, stage=1, reason="x", actor=world.am, now=now
        )


class TestLoseOpportunity:
    def test_closes_with_chance_zero(self, opportunity, world, now):
        lost = lose_opportunity(
            opportunity=opportunity, lost_reason="COMPETITOR", actor=world.am, now=now, note="银行"
        )
        assert (lost.biz_status, lost.probability) == (OpportunityStatus.LOST, 0)
        assert StageChange.objects.latest("id").move == StageMove.LOST

    def test_asks_for_a_reason_opp_09(self, opportunity, world, now):
        for reason in ("", "BECAUSE"):
            assert "OPP-09" in refused(
                lose_opportunity,
                opportunity=opportunity, lost_reason=reason, actor=world.am, now=now,
            )  # fmt: skip

    def test_leaves_signed_ones_opp_03(self, opportunity, ready, world, now):
        opportunity = climb(opportunity, Stage.SIGNED, now)
        assert "OPP-03" in refused(
            lose_opportunity,
            opportunity=opportunity, lost_reason="PRICE", actor=world.am, now=now,
        )  # fmt: skip


class TestAdvanceBySystem:
    def test_lifts_and_wins(self, opportunity, now):
        lifted = advance_by_system(opportunity, Stage.SUBMITTED, now=now, reason="YW-1 提交")
        assert (lifted.stage, lifted.probability) == (5, 75)
        row = StageChange.objects.latest("id")
        assert (row.move, row.by, row.note) == (StageMove.SYSTEM, None, "YW-1 提交")
        won = advance_by_system(opportunity, Stage.DISBURSED, now=now, reason="HB-1")
        assert (won.biz_status, won.probability) == (OpportunityStatus.WON, 100)

    def test_leaves_what_is_already_there(self, opportunity, now):
        advance_by_system(opportunity, Stage.SIGNED, now=now, reason="HS-1")
        assert advance_by_system(opportunity, Stage.SUBMITTED, now=now, reason="x").stage == 6
        assert StageChange.objects.count() == 2

    def test_refuses_lost_ones_opp_05(self, opportunity, world, now):
        lose_opportunity(opportunity=opportunity, lost_reason="PRICE", actor=world.am, now=now)
        assert "OPP-05" in refused(
            lambda **kw: advance_by_system(opportunity, 5, **kw), now=now, reason="YW-1"
        )


class TestLogFollowUp:
    def test_moves_the_next_date_and_wakes_it(self, opportunity, world, now):
        later = now + timedelta(days=20)
        log_follow_up(
            opportunity=opportunity, content="电话沟通", next_follow_on=later.date(),
            actor=world.am, now=later,
        )  # fmt: skip
        opportunity.refresh_from_db()
        assert opportunity.next_follow_on == later.date()
        assert opportunity.last_activity_at == later

    def test_refuses_empty_and_past(self, opportunity, world, now):
        found = refused(
            log_follow_up, opportunity=opportunity, content=" ", next_follow_on=None,
            actor=world.am, now=now,
        )  # fmt: skip
        assert set(found) == {"CUS-17"}
        assert "OPP-08" in refused(
            log_follow_up,
            opportunity=opportunity, content="x",
            next_follow_on=now.date() - timedelta(days=1), actor=world.am, now=now,
        )  # fmt: skip

    def test_refuses_ten_megabytes_cus_26(self, opportunity, world, now):
        assert "CUS-26" in refused(
            log_follow_up, opportunity=opportunity, content="长" * 10_000_000,
            next_follow_on=now.date(), actor=world.am, now=now,
        )  # fmt: skip


class TestStageHistory:
    def test_cannot_be_edited_or_removed(self, opportunity, world, now):
        log_follow_up(
            opportunity=opportunity, content="电话", next_follow_on=now.date(), actor=world.am,
            now=now,
        )  # fmt: skip
        for rows in (StageChange.objects.all(), FollowUp.objects.all()):
            for act in (rows.delete, lambda rows=rows: rows.update(at=now)):
                with pytest.raises(DatabaseError), transaction.atomic():
                    act()


def stalled_opportunities(user, *, now):
    """What the list 业务拓展 keeps of his with 业务机会预警."""
    return opportunity_list(user).filter(stalled(now=now))


class TestStalledOpportunities:
    @pytest.mark.parametrize(("tier", "days"), [("A", 7), ("B", 15), ("C", 30), ("D", 30)])
    def test_waits_by_tier(self, opportunity, world, now, tier, days):
        set_business_state(customer_id=opportunity.customer_id, now=now, tier=tier)
        at_limit = now + timedelta(days=days)
        assert not stalled_opportunities(world.am, now=at_limit)
        late = at_limit + timedelta(seconds=1)
        assert list(stalled_opportunities(world.am, now=late)) == [opportunity]
        assert list(stalled_opportunities(world.tl, now=late)) == [opportunity]
        assert not stalled_opportunities(world.other_am, now=late)

    def test_leaves_out_closed_ones(self, opportunity, world, now):
        lose_opportunity(opportunity=opportunity, lost_reason="PRICE", actor=world.am, now=now)
        assert not stalled_opportunities(world.am, now=now + timedelta(days=99))
