"""加签, 减签, 委派, 答复: who is asked besides the people of a stage, and to whom it comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from staff.models import Employee, Role
from staff.services.roles import assign_role
from tests.workflows.invariants import check
from tests.workflows.pages import at_item, browser, buttons, text_of
from tests.workflows.test_api import client_of, send
from tests.workflows.world import ALL_ACTIONS, NOW, World, by_role, fresh, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.model import AssigneeRule, DecideMode, Definition, RoleReach, StageAction
from workflows.choices import CaseState, EventKind, ItemKind, ItemState
from workflows.models import Case, WorkItem
from workflows.services import decisions, handing_on, items, signers

pytestmark = pytest.mark.django_db


def refused_code(call: Any, **values: Any) -> str:
    with pytest.raises(DomainError) as refused:
        call(now=NOW, **values)
    return refused.value.code


def item_of(case: Case, who: Employee) -> WorkItem:
    """The newest item of the person in the case, whatever became of it."""
    found = WorkItem.objects.filter(case=case, assignee=who).order_by("-id").first()
    assert found is not None
    return found


def ask(case: Case, who: Employee, position: str, *people: Employee, **values: Any) -> Case:
    return signers.add_signers(
        item_id=item_of(case, who).pk if "item_id" not in values else values.pop("item_id"),
        actor=fresh(who), now=NOW, people=[fresh(p) for p in people], position=position,
        reason="请一并核实", **values,
    )  # fmt: skip


def remove(case: Case, who: Employee, *people: Employee) -> Case:
    return signers.remove_signers(
        item_id=item_of(case, who).pk, actor=fresh(who), now=NOW,
        people=[fresh(p) for p in people], reason="已经清楚",
    )  # fmt: skip


def delegate(case: Case, who: Employee, to: Employee) -> Case:
    return signers.delegate(
        item_id=item_of(case, who).pk, actor=fresh(who), now=NOW, recipient=fresh(to),
        reason="请代为核实",
    )  # fmt: skip


def answer(case: Case, who: Employee, text: str = "已核实,情况属实") -> Case:
    return signers.answer(
        item_id=item_of(case, who).pk, actor=fresh(who), now=NOW + timedelta(minutes=5),
        opinion=text,
    )  # fmt: skip


@pytest.fixture
def world(db: None) -> World:
    """Branch risk decides by name, then the president."""
    return World(
        stage("brm", by_role("BRM"), duty_line="RISK", decide=DecideMode.ALL),
        stage("ceo", by_role("CEO", RoleReach.HEAD_OFFICE), duty_line="MANAGEMENT"),
    )


@pytest.fixture
def case(world: World) -> Case:
    return world.submitted()


class TestBefore:
    def test_comes_back_to_the_owner_when_all_have_approved(self, world: World, case: Case) -> None:
        ask(case, world.brm, "BEFORE", world.hrm, world.hrm2)
        assert item_of(case, world.brm).state == ItemState.WAITING
        case = world.approve(case, world.hrm)
        assert item_of(case, world.brm).state == ItemState.WAITING
        case = world.approve(case, world.hrm2, minutes=2)
        assert item_of(case, world.brm).state == ItemState.OPEN
        assert OutboxMessage.objects.last().payload["event"] == "work_item.came_back"
        case = world.approve(case, world.brm, minutes=3)
        assert world.item(case).stage.node_id == "ceo"

    def test_wf_70_for_the_owner_meanwhile(self, world: World, case: Case) -> None:
        ask(case, world.brm, "BEFORE", world.hrm)
        call = {"item_id": item_of(case, world.brm).pk, "actor": fresh(world.brm)}
        assert refused_code(decisions.approve, opinion="同意", **call) == "WF-70"
        page = browser(world.brm).get(f"/cases/{case.pk}/")
        assert {"remove_signers", "transfer"} <= buttons(page)
        assert "approve" not in buttons(page)
        assert f"{world.hrm.name} answer first." in page.content.decode()

    def test_a_signer_who_rejects_ends_the_route(self, world: World, case: Case) -> None:
        ask(case, world.brm, "BEFORE", world.hrm)
        decisions.reject(
            item_id=item_of(case, world.hrm).pk, actor=fresh(world.hrm), now=NOW,
            opinion="负债过高,不符合准入条件",
        )  # fmt: skip
        case.refresh_from_db()
        assert case.state == CaseState.REJECTED
        assert item_of(case, world.brm).state == ItemState.NOT_NEEDED


class TestBeside:
    def test_both_must_approve_in_any_order(self, world: World, case: Case) -> None:
        ask(case, world.brm, "BESIDE", world.hrm)
        case = world.approve(case, world.brm)
        assert world.item(case).assignee == world.hrm
        case = world.approve(case, world.hrm, minutes=2)
        assert world.item(case).stage.node_id == "ceo"

    def test_also_where_one_of_them_decides(self, db: None) -> None:
        """或签 with a signer: the first of the stage's own wins, the signer is still asked."""
        world = World(
            stage("risk", by_role("HRM", RoleReach.HEAD_OFFICE), duty_line="RISK"),
            stage("ceo", by_role("CEO", RoleReach.HEAD_OFFICE), duty_line="MANAGEMENT"),
        )
        case = world.submitted()
        ask(case, world.hrm, "BESIDE", world.brm, item_id=world.item(case).pk)
        assert not WorkItem.objects.waiting_for(fresh(world.hrm2)).exists()
        case = world.approve(case, world.hrm)
        assert world.item(case).assignee == world.brm
        case = world.approve(case, world.brm, minutes=2)
        assert world.item(case).stage.node_id == "ceo"


