"""Reminders and escalations: who hears of it, what is kept, and that time decides nothing."""

from __future__ import annotations

from datetime import timedelta

from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

import pytest

from staff.models import Employee
from tests.staff.factories import person
from tests.workflows.pages import browser, text_of
from tests.workflows.timing.steps import (
    AT_80,
    AT_100,
    AT_200,
    MUCH_LATER,
    chain,
    messages,
    open_stage,
    ring,
    timer,
)
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.bpmn.ladder import Recipient, Rung, RungAct
from workflows.bpmn.model import AssigneeKind, AssigneeRule, DecideMode, RoleReach
from workflows.choices import CaseState, EventKind, ItemState, TimerState
from workflows.models import Case, HistoryEvent, Timer, WorkItem
from workflows.services import decisions
from workflows.timing import telling
from workflows.verification import verify_case


def kinds(case: Case) -> list[str]:
    return list(case.events.order_by("sequence").values_list("kind", flat=True))


class TestWind:
    def test_a_stage_opens_with_its_due_date_and_ladder(self, world: World) -> None:
        case = world.submitted()

        rows = Timer.objects.filter(stage__process=case).order_by("percent")
        assert [(row.percent, row.due_at, row.ring_at) for row in rows] == [
            (80, AT_80, AT_80), (100, AT_100, AT_100), (200, AT_200, AT_200),
        ]  # fmt: skip
        assert open_stage(case).due_at == AT_100 == world.item(case).due_at

    def test_a_stage_without_a_limit_has_no_timer(self, world: World) -> None:
        world.publish(chain(stage("tl", by_role("TL"), limit_hours=None)))
        case = world.submitted()

        assert not Timer.objects.filter(stage__process=case).exists()
        assert open_stage(case).due_at is None

    def test_the_timers_of_a_stage_cost_no_statement_of_their_own(self, world: World) -> None:
        case = world.submitted()

        with CaptureQueriesContext(connection) as seen:
            world.approve(case, world.tl)

        about = [q["sql"] for q in seen if "workflows_timer" in q["sql"]]
        assert len(about) == 1
        assert 'INSERT INTO "workflows_workitem"' in about[0]


class TestTell:
    def test_nothing_rings_early(self, world: World) -> None:
        world.submitted()

        assert ring(AT_80 - timedelta(minutes=1)).looked_at == 0

    def test_the_holder_is_reminded_at_80_percent(self, world: World) -> None:
        case = world.submitted()

        assert ring(AT_80).done == 1

        (sent,) = messages("work_item.due_soon")
        assert sent["recipients"] == [world.tl.pk]
        assert sent["params"]["due"] == "2026-03-03 10:00"
        event = case.events.get(kind=EventKind.REMINDED)
        assert event.actor is None
        assert event.data == {"percent": 80, "told": [world.tl.name]}
        assert timer(case, 80).state == TimerState.DONE
        assert verify_case(Case.objects.get(pk=case.pk)) is None

    def test_the_superior_hears_of_it_at_100_who_is_in_charge_and_the_administrator_at_200(
        self, world: World
    ) -> None:
        director = person("AM", branch=world.branch, department=world.sales, superior=world.bgm)
        Employee.objects.filter(pk=world.tl.pk).update(superior=director)
        case = world.submitted()

        ring(AT_100)
        assert [m["recipients"] for m in messages("work_item.overdue")] == [
            [world.tl.pk], [world.tl.pk],
        ]  # fmt: skip
        assert [m["recipients"] for m in messages("work_item.escalated")] == [[director.pk]]
        ring(AT_200)
        assert [m["recipients"] for m in messages("work_item.escalated")] == [
            [director.pk], [world.bgm.pk],
        ]  # fmt: skip
        (to_keepers,) = messages("case.late")
        assert to_keepers["recipients"] == [world.adm.pk]
        assert case.party not in str(to_keepers)
        # Who is told can open the case, whatever his role shows him; administrators veiled.
        assert Case.objects.visible_to(fresh(world.bgm)).filter(pk=case.pk).exists()
        page = text_of(browser(world.adm).get(f"/cases/{case.pk}/"))
        assert "at 200% of the time limit" in page
        assert case.party not in page
        assert kinds(case)[-3:] == [EventKind.REMINDED, EventKind.ESCALATED, EventKind.ESCALATED]

    def test_an_inactive_superior_is_passed_over(self, world: World) -> None:
        world.submitted()
        type(world.bgm).objects.filter(pk=world.bgm.pk).update(is_active=False)

        ring(AT_100)

        assert [m["recipients"] for m in messages("work_item.escalated")] == [[world.hrm.pk]]

    @pytest.mark.parametrize(
        ("late", "in_charge"),
        [("brm", ["bgm"]), ("bgm", ["hrm", "hrm2"]), ("hrm", ["ceo"]), ("plm", ["hrm", "hrm2"])],
    )
    def test_at_200_a_step_of_head_office_goes_to_its_risk_control(
        self, world: World, late: str, in_charge: list[str]
    ) -> None:
        """Of a branch to its general manager; his own steps go to head-office risk control too,
        and theirs further up: nobody hears that he himself is late from himself."""
        plm = person("PLM", branch=world.head_office, department=world.risk, superior=world.ceo)
        who = plm if late == "plm" else getattr(world, late)
        rule = AssigneeRule(AssigneeKind.PEOPLE, people=(who.pk,))
        world.publish(chain(stage("late", rule, duty_line="RISK")))
        world.submitted()

        ring(AT_100)
        before = len(messages("work_item.escalated"))
        ring(AT_200)

        told = [m["recipients"] for m in messages("work_item.escalated")[before:]]
        assert [pk for each in told for pk in each] == [getattr(world, n).pk for n in in_charge]
        assert [m["recipients"] for m in messages("case.late")] == [[world.adm.pk]]

    def test_at_200_a_branch_without_a_general_manager_answers_to_head_office(
        self, world: World
    ) -> None:
        world.submitted()
        Employee.objects.filter(pk=world.bgm.pk).update(is_active=False)

        ring(AT_100)
        before = len(messages("work_item.escalated"))
        ring(AT_200)

        told = [m["recipients"] for m in messages("work_item.escalated")[before:]]
        assert [pk for each in told for pk in each] == [world.hrm.pk, world.hrm2.pk]

    def test_each_rings_once(self, world: World) -> None:
        world.submitted()

        assert ring(AT_200).done == 3
        assert ring(MUCH_LATER).looked_at == 0
        assert HistoryEvent.objects.filter(kind=EventKind.ESCALATED).count() == 2

    def test_a_decided_stage_needs_no_reminder(self, world: World) -> None:
        case = world.submitted()
        world.approve(case, world.tl)
        first = Timer.objects.filter(stage__node_id="tl")

        ring(AT_80)

        assert {t.state for t in first.filter(percent=80)} == {TimerState.NOT_NEEDED}
        assert not [m for m in messages("work_item.due_soon") if world.tl.pk in m["recipients"]]

    def test_a_case_with_its_handler_needs_no_reminder(self, world: World) -> None:
        case = world.submitted()
        decisions.return_case(
            item_id=world.item(case).pk, actor=fresh(world.tl), now=NOW, opinion="请补充材料说明"
        )

        ring(MUCH_LATER)

        assert not messages("work_item.overdue")
        assert EventKind.ESCALATED not in kinds(case)


