"""What a loss does: bounds on pooled numbers that lack what a registry withheld before it left.

Made from published numbers alone, so that they tell nothing that a reader cannot work out: each contributor's own
number where it is shown, else what its mark leaves open. Of n persons at risk in a cell between 0 (or 1) and k - 1 have
a first event where its row says ``<k``, else between 0 and n; each has from 1 day to as many as the study has up to its
data cut; and what a registry's overall row leaves over after the other levels is the most that a level can come to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from pass_engine.disclose import Row, records
from pass_engine.disclose.links import FIXED_STRATA
from pass_engine.disclose.locks import days_of
from pass_engine.disclose.persons import APART
from pass_engine.disclose.thresholds import SEPARATOR
from pass_engine.estimate.rows import SUPPRESSED_NOTE
from pass_engine.estimate.standard import STRATA_SUPPRESSED
from pass_engine.terms import DAYS_PER_YEAR, OVERALL, POOLED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from pass_engine.disclose.thresholds import Thresholds

PROPORTION, TO_FIRST, RECURRENT = "incidence_proportion", "eair", "eaer"
STANDARDISED, SENSITIVITY = "standardised_", "sensitivity"
PLACE = ("analysis", "cohort", "outcome", "time_at_risk", "measure")
CARRIED = ("analysis", "role", "cohort", "outcome", "time_at_risk", "counting", "stratum", "level", "measure", "per")
NO_LIMIT = "nothing published limits the events of one person"
NO_DAYS = "nothing published tells that a cell has more than no days"
NOT_PRINTED = "the cells that it is made from are not all printed"


class Span(NamedTuple):
    """Least and most that a whole number can be; None: no end."""

    least: int
    most: int | None

    def __add__(self, other: object) -> Span:
        """The span of a sum."""
        if not isinstance(other, Span):
            return NotImplemented
        return Span(self.least + other.least, None if None in (self.most, other.most) else self.most + other.most)  # type: ignore[operator]


class Ends(NamedTuple):
    """Sums of the ends of many spans; ``endless`` of them have no upper one."""

    least: int
    most: int
    endless: int


@dataclass(frozen=True)
class Known:
    """Published incidence rows by place, registry, stratum and level.

    ``longest``: days from start to data cut. ``entered``: fewest persons of a cohort's attrition that are shown, by
    analysis ('' for the main ones), registry and cohort.
    """

    rows: Mapping[tuple[str, ...], Mapping[str, Mapping[tuple[str, str], Row]]]
    rules: Thresholds
    longest: int
    entered: Mapping[tuple[str, str, str], int]
    sums: dict[tuple[str, ...], Ends] = field(default_factory=dict)

    @classmethod
    def of(cls, incidence: Sequence[Row], attrition: Iterable[Row], rules: Thresholds, longest: int) -> Known:
        """Sorted by what they are about."""
        found: dict[tuple[str, ...], dict[str, dict[tuple[str, str], Row]]] = {}
        for row in incidence:
            own = found.setdefault(_place(row), {}).setdefault(row["registry"], {})
            own[row["stratum"], row["level"]] = row
        entered: dict[tuple[str, str, str], int] = {}
        for row in attrition:
            if row["scope"] == "cohort" and row["persons"] is not None and row["step"] not in APART:
                key = (row["analysis"], row["registry"], row["cohort"])
                entered[key] = min(row["persons"], entered.get(key, row["persons"]))
        return cls(found, rules, longest, entered)

    def spans(self, row: Row) -> tuple[Span, Span]:
        """A row's own numerator and denominator."""
        return _span(self, row, _numerator(row)), _span(self, row, _denominator(row))

    def contributors(self, pooled: Row) -> list[Row]:
        """The rows that a pooled row is the sum of."""
        registries = self.rows[_place(pooled)]
        found = (
            registries.get(name, {}).get((pooled["stratum"], pooled["level"]))
            for name in pooled["registries"].split(SEPARATOR)
        )
        return [row for row in found if row is not None]

    def overall(self, row: Row) -> Row | None:
        """The overall row that a level belongs to."""
        return self.rows[_place(row)][row["registry"]].get((OVERALL, ""))

    def levels(self, row: Row, column: str) -> Ends:
        """What marks leave open of the sum over all levels of a row's stratum."""
        key = (*_place(row), row["registry"], row["stratum"], column)
        if key not in self.sums:
            own = self.rows[_place(row)][row["registry"]]
            spans = [_by_mark(self, r, column) for (stratum, _), r in own.items() if stratum == row["stratum"]]
            finite = [s.most for s in spans if s.most is not None]
            self.sums[key] = Ends(sum(s.least for s in spans), sum(finite), len(spans) - len(finite))
        return self.sums[key]


