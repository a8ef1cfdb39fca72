"""The route as a picture: self-contained SVG for pages, prints and phones."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.utils import translation
from django.utils.translation import gettext, pgettext

from workflows.bpmn.arcs import Arc, draw_arcs
from workflows.bpmn.canvas import Canvas
from workflows.bpmn.cards import draw_card, moments, names
from workflows.bpmn.labels import LINE, SIZE, Label, LabelPlacer
from workflows.bpmn.layout import Orientation, arrange, is_complete
from workflows.bpmn.model import (
    BoundaryTimer,
    CopyTask,
    Definition,
    Element,
    EndEvent,
    Gateway,
    Layout,
    SequenceFlow,
    ServiceTask,
    Stage,
)
from workflows.bpmn.shapes import draw_end, draw_gateway, draw_start, draw_timer
from workflows.bpmn.text import width_of, wrap
from workflows.bpmn.theme import STATE_WORDS, THEMES, WAY_WORDS, Look, Mark, State, Theme, ThemeName

Return = tuple[str, str, int]

#: dashes of a way that the case has left since
_EARLIER = "7 4"


def render_svg(
    definition: Definition,
    *,
    marks: Mapping[str, Mark] | None = None,
    taken: Collection[str] = (),
    earlier: Collection[str] = (),
    language: str,
    theme: ThemeName = "light",
    condition_words: Mapping[str, str] | None = None,
    returns: Sequence[Return] = (),
    orientation: Orientation = "horizontal",
    description: str = "",
) -> str:
    """The definition as an SVG document without scripts, styles and outside references.

    With ``marks`` it shows how far a case has come: elements without a mark count as passed
    when a flow in ``taken`` or ``earlier`` leads to them, else as not reached. ``earlier`` are
    flows that the case has left since: only a round before the present one took them. Without
    marks the route is drawn plainly. ``condition_words`` are the texts on the flows; ``returns``
    are (from, to, round) jumps drawn as red arcs, ``to`` being the start event's id for a return
    to the handler; ``description`` is read to people who cannot see the picture.
    """
    with translation.override(language):
        return _Picture(
            definition,
            marks or {},
            frozenset(taken),
            frozenset(earlier),
            language,
            THEMES[theme],
            condition_words or {},
            [jump for jump in returns if {jump[0], jump[1]} <= set(definition.elements)],
            orientation,
        ).document(description)


class _Picture:
    def __init__(
        self,
        definition: Definition,
        marks: Mapping[str, Mark],
        taken: frozenset[str],
        earlier: frozenset[str],
        language: str,
        theme: Theme,
        condition_words: Mapping[str, str],
        returns: Sequence[Return],
        orientation: Orientation,
    ) -> None:
        self.definition = definition
        self.marks = marks
        self.taken = taken
        self.earlier = earlier
        self.language = language
        self.theme = theme
        self.returns = returns
        self.orientation = orientation
        self.is_plain = not (marks or taken or earlier)
        self.words = self._flow_words(condition_words)
        self.layout = self._layout()
        self.canvas = Canvas()

    def document(self, description: str) -> str:
        self._draw_lanes()
        flows = self.definition.flows.values()
        for flow in sorted(flows, key=lambda f: (f.id in self.taken, f.id in self.earlier)):
            self._draw_flow(flow)
        self._draw_notes()
        for element in self.definition.elements.values():
            self._draw_element(element)
        self._draw_returns()
        self._draw_labels()
        self._draw_legend()
        return self.canvas.document(
            background=self.theme.background,
            margin=16,
            title=self.definition.title(self.language),
            description=description,
        )

    # -- what there is to draw -----------------------------------------------------------

    def _flow_words(self, given: Mapping[str, str]) -> dict[str, str]:
        words: dict[str, str] = {}
        for flow in self.definition.flows.values():
            named = flow.name_en if self.language.startswith("en") and flow.name_en else flow.name
            text = given.get(flow.id) or named
            source = self.definition.elements[flow.source]
            if not text and isinstance(source, Gateway) and source.default == flow.id:
                text = pgettext("flow on the diagram", "otherwise")
            if text:
                words[flow.id] = text
        return words

    def _layout(self) -> Layout:
        if self.orientation == "horizontal" and is_complete(self.definition):
            return self.definition.layout
        return arrange(self.definition, orientation=self.orientation, labelled=self.words)

    def _state(self, element: Element) -> State | None:
        """None where the route is drawn plainly."""
        if self.is_plain:
            return None
        mark = self.marks.get(element.id)
        if mark is not None:
            return mark.state
        flows = self.definition.incoming(element.id) or self.definition.outgoing(element.id)
        reached = any(flow.id in self.taken | self.earlier for flow in flows)
        return State.DONE if reached and not isinstance(element, Stage) else State.NOT_REACHED

    def _look(self, element: Element) -> Look:
        state = self._state(element)
        return self.theme.neutral if state is None else self.theme.states[state]

    # -- lanes, annotations, flows -------------------------------------------------------

    def _draw_lanes(self) -> None:
        for lane in self.definition.lanes:
            box = self.layout.shapes.get(lane.id)
            if box is None:
                continue
            self.canvas.begin("lane", lane.id, lane.name)
            self.canvas.rect(
                box.x, box.y, box.width, box.height, stroke=self.theme.lane, stroke_width=1
            )
            lines = wrap(lane.name, 12, 76, 2)
            for index, line in enumerate(lines):
                self.canvas.text(
                    box.x + 8,
                    box.y + 12 + index * 15,
                    line,
                    size=12,
                    fill=self.theme.faint,
                    anchor="start",
                )

    def _draw_notes(self) -> None:
        for note in self.definition.annotations:
            box = self.layout.shapes[note.id]
            self.canvas.begin("annotation", note.id, note.text)
            way = self.layout.edges.get(note.id)
            if way:
                self.canvas.line(way, stroke=self.theme.note, width=1, dashes="2 3", radius=0)
            self.canvas.rect(
                box.x, box.y, box.width, box.height, fill=self.theme.background, opacity=0.9
            )
            self.canvas.path(
                f"M{box.x + 8} {box.y}H{box.x}V{box.y + box.height}H{box.x + 8}",
                stroke=self.theme.note,
            )
            host = self.definition.elements.get(note.attached_to or "")
            text = note.text
            if way is None and host is not None:
                text = f"{host.title(self.language) or host.id}: {text}"
            lines = wrap(text, 12, box.width - 14, max(1, int(box.height // 16)))
            for index, line in enumerate(lines):
                self.canvas.text(
                    box.x + 8,
                    box.y + 13 + index * 16,
                    line,
                    size=12,
                    fill=self.theme.faint,
                    anchor="start",
                )

    def _draw_flow(self, flow: SequenceFlow) -> None:
        way = self.layout.edges[flow.id]
        is_taken = flow.id in self.taken
        if self.is_plain:
            colour, width = self.theme.line, 1.5
        else:
            was_taken = is_taken or flow.id in self.earlier
            colour = self.theme.taken if was_taken else self.theme.untaken
            width = 3.0 if is_taken else 1.4
        dashes = _EARLIER if flow.id in self.earlier and not is_taken else ""
        self.canvas.begin("flow", flow.id, self.words.get(flow.id, ""))
        tip = way[-1]
        before = next((p for p in reversed(way[:-1]) if p != tip), (tip[0] - 1, tip[1]))
        shaft = [*way[:-1], _short_of(before, tip, 6)]
        self.canvas.line(shaft, stroke=colour, width=width, dashes=dashes)
        self.canvas.arrow_head(before, tip, fill=colour, size=10 if is_taken else 8)
        source = self.definition.elements[flow.source]
        if isinstance(source, Gateway) and source.default == flow.id and len(way) > 1:
            x, y = _along(way[0], way[1], 11)
            self.canvas.path(f"M{x - 4} {y + 5}L{x + 4} {y - 5}", stroke=colour, stroke_width=1.5)

    # -- elements ------------------------------------------------------------------------

    def _draw_element(self, element: Element) -> None:
        box = self.layout.shapes[element.id]
        look = self._look(element)
        self.canvas.begin("element", element.id, self._tooltip(element))
        match element:
            case Stage() | CopyTask() | ServiceTask():
                draw_card(
                    self.canvas,
                    element,
                    element.title(self.language) or element.id,
                    box,
                    look,
                    self.theme,
                    self._state(element),
                    self.marks.get(element.id),
                )
            case Gateway():
                draw_gateway(self.canvas, element.kind, box, look)
            case EndEvent():
                draw_end(self.canvas, element.kind, box, look)
            case BoundaryTimer():
                draw_timer(self.canvas, box, look, self.theme, element.is_interrupting)
            case _:
                draw_start(self.canvas, box, look)

    def _tooltip(self, element: Element) -> str:
        parts = [element.title(self.language)]
        state, mark = self._state(element), self.marks.get(element.id)
        if state is not None and isinstance(element, Stage | CopyTask | ServiceTask):
            parts.append(str(STATE_WORDS[state]))
        if mark is not None:
            parts += [names(mark.people, len(mark.people)), *moments(mark)]
        return " · ".join(part for part in parts if part)

    def _draw_returns(self) -> None:
        arcs = [
            Arc(source, target, gettext("returned in round %(round)s") % {"round": number})
            for source, target, number in self.returns
        ]
        shapes = {key: self.layout.shapes[key] for key in self.definition.elements}
        draw_arcs(
            self.canvas,
            arcs,
            shapes,
            self.orientation,
            colour=self.theme.returned,
            background=self.theme.background,
        )

    # -- texts ---------------------------------------------------------------------------

    def _draw_labels(self) -> None:
        elements = self.definition.elements
        shapes = [self.layout.shapes[element_id] for element_id in elements]
        ways = [self.layout.edges[flow_id] for flow_id in self.definition.flows]
        placer = LabelPlacer(shapes, ways)
        for element in elements.values():
            if isinstance(element, Stage | CopyTask | ServiceTask):
                continue
            title = element.title(self.language)
            label = placer.at_shape(title, self.layout.shapes[element.id]) if title else None
            if label is not None:
                self._draw_label("name", element.id, title, label, self._look(element).text)
        for flow_id, text in self.words.items():
            label = placer.on_flow(text, self.layout.edges[flow_id])
            if label is not None:
                self._draw_label("condition", flow_id, text, label, self.theme.faint)

    def _draw_label(self, kind: str, key: str, title: str, label: Label, fill: str) -> None:
        box = label.box
        self.canvas.begin(kind, key, title)
        self.canvas.rect(
            box.x, box.y, box.width, box.height, fill=self.theme.background, opacity=0.85
        )
        for index, line in enumerate(label.lines):
            self.canvas.text(
                box.x + box.width / 2, box.y + 1 + LINE * (index + 0.5), line, size=SIZE, fill=fill
            )

    def _draw_legend(self) -> None:
        """The states that occur, in words: colour alone says nothing."""
        if self.is_plain:
            return
        stages = [e for e in self.definition.elements.values() if isinstance(e, Stage)]
        present = {self._state(element) for element in stages}
        self.canvas.begin("legend", "", "")
        left, limit = self.canvas.left, max(self.canvas.right, self.canvas.left + 280)
        x, y = left, self.canvas.bottom + 26
        for state in State:
            if state not in present:
                continue
            word = str(STATE_WORDS[state])
            width = 24 + width_of(word, SIZE) + 18
            if x + width > limit and x > left:
                x, y = left, y + 20
            look = self.theme.states[state]
            self.canvas.rect(
                x, y - 6, 16, 12, fill=look.fill, stroke=look.stroke, radius=3, dashes=look.dashes
            )
            self.canvas.text(x + 22, y, word, size=SIZE, fill=self.theme.faint, anchor="start")
            x += width
        if self.earlier:
            y = self._draw_ways(left, y + 20)
        self.canvas.reach(left, y + 8)

    def _draw_ways(self, left: float, y: float) -> float:
        """Which line is the way of now and which one an earlier way, one below the other."""
        for name, width, dashes in (("present", 3.0, ""), ("earlier", 1.4, _EARLIER)):
            self.canvas.line(
                [(left, y), (left + 26, y)], stroke=self.theme.taken, width=width, dashes=dashes
            )
            word = str(WAY_WORDS[name])
            self.canvas.text(left + 34, y, word, size=SIZE, fill=self.theme.faint, anchor="start")
            y += 20
        return y - 20


def _along(start: tuple[float, float], end: tuple[float, float], by: float) -> tuple[float, float]:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    return (start[0] + dx / length * by, start[1] + dy / length * by)


def _short_of(
    start: tuple[float, float], tip: tuple[float, float], by: float
) -> tuple[float, float]:
    dx, dy = tip[0] - start[0], tip[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    by = min(by, length)
    return (tip[0] - dx / length * by, tip[1] - dy / length * by)
