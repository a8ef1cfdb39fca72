"""The stories of domain.md §13 that end with a decision, as people click them."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.steps import claim, decide, make_paper, open_tab, upload, upload_required
from tests.e2e.world import World
from workflows.models import Case, Stage


class TestStoryOne:
    """300,000 unsecured goes one band up; head office approves 250,000 with a condition."""

    def test_from_the_form_to_the_approved_terms(
        self, visit: Visit, world: World, tmp_path: Path
    ) -> None:
        am = visit(world.am, f"/opportunities/{world.opportunity.pk}/")
        am.locator("#applications .ui-panel-actions").get_by_role("link").click()

        # Saved with part of it, as the manual allows.
        am.fill("[name=repay_source]", "销售回款")
        am.fill("[name=lines-0-annual_rate]", "12")
        am.get_by_role("button", name="保存", exact=True).click()
        expect(am.locator("#messages, #toasts").get_by_text("已保存")).to_be_visible()
        expect(am.locator("[name=repay_source]")).to_have_value("销售回款")
        expect(am.locator("[name=lines-0-amount]")).to_have_value("300,000.00")

        am.select_option("[name=purpose]", "WORKING_CAPITAL")
        am.fill("[name=purpose_note]", "采购钢材")
        am.check("[name=guarantee][value=CREDIT]")
        expect(am.locator("#application-preview")).to_contain_text("无担保")
        expect(am.locator("#application-preview")).to_contain_text("由总部风控终审")
        am.get_by_role("button", name="保存并查看").click()
        upload_required(am, make_paper(tmp_path, "材料.pdf"))

        am.get_by_role("button", name="提交审批").click()
        route = am.locator("#submission-dialog .ui-steps")
        expect(route.locator("li:not(.is-skipped)")).to_have_text(
            [
                re.compile(r"部门主管\s+赵主管"),
                re.compile(r"分公司风控经理\s+钱风控"),
                re.compile(r"分公司总经理\s+孙总"),
                re.compile(r"总部风控\s+吴总风控"),
            ]
        )
        am.locator("#submission-dialog").get_by_role("button", name="确认提交").click()
        expect(am.locator("h1")).to_contain_text("审批中")

        case = Case.objects.get()
        for who in (world.tl, world.brm, world.bgm):
            page = visit(who, f"/inbox/?case={case.pk}")
            decide(page, "approve", opinion="同意,材料齐全")
        hrm = visit(world.hrm, f"/cases/{case.pk}/")
        claim(hrm)
        decide(
            hrm,
            "approve_with_conditions",
            conditions="配偶签字",
            opinion="同意,金额下调",
            term_approved_amount="250,000",
        )

        am.reload()
        expect(am.locator("h1")).to_contain_text("已批待签")
        main = am.locator("main")
        expect(main).to_contain_text("250,000.00")
        expect(main).to_contain_text("配偶签字")
        approved = world.application_of(case)
        assert approved.approved_amount == Decimal("250000.00")
        printed = am.context.request.get(f"/applications/{approved.pk}/print/")
        assert printed.status == 200
        assert printed.headers["content-type"] == "application/pdf"
        assert printed.body().startswith(b"%PDF-")


class TestStoryThree:
    """During approval nothing of the document moves; a supplement comes beside it."""

    def test_a_supplement_leaves_the_case_where_it_is(
        self, visit: Visit, world: World, tmp_path: Path
    ) -> None:
        case = world.submitted()
        world.approve(case, world.tl)
        brm = visit(world.brm, f"/cases/{case.pk}/")
        with brm.expect_response(f"**/cases/{case.pk}/seen/"):
            pass
        before = Stage.objects.get(process=case, finished=None)

        am = visit(world.am, f"/applications/{case.document_id}/edit/")
        expect(am.locator("[data-refusal=WF-04]")).to_contain_text(
            '单据审批中,不能修改;如需补充材料,请新建"补充附件"。'
        )
        am.goto(f"/applications/{case.document_id}/")
        am.locator("#supplements").get_by_role("link", name="新建").click()
        am.fill("[name=subject]", "最新对账单")
        am.get_by_role("button", name="保存并查看").click()
        upload(am, "OTHER", make_paper(tmp_path, "对账单.pdf"))
        am.get_by_role("button", name="提交", exact=True).click()
        am.locator("[data-confirm-ok]").click()
        expect(am.locator("h1")).to_contain_text("已提交")

        after = Stage.objects.get(process=case, finished=None)
        assert (after.pk, after.node_id, after.due_at) == (
            before.pk,
            before.node_id,
            before.due_at,
        )
        brm.reload()
        since = brm.locator(".ui-alert").filter(has_text="自您上次查看以来")
        expect(since).to_contain_text("补充 +1")
        open_tab(brm, "附件")
        expect(brm.locator("#panel-files")).to_contain_text("对账单")


class TestStoryFour:
    """Whoever handles a case never decides on it; his step goes to his superior."""

    @pytest.fixture
    def case(self, world: World) -> Case:
        application = world.draft()
        # ORG-01 keeps business and risk roles apart; a work handover may still do this.
        type(application.document_ptr).objects.filter(pk=application.pk).update(
            handler=world.brm, creator=world.brm
        )
        return world.submitted(world.application(application.pk))

    def test_the_step_moves_up(self, visit: Visit, world: World, case: Case) -> None:
        tl = visit(world.tl, f"/cases/{case.pk}/")
        decide(tl, "approve", opinion="同意")
        item = world.item(case, world.bgm)

        brm = visit(world.brm, f"/cases/{case.pk}/")
        expect(brm.locator(".ui-case-now")).to_contain_text("孙总")
        assert brm.locator("[data-dialog-open='act-approve']").count() == 0
        refused = brm.evaluate(
            """async (url) => {
                const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
                const body = new URLSearchParams({opinion: "同意", csrfmiddlewaretoken: token});
                const answer = await fetch(url, {method: "POST", body});
                return [answer.status, await answer.text()];
            }""",
            f"/work-items/{item.pk}/approve/",
        )
        assert refused[0] == 403
        assert "不能审批本人发起或经办的单据。" in refused[1]
        assert "WF-01" in refused[1]

        bgm = visit(world.bgm, f"/cases/{case.pk}/")
        decide(bgm, "approve", opinion="同意")
        hrm = visit(world.hrm, f"/cases/{case.pk}/")
        decide(hrm, "approve", opinion="同意")
        expect(hrm.locator(".ui-case-title")).to_contain_text("已通过")
