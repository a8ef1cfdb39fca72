"""Related people abstain (WF-17): at submission, while the case runs, and on the server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lending_crm.common.errors import DomainError
from staff.models import Employee
from tests.workflows.invariants import check
from tests.workflows.pages import at_item, browser, buttons, text_of
from tests.workflows.world import NOW, TOY, World, by_role, fresh, stage
from workflows import conflicts
from workflows.bpmn.model import DecideMode, RoleReach
from workflows.choices import CaseState, EventKind, ItemState
from workflows.models import Case, HistoryEvent, WorkItem
from workflows.preview import draft_case, preview_submission
from workflows.services import decisions, items
from workflows.services.recusals import review_recusals

pytestmark = pytest.mark.django_db

REASON = "same telephone number as a contact of the customer"


class Register:
    """A register of related people that tests write in."""

    def __init__(self) -> None:
        self.related: dict[int, str] = {}

    def add(self, *people: Employee) -> None:
        self.related.update({person.pk: REASON for person in people})

    def __call__(self, document: Any) -> dict[int, str]:
        return self.related


@pytest.fixture
def register() -> Iterator[Register]:
    found = Register()
    conflicts.register_conflict_check(found, kinds=["toy"])
    yield found
    conflicts._checks.pop()


class TestSubmission:
    def test_the_superior_decides_for_who_must_abstain(
        self, world: World, register: Register
    ) -> None:
        register.add(world.brm)
        case = world.approve(world.submitted(), world.tl)
        item = world.item(case)
        assert item.assignee == world.bgm
        assert item.reason["because"] == "recused"

    def test_others_of_the_pool_decide(self, world: World, register: Register) -> None:
        other = world._local("BRM")
        register.add(world.brm)
        case = world.approve(world.submitted(), world.tl)
        assert world.item(case, other).pool_role is not None
        assert not WorkItem.objects.waiting_for(fresh(world.brm)).filter(case=case).exists()

    def test_a_committee_goes_on_without_him(self, register: Register, db: None) -> None:
        world = World(stage("vote", by_role("RC", RoleReach.HEAD_OFFICE), decide=DecideMode.VOTE))
        register.add(world.members[0])
        case = world.submitted()
        assert WorkItem.objects.filter(case=case).count() == 3

    def test_the_preview_names_him(self, world: World, register: Register) -> None:
        register.add(world.brm)
        document = world.document()
        case = draft_case(TOY, document, world.version.pk, NOW)
        steps = {s.node_id: s for s in preview_submission(TOY, document, case, language="en")}
        assert steps["brm"].recused == [world.brm.name]
        assert steps["brm"].people == [world.bgm.name]

    def test_nothing_is_given_to_him(self, world: World, register: Register) -> None:
        register.add(world.bgm)
        case = world.submitted()
        with pytest.raises(DomainError) as refusal:
            items.transfer(
                item_id=world.item(case).pk, actor=fresh(world.tl), now=NOW,
                recipient=fresh(world.bgm), reason="出差",
            )  # fmt: skip
        assert refusal.value.code == "WF-20"
        assert "须回避" in refusal.value.message


class TestWhileItRuns:
    def test_he_leaves_and_the_step_is_asked_anew(self, world: World, register: Register) -> None:
        case = world.submitted()
        assert world.item(case, world.tl)
        register.add(world.tl)
        review_recusals(case_id=case.pk, now=NOW)
        case.refresh_from_db()
        assert world.item(case).assignee == world.bgm
        event = HistoryEvent.objects.get(case=case, kind=EventKind.RECUSED)
        assert (event.data["person"], event.actor) == (world.tl.name, None)

    def test_his_superior_takes_his_seat_of_a_countersign(
        self, register: Register, db: None
    ) -> None:
        world = World(stage("both", by_role("BRM"), by_role("BGM"), decide=DecideMode.ALL))
        case = world.submitted()
        world.approve(case, world.brm)
        register.add(world.bgm)
        review_recusals(case_id=case.pk, now=NOW)
        case.refresh_from_db()
        assert case.state == CaseState.IN_APPROVAL
        assert world.approve(case, world.hrm, minutes=2).state == CaseState.APPROVED

    def test_another_holder_of_the_role_stands_for_it(self, register: Register, db: None) -> None:
        world = World(stage("both", by_role("HRM", RoleReach.HEAD_OFFICE), decide=DecideMode.ALL))
        case = world.submitted()
        world.approve(case, world.hrm)
        register.add(world.hrm2)
        review_recusals(case_id=case.pk, now=NOW)
        case.refresh_from_db()
        assert case.state == CaseState.APPROVED

    def test_where_nobody_is_left_the_administrators_are_told(
        self, register: Register, db: None
    ) -> None:
        world = World(stage("top", by_role("CEO", RoleReach.HEAD_OFFICE)))
        case = world.submitted()
        register.add(world.ceo)
        review_recusals(case_id=case.pk, now=NOW)
        assert HistoryEvent.objects.filter(case=case, kind=EventKind.BLOCKED).exists()
        assert not WorkItem.objects.filter(
            case=case, state=ItemState.OPEN, assignee=world.ceo
        ).exists()

    def test_nothing_is_written_when_nothing_changed(
        self, world: World, register: Register
    ) -> None:
        case = world.submitted()
        before = case.event_count
        assert review_recusals(case_id=case.pk, now=NOW).event_count == before


class TestTheServerRefuses:
    def test_also_with_the_item_in_hand(self, world: World, register: Register) -> None:
        case = world.submitted()
        item = world.item(case)
        Case.objects.filter(pk=case.pk).update(recusals={str(world.tl.pk): REASON})
        for call in (decisions.approve, decisions.reject, decisions.return_case):
            with pytest.raises(DomainError) as refusal:
                call(item_id=item.pk, actor=fresh(world.tl), now=NOW, opinion="负债过高,来源不足")
            assert (refusal.value.code, refusal.value.status) == ("WF-17", 403)

    def test_page_and_api_say_why(self, world: World, register: Register) -> None:
        case = world.submitted()
        address = at_item(case, world.tl, "approve")
        item = world.item(case)
        Case.objects.filter(pk=case.pk).update(recusals={str(world.tl.pk): REASON})
        client = browser(world.tl)
        answer = client.post(address, {"opinion": "同意", "seen_version": case.version})
        assert (answer.status_code, "WF-17" in text_of(answer)) == (403, True)
        shown = client.get(f"/cases/{case.pk}/")
        assert "Why not me You are related to this case and must abstain" in text_of(shown)
        assert "approve" not in buttons(shown)
        said = client.get(f"/api/v1/work-items/{item.pk}/").json()
        assert said["why_me"] == "" and "must abstain" in said["why_not_me"]


class TestWhyMeInTheInbox:
    def test_list_and_api_tell_it(self, world: World) -> None:
        world.submitted()
        client = browser(world.tl)
        said = "You hold the role"
        assert f"Why me: {said}" in client.get("/inbox/").content.decode()
        (row,) = client.get("/api/v1/inbox/").json()["results"]
        assert said in row["why_me"]
        done = world.approve(Case.objects.get(), world.tl)
        (row,) = client.get("/api/v1/inbox/?tab=done").json()["results"]
        assert (row["case"]["id"], row["why_me"]) == (done.pk, "")


class TestWhyNotMe:
    def test_somebody_else_has_claimed_it(self, world: World) -> None:
        case = world.submitted(level=2)
        for who in (world.tl, world.brm, world.bgm):
            case = world.approve(case, who)
        items.claim(item_id=world.item(case, world.hrm).pk, actor=fresh(world.hrm), now=NOW)
        shown = text_of(browser(world.hrm2).get(f"/cases/{case.pk}/"))
        assert f"Why not me {world.hrm.name} has claimed it." in shown

    def test_the_condition_of_the_step_belongs_to_the_reason(self, world: World) -> None:
        case = world.submitted(level=2)
        for who in (world.tl, world.brm, world.bgm):
            case = world.approve(case, who)
        shown = text_of(browser(world.hrm).get(f"/cases/{case.pk}/"))
        assert "at head office. The step is part of the route only when 档次 is at least 2" in shown


def test_invariants_hold_after_a_recusal(world: World, register: Register) -> None:
    document = world.document()
    case = world.submit(document)
    register.add(world.tl)
    review_recusals(case_id=case.pk, now=NOW)
    check(Case.objects.get(pk=case.pk), document, world)
