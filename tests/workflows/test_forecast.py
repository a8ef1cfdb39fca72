"""How long a case will still take, from finished cases; silent where too little is known."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.pages import browser, statements, text_of
from tests.workflows.world import NOW, World, fresh
from workflows.definitions import definition_of
from workflows.durations import HANDFUL, POINTS, after, beside, forecast_of, left_of, sketch_of
from workflows.models import Case, Stage, StageDuration
from workflows.screens.forecast import forecast_for, forecast_words
from workflows.services import decisions
from workflows.services.durations import refresh_durations

pytestmark = pytest.mark.django_db

_HOURS = st.lists(st.floats(0, 200), min_size=1, max_size=30)


def finished(world: World, hours: int, **values: Any) -> Case:
    """A case whose every step takes so many hours, all within one working day."""
    case = world.submitted(**values)
    for turn, who in enumerate((world.tl, world.brm, world.bgm), start=1):
        case = world.approve(case, who, minutes=60 * hours * turn)
    return case


class TestMeasuring:
    def test_steps_are_measured_in_working_hours(self, world: World) -> None:
        for _ in range(HANDFUL):
            finished(world, 1)
        refresh_durations(now=NOW)
        row = StageDuration.objects.get(flow_version=world.version, node_id="tl")
        assert row.visits == HANDFUL
        assert set(row.sketch) == {1.0}

    def test_measuring_again_replaces(self, world: World) -> None:
        for _ in range(HANDFUL):
            finished(world, 1)
        refresh_durations(now=NOW)
        rows = StageDuration.objects.count()
        refresh_durations(now=NOW + timedelta(hours=1))
        assert StageDuration.objects.count() == rows
        assert StageDuration.objects.filter(refreshed_at=NOW).count() == 0

    def test_a_new_version_learns_from_the_old_one(self, world: World) -> None:
        for _ in range(HANDFUL):
            finished(world, 1)
        world.publish(definition_of(world.version.pk))
        refresh_durations(now=NOW)
        assert StageDuration.objects.filter(flow_version=world.version, node_id="tl").exists()

    def test_running_cases_do_not_count(self, world: World) -> None:
        world.approve(world.submitted(), world.tl)
        refresh_durations(now=NOW)
        assert not StageDuration.objects.exists()


class TestForecast:
    def known(self, world: World, visits: int = 10, **hours: list[float]) -> None:
        for node, measured in hours.items():
            StageDuration.objects.create(
                flow_version=world.version, node_id=node, visits=visits,
                sketch=list(sketch_of(measured)), refreshed_at=NOW,
            )  # fmt: skip

    def test_the_steps_ahead_add_up(self, world: World) -> None:
        self.known(world, tl=[8.0], brm=[16.0], bgm=[8.0])
        case = world.submitted()
        left = forecast_for(case, now=NOW)
        assert left is not None
        assert (left.middle, left.low, left.high, left.cases) == (32, 32, 32, 10)
        assert "4" in forecast_words(left)

    def test_what_the_open_step_has_used_is_taken_off(self, world: World) -> None:
        self.known(world, tl=[8.0], brm=[8.0], bgm=[8.0])
        case = world.submitted()
        left = forecast_for(case, now=NOW + timedelta(hours=2))
        assert left is not None and left.middle == pytest.approx(22)

    def test_the_spread_is_told(self, world: World) -> None:
        self.known(world, tl=[4.0, 8.0, 40.0], brm=[1.0, 8.0], bgm=[2.0, 16.0])
        left = forecast_for(world.submitted(), now=NOW)
        assert left is not None and left.low < left.middle < left.high

    @pytest.mark.parametrize("visits", [0, HANDFUL - 1])
    def test_says_nothing_from_fewer_than_a_handful(self, world: World, visits: int) -> None:
        self.known(world, visits, tl=[8.0], brm=[8.0], bgm=[8.0])
        assert forecast_for(world.submitted(), now=NOW) is None

    def test_says_nothing_when_a_step_ahead_is_unknown(self, world: World) -> None:
        self.known(world, tl=[8.0], brm=[8.0])
        assert forecast_for(world.submitted(), now=NOW) is None

    def test_says_nothing_of_a_case_that_does_not_run(self, world: World) -> None:
        self.known(world, tl=[8.0], brm=[8.0], bgm=[8.0])
        case = world.submitted()
        decisions.return_case(
            item_id=world.item(case).pk, actor=fresh(world.tl), now=NOW, opinion="请补充流水说明"
        )
        assert forecast_for(Case.objects.get(pk=case.pk), now=NOW) is None

    def test_page_and_api_tell_it(self, world: World) -> None:
        self.known(world, tl=[400.0], brm=[80.0], bgm=[80.0])
        case = world.submitted()
        Stage.objects.filter(process=case).update(started=datetime.now(NOW.tzinfo))
        client = browser(world.tl)
        shown = text_of(client.get(f"/cases/{case.pk}/route/"))
        assert "working days left" in shown and "from 10 finished cases" in shown
        said = client.get(f"/api/v1/cases/{case.pk}/forecast/").json()
        assert said["cases"] == 10 and said["low_hours"] <= said["high_hours"]
        assert (
            browser(world._local("AM")).get(f"/api/v1/cases/{case.pk}/forecast/").status_code == 404
        )

    def test_costs_the_case_page_nothing(self, world: World) -> None:
        case = world.submitted()
        without = len(statements(browser(world.tl), f"/cases/{case.pk}/"))
        self.known(world, tl=[8.0], brm=[8.0], bgm=[8.0])
        assert len(statements(browser(world.tl), f"/cases/{case.pk}/")) == without <= 14


class TestSketches:
    @given(_HOURS)
    def test_a_sketch_is_in_order_and_within_what_was_measured(self, hours: list[float]) -> None:
        sketch = sketch_of(hours)
        assert len(sketch) == POINTS
        assert list(sketch) == sorted(sketch)
        assert (sketch[0], sketch[-1]) == (min(hours), max(hours))

    @given(_HOURS, _HOURS)
    def test_sums_and_longest_keep_their_bounds(self, one: list[float], two: list[float]) -> None:
        first, second = sketch_of(one), sketch_of(two)
        both = after(first, second)
        assert both[0] == pytest.approx(first[0] + second[0])
        assert both[-1] == pytest.approx(first[-1] + second[-1])
        assert beside(first, second)[-1] == max(first[-1], second[-1])

    @given(_HOURS, st.floats(0, 300))
    def test_what_is_left_is_never_negative(self, hours: list[float], spent: float) -> None:
        assert min(left_of(sketch_of(hours), spent)) >= 0

    @given(st.lists(_HOURS, min_size=1, max_size=4))
    def test_a_forecast_has_its_middle_in_its_spread(self, stages: list[list[float]]) -> None:
        left = forecast_of([[sketch_of(hours)] for hours in stages], 10)
        assert left is not None and left.low <= left.middle <= left.high


class TestSinceLastSeen:
    def test_opinions_and_fields_in_page_and_api(self, world: World) -> None:
        document = world.document()
        case = world.submit(document)
        client = browser(world.bgm)
        client.post(f"/cases/{case.pk}/seen/")
        case = world.approve(case, world.tl, opinion="经营稳定,同意")
        shown = text_of(client.get(f"/cases/{case.pk}/"))
        assert "经营稳定,同意" in shown.split("Since you last looked")[1][:300]
        said = client.get(f"/api/v1/cases/{case.pk}/since/").json()
        assert [row["opinion"] for row in said["opinions"]] == ["经营稳定,同意"]
        assert said["events"] == 1

    def test_whoever_uses_the_api_alone_says_what_he_has_read(self, world: World) -> None:
        case = world.submit(world.document())
        client = browser(world.bgm)
        address = f"/api/v1/cases/{case.pk}/since/"
        assert client.post(address, {}, content_type="application/json").status_code == 204
        world.approve(case, world.tl, opinion="经营稳定,同意")
        assert client.get(address).json()["events"] == 1
        read = {"through": case.event_count + 1}
        assert client.post(address, read, content_type="application/json").status_code == 204
        assert client.get(address).json()["events"] == 0
        odd = client.post(address, {"until": 3}, content_type="application/json")
        assert odd.status_code == 400