class TestAfter:
    def test_is_asked_when_the_owner_has_approved(self, world: World, case: Case) -> None:
        ask(case, world.brm, "AFTER", world.hrm)
        assert item_of(case, world.hrm).state == ItemState.WAITING
        assert not OutboxMessage.objects.filter(payload__event="work_item.signer").exists()
        case = world.approve(case, world.brm)
        assert item_of(case, world.hrm).state == ItemState.OPEN
        assert OutboxMessage.objects.last().payload["event"] == "work_item.signer"
        case = world.approve(case, world.hrm, minutes=2)
        assert world.item(case).stage.node_id == "ceo"

    def test_a_take_back_makes_him_wait_again(self, world: World, case: Case) -> None:
        ask(case, world.brm, "AFTER", world.hrm)
        case = world.approve(case, world.brm)
        item = item_of(case, world.brm)
        items.take_back(item_id=item.pk, actor=fresh(world.brm), now=NOW)
        assert item_of(case, world.brm).state == ItemState.OPEN
        assert item_of(case, world.hrm).state == ItemState.WAITING

    def test_wf_21_when_he_has_answered(self, world: World, case: Case) -> None:
        ask(case, world.brm, "AFTER", world.hrm, world.hrm2)
        case = world.approve(case, world.brm)
        case = world.approve(case, world.hrm, minutes=2)
        call = {"item_id": item_of(case, world.brm).pk, "actor": fresh(world.brm)}
        assert refused_code(items.take_back, **call) == "WF-21"


class TestNested:
    def test_a_signer_asks_others_first(self, world: World, case: Case) -> None:
        ask(case, world.brm, "BEFORE", world.hrm)
        ask(case, world.hrm, "BEFORE", world.bgm)
        case = world.approve(case, world.bgm)
        assert item_of(case, world.hrm).state == ItemState.OPEN
        assert item_of(case, world.brm).state == ItemState.WAITING
        case = world.approve(case, world.hrm, minutes=2)
        assert item_of(case, world.brm).state == ItemState.OPEN

    def test_the_owner_waits_also_for_those_beside_his_signer(
        self, world: World, case: Case
    ) -> None:
        ask(case, world.brm, "BEFORE", world.hrm)
        ask(case, world.hrm, "BESIDE", world.bgm)
        case = world.approve(case, world.hrm)
        assert item_of(case, world.brm).state == ItemState.WAITING
        case = world.approve(case, world.bgm, minutes=2)
        assert item_of(case, world.brm).state == ItemState.OPEN

    def test_in_a_sequence_the_next_waits_for_the_signers_too(self, db: None) -> None:
        rules = (by_role("BRM"), by_role("BGM"))
        world = World(stage("turn", *rules, decide=DecideMode.SEQUENCE, duty_line="RISK"))
        case = world.submitted()
        ask(case, world.brm, "AFTER", world.hrm)
        case = world.approve(case, world.brm)
        assert item_of(case, world.bgm).state == ItemState.WAITING
        case = world.approve(case, world.hrm, minutes=2)
        assert item_of(case, world.bgm).state == ItemState.OPEN


