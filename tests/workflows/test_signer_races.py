"""加签, 减签, 委派 against decisions on the same item, from two connections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lending_crm.common.errors import DomainError
from tests.workflows.test_races import refusals, together
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.bpmn.model import DecideMode, RoleReach
from workflows.choices import LIVE, ItemState
from workflows.models import Case, WorkItem
from workflows.services import decisions, items, signers
from workflows.verification import verify_case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def world(transactional_db: None) -> World:
    return World(
        stage("brm", by_role("BRM"), duty_line="RISK", decide=DecideMode.ALL),
        stage("ceo", by_role("CEO", RoleReach.HEAD_OFFICE), duty_line="MANAGEMENT"),
    )


def approve(item: WorkItem, who: Any) -> Any:
    return decisions.approve(item_id=item.pk, actor=fresh(who), now=NOW, opinion="同意")


def reject(item: WorkItem, who: Any) -> Any:
    return decisions.reject(
        item_id=item.pk, actor=fresh(who), now=NOW, opinion="负债过高,不符合准入条件"
    )


def give_back(item: WorkItem, who: Any) -> Any:
    return decisions.return_case(
        item_id=item.pk, actor=fresh(who), now=NOW, opinion="请补充材料说明"
    )


def add(position: str, item: WorkItem, who: Any, signer: Any) -> Any:
    return signers.add_signers(
        item_id=item.pk, actor=fresh(who), now=NOW, people=[fresh(signer)], position=position,
        reason="会签",
    )  # fmt: skip


def remove(item: WorkItem, who: Any, signer: Any) -> Any:
    return signers.remove_signers(
        item_id=item.pk, actor=fresh(who), now=NOW, people=[fresh(signer)], reason="不必了"
    )


def delegate(item: WorkItem, who: Any, to: Any) -> Any:
    return signers.delegate(
        item_id=item.pk, actor=fresh(who), now=NOW, recipient=fresh(to), reason="核实"
    )


def transfer(item: WorkItem, who: Any, to: Any) -> Any:
    return items.transfer(
        item_id=item.pk, actor=fresh(who), now=NOW, recipient=fresh(to), reason="出差"
    )


def check(case: Case, results: list[Any], *, lost: int) -> None:
    refused = refusals(results)
    assert len(refused) == lost, results
    assert all(isinstance(error, DomainError) for error in refused)
    assert all(error.status in (403, 409, 422) for error in refused)
    case.refresh_from_db()
    assert verify_case(case) is None
    if case.state == "IN_APPROVAL":
        assert WorkItem.objects.filter(case=case, state=ItemState.OPEN).exists()
    else:
        assert not WorkItem.objects.filter(case=case, state__in=LIVE, kind="DECISION").exists()


FIRST: dict[str, Callable[[WorkItem, World], Any]] = {
    "approve": lambda item, w: approve(item, w.brm),
    "reject": lambda item, w: reject(item, w.brm),
    "return": lambda item, w: give_back(item, w.brm),
    "transfer": lambda item, w: transfer(item, w.brm, w.bgm),
    "delegate": lambda item, w: delegate(item, w.brm, w.hrm2),
    "add before": lambda item, w: add("BEFORE", item, w.brm, w.hrm2),
}


class TestTwoTabsOfTheOwner:
    @pytest.mark.parametrize("act", FIRST)
    def test_adding_a_signer_before_or_the_other_act_wins(self, world: World, act: str) -> None:
        case = world.submitted()
        item = world.item(case)
        results = together(
            lambda: FIRST[act](item, world), lambda: add("BEFORE", item, world.brm, world.hrm)
        )
        # A task that waits for a signer may still be given away.
        is_both = act == "transfer" and not refusals(results)
        check(case, results, lost=0 if is_both else 1)

    @pytest.mark.parametrize("act", FIRST)
    def test_delegating_or_the_other_act_wins(self, world: World, act: str) -> None:
        case = world.submitted()
        item = world.item(case)
        results = together(
            lambda: FIRST[act](item, world), lambda: delegate(item, world.brm, world.hrm)
        )
        is_both = act == "transfer" and not refusals(results)
        check(case, results, lost=0 if is_both else 1)

    def test_the_same_signer_is_asked_once(self, world: World) -> None:
        case = world.submitted()
        item = world.item(case)
        call = lambda: add("BESIDE", item, world.brm, world.hrm)  # noqa: E731
        check(case, together(call, call, call), lost=2)
        assert WorkItem.objects.filter(case=case, assignee=world.hrm).count() == 1


class TestSignerAndOwner:
    @pytest.mark.parametrize("position", ["BEFORE", "BESIDE"])
    @pytest.mark.parametrize("decide", [approve, reject, give_back])
    def test_he_answers_or_is_let_go(
        self, world: World, position: str, decide: Callable[..., Any]
    ) -> None:
        case = world.submitted()
        item = world.item(case)
        add(position, item, world.brm, world.hrm)
        asked = WorkItem.objects.get(case=case, assignee=world.hrm)
        results = together(
            lambda: decide(asked, world.hrm), lambda: remove(item, world.brm, world.hrm)
        )
        check(case, results, lost=1)

    def test_both_approve_beside_each_other(self, world: World) -> None:
        case = world.submitted()
        item = world.item(case)
        add("BESIDE", item, world.brm, world.hrm)
        asked = WorkItem.objects.get(case=case, assignee=world.hrm)
        results = together(lambda: approve(item, world.brm), lambda: approve(asked, world.hrm))
        check(case, results, lost=0)
        assert world.item(case).stage.node_id == "ceo"

    def test_the_answer_and_a_transfer_meet_at_the_new_owner(self, world: World) -> None:
        case = world.submitted()
        item = world.item(case)
        delegate(item, world.brm, world.hrm)
        advice = WorkItem.objects.get(case=case, assignee=world.hrm)
        results = together(
            lambda: signers.answer(
                item_id=advice.pk, actor=fresh(world.hrm), now=NOW, opinion="属实"
            ),
            lambda: transfer(item, world.brm, world.bgm),
        )
        check(case, results, lost=0)
        found = world.item(case)
        assert (found.assignee, found.seat) == (world.bgm, item.seat)