class TestMoveWork:
    def _escalates(self, world: World, act: RungAct, **values: object) -> Case:
        ladder = (Rung(100, frozenset({Recipient.ASSIGNEE}), act),)
        world.publish(chain(stage("tl", by_role("TL"), ladder=ladder, **values)))
        return world.submitted()

    def test_the_work_goes_to_the_superior(self, world: World) -> None:
        case = self._escalates(world, RungAct.HAND_OVER)

        assert ring(AT_100).done == 1

        item = world.item(case)
        assert (item.assignee, item.state, item.reason["because"]) == (
            world.bgm, ItemState.OPEN, "overdue",
        )  # fmt: skip
        assert WorkItem.objects.filter(case=case, state=ItemState.TRANSFERRED).count() == 1
        event = case.events.get(kind=EventKind.ESCALATED)
        assert event.data["to"] == [world.bgm.name]
        assert [m["recipients"] for m in messages("work_item.arrived")][-1] == [world.bgm.pk]
        world.approve(case, world.bgm, minutes=60 * 24 * 2)
        assert Case.objects.get(pk=case.pk).state == CaseState.APPROVED

    def test_the_superior_is_asked_too(self, world: World) -> None:
        case = self._escalates(world, RungAct.ADD_SUPERIOR)

        ring(AT_100)

        waiting = WorkItem.objects.filter(case=case, state=ItemState.OPEN)
        assert {item.assignee_id for item in waiting} == {None, world.bgm.pk}
        assert {item.due_at for item in waiting} == {AT_100}

    def test_never_to_the_handler_nor_across_duty_lines(self, world: World) -> None:
        """The nearest superior who may decide; the handler's own superior chain is no shortcut."""
        ladder = (Rung(100, frozenset(), RungAct.HAND_OVER),)
        world.publish(chain(stage("brm", by_role("BRM"), duty_line="RISK", ladder=ladder)))
        document = world.document(handler=world.bgm)
        case = world.submit(document)

        ring(AT_100)

        # The risk manager's superior handles the document: the one above him is asked.
        assert world.item(case).assignee == world.hrm

    def test_without_a_superior_the_administrators_hear_of_it(self, world: World) -> None:
        ladder = (Rung(100, frozenset(), RungAct.HAND_OVER),)
        world.publish(chain(stage("ceo", by_role("CEO", RoleReach.HEAD_OFFICE), ladder=ladder)))
        case = world.submitted()

        ring(AT_100)

        assert world.item(case).assignee is None
        assert [m["recipients"] for m in messages("case.late")] == [[world.adm.pk]]

    def test_a_committee_keeps_its_seats(self, world: World) -> None:
        ladder = (Rung(100, frozenset({Recipient.ASSIGNEE}), RungAct.HAND_OVER),)
        members = {member.pk for member in world.members}
        world.publish(
            chain(
                stage(
                    "rc", by_role("RC", RoleReach.HEAD_OFFICE), decide=DecideMode.VOTE,
                    duty_line="COMMITTEE", ladder=ladder,
                )
            )
        )  # fmt: skip
        case = world.submitted()

        ring(AT_100)

        waiting = WorkItem.objects.filter(case=case, state=ItemState.OPEN)
        assert {item.assignee_id for item in waiting} == members


