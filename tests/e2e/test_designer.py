"""An administrator draws a route: stages, who decides, a condition, findings, undo, publication."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.steps import business_flow
from tests.e2e.world import World
from tests.workflows.bpmn.strategies import FACT_TYPES, definitions
from workflows.bpmn.model import BoundaryTimer, Definition
from workflows.bpmn.xml import read, write
from workflows.choices import VersionState
from workflows.definitions import parse
from workflows.models import FlowVersion

DRAWN = "[data-designer][data-drawn=yes]"


@pytest.fixture
def page(visit: Visit, world: World) -> Page:
    return open_designer(visit, world)


def open_designer(visit: Visit, world: World, **options: str) -> Page:
    page = visit(world.adm, "/flows/", **options)
    flow = business_flow(page)
    flow.locator("form[action$='/draft/'] button, a[href$='/edit/']").first.click()
    page.locator("a[href$='/designer/']").first.click()
    expect(page.locator(DRAWN)).to_have_count(1)
    return page


def choose(page: Page, element: str) -> None:
    """Select an element by the list in the panel, without the mouse on the drawing."""
    contents = page.locator(".ui-designer-contents")
    if not contents.is_visible():
        page.locator("[data-designer-act=route]").click()
    contents.locator(f"[data-designer-select='{element}']").click()
    expect(page.locator(f"[data-designer-form][data-element='{element}']")).to_have_count(1)


def apply(page: Page) -> None:
    with page.expect_response(re.compile("/apply/")):
        page.locator("#element button[type=submit]").click()


def shapes(page: Page) -> list[str]:
    found = page.locator(".djs-shape").evaluate_all("all => all.map(e => e.dataset.elementId)")
    return [str(each) for each in found if not str(each).endswith("_label")]


def stored() -> Definition:
    """The draft as the server keeps it."""
    draft = FlowVersion.objects.select_related("definition").get(state=VersionState.DRAFT)
    return parse(draft.bpmn, draft.definition.document_kind)


def stored_after_saving(page: Page) -> Definition:
    page.locator("[data-designer-act=save]").click()
    expect(page.locator("[data-designer-state]")).to_have_text("已保存")
    return stored()


def findings(page: Page) -> object:
    return page.locator("[data-designer-findings] li")


class TestDesigner:
    def test_a_stage_is_drawn_configured_and_published(self, page: Page, world: World) -> None:
        before = shapes(page)
        choose(page, "department_head")
        page.locator("[data-designer-append='bpmn:UserTask']").click()
        expect(page.locator("[name=node-name]")).to_have_value("新节点")
        (added,) = set(shapes(page)) - set(before)

        # The new stage has nobody: said in the list and marked on the stage itself.
        expect(page.locator("[data-designer-findings]")).to_contain_text("新节点")
        expect(page.locator(f"[data-container-id='{added}'] .ui-designer-badge")).to_be_visible()

        page.fill("[name=node-name]", "财务复核")
        page.fill("[name=node-name_en]", "Finance check")
        page.get_by_role("button", name="添加人员或角色").click()
        page.select_option("[name=rules-0-kind]", "ROLE")
        page.select_option("[name=rules-0-role]", "FIN")
        page.select_option("[name=rules-0-reach]", "ANYWHERE")
        apply(page)
        expect(page.locator(f"[data-element-id='{added}'] text").first).to_have_text("财务复核")
        expect(page.locator("[data-designer-findings]")).to_contain_text("未发现问题")

        page.locator("[data-designer-act=publish]").click()  # saves first
        page.fill("#publish-note", "增加财务复核")
        page.locator("button[form=publish-form]").click()
        expect(page.locator("h1")).to_contain_text("已发布")
        case = world.submitted()
        assert added in case.flow_version.bpmn

    def test_saved_the_moment_the_answer_stands_in_the_panel_keeps_what_was_applied(
        self, page: Page
    ) -> None:
        choose(page, "department_head")
        page.evaluate(
            "document.addEventListener('htmx:afterSwap', () => setTimeout(() =>"
            " document.querySelector('[data-designer-act=save]').click()), { once: true })"
        )
        page.fill("[name=node-name]", "部门初审")
        with page.expect_response(lambda answer: answer.request.method == "PUT"):
            apply(page)
        assert stored().elements["department_head"].name == "部门初审"

    def test_what_the_drawing_cannot_take_over_stays_to_be_applied(self, page: Page) -> None:
        choose(page, "department_head")
        page.evaluate(
            "() => { window.able = designer.takeOver;"
            " designer.takeOver = () => Promise.reject(new Error('unable')); }"
        )
        page.fill("[name=node-name]", "部门初审")
        page.locator("[data-designer-act=save]").click()
        expect(page.locator("[data-designer-refusal] [role=alert]")).to_be_visible()
        expect(page.locator("[name=node-name]")).to_have_value("部门初审")
        assert stored().elements["department_head"].name != "部门初审"

        page.evaluate("() => { designer.takeOver = window.able; }")
        with page.expect_response(lambda answer: answer.request.method == "PUT"):
            page.locator("[data-designer-act=save]").click()
        assert stored().elements["department_head"].name == "部门初审"

    def test_a_condition_is_put_on_a_way(self, page: Page) -> None:
        choose(page, "department_head")
        page.locator("[data-designer-append='bpmn:ExclusiveGateway']").click()
        expect(page.locator("[name=node-default]")).to_have_count(1)
        page.select_option("#designer-connect", "approved")
        page.locator("[data-designer-act=connect]").click()
        expect(page.get_by_role("button", name="添加条件")).to_be_visible()
        page.get_by_role("button", name="添加条件").click()
        page.select_option("[name=conditions-0-fact]", "amount_total")
        page.select_option("[name=conditions-0-operator]", "lt")
        page.fill("[name=conditions-0-value]", "50000")
        apply(page)
        expect(page.locator(".ui-designer-condition", has_text="5万")).to_be_visible()

    def test_the_order_of_a_gateways_ways_is_changed_and_kept(self, page: Page) -> None:
        choose(page, "department_head")
        page.locator("[data-designer-append='bpmn:ExclusiveGateway']").click()
        expect(page.locator("[name=node-default]")).to_have_count(1)
        gateway = page.locator("[data-designer-form]").get_attribute("data-element") or ""
        for target in ("approved", "branch_manager"):
            page.select_option("#designer-connect", target)
            page.locator("[data-designer-act=connect]").click()
            expect(page.get_by_role("button", name="添加条件")).to_be_visible()
            choose(page, gateway)
        page.select_option("[name=node-default]", index=1)  # otherwise on to branch risk
        apply(page)
        ways = page.locator(".ui-designer-ways li")
        expect(ways).to_have_count(3)
        expect(ways.nth(2)).to_contain_text("其他情况")
        first, second = (ways.nth(n).locator("[data-designer-select]") for n in (0, 1))
        expect(first).to_have_text("通过")
        later, earlier = (
            page.get_by_role("button", name=f"将“通过”{side}判断") for side in ("推后", "提前")
        )
        expect(earlier).to_be_disabled()
        later.press("Enter")
        expect(second).to_have_text("通过")
        expect(earlier).to_be_focused()
        page.locator("[data-designer-act=undo]").click()
        expect(first).to_have_text("通过")
        page.locator("[data-designer-act=redo]").click()
        expect(second).to_have_text("通过")

        page.locator("[data-designer-act=save]").click()
        expect(page.locator("[data-designer-state]")).to_have_text("已保存")
        route = stored()
        targets = [flow.target for flow in route.outgoing(gateway)]
        assert targets.index("branch_manager") < targets.index("approved")
        page.reload()
        expect(page.locator(DRAWN)).to_have_count(1)
        choose(page, gateway)
        expect(second).to_have_text("通过")

    def test_lanes_are_added_named_and_made_taller(self, page: Page) -> None:
        page.locator(".djs-palette .entry[data-action='create.lane']").click()
        expect(page.locator("[data-designer-act=taller]")).to_be_visible()
        page.fill("[name=node-name]", "分公司")
        apply(page)
        first = page.locator("[data-designer-form]").get_attribute("data-element") or ""
        lane = stored_after_saving(page).lane(first)
        assert lane is not None
        assert lane.name == "分公司"
        assert {"department_head", "branch_risk", "approved"} <= set(lane.members)

        page.locator("[data-designer-act=lane]").click()
        expect(page.locator("[name=node-name]")).to_have_value("")
        second = page.locator("[data-designer-form]").get_attribute("data-element") or ""
        page.fill("[name=node-name]", "总部")
        apply(page)
        before = stored_after_saving(page)
        page.locator("[data-designer-act=taller]").click()
        page.locator("[data-designer-act=taller]").click()
        page.locator("[data-designer-act=shorter]").click()
        route = stored_after_saving(page)
        assert [lane.name for lane in route.lanes] == ["分公司", "总部"]
        old, new = (each.layout.shapes for each in (before, route))
        assert new[second].height == old[second].height + 40
        assert new[second].y == new[first].y + new[first].height
        assert new[first] == old[first]

        # A stage that is drawn behind the last one stands in the lane too, which makes room.
        choose(page, "branch_manager")
        page.locator("[data-designer-append='bpmn:UserTask']").click()
        expect(page.locator("[name=node-name]")).to_have_value("新节点")
        added = page.locator("[data-designer-form]").get_attribute("data-element") or ""
        route = stored_after_saving(page)
        lanes = {lane.id: lane.members for lane in route.lanes}
        assert added in lanes[first]
        assert "approved" in lanes[first]
        assert lanes[second] == ()

        # Shorter than what stands in it no lane becomes; undone, nothing is left of a lane.
        choose(page, first)
        for _ in range(9):
            page.locator("[data-designer-act=shorter]").click()
        route = stored_after_saving(page)
        bounds = route.layout.shapes
        assert all(
            bounds[member].y + bounds[member].height <= bounds[first].y + bounds[first].height
            for member in lanes[first]
        )
        page.reload()
        expect(page.locator(DRAWN)).to_have_count(1)
        assert {first, second} <= set(shapes(page))

    def test_undo_redo_copy_and_paste(self, page: Page) -> None:
        before = shapes(page)
        choose(page, "branch_risk")
        page.locator("[data-designer-act=copy]").click()
        page.locator("[data-designer-act=paste]").click()
        expect(page.locator("[name=node-duty_line]")).to_have_value("RISK")
        (pasted,) = set(shapes(page)) - set(before)
        expect(page.locator("[data-designer-form]")).to_have_attribute("data-element", pasted)
        expect(page.locator("[name=rules-0-role]")).to_have_value("BRM")

        page.locator("[data-designer-act=undo]").click()
        assert shapes(page) == before
        page.locator("[data-designer-act=redo]").click()
        assert pasted in shapes(page)
        page.locator("[data-designer-canvas] svg").first.focus()
        page.keyboard.press("Control+z")
        assert shapes(page) == before

    def test_what_was_typed_goes_along_when_another_element_is_chosen(self, page: Page) -> None:
        choose(page, "department_head")
        page.fill("[name=node-name]", "主管")
        page.locator("[data-element-id='branch_risk'] .djs-hit").first.click()
        expect(page.locator("[data-designer-form][data-element='branch_risk']")).to_have_count(1)
        expect(page.locator("[data-element-id='department_head'] text").first).to_have_text("主管")

    def test_a_second_tab_loses_nothing(self, page: Page, visit: Visit, world: World) -> None:
        other = open_designer(visit, world)
        for tab, name in ((page, "甲"), (other, "乙")):
            choose(tab, "department_head")
            tab.fill("[name=node-name]", name)
            apply(tab)
            tab.locator("[data-designer-act=save]").click()
        expect(page.locator("[data-designer-state]")).to_have_text("已保存")
        expect(other.locator("[data-designer-refusal]")).to_contain_text("WF-12")
        expect(other.locator("[data-element-id='department_head'] text").first).to_have_text("乙")
        with other.expect_download() as kept:
            other.get_by_role("button", name="把我的图保存为文件").click()
        assert "乙" in kept.value.path().read_text(encoding="utf-8")
        draft = FlowVersion.objects.get(state=VersionState.DRAFT)
        assert 'name="甲"' in draft.bpmn

    def test_only_supported_elements_are_on_offer(self, page: Page) -> None:
        entries = page.locator(".djs-palette .entry").evaluate_all(
            "all => all.map(e => e.dataset.action)"
        )
        assert {e for e in entries if e.startswith("create.")} == {
            "create.start-event", "create.end-event", "create.exclusive-gateway",
            "create.stage", "create.copy", "create.service", "create.lane",
        }  # fmt: skip
        choose(page, "branch_risk")
        page.locator(".djs-context-pad .entry[data-action=replace]").click()
        expect(page.locator(".djs-popup .entry")).to_have_count(2)
        expect(page.locator(".djs-popup")).to_contain_text("抄送")
        expect(page.locator(".bjs-powered-by")).to_be_visible()

    def test_english_readers_draw_english_titles_and_keep_the_chinese(
        self, visit: Visit, world: World
    ) -> None:
        page = open_designer(visit, world, locale="en-GB")
        drawn = page.locator("[data-element-id='department_head'] text").first
        expect(drawn).to_have_text("Department head")
        choose(page, "department_head")
        page.fill("[name=node-name_en]", "Head")
        apply(page)
        expect(drawn).to_have_text("Head")
        page.locator("[data-designer-act=save]").click()
        expect(page.locator("[data-designer-state]")).to_have_text("Saved")
        draft = FlowVersion.objects.get(state=VersionState.DRAFT)
        assert 'name="部门主管" lc:nameEn="Head"' in draft.bpmn
        assert "nameZh" not in draft.bpmn


class TestCompare:
    def test_what_a_draft_changes_is_marked_on_both_drawings(
        self, page: Page, visit: Visit, world: World
    ) -> None:
        choose(page, "department_head")
        page.fill("[name=node-limit_hours]", "24")
        apply(page)
        page.locator("[data-designer-append='bpmn:UserTask']").click()
        expect(page.locator("[name=node-name]")).to_have_value("新节点")
        page.locator("[data-designer-act=save]").click()
        expect(page.locator("[data-designer-state]")).to_have_text("已保存")

        page.get_by_role("link", name="比较").click()
        changes = page.locator(".ui-changes > li")
        expect(changes.filter(has_text="部门主管").first).to_contain_text("修改")
        expect(changes.filter(has_text="部门主管").first).to_contain_text("8 → 24")
        expect(changes.filter(has_text="新节点").first).to_contain_text("新增")
        before, after = (page.locator(f"#{side}") for side in ("before", "after"))
        expect(before.locator("[data-element-id='department_head'].is-changed")).to_have_count(1)
        expect(after.locator("[data-element-id='department_head'].is-changed")).to_have_count(1)
        expect(before.locator(".djs-shape.is-added")).to_have_count(0)
        expect(after.locator(".djs-shape.is-added")).to_have_count(1)

        phone = visit(world.adm, page.url, width=390)
        expect(phone.locator(".ui-changes > li").first).to_be_visible()
        expect(phone.locator(".ui-compare")).to_be_hidden()
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


ROUND_TRIP = """async ([xml, act]) => {
  const holder = document.createElement("div");
  holder.className = "ui-designer-canvas";
  document.body.append(holder);
  const modeler = new BpmnJS({ container: holder, additionalModules: [designer.modules] });
  await modeler.importXML(designer.readable(xml));
  const shapes = modeler.get("elementRegistry").filter((each) => each.type === "bpmn:UserTask");
  if (act === "move") modeler.get("modeling").moveElements(shapes.slice(0, 1), { x: 0, y: 30 });
  if (act === "copy" && shapes[0]) {
    modeler.get("copyPaste").copy(shapes[0]);
    const root = modeler.get("canvas").getRootElement();
    const pasted = modeler.get("copyPaste").paste({ element: root, point: { x: 50, y: 900 } });
    pasted[0].businessObject.id = "the_copy";
  }
  const saved = await modeler.saveXML();
  modeler.destroy();
  holder.remove();
  return [designer.stored(saved.xml), shapes[0]?.id ?? ""];
}"""


def in_order(definition: Definition) -> Definition:
    """With lanes in one order and without timers: a timer goes to the lane of its stage."""
    timers = {e.id for e in definition.elements.values() if isinstance(e, BoundaryTimer)}
    lanes = (
        replace(each, members=tuple(sorted({*each.members} - timers))) for each in definition.lanes
    )
    return replace(definition, lanes=tuple(lanes))


QUICK = settings(max_examples=8, deadline=None, database=None, phases=[Phase.generate])


class TestRoundTrip:
    """Whatever a route may hold comes back from bpmn-js as it was."""

    @pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
    def test_loses_nothing(self, visit: Visit, world: World, locale: str) -> None:
        page = open_designer(visit, world, locale=locale)

        @given(definitions())
        @QUICK
        def comes_back(definition: Definition) -> None:
            xml, _first = page.evaluate(ROUND_TRIP, [write(definition), "move"])
            found = read(xml, fact_types=FACT_TYPES)
            assert in_order(found) == in_order(definition)
            # A gateway tries its ways in their order.
            assert list(found.flows) == list(definition.flows)

        comes_back()

    def test_copies_take_every_setting_along(self, visit: Visit, world: World) -> None:
        page = open_designer(visit, world)

        @given(definitions())
        @QUICK
        def are_equal(definition: Definition) -> None:
            xml, first = page.evaluate(ROUND_TRIP, [write(definition), "copy"])
            if first:
                found = read(xml, fact_types=FACT_TYPES)
                copy, original = found.stage("the_copy"), definition.stage(first)
                assert replace(copy, id=first) == original

        are_equal()
