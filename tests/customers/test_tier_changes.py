"""客户等级调整 (X2): what is earned, who decides, what follows."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.urls import reverse

import pytest

from customers.choices import BorrowerTier, RiskClass
from customers.kinds import FORM, KIND_CODE
from customers.models import Customer, TierChange, TierRecord
from customers.selectors.tiers import has_tier_changes
from customers.services.standing import set_risk_class
from documents.kinds import routed_kind
from documents.parties import has_open_documents, live_cases
from documents.services.drafts import update_draft
from documents.services.printing import print_document
from documents.services.voiding import request_void
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from staff.models import Employee
from tests.customers.factories import make_channel, make_customer
from tests.customers.tiers import DIAMOND, GOLD, Desk
from workflows.models import WorkItem
from workflows.services.decisions import reject, return_case
from workflows.services.submission import withdraw_case


@pytest.fixture
def desk(world, now, monkeypatch) -> Desk:
    return Desk(world, now, monkeypatch)


@pytest.fixture
def clock(time_machine, now):
    time_machine.move_to(now, tick=False)


def refused(act) -> list[str]:
    with pytest.raises(DomainError) as error:
        act()
    return [reason.code for reason in error.value.reasons]


class TestBeginning:
    def test_suggests_what_the_figures_earn(self, desk):
        change = desk.draft()
        assert change.doc_no.startswith("DJ-")
        assert (change.from_tier, change.earned_tier, change.to_tier) == ("NORMAL", "GOLD", "GOLD")
        assert (change.income, change.overdue_days) == (Decimal("60000.00"), 0)
        assert change.years == Decimal("2.99")  # not three years yet

    def test_tir_04_only_the_customers_account_manager(self, desk):
        assert refused(lambda: desk.draft(actor=desk.world.colleague)) == ["TIR-04"]
        assert refused(lambda: desk.draft(actor=desk.world.tl)) == ["TIR-04"]

    def test_tir_05_prospects_and_channels_hold_no_tier(self, desk):
        prospect = make_customer(desk.world.am, desk.now, name="潜在客户有限公司")
        assert refused(lambda: desk.draft(origin=prospect)) == ["TIR-05"]
        channel = make_channel(desk.world.am, desk.now)
        Customer.objects.filter(pk=channel.pk).update(biz_status="ACTIVE")
        channel.refresh_from_db()
        assert refused(lambda: desk.draft(origin=channel)) == ["TIR-05"]

    def test_tir_03_one_open_per_customer(self, desk):
        first, second = desk.draft(), desk.draft()
        desk.submit(first)
        assert refused(desk.draft) == ["TIR-03"]
        assert refused(lambda: desk.submit(second)) == ["TIR-03"]
        with pytest.raises(IntegrityError), transaction.atomic():
            TierChange.objects.filter(pk=second.pk).update(open_customer=desk.customer)

    def test_the_customer_knows_of_it(self, desk):
        assert not has_tier_changes(desk.customer.pk)
        change = desk.under_approval()
        assert has_tier_changes(desk.customer.pk)
        assert has_open_documents(desk.customer.pk)
        assert live_cases(desk.customer.pk) == [change.case_id]


class TestSubmission:
    def test_wf_08_a_tier_is_asked_for(self, desk):
        assert "WF-08" in refused(lambda: desk.submit(desk.draft(to_tier="")))

    def test_tir_01_the_present_tier_is_no_change(self, desk):
        change = desk.draft(to_tier=BorrowerTier.NORMAL)
        assert refused(lambda: desk.submit(change)) == ["TIR-01"]
        TierChange.objects.filter(pk=change.pk).update(to_tier="NORMAL")
        with pytest.raises(IntegrityError), transaction.atomic():
            TierChange.objects.filter(pk=change.pk).update(open_customer=desk.customer)

    def test_tir_02_a_tier_that_is_not_earned_needs_a_reason(self, desk):
        change = desk.draft(to_tier=BorrowerTier.DIAMOND)
        with pytest.raises(DomainError) as error:
            desk.submit(change)
        assert [reason.code for reason in error.value.reasons] == ["TIR-02"]
        assert "60,000.00" in error.value.message
        with pytest.raises(IntegrityError), transaction.atomic():
            TierChange.objects.filter(pk=change.pk).update(
                open_customer=desk.customer, is_exception=True
            )

    def test_going_down_needs_a_reason_too(self, desk):
        Customer.objects.filter(pk=desk.customer.pk).update(borrower_tier="GOLD")
        change = desk.draft(to_tier=BorrowerTier.SILVER)
        assert refused(lambda: desk.submit(change)) == ["WF-08"]

    def test_tir_06_at_substandard_no_reason_helps(self, desk):
        set_risk_class(
            customer_id=desk.customer.pk, risk_class=RiskClass.SUBSTANDARD, actor=None, now=desk.now
        )
        change = desk.draft(to_tier=BorrowerTier.SILVER, reason="长期合作的客户")
        assert refused(lambda: desk.submit(change)) == ["TIR-06"]

    def test_tir_05_who_does_not_borrow_any_more_is_refused(self, desk):
        change = desk.draft()
        Customer.objects.filter(pk=desk.customer.pk).update(biz_status="BAD")
        assert refused(lambda: desk.submit(change)) == ["TIR-05"]

    def test_decides_on_the_figures_of_the_day(self, desk):
        change = desk.draft()
        desk.ledger.known[desk.customer.pk] = DIAMOND
        desk.submit(change)
        change.refresh_from_db()
        assert (change.earned_tier, change.income) == ("DIAMOND", Decimal("200000.00"))


class TestRoute:
    def people(self, desk, change) -> list[str]:
        names = []
        for person in (desk.world.tl, desk.world.bgm, desk.world.hrm):
            change.refresh_from_db()
            if change.wf_status == "IN_APPROVAL":
                desk.decide(change, person, hours=len(names) + 1)
                names.append(person.name)
        change.refresh_from_db()
        assert change.wf_status == "APPROVED"
        return names

    def test_head_of_department_and_branch_manager_decide(self, desk):
        assert self.people(desk, desk.under_approval()) == ["赵主管", "孙总"]

    def test_the_top_tier_takes_head_office_risk(self, desk):
        desk.ledger.known[desk.customer.pk] = DIAMOND
        change = desk.under_approval()
        assert not change.is_exception
        assert self.people(desk, change) == ["赵主管", "孙总", "吴总风控"]

    def test_above_what_is_earned_takes_head_office_risk_too(self, desk):
        desk.ledger.known[desk.customer.pk] = replace(GOLD, overdue_days=1)
        change = desk.under_approval(to_tier=BorrowerTier.SILVER, reason="逾期一天系银行原因")
        assert change.is_exception
        assert self.people(desk, change) == ["赵主管", "孙总", "吴总风控"]

    def test_going_down_does_not(self, desk):
        Customer.objects.filter(pk=desk.customer.pk).update(borrower_tier="GOLD")
        change = desk.under_approval(to_tier=BorrowerTier.SILVER, reason="业务量下降")
        assert self.people(desk, change) == ["赵主管", "孙总"]

    def without_a_head(self, desk):
        Employee.objects.filter(pk=desk.world.am.pk).update(superior=desk.world.bgm)
        Employee.objects.filter(pk=desk.world.tl.pk).update(is_active=False)
        return desk.under_approval()

    def test_a_manager_who_decided_for_the_missing_head_is_not_asked_again(self, desk):
        """Neighbouring business steps of one person: the second passes (domain §2.2, rule b)."""
        change = self.without_a_head(desk)
        desk.decide(change, desk.world.bgm)
        change.refresh_from_db()
        assert change.wf_status == "APPROVED"
        passed = change.case.events.get(kind="AUTO_PASSED")
        assert (passed.node_id, passed.actor) == ("branch_manager", None)
        assert passed.data == {"reason": "AUTO_PASS", "person": "孙总"}

    def test_head_office_risk_decides_after_it_all_the_same(self, desk):
        desk.ledger.known[desk.customer.pk] = DIAMOND
        change = self.without_a_head(desk)
        desk.decide(change, desk.world.bgm)
        change.refresh_from_db()
        assert change.wf_status == "IN_APPROVAL"
        desk.decide(change, desk.world.hrm, hours=2)
        change.refresh_from_db()
        assert change.wf_status == "APPROVED"


class TestConclusion:
    def test_the_tier_moves_and_history_keeps_it(self, desk):
        change = desk.under_approval()
        desk.decide(change, desk.world.tl)
        assert desk.stored().borrower_tier == BorrowerTier.NORMAL
        desk.decide(change, desk.world.bgm, hours=2)
        assert desk.stored().borrower_tier == BorrowerTier.GOLD
        record = TierRecord.objects.get()
        assert (record.from_tier, record.to_tier, record.change) == ("NORMAL", "GOLD", change)
        assert record.by == desk.world.am
        assert ChangeRecord.objects.filter(field="borrower_tier").exists()
        with pytest.raises(IntegrityError), transaction.atomic():
            TierRecord.objects.create(
                customer=desk.customer, from_tier="GOLD", to_tier="GOLD", at=desk.now
            )

    def test_the_history_cannot_be_changed(self, desk):
        change = desk.under_approval()
        desk.decide(change, desk.world.tl)
        desk.decide(change, desk.world.bgm, hours=2)
        with pytest.raises(Exception, match="append_only"), transaction.atomic():
            TierRecord.objects.update(note="改")

    def test_tir_06_a_class_that_fell_meanwhile_stops_the_raise(self, desk):
        change = desk.under_approval()
        desk.decide(change, desk.world.tl)
        set_risk_class(
            customer_id=desk.customer.pk, risk_class=RiskClass.LOSS, actor=None, now=desk.now
        )
        assert refused(lambda: desk.decide(change, desk.world.bgm, hours=2)) == ["TIR-06"]
        assert desk.stored().borrower_tier == BorrowerTier.NORMAL

    def test_tir_07_what_is_not_earned_any_more_goes_back(self, desk):
        change = desk.under_approval()
        desk.decide(change, desk.world.tl)
        desk.ledger.known[desk.customer.pk] = replace(GOLD, overdue_days=3)
        assert refused(lambda: desk.decide(change, desk.world.bgm, hours=2)) == ["TIR-07"]

    def test_a_refused_one_leaves_the_tier_and_frees_the_customer(self, desk):
        change = desk.under_approval()
        desk.decide(change, desk.world.tl)
        item = WorkItem.objects.get(case=change.case, state="OPEN")
        reject(item_id=item.pk, actor=desk.world.bgm, now=desk.now, opinion="合作时间尚短,暂不上调")
        assert desk.stored().borrower_tier == BorrowerTier.NORMAL
        assert not TierRecord.objects.exists()
        assert desk.draft().pk != change.pk

    def test_withdrawn_frees_the_customer_and_returned_does_not(self, desk):
        change = desk.under_approval()
        item = WorkItem.objects.get(case=change.case, state="OPEN")
        return_case(item_id=item.pk, actor=desk.world.tl, now=desk.now, opinion="请补充说明原因")
        change.refresh_from_db()
        assert change.open_customer == desk.customer
        desk.submit(change)
        withdraw_case(
            case_id=change.case_id, actor=desk.world.am, now=desk.now, reason="客户暂不调整"
        )
        change.refresh_from_db()
        assert change.open_customer is None

    def test_wf_04_nothing_changes_under_approval(self, desk):
        change = desk.under_approval()
        codes = refused(
            lambda: update_draft(
                kind=routed_kind(KIND_CODE), document_id=change.pk, actor=desk.world.am,
                now=desk.now, values={"to_tier": "SILVER"},
            )
        )  # fmt: skip
        assert codes == ["WF-04"]
        with pytest.raises(IntegrityError), transaction.atomic():
            TierChange.objects.filter(pk=change.pk).update(to_tier="SILVER")

    def test_doc_02_an_approved_one_is_not_voided(self, desk):
        change = desk.under_approval()
        desk.decide(change, desk.world.tl)
        desk.decide(change, desk.world.bgm, hours=2)
        act = {"doc_no": change.doc_no, "reason": "误操作需要作废", "now": desk.now}
        assert refused(lambda: request_void(actor=desk.world.hrm, **act)) == ["DOC-02"]


class TestAutomaticFall:
    def test_at_substandard_the_ledgers_class_takes_the_tier(self, desk):
        Customer.objects.filter(pk=desk.customer.pk).update(borrower_tier="GOLD")
        act = {"customer_id": desk.customer.pk, "actor": None, "now": desk.now}
        set_risk_class(risk_class=RiskClass.ATTENTION, **act)
        assert desk.stored().borrower_tier == BorrowerTier.GOLD
        set_risk_class(risk_class=RiskClass.SUBSTANDARD, **act)
        assert desk.stored().borrower_tier == BorrowerTier.NORMAL
        record = TierRecord.objects.get()
        assert (record.from_tier, record.to_tier, record.change) == ("GOLD", "NORMAL", None)
        assert "次级" in record.note
        # A better class does not bring it back: only a form does.
        set_risk_class(risk_class=RiskClass.NORMAL, **act)
        assert desk.stored().borrower_tier == BorrowerTier.NORMAL


class TestPages:
    @pytest.fixture(autouse=True)
    def _now(self, clock):
        """Pages ask the clock."""

    def test_form_page_and_list(self, desk, client, django_assert_max_num_queries):
        client.force_login(desk.world.am)
        form = client.get(reverse("customers:tier_new_from", args=[desk.customer.pk]))
        assert form.status_code == 200
        key = "6e3a3c6e-3f0b-4a53-9f4e-0f6ad8a2b3c4"
        data = {"to_tier": "DIAMOND", "reason": "重点客户", "creation_key": key, "view": "1"}
        made = client.post(reverse("customers:tier_new_from", args=[desk.customer.pk]), data)
        change = TierChange.objects.get()
        assert made.url == change.get_absolute_url()
        with django_assert_max_num_queries(30):
            page = client.get(made.url).content.decode()
        assert "60,000.00" in page
        assert "高于" in page
        with django_assert_max_num_queries(10):
            listed = client.get(reverse("customers:tier_list")).content.decode()
        assert change.doc_no in listed

    def test_stands_on_the_customers_page(self, desk, client):
        change = desk.under_approval()
        client.force_login(desk.world.am)
        shown = client.get(reverse("customers:related", args=[desk.customer.pk])).content.decode()
        assert change.doc_no in shown
        assert "TIR" not in shown

    def test_the_history_stands_with_the_changes(self, desk, client):
        Customer.objects.filter(pk=desk.customer.pk).update(borrower_tier="GOLD")
        set_risk_class(
            customer_id=desk.customer.pk, risk_class=RiskClass.LOSS, actor=None, now=desk.now
        )
        client.force_login(desk.world.am)
        page = client.get(reverse("customers:customer-changes", args=[desk.customer.pk]))
        assert "等级历史" in page.content.decode()

    def test_n26_another_branch_finds_nothing(self, desk, client):
        change = desk.draft()
        client.force_login(desk.world.other_am)
        assert client.get(change.get_absolute_url()).status_code == 404
        assert change.doc_no not in client.get(reverse("customers:tier_list")).content.decode()

    def test_administrators_do_not_see_the_list_in_the_menu(self, desk):
        from customers.desk import TIER_DESK

        assert not TIER_DESK.may_see_list(desk.world.adm)
        assert TIER_DESK.may_see_list(desk.world.hrm)

    def test_prints_its_form(self, desk):
        change = desk.under_approval()
        printed = print_document(document=change, form=FORM, actor=desk.world.am, now=desk.now)
        assert printed.form == FORM


class TestApi:
    @pytest.fixture(autouse=True)
    def _now(self, clock):
        """The API asks the clock."""

    def test_creates_submits_and_refuses(self, desk, client):
        client.force_login(desk.world.am)
        url = "/api/v1/tier-changes/"
        made = client.post(
            url, {"customer": desk.customer.pk, "to_tier": "GOLD"}, content_type="application/json"
        )
        assert made.status_code == 201, made.content
        body = made.json()
        assert (body["earned_tier"], body["income"]) == ("GOLD", "60000.00")
        typed = {"customer": desk.customer.pk, "earned_tier": "DIAMOND"}
        assert client.post(url, typed, content_type="application/json").status_code == 400
        done = client.post(
            f"{url}{body['id']}/submit/",
            {"seen_version": body["version"]},
            content_type="application/json",
            headers={"Idempotency-Key": "tier-change-1"},
        )
        assert done.status_code == 200, done.content
        again = client.post(
            url, {"customer": desk.customer.pk, "to_tier": "GOLD"}, content_type="application/json"
        )
        assert again.json()["code"] == "TIR-03"
