"""Story 3: during approval nothing of the document moves; a supplement comes beside it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.steps import make_paper, open_tab, upload
from tests.e2e.world import World
from workflows.models import Stage


def test_story_03_supplement_leaves_the_case_where_it_is(
    visit: Visit, world: World, tmp_path: Path
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
