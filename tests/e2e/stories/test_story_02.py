"""Story 2: 5,000,000 before the committee, the chair's veto, and the one reconsideration."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from applications.models import BusinessApplication, Reconsideration
from riskcommittee.models import CommitteeSession
from staff.models import Employee
from tests.e2e.conftest import Visit
from tests.e2e.steps import (
    claim,
    decide,
    fill_form,
    make_paper,
    save_and_view,
    submit,
    upload,
)
from tests.e2e.stories.conftest import Clock
from tests.e2e.world import World
from tests.staff.factories import person
from workflows.models import Case

REASON = "现金流覆盖本息,抵押充分。"


class Board:
    """主任委员 and four members; the secretary convenes them."""

    def __init__(self, visit: Visit, world: World, folder: Path) -> None:
        self.visit, self.world = visit, world
        self.chair, office = world.chair, world.head_office
        names = ("冯委员", "陈委员", "卫委员")
        self.members = [world.people.rc, *(person("RC", name=name, **office) for name in names)]
        self.secretary = person("RCS", name="蒋秘书", **office)
        self.paper = make_paper(folder, "风险审查报告.pdf")

    def convene(self, case: Case) -> Page:
        page = self.visit(self.secretary, "/committee/")
        page.get_by_role("link", name="召集").click()
        fill_form(page, "#convene-form", place="总部三楼会议室")
        fill_form(page, "#convene-form", held_on=self.world.now.date().isoformat(), mode="MEETING")
        page.set_input_files("#convene-form [name=risk_report]", self.paper)
        page.select_option("#convene-form [name=chair]", str(self.chair.pk))
        page.select_option("#convene-form [name=secretary]", str(self.secretary.pk))
        for member in self.members:
            page.check(f"#convene-form [name=members][value='{member.pk}']")
        page.get_by_role("button", name="召集").click()
        expect(page.locator("#votes")).to_contain_text("冯委员")
        return page

    def record_absent(self, page: Page, *absent: Employee) -> None:
        for box in page.locator("#attendance-form [name=absent]").all():
            box.uncheck()
        for who in absent:
            page.check(f"#attendance-form [name=absent][value='{who.pk}']")
        with page.expect_navigation():
            page.locator("#attendance-form button").click()

    def vote(self, who: Employee, session: CommitteeSession, opinion: str) -> Page:
        page = self.visit(who, f"/committee/{session.pk}/vote/")
        page.check(f"#vote-form [name=opinion][value={opinion}]")
        page.fill("#vote-form [name=reason]", REASON)
        with page.expect_navigation():
            page.get_by_role("button", name="表决").click()
        return page

    def close(self, page: Page) -> None:
        page.set_input_files("#close-form [name=minutes]", self.paper)
        with page.expect_navigation():
            page.locator("#close-form button").click()


def test_story_02_committee_veto_and_one_reconsideration(
    visit: Visit, world: World, clock: Clock, tmp_path: Path
) -> None:
    board = Board(visit, world, tmp_path)
    passed = _before_the_committee(world)
    _quorum_and_two_thirds(board, passed)
    vetoed = _before_the_committee(world)
    _veto(board, vetoed)

    clock.on(10)
    origin = BusinessApplication.objects.get(pk=vetoed.document_id)
    _reconsider(visit, world, origin, board.paper)


def _before_the_committee(world: World) -> Case:
    case = world.submitted(amount="5000000.00")
    return world.approve(case, world.tl, world.brm, world.bgm, world.hrm)


def _quorum_and_two_thirds(board: Board, case: Case) -> None:
    """Three of five are no quorum; of four, three for and one against are enough."""
    secretary = board.convene(case)
    session = CommitteeSession.objects.get(case=case)
    first, second, third, fourth = board.members
    board.record_absent(secretary, third, fourth)
    board.close(secretary)
    expect(secretary.locator("[role=alert]").first).to_contain_text(
        "出席委员 3 人,未达到法定人数 4 人。"
    )
    board.record_absent(secretary, fourth)
    for who, opinion in ((first, "APPROVE"), (second, "APPROVE"), (third, "REJECT")):
        board.vote(who, session, opinion)
    board.vote(board.chair, session, "APPROVE")
    secretary.reload()
    board.close(secretary)
    result = secretary.locator("#result")
    expect(result).to_contain_text("4 / 4")
    expect(result).not_to_contain_text("未通过")
    case.refresh_from_db()
    assert case.state == "APPROVED"


def _veto(board: Board, case: Case) -> None:
    """The same votes for, but the one against is the chair's."""
    secretary = board.convene(case)
    session = CommitteeSession.objects.get(case=case)
    board.record_absent(secretary, board.members[3])
    for who in board.members[:3]:
        board.vote(who, session, "APPROVE")
    board.vote(board.chair, session, "REJECT")
    secretary.reload()
    board.close(secretary)
    expect(secretary.locator("#result")).to_contain_text("未通过")
    am = board.visit(board.world.am, f"/applications/{case.document_id}/")
    expect(am.locator("h1")).to_contain_text("已否决")


def _reconsider(visit: Visit, world: World, origin: BusinessApplication, paper: Path) -> None:
    """On the tenth day; the committee's no goes to the president, whose no is the last."""
    am = visit(world.am, f"/reconsiderations/new/{origin.pk}/")
    fill_form(
        am,
        reason="客户已补充两份年度供货合同,还款来源有了新的保障。",
        new_facts="九月新签年度供货合同两份,合计金额六百万元,回款周期四十五天。",
    )
    pk = save_and_view(am)
    upload(am, "NEW_MATERIAL", paper)
    submit(am)
    case = Reconsideration.objects.get(pk=pk).case
    world.approve(case, world.tl, world.brm, world.bgm, world.hrm)
    ceo = visit(world.ceo, f"/cases/{case.pk}/")
    expect(ceo.locator(".ui-case-now")).to_contain_text("总裁")
    if ceo.get_by_role("button", name="签收", exact=True).count():
        claim(ceo)
    decide(ceo, "reject", opinion="新增事实不足以改变原来的判断")

    am.goto(f"/reconsiderations/new/{origin.pk}/")
    expect(am.locator("main")).to_contain_text(f"业务 {origin.doc_no} 已复议过一次,不能再次复议。")
    expect(am.locator("main")).to_contain_text("REC-02")
