"""引擎健康: what is late, parked or dead is shown to administrators, and can be put right."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

import pytest

from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord, OutboxMessage
from tests.workflows.pages import browser, statements, text_of
from tests.workflows.timing.steps import AT_80, AT_200, open_stage, ring, timer
from tests.workflows.world import NOW, World, fresh
from workflows.act import _locked
from workflows.choices import EventKind, TimerState
from workflows.models import Case, FlowVersion, Stage, Timer, WorkItem
from workflows.screens.health import load_health, slowest_steps
from workflows.services import role_changes, timers
from workflows.verification import verify_case

PAGE = "/flows/engine/"


def park(case: Case, error: str = "DatabaseError: no room") -> Timer:
    found = timer(case, 80)
    found.state, found.ring_at, found.ended_at = TimerState.PARKED, None, NOW
    found.attempts, found.last_error = 6, error
    found.save()
    return found


class TestHealth:
    def test_all_is_well(self, world: World) -> None:
        world.submitted()
        OutboxMessage.objects.all().delete()

        health = load_health(now=NOW)

        assert health.is_well
        Timer.objects.all().delete()
        assert "Nothing is late" in text_of(browser(world.adm).get(PAGE))

    def test_late_timers_are_counted(self, world: World) -> None:
        for _ in range(3):
            world.submitted()

        found = load_health(now=AT_80 + timedelta(minutes=2)).timers

        assert (found.due.number, found.late.number, found.oldest_at) == (3, 3, AT_80)

    def test_parked_ones_are_listed_with_their_error(self, world: World) -> None:
        case = world.submitted()
        park(case)
        OutboxMessage.objects.update(parked_at=NOW, attempts=8, last_error="SMTPError: refused")

        body = text_of(browser(world.adm).get(PAGE))

        assert "DatabaseError: no room" in body
        assert case.doc_no in body
        assert "SMTPError: refused" in body

    def test_a_blocked_case_can_be_reassigned_from_there(self, world: World) -> None:
        case = world.submitted()
        Stage.objects.filter(pk=open_stage(case).pk).update(is_blocked=True)
        WorkItem.objects.filter(case=case).update(state="NOT_NEEDED")

        response = browser(world.adm).get(PAGE)

        assert f'href="/cases/{case.pk}/"' in response.content.decode()
        assert browser(world.adm).get(f"/cases/{case.pk}/").status_code == 200

    def test_what_lost_its_people_unnoticed_is_found_and_stopped(self, world: World) -> None:
        case = world.submitted()
        world.submitted()
        type(world.tl).objects.filter(pk=world.tl.pk).update(is_active=False)

        found = load_health(now=NOW).unattended
        assert case.pk in {one.pk for one in found}
        assert not any(one.is_told for one in found)
        role_changes.stop_unattended_stages(now=NOW)

        assert open_stage(case).is_blocked
        assert case.events.filter(kind=EventKind.BLOCKED).count() == 1
        assert all(one.is_told for one in load_health(now=NOW).unattended)

    def test_a_live_case_without_a_step_is_found(self, world: World) -> None:
        case = world.submitted()
        WorkItem.objects.filter(case=case).update(state="NOT_NEEDED")
        Stage.objects.filter(process=case).update(outcome="CLOSED", status="CANCELED")

        assert [one.pk for one in load_health(now=NOW).unattended] == [case.pk]

    def test_a_case_with_its_handler_is_nobodys_problem(self, world: World) -> None:
        from workflows.services.submission import withdraw_case

        case = world.submitted()
        withdraw_case(case_id=case.pk, actor=fresh(world.am), now=NOW, reason="资料有误")

        assert not load_health(now=NOW).unattended

    def test_slowest_steps_count_working_hours(self, world: World) -> None:
        for minutes in (60, 120, 60 * 24):
            world.approve(world.submitted(), world.tl, minutes=minutes)

        (step,) = slowest_steps()

        # One hour, two hours, and a whole working day over night.
        assert (step.answers, step.median, step.p90) == (3, 2.0, 8.0)

    def test_costs_ten_statements_at_most(self, world: World) -> None:
        for _ in range(4):
            case = world.submitted()
            world.approve(case, world.tl)
            park(case)

        found = statements(browser(world.adm), PAGE)

        assert len(found) <= 10, "\n".join(found)


class TestActs:
    def test_try_again(self, world: World) -> None:
        case = world.submitted()
        parked = park(case)

        browser(world.adm).post(f"{PAGE}timers/{parked.pk}/retry/")

        parked.refresh_from_db()
        assert (parked.state, parked.attempts) == (TimerState.WAITING, 0)
        assert ChangeRecord.objects.filter(model="workflows.timer", actor=world.adm).exists()
        assert ring(timezone.now()).done >= 1

    def test_drop_with_a_reason(self, world: World) -> None:
        case = world.submitted()
        parked = park(case)

        browser(world.adm).post(f"{PAGE}timers/{parked.pk}/drop/", {"reason": "改派后不再需要"})

        parked.refresh_from_db()
        assert parked.state == TimerState.DROPPED
        event = case.events.get(kind=EventKind.TIMER_DROPPED)
        assert (event.actor, event.opinion) == (world.adm, "改派后不再需要")
        assert verify_case(Case.objects.get(pk=case.pk)) is None
        assert ring(AT_200).done == 2

    def test_refuses_without_a_reason(self, world: World) -> None:
        parked = park(world.submitted())

        with pytest.raises(DomainError) as refused:
            timers.drop_timer(timer_id=parked.pk, actor=fresh(world.adm), now=NOW, reason=" ")
        assert refused.value.code == "WF-07"

    def test_refuses_what_is_not_parked(self, world: World) -> None:
        case = world.submitted()

        with pytest.raises(DomainError) as refused:
            timers.retry_timer(timer_id=timer(case, 80).pk, actor=fresh(world.adm), now=NOW)
        assert refused.value.code == "TIM-03"

    def test_a_message_is_sent_again(self, world: World) -> None:
        world.submitted()
        message = OutboxMessage.objects.latest("id")
        OutboxMessage.objects.filter(pk=message.pk).update(parked_at=NOW, attempts=8)

        browser(world.adm).post(f"{PAGE}messages/{message.pk}/retry/")

        message.refresh_from_db()
        assert (message.parked_at, message.attempts) == (None, 0)

    @pytest.mark.parametrize("act", ["timers/1/retry/", "timers/1/drop/", "messages/1/retry/", ""])
    def test_for_administrators_only(self, world: World, act: str) -> None:
        client = browser(world.ceo)

        response = client.post(PAGE + act, {"reason": "因为"}) if act else client.get(PAGE)

        assert response.status_code == 403

    @pytest.mark.parametrize("act", ["timers/0/retry/", "timers/0/drop/", "messages/0/retry/"])
    def test_what_is_not_there(self, world: World, act: str) -> None:
        _locked.cache_clear()  # as in a process that has locked no case yet
        assert browser(world.adm).post(PAGE + act, {"reason": "因为"}).status_code == 404


class TestTimeLimitsPage:
    def test_shows_and_changes_them(self, world: World) -> None:
        world.submitted()
        address = f"/flows/versions/{world.version.pk}/limits/"
        client = browser(world.adm)
        assert "Step tl" in text_of(client.get(address))

        response = client.post(address, {"node": "tl", "hours": "16", "reason": "月末"})

        assert response.status_code == 302
        assert FlowVersion.objects.get(pk=world.version.pk).limits == {"tl": "16"}
        assert 'value="16"' in client.get(address).content.decode()

    @pytest.mark.parametrize("hours", ["0", "-1", "eight", "1e9", "NaN"])
    def test_bad_hours_get_a_sentence(self, world: World, hours: str) -> None:
        response = browser(world.adm).post(
            f"/flows/versions/{world.version.pk}/limits/",
            {"node": "tl", "hours": hours, "reason": "月末"},
        )

        assert response.status_code == 422
        assert FlowVersion.objects.get(pk=world.version.pk).limits == {}