class TestWhoSigns:
    def test_n2_wf_14_never_the_handler(self, world: World, case: Case) -> None:
        with pytest.raises(DomainError) as refused:
            ask(case, world.brm, "BEFORE", world.am)
        assert refused.value.code == "WF-14"
        assert world.am.name in refused.value.message

    def test_every_refusal_comes_at_once(self, world: World, case: Case) -> None:
        world.hrm2.is_active = False
        world.hrm2.save()
        account_manager = world._local("AM")
        with pytest.raises(DomainError) as refused:
            ask(case, world.brm, "BEFORE", world.am, world.hrm2, account_manager, world.adm)
        assert [reason.code for reason in refused.value.reasons] == ["WF-14", *["WF-20"] * 3]

    def test_wf_20_never_twice_in_the_round(self, world: World, case: Case) -> None:
        ask(case, world.brm, "BESIDE", world.hrm)
        with pytest.raises(DomainError) as asked:
            ask(case, world.brm, "BESIDE", world.hrm)
        case = world.approve(case, world.hrm)
        with pytest.raises(DomainError) as decided:
            ask(case, world.brm, "AFTER", world.hrm)
        with pytest.raises(DomainError) as oneself:
            ask(case, world.brm, "AFTER", world.brm)
        assert {asked.value.code, decided.value.code, oneself.value.code} == {"WF-20"}

    @pytest.mark.parametrize("position", ["BEFORE", "BESIDE", "AFTER"])
    def test_wf_20_never_oneself_from_a_pool_either(self, world: World, position: str) -> None:
        world.publish(_one_pool(by_role("HRM", RoleReach.HEAD_OFFICE)))
        case = world.submitted()
        item_id = world.item(case).pk
        with pytest.raises(DomainError) as refused:
            ask(case, world.hrm, position, world.brm, world.hrm, item_id=item_id)
        assert (refused.value.code, len(refused.value.reasons)) == ("WF-20", 1)
        assert refused.value.message == f"{world.hrm.name}:请选择本人以外的人员。"
        call = {"item_id": item_id, "actor": fresh(world.hrm), "reason": "请代为核实"}
        assert refused_code(signers.delegate, recipient=fresh(world.hrm), **call) == "WF-20"

    def test_wf_20_who_holds_the_step_through_one_pool_takes_no_other(self, world: World) -> None:
        """Also while the item that he holds waits for those whom he asked first."""
        rules = (by_role("BRM"), by_role("HRM", RoleReach.ANYWHERE))
        world.publish(_one_pool(*rules))
        role = Role.objects.get(code="HRM")
        assign_role(employee=fresh(world.brm), role=role, actor=fresh(world.adm), now=NOW)
        case = world.submitted()
        first, second = WorkItem.objects.filter(case=case).order_by("id")
        ask(case, world.brm, "BEFORE", world.bgm, item_id=first.pk)
        with pytest.raises(DomainError) as refused:
            ask(case, world.brm, "BESIDE", world.hrm2, item_id=second.pk)
        assert refused.value.code == "WF-20"
        items.claim(item_id=second.pk, actor=fresh(world.brm), now=NOW)
        second.refresh_from_db()
        assert second.assignee is None
        case = world.approve(case, world.bgm)
        assert item_of(case, world.brm).state == ItemState.OPEN

    def test_the_same_name_twice_is_one_signer(self, world: World, case: Case) -> None:
        ask(case, world.brm, "BEFORE", world.hrm, world.hrm)
        assert WorkItem.objects.filter(case=case, assignee=world.hrm).count() == 1

    @pytest.mark.parametrize(("people", "position"), [(0, "BEFORE"), (21, "BEFORE"), (1, "ABOVE")])
    def test_bad_input_is_told(self, world: World, case: Case, people: int, position: str) -> None:
        many = [world._head("HRM") for _ in range(people)]
        with pytest.raises(DomainError) as refused:
            ask(case, world.brm, position, *many)
        assert (refused.value.code, refused.value.status) in (("WF-72", 422), ("WF-73", 422))

    def test_wf_18_where_the_stage_does_not_allow_it(self, db: None) -> None:
        allowed = ALL_ACTIONS - {StageAction.ADD_SIGNERS, StageAction.DELEGATE}
        world = World(stage("brm", by_role("BRM"), duty_line="RISK", actions=allowed))
        case = world.submitted()
        item_id = world.item(case).pk
        with pytest.raises(DomainError) as refused:
            ask(case, world.brm, "BEFORE", world.hrm, item_id=item_id)
        assert refused.value.code == "WF-18"
        page = browser(world.brm).get(f"/cases/{case.pk}/")
        assert not {"add_signers", "delegate"} & buttons(page)

    def test_wf_18_in_a_vote_its_seats_are_its_members(self, db: None) -> None:
        rules = (by_role("RC", RoleReach.HEAD_OFFICE),)
        world = World(stage("committee", *rules, decide=DecideMode.VOTE, duty_line="COMMITTEE"))
        member = world.members[0]
        case = world.submitted()
        with pytest.raises(DomainError) as refused:
            ask(case, member, "BESIDE", world.hrm)
        assert refused.value.code == "WF-18"

    def test_who_has_signed_is_not_asked_again_by_a_pool(self, world: World) -> None:
        world.publish(_one_pool(by_role("HRM", RoleReach.HEAD_OFFICE), claim_required=True))
        case = world.submitted()
        items.claim(item_id=world.item(case, world.hrm).pk, actor=fresh(world.hrm), now=NOW)
        ask(case, world.hrm, "BEFORE", world.hrm2)
        case = world.approve(case, world.hrm2)
        items.release(item_id=item_of(case, world.hrm).pk, actor=fresh(world.hrm), now=NOW)
        assert WorkItem.objects.claimable_by(fresh(world.hrm)).exists()
        assert not WorkItem.objects.claimable_by(fresh(world.hrm2)).exists()


