"""A returned case: corrected, straight back to whoever returned it, with the difference shown."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.steps import decide, fill_act, open_tab
from tests.e2e.world import World


class TestReturn:
    def test_comes_straight_back_with_the_difference(self, visit: Visit, world: World) -> None:
        case = world.submitted()
        world.approve(case, world.tl)
        brm = visit(world.brm, f"/cases/{case.pk}/")
        with brm.expect_response(f"**/cases/{case.pk}/seen/"):
            pass
        decide(brm, "return", opinion="请说明采购合同的交货日期")
        expect(brm.locator(".ui-case-title")).to_contain_text("已退回")

        am = visit(world.am, f"/applications/{case.document_id}/")
        expect(am.locator("main")).to_contain_text("请说明采购合同的交货日期")
        am.get_by_role("link", name="编辑").click()
        am.fill("[name=purpose_note]", "采购钢材,合同约定 12 月交货")
        am.get_by_role("button", name="提交审批").click()
        am.locator("#submission-dialog").get_by_role("button", name="确认提交").click()
        expect(am.locator("h1")).to_contain_text("审批中")

        brm.goto(f"/cases/{case.pk}/")
        since = brm.locator(".ui-alert").filter(has_text="自您上次查看以来")
        expect(since.locator("del")).to_have_text("采购钢材")
        expect(since.locator("ins")).to_contain_text("12 月交货")
        expect(brm.locator(".ui-case-now")).to_contain_text("钱风控")
        steps = brm.locator(".ui-steps li")
        expect(steps.nth(0)).to_contain_text("赵主管")
        expect(steps.nth(1)).to_contain_text("钱风控")
        expect(steps.nth(1)).to_have_attribute("aria-current", "step")
        open_tab(brm, "审批历史")
        expect(brm.locator("#panel-history")).to_contain_text("请说明采购合同的交货日期")

    def test_says_how_long_a_reason_must_be(self, visit: Visit, world: World) -> None:
        case = world.submitted()
        tl = visit(world.tl, f"/cases/{case.pk}/")
        fill_act(tl, "return", opinion="补件")
        tl.locator("button[form=form-return]").click()

        expect(tl.locator("#form-return [data-refusal=WF-07]")).to_contain_text(
            "请填写退回/否决原因(不少于 5 个字)。"
        )
        expect(tl.locator("#form-return [name=opinion]")).to_have_value("补件")
