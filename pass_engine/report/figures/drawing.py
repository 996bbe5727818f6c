"""A drawing: shapes at places worked out here, which one SVG template writes down.

Widths are CSS pixels; the full width is that of the text on a portrait page, so a font size here is what is printed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, ClassVar, Final, Literal

from pass_engine.report.model import Figure, Zone
from pass_engine.report.templates import render

if TYPE_CHECKING:
    from collections.abc import Iterator

FULL_WIDTH: Final = 642.0
INK: Final = "#1b2733"
MUTED: Final = "#5b6875"
HAIR: Final = "#c5ccd3"
BLUE: Final = "#12395f"
PALETTE: Final = ("#12395f", "#c2571a", "#2a8577", "#7a4b94", "#6b6b6b", "#a3202c")
"""Colours of cohorts, dark to light in turn so that they differ in grey too."""
PALE: Final = "#eef2f6"
CHARACTER: Final = 0.48
"""Mean width of a character, as a share of the font size; on the safe side for running text."""
BOLD_CHARACTER: Final = 0.55
"""The same of bold text, whose letters are wider."""


def place(value: float) -> str:
    """A coordinate, one decimal, never -0."""
    return f"{value + 0.0:.1f}".replace("-0.0", "0.0")


@dataclass(frozen=True)
class Stroke:
    """A straight line."""

    kind: ClassVar[str] = "line"
    x1: float
    y1: float
    x2: float
    y2: float
    colour: str = INK
    width: float = 1.0
    dash: str = ""
    arrow: bool = False

    @property
    def at(self) -> dict[str, str]:
        """Coordinates as text."""
        return {"x1": place(self.x1), "y1": place(self.y1), "x2": place(self.x2), "y2": place(self.y2)}

    @property
    def head(self) -> str:
        """Points of the arrow head: lines with an arrow run right or down."""
        x, y = self.x2, self.y2
        down = self.y2 - self.y1 > abs(self.x2 - self.x1)
        corners = ((x, y), (x - 3, y - 6), (x + 3, y - 6)) if down else ((x, y), (x - 6, y - 3), (x - 6, y + 3))
        return " ".join(f"{place(a)},{place(b)}" for a, b in corners)


@dataclass(frozen=True)
class Box:
    """A rectangle. ``told``: the values it stands for, if any; ``source``: their rows, as a cell has them."""

    kind: ClassVar[str] = "rect"
    x: float
    y: float
    w: float
    h: float
    fill: str = "none"
    colour: str = INK
    width: float = 0.8
    told: str = ""
    source: str = ""

    @property
    def at(self) -> dict[str, str]:
        """Coordinates as text."""
        return {"x": place(self.x), "y": place(self.y), "width": place(self.w), "height": place(self.h)}

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, top, width and height."""
        return self.x, self.y, self.w, self.h


@dataclass(frozen=True)
class Text:
    """Words: text stays text."""

    kind: ClassVar[str] = "text"
    x: float
    y: float
    text: str
    anchor: Literal["start", "middle", "end"] = "start"
    size: float = 10.5
    colour: str = INK
    bold: bool = False

    @property
    def at(self) -> dict[str, str]:
        """Coordinates as text."""
        return {"x": place(self.x), "y": place(self.y)}