class TestWhoLeaves:
    @pytest.mark.parametrize("mode", [DecideMode.ANY, DecideMode.ALL])
    @pytest.mark.parametrize("asked", ["delegate", "signer"])
    def test_whom_he_was_to_answer_first_goes_on_without_him(
        self, db: None, mode: DecideMode, asked: str
    ) -> None:
        """Nobody stands above him, so that nobody follows him; his owner waited for ever."""
        first = stage("brm", by_role("BRM"), decide=mode, duty_line="RISK")
        world = World(first, stage("last", by_role("CEO", RoleReach.HEAD_OFFICE)))
        leaver = world._head("HRM")
        document = world.document()
        case = world.submit(document)
        if asked == "delegate":
            own = world.item(case, world.brm).pk
            signers.delegate(
                item_id=own, actor=fresh(world.brm), now=NOW, recipient=leaver, reason="请代为核实"
            )
        else:
            ask(case, world.brm, "BEFORE", leaver, item_id=world.item(case, world.brm).pk)
        handing_on.hand_on(
            item_id=item_of(case, leaver).pk, leaving=leaver, successor=None,
            actor=fresh(world.adm), now=NOW,
        )  # fmt: skip
        check(Case.objects.get(pk=case.pk), document, world)
        assert item_of(case, world.brm).state == ItemState.OPEN
        assert world.item(world.approve(case, world.brm)).stage.node_id == "last"


def _one_pool(*rules: AssigneeRule, **settings: Any) -> Definition:
    node = stage("risk", *rules, duty_line="RISK", **settings)
    return from_chain(Chain("toy_route", "玩具流程", nodes=(node,)))


