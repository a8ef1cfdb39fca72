"""挂起, 恢复, 跳转, 终止: what administrators do, for a reason and under their own name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from documents.models import Document
from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from staff.services.roles import revoke_role
from tests.workflows.invariants import check
from tests.workflows.pages import browser, buttons, listed, text_of
from tests.workflows.random_routes import side_by_side
from tests.workflows.world import NOW, TOY, World, by_role, fresh, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.model import OnSamePerson, RoleReach
from workflows.choices import CaseState, EventKind, ItemState, StageOutcome
from workflows.models import Case, Stage, WorkItem
from workflows.services import (
    administration,
    collaboration,
    decisions,
    items,
    role_changes,
    signers,
    submission,
)
from workflows.services.recusals import review_recusals
from workflows.services.supplements import record_supplement
from workflows.verification import verify_case

pytestmark = pytest.mark.django_db

REASON = "系统数据有误,暂停核查"
ACTS: dict[str, Any] = {
    "suspend": administration.suspend_case,
    "jump": administration.jump_to_stage,
    "terminate": administration.terminate_case,
}


def intervene(world: World, case: Case, call: Any, *, minutes: int = 5, **values: Any) -> Case:
    values.setdefault("actor", fresh(world.adm))
    values.setdefault("reason", REASON)
    return call(case_id=case.pk, now=NOW + timedelta(minutes=minutes), **values)


def tick() -> None:
    """What the worker does every minute."""
    role_changes.stop_unattended_stages(now=NOW)
    role_changes.fill_vacant_seats(now=NOW)


def refused(world: World, case: Case, call: Any, **values: Any) -> str:
    if call is administration.jump_to_stage:
        values.setdefault("target", "bgm")
    with pytest.raises(DomainError) as refusal:
        intervene(world, case, call, **values)
    return refusal.value.code


def told(event: str) -> list[int]:
    payloads = OutboxMessage.objects.values_list("payload", flat=True)
    return next(p["recipients"] for p in payloads if p["event"] == event)


@pytest.fixture
def case(world: World) -> Case:
    return world.submitted()


@pytest.fixture
def suspended(world: World, case: Case) -> Case:
    return intervene(world, case, administration.suspend_case)


class TestGuards:
    @pytest.mark.parametrize("name", ACTS)
    def test_wf_31_only_administrators(self, world: World, case: Case, name: str) -> None:
        assert refused(world, case, ACTS[name], actor=fresh(world.tl)) == "WF-31"

    @pytest.mark.parametrize("name", ACTS)
    def test_wf_07_a_reason(self, world: World, case: Case, name: str) -> None:
        assert refused(world, case, ACTS[name], reason="错") == "WF-07"

    @pytest.mark.parametrize("name", ACTS)
    def test_wf_43_never_on_his_own_document(self, world: World, case: Case, name: str) -> None:
        Case.objects.filter(pk=case.pk).update(creator=world.adm)
        assert refused(world, case, ACTS[name]) == "WF-43"

    @pytest.mark.parametrize("name", ACTS)
    def test_wf_05_when_it_is_over(self, world: World, case: Case, name: str) -> None:
        for who in (world.tl, world.brm, world.bgm):
            case = world.approve(case, who)
        assert refused(world, case, ACTS[name]) == "WF-05"

    @pytest.mark.parametrize("name", ACTS)
    def test_wf_12_what_was_seen_has_moved(self, world: World, case: Case, name: str) -> None:
        code = refused(world, case, ACTS[name], seen_version=case.version - 1)
        assert code == "WF-12"

    @pytest.mark.parametrize("name", ["suspend", "jump"])
    def test_wf_05_while_the_handler_has_it(self, world: World, case: Case, name: str) -> None:
        submission.withdraw_case(case_id=case.pk, actor=fresh(world.am), now=NOW, reason="资料有误")
        assert refused(world, case, ACTS[name]) == "WF-05"

    @pytest.mark.parametrize("name", ACTS)
    def test_a_retry_with_the_same_key_does_nothing(
        self, world: World, case: Case, name: str
    ) -> None:
        values = {"target": "bgm"} if name == "jump" else {}
        for _ in range(2):
            intervene(world, case, ACTS[name], idempotency_key="once", **values)
        assert case.events.filter(idempotency_key="once").count() == 1


class TestSuspend:
    def test_stands_in_the_history_as_the_administrators_act(
        self, world: World, suspended: Case
    ) -> None:
        event = suspended.events.get(kind=EventKind.SUSPENDED)
        assert (event.actor, event.opinion) == (world.adm, REASON)
        assert verify_case(suspended) is None

    def test_the_handler_and_who_holds_it_are_told(self, world: World, suspended: Case) -> None:
        assert told("case.suspended") == sorted([world.am.pk, world.tl.pk])

    def test_wf_40_for_everybody_who_tries_to_act(self, world: World, suspended: Case) -> None:
        item = WorkItem.objects.get(case=suspended)
        on_item: dict[str, Any] = {"item_id": item.pk, "actor": fresh(world.tl), "now": NOW}
        on_case: dict[str, Any] = {"case_id": suspended.pk, "actor": fresh(world.am), "now": NOW}
        stage_id = item.stage_id
        attempts: list[Any] = [
            lambda: decisions.approve(**on_item, opinion="同意"),
            lambda: decisions.reject(**on_item, opinion="负债过高,还款来源不足"),
            lambda: decisions.return_case(**on_item, opinion="请补充材料说明"),
            lambda: items.transfer(**on_item, recipient=world.bgm, reason="出差"),
            lambda: items.claim(**on_item),
            lambda: items.take_back(**on_item),
            lambda: collaboration.request_material(**on_item, text="请补流水"),
            lambda: collaboration.urge(**on_case),
            lambda: submission.withdraw_case(**on_case, reason="资料有误"),
            lambda: record_supplement(**on_case, supplement_no="BC-1", note="", files=[]),
            lambda: items.reassign(
                case_id=suspended.pk, stage_id=stage_id, actor=fresh(world.adm), now=NOW,
                recipient=world.bgm, reason="出差",
            ),
            lambda: intervene(world, suspended, ACTS["jump"], target="bgm"),
            lambda: intervene(world, suspended, ACTS["suspend"]),
        ]  # fmt: skip
        for attempt in attempts:
            with pytest.raises(DomainError) as refusal:
                attempt()
            assert refusal.value.code == "WF-40"
        suspended.refresh_from_db()
        assert suspended.event_count == 2

    def test_people_may_still_talk_about_it(self, world: World, suspended: Case) -> None:
        case = collaboration.comment(
            case_id=suspended.pk, actor=fresh(world.tl), now=NOW, text="请尽快核实"
        )
        assert case.events.last().kind == EventKind.COMMENTED

    def test_who_loses_his_role_loses_it_also_then(self, world: World, suspended: Case) -> None:
        revoke_role(assignment=world.tl.role_assignments.get(), actor=fresh(world.adm), now=NOW)
        assert Stage.objects.get(process=suspended, node_id="tl").is_blocked

    def test_an_answer_given_before_it_is_not_refused_on_a_retry(
        self, world: World, case: Case
    ) -> None:
        call = {
            "item_id": world.item(case, world.tl).pk, "actor": fresh(world.tl), "now": NOW,
            "opinion": "同意", "idempotency_key": "click",
        }  # fmt: skip
        decisions.approve(**call)
        intervene(world, case, administration.suspend_case)
        assert decisions.approve(**call).pk == case.pk

    def test_the_page_says_so_and_offers_nothing_but_talk(
        self, world: World, suspended: Case
    ) -> None:
        shown = browser(world.tl).get(f"/cases/{suspended.pk}/")
        assert "nobody can act on this case until it is resumed" in text_of(shown)
        assert REASON in text_of(shown)
        assert buttons(shown) == {"comment", "copy"}
        assert "Suspended" in text_of(browser(world.tl).get("/inbox/"))


class TestResume:
    def test_the_case_goes_on_and_the_time_is_given_back(self, world: World, case: Case) -> None:
        due = WorkItem.objects.get(case=case).due_at
        intervene(world, case, administration.suspend_case, minutes=0)
        case = intervene(world, case, administration.resume_case, minutes=60)
        item = WorkItem.objects.get(case=case)
        assert due is not None
        assert item.due_at == item.stage.due_at == due + timedelta(hours=1)
        assert case.suspended_at is None
        assert world.approve(case, world.tl).events.last().kind == EventKind.APPROVED
        assert told("case.resumed") == sorted([world.am.pk, world.tl.pk])

    def test_a_clock_that_material_had_paused_stays_paused(self, world: World, case: Case) -> None:
        collaboration.request_material(
            item_id=world.item(case).pk, actor=fresh(world.tl), now=NOW, text="请补流水",
            pauses_clock=True,
        )  # fmt: skip
        intervene(world, case, administration.suspend_case)
        intervene(world, case, administration.resume_case, minutes=60)
        assert Stage.objects.get(process=case, node_id="tl").paused_at == NOW

    @pytest.mark.parametrize("is_last", [True, False])
    def test_what_ended_a_step_meanwhile_takes_effect_then(self, db: None, is_last: bool) -> None:
        """A signer lost his role while the case stood still: it neither went on nor ended."""
        behind = [] if is_last else [stage("brm", by_role("BRM"), duty_line="RISK")]
        world = World(stage("tl", by_role("TL")), *behind)
        document = world.document()
        case = world.submit(document)
        signers.add_signers(
            item_id=world.item(case).pk, actor=fresh(world.tl), now=NOW, people=[world.hrm],
            position="BESIDE", reason="请一并核实",
        )  # fmt: skip
        case = world.approve(case, world.tl)
        case = intervene(world, case, administration.suspend_case)
        revoke_role(assignment=world.hrm.role_assignments.get(), actor=fresh(world.adm), now=NOW)
        tick()
        case.refresh_from_db()
        assert (case.state, case.tokens) == (CaseState.IN_APPROVAL, [["tl", ""]])
        check(case, document, world)
        case = intervene(world, case, administration.resume_case, minutes=60)
        tick()
        case.refresh_from_db()
        assert case.state == (CaseState.APPROVED if is_last else CaseState.IN_APPROVAL)
        assert case.tokens == ([] if is_last else [["brm", ""]])
        check(case, document, world)

    def test_a_step_that_could_pass_by_itself_waits_for_it(self, db: None) -> None:
        world = World()
        again = stage(
            "again", by_role("TL", RoleReach.DEPARTMENT), by_role("BGM"),
            on_same_person=OnSamePerson.AUTO_PASS,
        )  # fmt: skip
        last = stage("last", by_role("CEO", RoleReach.HEAD_OFFICE), duty_line="MANAGEMENT")
        first = stage("tl", by_role("TL", RoleReach.DEPARTMENT))
        world.publish(from_chain(Chain("toy_route", "玩具流程", nodes=(first, again, last))))
        document = world.document()
        case = world.approve(world.submit(document), world.tl)
        case = intervene(world, case, administration.suspend_case)
        TOY.related[world.bgm.pk] = "is a related party of the customer"
        try:
            review_recusals(case_id=case.pk, now=NOW)
        finally:
            TOY.related.clear()
        tick()
        case.refresh_from_db()
        assert case.tokens == [["again", ""]]
        check(case, document, world)
        intervene(world, case, administration.resume_case, minutes=60)
        tick()
        case.refresh_from_db()
        assert case.tokens == [["last", ""]]
        check(case, document, world)

    def test_wf_41_what_is_not_suspended(self, world: World, case: Case) -> None:
        assert refused(world, case, administration.resume_case) == "WF-41"


class TestJump:
    def test_opens_the_step_in_a_new_round(self, world: World, case: Case) -> None:
        case = intervene(world, case, ACTS["jump"], target="bgm")
        assert world.item(case, world.bgm).stage.node_id == "bgm"
        assert (case.round, case.tokens) == (2, [["bgm", ""]])
        closed = Stage.objects.get(process=case, node_id="tl")
        assert closed.outcome == StageOutcome.CLOSED
        assert closed.items.get().state == ItemState.NOT_NEEDED

    def test_tells_from_where_to_where(self, world: World, case: Case) -> None:
        case = intervene(world, case, ACTS["jump"], target="bgm")
        event = case.events.get(kind=EventKind.JUMPED)
        assert (event.actor, event.data["from"], event.data["target"]) == (
            world.adm, ["节点tl"], "bgm",
        )  # fmt: skip
        shown = text_of(browser(world.am, language="zh-hans").get(f"/cases/{case.pk}/"))
        assert "从节点tl到节点bgm" in shown
        assert told("case.jumped") == sorted([world.am.pk, world.tl.pk])

    def test_back_to_a_step_that_has_decided(self, world: World, case: Case) -> None:
        case = world.approve(case, world.tl)
        case = intervene(world, case, ACTS["jump"], target="tl")
        case = world.approve(case, world.tl, minutes=9)
        assert world.item(case, world.brm).stage.node_id == "brm"

    def test_wakes_a_case_that_has_stopped(self, world: World, case: Case) -> None:
        revoke_role(assignment=world.tl.role_assignments.get(), actor=fresh(world.adm), now=NOW)
        case = intervene(world, case, ACTS["jump"], target="bgm")
        assert not Stage.objects.filter(process=case, is_blocked=True).exists()
        assert world.item(case, world.bgm)

    @pytest.mark.parametrize("target", ["tl", "nowhere", "start", "", "end"])
    def test_wf_42_no_step_or_where_it_stands(self, world: World, case: Case, target: str) -> None:
        assert refused(world, case, ACTS["jump"], target=target) == "WF-42"

    def test_into_a_branch_opens_its_sister_and_the_join_works(self, db: None) -> None:
        world = World()
        nodes = (
            stage("tl", by_role("TL")),
            stage("brm", by_role("BRM"), duty_line="RISK"),
            stage("hrm", by_role("HRM", RoleReach.HEAD_OFFICE), duty_line="RISK"),
            stage("ceo", by_role("CEO", RoleReach.HEAD_OFFICE)),
        )
        chain = from_chain(Chain("toy_route", "玩具流程", nodes=nodes))
        world.publish(side_by_side(chain, "brm", "hrm"))
        case = intervene(world, world.submitted(), ACTS["jump"], target="hrm")
        for who in (world.hrm, world.brm, world.ceo):
            case = world.approve(case, who, minutes=9)
        assert case.state == CaseState.APPROVED

    def test_the_last_step_alone_does_not_end_a_case_above_its_authority(
        self, world: World
    ) -> None:
        case = world.submitted(level_now=2)
        case = intervene(world, case, ACTS["jump"], target="bgm")
        with pytest.raises(DomainError) as refusal:
            world.approve(case, world.bgm, minutes=9)
        assert refusal.value.code == "WF-15"


class TestTerminate:
    def test_ends_the_case_and_voids_the_document(self, world: World, case: Case) -> None:
        case = intervene(world, case, ACTS["terminate"])
        document = Document.objects.get(pk=case.document_id)
        assert (case.state, case.tokens, case.finished is None) == (CaseState.VOID, [], False)
        assert (document.wf_status, document.void_reason) == ("VOID", REASON)
        assert not WorkItem.objects.filter(case=case, state=ItemState.OPEN).exists()
        assert case.events.last().actor == world.adm
        assert told("case.terminated") == sorted([world.am.pk, world.tl.pk])

    def test_also_a_suspended_case(self, world: World, suspended: Case) -> None:
        case = intervene(world, suspended, ACTS["terminate"])
        assert (case.state, case.suspended_at) == (CaseState.VOID, None)

    def test_also_one_that_its_handler_left_lying(self, world: World, case: Case) -> None:
        submission.withdraw_case(case_id=case.pk, actor=fresh(world.am), now=NOW, reason="资料有误")
        case = intervene(world, case, ACTS["terminate"])
        assert case.state == CaseState.VOID


class TestPage:
    def test_administrators_find_every_running_case(self, world: World, case: Case) -> None:
        over = world.submitted()
        for who in (world.tl, world.brm, world.bgm):
            world.approve(over, who)
        assert listed(browser(world.adm).get("/inbox/?tab=running")) == [case.pk]
        assert listed(browser(world._local("AM")).get("/inbox/?tab=running")) == []
        assert "Live cases" not in text_of(browser(world.tl).get("/inbox/"))

    def send(self, world: World, case: Case, act: str, **data: Any) -> Any:
        data = {"seen_version": case.version, "reason": REASON, **data}
        return browser(world.adm).post(f"/cases/{case.pk}/{act}/", data)

    def test_the_menu_of_the_administration(self, world: World, case: Case) -> None:
        shown = browser(world.adm).get(f"/cases/{case.pk}/")
        acts = {"reassign", "jump", "suspend", "terminate"}
        assert buttons(shown) >= acts
        assert not buttons(browser(world.tl).get(f"/cases/{case.pk}/")) & acts

    def test_each_act_by_its_form(self, world: World, case: Case) -> None:
        assert self.send(world, case, "jump", target="bgm").status_code == 302
        case.refresh_from_db()
        assert self.send(world, case, "suspend").status_code == 302
        case.refresh_from_db()
        assert "resume" in buttons(browser(world.adm).get(f"/cases/{case.pk}/"))
        assert self.send(world, case, "resume").status_code == 302
        case.refresh_from_db()
        assert self.send(world, case, "terminate").status_code == 302
        kinds = list(case.events.values_list("kind", flat=True))
        assert kinds == ["SUBMITTED", "JUMPED", "SUSPENDED", "RESUMED", "TERMINATED"]

    def test_an_administrator_does_not_read_the_document(self, world: World) -> None:
        case = world.submitted(note="客户隐私")
        shown = text_of(browser(world.adm).get(f"/cases/{case.pk}/"))
        assert "客户隐私" in text_of(browser(world.tl).get(f"/cases/{case.pk}/"))
        assert "客户隐私" not in shown
        assert "not what the document says" in shown
        path = f"/api/v1/cases/{case.pk}/snapshots/1/"
        assert browser(world.adm).get(path).status_code == 403
        assert browser(world.tl).get(path).status_code == 200


class TestApi:
    def test_each_act_by_its_address(self, world: World, case: Case) -> None:
        client = browser(world.adm)
        for act, more in (("jump", {"target": "bgm"}), ("suspend", {}), ("resume", {}),
                          ("terminate", {})):  # fmt: skip
            case.refresh_from_db()
            data = {"seen_version": case.version, "reason": REASON, **more}
            answer = client.post(
                f"/api/v1/cases/{case.pk}/{act}/", data, content_type="application/json",
                headers={"Idempotency-Key": f"administration-{act}"},
            )  # fmt: skip
            assert answer.status_code == 200, answer.content
        assert answer.json()["state"] == "VOID"

    def test_refusals_are_problems_in_words(self, world: World, case: Case) -> None:
        data = {"seen_version": case.version, "reason": REASON, "target": "nowhere"}
        answer = browser(world.adm).post(
            f"/api/v1/cases/{case.pk}/jump/", data, content_type="application/json",
            headers={"Idempotency-Key": "administration-jump"},
        )  # fmt: skip
        assert (answer.status_code, answer.json()["code"]) == (422, "WF-42")
