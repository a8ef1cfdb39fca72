"""What people do on the pages, in the words of the tests."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from applications.kinds import CATEGORIES

_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
_NOT_NEEDED = ("COLLATERAL", "OTHER")  # of an unsecured request


def make_paper(folder: Path, name: str) -> Path:
    file = folder / name
    file.write_bytes(_PDF)
    return file


def upload(page: Page, category: str, paper: Path) -> None:
    """Hand one file in with the form below the list of attachments."""
    page.select_option("#upload-category", category)
    page.set_input_files("#upload-file", paper)
    page.locator("form[data-upload] button[type=submit]").click()
    # The panel comes back whole, so its form is empty again.
    expect(page.locator("#upload-file")).to_have_value("")
    expect(page.get_by_text(paper.name).first).to_be_visible()


def upload_required(page: Page, paper: Path) -> None:
    for category in CATEGORIES:
        if category.code not in _NOT_NEEDED:
            upload(page, category.code, paper)
            row = page.locator(f"[data-drop='{category.code}']")
            expect(row.get_by_text(paper.name)).to_be_visible()


def decide(page: Page, act: str, **fields: str) -> None:
    """Press the act's button, fill its dialog, confirm; the page that follows is loaded."""
    fill_act(page, act, **fields)
    with page.expect_navigation():
        page.locator(f"button[form='form-{act}']").click()


def fill_act(page: Page, act: str, **fields: str) -> None:
    page.locator(f"[data-dialog-open='act-{act}']").click()
    for name, value in fields.items():
        page.fill(f"#form-{act} [name={name}]", value)


def claim(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="签收", exact=True).click()


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def settle(page: Page) -> None:
    """Until nothing is on its way any more (panels load themselves)."""
    page.wait_for_load_state("load")
    page.evaluate("pageChecks.calm()")
