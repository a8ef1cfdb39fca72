"""Story 6: two browsers and the money of one contract."""

from __future__ import annotations

from decimal import Decimal

from playwright.sync_api import Page, expect

from funds.models import FundTransfer
from tests.e2e.conftest import Visit
from tests.e2e.steps import ask_to_submit, settle
from tests.e2e.world import World
from tests.funds.transfers import Desk
from workflows.models import Case

_SEND = "document.querySelector('#submission-form').requestSubmit()"


def _together(*pages: Page) -> tuple[Page, Page]:
    """确认提交 in both, neither waiting for the other; whose went through, and the other."""
    for page in pages:
        ask_to_submit(page)
    for page in pages:
        page.evaluate(f"setTimeout(() => {_SEND})")
    for page in pages:
        page.wait_for_selector("#submission-dialog", state="detached")
        settle(page)
    won = [page for page in pages if "审批中" in page.inner_text("h1")]
    lost = [page for page in pages if page.locator("[data-refusal]").count()]
    assert (len(won), len(lost)) == (1, 1)
    return won[0], lost[0]


def test_story_06_only_one_of_two_submissions_gets_through(visit: Visit, world: World) -> None:
    desk = Desk(world.lender)
    review = desk.review("400000.00")
    transfer = desk.draft(review, principal=Decimal("150000.00"))

    # The same transfer twice.
    address = f"/fund-transfers/{transfer.pk}/"
    _won, lost = _together(visit(world.brm, address), visit(world.brm, address))
    expect(lost.locator("[data-refusal]")).to_contain_text("WF-")
    assert Case.objects.filter(document=transfer.document_ptr).count() == 1

    # Two transfers of what is left.
    pair = [desk.draft(review, principal=Decimal("250000.00")) for _each in range(2)]
    _won, lost = _together(*(visit(world.brm, f"/fund-transfers/{each.pk}/") for each in pair))
    refusal = lost.locator("[data-refusal='FTR-03']")
    expect(refusal).to_contain_text(
        "本次放款 250,000.00 元超过未划拨金额 0.00 元(批准 400,000.00,已划拨及在途 400,000.00)。"
    )
    claimed = sum(each.claimed for each in FundTransfer.objects.all())
    assert claimed == Decimal("400000.00")