def bound_rows(tables: Mapping[str, pd.DataFrame], rules: Thresholds, longest: int) -> Iterator[Row]:
    """Rows of bounds.csv from published tables. ``longest``: days from the start of the study to its data cut."""
    listed = records(tables["incidence"])
    known = Known.of(listed, records(tables["attrition"]), rules, longest)
    by_level = _weights(records(tables["standard_weights"]))
    for row in listed:
        if row["registry"] == POOLED and row["note"] == SUPPRESSED_NOTE:
            yield {**_carried(row), **_crude(known, row)}
        elif row["registry"] == POOLED and row["note"] == STRATA_SUPPRESSED and row["measure"].startswith(STANDARDISED):
            yield {**_carried(row), **_standardised(known, row, by_level)}


def _carried(row: Row) -> Row:
    return {**{column: row[column] for column in CARRIED}, "registries": row["registries"], "persons": row["persons"]}


def _crude(known: Known, pooled: Row) -> Row:
    rows = known.contributors(pooled)
    gone = [row for row in rows if None in (row[_numerator(row)], row[_denominator(row)])]
    events, whole = _sums(known, rows)
    least, most = _rate(events, whole, pooled)
    days = {"days_least": whole.least, "days_most": whole.most} if pooled["measure"] != PROPORTION else {}
    return {
        "lacking": SEPARATOR.join(row["registry"] for row in gone),
        "events_least": events.least,
        "events_most": events.most,
        **days,
        "rate_least": least,
        "rate_most": most,
        "note": _why_endless(pooled["measure"]) if most is None else "",
    }


def _why_endless(measure: str) -> str:
    return NO_LIMIT if measure == RECURRENT else NO_DAYS


def _sums(known: Known, rows: Iterable[Row]) -> tuple[Span, Span]:
    events, whole = Span(0, 0), Span(0, 0)
    for own_events, own_whole in map(known.spans, rows):
        events, whole = events + own_events, whole + own_whole
    return events, whole


def _rate(events: Span, whole: Span, row: Row) -> tuple[float | None, float | None]:
    """Least and most of a rate, in the unit of its row."""
    unit = row["per"] if row["measure"] == PROPORTION else row["per"] * DAYS_PER_YEAR
    least = None if whole.most is None else events.least / whole.most * unit if whole.most else 0.0
    most = None if events.most is None or not whole.least else events.most / whole.least * unit
    if row["measure"] == PROPORTION and most is not None:
        most = min(most, float(row["per"]))
    return least, most


def _standardised(known: Known, pooled: Row, weights: Mapping[tuple[str, ...], Mapping[str, float]]) -> Row:
    """The weights times the bounds of each cell's rate."""
    crude = pooled["measure"].removeprefix(STANDARDISED)
    cells = known.rows.get((*_place(pooled)[:-1], crude), {}).get(POOLED, {})
    by_level = {level: row for (_, level), row in cells.items()}
    own = weights.get(_place(pooled)[:1]) or {}
    if not own or not own.keys() <= by_level.keys():
        return {"note": NOT_PRINTED}
    least, most = 0.0, 0.0
    endless = False
    lacking: set[str] = set()
    for level, weight in own.items():
        rows = known.contributors(by_level[level])
        lacking |= {r["registry"] for r in rows if None in (r[_numerator(r)], r[_denominator(r)])}
        low, high = _rate(*_sums(known, rows), by_level[level])
        least += weight * (low or 0.0)
        most += weight * (high or 0.0)
        endless = endless or high is None
    named = SEPARATOR.join(name for name in pooled["registries"].split(SEPARATOR) if name in lacking)
    bounds = {"lacking": named, "rate_least": least, "rate_most": None if endless else most}
    return {**bounds, "note": _why_endless(crude) if endless else ""}


