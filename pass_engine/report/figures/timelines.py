"""Worked cases of a protocol as timelines: what is recorded of each person, and what the author expects of it."""

from __future__ import annotations

import datetime as dt
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
    Mark,
    Stroke,
    Text,
    shorten,
)
from pass_engine.report.numbers import format_count, join_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pass_engine.protocol.worked import ExpectedCount, LoadedCase, Person
    from pass_engine.report.context import Context
    from pass_engine.report.model import Figure

Span = tuple[dt.date, ...]
LANE: Final = 15.0
LABELS: Final = 196.0
RIGHT: Final = FULL_WIDTH - 8
SIZE: Final = 9.0
NARROWEST: Final = 1.6
NOTE: Final = (
    "Made-up persons. Bars are whole days, both ends included. Recorded: episodes as bars, doses as ticks, reports of "
    "events as circles (solid: serious). Expected: eras; days that count for the outcome named, with their number; "
    "diamonds are events that count. The expectation is the author's; the program's check holds the numbered SQL to it."
)


@dataclass(frozen=True)
class Scale:
    """Days on a line: the first and last one, and where they lie."""

    first: dt.date
    last: dt.date

    def at(self, day: dt.date) -> float:
        """The place of a day."""
        return LABELS + (day - self.first).days / max((self.last - self.first).days, 1) * (RIGHT - LABELS)

    def years(self) -> Iterator[dt.date]:
        """First days of the calendar years in between."""
        yield from (dt.date(y, 1, 1) for y in range(self.first.year + 1, self.last.year + 1))


def timelines(ctx: Context, loaded: LoadedCase) -> Figure:
    """One worked case: a block for each person on a common line of days."""
    case = loaded.case
    days = [day for person in case.persons for day in _days(person)]
    scale = Scale(min(days) - dt.timedelta(30), max(days) + dt.timedelta(30))
    names = [person.id for person in case.persons]
    drawing = Drawing(case.case, f"Timelines of {join_words(names)}. {' '.join(case.why.split())}")
    y = 4.0
    for person in case.persons:
        y = _person(drawing, ctx, person, scale, y) + 8
    for year in scale.years():
        drawing.shapes.insert(0, Stroke(scale.at(year), 0, scale.at(year), y, colour=HAIR, width=0.5))
        drawing.add(Text(scale.at(year), y + 10, str(year.year), "middle", size=8, colour=MUTED))
    drawing.height = y + 16
    return drawing.figure(f"case-{loaded.name.removesuffix('.yaml').replace('_', '-')}", (NOTE,))


def _days(person: Person) -> Iterator[dt.date]:
    """Days that a timeline has to hold: all that is recorded but observation, and all that is expected."""
    for treatment in person.treatments:
        yield treatment.start
        yield treatment.stop or treatment.start
    yield from (day for doses in person.doses for day in doses.on)
    yield from (
        day for event in (*person.events, *person.conditions) for day in (event.onset, event.end or event.onset)
    )
    yield from (day for eras in person.expect.eras.values() for era in eras for day in era)
    yield from (day for count in person.expect.counts for period in count.at_risk or () for day in period)
    yield from (
        day for day in (person.death_date, person.diagnosis_date) if day and not (person.doses or person.treatments)
    )


def _person(drawing: Drawing, ctx: Context, person: Person, scale: Scale, y: float) -> float:
    """Lanes of one person from ``y`` down; gives back where the next one begins."""
    born = f", born {person.birth_date}" if person.birth_date else ""
    drawing.add(Text(0, y + 9, f"{person.id}  {person.sex}{born}", size=SIZE, bold=True))
    y = _recorded(drawing, person, scale, y + LANE)
    for exposure, eras in person.expect.eras.items():
        for era in eras:
            _bar(drawing, scale, era, y, MUTED)
        y = _label(drawing, f"Expected eras: {ctx.names.cohort(exposure)}", y)
    for cohort in (name for name, entered in person.expect.entry.items() if entered == "none"):
        y = _label(drawing, f"Expected: does not enter {ctx.names.cohort(cohort)}", y, width=RIGHT)
    for count in person.expect.counts:
        y = _count(drawing, ctx, count, scale, y)
    return y


def _recorded(drawing: Drawing, person: Person, scale: Scale, y: float) -> float:
    """Lanes of what a registry would have of this person."""
    for treatment in person.treatments:
        _bar(drawing, scale, (treatment.start, treatment.stop or scale.last), y, INK, filled=False)
        y = _label(drawing, treatment.substance, y)
    for doses in person.doses:
        for day in doses.on:
            drawing.add(Stroke(scale.at(day), y + 1, scale.at(day), y + LANE - 4, width=1.6))
        y = _label(drawing, doses.substance, y)
    if person.events:
        for event in person.events:
            serious = event.serious == "yes"
            drawing.add(Mark(scale.at(event.onset), y + 6, "circle", INK, filled=serious, size=3.0))
        y = _label(drawing, "Reports of events", y)
    return y


def _count(drawing: Drawing, ctx: Context, count: ExpectedCount, scale: Scale, y: float) -> float:
    for period in count.at_risk or ():
        _bar(drawing, scale, period, y, BLUE)
    for day in count.events:
        drawing.add(Mark(scale.at(day), y + 6, "diamond", INK, size=3.4))
    last = max((scale.at(period[1]) for period in count.at_risk or ()), default=LABELS)
    told = f"{format_count(str(count.person_days))} days"
    fits = last + 50 < RIGHT
    drawing.add(Text(last + 4 if fits else last, y + (9 if fits else -1), told, "start" if fits else "end", size=8))
    return _label(drawing, f"At risk: {ctx.names.outcome(count.outcome)}, {ctx.names.cohort(count.cohort)}", y)


def _bar(
    drawing: Drawing, scale: Scale, span: Sequence[dt.date], y: float, colour: str, *, filled: bool = True
) -> None:
    x, end = scale.at(span[0]), scale.at(span[1] + dt.timedelta(1))
    drawing.add(Box(x, y + 2.5, max(end - x, NARROWEST), 7, fill=colour if filled else PALE, colour=colour))


def _label(drawing: Drawing, text: str, y: float, width: float = LABELS) -> float:
    drawing.add(Text(10, y + 9, shorten(text, width - 14, SIZE), size=SIZE))
    return y + LANE
