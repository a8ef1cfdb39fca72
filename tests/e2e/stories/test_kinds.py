"""One document of every kind that no story files, from the account manager to its end.

The stories take the others: application, contract review, transfer and its execution,
supervision, completion (1), committee session and reconsideration (2), supplement (3),
extension (5), work handover (7), bad-customer handover (8).
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from customers.models import Customer
from documents.models import Document
from funds.models import Loan
from staff.models import Employee
from tests.customers.factories import make_channel
from tests.e2e.conftest import Visit
from tests.e2e.steps import (
    add_row,
    approve,
    fill_form,
    make_paper,
    open_tab,
    perform,
    save_and_view,
    submit,
    upload,
)
from tests.e2e.stories.conftest import Clock
from tests.e2e.world import World
from tests.funds.factories import Ledger
from tests.funds.payments import Cashier
from tests.postloan.closing import count, overdue_day
from tests.postloan.supervision import Watch


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    return make_paper(tmp_path, "材料.pdf")


@pytest.fixture
def loan(world: World) -> Loan:
    return Ledger(world.lender).loan("500000.00")


def _decided(visit: Visit, world: World, filed: Page, *, last: Employee) -> Document:
    """提交审批 on the document's page; the others agree, the last one on a page of his own."""
    submit(filed)
    document = Document.objects.get(pk=int(filed.url.split("?")[0].rstrip("/").split("/")[-1]))
    world.pass_on(document, before=last)
    approve(visit, document.case_id, last)
    filed.reload()
    return document


def test_overdue_request(visit: Visit, world: World, clock: Clock, loan: Loan, paper: Path) -> None:
    clock.to(overdue_day(loan, 10))
    count(clock.today)
    am = visit(world.am, f"/extension-requests/new/{loan.pk}/")
    fill_form(
        am,
        ext_type="OVERDUE",
        overdue_kind="SHORT_OF_CASH",
        reason="销售回款推迟",
        plan="每周上门一次",
    )
    add_row(am, "collection_log")
    fill_form(
        am,
        collection_log__0__collected_on=clock.today.isoformat(),
        collection_log__0__collected_at="10:30",
        collection_log__0__way="PHONE",
        collection_log__0__spoken_to="张三",
        collection_log__0__result="承诺月底还款",
    )
    save_and_view(am)
    upload(am, "COLLECTION_PROOF", paper)
    _decided(visit, world, am, last=world.bgm)
    expect(am.locator("h1")).to_contain_text("已通过")


def test_intermediary_business(visit: Visit, world: World) -> None:
    funder = make_channel(world.am, world.now)
    am = visit(world.am, f"/intermediary-applications/new/{world.opportunity.pk}/")
    fill_form(
        am,
        funder=str(funder.pk),
        signed_on=world.now.date().isoformat(),
        contract_no="ZJ-2026-018",
        signer="王强",
        sign_amount="1,000,000",
        term_months="12",
        funder_rate="5.6",
        fee_rate="1.5",
    )
    open_tab(am, "代收代缴费用单")
    add_row(am, "sheet")
    fill_form(am, sheet__0__item="APPRAISAL", sheet__0__payee="中评资产评估", sheet__0__due="3000")
    add_row(am, "lines")
    fill_form(
        am,
        lines__0__product="抵押经营贷",
        lines__0__amount="1,000,000",
        lines__0__term_months="12",
        lines__0__annual_rate="5.6",
        lines__0__method="INTEREST_FIRST",
    )
    save_and_view(am)
    document = _decided(visit, world, am, last=world.fin)
    expect(am.locator("h1")).to_contain_text("已通过")
    expect(am.locator("main")).to_contain_text("15,000.00")

    address = f"/intermediary-applications/{document.pk}/"
    fin = visit(world.fin, address)
    perform(fin, "booking-dialog", kind="RECEIPT", amount="3000")
    perform(fin, "booking-dialog", kind="PAYMENT", amount="3000", voucher="PJ-001")
    am.reload()
    perform(am, "funding-dialog")
    expect(am.locator("h1")).to_contain_text("已放款(资金方)")
    fin.reload()
    perform(fin, "fee-dialog")
    expect(fin.locator("h1")).to_contain_text("已收费")
    perform(fin, "settlement-dialog")
    expect(fin.locator("h1")).to_contain_text("已结清")