def _weights(rows: Iterable[Row]) -> dict[tuple[str, ...], dict[str, float]]:
    """Weights from elsewhere, by analysis: those made from the study's own days are not made where days are missing."""
    found: dict[tuple[str, ...], dict[str, float]] = {}
    for row in rows:
        if not row["outcome"]:
            found.setdefault((row["analysis"],), {})[row["level"]] = row["weight"]
    return found


def _span(known: Known, row: Row, column: str) -> Span:
    """What a published row leaves open of one of its numbers."""
    span = _by_mark(known, row, column)
    overall = known.overall(row)
    adds = column != "persons" and (column != "persons_with_event" or _is_fixed(row))
    if span.least == span.most or row["stratum"] == OVERALL or overall is None or overall[column] is None or not adds:
        return span
    levels, whole = known.levels(row, column), overall[column]
    ceiling = whole - (levels.least - span.least)
    others_end = levels.endless == (span.most is None)
    floor = whole - (levels.most - (span.most or 0)) if others_end else 0
    return Span(max(span.least, floor), ceiling if span.most is None else min(span.most, ceiling))


def _by_mark(known: Known, row: Row, column: str) -> Span:
    """What a row's mark, its persons and the length of the study leave open of a number, if it is withheld."""
    if row[column] is not None:
        return Span(row[column], row[column])
    persons = _persons(known, row)
    if column == "persons":
        return persons
    longest = min([known.longest, *(s for s in map(_length, row["level"].split("*")) if s)])
    days = None if persons.most is None else persons.most * longest
    if column == "person_days":
        has_day = row["measure"] != TO_FIRST or (_is_fixed(row) and row["counting"] == "first")
        return Span(persons.least if has_day else 0, days)
    limit = int(row["status"][1:]) - 1 if row["status"].startswith("<") else None
    first = row["measure"] not in (RECURRENT, PROPORTION) or row["counting"] == "first"
    if column == "persons_with_event":
        return Span(_least(known, row, limit), _smaller(persons.most, limit if _is_fixed(row) else None))
    # one person has one first event at most; of all events no more than one a day
    return Span(_least(known, row, limit), _smaller(persons.most if first else days, limit if first else None))


def _least(known: Known, row: Row, limit: int | None) -> int:
    """1 where the mark is about events and a 0 would have no mark: then there is an event."""
    own = known.rules.of(row["registry"], row["registries"])
    hides = known.rules.hides_zero(row["registry"], row["registries"])
    about_events = limit is not None and _is_fixed(row) and row["persons"] is not None and row["persons"] >= own
    return 1 if about_events and not hides else 0


def _persons(known: Known, row: Row) -> Span:
    if row["persons"] is not None:
        return Span(row["persons"], row["persons"])
    overall = known.overall(row)
    entered = known.entered.get((row["analysis"] if row["role"] == SENSITIVITY else "", row["registry"], row["cohort"]))
    return Span(0, entered if overall is None or overall["persons"] is None else overall["persons"])


def _smaller(one: int | None, other: int | None) -> int | None:
    return min((end for end in (one, other) if end is not None), default=None)


def _length(level: str) -> int | None:
    """Days in a calendar interval."""
    span = days_of(level)
    return None if span is None else (span[1] - span[0]).days + 1


def _is_fixed(row: Row) -> bool:
    """Is each person in one level of the row's stratum, with all days and events?"""
    return row["stratum"] == OVERALL or set(row["stratum"].split("*")) <= FIXED_STRATA


def _numerator(row: Row) -> str:
    return "persons_with_event" if row["measure"] == PROPORTION else "events"


def _denominator(row: Row) -> str:
    return "persons" if row["measure"] == PROPORTION else "person_days"


def _place(row: Row) -> tuple[str, ...]:
    return tuple(row[column] for column in PLACE)
