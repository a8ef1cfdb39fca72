"""The chain before it is submitted and while it runs, through every kind of gateway."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from documents.services.handlers import change_handler
from staff.models import Employee, Role
from tests.workflows.pages import browser, text_of
from tests.workflows.random_routes import side_by_side
from tests.workflows.world import NOW, TOY, World, at_least, by_role, default_stages, fresh, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.model import DecideMode, Definition, Gateway, GatewayKind, RoleReach
from workflows.choices import ItemState
from workflows.finding import holders_at_once, holders_of
from workflows.models import Case, WorkItem
from workflows.preview import (
    PreviewStep,
    against,
    check_route,
    draft_case,
    preview_submission,
)
from workflows.screens.items import case_items
from workflows.screens.route import load_route
from workflows.services import decisions
from workflows.services.submission import draft_submission

pytestmark = pytest.mark.django_db


def branches(kind: GatewayKind = GatewayKind.PARALLEL) -> Definition:
    """tl, then brm and audit side by side, then bgm."""
    tl, brm, bgm, *_rest = default_stages()
    audit = stage("audit", by_role("CEO", RoleReach.HEAD_OFFICE))
    made = side_by_side(
        from_chain(Chain("toy_route", "玩具流程", nodes=(tl, brm, audit, bgm))), "brm", "audit"
    )
    if kind is GatewayKind.PARALLEL:
        return made
    flow = made.flows["split_to_audit"]
    flows = {**made.flows, flow.id: replace(flow, condition=at_least("level", 2))}
    flows["split_to_brm"] = replace(flows["split_to_brm"], condition=at_least("level", 1))
    gateways = {name: Gateway(name, kind=kind) for name in ("split", "join")}
    return replace(made, flows=flows, elements={**made.elements, **gateways})


def before(world: World, **values: Any) -> dict[str, PreviewStep]:
    document = world.document(**values)
    case = draft_case(TOY, document, world.version.pk, NOW)
    assert check_route(TOY, document, case) == []
    return {s.node_id: s for s in preview_submission(TOY, document, case, language="en", now=NOW)}


def running(case: Case) -> dict[str, PreviewStep]:
    case = Case.objects.get(pk=case.pk)
    return {s.node_id: s for s in load_route(case, case_items(case), language="en", now=NOW)}


class TestBeforeASubmissionAgain:
    def test_who_submitted_it_as_its_handler_is_left_out_as_the_submission_leaves_him_out(
        self, world: World
    ) -> None:
        document = world.document(handler=world.brm)
        document.creator = world.am
        document.save()
        case = world.submit(document)
        decisions.return_case(
            item_id=world.item(case).pk, actor=fresh(world.tl), now=NOW, opinion="请补充说明"
        )
        change_handler(
            document_id=document.pk, successor=fresh(world.am), actor=fresh(world.adm), now=NOW
        )
        document.refresh_from_db()
        thought = draft_case(TOY, document, world.version.pk, NOW)
        steps = preview_submission(TOY, document, thought, language="en")
        shown = {step.node_id: step for step in steps}["brm"]
        assert world.brm.name not in shown.people
        case = world.approve(world.submit(document), world.tl)
        assert [world.item(case).assignee.name] == list(shown.people)


def states(steps: dict[str, PreviewStep]) -> dict[str, str]:
    return {node: step.state for node, step in steps.items()}


class TestBeforeSubmission:
    def test_branches_stand_side_by_side(self, world: World) -> None:
        world.publish(branches())
        steps = before(world)
        assert {node: step.wave for node, step in steps.items()} == {
            "tl": 1, "brm": 2, "audit": 2, "bgm": 3,
        }  # fmt: skip
        assert steps["audit"].people == [world.ceo.name]

    @pytest.mark.parametrize(("level", "audit"), [(1, "skipped"), (2, "ahead")])
    def test_an_inclusive_branch_only_when_it_applies(
        self, world: World, level: int, audit: str
    ) -> None:
        world.publish(branches(GatewayKind.INCLUSIVE))
        steps = before(world, level=level)
        assert states(steps) == {"tl": "ahead", "brm": "ahead", "audit": audit, "bgm": "ahead"}
        if audit == "skipped":
            assert steps["audit"].reason == "only when 档次 is at least 2"

    def test_an_empty_seat_is_told(self, world: World) -> None:
        Employee.objects.filter(pk=world.brm.pk).update(is_active=False)
        document = world.document()
        case = draft_case(TOY, document, world.version.pk, NOW)
        steps = preview_submission(TOY, document, case, language="en")
        assert [s.state for s in steps[:3]] == ["ahead", "empty", "ahead"]
        assert [error.code for error in check_route(TOY, document, case)] == ["WF-11"]
        assert [error.code for error in against(TOY, document, case, steps)] == ["WF-11"]

    def test_people_are_asked_for_once_for_all_stages(
        self, world: World, django_assert_num_queries: Any
    ) -> None:
        document = world.document()
        case = draft_case(TOY, document, world.version.pk, NOW)
        preview_submission(TOY, document, case, language="en", now=NOW)
        with django_assert_num_queries(1):
            steps = preview_submission(TOY, document, case, language="en", now=NOW)
        assert sum(step.state == "ahead" for step in steps) > 1

    @pytest.mark.parametrize("reach", list(RoleReach))
    def test_they_are_those_who_would_be_asked_one_by_one(
        self, world: World, reach: RoleReach
    ) -> None:
        document = world.document()
        case = draft_case(TOY, document, world.version.pk, NOW)
        roles = Role.objects.filter(assignments__isnull=False).values_list("code", flat=True)
        rules = [replace(by_role(code, RoleReach.BRANCH), reach=reach) for code in set(roles)]
        alone = [[row.pk for row in holders_of(rule, case)] for rule in rules]
        assert any(alone)
        with holders_at_once(rules, case):
            together = [[row.pk for row in holders_of(rule, case)] for rule in rules]
        assert together == alone


class TestWhileItRuns:
    @pytest.mark.parametrize("kind", [GatewayKind.PARALLEL, GatewayKind.INCLUSIVE])
    def test_what_lies_behind_the_join_stays_in_sight(self, world: World, kind: Any) -> None:
        world.publish(branches(kind))
        case = world.approve(world.submitted(level=2), world.tl)
        steps = running(case)
        assert states(steps) == {"tl": "done", "brm": "current", "audit": "current", "bgm": "ahead"}
        assert steps["bgm"].people == [world.bgm.name]
        case = world.approve(case, world.brm)
        assert states(running(case)) == {
            "tl": "done", "brm": "done", "audit": "current", "bgm": "ahead",
        }  # fmt: skip

    def test_a_step_that_passed_by_itself_is_told(self, world: World) -> None:
        tl, *rest = default_stages()
        again = stage("again", by_role("TL", RoleReach.DEPARTMENT), on_same_person="AUTO_PASS")
        world.publish(from_chain(Chain("toy_route", "玩具流程", nodes=(tl, again, *rest[:1]))))
        steps = running(world.approve(world.submitted(), world.tl))
        assert (steps["again"].state, steps["again"].people) == ("auto", [world.tl.name])

    def test_a_direct_resubmission_into_a_branch_is_possible(self, world: World) -> None:
        world.publish(branches())
        document = world.document()
        case = world.approve(world.submit(document), world.tl)
        decisions.return_case(
            item_id=world.item(case, world.brm).pk, actor=fresh(world.brm), now=NOW,
            opinion="请补充流水说明",
        )  # fmt: skip
        case = world.submit(document)
        assert states(running(case))["brm"] == "current"
        assert states(running(case))["bgm"] == "ahead"

    def test_back_with_its_handler_the_whole_route_is_ahead(self, world: World) -> None:
        case = world.approve(world.submitted(), world.tl)
        decisions.return_case(
            item_id=world.item(case, world.brm).pk, actor=fresh(world.brm), now=NOW,
            opinion="请补充流水说明",
        )  # fmt: skip
        steps = running(case)
        assert states(steps)["tl"] == states(steps)["brm"] == "ahead"
        assert steps["tl"].people == [world.tl.name]


class TestAnyVersionOverAnyDocument:
    def test_an_administrator_previews_a_draft(self, world: World) -> None:
        document = world.document(level=2)
        tl, brm, bgm, hrm, _committee = default_stages()
        world.publish(from_chain(Chain("toy_route", "玩具流程", nodes=(tl, hrm, brm, bgm))))
        client = browser(world.adm)
        address = f"/flows/versions/{world.version.pk}/preview/"
        shown = text_of(client.get(address, {"document": document.doc_no}))
        assert shown.index("Step hrm") < shown.index("Step brm")
        assert world.hrm.name in shown
        api = f"/api/v1/flow-versions/{world.version.pk}/preview/"
        steps = client.get(api, {"document": document.doc_no}).json()
        assert [s["node_id"] for s in steps] == ["tl", "hrm", "brm", "bgm"]

    @pytest.mark.parametrize("number", ["", "nothing", "x" * 300, "\x00"])
    def test_a_number_that_is_not_there(self, world: World, number: str) -> None:
        address = f"/flows/versions/{world.version.pk}/preview/"
        answer = browser(world.adm).get(address, {"document": number})
        assert answer.status_code == (200 if not number else 404)

    def test_only_administrators(self, world: World) -> None:
        address = f"/flows/versions/{world.version.pk}/preview/"
        assert browser(world.bgm).get(address).status_code == 403
        api = f"/api/v1/flow-versions/{world.version.pk}/preview/"
        assert browser(world.bgm).get(api).status_code == 403


class TestStraightBack:
    """直达退回人: the preview names whom the resubmission asks."""

    def again(self, world: World, case: Case) -> dict[str, PreviewStep]:
        document = TOY.get(case.document_id)
        draft, way = draft_submission(TOY, document, now=NOW)
        assert way.at == "both"
        steps = preview_submission(TOY, document, draft, language="en", now=NOW)
        return {step.node_id: step for step in steps}

    def returned(self, world: World, who: Employee) -> Case:
        case = world.approve(world.submitted(), world.tl)
        decisions.return_case(
            item_id=world.item(case, who).pk, actor=fresh(who), now=NOW, opinion="请补充流水说明"
        )
        return case

    def test_everybody_who_is_asked_by_name_is_asked_again(self) -> None:
        rules = (by_role("BRM"), by_role("BGM"))
        world = World(stage("first", by_role("TL")), stage("both", *rules, decide=DecideMode.ALL))
        case = self.returned(world, world.brm)
        steps = self.again(world, case)
        assert (steps["first"].state, steps["both"].state) == ("done", "ahead")
        world.submit(TOY.get(case.document_id))
        asked = WorkItem.objects.filter(case=case, state=ItemState.OPEN)
        names = set(asked.values_list("assignee__name", flat=True))
        assert set(steps["both"].people) == names == {world.brm.name, world.bgm.name}

    def test_of_a_pool_only_who_returned_it(self) -> None:
        rule = by_role("HRM", RoleReach.HEAD_OFFICE)
        world = World(stage("first", by_role("TL")), stage("both", rule))
        case = self.returned(world, world.hrm)
        assert self.again(world, case)["both"].people == [world.hrm.name]
        world.submit(TOY.get(case.document_id))
        assert WorkItem.objects.get(case=case, state=ItemState.OPEN).assignee == world.hrm
