"""取回 of a 退回: what was returned is under approval again until somebody acts on it (WF-21)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from documents.models import Document
from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from staff.models import Employee
from tests.workflows.invariants import check
from tests.workflows.pages import browser, buttons, text_of
from tests.workflows.scenes import two_branches
from tests.workflows.world import NOW, TOY, World, by_role, fresh, stage
from workflows.bpmn.model import DecideMode, RoleReach
from workflows.choices import LIVE, CaseState, EventKind, ItemState
from workflows.conflicts import former_handlers
from workflows.models import Case, Stage, WorkItem
from workflows.selectors import standing_stages
from workflows.services import administration, decisions, items, submission
from workflows.services.recusals import review_recusals

pytestmark = pytest.mark.django_db

REASON = "请补充说明还款来源"
LATER = NOW + timedelta(minutes=9)


def give_back(world: World, case: Case, who: Any, **values: Any) -> Case:
    return decisions.return_case(
        item_id=world.item(case, who).pk, actor=fresh(who), now=NOW, opinion=REASON, **values
    )


def returned_item(case: Case, who: Any) -> WorkItem:
    return WorkItem.objects.get(case=case, decided_by=who, decision="RETURN")


def take_back(case: Case, who: Any) -> Case:
    return items.take_back(item_id=returned_item(case, who).pk, actor=fresh(who), now=LATER)


def refused(case: Case, who: Any) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        take_back(case, who)
    return refusal.value


def places(case: Case) -> Counter[str]:
    return Counter(
        Stage.objects.filter(process=case, outcome="", finished=None).values_list(
            "node_id", flat=True
        )
    )


class TestFromTheHandler:
    @pytest.fixture
    def case(self, world: World) -> Case:
        return give_back(world, world.approve(world.submitted(), world.tl), world.brm)

    def test_the_case_is_under_approval_at_the_returner_again(
        self, world: World, case: Case
    ) -> None:
        assert case.state == CaseState.RETURNED
        case = take_back(case, world.brm)
        assert (case.state, case.round, case.returned_from) == (CaseState.IN_APPROVAL, 1, "")
        assert world.item(case, world.brm).decision == ""
        assert places(case) == Counter(["brm"])
        document = case_document(case)
        assert document.wf_status == CaseState.IN_APPROVAL
        check(case, document, world)

    def test_the_handler_is_not_asked_any_more_and_is_told(self, world: World, case: Case) -> None:
        take_back(case, world.brm)
        assert not WorkItem.objects.waiting_for(fresh(world.am)).exists()
        told = OutboxMessage.objects.filter(payload__event="case.taken_back").get()
        assert told.payload["recipients"] == [world.am.pk]

    def test_the_route_goes_on_from_there(self, world: World, case: Case) -> None:
        case = take_back(case, world.brm)
        case = world.approve(case, world.brm, minutes=12)
        case = world.approve(case, world.bgm, minutes=13)
        assert case.state == CaseState.APPROVED

    def test_it_may_be_returned_and_taken_back_again(self, world: World, case: Case) -> None:
        case = take_back(case, world.brm)
        case = take_back(give_back(world, case, world.brm), world.brm)
        assert (case.round, places(case)) == (1, Counter(["brm"]))
        check(case, case_document(case), world)

    def test_the_dates_of_the_submission_stay(self, world: World, case: Case) -> None:
        take_back(case, world.brm)
        assert case_document(case).updated_at == NOW

    def test_history_says_which_return_it_was(self, world: World, case: Case) -> None:
        take_back(case, world.brm)
        event = case.events.get(kind=EventKind.TAKEN_BACK)
        assert (event.actor_id, event.round, event.data["target"]) == (world.brm.pk, 1, "handler")
        page = browser(world.brm).get(f"/cases/{case.pk}/")
        assert "the return to the handler" in text_of(page)

    def test_wf_21_when_the_handler_has_changed_the_document(
        self, world: World, case: Case
    ) -> None:
        world.edit(case_document(case), note="已补充")
        refusal = refused(case, world.brm)
        assert refusal.code == "WF-21"
        assert "退回后已有人处理" in str(refusal.sentence)

    def test_wf_21_when_the_handler_has_submitted_again(self, world: World, case: Case) -> None:
        submission.submit_document(
            kind="toy", document_id=case.document_id, actor=fresh(world.am), now=LATER
        )
        refusal = refused(case, world.brm)
        assert refusal.code == "WF-21"
        assert "退回后已有人处理" in str(refusal.sentence)

    def test_the_documents_own_rules_when_it_could_not_be_submitted_now(
        self, world: World, case: Case
    ) -> None:
        world.edit(case_document(case), wrong=["TY-99"])
        assert refused(case, world.brm).code == "TY-99"

    def test_wf_03_for_anybody_but_the_returner(self, world: World, case: Case) -> None:
        item = returned_item(case, world.brm)
        with pytest.raises(DomainError) as refusal:
            items.take_back(item_id=item.pk, actor=fresh(world.bgm), now=LATER)
        assert refusal.value.code == "WF-03"

    def test_wf_05_for_an_approval_before_the_return(self, world: World, case: Case) -> None:
        item = WorkItem.objects.get(case=case, decided_by=world.tl)
        with pytest.raises(DomainError) as refusal:
            items.take_back(item_id=item.pk, actor=fresh(world.tl), now=LATER)
        assert refusal.value.code == "WF-05"

    def test_wf_05_when_the_handler_has_given_it_up(self, world: World, case: Case) -> None:
        submission.void_case(case_id=case.pk, actor=fresh(world.am), now=NOW, reason="客户放弃")
        assert refused(case, world.brm).code == "WF-05"

    def test_the_page_offers_it_while_the_document_waits(self, world: World, case: Case) -> None:
        client = browser(world.brm)
        assert "take_back" in buttons(client.get(f"/cases/{case.pk}/"))
        assert "take_back" not in buttons(browser(world.tl).get(f"/cases/{case.pk}/"))
        item = returned_item(case, world.brm)
        client.post(f"/work-items/{item.pk}/take_back/", {"idempotency_key": "k1"})
        case.refresh_from_db()
        assert case.state == CaseState.IN_APPROVAL
        assert "approve" in buttons(client.get(f"/cases/{case.pk}/"))

    def test_the_page_does_not_offer_it_after_a_resubmission(
        self, world: World, case: Case
    ) -> None:
        world.submit(case_document(case))
        assert "take_back" not in buttons(browser(world.brm).get(f"/cases/{case.pk}/"))

    def test_the_api_takes_it_back(self, world: World, case: Case) -> None:
        item = returned_item(case, world.brm)
        answer = browser(world.brm).post(
            f"/api/v1/work-items/{item.pk}/take-back/",
            {"seen_version": case.version},
            content_type="application/json",
            headers={"Idempotency-Key": "take-back-1"},
        )
        assert answer.status_code == 200, answer.content
        assert answer.json()["state"] == CaseState.IN_APPROVAL

    def test_nobody_who_submitted_it_becomes_a_former_handler(
        self, world: World, case: Case
    ) -> None:
        case = take_back(case, world.brm)
        assert former_handlers(case) == {}


class TestFromAStage:
    @pytest.fixture
    def case(self, world: World) -> Case:
        case = world.approve(world.submitted(), world.tl, conditions=["补签"])
        case = world.approve(case, world.brm)
        return give_back(world, case, world.bgm, target="tl")

    def test_the_round_that_began_was_none(self, world: World, case: Case) -> None:
        assert places(case) == Counter(["tl"])
        case = take_back(case, world.bgm)
        assert (case.round, places(case)) == (1, Counter(["bgm"]))
        assert Stage.objects.get(process=case, round=2).outcome == "UNDONE"
        assert standing_stages(case) == {"tl", "brm"}
        check(case, case_document(case), world)

    def test_what_was_decided_before_stands_through_the_next_round(
        self, world: World, case: Case
    ) -> None:
        case = give_back(world, take_back(case, world.bgm), world.bgm, target="brm")
        assert (case.round, places(case)) == (2, Counter(["brm"]))
        assert standing_stages(case) == {"tl"}
        for who in (world.brm, world.bgm):
            case = world.approve(case, who, minutes=20)
        assert case.state == CaseState.APPROVED
        check(case, case_document(case), world)

    def test_wf_21_when_the_target_has_decided(self, world: World, case: Case) -> None:
        case = world.approve(case, world.tl)
        refusal = refused(case, world.bgm)
        assert refusal.code == "WF-21"
        assert "退回后已有人处理" in str(refusal.sentence)
        assert "take_back" not in buttons(browser(world.bgm).get(f"/cases/{case.pk}/"))

    def test_wf_21_when_an_administrator_has_moved_it(self, world: World, case: Case) -> None:
        administration.jump_to_stage(
            case_id=case.pk, actor=fresh(world.adm), now=NOW, target="brm", reason=REASON
        )
        assert refused(case, world.bgm).code == "WF-21"

    def test_wf_40_while_the_case_is_suspended(self, world: World, case: Case) -> None:
        administration.suspend_case(case_id=case.pk, actor=fresh(world.adm), now=NOW, reason=REASON)
        assert refused(case, world.bgm).code == "WF-40"


class TestOutOfBranches:
    @pytest.fixture
    def case(self, world: World) -> Case:
        two_branches(world)
        return world.submitted()

    def test_the_branch_beside_it_opens_again(self, world: World, case: Case) -> None:
        case = give_back(world, case, world.brm)
        assert places(case) == Counter([""])
        case = take_back(case, world.brm)
        assert places(case) == Counter(["brm", "bgm"])
        check(case, case_document(case), world)
        for who in (world.bgm, world.brm, world.ceo):
            case = world.approve(case, who, minutes=20)
        assert case.state == CaseState.APPROVED

    def test_a_branch_that_had_arrived_waits_at_the_join_again(
        self, world: World, case: Case
    ) -> None:
        case = world.approve(case, world.bgm)
        before = case.tokens
        case = take_back(give_back(world, case, world.brm), world.brm)
        assert case.tokens == before
        check(case, case_document(case), world)

    def test_who_is_asked_in_both_branches_is_asked_in_both_again(self, db: None) -> None:
        world = World(
            stage("first", by_role("TL")),
            stage("brm", by_role("BRM")),
            stage("last", by_role("CEO", RoleReach.HEAD_OFFICE)),
        )
        two_branches(world)
        case = world.submitted()
        case = take_back(give_back(world, case, world.bgm), world.bgm)
        assert world.item(case, world.bgm).stage.node_id == "bgm"
        assert world.item(case, world.brm).stage.node_id == "brm"


class TestBlockedStages:
    def test_a_seat_that_was_empty_is_reported_again(self, world: World) -> None:
        two_branches(world)
        case = world.submitted()
        role = world.bgm.role_assignments.get()
        case = give_back(world, case, world.brm)
        role.delete()
        case = take_back(case, world.brm)
        beside = Stage.objects.get(process=case, node_id="bgm", outcome="")
        assert beside.is_blocked
        check(case, case_document(case), world)


def case_document(case: Case) -> Document:
    return Document.objects.get(pk=case.document_id)


class TestWhoLeftMeanwhile:
    def test_n27_an_empty_seat_is_left_where_somebody_has_left(self, db: None) -> None:
        both = stage("both", by_role("BRM"), by_role("BGM"), decide=DecideMode.ALL)
        world = World(both, stage("last", by_role("CEO", RoleReach.HEAD_OFFICE)))
        case = give_back(world, world.submitted(), world.brm)
        Employee.objects.filter(pk=world.bgm.pk).update(is_active=False)
        case = take_back(case, world.brm)
        live = WorkItem.objects.filter(case=case, state__in=LIVE)
        assert {(i.assignee, i.state) for i in live} == {
            (fresh(world.brm), ItemState.OPEN), (None, ItemState.VACANT),
        }  # fmt: skip
        assert Stage.objects.get(process=case, node_id="both").is_blocked
        check(case, case_document(case), world)

    def test_n2_nor_is_who_has_to_abstain_since_asked_again(self, db: None) -> None:
        both = stage("both", by_role("BRM"), by_role("BGM"), decide=DecideMode.ALL)
        world = World(both, stage("last", by_role("CEO", RoleReach.HEAD_OFFICE)))
        case = give_back(world, world.submitted(), world.brm)
        TOY.related[world.bgm.pk] = "is a related party of the customer"
        try:
            review_recusals(case_id=case.pk, now=NOW)
        finally:
            TOY.related.clear()
        case = take_back(case, world.brm)
        assert not WorkItem.objects.filter(case=case, assignee=world.bgm, state__in=LIVE).exists()
        assert Stage.objects.get(process=case, node_id="both").is_blocked
        check(case, case_document(case), world)

    def test_who_stands_for_the_same_role_is_enough(self, db: None) -> None:
        both = stage("both", by_role("TL"), by_role("BGM"), decide=DecideMode.ALL)
        world = World(both, stage("last", by_role("CEO", RoleReach.HEAD_OFFICE)))
        other = world._local("TL")
        case = give_back(world, world.submitted(), world.bgm)
        Employee.objects.filter(pk=other.pk).update(is_active=False)
        case = take_back(case, world.bgm)
        assert not WorkItem.objects.filter(case=case, state=ItemState.VACANT).exists()
        assert world.item(case, world.tl).stage.node_id == "both"
        check(case, case_document(case), world)
