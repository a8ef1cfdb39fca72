"""The route's own timers: what they open, and that none of them decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.timing.steps import ring
from tests.workflows.world import NOW, World, by_role, fresh
from workflows.bpmn.model import (
    BoundaryTimer,
    Definition,
    EndEvent,
    EndKind,
    SequenceFlow,
    Stage,
    StageSettings,
    StartEvent,
)
from workflows.choices import CaseState, EventKind, ItemState, StageOutcome, TimerState
from workflows.models import Case, Timer, WorkItem
from workflows.services import items
from workflows.verification import verify_case

FOUR_HOURS = NOW + timedelta(hours=5, minutes=30)


def settings(role: str, **values: object) -> StageSettings:
    return StageSettings(assignees=(by_role(role),), limit_hours=None, **values)


def with_timer(*, is_interrupting: bool, target: str = "late") -> Definition:
    """tl -> brm -> end; a timer of four hours on tl leads to bgm, which goes on to brm, or ends."""
    elements = [
        StartEvent("s"),
        Stage("tl", "部门", settings=settings("TL")),
        BoundaryTimer("t", "超时", "Timeout", "tl", is_interrupting, "PT4H"),
        Stage("late", "总经理", settings=settings("BGM", duty_line="MANAGEMENT")),
        Stage("brm", "风控", settings=settings("BRM", duty_line="RISK")),
        EndEvent("e"),
        EndEvent("aside"),
        EndEvent("no", kind=EndKind.REJECTED),
    ]
    flows = ["s tl", "tl brm", f"t {target}", "brm e"]
    flows += ["late brm"] if is_interrupting else ["late aside"]
    used = {part for flow in flows for part in flow.split()} | {"t"}
    pairs = [flow.split() for flow in flows]
    return Definition(
        "toy_route",
        "玩具流程",
        {e.id: e for e in elements if e.id in used},
        {f"f{n}": SequenceFlow(f"f{n}", *pair) for n, pair in enumerate(pairs)},
    )


class TestInterrupting:
    def test_closes_its_stage_and_goes_on(self, world: World) -> None:
        world.publish(with_timer(is_interrupting=True))
        case = world.submitted()
        assert Timer.objects.get().ring_at == FOUR_HOURS

        assert ring(FOUR_HOURS).done == 1

        old = WorkItem.objects.get(case=case, stage__node_id="tl")
        assert (old.state, old.stage.outcome) == (ItemState.NOT_NEEDED, StageOutcome.CLOSED)
        assert world.item(case).stage.node_id == "late"
        event = case.events.get(kind=EventKind.TIMER_FIRED)
        assert event.actor is None
        assert event.data["interrupts"] is True
        assert len(event.path) == 1
        world.approve(case, world.bgm, minutes=400)
        world.approve(case, world.brm, minutes=410)
        case = Case.objects.get(pk=case.pk)
        assert case.state == CaseState.APPROVED
        assert verify_case(case) is None

    def test_a_decision_before_it_makes_it_needless(self, world: World) -> None:
        world.publish(with_timer(is_interrupting=True))
        case = world.submitted()
        world.approve(case, world.tl)

        ring(FOUR_HOURS)

        assert Timer.objects.get().state == TimerState.NOT_NEEDED
        assert world.item(case).stage.node_id == "brm"


class TestBeside:
    def test_opens_something_beside_its_stage(self, world: World) -> None:
        world.publish(with_timer(is_interrupting=False))
        case = world.submitted()

        ring(FOUR_HOURS)

        open_items = WorkItem.objects.filter(case=case, state=ItemState.OPEN)
        assert {item.stage.node_id for item in open_items} == {"tl", "late"}
        world.approve(case, world.tl, minutes=400)
        world.approve(case, world.brm, minutes=410)
        assert Case.objects.get(pk=case.pk).state == CaseState.IN_APPROVAL
        world.approve(case, world.bgm, minutes=420)
        assert Case.objects.get(pk=case.pk).state == CaseState.APPROVED

    def test_rings_once_a_visit(self, world: World) -> None:
        world.publish(with_timer(is_interrupting=False))
        case = world.submitted()

        ring(FOUR_HOURS)
        assert ring(FOUR_HOURS + timedelta(days=30)).looked_at == 0

        assert case.events.filter(kind=EventKind.TIMER_FIRED).count() == 1


class TestTimeNeverDecides:
    @pytest.mark.parametrize("target", ["e", "no"])
    def test_a_timer_that_leads_to_an_end_is_parked(
        self, world: World, target: str, settings
    ) -> None:
        """The publish checks refuse such a route; one that came in otherwise does nothing."""
        settings.TIMERS_MAX_ATTEMPTS = 1
        world.publish(with_timer(is_interrupting=True, target=target))
        case = world.submitted()

        assert ring(FOUR_HOURS).failed == 1

        case = Case.objects.get(pk=case.pk)
        assert case.state == CaseState.IN_APPROVAL
        assert world.item(case).stage.node_id == "tl"
        timer = Timer.objects.get()
        assert (timer.state, "would decide" in timer.last_error) == (TimerState.PARKED, True)

    def test_the_system_cannot_decide_an_item(self, world: World) -> None:
        from workflows.act import Act, lock_case
        from workflows.choices import Decision

        case = world.submitted()
        act = Act(lock_case(pk=case.pk), actor=None, now=NOW)

        with pytest.raises(RuntimeError, match="no person"):
            act.decide_item(act.items[0], Decision.APPROVE, opinion="")


class TestTransferKeepsTheClock:
    def test_a_transfer_does_not_wind_it_again(self, world: World) -> None:
        world.publish(with_timer(is_interrupting=True))
        case = world.submitted()
        items.transfer(
            item_id=world.item(case).pk, actor=fresh(world.tl), now=NOW + timedelta(hours=1),
            recipient=world.bgm, reason="出差",
        )  # fmt: skip

        assert Timer.objects.get().ring_at == FOUR_HOURS
