"""A draft run over the cases that have ended: what would have gone another way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from io import StringIO
from random import Random
from typing import Any

from django.core.management import CommandError, call_command

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lending_crm.common.errors import DomainError
from tests.workflows.finished import finished_case, many, resident
from tests.workflows.pages import browser, statements, text_of
from tests.workflows.random_routes import random_route, side_by_side
from tests.workflows.test_properties import undone
from tests.workflows.world import NOW, World, at_least, by_role, default_stages, fresh, stage
from workflows.bpmn.chain import Chain, ChainStage, from_chain
from workflows.bpmn.courses import course_of, difference
from workflows.bpmn.model import Definition, RoleReach
from workflows.bpmn.xml import write
from workflows.choices import RunState
from workflows.definitions import definition_of
from workflows.models import Case, FlowVersion, Replay, ReplayDifference
from workflows.services import replays, runs
from workflows.services.definitions import digest, save_draft, start_draft

pytestmark = pytest.mark.django_db


def draft_of(world: World, *stages: ChainStage) -> FlowVersion:
    """A draft of the toy's flow with these stages."""
    return draft_with(world, from_chain(Chain("toy_route", "玩具流程", nodes=stages)))


def draft_with(world: World, definition: Definition) -> FlowVersion:
    draft = start_draft(definition_id=world.version.definition_id, actor=fresh(world.adm), now=NOW)
    draft.bpmn = write(definition)
    draft.sha256 = digest(draft.bpmn)
    draft.save()
    return draft


def replay(world: World, version: FlowVersion, last: int = 100, **values: Any) -> Replay:
    """Ask for a replay and let a worker do it."""
    asked = replays.request_replay(
        version_id=version.pk, actor=fresh(world.adm), now=NOW, last=last
    )
    while replays.continue_replay(replay_id=asked.pk, now=NOW, **values):
        pass
    asked.refresh_from_db()
    return asked


def details(run: Replay) -> list[dict[str, Any]]:
    return [each.detail for each in run.differences.order_by("-case_id")]


class TestReplay:
    def test_the_published_version_over_its_own_cases_changes_nothing(self, world: World) -> None:
        for level in (1, 2, 3):
            finished_case(world, level=level)
        done = replay(world, world.version)
        assert (done.state, done.seen, done.changed) == (RunState.DONE, 3, 0)

    def test_says_which_step_is_new_and_which_is_gone(self, world: World) -> None:
        case = finished_case(world, level=1)
        tl, _brm, bgm, *rest = default_stages()
        extra = stage("audit", by_role("PLM", RoleReach.HEAD_OFFICE))
        (detail,) = details(replay(world, draft_of(world, tl, extra, bgm, *rest)))
        assert (detail["added"], detail["removed"]) == (["audit"], ["brm"])
        assert detail["before"] == [["tl"], ["brm"], ["bgm"]]
        assert detail["after"] == [["tl"], ["audit"], ["bgm"]]
        assert ReplayDifference.objects.get().case == case

    def test_says_that_the_order_changed(self, world: World) -> None:
        finished_case(world)
        tl, brm, *rest = default_stages()
        (detail,) = details(replay(world, draft_of(world, brm, tl, *rest)))
        assert detail["reordered"]
        assert not detail["added"] and not detail["removed"]

    def test_says_that_steps_run_side_by_side(self, world: World) -> None:
        finished_case(world)
        chain = from_chain(Chain("toy_route", "玩具流程", nodes=tuple(default_stages())))
        (detail,) = details(replay(world, draft_with(world, side_by_side(chain, "tl", "brm"))))
        assert detail["after"] == [["tl", "brm"], ["bgm"]]

    def test_a_limit_moves_only_the_cases_that_it_concerns(self, world: World) -> None:
        low, high = finished_case(world, level=1), finished_case(world, level=2)
        *before, hrm, committee = default_stages()
        done = replay(world, draft_of(world, *before, replace(hrm, condition=None), committee))
        assert list(done.differences.values_list("case", flat=True)) == [low.pk]
        assert (done.seen, done.changed) == (2, 1)
        assert high.pk not in done.differences.values_list("case", flat=True)

    def test_names_the_people_whom_another_rule_finds(self, world: World) -> None:
        finished_case(world)
        tl, _brm, *rest = default_stages()
        asks_the_ceo = stage("brm", by_role("CEO", RoleReach.HEAD_OFFICE), duty_line="RISK")
        (detail,) = details(replay(world, draft_of(world, tl, asks_the_ceo, *rest)))
        assert detail["people"] == {"brm": [[world.brm.name], [world.ceo.name]]}

    def test_a_case_without_a_way_through_is_counted_apart(self, world: World) -> None:
        finished_case(world, level=1)
        only = stage("tl", by_role("TL"), when=at_least("level", 2))
        chain = from_chain(Chain("toy_route", "玩具流程", nodes=(only,)))
        gateway = next(e for e in chain.elements.values() if getattr(e, "default", None))
        flows = {k: f for k, f in chain.flows.items() if k != gateway.default}
        elements = {**chain.elements, gateway.id: replace(gateway, default=None)}
        done = replay(world, draft_with(world, replace(chain, flows=flows, elements=elements)))
        assert (done.changed, done.stuck) == (1, 1)
        assert details(done)[0]["stuck"] == gateway.id

    def test_a_fact_that_a_case_was_never_asked_for_is_told(self, db: None) -> None:
        """It is declared since the case ended; an empty field would be another answer."""
        world = World(stage("tl", by_role("TL")))
        case = finished_case(world)
        Case.objects.filter(pk=case.pk).update(facts={"amount": "100000.00"})
        done = replay(world, draft := draft_of(world, *default_stages()))
        assert (done.changed, done.stuck) == (1, 0)
        assert details(done)[0]["missing_fact"] == "level"
        shown = text_of(browser(world.adm).get(f"/flows/versions/{draft.pk}/replay/"))
        assert "Nobody knows: the case was never asked for “档次”." in shown

    def test_running_cases_and_other_kinds_are_left_out(self, world: World) -> None:
        world.submitted()
        assert replay(world, world.version).seen == 0

    def test_takes_the_newest(self, world: World) -> None:
        cases = [finished_case(world) for _ in range(3)]
        draft = draft_of(world, stage("tl", by_role("TL")))
        done = replay(world, draft, last=2)
        assert list(done.differences.order_by("-case_id").values_list("case", flat=True)) == [
            cases[2].pk,
            cases[1].pk,
        ]

    def test_cases_that_differ_alike_share_a_signature(self, world: World) -> None:
        for level in (1, 1, 2):
            finished_case(world, level=level)
        done = replay(world, draft_of(world, *default_stages()[:3]))
        assert done.changed == 1
        both = replay(world, draft_of(world, stage("tl", by_role("TL", RoleReach.DEPARTMENT))))
        assert len(set(both.differences.values_list("signature", flat=True))) == 2