class TestTimeNeverDecides:
    @pytest.mark.parametrize("act", list(RungAct))
    @pytest.mark.parametrize("mode", list(DecideMode))
    def test_whatever_the_ladder_says(self, world: World, act: RungAct, mode: DecideMode) -> None:
        ladder = tuple(Rung(percent, frozenset(Recipient), act) for percent in (50, 100, 150, 900))
        world.publish(
            chain(
                stage("tl", by_role("TL"), by_role("BGM"), decide=mode, ladder=ladder),
                stage("brm", by_role("BRM"), duty_line="RISK", ladder=ladder),
            )
        )
        case = world.submitted()

        while ring(MUCH_LATER).looked_at:
            pass

        case = Case.objects.get(pk=case.pk)
        assert case.state == CaseState.IN_APPROVAL
        assert not WorkItem.objects.filter(case=case, state=ItemState.DECIDED).exists()
        assert WorkItem.objects.filter(case=case, state=ItemState.OPEN).exists()
        assert open_stage(case).node_id == "tl"
        assert not set(kinds(case)) & {
            EventKind.APPROVED, EventKind.REJECTED, EventKind.RETURNED, EventKind.CONCLUDED,
        }  # fmt: skip
        assert verify_case(case) is None


class TestFailure:
    @pytest.fixture
    def _one_breaks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Messages of the case 坏 cannot be written."""
        told = telling.messages_of

        def breaking(timer, *args):
            if timer.stage.process.party == "坏":
                raise DatabaseError("no room for DETAIL: secret")
            return told(timer, *args)

        monkeypatch.setattr(telling, "messages_of", breaking)

    @pytest.mark.usefixtures("_one_breaks")
    def test_a_failing_timer_never_fails_its_batch(self, world: World) -> None:
        good = [world.submitted() for _ in range(3)]
        bad = world.submitted()
        Case.objects.filter(pk=bad.pk).update(party="坏")

        report = ring(AT_80)

        assert (report.done, report.failed) == (3, 1)
        assert all(timer(case, 80).state == TimerState.DONE for case in good)
        broken = timer(bad, 80)
        assert (broken.state, broken.attempts) == (TimerState.WAITING, 1)
        assert broken.ring_at == AT_80 + timedelta(seconds=30)
        assert "secret" not in broken.last_error
        assert not bad.events.filter(kind=EventKind.REMINDED).exists()

    @pytest.mark.usefixtures("_one_breaks")
    def test_it_is_parked_after_some_attempts(self, world: World, settings) -> None:
        case = world.submitted()
        Case.objects.filter(pk=case.pk).update(party="坏")
        at = AT_80
        waits = []
        for _ in range(settings.TIMERS_MAX_ATTEMPTS):
            assert ring(at).failed == 1
            row = timer(case, 80)
            if row.ring_at is not None:
                waits.append((row.ring_at - at).total_seconds())
                at = row.ring_at

        assert waits == [30, 90, 270, 810, 2430]
        assert row.state == TimerState.PARKED
        assert row.last_error.startswith("DatabaseError")
        assert ring(AT_80 + timedelta(hours=3)).looked_at == 0

    def test_one_that_kills_its_dispatcher_is_parked_and_takes_no_other_along(
        self, world: World, settings
    ) -> None:
        """A death is a claim without an end; the same batch died with it."""
        killer, bystander = world.submitted(), world.submitted()
        Timer.objects.filter(percent=80).update(attempts=1)
        Timer.objects.filter(stage__process=killer, percent=80).update(
            attempts=settings.TIMERS_MAX_ATTEMPTS
        )

        ring(AT_80)

        assert timer(killer, 80).state == TimerState.PARKED
        assert "died" in timer(killer, 80).last_error
        assert timer(bystander, 80).state == TimerState.DONE