class TestRemove:
    def test_the_last_before_signer_gives_the_item_back(self, world: World, case: Case) -> None:
        ask(case, world.brm, "BEFORE", world.hrm, world.hrm2)
        remove(case, world.brm, world.hrm)
        assert item_of(case, world.brm).state == ItemState.WAITING
        remove(case, world.brm, world.hrm2)
        assert item_of(case, world.brm).state == ItemState.OPEN
        assert item_of(case, world.hrm).state == ItemState.REMOVED
        assert OutboxMessage.objects.filter(payload__event="work_item.removed").count() == 2

    @pytest.mark.parametrize("position", ["BESIDE", "AFTER"])
    def test_the_last_one_wakes_a_stage_whose_owner_has_approved(
        self, world: World, case: Case, position: str
    ) -> None:
        ask(case, world.brm, position, world.hrm)
        case = world.approve(case, world.brm)
        assert "remove_signers" in buttons(browser(world.brm).get(f"/cases/{case.pk}/"))
        case = remove(case, world.brm, world.hrm)
        assert world.item(case).stage.node_id == "ceo"

    def test_takes_those_along_whom_the_signer_asked(self, world: World, case: Case) -> None:
        ask(case, world.brm, "BEFORE", world.hrm)
        ask(case, world.hrm, "BEFORE", world.bgm)
        remove(case, world.brm, world.hrm)
        assert item_of(case, world.bgm).state == ItemState.REMOVED
        assert item_of(case, world.brm).state == ItemState.OPEN

    def test_is_for_the_owner(self, world: World, case: Case) -> None:
        ask(case, world.brm, "BEFORE", world.hrm)
        call = {"people": [world.hrm], "reason": "不必了"}
        owner = item_of(case, world.brm).pk
        for who in (world.hrm, world.bgm, world.ceo):
            code = refused_code(signers.remove_signers, item_id=owner, actor=fresh(who), **call)
            assert code == "WF-03"

    def test_wf_74_who_has_answered_or_was_not_asked(self, world: World, case: Case) -> None:
        ask(case, world.brm, "BESIDE", world.hrm)
        case = world.approve(case, world.hrm)
        for who in (world.hrm, world.bgm):
            with pytest.raises(DomainError) as refused:
                remove(case, world.brm, who)
            assert refused.value.code == "WF-74"

    def test_a_removed_signer_is_not_asked_again_by_a_take_back(
        self, world: World, case: Case
    ) -> None:
        ask(case, world.brm, "BESIDE", world.hrm)
        case = world.approve(case, world.brm)
        case = remove(case, world.brm, world.hrm)
        item = item_of(case, world.brm)
        items.take_back(item_id=item.pk, actor=fresh(world.brm), now=NOW)
        assert item_of(case, world.hrm).state == ItemState.REMOVED
        assert world.item(case) == item


