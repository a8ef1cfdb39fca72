"""An administrator changes a limit, or the calendar: what is open is re-timed by the worker."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

import pytest

from lending_crm.common import services as outbox
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord, OutboxMessage
from staff.services.calendar import clear_calendar_day, set_calendar_day
from tests.workflows.timing.steps import AT_100, AT_200, open_stage, timer
from tests.workflows.world import NOW, World, fresh
from workflows.choices import EventKind
from workflows.models import Case, FlowVersion
from workflows.screens.notes import note_of
from workflows.services.limits import change_limit
from workflows.verification import verify_case

HOUR = timedelta(hours=1)


def work_off(at=NOW + HOUR) -> None:
    """Let the worker deliver everything that is due."""
    while outbox.deliver_due(clock=lambda: at, limit=100).delivered:
        pass
    assert not OutboxMessage.objects.filter(topic__startswith="workflows", delivered_at=None)


def change(world: World, hours: str | None, **values) -> FlowVersion:
    values.setdefault("actor", fresh(world.adm))
    values.setdefault("reason", "月末业务量大")
    return change_limit(
        version_id=values.pop("version_id", world.version.pk), node_id=values.pop("node_id", "tl"),
        hours=None if hours is None else Decimal(hours), now=NOW + HOUR, **values,
    )  # fmt: skip


class TestChangeLimit:
    def test_open_items_are_retimed(self, world: World) -> None:
        case = world.submitted()

        change(world, "16")
        work_off()

        assert open_stage(case).due_at == AT_200 == world.item(case).due_at
        assert timer(case, 100).ring_at == AT_200
        event = case.events.get(kind=EventKind.RETIMED)
        assert event.actor is None
        assert world.adm.name in note_of(event)
        assert verify_case(Case.objects.get(pk=case.pk)) is None

    def test_new_stages_take_it_and_others_do_not(self, world: World) -> None:
        change(world, "16")
        work_off()

        case = world.submitted()
        assert open_stage(case).due_at == AT_200
        world.approve(case, world.tl, minutes=0)
        assert open_stage(case).due_at == AT_100

    def test_back_to_the_routes_own(self, world: World) -> None:
        case = world.submitted()
        change(world, "16")
        work_off()

        change(world, None)
        work_off()

        assert FlowVersion.objects.get(pk=world.version.pk).limits == {}
        assert open_stage(case).due_at == AT_100

    def test_the_published_version_itself_stays(self, world: World) -> None:
        before = world.version.sha256

        version = change(world, "16")

        assert FlowVersion.objects.get(pk=version.pk).sha256 == before
        record = ChangeRecord.objects.get(model="workflows.flowversion")
        assert record.old.endswith(": 8")
        assert record.new.endswith(": 16 月末业务量大")
        assert record.actor == world.adm

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"hours": "0"}, "TIM-02"),
            ({"hours": "10001"}, "TIM-02"),
            ({"hours": "NaN"}, "TIM-02"),
            ({"reason": "!"}, "WF-07"),
            ({"node_id": "nowhere"}, "SYS-404"),
            ({"version_id": 0}, "SYS-404"),
        ],
    )
    def test_refuses(self, world: World, values: dict, code: str) -> None:
        with pytest.raises(DomainError) as refused:
            change(world, values.pop("hours", "4"), **values)
        assert refused.value.code == code

    def test_refuses_everybody_but_administrators(self, world: World) -> None:
        with pytest.raises(DomainError) as refused:
            change(world, "4", actor=fresh(world.ceo))
        assert refused.value.code == "WF-31"

    def test_refuses_a_draft(self, world: World) -> None:
        FlowVersion.objects.create(
            definition=world.version.definition, number=9, bpmn=world.version.bpmn,
            sha256="", created_at=timezone.now(),
        )  # fmt: skip
        draft = FlowVersion.objects.get(number=9)
        with pytest.raises(DomainError) as refused:
            change(world, "4", version_id=draft.pk)
        assert refused.value.code == "TIM-01"


class TestCalendar:
    def test_a_new_day_off_moves_what_is_due(self, world: World) -> None:
        case = world.submitted()

        set_calendar_day(
            day=date(2026, 3, 3), is_working=False, name="台风", actor=fresh(world.adm), now=NOW
        )
        work_off()

        assert open_stage(case).due_at == AT_200 == timer(case, 100).ring_at
        clear_calendar_day(day=date(2026, 3, 3), actor=fresh(world.adm), now=NOW)
        work_off()
        assert open_stage(case).due_at == AT_100
        assert case.events.filter(kind=EventKind.RETIMED).count() == 2

    def test_a_day_that_touches_nothing_leaves_no_trace(self, world: World) -> None:
        case = world.submitted()

        set_calendar_day(
            day=date(2026, 5, 20), is_working=False, name="庆典", actor=fresh(world.adm), now=NOW
        )
        work_off()

        assert not case.events.filter(kind=EventKind.RETIMED).exists()

    def test_a_new_name_for_a_day_does_nothing(self, world: World) -> None:
        values = {"day": date(2026, 3, 3), "is_working": False, "actor": fresh(world.adm)}
        set_calendar_day(**values, name="台风", now=NOW)
        OutboxMessage.objects.all().delete()

        set_calendar_day(**values, name="台风假", now=NOW)

        assert not OutboxMessage.objects.exists()
