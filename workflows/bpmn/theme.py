"""Colours of the drawn route, light and dark, and the states that they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

ThemeName = Literal["light", "dark"]


class State(StrEnum):
    """How far a case has come at one element."""

    DONE = "done"
    CURRENT = "current"
    RETURNED = "returned"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    NOT_REACHED = "not_reached"


STATE_WORDS: Mapping[State, Promise] = {
    State.DONE: pgettext_lazy("stage on the diagram", "Done"),
    State.CURRENT: pgettext_lazy("stage on the diagram", "Waiting"),
    State.RETURNED: pgettext_lazy("stage on the diagram", "Returned"),
    State.REJECTED: pgettext_lazy("stage on the diagram", "Rejected"),
    State.SKIPPED: pgettext_lazy("stage on the diagram", "Skipped"),
    State.NOT_REACHED: pgettext_lazy("stage on the diagram", "Not reached"),
}

#: the lines of a case that has gone more than one way
WAY_WORDS: Mapping[str, Promise] = {
    "present": pgettext_lazy("way on the diagram", "Taken in this round"),
    "earlier": pgettext_lazy("way on the diagram", "Taken before, left since"),
}


@dataclass(frozen=True)
class Mark:
    """What the diagram shows at one element.

    ``people``: who decided, or who is asked · ``at``: when it was decided (aware) ·
    ``waiting_hours``: working hours since it arrived · ``round``: the round it happened in.
    """

    state: State
    people: tuple[str, ...] = ()
    at: datetime | None = None
    waiting_hours: Decimal | float | None = None
    round: int = 1


@dataclass(frozen=True)
class Look:
    """Colours of one state."""

    fill: str
    stroke: str
    text: str
    faint: str
    width: float = 1.5
    dashes: str = ""


@dataclass(frozen=True)
class Theme:
    background: str
    text: str
    faint: str
    line: str
    taken: str
    untaken: str
    returned: str
    badge_text: str
    lane: str
    note: str
    neutral: Look
    states: Mapping[State, Look]


LIGHT = Theme(
    background="#ffffff",
    text="#1f2937",
    faint="#526070",
    line="#64748b",
    taken="#15803d",
    untaken="#b4bfcc",
    returned="#c81e1e",
    badge_text="#ffffff",
    lane="#d5dce4",
    note="#8a96a5",
    neutral=Look("#ffffff", "#55657a", "#1f2937", "#526070"),
    states={
        State.DONE: Look("#effaf3", "#15803d", "#14532d", "#2c6b45"),
        State.CURRENT: Look("#fff5e6", "#d9730d", "#6b3606", "#8a4a0b", 2.5),
        State.RETURNED: Look("#fdf0f0", "#c81e1e", "#7a1414", "#9a2222"),
        State.REJECTED: Look("#fdf0f0", "#c81e1e", "#7a1414", "#9a2222", 2.5),
        State.SKIPPED: Look("#ffffff", "#8291a3", "#566373", "#566373", 1.5, "5 4"),
        State.NOT_REACHED: Look("#f5f7f9", "#c2ccd6", "#566373", "#566373"),
    },
)

DARK = Theme(
    background="#191f27",
    text="#e6ebf1",
    faint="#a7b4c3",
    line="#93a1b3",
    taken="#4ade80",
    untaken="#4a596c",
    returned="#f87171",
    badge_text="#0e1723",
    lane="#34445a",
    note="#76879b",
    neutral=Look("#1f2e41", "#8495aa", "#e6ebf1", "#a7b4c3"),
    states={
        State.DONE: Look("#15362a", "#4ade80", "#d9fbe5", "#9be6b8"),
        State.CURRENT: Look("#40301a", "#f5a442", "#ffe9cc", "#f3c894", 2.5),
        State.RETURNED: Look("#41232a", "#f87171", "#ffdede", "#f5b3b3"),
        State.REJECTED: Look("#41232a", "#f87171", "#ffdede", "#f5b3b3", 2.5),
        State.SKIPPED: Look("#191f27", "#76879b", "#a7b4c3", "#a7b4c3", 1.5, "5 4"),
        State.NOT_REACHED: Look("#1c2a3b", "#4a596c", "#a7b4c3", "#a7b4c3"),
    },
)

THEMES: Mapping[ThemeName, Theme] = {"light": LIGHT, "dark": DARK}
