"""Stages whose people somebody chooses, committees, fields that name a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lending_crm.common.errors import DomainError
from staff.models import Employee
from tests.workflows.pages import at_item, browser, text_of
from tests.workflows.test_api import client_of, send
from tests.workflows.test_flow_admin import Editor, start_draft
from tests.workflows.world import NOW, TOY, World, by_role, fresh, stage
from workflows.bpmn.chain import Chain, ChainCopy, ChainStage, from_chain
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    DecideMode,
    OnSamePerson,
    RoleReach,
)
from workflows.bpmn.xml import read, write
from workflows.choices import CaseState, EventKind
from workflows.models import Case, WorkItem
from workflows.preview import draft_case, preview_submission
from workflows.services import decisions, submission
from workflows.services.definitions import findings_of

pytestmark = pytest.mark.django_db

APPLICANT = AssigneeRule(AssigneeKind.APPLICANT)
PREVIOUS = AssigneeRule(AssigneeKind.PREVIOUS)


def chosen_among(kind: AssigneeKind, role: str) -> AssigneeRule:
    return AssigneeRule(kind, role=role, reach=RoleReach.HEAD_OFFICE)


def refusals(call: Any, **values: Any) -> list[str]:
    with pytest.raises(DomainError) as refused:
        call(now=NOW, **values)
    return [reason.code for reason in refused.value.reasons]


@pytest.fixture
def world(db: None) -> World:
    return World(
        stage("tl", by_role("TL", RoleReach.DEPARTMENT)),
        stage("hrm", chosen_among(AssigneeKind.APPLICANT, "HRM"), duty_line="RISK"),
        stage("last", APPLICANT, duty_line="MANAGEMENT", decide=DecideMode.ALL),
    )


def submit(world: World, document: Any, **choices: list[Employee]) -> Case:
    chosen = {node: [person.pk for person in people] for node, people in choices.items()}
    return world.submit(document, choices=chosen)


class TestByTheApplicant:
    def test_whom_he_chose_is_asked(self, world: World) -> None:
        case = submit(world, world.document(), hrm=[world.hrm2], last=[world.bgm, world.ceo])
        case = world.approve(case, world.tl)
        assert world.item(case).assignee == world.hrm2
        case = world.approve(case, world.hrm2, minutes=2)
        asked = WorkItem.objects.filter(case=case, state="OPEN")
        assert {item.assignee for item in asked} == {world.bgm, world.ceo}

    def test_wf_75_every_missing_choice_is_told_at_once(self, world: World) -> None:
        document = world.document()
        call = {"kind": "toy", "document_id": document.pk, "actor": fresh(world.am)}
        assert refusals(submission.submit_document, **call) == ["WF-75", "WF-75"]
        assert not Case.objects.exists()

    def test_wf_76_who_may_not_decide_is_not_chosen(self, world: World) -> None:
        for wrong in (world.am, world.brm, world.adm):
            chosen = {"hrm": [wrong.pk], "last": [world.ceo.pk]}
            call = {"kind": "toy", "actor": fresh(world.am), "choices": chosen}
            call["document_id"] = world.document().pk
            assert refusals(submission.submit_document, **call) == ["WF-76"]

    def test_wf_77_nobody_is_chosen_where_nobody_is_to_be(self, world: World) -> None:
        chosen = {"hrm": [world.hrm.pk], "last": [world.ceo.pk], "tl": [world.tl.pk], "x": [1]}
        call = {"kind": "toy", "actor": fresh(world.am), "choices": chosen}
        call["document_id"] = world.document().pk
        assert refusals(submission.submit_document, **call) == ["WF-77", "WF-77"]

    def test_the_preview_says_which_steps_need_a_choice_and_among_whom(self, world: World) -> None:
        document = world.document()
        case = draft_case(TOY, document, world.version.pk, NOW)
        steps = {s.node_id: s for s in preview_submission(TOY, document, case, language="en")}
        assert (steps["tl"].choice, steps["hrm"].choice) == ("", "applicant")
        assert (steps["hrm"].state, set(steps["hrm"].options)) == ("ahead", {world.hrm, world.hrm2})
        assert steps["hrm"].is_single
        assert not steps["last"].is_single
        assert world.am not in steps["last"].options

    def test_a_resubmission_keeps_what_was_chosen(self, world: World) -> None:
        document = world.document()
        case = submit(world, document, hrm=[world.hrm2], last=[world.ceo])
        decisions.return_case(
            item_id=world.item(case).pk, actor=fresh(world.tl), now=NOW, opinion="请补充材料说明",
            resumes_directly=False,
        )  # fmt: skip
        case = world.submit(document)
        case = world.approve(case, world.tl, minutes=9)
        assert world.item(case).assignee == world.hrm2

    def test_wf_11_where_nobody_could_be_chosen(self, world: World) -> None:
        Employee.objects.filter(pk__in=[world.hrm.pk, world.hrm2.pk]).update(is_active=False)
        call = {"kind": "toy", "actor": fresh(world.am), "document_id": world.document().pk}
        assert "WF-11" in refusals(submission.submit_document, **call)


class TestByTheApproverBefore:
    @pytest.fixture
    def world(self, db: None) -> World:
        return World(
            stage("tl", by_role("TL", RoleReach.DEPARTMENT)),
            stage("hrm", chosen_among(AssigneeKind.PREVIOUS, "HRM"), duty_line="RISK"),
            stage("ceo", by_role("CEO", RoleReach.HEAD_OFFICE), duty_line="MANAGEMENT"),
        )

    def test_whom_he_chose_is_asked(self, world: World) -> None:
        case = world.submitted()
        case = world.approve(case, world.tl, choices={"hrm": [world.hrm2.pk]})
        assert world.item(case).assignee == world.hrm2
        case = world.approve(case, world.hrm2, minutes=2)
        assert world.item(case, world.ceo).stage.node_id == "ceo"

    def test_wf_75_he_must_choose(self, world: World) -> None:
        case = world.submitted()
        call = {"item_id": world.item(case).pk, "actor": fresh(world.tl), "opinion": "同意"}
        assert refusals(decisions.approve, **call) == ["WF-75"]
        assert refusals(decisions.approve, **call, choices={"hrm": [world.ceo.pk]}) == ["WF-76"]
        assert refusals(decisions.approve, **call, choices={"ceo": [world.ceo.pk]}) == [
            "WF-77", "WF-75",
        ]  # fmt: skip

    def test_the_page_offers_them(self, world: World) -> None:
        case = world.submitted()
        client = browser(world.tl)
        shown = client.get(f"/cases/{case.pk}/").content.decode()
        assert 'name="choose_hrm"' in shown
        data = {"opinion": "同意", "choose_hrm": str(world.hrm2.pk)}
        assert client.post(at_item(case, world.tl, "approve"), data).status_code == 302
        assert world.item(case).assignee == world.hrm2

    @pytest.mark.parametrize("value", ["x", "-1", "9" * 400, "\x00", "1.0"])
    def test_bad_input_is_told(self, world: World, value: str) -> None:
        case = world.submitted()
        data = {"opinion": "同意", "choose_hrm": value}
        response = browser(world.tl).post(at_item(case, world.tl, "approve"), data)
        assert response.status_code in (400, 422)
        assert case.events.count() == 1

    def test_the_api_takes_them(self, world: World) -> None:
        case = world.submitted()
        path = f"work-items/{world.item(case).pk}/approve/"
        data = {"opinion": "同意", "seen_version": case.version}
        refused = send(world.tl, path, "api-key-01", **data)
        assert (refused.status_code, refused.json()["code"]) == (422, "WF-75")
        chosen = {"hrm": [world.hrm2.pk]}
        assert send(world.tl, path, "api-key-02", **data, choices=chosen).status_code == 200
        (_, step, _) = client_of(world.tl).get(f"/api/v1/cases/{case.pk}/preview/").json()
        assert step["people"] == [world.hrm2.name]

    def test_only_the_last_of_a_countersign_must(self, db: None) -> None:
        world = World(
            stage("both", by_role("BRM"), by_role("BGM"), decide=DecideMode.ALL),
            stage("hrm", chosen_among(AssigneeKind.PREVIOUS, "HRM"), duty_line="RISK"),
        )
        case = world.approve(world.submitted(), world.brm)
        call = {"item_id": world.item(case).pk, "actor": fresh(world.bgm), "opinion": "同意"}
        assert refusals(decisions.approve, **call) == ["WF-75"]
        case = world.approve(case, world.bgm, choices={"hrm": [world.hrm.pk]})
        assert world.item(case).assignee == world.hrm


class TestCommittee:
    def test_is_its_members_and_its_chair_with_a_veto(self, db: None) -> None:
        rule = AssigneeRule(AssigneeKind.COMMITTEE)
        world = World(stage("vote", rule, decide=DecideMode.VOTE, duty_line="COMMITTEE"))
        members, chair = world.members, world.chair
        case = world.submitted()
        seats = WorkItem.objects.filter(case=case)
        assert {item.assignee for item in seats} == {*members, chair}
        assert [item.assignee for item in seats if item.has_veto] == [chair]
        decisions.reject(
            item_id=world.item(case, chair).pk, actor=fresh(chair), now=NOW,
            opinion="负债过高,不符合准入条件",
        )  # fmt: skip
        case.refresh_from_db()
        assert case.state == CaseState.REJECTED
        assert case.events.filter(kind=EventKind.VOTE_CLOSED).exists()


class TestFindings:
    def codes(self, *nodes: Any) -> set[str]:
        definition = from_chain(Chain("toy_route", "玩具流程", nodes=nodes))
        return {finding.code for finding in findings_of(definition, "toy")}

    def test_nobody_stands_before_the_first_stage(self, world: World) -> None:
        assert "nobody-chooses" in self.codes(stage("hrm", PREVIOUS, duty_line="RISK"))

    def test_a_vote_chooses_nobody(self, world: World) -> None:
        assert world.committee()
        vote = stage("vote", AssigneeRule(AssigneeKind.COMMITTEE), decide=DecideMode.VOTE)
        assert "vote-chooses" in self.codes(vote, stage("hrm", PREVIOUS, duty_line="RISK"))

    def test_a_step_that_may_pass_by_itself_chooses_nobody(self, world: World) -> None:
        nodes = (
            stage("tl", by_role("TL")),
            stage("again", by_role("TL"), on_same_person=OnSamePerson.AUTO_PASS),
            stage("hrm", PREVIOUS, duty_line="RISK"),
        )
        assert "passing-chooses" in self.codes(*nodes)
        asks_on = replace(nodes[1].settings, on_same_person=OnSamePerson.NEXT_PERSON)
        assert self.codes(nodes[0], replace(nodes[1], settings=asks_on), nodes[2]) == set()

    def test_a_copy_is_chosen_by_nobody(self, world: World) -> None:
        copy = ChainCopy("copy", "抄送", "Copy", (APPLICANT,))
        assert "cannot-choose" in self.codes(stage("tl", by_role("TL")), copy)

    @pytest.mark.parametrize(
        "rule",
        [
            AssigneeRule(AssigneeKind.PERSON_FIELD, field="nobody"),
            AssigneeRule(AssigneeKind.COMMITTEE),
            AssigneeRule(AssigneeKind.SUPERIOR, level=9),
            AssigneeRule(AssigneeKind.SUPERIOR_CHAIN, level=10),
            chosen_among(AssigneeKind.APPLICANT, "ARD"),
        ],
    )
    def test_rules_that_never_find_anybody(self, world: World, rule: AssigneeRule) -> None:
        assert "never-resolves" in self.codes(stage("one", rule))

    def test_rules_that_do(self, world: World) -> None:
        rules = (APPLICANT, AssigneeRule(AssigneeKind.SUPERIOR_CHAIN, level=3))
        found = self.codes(stage("tl", by_role("TL")), stage("two", *rules, PREVIOUS))
        assert not found & {"never-resolves", "nobody-chooses", "unfinished-rule"}


class TestEditor:
    @pytest.fixture
    def editor(self, world: World) -> Editor:
        return Editor(world.adm, start_draft(world))

    def saved(self, editor: Editor, node: str) -> AssigneeRule:
        editor.version.refresh_from_db()
        return read(editor.version.bpmn, fact_types={}).stage(node).settings.assignees[0]

    @pytest.mark.parametrize("kind", ["APPLICANT", "PREVIOUS", "COMMITTEE"])
    def test_every_kind_is_kept_and_told_in_words(self, editor: Editor, kind: str) -> None:
        editor.open("hrm")
        assert editor.save(**{"rules-0-kind": kind, "rules-0-role": ""}).status_code == 200
        assert self.saved(editor, "hrm").kind == kind
        words = {
            "APPLICANT": "whom the applicant chooses",
            "PREVIOUS": "whom the approver before chooses",
            "COMMITTEE": "the committee, its chair with a veto",
        }
        assert words[kind] in text_of(editor.page)

    def test_a_role_narrows_who_may_be_chosen(self, editor: Editor) -> None:
        editor.open("hrm")
        editor.save(**{"rules-0-kind": "PREVIOUS", "rules-0-role": "CEO"})
        rule = self.saved(editor, "hrm")
        assert (rule.kind, rule.role) == (AssigneeKind.PREVIOUS, "CEO")

    def test_a_person_field_is_one_of_the_documents(
        self, editor: Editor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(TOY, "person_fields", (("sponsor", "推荐人"),), raising=False)
        editor.open("hrm")
        data = {"rules-0-kind": "PERSON_FIELD", "rules-0-role": ""}
        assert editor.save(**data).status_code == 422
        assert editor.save(**data, **{"rules-0-field": "password"}).status_code == 422
        assert editor.save(**data, **{"rules-0-field": "sponsor"}).status_code == 200
        assert self.saved(editor, "hrm").field == "sponsor"

    def test_a_sequence_is_kept(self, editor: Editor) -> None:
        editor.open("tl")
        assert editor.save(node__decide="SEQUENCE").status_code == 200
        editor.version.refresh_from_db()
        assert (
            read(editor.version.bpmn, fact_types={}).stage("tl").settings.decide
            == DecideMode.SEQUENCE
        )


class TestExchange:
    def test_an_export_imports_again_to_the_same_route(self, world: World) -> None:
        rules = (
            APPLICANT, chosen_among(AssigneeKind.PREVIOUS, "HRM"),
            AssigneeRule(AssigneeKind.COMMITTEE),
            AssigneeRule(AssigneeKind.PERSON_FIELD, field="sponsor"),
        )  # fmt: skip
        nodes: tuple[ChainStage, ...] = tuple(
            stage(f"s{n}", rule, decide=mode)
            for n, (rule, mode) in enumerate(zip(rules, DecideMode, strict=True))
        )
        definition = from_chain(Chain("toy_route", "玩具流程", nodes=nodes))
        assert read(write(definition), fact_types={}) == definition