def test_interest_waiver(visit: Visit, world: World, clock: Clock, loan: Loan) -> None:
    clock.on(31)
    am = visit(world.am, f"/interest-reliefs/new/{loan.pk}/")
    fill_form(
        am,
        relief_type="WAIVER",
        reason="NEGOTIATED",
        from_date=world.now.date().isoformat(),
        to_date=clock.today.isoformat(),
        amount="1000",
    )
    save_and_view(am)
    _decided(visit, world, am, last=world.fin)
    am.goto(f"/loans/{loan.pk}/")
    expect(am.locator("main")).to_contain_text("减免")


def test_interest_refund_and_its_payment(
    visit: Visit, world: World, clock: Clock, loan: Loan, paper: Path
) -> None:
    ledger = Ledger(world.lender)
    first_due = ledger.start + timedelta(days=31)
    ledger.repay(loan, "7750.00", first_due)
    clock.to(first_due)
    am = visit(world.am, f"/interest-reliefs/new/{loan.pk}/")
    fill_form(
        am,
        relief_type="REFUND",
        reason="GOODWILL",
        from_date=world.now.date().isoformat(),
        to_date=clock.today.isoformat(),
        amount="500",
        payee_name=loan.customer.name,
        payee_bank="中国银行沈阳分行",
        payee_account="2100500012345678",
    )
    save_and_view(am)
    document = _decided(visit, world, am, last=world.fin)
    cashier = visit(world.cashier, f"/interest-reliefs/{document.pk}/")
    perform(cashier, "payment-dialog", bank_ref="TX00000001", receipt=paper)
    expect(cashier.locator("#payment")).to_contain_text("冯出纳")
    expect(cashier.locator("h1")).to_contain_text("已退")


def test_rebate_and_its_payment(visit: Visit, world: World, paper: Path) -> None:
    business = Cashier(world.lender).business()
    am = visit(world.am, f"/rebates/new/{business.pk}/")
    expect(am.locator("[name=amount]")).to_have_value("6,000.00")
    save_and_view(am)
    upload(am, "REBATE_INVOICE", paper)
    upload(am, "REBATE_AGREEMENT", paper)
    document = _decided(visit, world, am, last=world.fin)
    cashier = visit(world.cashier, f"/rebates/{document.pk}/")
    perform(cashier, "payment-dialog", bank_ref="FD00000001", receipt=paper)
    expect(cashier.locator("#payment")).to_contain_text("冯出纳")
    expect(cashier.locator("h1")).to_contain_text("已付款")


def test_supervision_report(visit: Visit, world: World, clock: Clock, paper: Path) -> None:
    supervision = Watch(world.lender).approved()
    clock.on(15)
    am = visit(world.am, f"/supervision-reports/new/{supervision.pk}/")
    fill_form(
        am,
        inspected_on=clock.today.isoformat(),
        way="ON_SITE",
        operations="经营正常",
        finances="流水正常",
        use_of_funds="用于采购",
        security="抵押物完好",
        colour="GREEN",
    )
    am.check("[name=signs][value=NONE]")
    save_and_view(am)
    upload(am, "SITE_PHOTO", paper)
    document = _decided(visit, world, am, last=world.brm)
    expect(am.locator("h1")).to_contain_text("已通过")
    am.goto(f"/supervisions/{supervision.pk}/")
    expect(am.locator("#report-plan tbody tr").first).to_contain_text(document.doc_no)


def test_tier_change(visit: Visit, world: World, loan: Loan) -> None:
    am = visit(world.am, f"/tier-changes/new/{loan.customer_id}/")
    fill_form(am, to_tier="DIAMOND", reason="战略客户,预计明年业务量翻倍")
    save_and_view(am)
    _decided(visit, world, am, last=world.hrm)
    am.goto(f"/customers/{loan.customer_id}/")
    expect(am.locator("main")).to_contain_text("钻")
    assert Customer.objects.get(pk=loan.customer_id).borrower_tier == "DIAMOND"


def test_issue_until_the_reporter_agrees(visit: Visit, world: World) -> None:
    colleague = world.people.colleague
    am = visit(world.am, "/issues/new/0/")
    fill_form(
        am,
        issue_kind="COMPLAINT",
        reporter="张三",
        reported_on=world.now.date().isoformat(),
        description="客户投诉放款延迟三天",
        owner=str(colleague.pk),
    )
    pk = save_and_view(am)
    submit(am)
    owner = visit(colleague, f"/issues/{pk}/")
    perform(owner, "answer-dialog", **{"answer-text": "已联系财务当天放款"})
    am.reload()
    perform(am, "confirm-dialog", **{"confirm-text": "报告人电话确认认可"})
    expect(am.locator("h1")).to_contain_text("已关闭")
