"""Pause, resume and re-time what is open, by the services and in the rows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from tests.workflows.timing.steps import AT_80, AT_100, AT_200, chain, open_stage, ring, timer
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.act import Act, lock_case
from workflows.choices import TimerState
from workflows.models import Case, Timer
from workflows.services import collaboration, items, supplements
from workflows.timing.clock import pause_clocks, resume_clocks, retime

HOUR = timedelta(hours=1)


def pause(world: World, case: Case, at: timedelta) -> None:
    with transaction.atomic():
        act = Act(lock_case(pk=case.pk), actor=fresh(world.adm), now=NOW + at)
        pause_clocks(act)
        act.commit()


def resume(world: World, case: Case, at: timedelta) -> None:
    with transaction.atomic():
        act = Act(lock_case(pk=case.pk), actor=fresh(world.adm), now=NOW + at)
        resume_clocks(act)
        act.commit()


class TestPause:
    def test_a_paused_clock_rings_nothing_and_is_not_due(self, world: World) -> None:
        case = world.submitted()

        pause(world, case, HOUR)

        assert open_stage(case).due_at is None
        assert world.item(case).due_at is None
        assert ring(AT_200).looked_at == 0

    def test_a_resumed_clock_has_its_rest(self, world: World) -> None:
        """One hour used on Monday, resumed on Thursday at ten: seven are left."""
        case = world.submitted()
        pause(world, case, HOUR)

        resume(world, case, timedelta(days=3))

        due = NOW + timedelta(days=3, hours=23)
        assert open_stage(case).due_at == due == world.item(case).due_at == timer(case, 100).ring_at
        assert ring(due - timedelta(minutes=1)).done == 1
        assert ring(due).done == 1

    def test_what_was_overdue_before_the_pause_stays_so(self, world: World) -> None:
        case = world.submitted()

        pause(world, case, timedelta(days=1, hours=1))

        assert open_stage(case).due_at == AT_100

    def test_twice_is_once(self, world: World) -> None:
        case = world.submitted()
        for at in (HOUR, 2 * HOUR):
            pause(world, case, at)
        for at in (timedelta(days=3), timedelta(days=4)):
            resume(world, case, at)

        assert len(open_stage(case).pauses) == 1
        assert open_stage(case).due_at == NOW + timedelta(days=3, hours=23)

    def test_a_pause_between_claim_and_ring_wins(self, world: World) -> None:
        from workflows.timing.dispatch import claim_fresh
        from workflows.timing.telling import tell_many

        case = world.submitted()
        claimed = claim_fresh(now=AT_80, size=10)
        pause(world, case, HOUR)

        tell_many([claim.id for claim in claimed], now=AT_80)

        assert timer(case, 80).state == TimerState.WAITING
        assert timer(case, 80).ring_at is None

    def test_requested_material_pauses_and_its_arrival_resumes(self, world: World) -> None:
        case = world.submitted()
        collaboration.request_material(
            item_id=world.item(case).pk, actor=fresh(world.tl), now=NOW + HOUR,
            text="请补充流水", pauses_clock=True,
        )  # fmt: skip
        assert ring(AT_200).looked_at == 0

        supplements.record_supplement(
            case_id=case.pk, actor=fresh(world.am), now=NOW + timedelta(days=3),
            supplement_no="BC-1", note="", files=[],
        )  # fmt: skip

        assert timer(case, 100).ring_at == NOW + timedelta(days=3, hours=23)


class TestRetime:
    def _set_limit(self, case: Case, hours: str | None, at: timedelta) -> list[str]:
        version = case.flow_version
        version.limits = {} if hours is None else {"tl": hours}
        version.save(update_fields=["limits"])
        with transaction.atomic():
            act = Act(lock_case(pk=case.pk), actor=None, now=NOW + at)
            moved = [one.node_id for one in retime(act)]
            act.commit()
        return moved

    def test_a_longer_limit_moves_everything(self, world: World) -> None:
        case = world.submitted()

        assert self._set_limit(case, "16", HOUR) == ["tl"]

        assert timer(case, 100).ring_at == AT_200 == open_stage(case).due_at
        assert ring(AT_100).looked_at == 0

    def test_a_shorter_limit_rings_at_once(self, world: World) -> None:
        case = world.submitted()

        self._set_limit(case, "1", 3 * HOUR)

        assert ring(NOW + 3 * HOUR).done == 3

    def test_what_rang_rings_again_when_its_moment_lies_ahead(self, world: World) -> None:
        case = world.submitted()
        ring(AT_100)

        self._set_limit(case, "16", timedelta(days=1, hours=1))

        assert timer(case, 100).state == TimerState.WAITING
        assert timer(case, 100).ring_at == AT_200
        # 80 % of sixteen hours are still ahead, too.
        assert timer(case, 80).state == TimerState.WAITING

    def test_the_same_limit_moves_nothing(self, world: World) -> None:
        case = world.submitted()
        ring(AT_80)

        assert self._set_limit(case, None, timedelta(hours=8)) == []
        assert timer(case, 80).state == TimerState.DONE

    def test_the_pause_stays_counted(self, world: World) -> None:
        case = world.submitted()
        pause(world, case, HOUR)
        resume(world, case, timedelta(days=3))

        self._set_limit(case, "4", timedelta(days=3))

        assert open_stage(case).due_at == NOW + timedelta(days=3) + 3 * HOUR + timedelta(minutes=90)

    def test_a_new_stage_takes_the_changed_limit(self, world: World) -> None:
        case = world.submitted()
        version = case.flow_version
        version.limits = {"brm": str(Decimal(2))}
        version.save(update_fields=["limits"])

        world.approve(case, world.tl, minutes=0)

        # Two hours from ten in the morning end at noon.
        assert open_stage(case).due_at == NOW + 2 * HOUR

    def test_rows_of_before_are_made_up_for(self, world: World) -> None:
        """Stages that opened before there were timers get theirs."""
        case = world.submitted()
        Timer.objects.all().delete()

        self._set_limit(case, None, HOUR)

        assert [timer(case, p).ring_at for p in (80, 100, 200)] == [AT_80, AT_100, AT_200]


class TestReopen:
    def test_a_stage_that_is_taken_back_has_its_timers_again(self, world: World) -> None:
        world.publish(chain(stage("tl", by_role("TL")), stage("brm", by_role("BRM"))))
        case = world.submitted()
        item = world.item(case)
        world.approve(case, world.tl)
        ring(AT_80)
        assert Timer.objects.get(stage=item.stage, percent=80).state == TimerState.NOT_NEEDED

        items.take_back(item_id=item.pk, actor=fresh(world.tl), now=AT_80)

        assert Timer.objects.get(stage=item.stage, percent=80).state == TimerState.WAITING
        assert ring(AT_100).done >= 2

    def test_material_that_came_while_it_was_closed_lets_its_clock_go_on(
        self, world: World
    ) -> None:
        """Nothing else would: the request is answered, no second supplement has to come."""
        world.publish(chain(stage("tl", by_role("TL")), stage("brm", by_role("BRM"))))
        case = world.submitted()
        item = world.item(case)
        collaboration.request_material(
            item_id=item.pk, actor=fresh(world.tl), now=NOW, text="请补充流水", pauses_clock=True
        )
        world.approve(case, world.tl)
        supplements.record_supplement(
            case_id=case.pk, actor=fresh(world.am), now=NOW + HOUR, supplement_no="BC-1",
            note="", files=[],
        )  # fmt: skip
        items.take_back(item_id=item.pk, actor=fresh(world.tl), now=NOW + 2 * HOUR)
        item.refresh_from_db()
        assert item.stage.paused_at is None
        assert item.due_at is not None
        assert item.due_at == item.stage.due_at == timer(case, 100).ring_at

    def test_material_that_has_not_come_keeps_it_standing(self, world: World) -> None:
        world.publish(chain(stage("tl", by_role("TL")), stage("brm", by_role("BRM"))))
        case = world.submitted()
        item = world.item(case)
        collaboration.request_material(
            item_id=item.pk, actor=fresh(world.tl), now=NOW, text="请补充流水", pauses_clock=True
        )
        world.approve(case, world.tl)
        items.take_back(item_id=item.pk, actor=fresh(world.tl), now=NOW + 2 * HOUR)
        item.refresh_from_db()
        assert (item.stage.paused_at, item.due_at) == (NOW, None)