class TestDelegate:
    def test_the_delegate_answers_and_the_owner_decides(self, world: World, case: Case) -> None:
        delegate(case, world.brm, world.hrm)
        asked = item_of(case, world.hrm)
        assert (asked.kind, asked.state) == (ItemKind.ADVICE, ItemState.OPEN)
        assert item_of(case, world.brm).state == ItemState.WAITING
        page = browser(world.hrm).get(f"/cases/{case.pk}/")
        assert "answer" in buttons(page)
        assert "approve" not in buttons(page)
        answer(case, world.hrm)
        assert item_of(case, world.brm).state == ItemState.OPEN
        told = case.events.get(kind=EventKind.ANSWERED)
        assert (told.actor, told.on_behalf_of) == (world.hrm, world.brm)
        case.refresh_from_db()
        case = world.approve(case, world.brm, minutes=9)
        assert world.item(case).stage.node_id == "ceo"

    def test_wf_71_the_delegate_does_not_decide(self, world: World, case: Case) -> None:
        delegate(case, world.brm, world.hrm)
        call = {"item_id": item_of(case, world.hrm).pk, "actor": fresh(world.hrm)}
        assert refused_code(decisions.approve, opinion="同意", **call) == "WF-71"
        assert refused_code(decisions.reject, opinion="不符合准入条件,拒绝", **call) == "WF-71"
        assert refused_code(items.transfer, recipient=world.bgm, reason="出差", **call) == "WF-71"

    def test_the_answer_lands_with_the_present_owner(self, world: World, case: Case) -> None:
        """A delegate's answer never goes to somebody who gave the task away."""
        delegate(case, world.brm, world.hrm)
        items.transfer(
            item_id=item_of(case, world.brm).pk, actor=fresh(world.brm), now=NOW,
            recipient=fresh(world.bgm), reason="调岗",
        )  # fmt: skip
        assert item_of(case, world.bgm).state == ItemState.WAITING
        answer(case, world.hrm)
        assert item_of(case, world.bgm).state == ItemState.OPEN
        assert not WorkItem.objects.waiting_for(fresh(world.brm)).exists()
        assert OutboxMessage.objects.last().payload["recipients"] == [world.bgm.pk]
        assert case.events.get(kind=EventKind.ANSWERED).on_behalf_of == world.bgm

    def test_after_a_transfer_the_new_owner_delegates(self, world: World, case: Case) -> None:
        items.transfer(
            item_id=item_of(case, world.brm).pk, actor=fresh(world.brm), now=NOW,
            recipient=fresh(world.bgm), reason="调岗",
        )  # fmt: skip
        delegate(case, world.bgm, world.hrm)
        answer(case, world.hrm)
        assert item_of(case, world.bgm).state == ItemState.OPEN

    def test_the_owner_takes_the_request_back(self, world: World, case: Case) -> None:
        delegate(case, world.brm, world.hrm)
        remove(case, world.brm, world.hrm)
        assert item_of(case, world.brm).state == ItemState.OPEN
        call = {"item_id": item_of(case, world.hrm).pk, "actor": fresh(world.hrm)}
        assert refused_code(signers.answer, opinion="已核实", **call) == "WF-12"

    def test_an_answer_is_no_decision(self, world: World, case: Case) -> None:
        """Who answered for another may still be asked to decide in the round."""
        world.publish(_delegate_then_hrm())
        case = world.submitted()
        delegate(case, world.brm, world.hrm)
        answer(case, world.hrm)
        case = world.approve(case, world.brm, minutes=9)
        case = world.approve(case, world.hrm, minutes=10)
        assert case.state == CaseState.APPROVED

    def test_stays_within_the_duty_line(self, world: World, case: Case) -> None:
        with pytest.raises(DomainError) as refused:
            delegate(case, world.brm, world.tl)
        assert refused.value.code == "WF-20"

    def test_wf_06_an_answer_says_something(self, world: World, case: Case) -> None:
        delegate(case, world.brm, world.hrm)
        with pytest.raises(DomainError) as refused:
            answer(case, world.hrm, " ")
        assert refused.value.code == "WF-06"

    def test_a_return_closes_the_request(self, world: World, case: Case) -> None:
        ask(case, world.brm, "BESIDE", world.bgm)
        delegate(case, world.brm, world.hrm)
        decisions.return_case(
            item_id=item_of(case, world.bgm).pk, actor=fresh(world.bgm), now=NOW,
            opinion="请补充材料说明",
        )  # fmt: skip
        assert item_of(case, world.hrm).state == ItemState.NOT_NEEDED
        call = {"item_id": item_of(case, world.hrm).pk, "actor": fresh(world.hrm)}
        assert refused_code(signers.answer, opinion="已核实", **call) == "WF-05"


def _delegate_then_hrm() -> Any:
    from workflows.bpmn.chain import Chain, from_chain

    nodes = (
        stage("brm", by_role("BRM"), duty_line="RISK", decide=DecideMode.ALL),
        stage("hrm", by_role("HRM", RoleReach.HEAD_OFFICE), duty_line="RISK"),
    )
    return from_chain(Chain("toy_route", "玩具流程", nodes=nodes))


