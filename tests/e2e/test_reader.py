"""What each reader sets for himself: login, language, theme."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.world import PASSWORD, World


class TestLogin:
    def test_signs_in_and_out(self, visit: Visit, world: World) -> None:
        world.sign_in_as(world.am, "am")
        page = visit(None, "/inbox/")
        expect(page.locator("h1")).to_have_text("登录")
        page.get_by_label("用户名").fill("am")
        page.get_by_label("密码").fill("wrong-password")
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_label("用户名")).to_have_value("am")

        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.locator("h1")).to_have_text("我的审批")

        page.locator(".ui-user").click()
        page.get_by_role("button", name="退出").click()
        page.goto("/inbox/")
        expect(page.locator("h1")).to_have_text("登录")


class TestLanguage:
    def test_switches_and_stays(self, visit: Visit, world: World) -> None:
        page = visit(world.tl, "/inbox/")
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
        page.get_by_role("button", name="Switch to English").click()
        expect(page.locator("h1")).to_have_text("My approvals")

        page.goto("/customers/")
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.get_by_role("button", name="切换到中文").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")


class TestTheme:
    def test_is_kept_from_page_to_page(self, visit: Visit, world: World) -> None:
        page = visit(world.tl, "/inbox/", color_scheme="light")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
        page.locator("summary[aria-label='外观']").click()
        page.locator("[data-theme-choice=dark]").click()
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")

        page.goto("/customers/")
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert max(int(part) for part in background[4:-1].split(",")) < 80
