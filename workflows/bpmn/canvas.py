"""A small SVG writer: presentation attributes only, no style, no script, no references."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from workflows.bpmn.text import printable

SVG = "http://www.w3.org/2000/svg"
FONTS = "'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', system-ui, sans-serif"

Point = tuple[float, float]


def number(value: float) -> str:
    return f"{round(value, 1):g}"


class Canvas:
    """Draws into one group at a time and remembers how far the picture reaches."""

    def __init__(self) -> None:
        self.root = etree.Element(f"{{{SVG}}}svg", nsmap={None: SVG})
        self.group = etree.SubElement(self.root, f"{{{SVG}}}g")
        self.left = self.top = float("inf")
        self.right = self.bottom = float("-inf")

    def begin(self, kind: str, element_id: str, title: str) -> None:
        """A group for one element, with a tooltip that screen readers announce too."""
        self.group = etree.SubElement(self.root, f"{{{SVG}}}g")
        self.group.set(f"data-{kind}", printable(element_id))
        if title:
            etree.SubElement(self.group, f"{{{SVG}}}title").text = printable(title)

    def reach(self, x: float, y: float) -> None:
        self.left, self.right = min(self.left, x), max(self.right, x)
        self.top, self.bottom = min(self.top, y), max(self.bottom, y)

    def _add(self, name: str, **attributes: str | float | None) -> etree._Element:
        node = etree.SubElement(self.group, f"{{{SVG}}}{name}")
        for key, value in attributes.items():
            if value is not None and value != "":
                node.set(key.replace("_", "-"), value if isinstance(value, str) else number(value))
        return node

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "none",
        stroke: str = "none",
        stroke_width: float = 1.5,
        radius: float = 0,
        dashes: str = "",
        opacity: float | None = None,
    ) -> None:
        self.reach(x - stroke_width, y - stroke_width)
        self.reach(x + width + stroke_width, y + height + stroke_width)
        self._add(
            "rect",
            x=x,
            y=y,
            width=width,
            height=height,
            rx=radius or None,
            fill=fill,
            stroke=stroke,
            stroke_width=stroke_width if stroke != "none" else None,
            stroke_dasharray=dashes,
            fill_opacity=opacity,
        )

    def circle(
        self,
        x: float,
        y: float,
        radius: float,
        *,
        fill: str = "none",
        stroke: str = "none",
        stroke_width: float = 1.5,
        dashes: str = "",
    ) -> None:
        self.reach(x - radius - stroke_width, y - radius - stroke_width)
        self.reach(x + radius + stroke_width, y + radius + stroke_width)
        self._add(
            "circle",
            cx=x,
            cy=y,
            r=radius,
            fill=fill,
            stroke=stroke,
            stroke_width=stroke_width if stroke != "none" else None,
            stroke_dasharray=dashes,
        )

    def path(
        self,
        d: str,
        *,
        stroke: str = "none",
        stroke_width: float = 1.5,
        fill: str = "none",
        dashes: str = "",
    ) -> None:
        """A path; what it reaches is the caller's to tell."""
        self._add(
            "path",
            d=d,
            fill=fill,
            stroke=stroke,
            stroke_width=stroke_width if stroke != "none" else None,
            stroke_dasharray=dashes,
            stroke_linejoin="round" if stroke != "none" else None,
            stroke_linecap="round" if stroke != "none" and not dashes else None,
        )

    def polygon(
        self,
        points: Sequence[Point],
        *,
        fill: str,
        stroke: str = "none",
        width: float = 1.5,
        dashes: str = "",
    ) -> None:
        for x, y in points:
            self.reach(x, y)
        self._add(
            "polygon",
            points=" ".join(f"{number(x)},{number(y)}" for x, y in points),
            fill=fill,
            stroke=stroke,
            stroke_width=width if stroke != "none" else None,
            stroke_linejoin="round" if stroke != "none" else None,
            stroke_dasharray=dashes,
        )

    def line(
        self,
        points: Sequence[Point],
        *,
        stroke: str,
        width: float,
        dashes: str = "",
        radius: float = 6,
    ) -> None:
        """A line with rounded corners."""
        for x, y in points:
            self.reach(x, y)
        self.path(_rounded(points, radius), stroke=stroke, stroke_width=width, dashes=dashes)

    def arrow_head(self, start: Point, tip: Point, *, fill: str, size: float = 8) -> None:
        dx, dy = tip[0] - start[0], tip[1] - start[1]
        length = (dx * dx + dy * dy) ** 0.5 or 1
        dx, dy = dx / length, dy / length
        back = (tip[0] - dx * size, tip[1] - dy * size)
        half = size * 0.45
        self.polygon(
            [
                tip,
                (back[0] - dy * half, back[1] + dx * half),
                (back[0] + dy * half, back[1] - dx * half),
            ],
            fill=fill,
        )

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float,
        fill: str,
        weight: str = "",
        anchor: str = "middle",
    ) -> None:
        """One line whose middle is at ``y``."""
        node = self._add(
            "text",
            x=x,
            y=y + size * 0.35,
            fill=fill,
            font_size=size,
            font_weight=weight,
            text_anchor=anchor,
        )
        node.text = printable(text)

    def document(self, *, background: str, margin: float, title: str, description: str) -> str:
        """The finished picture, cropped to what was drawn."""
        if self.left > self.right:
            self.reach(0, 0)
        x, y = self.left - margin, self.top - margin
        width, height = self.right - self.left + 2 * margin, self.bottom - self.top + 2 * margin
        root = self.root
        root.set("width", number(width))
        root.set("height", number(height))
        root.set("viewBox", " ".join(number(each) for each in (x, y, width, height)))
        root.set("role", "img")
        root.set("aria-label", printable(title))
        root.set("font-family", FONTS)
        ground = etree.Element(f"{{{SVG}}}rect")
        for key, value in (("x", x), ("y", y), ("width", width), ("height", height)):
            ground.set(key, number(value))
        ground.set("fill", background)
        head = [etree.Element(f"{{{SVG}}}title"), etree.Element(f"{{{SVG}}}desc"), ground]
        head[0].text, head[1].text = printable(title), printable(description)
        for position, node in enumerate(head):
            root.insert(position, node)
        return etree.tostring(root, encoding="unicode")


def _rounded(points: Sequence[Point], radius: float) -> str:
    parts = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        entry = _towards(corner, before, radius)
        leave = _towards(corner, after, radius)
        parts.append(
            f"L{number(entry[0])} {number(entry[1])}"
            f"Q{number(corner[0])} {number(corner[1])} {number(leave[0])} {number(leave[1])}"
        )
    parts.append(f"L{number(points[-1][0])} {number(points[-1][1])}")
    return "".join(parts)


def _towards(start: Point, end: Point, distance: float) -> Point:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = (dx * dx + dy * dy) ** 0.5
    if length == 0:
        return start
    share = min(distance, length / 2) / length
    return (start[0] + dx * share, start[1] + dy * share)