class TestPages:
    def test_the_buttons_stand_in_their_fixed_order(self, world: World, case: Case) -> None:
        found = client_of(world.brm).get(f"/api/v1/work-items/{item_of(case, world.brm).pk}/")
        codes = [act["code"] for act in found.json()["acts"]]
        assert codes[:8] == [
            "approve", "approve_with_conditions", "return", "reject", "transfer", "add_signers",
            "delegate", "request_material",
        ]  # fmt: skip

    def test_signers_are_asked_and_let_go_by_the_page(self, world: World, case: Case) -> None:
        client = browser(world.brm)
        data = {"people": [world.hrm.pk, world.hrm2.pk], "position": "BEFORE", "reason": "会签"}
        data |= {"seen_version": case.version, "idempotency_key": "page-key-1"}
        assert client.post(at_item(case, world.brm, "add_signers"), data).status_code == 302
        shown = text_of(client.get(f"/cases/{case.pk}/"))
        assert f"asked first: {world.hrm.name}, {world.hrm2.name}" in shown
        why = text_of(browser(world.hrm).get(f"/cases/{case.pk}/"))
        assert f"{world.brm.name} asked you to sign before him." in why
        path = f"/work-items/{item_of(case, world.brm).pk}/remove_signers/"
        data = {"people": [world.hrm.pk, world.hrm2.pk], "reason": "不必了"}
        assert client.post(path, data).status_code == 302
        assert item_of(case, world.brm).state == ItemState.OPEN

    def test_nobody_chosen_is_told_and_loses_nothing(self, world: World, case: Case) -> None:
        response = browser(world.brm).post(
            at_item(case, world.brm, "add_signers"), {"position": "BEFORE", "reason": "会签"}
        )
        assert (response.status_code, "WF-72" in text_of(response)) == (422, True)

    def test_the_people_panel_shows_who_comes_later(self, world: World, case: Case) -> None:
        ask(case, world.brm, "AFTER", world.hrm)
        head = browser(world.am).get(f"/cases/{case.pk}/").content.decode()
        assert world.hrm.name in head.split("ui-case-now")[1].split("</header>")[0]

    def test_the_delegate_finds_it_in_his_inbox_and_among_what_he_answered(
        self, world: World, case: Case
    ) -> None:
        delegate(case, world.brm, world.hrm)
        client = browser(world.hrm)
        assert f"case={case.pk}" in client.get("/inbox/?tab=todo").content.decode()
        client.post(at_item(case, world.hrm, "answer"), {"opinion": "已核实"})
        assert f"case={case.pk}" not in client.get("/inbox/?tab=todo").content.decode()
        assert f"case={case.pk}" in client.get("/inbox/?tab=done").content.decode()


class TestApi:
    def test_add_remove_delegate_answer(self, world: World, case: Case) -> None:
        item = item_of(case, world.brm).pk
        data: dict[str, Any] = {"people": [world.hrm.pk], "position": "BEFORE", "reason": "会签"}
        path = f"work-items/{item}/add-signers/"
        first = send(world.brm, path, "api-key-01", seen_version=case.version, **data)
        again = send(world.brm, path, "api-key-01", seen_version=case.version, **data)
        assert first.status_code == again.status_code == 200
        assert WorkItem.objects.filter(case=case, assignee=world.hrm).count() == 1
        out = {"people": [world.hrm.pk], "reason": "不必了", "seen_version": case.version}
        path = f"work-items/{item}/remove-signers/"
        assert send(world.brm, path, "api-key-02", **out).status_code == 200
        to = {"recipient": world.hrm.pk, "reason": "请核实", "seen_version": case.version}
        assert (
            send(world.brm, f"work-items/{item}/delegate/", "api-key-03", **to).status_code == 200
        )
        path = f"work-items/{item_of(case, world.hrm).pk}/answer/"
        data = {"opinion": "属实", "seen_version": case.version}
        assert send(world.hrm, path, "api-key-04", **data).status_code == 200
        kinds = case.events.order_by("sequence").values_list("kind", flat=True)
        assert list(kinds)[1:] == ["SIGNERS_ADDED", "SIGNERS_REMOVED", "DELEGATED", "ANSWERED"]

    @pytest.mark.parametrize(
        "data",
        [
            {}, {"people": "x"}, {"people": [10**30]}, {"people": [0], "position": "BEFORE"},
            {"people": [], "position": "BEFORE"}, {"people": None}, {"people": [1] * 600},
        ],
    )  # fmt: skip
    def test_bad_input_is_told_in_words(
        self, world: World, case: Case, data: dict[str, Any]
    ) -> None:
        path = f"work-items/{item_of(case, world.brm).pk}/add-signers/"
        answer = send(world.brm, path, seen_version=case.version, **data)
        assert answer.status_code in (400, 422)
        assert case.events.count() == 1

    def test_n26_is_404_for_who_may_not_see_the_case(self, world: World, case: Case) -> None:
        stranger = world._local("AM")
        for act in ("add-signers", "remove-signers", "delegate", "answer"):
            path = f"work-items/{item_of(case, world.brm).pk}/{act}/"
            assert send(stranger, path, seen_version=1).status_code == 404