@dataclass(frozen=True)
class Mark:
    """A marker: square, circle, triangle or diamond, filled or hollow, so that cohorts differ without colour.

    ``told`` and ``source`` as of a box.
    """

    kind: ClassVar[str] = "mark"
    x: float
    y: float
    shape: Literal["square", "circle", "triangle", "diamond"]
    colour: str = INK
    filled: bool = True
    size: float = 3.4
    stretch: float = 1.0
    told: str = ""
    source: str = ""

    @property
    def at(self) -> dict[str, str]:
        """Coordinates as text."""
        return {"cx": place(self.x), "cy": place(self.y), "r": place(self.size)}

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, top, width and height of what a finger hits."""
        reach = self.size + 2
        return self.x - reach, self.y - reach, 2 * reach, 2 * reach

    @property
    def points(self) -> str:
        """Corners of all but the circle."""
        s, w = self.size, self.size * self.stretch
        corners = {
            "square": ((-s, -s), (s, -s), (s, s), (-s, s)),
            "triangle": ((0.0, -s * 1.2), (s * 1.1, s), (-s * 1.1, s)),
            "diamond": ((0.0, -s * 1.3), (w * 1.3, 0.0), (0.0, s * 1.3), (-w * 1.3, 0.0)),
            "circle": (),
        }[self.shape]
        return " ".join(f"{place(self.x + a)},{place(self.y + b)}" for a, b in corners)


Shape = Stroke | Box | Text | Mark
SHAPES: Final[tuple[Literal["square", "circle", "triangle", "diamond"], ...]] = (
    "square",
    "circle",
    "triangle",
    "diamond",
)


@dataclass
class Drawing:
    """Shapes in painting order, the title that stands for the figure where it cannot be seen, and its description.

    ``whole``: the rows of all its shapes together, where they are too many to be linked one by one on paper.
    """

    title: str
    description: str
    height: float = 0.0
    width: float = FULL_WIDTH
    shapes: list[Shape] = field(default_factory=list)
    whole: str = ""

    def add(self, *shapes: Shape) -> None:
        """Paint these on top."""
        self.shapes.extend(shapes)

    @property
    def size(self) -> dict[str, str]:
        """Width and height as text."""
        return {"width": place(self.width), "height": place(self.height)}

    def figure(self, key: str, notes: tuple[str, ...]) -> Figure:
        """The drawing as a figure of the report."""
        return Figure(key, self.title, render("drawing.svg.j2", drawing=self), notes, zones=tuple(self._zones()))

    def _zones(self) -> Iterator[Zone]:
        """Where a link to a row lies: each shape with a source, or the whole drawing."""
        if self.whole:
            yield Zone("0.00%", "0.00%", "100.00%", "100.00%", self.whole)
            return
        for shape in self.shapes:
            if isinstance(shape, (Box, Mark)) and shape.source:
                yield self._zone(*shape.extent, shape.source)

    def _zone(self, x: float, y: float, w: float, h: float, source: str) -> Zone:
        across, down = (100 / self.width, 100 / self.height)
        left, top, width, height = (f"{part:.2f}%" for part in (x * across, y * down, w * across, h * down))
        return Zone(left, top, width, height, source)


def line_of(y: float, height: float, told: str, source: str) -> Box:
    """A line of a figure as one clear box over its numbers, ``y`` their baseline: what tells them and leads to rows."""
    return Box(0, y - height * 0.74, FULL_WIDTH, height, "none", "none", 0.0, told, source)


def cohort_mark(number: int, x: float, y: float, size: float = 3.4) -> Mark:
    """The marker of the n-th cohort: its colour, its shape, every second one hollow."""
    shape = SHAPES[number % len(SHAPES)]
    return Mark(x, y, shape, PALETTE[number % len(PALETTE)], filled=number % 2 == 0, size=size)


def wrap(text: str, width: float, size: float) -> list[str]:
    """Break text into lines of about this width. A word longer than the line stays whole."""
    most = max(int(width / (size * CHARACTER)), 8)
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= most or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def shorten(text: str, width: float, size: float) -> str:
    """A text on one line of this width: cut, with an ellipsis, where it is longer."""
    most = max(int(width / (size * BOLD_CHARACTER)), 8)
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def text_width(text: str, size: float) -> float:
    """About how wide a text is."""
    return len(text) * size * CHARACTER


@dataclass(frozen=True)
class Axis:
    """A linear axis from zero: where a value lies, and its ticks."""

    start: float
    end: float
    top: float
    step: float

    def at(self, value: float) -> float:
        """The place of a value; beyond the end is the end."""
        share = min(max(value / self.top, 0.0), 1.0)
        return self.start + share * (self.end - self.start)

    @property
    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Places and texts of the ticks."""
        count = round(self.top / self.step)
        values = [Decimal(str(self.step)) * n for n in range(count + 1)]
        return tuple((self.at(float(v)), f"{v.normalize():f}") for v in values)


def linear_axis(start: float, end: float, most: float, ticks: int = 5) -> Axis:
    """An axis from zero to a round number at or above ``most``, with about so many ticks."""
    raw = max(most, 1e-9) / ticks
    size = Decimal(1).scaleb(Decimal(repr(raw)).adjusted())
    step = next(
        size * m
        for m in (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
        if float(size * m) >= raw * 0.999
    )
    count = (Decimal(repr(most)) / step).to_integral_value(ROUND_CEILING) or Decimal(1)
    return Axis(start, end, float(step * count), float(step))
