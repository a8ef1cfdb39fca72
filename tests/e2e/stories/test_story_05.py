"""Story 5: how long a loan of six months may be extended, and until when."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from funds.models import Loan
from postloan.models import ExtensionRequest
from tests.e2e.conftest import Visit
from tests.e2e.steps import (
    approve,
    fill_form,
    make_paper,
    refusal_of_submission,
    save_and_view,
    submit,
    upload,
)
from tests.e2e.stories.conftest import Clock
from tests.e2e.world import World
from tests.funds.factories import Ledger


def test_story_05_extension_of_a_loan_of_six_months(
    visit: Visit, world: World, clock: Clock, tmp_path: Path
) -> None:
    paper = make_paper(tmp_path, "担保人同意书.pdf")
    loan = Ledger(world.lender).loan("500000.00", term_months=6)
    first_due = loan.due_date
    clock.on(10)

    am = visit(world.am, f"/extension-requests/new/{loan.pk}/")
    first = _extend(am, months="4")
    refusal_of_submission(am, "EXT-09", "缺少担保人同意展期的书面证明。")
    upload(am, "GUARANTOR_CONSENT", paper)
    submit(am)
    first.refresh_from_db()
    world.approve(first.case, world.tl, world.brm, world.bgm)
    approve(visit, first.case_id, world.hrm)
    am.goto(f"/loans/{loan.pk}/")
    loan = Loan.objects.get(pk=loan.pk)
    assert loan.due_date == first.new_due > first_due
    expect(am.locator("main")).to_contain_text(loan.due_date.isoformat())

    am.goto(f"/extension-requests/new/{loan.pk}/")
    _extend(am, months="3")
    upload(am, "GUARANTOR_CONSENT", paper)
    refusal_of_submission(am, "EXT-04", "累计展期 7 个月超过上限")

    draft = am.url
    clock.to(loan.due_date + timedelta(days=1))
    am = visit(world.am, draft)
    refusal_of_submission(
        am,
        "EXT-03",
        f"展期须在到期日 {loan.due_date.isoformat()} 之前提交;已到期请选择“逾期”。",
    )


def _extend(page: Page, *, months: str) -> ExtensionRequest:
    fill_form(
        page,
        ext_type="EXTENSION",
        months=months,
        rate="18",
        reason="销售回款推迟",
        plan="按月付息,到期还本",
    )
    return ExtensionRequest.objects.get(pk=save_and_view(page))
