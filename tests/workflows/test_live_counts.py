"""The menu counts what waits, brought along by the poll of the bell."""

from __future__ import annotations

import re

import pytest

from tests.workflows.pages import HTMX, browser
from tests.workflows.world import World

pytestmark = pytest.mark.django_db

POLL = "/notifications/badge/"


def figures(world: World) -> dict[str, str]:
    body = browser(world.tl).get(POLL, headers=HTMX).content.decode()
    return dict(re.findall(r'id="count-([\w-]+)" hx-swap-oob="innerHTML">(.*?)</span>', body))


def test_a_case_that_arrives_is_counted_without_a_reload(world: World) -> None:
    nothing = {"inbox-todo": "", "inbox-claim": "", "inbox-copied": "", "section-approvals": ""}
    assert figures(world) == nothing
    case = world.submitted()
    assert figures(world) == nothing | {"inbox-todo": "1", "section-approvals": "1"}
    world.approve(case, world.tl)
    assert figures(world) == nothing


def test_each_figure_has_its_place_in_the_menu(world: World) -> None:
    menu = browser(world.tl).get("/inbox/").content.decode()
    assert all(f'id="count-{name}"' in menu for name in figures(world))
