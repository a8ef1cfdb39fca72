"""Story 9: twelve percent flat with a fee costs more than the cap allows."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from applications.models import Product
from tests.e2e.conftest import Visit
from tests.e2e.steps import add_row, ask_to_submit, fill_form, save_and_view
from tests.e2e.world import World


def test_story_09_all_in_cost_above_the_cap(visit: Visit, world: World) -> None:
    Product.objects.update(methods=["FLAT"])
    draft = world.draft()
    am = visit(world.am, f"/applications/{draft.pk}/edit/")
    fill_form(
        am, "form", lines__0__term_months="18", lines__0__annual_rate="12", lines__0__method="FLAT"
    )
    add_row(am, "fees")
    fill_form(
        am,
        "form",
        fees__0__kind="SERVICE",
        fees__0__basis="RATE",
        fees__0__rate="3",
        fees__0__timing="UPFRONT",
    )
    shown = am.locator("#application-preview")
    expect(shown).to_contain_text("24.00%")
    save_and_view(am)
    refusal = ask_to_submit(am).locator(".ui-findings li").filter(has_text="BUS-05")
    expect(refusal).to_contain_text(
        re.compile(r"综合年化成本 \d\d\.\d+% 超过上限 24\.00%,不能提交。")
    )
    draft.refresh_from_db()
    assert draft.all_in_rate is not None
    assert draft.all_in_rate > 24
    expect(refusal).to_contain_text(f"{draft.all_in_rate}"[:5])
    assert draft.wf_status == "DRAFT"