class TestARunIsSafe:
    def test_goes_on_where_it_stood(self, world: World) -> None:
        cases = [finished_case(world) for _ in range(5)]
        draft = draft_of(world, stage("tl", by_role("TL")))
        asked = replays.request_replay(
            version_id=draft.pk, actor=fresh(world.adm), now=NOW, last=10
        )
        assert replays.continue_replay(replay_id=asked.pk, now=NOW, batch=2)
        asked.refresh_from_db()
        assert (asked.state, asked.seen, asked.cursor) == (RunState.RUNNING, 2, cases[3].pk)
        runs.continue_runs(clock=lambda: NOW, for_at_most=timedelta(0))
        asked.refresh_from_db()
        assert asked.state == RunState.RUNNING, "no time was left"
        ticks = iter(range(100))
        runs.continue_runs(clock=lambda: NOW + timedelta(seconds=next(ticks)))
        asked.refresh_from_db()
        assert (asked.state, asked.seen, asked.changed) == (RunState.DONE, 5, 5)

    def test_a_case_that_ends_meanwhile_is_not_looked_at(self, world: World) -> None:
        finished_case(world)
        draft = draft_of(world, stage("tl", by_role("TL")))
        asked = replays.request_replay(version_id=draft.pk, actor=fresh(world.adm), now=NOW, last=9)
        finished_case(world)
        while replays.continue_replay(replay_id=asked.pk, now=NOW):
            pass
        asked.refresh_from_db()
        assert asked.seen == 1

    def test_is_stopped_and_keeps_what_it_found(self, world: World) -> None:
        for _ in range(3):
            finished_case(world)
        draft = draft_of(world, stage("tl", by_role("TL")))
        asked = replays.request_replay(version_id=draft.pk, actor=fresh(world.adm), now=NOW, last=9)
        replays.continue_replay(replay_id=asked.pk, now=NOW, batch=1)
        replays.cancel_replay(replay_id=asked.pk, actor=fresh(world.adm), now=NOW)
        assert not replays.continue_replay(replay_id=asked.pk, now=NOW)
        asked.refresh_from_db()
        assert (asked.state, asked.seen, asked.changed) == (RunState.CANCELLED, 1, 1)

    def test_asking_twice_gives_the_one_that_runs(self, world: World) -> None:
        finished_case(world)
        draft = draft_of(world, stage("tl", by_role("TL")))
        ask = {"version_id": draft.pk, "actor": fresh(world.adm), "now": NOW, "last": 9}
        assert replays.request_replay(**ask) == replays.request_replay(**ask)

    def test_an_edited_draft_is_replayed_anew(self, world: World) -> None:
        finished_case(world)
        draft = draft_of(world, stage("tl", by_role("TL")))
        ask = {"version_id": draft.pk, "actor": fresh(world.adm), "now": NOW, "last": 9}
        first = replays.request_replay(**ask)
        save_draft(
            version_id=draft.pk, actor=fresh(world.adm), now=NOW,
            definition=definition_of(world.version.pk), seen_revision=draft.revision,
        )  # fmt: skip
        second = replays.request_replay(**ask)
        first.refresh_from_db()
        assert (first.state, second.state) == (RunState.CANCELLED, RunState.WAITING)
        assert not Replay.objects.get(pk=first.pk).is_current
        assert second.is_current

    @pytest.mark.parametrize("last", [0, -1, replays.MOST_CASES + 1])
    def test_a_number_out_of_range_is_refused(self, world: World, last: int) -> None:
        with pytest.raises(DomainError) as refusal:
            replays.request_replay(
                version_id=world.version.pk, actor=fresh(world.adm), now=NOW, last=last
            )
        assert (refusal.value.code, refusal.value.status) == ("FLOW-31", 422)

    def test_others_may_not(self, world: World) -> None:
        with pytest.raises(DomainError) as refusal:
            replays.request_replay(
                version_id=world.version.pk, actor=fresh(world.bgm), now=NOW, last=1
            )
        assert refusal.value.code == "WF-31"

    def test_statements_do_not_grow_with_the_cases(
        self, world: World, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(12):
            finished_case(world)
        asks_the_ceo = stage("brm", by_role("CEO", RoleReach.HEAD_OFFICE), duty_line="RISK")
        tl, _brm, *rest = default_stages()
        draft = draft_of(world, tl, asks_the_ceo, *rest)
        asked = replays.request_replay(version_id=draft.pk, actor=fresh(world.adm), now=NOW, last=9)
        with django_assert_max_num_queries(20):
            replays.continue_replay(replay_id=asked.pk, now=NOW)


class TestAnyRoute:
    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(seed=st.integers(0, 2**32 - 1), level=st.integers(1, 4), wan=st.integers(1, 30))
    def test_replayed_over_its_own_cases_it_differs_in_nothing(
        self, world: World, seed: int, level: int, wan: int
    ) -> None:
        assert world.committee() and world.auditors and world.crowd
        with undone():
            dice = Random(seed)
            world.publish(random_route(world, dice))
            finished_case(world, level=level, amount=f"{wan}0000.00")
            done = replay(world, world.version)
            assert (done.seen, done.changed) == (1, 0)
            other = random_route(world, dice)
            draft = draft_with(world, other)
            again = replay(world, draft)
            assert again.changed <= 1
            assert again.state == RunState.DONE


class TestCourses:
    def test_a_route_never_differs_from_itself(self, world: World) -> None:
        definition = definition_of(world.version.pk)
        for level in range(1, 5):
            course = course_of(definition, {"level": level, "amount": 1})
            assert not difference(course, course)
            assert course.outcome == "APPROVED"


class TestPages:
    def test_the_page_asks_shows_progress_and_stops(self, world: World) -> None:
        for _ in range(3):
            finished_case(world)
        draft = draft_of(world, stage("tl", by_role("TL")))
        client = browser(world.adm)
        address = f"/flows/versions/{draft.pk}/replay/"
        assert "has not been replayed yet" in text_of(client.get(address))
        assert client.post(address, {"last": "100"}).status_code == 302
        assert 'hx-trigger="every 2s"' in client.get(address).content.decode()
        run = Replay.objects.get()
        replays.continue_replay(replay_id=run.pk, now=NOW, batch=1)
        assert "1 / 3" in text_of(client.get(address))
        assert client.post(f"/flows/replays/{run.pk}/cancel/").status_code == 302
        shown = client.get(address)
        assert "Stopped" in text_of(shown)
        assert "every 2s" not in shown.content.decode()

    def test_lists_what_differs_and_the_cases(self, world: World) -> None:
        case = finished_case(world)
        replay(world, draft := draft_of(world, *default_stages()[:2]))
        client = browser(world.adm)
        shown = text_of(client.get(f"/flows/versions/{draft.pk}/replay/"))
        assert "Steps left out: Step bgm." in shown
        assert f"{case.doc_no} V1 Step tl → Step brm → Step bgm Step tl → Step brm" in shown
        group = ReplayDifference.objects.get().signature
        assert case.doc_no in text_of(client.get(f"/flows/versions/{draft.pk}/replay/?how={group}"))
        editor = text_of(client.get(f"/flows/versions/{draft.pk}/edit/"))
        assert "Replay: 1 of 1 finished cases would have gone another way." in editor

    def test_the_editor_says_when_the_result_is_old(self, world: World) -> None:
        finished_case(world)
        replay(world, draft := draft_of(world, *default_stages()[:2]))
        FlowVersion.objects.filter(pk=draft.pk).update(sha256="other")
        client = browser(world.adm)
        for address in ("edit", "replay"):
            shown = text_of(client.get(f"/flows/versions/{draft.pk}/{address}/"))
            assert "edited after this replay" in shown

    @pytest.mark.parametrize("last", ["0", "x", "999999999999", "-3", ""])
    def test_a_wrong_number_is_refused_in_words(self, world: World, last: str) -> None:
        address = f"/flows/versions/{world.version.pk}/replay/"
        answer = browser(world.adm).post(address, {"last": last})
        assert answer.status_code == 422
        assert "FLOW-31" in text_of(answer)

    def test_only_administrators(self, world: World) -> None:
        client = browser(world.bgm)
        address = f"/flows/versions/{world.version.pk}/replay/"
        assert client.get(address).status_code == 403
        assert client.post(address, {"last": "10"}).status_code == 403
        assert client.get(f"/api/v1/flow-versions/{world.version.pk}/replays/").status_code == 403

    def test_a_draft_with_a_replay_can_be_thrown_away(self, world: World) -> None:
        finished_case(world)
        replay(world, draft := draft_of(world, *default_stages()[:2]))
        assert browser(world.adm).post(f"/flows/versions/{draft.pk}/discard/").status_code == 302
        assert not Replay.objects.exists()

    def test_statements_of_the_page(self, world: World) -> None:
        for level in (1, 2, 3, 1, 2):
            finished_case(world, level=level)
        replay(world, draft := draft_of(world, *default_stages()[:2]))
        assert len(statements(browser(world.adm), f"/flows/versions/{draft.pk}/replay/")) <= 14


class TestApi:
    def test_the_same_over_the_api(self, world: World) -> None:
        case = finished_case(world)
        draft = draft_of(world, *default_stages()[:2])
        client = browser(world.adm)
        asked = client.post(
            f"/api/v1/flow-versions/{draft.pk}/replays/", {"last": 5}, "application/json"
        )
        assert asked.status_code == 202
        address = f"/api/v1/replays/{asked.json()['id']}/"
        while replays.continue_replay(replay_id=asked.json()["id"], now=NOW):
            pass
        assert client.get(address).json()["changed"] == 1
        (row,) = client.get(f"{address}cases/").json()["results"]
        assert (row["doc_no"], row["words"]) == (case.doc_no, ["Steps left out: Step bgm."])
        assert client.post(f"{address}cancel/").json()["state"] == "DONE"
        assert client.get("/api/v1/replays/999999/").status_code == 404
        refused = client.post(
            f"/api/v1/flow-versions/{draft.pk}/replays/", {"last": 0}, "application/json"
        )
        assert refused.status_code in (400, 422)


class TestCommand:
    def test_reports_progress_and_groups(self, world: World) -> None:
        finished_case(world)
        draft_of(world, *default_stages()[:2])
        out = StringIO()
        call_command("flow_replay", "toy", "--as", world.adm.username, stdout=out)
        assert "1 cases looked at, 1 would have gone another way" in out.getvalue()

    @pytest.mark.parametrize("code", ["toy", "nothing"])
    def test_says_in_words_what_is_wrong(self, world: World, code: str) -> None:
        with pytest.raises(CommandError):
            call_command("flow_replay", code, "--as", world.bgm.username)


class TestMemory:
    def test_ten_thousand_cases_do_not_grow_the_worker(self, world: World) -> None:
        model = finished_case(world)
        draft = draft_of(world, *default_stages()[:2])
        many(model, 10_000)
        asked = replays.request_replay(
            version_id=draft.pk, actor=fresh(world.adm), now=NOW, last=20_000
        )
        for _ in range(5):
            replays.continue_replay(replay_id=asked.pk, now=NOW)
        before = resident()
        while replays.continue_replay(replay_id=asked.pk, now=NOW):
            pass
        asked.refresh_from_db()
        assert (asked.seen, asked.changed) == (10_001, 10_001)
        assert resident() - before < 8 * 2**20
