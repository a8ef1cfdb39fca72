"""Story 7: an account manager leaves; what he holds goes to two colleagues."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from applications.models import BusinessApplication
from customers.models import Customer
from postloan.models import PostLoanSupervision
from resources.models import WorkHandover
from staff.models import Employee
from tests.e2e.conftest import Visit
from tests.e2e.steps import approve, fill_form, perform, save_and_view, submit
from tests.e2e.world import World
from tests.postloan.supervision import Watch
from tests.resources.factories import Office
from workflows.models import Case, WorkItem

CUSTOMERS, CASES, TASKS = 40, 3, 5


def test_story_07_an_account_manager_leaves(visit: Visit, world: World) -> None:
    cases = [world.submitted() for _each in range(CASES)]
    watch = Watch(world.lender)
    for _each in range(TASKS):
        watch.begun()
    office = Office(world.lender)
    office.customers(CUSTOMERS - Customer.objects.filter(owner=world.am).count())

    adm = visit(world.adm, f"/organisation/people/{world.am.pk}/")
    _close_account(adm)
    expect(adm.locator("main")).to_contain_text("未移交,不能停用账号。")

    handover = _file(adm, world, office)
    _give_one_case_to_its_approver(adm, world, handover, cases[0])
    adm.goto(f"/work-handovers/{handover.pk}/")
    submit(adm)
    handover.refresh_from_db()
    approve(visit, handover.case_id, office.colleague, world.tl, world.bgm)
    adm.reload()
    perform(adm, "execute-dialog")
    expect(adm.locator("#execution")).to_contain_text("卫管理")

    _check_moved(world, office, cases)
    tl = visit(world.tl, f"/cases/{cases[0].pk}/")
    expect(tl.locator(".ui-case-now")).to_contain_text("孙总")
    expect(tl.locator("[data-dialog-open='act-approve']")).to_have_count(0)

    adm.goto(f"/organisation/people/{world.am.pk}/")
    _close_account(adm)
    expect(adm.locator("h1")).to_contain_text("离职")
    assert not Employee.objects.get(pk=world.am.pk).is_active


def _close_account(page: Page) -> None:
    page.get_by_role("button", name="停用账号").click()
    with page.expect_navigation():
        page.locator("[data-confirm-ok]").click()


def _file(page: Page, world: World, office: Office) -> WorkHandover:
    """工作移交 of everything, to one colleague as long as nothing else is said."""
    page.goto(f"/work-handovers/new/{world.am.pk}/")
    fill_form(
        page,
        mode="ALL",
        reason="RESIGNED",
        to_employee=str(office.colleague.pk),
        supervisor=str(office.witness.pk),
    )
    handover = WorkHandover.objects.get(pk=save_and_view(page))
    kinds = [item.kind for item in handover.listed]
    assert kinds.count("customers") == CUSTOMERS
    assert kinds.count("supervisions") == TASKS
    return handover


def _give_one_case_to_its_approver(
    page: Page, world: World, handover: WorkHandover, case: Case
) -> None:
    """The head of the department takes one customer, whose case waits for himself."""
    customer = BusinessApplication.objects.get(pk=case.document_id).customer
    page.get_by_role("link", name="调整移交清单").click()
    expect(page.locator("#items-form")).to_be_visible()
    page.goto(f"/work-handovers/{handover.pk}/items/?q={customer.name}")
    for tick in page.locator("#items-form [name=item]").all():
        tick.check()
    page.select_option("#items-form [name=receiver]", str(world.tl.pk))
    with page.expect_navigation():
        page.get_by_role("button", name="交给该接收人").click()


def _check_moved(world: World, office: Office, cases: list[Case]) -> None:
    assert not Customer.objects.filter(owner=world.am).exists()
    assert Customer.objects.filter(owner=office.colleague).count() == CUSTOMERS - 1
    assert not PostLoanSupervision.objects.filter(supervisor=world.am).exists()
    handlers = [BusinessApplication.objects.get(pk=case.document_id).handler for case in cases]
    assert handlers == [world.tl, office.colleague, office.colleague]
    assert WorkItem.objects.get(case=cases[0], state="OPEN").assignee == world.bgm
