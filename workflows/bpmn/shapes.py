"""Events, gateways, timers and badges of the drawn route."""

from __future__ import annotations

from workflows.bpmn.canvas import Canvas, number
from workflows.bpmn.model import Bounds, EndKind, GatewayKind
from workflows.bpmn.theme import Look, State, Theme


def _middle(box: Bounds) -> tuple[float, float]:
    return (box.x + box.width / 2, box.y + box.height / 2)


def draw_start(canvas: Canvas, box: Bounds, look: Look) -> None:
    x, y = _middle(box)
    canvas.circle(x, y, box.width / 2, fill=look.fill, stroke=look.stroke, stroke_width=1.6)


def draw_end(canvas: Canvas, kind: EndKind, box: Bounds, look: Look) -> None:
    """A thick ring: a tick for approved, a cross for rejected, a disc for terminated."""
    x, y = _middle(box)
    radius = box.width / 2
    canvas.circle(x, y, radius - 1, fill=look.fill, stroke=look.stroke, stroke_width=3.2)
    match kind:
        case EndKind.APPROVED:
            _tick(canvas, x, y, radius * 0.42, look.stroke, 2.2)
        case EndKind.REJECTED:
            _cross(canvas, x, y, radius * 0.36, look.stroke, 2.2)
        case EndKind.TERMINATED:
            canvas.circle(x, y, radius * 0.55, fill=look.stroke)


def draw_gateway(canvas: Canvas, kind: GatewayKind, box: Bounds, look: Look) -> None:
    x, y = _middle(box)
    half_width, half_height = box.width / 2, box.height / 2
    canvas.polygon(
        [(x, y - half_height), (x + half_width, y), (x, y + half_height), (x - half_width, y)],
        fill=look.fill,
        stroke=look.stroke,
        width=1.6,
        dashes=look.dashes,
    )
    arm = box.width * 0.17
    match kind:
        case GatewayKind.EXCLUSIVE:
            _cross(canvas, x, y, arm, look.stroke, 2.6)
        case GatewayKind.PARALLEL:
            arm *= 1.35
            canvas.path(
                f"M{number(x - arm)} {number(y)}H{number(x + arm)}"
                f"M{number(x)} {number(y - arm)}V{number(y + arm)}",
                stroke=look.stroke,
                stroke_width=2.6,
            )
        case GatewayKind.INCLUSIVE:
            canvas.circle(x, y, arm * 1.25, stroke=look.stroke, stroke_width=2.4)


def draw_timer(
    canvas: Canvas, box: Bounds, look: Look, theme: Theme, is_interrupting: bool
) -> None:
    """A clock in a double ring, dashed when it lets its stage go on."""
    x, y = _middle(box)
    radius = box.width / 2 - 2
    dashes = "" if is_interrupting else "4 2.5"
    for each in (radius, radius - 3):
        fill = theme.background if each == radius else "none"
        canvas.circle(x, y, each, fill=fill, stroke=look.stroke, stroke_width=1.2, dashes=dashes)
    canvas.circle(x, y, radius - 6, stroke=look.stroke, stroke_width=1)
    canvas.path(
        f"M{number(x)} {number(y - radius + 9)}V{number(y)}H{number(x + 4)}",
        stroke=look.stroke,
        stroke_width=1.2,
    )


def draw_badge(
    canvas: Canvas, state: State | None, x: float, y: float, look: Look, theme: Theme
) -> None:
    """The state as a sign, so that it does not depend on colour."""
    canvas.circle(x, y, 9, fill=look.stroke, stroke=theme.background, stroke_width=2)
    ink = theme.badge_text
    match state:
        case State.DONE:
            _tick(canvas, x, y, 4.4, ink, 2)
        case State.REJECTED:
            _cross(canvas, x, y, 3.4, ink, 2)
        case State.RETURNED:
            canvas.path(
                f"M{number(x + 4)} {number(y + 3.5)}V{number(y + 1)}Q{number(x + 4)} "
                f"{number(y - 1.5)} {number(x + 1.5)} {number(y - 1.5)}H{number(x - 3.5)}"
                f"M{number(x - 1)} {number(y - 4.5)}L{number(x - 4)} {number(y - 1.5)}"
                f"L{number(x - 1)} {number(y + 1.5)}",
                stroke=ink,
                stroke_width=1.8,
            )
        case State.CURRENT:
            canvas.path(
                f"M{number(x)} {number(y - 4.5)}V{number(y)}L{number(x + 3.2)} {number(y + 2)}",
                stroke=ink,
                stroke_width=2,
            )


def _tick(canvas: Canvas, x: float, y: float, size: float, ink: str, width: float) -> None:
    canvas.path(
        f"M{number(x - size)} {number(y + size * 0.05)}"
        f"L{number(x - size * 0.25)} {number(y + size * 0.75)}"
        f"L{number(x + size)} {number(y - size * 0.7)}",
        stroke=ink,
        stroke_width=width,
    )


def _cross(canvas: Canvas, x: float, y: float, arm: float, ink: str, width: float) -> None:
    canvas.path(
        f"M{number(x - arm)} {number(y - arm)}L{number(x + arm)} {number(y + arm)}"
        f"M{number(x - arm)} {number(y + arm)}L{number(x + arm)} {number(y - arm)}",
        stroke=ink,
        stroke_width=width,
    )
