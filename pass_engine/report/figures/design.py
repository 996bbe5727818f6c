"""Study design diagram: windows around day 0, made from the protocol. Symbolic, not to scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pass_engine.report.figures.drawing import (
    BLUE,
    FULL_WIDTH,
    HAIR,
    INK,
    MUTED,
    PALE,
    Box,
    Drawing,
    Stroke,
    Text,
    wrap,
)
from pass_engine.report.numbers import format_date

if TYPE_CHECKING:
    from pass_engine.protocol.models import Criterion, TimeAtRisk
    from pass_engine.report.context import Context
    from pass_engine.report.model import Figure

LABELS: Final = 196.0
FAR_LEFT: Final = 206.0
LEFT: Final = 240.0
DAY_0: Final = 372.0
RIGHT: Final = 480.0
FAR_RIGHT: Final = FULL_WIDTH - 4
SIZE: Final = 10.0
BAR: Final = 15.0
STARTS: Final = {
    "era_start": "the start of each era",
    "era_end": "the end of each era",
    "first_era_start": "the first start ever",
    "cohort_entry": "cohort entry",
    "disease_onset": "first symptoms",
}
AFTER_ERA: Final = 52.0
"""Where the time after an era is drawn to begin, to the right of day 0."""


@dataclass(frozen=True)
class Bar:
    """One window: its name, where it lies, and what is written in it."""

    label: str
    start: float
    end: float
    text: str
    at_risk: bool = False
    open_end: bool = False


def design(ctx: Context) -> Figure:
    """Entry criteria before day 0, times at risk after it."""
    bars = [*_criteria_bars(ctx), *_risk_bars(ctx)]
    period = ctx.study.population.period
    drawing = Drawing(
        "Study design",
        f"Windows around day 0, the day of cohort entry. {' '.join(f'{b.label}: {b.text}.' for b in bars)}",
    )
    drawing.add(Text(DAY_0, 11, "Day 0: cohort entry", "middle", 10.5, BLUE, bold=True))
    drawing.add(
        Text(DAY_0, 24, f"between {format_date(period.start)} and {format_date(period.end)}", "middle", 9.5, MUTED)
    )
    top = y = 32.0
    for bar in bars:
        y = _draw(drawing, bar, y)
    drawing.add(Stroke(DAY_0, top - 4, DAY_0, y + 2, BLUE, 1.4))
    drawing.add(Stroke(FAR_LEFT, y + 5, FAR_RIGHT, y + 5, INK, 0.8, arrow=True))
    drawing.add(Text(FAR_LEFT - 6, y + 8, "time", "end", 9.5, MUTED))
    drawing.height = y + 11
    told = (
        "Days are counted from day 0; brackets hold the first and the last day of a window, both of which belong to "
        "it; “..” is without limit. Not to scale."
    )
    return drawing.figure("design", (f"{told} {ctx.notes.identity()}",))


def _criteria_bars(ctx: Context) -> list[Bar]:
    far = max((abs(d) for c in ctx.study.population.criteria for d in _days(c) if d is not None), default=1) or 1
    return [_criterion_bar(c, far) for c in ctx.study.population.criteria]


def _criterion_bar(criterion: Criterion, far: int) -> Bar:
    first, last = _days(criterion)
    text = (criterion.window or "[0, 0]").replace("-", "−")
    start = FAR_LEFT if first is None else _place(first, far)
    end = FAR_RIGHT if last is None else _place(last, far)
    return Bar(criterion.why, start, max(end, start + 4), text)


def _days(criterion: Criterion) -> tuple[int | None, int | None]:
    parts = (criterion.window or "[0, 0]").strip("[] ").split(",")
    first, last = (None if part.strip() == ".." else int(part) for part in parts)
    return first, last


def _place(day: int, far: int) -> float:
    side = DAY_0 - LEFT if day < 0 else RIGHT - DAY_0
    return DAY_0 + day / far * side


def _risk_bars(ctx: Context) -> list[Bar]:
    times = [ctx.study.times_at_risk[key] for key in dict.fromkeys(combo.time for combo in ctx.combos)]
    far = max((t.start.plus_days for t in times), default=0) or 1
    far = max(far, ctx.study.population.landmark_days)
    return [_risk_bar(ctx, time, far) for time in times]


def _risk_bar(ctx: Context, time: TimeAtRisk, far: int) -> Bar:
    days, landmark = time.start.plus_days, ctx.study.population.landmark_days
    after = AFTER_ERA if time.start.anchor == "era_end" else 0
    start = DAY_0 + max(days / far * 52 + after, landmark / far * 52)
    anchor = format_date(time.start.date) if time.start.date else STARTS[time.start.anchor]
    begin = f"day {days} after {anchor}" if days else anchor
    if landmark:
        begin += f", not before day {landmark},"
    text = f"from {begin} to {_end(time)}"
    return Bar(time.label, start, FAR_RIGHT - 10, text, at_risk=True, open_end=True)


def _end(time: TimeAtRisk) -> str:
    last = _last(time)
    if time.end.within_days is None:
        return last
    length = (
        f"day {time.end.within_days} after that anchor"
        if time.start.plus_days
        else f"day {time.end.within_days} after it"
    )
    return length if time.end.anchor == "follow_up_end" else f"{last}, at most to {length}"


def _last(time: TimeAtRisk) -> str:
    if time.start.anchor == "era_end":
        return "the next era or the end of follow-up"
    if time.end.anchor == "follow_up_end":
        return "end of follow-up"
    plus = time.end.plus_days
    if isinstance(plus, dict):
        days = sorted(set(plus.values()))
        return f"end of era + {' / '.join(str(d) for d in days)} days" if any(days) else "end of era"
    return f"end of era + {plus} days" if plus else "end of era"


def _draw(drawing: Drawing, bar: Bar, y: float) -> float:
    lines = wrap(bar.label, LABELS, SIZE)
    inside = wrap(bar.text, max(bar.end - bar.start - 14, 60), 9.5) if bar.at_risk else [bar.text]
    height = max(BAR, 11 * len(inside) + 4)
    row = max(height, 11.5 * len(lines)) + 4
    for number, line in enumerate(lines):
        drawing.add(Text(0, y + 11 + number * 11.5, line, size=SIZE))
    drawing.add(Stroke(0, y + row - 2, FULL_WIDTH, y + row - 2, HAIR, 0.5))
    fill, colour = ("#d6e2ee", BLUE) if bar.at_risk else (PALE, MUTED)
    drawing.add(Box(bar.start, y, bar.end - bar.start, height, fill, colour, 0.8))
    if bar.open_end:
        drawing.add(Stroke(bar.end, y + height / 2, FAR_RIGHT, y + height / 2, colour, 1.2, arrow=True))
    if bar.at_risk:
        for number, line in enumerate(inside):
            drawing.add(Text(bar.start + 7, y + 11.5 + number * 11, line, size=9.5))
    else:
        _window_text(drawing, bar, y + 11)
    return y + row


def _window_text(drawing: Drawing, bar: Bar, y: float) -> None:
    """Inside a wide window, else to the right of day 0, where nothing else stands."""
    if bar.end - bar.start > len(bar.text) * 5.5 + 10:
        drawing.add(Text((bar.start + min(bar.end, DAY_0)) / 2, y, bar.text, "middle", 9.5))
    else:
        drawing.add(Text(max(bar.end, DAY_0) + 8, y, bar.text, "start", 9.5))
