"""An administrator adds a node: the next case takes it, the running one does not."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.world import World


class TestFlowEditor:
    def test_a_new_node_is_met_by_the_next_case_only(self, visit: Visit, world: World) -> None:
        running = world.submitted()
        adm = visit(world.adm, "/flows/")
        heading = adm.get_by_role("heading", name="业务申请单审批", exact=True)
        flow = adm.locator("section", has=heading)
        flow.get_by_role("button", name="新建草稿并编辑").click()
        expect(adm.locator("[data-row]")).to_have_count(6)
        picture = adm.locator("#flow-preview img.is-wide:visible")
        before = picture.get_attribute("src")

        adm.get_by_role("button", name="新增节点").click()
        expect(adm.locator("[data-row]")).to_have_count(7)
        expect(adm.locator("#findings")).to_contain_text("新节点")
        adm.fill("[name=node-name]", "财务复核")
        adm.fill("[name=node-name_en]", "Finance check")
        adm.get_by_role("button", name="添加人员或角色").click()
        adm.select_option("[name=rules-0-kind]", "ROLE")
        adm.select_option("[name=rules-0-role]", "FIN")
        adm.select_option("[name=rules-0-reach]", "ANYWHERE")
        adm.get_by_role("button", name="保存节点").click()
        expect(adm.locator("[data-row]").nth(1)).to_have_text("财务复核")
        expect(adm.locator("#findings")).to_have_count(0)
        expect(adm.get_by_text("已恢复上次未保存的内容")).to_have_count(0)
        assert picture.get_attribute("src") != before

        adm.get_by_role("button", name="发布", exact=True).first.click()
        adm.fill("#publish-note", "增加财务复核")
        adm.locator("button[form=publish-form]").click()
        expect(adm.locator("h1")).to_contain_text("已发布")

        next_case = world.submitted()
        steps = visit(world.am, f"/cases/{next_case.pk}/").locator(".ui-steps li")
        expect(steps).to_have_count(7)
        expect(steps.nth(1)).to_contain_text("财务复核")
        expect(steps.nth(1)).to_contain_text("郑财务")
        old_steps = visit(world.am, f"/cases/{running.pk}/").locator(".ui-steps li")
        expect(old_steps).to_have_count(6)
        assert world.approve(running, world.tl).flow_version_id != next_case.flow_version_id
