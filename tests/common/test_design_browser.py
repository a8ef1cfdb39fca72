"""What the scripts of the design system do, seen in a real browser on /design/."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server without a database: the page needs none, and no table has to be emptied."""
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://{server.host}:{server.port}/design/"
    server.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        shown = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield shown
        shown.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(locale="en-US", viewport={"width": 1280, "height": 800})
    shown = context.new_page()
    faults: list[str] = []
    shown.on("pageerror", lambda error: faults.append(str(error)))
    shown.on("console", lambda said: faults.append(said.text) if "Policy" in said.text else None)
    shown.goto(address)
    shown.evaluate("document.activeElement.blur()")
    yield shown
    assert faults == []
    context.close()


class TestForms:
    def test_sends_once_whatever_is_clicked(self, page: Page) -> None:
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.method))
        button = "document.querySelector('#acts button[value=saved]')"

        page.evaluate(f"{button}.click(); {button}.click(); {button}.click()")
        page.wait_for_selector(".ui-toast")

        assert sent.count("POST") == 1
        page.wait_for_selector("#live:text-is('Saved.')", state="attached")

    def test_shows_a_refusal_and_keeps_the_form(self, page: Page) -> None:
        page.click("button[value=refusal]")
        page.wait_for_selector("#acts form [data-refusal='WF-12']")

        assert page.is_visible("button[value=refusal]")
        assert page.evaluate("document.activeElement.dataset.refusal") == "WF-12"

    def test_asks_before_it_removes(self, page: Page) -> None:
        page.click("#acts >> text=Remove")
        page.keyboard.press("Escape")
        assert page.locator(".ui-toast").count() == 0

        page.click("#acts >> text=Remove")
        page.click("[data-confirm-ok]")

        page.wait_for_selector(".ui-toast")

    def test_says_why_a_button_is_disabled(self, page: Page) -> None:
        page.click("[aria-disabled='true'] >> nth=0", force=True)

        assert "under approval" in page.inner_text("#toasts")

    def test_puts_back_what_was_not_saved(self, page: Page) -> None:
        page.fill("#sample [name=customer]", "恒信")
        page.click("[data-formset-add]")
        page.fill("[name=line-2-amount]", "1200")
        page.once("dialog", lambda question: question.accept())
        page.reload()

        assert page.input_value("#sample [name=customer]") == "恒信"
        assert page.input_value("[name=line-2-amount]") == "1200"
        assert page.locator("#sample >> text=Unsaved input").count() == 1


class TestFormset:
    def test_adds_and_removes_rows(self, page: Page) -> None:
        page.click("[data-formset-add]")
        page.click("[data-formset-remove] >> nth=0")

        assert page.input_value("[name=line-TOTAL_FORMS]") == "3"
        assert page.is_checked("[name=line-0-DELETE]")
        assert page.locator("[data-formset-row]:visible").count() == 2

    def test_stops_at_its_limit(self, page: Page) -> None:
        for _row in range(9):
            page.click("[data-formset-add]")

        assert page.input_value("[name=line-TOTAL_FORMS]") == "10"
        assert "No more rows" in page.inner_text("#toasts")


class TestKeyboard:
    def test_focuses_the_reason_of_a_dialog(self, page: Page) -> None:
        page.keyboard.press("o")

        assert page.evaluate("document.activeElement.id") == "sample-reason"

    def test_rests_while_somebody_types(self, page: Page) -> None:
        page.focus("#sample [name=customer]")
        page.keyboard.type("o?")

        assert page.locator("dialog[open]").count() == 0

    @pytest.mark.parametrize("how", ["isComposing: true", "keyCode: 229"])
    def test_rests_while_an_input_method_composes(self, page: Page, how: str) -> None:
        page.evaluate(
            "document.body.dispatchEvent(new KeyboardEvent("
            f"'keydown', {{key: 'o', bubbles: true, {how}}}))"
        )

        assert page.locator("dialog[open]").count() == 0

    def test_lists_the_keys_of_the_page(self, page: Page) -> None:
        page.keyboard.press("?")

        help_text = page.inner_text("#keyboard-help")
        assert "Approve with conditions" in help_text
        assert "Next and previous row" in help_text

    def test_walks_a_list(self, page: Page) -> None:
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")

        assert page.evaluate("document.activeElement.textContent") == "YW-JN-20261120-003"

    def test_moves_between_tabs_with_the_arrows(self, page: Page) -> None:
        page.focus("#tab-history")
        page.keyboard.press("ArrowRight")

        assert page.is_visible("#panel-route")
        assert not page.is_visible("#panel-history")


class TestTheme:
    def test_follows_the_device_until_one_is_chosen(self, page: Page) -> None:
        page.emulate_media(color_scheme="dark")
        assert page.get_attribute("html", "data-bs-theme") == "dark"

        page.click("[data-menu] > summary >> nth=0")
        page.click("[data-theme-choice=light]")
        page.reload()

        assert page.get_attribute("html", "data-bs-theme") == "light"


class TestPhone:
    def test_is_not_wider_than_the_screen(self, page: Page) -> None:
        page.set_viewport_size({"width": 390, "height": 844})

        assert page.evaluate("document.documentElement.scrollWidth") == 390

    def test_gives_each_cell_its_heading(self, page: Page) -> None:
        cell = page.locator("#tables tbody tr >> nth=0").locator("td >> nth=0")

        assert cell.get_attribute("data-label") == "Customer"
        assert cell.get_attribute("role") == "cell"

    def test_opens_the_menu_as_a_drawer(self, page: Page) -> None:
        page.set_viewport_size({"width": 390, "height": 844})
        page.click("[data-drawer-open]")
        assert page.is_visible("#sidebar")

        page.keyboard.press("Escape")

        page.wait_for_selector("#sidebar", state="hidden")
        assert page.evaluate("document.activeElement.hasAttribute('data-drawer-open')")


class TestFilterBar:
    def test_stands_whole_on_a_wide_screen(self, page: Page) -> None:
        assert page.locator(".ui-filter select").first.is_visible()
        assert not page.locator(".ui-filter-toggle summary").first.is_visible()

    def test_unfolds_by_key_on_a_phone(self, page: Page) -> None:
        page.set_viewport_size({"width": 390, "height": 844})
        choice = page.locator(".ui-filter select").first
        assert page.locator(".ui-filter input[type=search]").first.is_visible()
        assert not choice.is_visible()

        page.locator(".ui-filter input[type=search]").first.focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")

        assert choice.is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
