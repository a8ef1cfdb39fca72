"""依次: the people of a stage one after the other, and 弃权 in a vote."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from tests.workflows.pages import browser, buttons
from tests.workflows.test_api import client_of, send
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.bpmn.model import DecideMode, RoleReach, StageAction
from workflows.choices import CaseState, EventKind, ItemState
from workflows.models import Case, WorkItem
from workflows.services import decisions, items

pytestmark = pytest.mark.django_db


def refused_code(call: Any, **values: Any) -> str:
    with pytest.raises(DomainError) as refused:
        call(now=NOW, **values)
    return refused.value.code


@pytest.fixture
def world(db: None) -> World:
    rules = (by_role("BRM"), by_role("BGM"), by_role("CEO", RoleReach.HEAD_OFFICE))
    return World(stage("turn", *rules, decide=DecideMode.SEQUENCE, duty_line="RISK"))


def states(case: Case) -> list[tuple[str, str]]:
    found = WorkItem.objects.filter(case=case).select_related("assignee").order_by("seat")
    return [(item.assignee.name, item.state) for item in found]


class TestInTurn:
    def test_only_the_first_is_asked_and_the_others_are_on_record(self, world: World) -> None:
        case = world.submitted()
        assert states(case) == [
            (world.brm.name, ItemState.OPEN),
            (world.bgm.name, ItemState.WAITING),
            (world.ceo.name, ItemState.WAITING),
        ]
        told = OutboxMessage.objects.filter(payload__event="work_item.arrived")
        assert [message.payload["recipients"] for message in told] == [[world.brm.pk]]
        assert not WorkItem.objects.waiting_for(fresh(world.bgm)).exists()

    def test_each_approval_gives_the_turn_to_the_next(self, world: World) -> None:
        case = world.approve(world.submitted(), world.brm)
        item = world.item(case, world.bgm)
        assert item.arrived_at == NOW + timedelta(minutes=1)
        assert OutboxMessage.objects.last().payload["recipients"] == [world.bgm.pk]
        case = world.approve(case, world.bgm, minutes=2)
        case = world.approve(case, world.ceo, minutes=3)
        assert case.state == CaseState.APPROVED
        decided = WorkItem.objects.filter(case=case).order_by("decided_at")
        assert [i.decided_by for i in decided] == [world.brm, world.bgm, world.ceo]

    def test_nobody_decides_before_his_turn(self, world: World) -> None:
        case = world.submitted()
        item = WorkItem.objects.get(case=case, assignee=world.ceo)
        call = {"item_id": item.pk, "actor": fresh(world.ceo), "opinion": "同意"}
        assert refused_code(decisions.approve, **call) == "WF-70"
        page = browser(world.ceo).get(f"/cases/{case.pk}/")
        assert page.status_code == 200
        assert "approve" not in buttons(page)

    def test_a_rejection_ends_it_and_those_behind_stay_on_record(self, world: World) -> None:
        case = world.submitted()
        decisions.reject(
            item_id=world.item(case).pk, actor=fresh(world.brm), now=NOW,
            opinion="负债过高,不符合准入条件",
        )  # fmt: skip
        case.refresh_from_db()
        assert case.state == CaseState.REJECTED
        assert [state for _who, state in states(case)] == ["DECIDED", "NOT_NEEDED", "NOT_NEEDED"]

    def test_a_transfer_keeps_the_place_in_the_row(self, world: World) -> None:
        case = world.submitted()
        items.transfer(
            item_id=world.item(case).pk, actor=fresh(world.brm), now=NOW,
            recipient=fresh(world.hrm), reason="出差",
        )  # fmt: skip
        case.refresh_from_db()
        case = world.approve(case, world.hrm)
        assert world.item(case).assignee == world.bgm

    def test_the_preview_names_them_in_their_order(self, world: World) -> None:
        case = world.submitted()
        (step,) = client_of(world.brm).get(f"/api/v1/cases/{case.pk}/preview/").json()
        assert step["mode"] == "SEQUENCE"
        assert step["people"] == [world.brm.name, world.bgm.name, world.ceo.name]


class TestTakeBack:
    def take_back(self, case: Case, who: Any) -> Case:
        item = WorkItem.objects.get(case=case, decided_by=who)
        return items.take_back(item_id=item.pk, actor=fresh(who), now=NOW + timedelta(minutes=9))

    def test_the_one_behind_waits_again(self, world: World) -> None:
        case = world.approve(world.submitted(), world.brm)
        page = browser(world.brm).get(f"/cases/{case.pk}/")
        assert "take_back" in buttons(page)
        case = self.take_back(case, world.brm)
        assert [state for _who, state in states(case)] == ["OPEN", "WAITING", "WAITING"]

    def test_wf_21_when_the_one_behind_has_answered(self, world: World) -> None:
        case = world.approve(world.submitted(), world.brm)
        case = world.approve(case, world.bgm, minutes=2)
        item = WorkItem.objects.get(case=case, decided_by=world.brm)
        assert refused_code(items.take_back, item_id=item.pk, actor=fresh(world.brm)) == "WF-21"
        assert "take_back" not in buttons(browser(world.brm).get(f"/cases/{case.pk}/"))


class TestAbstain:
    @pytest.fixture
    def world(self, db: None) -> World:
        rules = (by_role("RC", RoleReach.HEAD_OFFICE),)
        world = World(stage("committee", *rules, decide=DecideMode.VOTE, duty_line="COMMITTEE"))
        assert world.members
        return world

    def abstain(self, world: World, case: Case, who: Any, key: str = "key-00001") -> Any:
        path = f"work-items/{world.item(case, who).pk}/abstain/"
        case.refresh_from_db()
        return send(who, path, key, opinion="与申请人同乡", seen_version=case.version)

    def test_counts_as_present_and_not_as_consent(self, world: World) -> None:
        case = world.submitted()
        for who in world.members[:2]:
            case = world.approve(case, who)
        assert self.abstain(world, case, world.members[2]).status_code == 200
        assert self.abstain(world, case, world.members[3], "key-00002").status_code == 200
        case.refresh_from_db()
        assert case.state == CaseState.REJECTED
        told = case.events.get(kind=EventKind.VOTE_CLOSED).data
        assert (told["approving"], told["rejecting"], told["abstaining"]) == (2, 0, 2)

    def test_stays_secret_like_every_ballot(self, world: World) -> None:
        case = world.submitted()
        self.abstain(world, case, world.members[0])
        rows = client_of(world.members[1]).get(f"/api/v1/cases/{case.pk}/history/").json()
        assert rows[-1]["kind"] == "VOTED"
        assert "与申请人同乡" not in str(rows)

    def test_is_no_act_of_other_stages(self, db: None) -> None:
        world = World(stage("tl", by_role("TL"), actions=frozenset(StageAction)))
        case = world.submitted()
        answer = self.abstain(world, case, world.tl)
        assert (answer.status_code, answer.json()["code"]) == (403, "WF-18")
        assert "abstain" not in buttons(browser(world.tl).get(f"/cases/{case.pk}/"))

    def test_is_a_button_of_a_vote(self, world: World) -> None:
        case = world.submitted()
        assert "abstain" in buttons(browser(world.members[0]).get(f"/cases/{case.pk}/"))
