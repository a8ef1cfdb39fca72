"""Story 1: 300,000 without security, from the request to the certificate of settlement."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import expect

from applications.models import BusinessApplication
from contracts.models import ContractReview
from documents.models import Document
from funds.models import Loan
from tests.e2e.conftest import Visit
from tests.e2e.steps import (
    add_row,
    approve,
    ask_to_submit,
    claim,
    decide,
    execute_transfer,
    fill_form,
    make_paper,
    refusal_of_submission,
    save_and_view,
    settle_loan,
    submit,
    upload,
    upload_required,
)
from tests.e2e.stories.conftest import Clock
from tests.e2e.world import World
from workflows.models import Case


def test_story_01_unsecured_request_until_it_is_settled(
    visit: Visit, world: World, clock: Clock, tmp_path: Path
) -> None:
    paper = make_paper(tmp_path, "材料.pdf")
    application = _ask(visit, world, paper)
    _approve_with_condition(visit, world, application)
    review = _sign(visit, world, application, paper)
    _pay_out(visit, world, review, "150,000", paper)
    _pay_out_the_rest(visit, world, review, paper)
    _supervise(visit, world, clock, application, paper)
    _settle(visit, world, clock, application)
    _complete(visit, world, application)


def _ask(visit: Visit, world: World, paper: Path) -> BusinessApplication:
    """AM: saved with part of it as the manual allows, completed, submitted one band up."""
    am = visit(world.am, f"/opportunities/{world.opportunity.pk}/")
    am.locator("#applications .ui-panel-actions").get_by_role("link").click()
    fill_form(am, "form", repay_source="销售回款", lines__0__annual_rate="12")
    am.get_by_role("button", name="保存", exact=True).click()
    expect(am.locator("#messages, #toasts").get_by_text("已保存")).to_be_visible()
    expect(am.locator("[name=repay_source]")).to_have_value("销售回款")
    expect(am.locator("[name=lines-0-amount]")).to_have_value("300,000.00")

    am.select_option("[name=purpose]", "WORKING_CAPITAL")
    am.fill("[name=purpose_note]", "采购钢材")
    am.check("[name=guarantee][value=CREDIT]")
    preview = am.locator("#application-preview")
    expect(preview).to_contain_text("无担保")
    expect(preview).to_contain_text("由总部风控终审")
    am.get_by_role("button", name="保存并查看").click()
    upload_required(am, paper)
    steps = ask_to_submit(am).locator(".ui-steps li:not(.is-skipped)")
    for step, who in zip(steps.all(), ("赵主管", "钱风控", "孙总", "吴总风控"), strict=True):
        expect(step).to_contain_text(who)
    am.locator("#submission-dialog").get_by_role("button", name="确认提交").click()
    expect(am.locator("h1")).to_contain_text("审批中")
    return BusinessApplication.objects.get()


def _approve_with_condition(visit: Visit, world: World, application: BusinessApplication) -> None:
    """TL → BRM → BGM → HRM, who lowers the amount and asks for the spouse's signature."""
    case = Case.objects.get(document=application.document_ptr)
    approve(visit, case.pk, world.tl, world.brm, world.bgm)
    hrm = visit(world.hrm, f"/cases/{case.pk}/")
    claim(hrm)
    decide(
        hrm,
        "approve_with_conditions",
        conditions="配偶签字",
        opinion="同意,金额下调",
        term_approved_amount="250,000",
    )

    am = visit(world.am, f"/applications/{application.pk}/")
    expect(am.locator("h1")).to_contain_text("已批待签")
    expect(am.locator("main")).to_contain_text("250,000.00")
    expect(am.locator("main")).to_contain_text("配偶签字")
    application.refresh_from_db()
    assert application.approved_amount == Decimal("250000.00")
    printed = am.context.request.get(f"/applications/{application.pk}/print/")
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.body().startswith(b"%PDF-")


def _sign(
    visit: Visit, world: World, application: BusinessApplication, paper: Path
) -> ContractReview:
    """合同手续审核 refuses until the condition is ticked."""
    am = visit(world.am, f"/contract-reviews/new/{application.pk}/")
    fill_form(
        am,
        contract_no="HT-2026-0001",
        contract_name="借款合同",
        signed_on=world.now.date().isoformat(),
        start_date=world.now.date().isoformat(),
        payee_name=application.customer.name,
        payee_bank="中国银行沈阳分行",
        payee_account="2100500012345678",
        first_verifier=str(world.am.pk),
        second_verifier=str(world.people.colleague.pk),
    )
    am.get_by_role("button", name="保存", exact=True).click()
    expect(am.locator("[name=conditions-0-condition]")).to_have_value("配偶签字")
    for tick in am.locator("[name^=formalities-][name$=-is_complete]").all():
        tick.check()
    pk = save_and_view(am)
    upload(am, "CONTRACT", paper)
    upload(am, "COST_NOTICE", paper)
    upload(am, "SIGNING", paper)
    refusal_of_submission(am, "CTR-06", "以下批准条件未落实:配偶签字。")

    am.get_by_role("link", name="编辑").click()
    am.check("[name=conditions-0-is_met]")
    save_and_view(am)
    submit(am)
    review = ContractReview.objects.get(pk=pk)
    approve(visit, review.case_id, world.brm, world.hrm)
    am.reload()
    expect(am.locator("h1")).to_contain_text("已通过")
    return review


