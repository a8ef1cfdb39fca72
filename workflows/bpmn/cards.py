"""A task of the drawn route: its title, how it decides, who decided or is waited for."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext, ngettext, pgettext

from workflows.bpmn.canvas import Canvas
from workflows.bpmn.model import Bounds, CopyTask, DecideMode, Element, Stage
from workflows.bpmn.shapes import draw_badge
from workflows.bpmn.text import shorten, width_of, wrap_evenly
from workflows.bpmn.theme import STATE_WORDS, Look, Mark, State, Theme

TITLE_SIZE, TITLE_LINE = 13.0, 16.0
STATUS_SIZE, STATUS_LINE = 10.5, 13.0
PILL_SIZE, PILL_HEIGHT = 10.5, 16.0


def draw_card(
    canvas: Canvas,
    element: Element,
    title: str,
    box: Bounds,
    look: Look,
    theme: Theme,
    state: State | None,
    mark: Mark | None,
) -> None:
    """The task's box; texts are cut with '…' where they do not fit."""
    canvas.rect(
        box.x,
        box.y,
        box.width,
        box.height,
        fill=look.fill,
        stroke=look.stroke,
        stroke_width=look.width,
        radius=8,
        dashes=look.dashes,
    )
    width, room = box.width - 14, box.height - 10
    status = status_lines(mark, width)
    lines = wrap_evenly(title, TITLE_SIZE, width, 3)
    while len(lines) > 1 and len(lines) * TITLE_LINE + len(status) * STATUS_LINE > room:
        lines = wrap_evenly(title, TITLE_SIZE, width, len(lines) - 1)
    while status and len(lines) * TITLE_LINE + len(status) * STATUS_LINE > room:
        status.pop()
    x = box.x + box.width / 2
    y = box.y + (box.height - len(lines) * TITLE_LINE - len(status) * STATUS_LINE) / 2
    for line in lines:
        canvas.text(x, y + TITLE_LINE / 2, line, size=TITLE_SIZE, fill=look.text, weight="600")
        y += TITLE_LINE
    for line in status:
        canvas.text(x, y + STATUS_LINE / 2, line, size=STATUS_SIZE, fill=look.faint)
        y += STATUS_LINE
    _draw_pill(canvas, _pill(element), box, look, theme)
    if state not in (None, State.NOT_REACHED, State.SKIPPED):
        draw_badge(canvas, state, box.x + box.width - 4, box.y + 2, look, theme)


def status_lines(mark: Mark | None, width: float) -> list[str]:
    """Who and when, in at most two lines of this width."""
    if mark is None:
        return []
    times, people = moments(mark), _fitting_names(mark.people, width)
    if mark.state is State.SKIPPED:
        return [str(STATE_WORDS[mark.state])]
    if mark.state in (State.RETURNED, State.REJECTED):
        word = str(STATE_WORDS[mark.state])
        return [shorten(f"{word} · {people}" if people else word, STATUS_SIZE, width), *times]
    joined = " ".join([people, *times]) if people else " ".join(times)
    if people and times and width_of(joined, STATUS_SIZE) > width:
        return [people, *times]
    return [joined] if joined else []


def moments(mark: Mark) -> list[str]:
    """When it was decided, or how long it waits."""
    if mark.state is State.CURRENT and mark.waiting_hours is not None:
        hours = f"{float(mark.waiting_hours):.1f}".removesuffix(".0")
        return [gettext("waiting %(hours)s h") % {"hours": hours}]
    if mark.at is not None:
        return [timezone.localtime(mark.at).strftime("%m-%d %H:%M")]
    return []


def names(people: Sequence[str], at_most: int) -> str:
    """The names as a list, the rest as a number."""
    shown = pgettext("between names", ", ").join(people[:at_most])
    more = len(people) - at_most
    if more <= 0:
        return shown
    sentence = ngettext("%(names)s and %(count)s more", "%(names)s and %(count)s more", more)
    return sentence % {"names": shown, "count": more}


def _fitting_names(people: Sequence[str], width: float) -> str:
    for count in range(len(people), 0, -1):
        text = names(people, count)
        if width_of(text, STATUS_SIZE) <= width:
            return text
    return shorten(names(people, 1), STATUS_SIZE, width) if people else ""


def _draw_pill(canvas: Canvas, text: str, box: Bounds, look: Look, theme: Theme) -> None:
    """How the stage decides, on its upper border."""
    if not text:
        return
    width = width_of(text, PILL_SIZE) + 12
    x, y = box.x + 10, box.y - PILL_HEIGHT / 2
    canvas.rect(
        x,
        y,
        width,
        PILL_HEIGHT,
        fill=theme.background,
        stroke=look.stroke,
        stroke_width=1,
        radius=PILL_HEIGHT / 2,
    )
    canvas.text(x + width / 2, y + PILL_HEIGHT / 2, text, size=PILL_SIZE, fill=look.faint)


def _pill(element: Element) -> str:
    match element:
        case Stage():
            return {
                DecideMode.ANY: "",
                DecideMode.ALL: pgettext("how a stage decides", "all"),
                DecideMode.SEQUENCE: pgettext("how a stage decides", "in turn"),
                DecideMode.VOTE: pgettext("how a stage decides", "vote"),
            }[element.settings.decide]
        case CopyTask():
            return pgettext("kind of element", "copy")
    return pgettext("kind of element", "automatic")
