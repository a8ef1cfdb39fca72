"""Story 8: ninety-one days overdue, handed to asset recovery."""

from __future__ import annotations

from playwright.sync_api import expect

from customers.models import Customer
from postloan.models import BadCustomerHandover
from tests.e2e.conftest import Visit
from tests.e2e.steps import add_row, approve, fill_form, save_and_view, submit
from tests.e2e.stories.conftest import Clock
from tests.e2e.world import World
from tests.funds.factories import Ledger
from tests.postloan.closing import count, overdue_day


def test_story_08_bad_customer_goes_to_asset_recovery(
    visit: Visit, world: World, clock: Clock
) -> None:
    loan = Ledger(world.lender).loan("500000.00")
    opportunity = world.lender.opportunity
    clock.to(overdue_day(loan, 91))
    count(clock.today)

    am = visit(world.am, f"/loans/{loan.pk}/")
    expect(am.locator("main")).to_contain_text("次级")
    am.goto(f"/opportunities/{opportunity.pk}/applications/new/")
    expect(am.locator("main")).to_contain_text("不能申请新业务")

    am.goto("/bad-customers/")
    am.locator("tbody [data-row]").click()
    expect(am.locator("main")).to_contain_text("系统")
    am.get_by_role("link", name="编辑").click()
    ard, witness = str(world.people.ard.pk), str(world.brm.pk)
    fill_form(am, receiver=ard, witness=witness, cause="经营恶化", security_state="房产在押")
    for copies in am.locator("[name^=files-][name$=-copies]:visible").all():
        copies.fill("1")
    add_row(am, "collection_log")
    fill_form(
        am,
        collection_log__0__collected_on=clock.today.isoformat(),
        collection_log__0__collected_at="10:30",
        collection_log__0__way="VISIT",
        collection_log__0__result="已停产",
    )
    handover = BadCustomerHandover.objects.get(pk=save_and_view(am))
    submit(am)
    handover.refresh_from_db()
    world.approve(handover.case, world.tl, world.brm, world.bgm, world.hrm)
    assert Customer.objects.get(pk=loan.customer_id).owner == world.am

    officer = approve(visit, handover.case_id, world.people.ard, opinion="材料齐全,同意接收")
    officer.goto(f"/customers/{loan.customer_id}/")
    expect(officer.locator("h1")).to_contain_text("不良")
    expect(officer.locator("main")).to_contain_text("褚保全")
    officer.goto(f"/bad-customers/{handover.pk}/")
    expect(officer.locator("#history")).to_contain_text("王客户")
    am.goto(f"/customers/{loan.customer_id}/opportunities/new/")
    expect(am.locator("main")).to_contain_text("只有该客户的客户经理可以修改其信息。")