def _pay_out(visit: Visit, world: World, review: ContractReview, amount: str, paper: Path) -> None:
    brm = visit(world.brm, f"/fund-transfers/new/{review.pk}/")
    fill_form(brm, principal=amount)
    transfer = Document.objects.get(pk=save_and_view(brm))
    submit(brm)
    _decide_and_execute(visit, world, transfer, paper)


def _pay_out_the_rest(visit: Visit, world: World, review: ContractReview, paper: Path) -> None:
    """The third transfer is a draft already when the second one takes what is left."""
    third = visit(world.brm, f"/fund-transfers/new/{review.pk}/")
    fill_form(third, principal="0.01")
    save_and_view(third)
    brm = visit(world.brm, f"/fund-transfers/new/{review.pk}/")
    expect(brm.locator("[name=principal]")).to_have_value("100,000.00")
    transfer = Document.objects.get(pk=save_and_view(brm))
    submit(brm)

    refusal_of_submission(
        third,
        "FTR-03",
        "本次放款 0.01 元超过未划拨金额 0.00 元(批准 250,000.00,已划拨及在途 250,000.00)。",
    )
    _decide_and_execute(visit, world, transfer, paper)
    brm.goto("/fund-transfers/new/")
    expect(brm.locator("#candidates [data-row]")).to_have_count(0)


def _decide_and_execute(visit: Visit, world: World, transfer: Document, paper: Path) -> None:
    transfer.refresh_from_db()
    approve(visit, transfer.case_id, world.bgm, world.hrm, world.fin)
    cashier = visit(world.cashier, f"/fund-transfers/{transfer.pk}/")
    execute_transfer(cashier, f"BANK{transfer.pk:08d}", paper)
    expect(cashier.locator("h1")).to_contain_text("已划拨")
    expect(cashier.locator("#execution")).to_contain_text("冯出纳")


def _supervise(
    visit: Visit, world: World, clock: Clock, application: BusinessApplication, paper: Path
) -> None:
    """贷后监管 of the first transfer; its reports fall due every fifteen days."""
    am = visit(world.am, "/supervisions/new/")
    am.locator("#candidates [data-row]").last.click()
    fill_form(am, use_check="YES", measures="每月核对账户流水", colour="GREEN")
    add_row(am, "fund_flow")
    fill_form(
        am,
        fund_flow__0__payee="鞍钢贸易",
        fund_flow__0__amount="150,000",
        fund_flow__0__use="采购钢材",
        fund_flow__0__proof="采购合同",
    )
    save_and_view(am)
    upload(am, "PURPOSE", paper)
    submit(am)
    plan = am.locator("#report-plan tbody tr")
    for number in (1, 2, 3):
        due = clock.today + timedelta(days=15 * number)
        expect(plan.nth(number - 1)).to_contain_text(due.isoformat())
    supervision = Document.objects.get(kind="post_loan_supervision")
    world.pass_on(supervision)


def _settle(visit: Visit, world: World, clock: Clock, application: BusinessApplication) -> None:
    """A month later everything is paid back; finance books it."""
    clock.on(31)
    for loan in Loan.objects.filter(application=application):
        fin = visit(world.fin, f"/loans/{loan.pk}/settlement/")
        settle_loan(fin, f"IN{loan.pk:08d}")
        expect(fin.locator("h1")).to_contain_text("结清")


def _complete(visit: Visit, world: World, application: BusinessApplication) -> None:
    """客户完结, and the certificate that the borrower gets."""
    am = visit(world.am, f"/customer-completions/new/{application.customer_id}/")
    fill_form(am, archive_no="DA-2026-001", way="EARLY")
    add_row(am, "materials")
    fill_form(am, materials__0__material="借款合同", materials__0__receiver="张三")
    pk = save_and_view(am)
    submit(am)
    completion = Document.objects.get(pk=pk)
    approve(visit, completion.case_id, world.tl, world.brm, world.fin, world.bgm)

    am.reload()
    expect(am.locator("h1")).to_contain_text("已通过")
    certificate = am.locator("a[href$='/settlement-certificate/']").get_attribute("href")
    printed = am.context.request.get(certificate or "")
    assert printed.body().startswith(b"%PDF-")
    am.goto(f"/customers/{application.customer_id}/")
    expect(am.locator("main")).to_contain_text("已完结")
    am.goto(f"/applications/{application.pk}/")
    expect(am.locator("h1")).to_contain_text("已完结")
