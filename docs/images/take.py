"""Take the pictures of the documentation anew, from a running product with its demo data.

    make run                                      # in one terminal
    .venv/bin/python docs/images/take.py          # in another; an address may be given,
                                                  # and behind it the names of some pictures

Needs Chromium (``CHROMIUM`` names another path). Nothing of the data is changed, except that a
draft of a flow is begun and thrown away again.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

HERE = Path(__file__).parent
ADDRESS = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
WANTED = sys.argv[2:]
PASSWORD = "demo-lending"  # noqa: S105 - of the demo data, in the README too
LANGUAGES = {"zh": "zh-hans", "en": "en"}
FULL_HD = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass(frozen=True)
class Picture:
    """One page: who looks, where he starts, what he does before the shutter."""

    name: str
    login: str
    path: str
    act: Callable[[Page], None] = lambda page: None
    size: tuple[tuple[str, int], ...] = tuple(FULL_HD.items())
    #: whether the picture begins a draft of a flow, which is thrown away again
    drafts: bool = False


def first_case(page: Page) -> None:
    page.locator("[data-row]").first.click()
    page.wait_for_selector(".ui-case")


def diagram(page: Page) -> None:
    first_case(page)
    page.locator("#tab-diagram").click()
    page.wait_for_selector("[data-drawn=yes]")


def first_draft(page: Page) -> None:
    row = page.locator("tbody tr").filter(has_text=re.compile("草稿|Draft")).first
    row.locator("a").first.click()
    page.locator("a[href$='/edit/']").first.click()
    page.wait_for_selector("#application-preview .doc-figures")
    page.locator("#application-preview").scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, document.querySelector('#guarantee').offsetTop - 60)")


def business_flow(page: Page) -> Locator:
    """The panel of the route of business applications, among those of all kinds."""
    name = re.compile("^(业务申请单审批|Business application approval)$")
    return page.locator(".ui-panel").filter(has=page.get_by_role("heading", name=name)).first


def flow_draft(page: Page) -> None:
    business_flow(page).locator("form[action$='/draft/'] button, a[href$='/edit/']").first.click()
    page.locator("[data-row]").nth(3).click()
    page.wait_for_selector("li[aria-current=true] >> text=/总部风控|Head-office/")
    page.evaluate("scrollTo(0, 0)")


def drawn_draft(page: Page) -> None:
    """A stage more, with nobody in it: the finding stands on the drawing."""
    business_flow(page).locator("form[action$='/draft/'] button, a[href$='/edit/']").first.click()
    page.locator("a[href$='/designer/']").first.click()
    page.wait_for_selector("[data-designer][data-drawn=yes]")
    page.locator("[data-designer-select=branch_manager]").click()
    page.wait_for_selector("[data-element=branch_manager]")
    page.locator("[data-designer-append='bpmn:UserTask']").click()
    page.wait_for_selector(".ui-designer-badge")
    page.wait_for_timeout(1000)


def compared_draft(page: Page) -> None:
    drawn_draft(page)
    page.locator("[data-designer-act=save]").click()
    page.wait_for_selector(".ui-toast")
    page.locator("a[href*='/flows/compare/']").first.click()
    page.wait_for_selector("#before [data-drawn=yes]")
    page.wait_for_selector("#after [data-drawn=yes]")


def discard_draft(page: Page) -> None:
    page.goto("/flows/")
    page.locator("a[href$='/edit/']").first.click()
    page.locator("form[action$='/discard/'] button").click()
    page.locator("[data-confirm-ok]").click()
    page.wait_for_url("**/flows/")


PICTURES = (
    Picture("inbox", "bgm", "/inbox/", first_case),
    Picture("diagram", "hrm", "/inbox/", diagram),
    Picture("workbench", "am", "/"),
    Picture("application", "am", "/applications/", first_draft),
    Picture("flow", "adm", "/flows/", flow_draft, drafts=True),
    Picture("designer", "adm", "/flows/", drawn_draft, drafts=True),
    Picture("compare", "adm", "/flows/", compared_draft, drafts=True),
    Picture("phone", "brm", "/inbox/", first_case, tuple(PHONE.items())),
)


def sign_in(browser: Browser, picture: Picture, language: str) -> Page:
    size = dict(picture.size)
    context = browser.new_context(
        base_url=ADDRESS,
        viewport={"width": size["width"], "height": size["height"]},
        device_scale_factor=2 if size["width"] < 600 else 1,
        color_scheme="light",
        locale="zh-CN" if language == "zh-hans" else "en-GB",
        timezone_id="Asia/Shanghai",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.on("dialog", lambda asked: asked.accept())
    page.goto("/accounts/login/")
    page.fill("[name=login]", picture.login)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".ui-user")
    switch = page.locator(f"button[name=language][value={language}]")
    if switch.count():
        switch.click()
        page.wait_for_selector(f"button[name=language]:not([value={language}])")
    return page


def take(browser: Browser, picture: Picture, name: str, language: str) -> None:
    page = sign_in(browser, picture, language)
    page.goto(picture.path)
    picture.act(page)
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)
    shot = Image.open(BytesIO(page.screenshot()))
    shot.convert("RGB").save(HERE / name, optimize=True)
    if picture.drafts:
        discard_draft(page)
    page.context.close()


def main() -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        for picture in PICTURES:
            if WANTED and picture.name not in WANTED:
                continue
            for suffix, language in LANGUAGES.items():
                take(browser, picture, f"{picture.name}.{suffix}.png", language)
        browser.close()


if __name__ == "__main__":
    main()
