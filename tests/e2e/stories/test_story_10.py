"""Story 10: due dates of a year whose holidays nobody has published yet."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

import pytest
from playwright.sync_api import expect

from staff.calendar import known_years
from tests.e2e.conftest import Visit
from tests.e2e.steps import submit
from tests.e2e.stories.conftest import Clock
from tests.e2e.world import World
from workflows.models import Stage

UNKNOWN = known_years()[-1] + 1  # 2027 with the calendar of 2026


@pytest.fixture(autouse=True)
def _last_day_of_the_known_years(clock: Clock) -> None:
    clock.to(date(UNKNOWN - 1, 12, 31))


def test_story_10_holidays_that_nobody_has_entered(visit: Visit, world: World) -> None:
    draft = world.draft()
    adm = visit(world.adm, "/")
    expect(adm.locator("body")).to_contain_text(f"{UNKNOWN} 年节假日未配置")
    submit(visit(world.am, f"/applications/{draft.pk}/"))
    due = timezone.localtime(Stage.objects.get(finished=None).due_at)
    assert due.year == UNKNOWN

    tl = visit(world.tl, "/inbox/")
    expect(tl.locator("main")).to_contain_text(draft.customer.name)
    tl.goto(f"/cases/{Stage.objects.get(finished=None).process_id}/")
    expect(tl.locator(".ui-case-now")).to_contain_text("部门主管")
    calendar = visit(world.brm, "/post-loan-calendar/")
    expect(calendar.locator("body")).to_contain_text(f"{UNKNOWN} 年节假日未配置")
