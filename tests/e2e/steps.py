"""What people do on the pages, in the words of the tests."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from applications.kinds import CATEGORIES
from staff.models import Employee

Visit = Callable[..., Page]

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


def approve(visit: Visit, case_id: int, *people: Employee, opinion: str = "同意,材料齐全") -> Page:
    """Each on a page of his own; the last page is returned."""
    page = None
    for who in people:
        page = visit(who, f"/cases/{case_id}/")
        if page.get_by_role("button", name="签收", exact=True).count():
            claim(page)
        decide(page, "approve", opinion=opinion)
    assert page is not None
    return page


def fill_form(page: Page, form: str = "#document-form", **values: str | bool) -> None:
    """Type, choose or tick; ``files__0__copies`` is a cell of the list ``files``."""
    for name, value in values.items():
        field = page.locator(f"{form} [name='{name.replace('__', '-')}']")
        if isinstance(value, bool):
            field.set_checked(value)
        elif field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def add_row(page: Page, table: str) -> None:
    page.locator(f"[data-formset={table}] [data-formset-add]").click()


def save_and_view(page: Page) -> int:
    """保存并查看 of a document's form; the document's id."""
    with page.expect_navigation():
        page.get_by_role("button", name="保存并查看").click()
    expect(page.locator("#document-form")).to_have_count(0)
    return int(page.url.rstrip("/").split("/")[-1])


def ask_to_submit(page: Page) -> Locator:
    """提交审批 of the form or of the page; the dialog with the route or what stands against it."""
    page.get_by_role("button", name="提交审批").click()
    dialog = page.locator("#submission-dialog")
    expect(dialog).to_be_visible()
    return dialog


def submit(page: Page) -> None:
    dialog = ask_to_submit(page)
    with page.expect_navigation():
        dialog.get_by_role("button", name="确认提交").click()
    expect(page.locator("h1")).to_contain_text("审批中")


def refusal_of_submission(page: Page, code: str, sentence: str) -> None:
    """Asked for and refused; the dialog is closed again."""
    dialog = ask_to_submit(page)
    row = dialog.locator(".ui-findings li").filter(has_text=code)
    expect(row).to_contain_text(sentence)
    dialog.locator(".ui-dialog-foot [data-dialog-close]").click()


def perform(page: Page, dialog: str, **values: str | bool | Path) -> None:
    """Open one of the page's own dialogs, fill it and press what it is for."""
    page.locator(f"[data-dialog-open='{dialog}']").first.click()
    fill_dialog(page, dialog, **values)


def fill_dialog(page: Page, dialog: str, **values: str | bool | Path) -> None:
    typed = {name: each for name, each in values.items() if not isinstance(each, Path)}
    fill_form(page, f"#{dialog} form", **typed)
    for name, value in values.items():
        if isinstance(value, Path):
            page.set_input_files(f"#{dialog} [name='{name}']", value)
    with page.expect_navigation():
        page.locator(f"#{dialog} .ui-dialog-foot button[type=submit]").click()


def execute_transfer(page: Page, bank_ref: str, receipt: Path) -> None:
    """财务 pays it out and says with which reference of the bank."""
    perform(page, "execute-dialog", bank_ref=bank_ref, receipt=receipt)


def settle_loan(page: Page, bank_ref: str) -> None:
    """结清 from the page of the settlement figure, with the amount that it says."""
    page.locator("a[href*='treatment=SETTLE']").click()
    fill_form(page, "#repayment-form", bank_ref=bank_ref)
    with page.expect_navigation():
        page.get_by_role("button", name="登记还款").click()


def business_flow(page: Page) -> Locator:
    """The flow of business applications on the list of flows, where every kind has one."""
    name = re.compile(r"^(业务申请单审批|Business application approval)$")
    return page.locator("section").filter(has=page.get_by_role("heading", name=name))
