"""A slow, plain counter: every person, every day, in Python sets. The engine must agree with it exactly.

It is written to be read beside ``methods.md``: no SQL, no data frames, nothing shared with the engine but
the protocol's own models. A day is a whole number (``date.toordinal``), periods are closed (both ends
count), and a person's time at risk is a *set of days*. Every rule is a short function whose docstring
names the rule.

The rules, numbered as the functions cite them:

 1. spans of an exposure            9. days at risk = windows within follow-up
 2. eras                           10. outcome events
 3. states before and after        11. prior events
 4. observation periods            12. counting the first event
 5. cohort entry and attrition     13. counting recurrent events
 6. windows of a time at risk      14. strata
 7. switches                       15. comparisons
  8. follow-up                      16. life tables
                                    17. data lock points
                                   18. events that may lie in or out of the time at risk
                                   19. changes of disability (disability.py)
                                   20. covariates at entry (covariates.py)
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from tests.property import covariates, disability

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pass_engine.protocol.models import (
        Comparison,
        Criterion,
        Exposure,
        Incidence,
        Outcome,
        Study,
        Survival,
        TimeAtRisk,
    )

Row = dict[str, Any]
Cell = tuple[str, ...]  # a level of every stratifier, in their order; "" where the study does not declare it

FAR = date.max.toordinal()
STRATIFIERS = (
    "age",
    "sex",
    "calendar",
    "time_since_start",
    "exposure_duration",
    "cumulative_doses",
    "country",
    "centre",
    "course",
    "edss",
    "relapses_12_months",
    "prior_substances",
    "entry_year",
    "line_of_treatment",
)  # the order in which a combination names them
LOOK_BACK_DAYS = 365  # EDSS and relapses before entry
COUNT_COLUMNS = (
    "persons",
    "persons_with_event",
    "first_events",
    "events",
    "window_days",
    "person_days",
    "first_event_days",
    "sum_e2",
    "sum_et",
    "sum_t2",
    "sum_fw",
    "sum_w2",
)
LIFE_COLUMNS = ("persons", "entered", "events", "competing", "censored")
BASELINE_COLUMNS = ("persons", "sum_value", "sum_square")
LOCK_COLUMNS = ("first_events", "events", "person_days", "first_event_days")
OVERLAP_COLUMNS = (
    "persons_in_both", "target_with_event", "comparator_with_event", "both_with_event",
    "sum_e1e2", "sum_e1t2", "sum_t1e2", "sum_t1t2",
)  # fmt: skip


# ---------------------------------------------------------------------------------------------- given


class CodeRow(Protocol):
    """A row of a code list, as ``pass_engine.protocol.Code`` has it (codes already normalised)."""

    @property
    def system(self) -> str: ...
    @property
    def code_from(self) -> str: ...
    @property
    def code_to(self) -> str: ...
    @property
    def match(self) -> str: ...


@dataclass
class CoreTables:
    """Harmonised tables of one registry, as lists of rows."""

    person: list[Row] = field(default_factory=list)
    observation_period: list[Row] = field(default_factory=list)
    disease: list[Row] = field(default_factory=list)
    treatment: list[Row] = field(default_factory=list)
    administration: list[Row] = field(default_factory=list)
    event_report: list[Row] = field(default_factory=list)
    comorbidity: list[Row] = field(default_factory=list)
    course: list[Row] = field(default_factory=list)
    visit: list[Row] = field(default_factory=list)
    relapse: list[Row] = field(default_factory=list)
    comedication: list[Row] = field(default_factory=list)
    extra_value: list[Row] = field(default_factory=list)
    variable_value: list[Row] = field(default_factory=list)
    meddra_hierarchy: list[Row] = field(default_factory=list)
    meddra_smq: list[Row] = field(default_factory=list)


ROW_TABLES = tuple(t.name for t in fields(CoreTables) if t.name not in ("person", "meddra_hierarchy", "meddra_smq"))
"""Tables with any number of rows of a person."""


@dataclass(frozen=True)
class RegistryFacts:
    """What the registry says of itself."""

    id: str
    data_cut_date: date
    deaths: str  # "visits" or "linked"
    adverse_event_start: date | None = None
    death_start: date | None = None
    visit_start: date | None = None
    mapped_tables: tuple[str, ...] = ("person", *ROW_TABLES)


@dataclass
class OracleResult:
    """Counts by (analysis, cohort, outcome, time_at_risk, stratum, level), and the smaller tables.

    ``arm_overlap`` by (analysis, outcome, time_at_risk, target, comparator); ``attrition`` by
    (scope, analysis, cohort, outcome, time_at_risk, step); ``life_table`` and ``lock_counts`` by
    (analysis, cohort, outcome, time_at_risk, day) and (.., lock_point), rows of zeros left out;
    ``baseline`` by (cohort, variable, level), covariates alone.
    """

    counts: dict[tuple[str, ...], dict[str, int]] = field(default_factory=dict)
    arm_overlap: dict[tuple[str, ...], dict[str, int]] = field(default_factory=dict)
    attrition: dict[tuple[str, ...], dict[str, int]] = field(default_factory=dict)
    life_table: dict[tuple[str, ...], dict[str, int]] = field(default_factory=dict)
    lock_counts: dict[tuple[str, ...], dict[str, int]] = field(default_factory=dict)
    baseline: dict[tuple[str, ...], dict[str, int]] = field(default_factory=dict)


# --------------------------------------------------------------------------------------- small nouns


class Span(NamedTuple):
    """A closed stretch of days."""

    first: int
    last: int


class Window(NamedTuple):
    """A closed stretch of days of a time at risk, and the day it was laid out from, before any offset."""

    first: int
    last: int
    anchor: int


class Era(NamedTuple):
    """A stretch of exposure: its first and last day, and the spans it was made of."""

    first: int
    last: int
    spans: tuple[Span, ...]


class Event(NamedTuple):
    """One clinical event of an outcome: its onset day, its last day, and the days on which its onset may have been."""

    onset: int
    end: int
    possible: Span = Span(1, 0)  # no days: the onset is known to the day


@dataclass
class Person:
    """One person's rows, dates as day numbers, and what is worked out from them once."""

    id: str
    row: Row
    rows: dict[str, list[Row]]
    observed: list[Span] = field(default_factory=list)
    eras: dict[str, list[Era]] = field(default_factory=dict)
    birthdays: list[int] | None = None
    age_labels: dict[int, str] = field(default_factory=dict)
    left_out: bool = False
    exposed: dict[str, list[int]] = field(default_factory=dict)

    def day(self, column: str) -> int | None:
        """Day number of a date column of the person table; None where it is missing."""
        return number(self.row.get(column))


@dataclass(frozen=True)
class Setting:
    """Everything that is the same for all persons."""

    study: Study
    registry: RegistryFacts
    code_lists: Mapping[str, Sequence[CodeRow]]
    core: CoreTables = field(default_factory=CoreTables)

    @property
    def cut(self) -> int:
        """Rule 8: the earlier of the registry's and the protocol's data cut."""
        return min(self.registry.data_cut_date, self.study.data.cut).toordinal()


@dataclass(frozen=True)
class Entry:
    """A person's entry into a cohort: day 0 is the first day of the entry era. Later entries stand beside the first."""

    era: Era
    later: tuple[Era, ...] = ()

    @property
    def day(self) -> int:
        """Day 0."""
        return self.era.first


@dataclass(frozen=True)
class History:
    """One person in one cohort for one outcome and time at risk, day by day."""

    origins: Mapping[int, int]  # rule 14: each day of the window and the day its time since start runs from

    window: frozenset[int]  # rule 9; empty if excluded for a prior event
    net: frozenset[int]  # rules 12 and 13: what is left after events and clean windows
    events: tuple[int, ...]  # onset days of the counted events, in order
    steps: dict[str, bool]  # which attrition steps the person is in

    @property
    def first_event(self) -> int:
        """The first counted event; far in the future if there is none."""
        return self.events[0] if self.events else FAR


@dataclass
class Totals:
    """One person's totals in one cell."""

    window_days: int = 0
    person_days: int = 0
    first_event_days: int = 0
    events: int = 0
    first_events: int = 0

    def add(self, other: Totals) -> None:
        """Add another cell of the same person."""
        self.window_days += other.window_days
        self.person_days += other.person_days
        self.first_event_days += other.first_event_days
        self.events += other.events
        self.first_events += other.first_events


def number(day: date | None) -> int | None:
    """A date as a day number."""
    return None if day is None else day.toordinal()


def known(*days: int | None) -> list[int]:
    """Those of the days that are known."""
    return [d for d in days if d is not None]


def days_between(periods: Iterable[tuple[int, int]], lowest: int, highest: int) -> set[int]:
    """All days of closed periods, from the lowest to the highest day allowed."""
    days: set[int] = set()
    for first, last in periods:
        days.update(range(max(first, lowest), min(last, highest) + 1))
    return days


# -------------------------------------------------------------------------- rules 1 to 4: eras and observation


def substances_of(cohort: str, setting: Setting) -> set[str]:
    """The substances of an exposure, lower case as in the tables."""
    return {s.lower() for s in setting.study.exposures[cohort].substances or ()}


def exposure_spans(person: Person, name: str, setting: Setting) -> list[Span]:
    """Rule 1: treatment: start to stop (or data cut); administration: dose day to dose day + effect days."""
    exposure = setting.study.exposures[name]
    spans: list[Span] = []
    for substance in substances_of(name, setting):
        rows = [r for r in person.rows[exposure.from_] if r["substance"] == substance]
        if exposure.from_ == "administration":
            supplies = [Span(r["date"].toordinal(), r["date"].toordinal() + exposure.effect_days) for r in rows]
        else:
            supplies = [s for s in (episode(person, r, exposure, setting) for r in rows) if s and s.first <= s.last]
        spans += put_off(supplies, exposure.stockpile_max_days or FAR) if exposure.stockpiling else supplies
    return sorted(spans)


def episode(person: Person, row: Row, exposure: Exposure, setting: Setting) -> Span | None:
    """Rule 1: an episode without a stop lasts to the data cut, or to where the protocol says; or it is dropped."""
    span = treatment_span(row, setting)
    if row["stop_date"] is not None or exposure.missing_stop == "data_cut":
        return span
    if exposure.missing_stop == "drop":
        return None
    if exposure.missing_stop == "fixed_days":
        last = span.first + int(exposure.missing_stop_days or 0) - 1
    else:
        last = min(known(person.day("last_contact_date"), setting.cut))
    return Span(span.first, max(span.first, min(last, setting.cut)))


def put_off(supplies: list[Span], most_days: int) -> list[Span]:
    """Rule 1, stockpiling: a supply begins the day after the stock is used up, put off by at most so many days."""
    moved: list[Span] = []
    for supply in sorted(set(supplies)):
        stock = max((s.last for s in moved), default=0)
        days = min(max(stock + 1 - supply.first, 0), most_days)
        moved.append(Span(supply.first + days, supply.last + days))
    return moved


def treatment_span(row: Row, setting: Setting) -> Span:
    """Rule 1: a treatment without a stop date is going on at the data cut."""
    stop = number(row["stop_date"])
    return Span(row["start_date"].toordinal(), setting.cut if stop is None else stop)


def join_eras(spans: list[Span], others: list[Span], gap_days: int) -> list[Era]:
    """Rule 2: the next span joins while the gap is short enough and no other named exposure lies in it."""
    eras: list[list[Span]] = []
    for span in spans:
        if eras and may_join(eras[-1], span, others, gap_days):
            eras[-1].append(span)
        else:
            eras.append([span])
    return [Era(e[0].first, max(s.last for s in e), tuple(e)) for e in eras]


def may_join(era: list[Span], span: Span, others: list[Span], gap_days: int) -> bool:
    """Rule 2: gap = next start - latest end - 1; a day of another named exposure strictly inside breaks the era."""
    latest = max(s.last for s in era)
    if span.first - latest - 1 > gap_days:
        return False
    gap = range(latest + 1, span.first)
    return not any(other.first <= day <= other.last for day in gap for other in others)


def other_exposures(cohort: str, setting: Setting) -> list[str]:
    """Rules 2 and 7: exposures with substances that share none with the cohort's own."""
    own = substances_of(cohort, setting)
    named = [n for n, e in setting.study.exposures.items() if n != cohort and e.substances]
    return [n for n in named if not own & substances_of(n, setting)]


def other_spans(person: Person, cohort: str, setting: Setting) -> list[Span]:
    """Rule 2: the spans of every other exposure, each by its own rule."""
    return [span for name in other_exposures(cohort, setting) for span in exposure_spans(person, name, setting)]


def not_yet_eras(person: Person, awaited: list[Era], setting: Setting) -> list[Era]:
    """Rule 3: from the start of the first observation period to the day before the first era awaited."""
    if not person.observed:
        return []
    first = person.observed[0].first
    last = awaited[0].first - 1 if awaited else setting.cut
    return [Era(first, last, (Span(first, last),))] if first <= last else []


def past_eras(eras: list[Era], after_days: int, setting: Setting) -> list[Era]:
    """Rule 3: from the day after an era (and the days kept apart) to the day before the next one, or the cut."""
    made = []
    for position, era in enumerate(eras):
        first = era.last + 1 + after_days
        last = eras[position + 1].first - 1 if position + 1 < len(eras) else setting.cut
        if first <= last:
            made.append(Era(first, last, (Span(first, last),)))
    return made


def find_eras(person: Person, setting: Setting) -> dict[str, list[Era]]:
    """Rules 1 to 3: the eras of every exposure; a category of two has those of the one that begins later."""
    exposures = setting.study.exposures
    eras = {
        name: join_eras(exposure_spans(person, name, setting), other_spans(person, name, setting), e.gap_days or 0)
        for name, e in exposures.items()
        if e.substances
    }
    waiting = {n: not_yet_eras(person, eras[e.not_yet], setting) for n, e in exposures.items() if e.not_yet}
    past = {n: past_eras(eras[e.past], e.after_days, setting) for n, e in exposures.items() if e.past}
    both = {n: eras[e.overlap_of[1]] for n, e in exposures.items() if e.overlap_of}
    return eras | waiting | past | both


def merge_touching(spans: Iterable[Span]) -> list[Span]:
    """Rule 4: periods that overlap or touch (next start <= end + 1) are one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.first <= merged[-1].last + 1:
            merged[-1] = Span(merged[-1].first, max(merged[-1].last, span.last))
        else:
            merged.append(span)
    return merged


def observation_periods(person: Person) -> list[Span]:
    """Rule 4: the person's merged observation periods."""
    rows = person.rows["observation_period"]
    return merge_touching(Span(r["start_date"].toordinal(), r["end_date"].toordinal()) for r in rows)


# ---------------------------------------------------------------------------------- rule 5: cohort entry


def completed_years(person: Person, day: int) -> int | None:
    """Rule 14: completed years on a day; the birthday belongs to the older age. Negative before birth."""
    if person.birthdays is None:
        return None
    return bisect_right(person.birthdays, day) - 1


def find_birthdays(birth: date | None) -> list[int] | None:
    """Rule 14: same day and month n years on; 28 February in common years for a birth on 29 February."""
    if birth is None:
        return None
    return [birthday(birth, n).toordinal() for n in range(131)]


def birthday(birth: date, n: int) -> date:
    """Rule 14: the n-th birthday."""
    try:
        return birth.replace(year=birth.year + n)
    except ValueError:  # 29 February in a common year
        return date(birth.year + n, 2, 28)


def parse_window(window: str | None) -> tuple[int, int]:
    """Days around day 0; ".." is unbounded. "[-365, 0]" gives (-365, 0)."""
    low, high = (window or "[.., ..]").strip("[] ").split(",")
    return (
        -FAR if low.strip() == ".." else int(low),
        FAR if high.strip() == ".." else int(high),
    )


def meets_age(person: Person, day0: int, criterion: Criterion) -> bool:
    """Rule 5: completed years at day 0 within the limits; a missing birth date does not meet it."""
    age = completed_years(person, day0)
    if age is None:
        return False
    low = criterion.at_least
    high = criterion.at_most
    return (low is None or age >= low) and (high is None or age <= high)


def meets_observation(person: Person, day0: int, criterion: Criterion) -> bool:
    """Rule 5: one merged observation period contains every day of the window."""
    low, high = parse_window(criterion.window)
    return any(p.first <= day0 + low and day0 + high <= p.last for p in person.observed)


def meets_disease(person: Person, day0: int, criterion: Criterion) -> bool:
    """Rule 5: the date is there and lies in the window."""
    low, high = parse_window(criterion.window)
    column = (criterion.require or "").removeprefix("disease.")
    dates = known(*(number(r[column]) for r in person.rows["disease"]))
    return any(low <= d - day0 <= high for d in dates)


def meets_exclusion(person: Person, cohort: str, candidate: Era, criterion: Criterion) -> bool:
    """Rule 5: no era of the exposure named, other than the candidate itself, has a day in the window."""
    low, high = parse_window(criterion.window)
    exposure = cohort if criterion.of == "self" else str(criterion.of)
    others = [e for e in person.eras[exposure] if not (exposure == cohort and e == candidate)]
    return not any(e.first - candidate.first <= high and e.last - candidate.first >= low for e in others)


def meets(person: Person, cohort: str, candidate: Era, criterion: Criterion) -> bool:
    """Rule 5: does the person meet the criterion with this candidate era?"""
    if criterion.exclude is not None:
        return meets_exclusion(person, cohort, candidate, criterion)
    if criterion.require == "age":
        return meets_age(person, candidate.first, criterion)
    if criterion.require == "observation":
        return meets_observation(person, candidate.first, criterion)
    return meets_disease(person, candidate.first, criterion)


def candidate_eras(person: Person, cohort: str, setting: Setting) -> list[Era]:
    """Rule 5: eras that begin within the study period; with ``entries: first`` only the earliest of them."""
    period = setting.study.population.period
    eras = [e for e in person.eras[cohort] if period.start.toordinal() <= e.first <= period.end.toordinal()]
    return eras[:1] if setting.study.population.entries == "first" else eras


def enter_cohort(person: Person, cohort: str, setting: Setting) -> tuple[list[str], Entry | None]:
    """Rule 5: the attrition steps the person passes, in order, and the entry if all are passed."""
    passed = ["persons"]
    if setting.study.data.registry_overlap:
        if person.row["country"] in excluded_countries(setting):
            return passed, None
        passed.append("registry_overlap")
    if leaves_out(setting):
        if person.left_out:
            return passed, None
        passed.append("data_fault")
    left = candidate_eras(person, cohort, setting)
    if left:
        passed.append("exposed")
    for criterion in setting.study.population.criteria:
        left = [era for era in left if meets(person, cohort, era, criterion)]
        if left:
            passed.append(criterion.id)
    if left and (both := setting.study.exposures[cohort].overlap_of):
        if enter_cohort(person, both[0], setting)[1] is None:
            return passed, None
        passed.append("entered_both")
    every = setting.study.population.entries == "all"
    return passed, Entry(left[0], tuple(left[1:]) if every else ()) if left else None


def excluded_countries(setting: Setting) -> set[str]:
    """Rule 5: countries this registry gives up under the study's ``registry_overlap``."""
    rules = [r for r in setting.study.data.registry_overlap if r.from_ == setting.registry.id]
    return {c for r in rules for c in r.countries}


def cohort_steps(cohort: str, setting: Setting) -> list[str]:
    """Rule 5: names of the attrition steps, in order; a category of two has those who entered both."""
    overlap = ["registry_overlap"] if setting.study.data.registry_overlap else []
    both = ["entered_both"] if setting.study.exposures[cohort].overlap_of else []
    if leaves_out(setting):
        overlap.append("data_fault")
    return ["persons", *overlap, "exposed", *(c.id for c in setting.study.population.criteria), *both]


# ---------------------------------------------------------------------------- rules 6 and 7: windows, switches


def extension(cohort: str, time: TimeAtRisk, setting: Setting) -> int:
    """Rule 6: days added to the end of exposure; none for states."""
    if setting.study.exposures[cohort].not_yet or setting.study.exposures[cohort].past:
        return 0
    plus = time.end.plus_days
    return plus if isinstance(plus, int) else plus.get(cohort, 0)


def lay_windows(person: Person, cohort: str, entry: Entry, time: TimeAtRisk, setting: Setting) -> list[Window]:
    """Rules 6 and 7: the windows of a cohort over a time at risk; under ``own_category`` one a day that is its own."""
    if time.overlap != "own_category" or not (cohort in in_play(time, setting) or is_category(cohort, setting)):
        return own_windows(person, cohort, entry, time, setting)
    return windows_apart(person, cohort, time, setting)


def own_windows(person: Person, cohort: str, entry: Entry, time: TimeAtRisk, setting: Setting) -> list[Window]:
    """Rule 6: the windows of each entry, from its landmark on."""
    return [window for window, _ in begun_windows(person, cohort, entry, time, setting)]


def begun_windows(
    person: Person, cohort: str, entry: Entry, time: TimeAtRisk, setting: Setting
) -> list[tuple[Window, int]]:
    """Rules 6 and 7: the windows of each entry, and the day on which what they follow began."""
    made = []
    for era in (entry.era, *entry.later):
        for window in entry_windows(person, cohort, Entry(era), time, setting):
            begun = {
                "era_start": window.anchor,
                "era_end": window.anchor + 1,
                "first_era_start": person.eras[cohort][0].first,
            }.get(time.start.anchor, era.first)
            lowest = era.first + setting.study.population.landmark_days
            made.append((Window(max(window.first, lowest), window.last, window.anchor), begun))
    return made


def entry_windows(person: Person, cohort: str, entry: Entry, time: TimeAtRisk, setting: Setting) -> list[Window]:
    """Rule 6: the windows of a time at risk, each cut at the switch that ends it (rule 7)."""
    if time.start.anchor == "era_start":
        used = eras_used(person, cohort, entry, time)
        windows = [
            w
            for e in used
            for w in cut_at_switch(
                from_era_start(e, cohort, time, setting), e.first, switch_days(person, cohort, time, setting, e.first)
            )
        ]
    elif time.start.anchor == "era_end":
        switches = switch_days(person, cohort, time, setting)
        windows = [from_era_end(person, cohort, e, time, switches) for e in eras_used(person, cohort, entry, time)]
    else:
        windows = from_one_day(person, cohort, entry, time, setting)
    within = FAR if time.end.within_days is None else time.end.within_days
    return [Window(w.first, min(w.last, w.anchor + within), w.anchor) for w in windows]


def windows_apart(person: Person, cohort: str, time: TimeAtRisk, setting: Setting) -> list[Window]:
    """Rule 7, own_category: of every day, the windows it lies under; it is its one exposure's, or the category's."""
    laid: list[tuple[str, Window, int]] = []
    for name in in_play(time, setting):
        entry = enter_cohort(person, name, setting)[1]
        if entry:
            for window, begun in begun_windows(person, name, entry, time, setting):
                laid.append((name, Window(window.first, min(window.last, setting.cut), window.anchor), begun))
    pair = setting.study.exposures[cohort].overlap_of or (None, cohort)
    days = sorted({day for _, window, _ in laid for day in range(window.first, window.last + 1)})
    made = []
    for day in days:
        there = [(name, window, begun) for name, window, begun in laid if window.first <= day <= window.last]
        if whose_day(there, time) == pair:
            made += [Window(day, day, window.anchor) for name, window, _ in there if name == pair[1]]
    return made


def in_play(time: TimeAtRisk, setting: Setting) -> tuple[str, ...]:
    """Rule 7: the exposures whose days are told apart under ``own_category``."""
    return time.switch_to or tuple(n for n, e in setting.study.exposures.items() if e.substances)


def is_category(cohort: str, setting: Setting) -> bool:
    """Rule 7: is it days under two exposures?"""
    return setting.study.exposures[cohort].overlap_of is not None


def whose_day(there: list[tuple[str, Window, int]], time: TimeAtRisk) -> tuple[str | None, str] | None:
    """Rule 7: (None, exposure) under one exposure; (old, new) of the two that began last; None for a combination."""
    begun: dict[str, tuple[int, int]] = {}
    for name, _, day in there:
        place = 0 if isinstance(time.same_day, str) else time.same_day.index(name)
        begun[name] = max(begun.get(name, (day, place)), (day, place))
    latest = sorted(begun, key=lambda name: begun[name], reverse=True)
    if len(latest) == 1:
        return None, latest[0]
    at = [begun[name] for name in latest]
    if at[0] == at[1] or (len(at) > 2 and at[1] == at[2]):
        return None
    return latest[1], latest[0]


def eras_used(person: Person, cohort: str, entry: Entry, time: TimeAtRisk) -> list[Era]:
    """Rule 6: the era of entry only, or every era from it on."""
    return [entry.era] if time.eras == "first" else [e for e in person.eras[cohort] if e.first >= entry.day]


def from_era_start(era: Era, cohort: str, time: TimeAtRisk, setting: Setting) -> list[Window]:
    """Rule 6, start anchor era_start: from era start + offset to the end of follow-up or of each span + extension."""
    first = era.first + time.start.plus_days
    if time.end.anchor == "follow_up_end":
        return [Window(first, FAR, era.first)]
    at_risk_in_gaps = setting.study.exposures[cohort].gap_time == "at_risk"
    windows = []
    for position, span in enumerate(era.spans):
        last = span.last + extension(cohort, time, setting)
        if at_risk_in_gaps and position + 1 < len(era.spans):
            last = max(last, era.spans[position + 1].first - 1)
        windows.append(Window(max(span.first, first), last, era.first))
    return windows


def from_era_end(person: Person, cohort: str, era: Era, time: TimeAtRisk, switches: set[int]) -> Window:
    """Rule 6, start anchor era_end: from era end + offset to the day before a switch or the next era of the exposure.

    A switch on the last day of the era, or before it, ends nothing, and there is no combination.
    """
    again = {e.first for e in person.eras[cohort] if e.first > era.first}
    stop = min((day for day in again | switches if day > era.last), default=FAR)
    return Window(era.last + time.start.plus_days, stop - 1, era.last)


def from_one_day(person: Person, cohort: str, entry: Entry, time: TimeAtRisk, setting: Setting) -> list[Window]:
    """Rule 6, the other start anchors: one window of the person; none where the anchoring day is not known."""
    anchor = anchor_day(person, cohort, entry, time)
    if anchor is None:
        return []
    last = FAR if time.end.anchor == "follow_up_end" else entry.era.last + extension(cohort, time, setting)
    era_start = person.eras[cohort][0].first if time.start.anchor == "first_era_start" else entry.day
    switches = switch_days(person, cohort, time, setting, era_start)
    return cut_at_switch([Window(anchor + time.start.plus_days, last, anchor)], era_start, switches)


def anchor_day(person: Person, cohort: str, entry: Entry, time: TimeAtRisk) -> int | None:
    """Rule 6: the day from which a person's one window is laid out."""
    if time.start.anchor == "first_era_start":
        return person.eras[cohort][0].first
    if time.start.anchor == "fixed_date":
        return number(time.start.date)
    if time.start.anchor == "disease_onset":
        return min(known(*(number(r["onset_date"]) for r in person.rows["disease"])), default=None)
    return entry.day


def cut_at_switch(windows: list[Window], era_start: int, switches: set[int]) -> list[Window]:
    """Rule 7: a switch after the era's start ends its windows the day before; on that day it is a combination."""
    if era_start in switches:
        return []
    last = min((s for s in switches if s > era_start), default=FAR) - 1
    return [Window(w.first, min(w.last, last), w.anchor) for w in windows]


def switch_days(
    person: Person, cohort: str, time: TimeAtRisk, setting: Setting, era_start: int | None = None
) -> set[int]:
    """Rule 7: the days on which something else begins that ends this cohort's window.

    What begins on the first day of the era, and is declared to begin before the cohort's exposure, ends nothing.
    """
    if time.overlap != "cut_at_switch":
        return set()
    exposures = setting.study.exposures
    if awaited := exposures[cohort].not_yet or exposures[cohort].past:
        return {e.first for e in person.eras[awaited]}
    order = () if isinstance(time.same_day, str) else time.same_day
    before = order[: order.index(cohort)] if cohort in order else ()

    def starts(names: Iterable[str]) -> set[int]:
        return {e.first for n in names for e in person.eras[n] if n not in before or e.first != era_start}

    if time.switch_to is not None:
        return starts(n for n in time.switch_to if n != cohort)
    return starts(other_exposures(cohort, setting)) | outside_starts(person, cohort, setting)


def outside_starts(person: Person, cohort: str, setting: Setting) -> set[int]:
    """Rule 7: first days of treatments that are neither the cohort's nor another exposure's.

    Rows of one substance are joined where they overlap or touch.
    """
    inside = {s for name in (cohort, *other_exposures(cohort, setting)) for s in substances_of(name, setting)}
    spans: dict[str, list[Span]] = defaultdict(list)
    for row in person.rows["treatment"]:
        span = treatment_span(row, setting)
        if row["substance"] not in inside and span.first <= span.last:
            spans[row["substance"]].append(span)
    return {joined.first for rows in spans.values() for joined in merge_touching(rows)}


# -------------------------------------------------------------------------------- rules 8 and 9: days at risk


def source_of(outcome: Outcome, setting: Setting) -> str:
    """Rule 8: the table an outcome is seen in; a composite needs adverse events if any of its parts does."""
    parts = [setting.study.outcomes[name] for name in outcome.of] if outcome.of else [outcome]
    sources = {"visit" if part.from_ in ("relapse", "course", "disability") else part.from_ for part in parts}
    for source in ("adverse_event", "visit"):
        if source in sources:
            return source
    return "death"


def collection_start(outcome: Outcome, setting: Setting) -> int | None:
    """Rule 8: the first day from which the registry collects what the outcome is seen in, where it says so."""
    registry = setting.registry
    starts = {
        "death": registry.death_start, "visit": registry.visit_start, "adverse_event": registry.adverse_event_start,
    }  # fmt: skip
    return number(starts[source_of(outcome, setting)])


def first_day_possible(person: Person, entry: Entry, outcome: Outcome, setting: Setting) -> int:
    """Rule 8: the latest of landmark, registry entry, study start, start of collection of the source."""
    population = setting.study.population
    landmark = entry.day + population.landmark_days
    start = population.period.start.toordinal()
    return max(known(landmark, person.day("registry_entry_date"), start, collection_start(outcome, setting)))


def last_day_possible(person: Person, entry: Entry, outcome: Outcome, time: TimeAtRisk, setting: Setting) -> int:
    """Rule 8: the earliest of death, data cut, last contact (seen at visits), study end, stopping event."""
    seen_at_visits = source_of(outcome, setting) != "death" or setting.registry.deaths == "visits"
    contact = person.day("last_contact_date") if "last_contact" in time.stop_at and seen_at_visits else None
    end = setting.study.population.period.end.toordinal() if "study_end" in time.stop_at else None
    return min(known(person.day("death_date"), setting.cut, contact, end, stopping_event(person, entry, time, setting)))


def stopping_event(person: Person, entry: Entry, time: TimeAtRisk, setting: Setting) -> int | None:
    """Rule 8: the first event, on or after cohort entry, of any outcome that stops the time at risk."""
    stops = [setting.study.outcomes[name] for name in time.stop_at_outcomes]
    onsets = [event.onset for outcome in stops for event in find_events(person, outcome, setting)]
    return min((onset for onset in onsets if onset >= entry.day), default=None)


def days_at_risk(
    person: Person, cohort: str, entry: Entry, outcome: Outcome, time: TimeAtRisk, setting: Setting
) -> dict[int, int]:
    """Rule 9: days of any window, within observation and follow-up, each once, with the anchor it is reached from.

    Follow-up of an observation period begins ``prior_observation_days`` after its first day.
    """
    lowest = first_day_possible(person, entry, outcome, setting)
    highest = last_day_possible(person, entry, outcome, time, setting)
    wait = setting.study.population.prior_observation_days
    followed = days_between(((p.first + wait, p.last) for p in person.observed), lowest, highest)
    return unite([reached(w, followed) for w in lay_windows(person, cohort, entry, time, setting)])


def reached(window: Window, followed: set[int]) -> dict[int, int]:
    """Rule 9: the days of one window that are followed, each with the window's anchor."""
    return {day: window.anchor for day in followed if window.first <= day <= window.last}


def unite(parts: list[dict[int, int]]) -> dict[int, int]:
    """Rules 9 and 14: all days of the windows; an unbroken run of days has the earliest anchor of any of them."""
    days: dict[int, int] = {}
    for part in parts:
        days |= {day: min(anchor, days.get(day, anchor)) for day, anchor in part.items()}
    united: dict[int, int] = {}
    run: list[int] = []
    for day in sorted(days):
        if run and day > run[-1] + 1:
            united |= dict.fromkeys(run, min(days[d] for d in run))
            run = []
        run.append(day)
    return united | dict.fromkeys(run, min((days[d] for d in run), default=0))


# ------------------------------------------------------------------------------ rules 10 and 11: events


def matches(row: Row, codes: Sequence[CodeRow], core: CoreTables) -> bool:
    """Rule 10: does the report's code, or the preferred term it maps to, stand in the code list?"""
    pairs = [(row["system"], row["code"]), ("MedDRA PT", row.get("pt_code"))]
    return any(code_matches(system, code, entry, core) for system, code in pairs if code for entry in codes)


GROUPS = {"MedDRA HLT": "hlt_code", "MedDRA HLGT": "hlgt_code", "MedDRA SOC": "soc_code"}


def in_group(system: str, code: str, entry: CodeRow, core: CoreTables) -> bool:
    """Rule 10: is a term in a group (on any path, or the primary), or in a query (in either scope, or the narrow)?"""
    if entry.system == "MedDRA SMQ":
        return any(
            (q["smq_code"], q["term_system"], q["term_code"]) == (entry.code_from, system, code)
            and (entry.match == "broad" or q["is_narrow"])
            for q in core.meddra_smq
        )
    column = GROUPS[entry.system]
    return system == "MedDRA PT" and any(
        (h["pt_code"], h[column]) == (code, entry.code_from) and (entry.match == "any" or h["is_primary"])
        for h in core.meddra_hierarchy
    )


def code_matches(system: str, code: str, entry: CodeRow, core: CoreTables) -> bool:
    """Rule 10: exact, with descendants (longer codes that begin so), in a range of codes, or in a group of terms."""
    if entry.match in ("any", "primary", "narrow", "broad"):
        return in_group(system, code, entry, core)
    if system != entry.system:
        return False
    if entry.match == "descendants":
        return code.startswith(entry.code_from)
    if entry.match == "range":
        return entry.code_from <= code and code[: len(entry.code_to)] <= entry.code_to
    return code == entry.code_from


def outcome_codes(outcome: Outcome, setting: Setting) -> Sequence[CodeRow]:
    """The outcome's code list; for a composite those of its parts together."""
    parts = [setting.study.outcomes[name] for name in outcome.of] if outcome.of else [outcome]
    return [code for part in parts if part.codes for code in setting.code_lists[part.codes]]


def find_events(person: Person, outcome: Outcome, setting: Setting, day_0: int | None = None) -> list[Event]:
    """Rule 10: all events of an outcome, at any time; with ``nth`` above 1 only the n-th of them exists.

    ``day_0``: cohort entry, from which changes of disability are measured.
    """
    events = sorted(recorded_events(person, outcome, setting, day_0))
    return events if outcome.nth == 1 else events[outcome.nth - 1 : outcome.nth]


def recorded_events(person: Person, outcome: Outcome, setting: Setting, day_0: int | None) -> list[Event]:
    """Rule 10: matched, collapsed, filtered by seriousness."""
    if outcome.from_ == "composite":
        parts = [setting.study.outcomes[name] for name in outcome.of or ()]
        return one_a_day([event for part in parts for event in recorded_events(person, part, setting, day_0)])
    if outcome.from_ == "death":
        return death_events(person, outcome, setting)
    if outcome.from_ == "disability":
        last = min(known(setting.cut, person.day("death_date")))
        change = disability.change_of(person.rows, outcome.disability, day_0, last)
        return [Event(day, day, Span(day, day)) for day in change]
    reports = reports_of(person, outcome, setting)
    groups = collapse(reports, outcome.same_event_days, chain=outcome.chain)
    kept = [g for g in groups if not outcome.serious or any(r["serious"] == "yes" for r in g)]
    return [Event(g[0]["onset_date"].toordinal(), max(report_end(r) for r in g), possible_days(g)) for g in kept]


def reports_of(person: Person, outcome: Outcome, setting: Setting) -> list[Row]:
    """Rule 10: reports on the outcome's code list; relapses; or the beginnings of its courses."""
    if outcome.from_ == "relapse":
        return [r | {"end_date": r["onset_date"], "serious": "unknown"} for r in person.rows["relapse"]]
    if outcome.from_ == "course":
        begun = [r for r in person.rows["course"] if r["course"] in (outcome.course or ())]
        return [r | {"onset_date": r["start_date"], "end_date": r["start_date"], "serious": "unknown"} for r in begun]
    return [r for r in person.rows["event_report"] if matches(r, outcome_codes(outcome, setting), setting.core)]


def possible_days(group: list[Row]) -> Span:
    """Rule 10: days on which an event's first onset may have been: those that all reports of that onset allow."""
    first = [r for r in group if r["onset_date"] == group[0]["onset_date"]]
    return Span(max(r["possible_from"].toordinal() for r in first), min(r["possible_to"].toordinal() for r in first))


def death_events(person: Person, outcome: Outcome, setting: Setting) -> list[Event]:
    """Rule 10: death; with a code list only if its cause is on the list."""
    death, cause = person.day("death_date"), person.row["cause_of_death"]
    if death is None:
        return []
    row = {"system": "ICD-10", "code": cause}
    wanted = not outcome.codes or matches(row, outcome_codes(outcome, setting), setting.core)
    return [Event(death, death, Span(death, death))] if wanted else []


def one_a_day(events: list[Event]) -> list[Event]:
    """Rule 10: of a composite's events with one onset day one is left, to the latest end."""
    days: dict[int, Event] = {}
    for event in events:
        other = days.get(event.onset, event)
        possible = Span(max(event.possible.first, other.possible.first), min(event.possible.last, other.possible.last))
        days[event.onset] = Event(event.onset, max(event.end, other.end), possible)
    return list(days.values())


def report_end(row: Row) -> int:
    """Rule 10: a missing end is the onset day."""
    return int((row["end_date"] or row["onset_date"]).toordinal())


def collapse(reports: list[Row], same_event_days: int, *, chain: bool) -> list[list[Row]]:
    """Rule 10: in onset order a report joins the open event while close to its first (chain: latest) onset."""
    groups: list[list[Row]] = []
    for row in sorted(reports, key=lambda r: r["onset_date"]):
        reference = groups[-1][-1 if chain else 0] if groups else None
        if reference is not None and (row["onset_date"] - reference["onset_date"]).days <= same_event_days:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def prior_onsets(person: Person, outcome: Outcome, events: list[Event], first_day: int, setting: Setting) -> list[int]:
    """Rule 11: onsets before the first day at risk, within the look-back, in the tables named."""
    rule = outcome.prior_events
    if rule.rule == "allow":
        return []
    own = "adverse_event" in rule.from_ or outcome.from_ in ("relapse", "course")
    onsets = [(e.onset, e.possible) for e in events] if own else []
    if "comorbidity" in rule.from_:
        rows = [r for r in person.rows["comorbidity"] if matches(r, outcome_codes(outcome, setting), setting.core)]
        onsets += [
            (r["onset_date"].toordinal(), Span(r["possible_from"].toordinal(), r["possible_to"].toordinal()))
            for r in rows
            if r["onset_date"]
        ]
    return [onset for onset, possible in onsets if is_prior(onset, possible, first_day, outcome)]


def is_prior(onset: int, possible: Span, first_day: int, outcome: Outcome) -> bool:
    """Rule 11: before the first day at risk, within the look-back; one that may be on either side is as declared."""
    rule = outcome.prior_events
    declared = "incident" if outcome.filled_dates == "inside" else rule.filled_dates
    if declared != "as_filled" and possible.first < first_day <= possible.last:
        return declared == "prior"
    back = rule.look_back if isinstance(rule.look_back, int) else FAR
    return first_day - back <= onset <= first_day - 1


# ------------------------------------------------------------------ rule 18: events that may lie in or out


def straddles(event: Event, window: set[int]) -> bool:
    """Rule 18: may its onset be on a day at risk, and on a day that is not?"""
    possible = set(range(event.possible.first, event.possible.last + 1))
    return bool(possible & window) and bool(possible - window)


def place(event: Event, window: set[int], outcome: Outcome) -> Event:
    """Rule 18: an event that straddles is put on its first possible day at risk where that is declared.

    ``filled_dates: inside`` moves any; ``prior_events.filled_dates: incident`` one that may be before the first day.
    """
    if event.onset in window or not straddles(event, window):
        return event
    at_first_day = event.possible.first < min(window) <= event.possible.last
    incident = outcome.prior_events.filled_dates == "incident"
    if outcome.filled_dates != "inside" and not (incident and at_first_day):
        return event
    day = min(d for d in range(event.possible.first, event.possible.last + 1) if d in window)
    return Event(day, day if event.end == event.onset else max(day, event.end), Span(day, day))


# ---------------------------------------------------------------------------- rules 12 and 13: counting


def count_first(window: set[int], events: list[Event]) -> tuple[set[int], list[int]]:
    """Rule 12: the first event on an at-risk day is counted; days after it are not at risk."""
    counted = sorted(e.onset for e in events if e.onset in window)[:1]
    return {day for day in window if not counted or day <= counted[0]}, counted


def count_recurrent(window: set[int], events: list[Event], clean_window_days: int) -> tuple[set[int], list[int]]:
    """Rule 13: the days after an event's onset up to its end + clean window are not at risk, nor counted in."""
    lost: set[int] = set()
    for event in events:
        lost.update(range(event.onset + 1, event.end + clean_window_days + 1))
    net = window - lost
    return net, sorted(e.onset for e in events if e.onset in net)


def has_baselines(person: Person, outcome: Outcome, entry: Entry, setting: Setting) -> bool:
    """Rule 19: is there a baseline for every change of disability the outcome is made of?"""
    parts = [setting.study.outcomes[name] for name in outcome.of] if outcome.of else [outcome]
    last = min(known(setting.cut, person.day("death_date")))
    return all(
        disability.baseline_of(person.rows, part.disability, entry.day, last) is not None
        for part in parts
        if part.disability
    )


def follow_person(
    person: Person, cohort: str, entry: Entry, outcome: Outcome, time: TimeAtRisk, setting: Setting
) -> History:
    """Rules 9 to 13 for one person in one cohort."""
    origins = days_at_risk(person, cohort, entry, outcome, time, setting)
    if not origins:
        return History({}, frozenset(), frozenset(), (), {})
    window = set(origins)
    events = find_events(person, outcome, setting, entry.day)
    prior = prior_onsets(person, outcome, events, min(window), setting)
    if not has_baselines(person, outcome, entry, setting):
        after_entry = any(onset >= entry.day for onset in prior)
        return History({}, frozenset(), frozenset(), (), {"window": True, "prior_event_after_entry": after_entry})
    if prior:
        after_entry = any(onset >= entry.day for onset in prior)
        return History({}, frozenset(), frozenset(), (), {"window": True, "prior_event_after_entry": after_entry})
    doubtful = any(straddles(event, window) for event in events)
    events = sorted(one_a_day([place(event, window, outcome) for event in events]))
    if outcome.counting == "first":
        net, counted = count_first(window, events)
    else:
        net, counted = count_recurrent(window, events, outcome.clean_window_days or 0)
    steps = {"window": True, "prior_event": True, "at_risk": bool(net), "filled_date_straddles": doubtful}
    return History(origins, frozenset(window), frozenset(net), tuple(counted), steps)


# ----------------------------------------------------------------------------------- rule 14: strata


def band_label(value: int | None, lows: tuple[int, ...]) -> str:
    """Rule 14: the band [a, b) a value lies in; "outside" below the first, "unknown" without a value."""
    if value is None:
        return "unknown"
    position = bisect_right(lows, value) - 1
    if position < 0:
        return "outside"
    if position == len(lows) - 1:
        return f"{lows[-1]}+"
    low, high = lows[position], lows[position + 1] - 1
    return f"{low}-{high}" if high > low else f"{low}"


@cache
def calendar_interval(day: int, by: str) -> tuple[str, int, int]:
    """Rule 14: the calendar interval a day lies in: its label, its first and its last day."""
    months = {"year": 12, "quarter": 3, "month": 1}[by]
    at = date.fromordinal(day)
    number_in_year = (at.month - 1) // months
    first = date(at.year, number_in_year * months + 1, 1)
    beyond = first
    while (beyond.year, (beyond.month - 1) // months) == (at.year, number_in_year):
        beyond += timedelta(1)
    label = {"year": f"{at.year}", "quarter": f"{at.year}-Q{number_in_year + 1}", "month": f"{at.year}-{at.month:02}"}
    return label[by], first.toordinal(), beyond.toordinal() - 1


def calendar_level(day: int, outcome: Outcome, setting: Setting) -> str:
    """Rule 14: the calendar interval of a day, or that the registry does not observe all of it.

    It observes from the start of the study period, or of collection of the outcome's source, to the data cut.
    """
    stratum = setting.study.strata.calendar
    if stratum is None:
        return ""
    label, first, last = calendar_interval(day, stratum.by)
    start = setting.study.population.period.start.toordinal()
    observed = max(known(start, collection_start(outcome, setting))) <= first and last <= setting.cut
    return label if observed or not stratum.complete_intervals else "incomplete"


def since_level(day: int, person: Person, cohort: str, entry: Entry, anchor: int, setting: Setting) -> str:
    """Rule 14: time since the origin: cohort entry, first era ever of the exposure, or anchor of the period."""
    stratum = setting.study.strata.time_since_start
    if stratum is None:
        return ""
    origin = {"entry": entry.day, "first_era": person.eras[cohort][0].first, "period": anchor}[stratum.origin]
    return band_label(day - origin, stratum.cuts_days)


def had_exposure(cohort: str, setting: Setting) -> str:
    """Rule 14: a state or category goes by the days and doses of the exposure it is of."""
    exposure = setting.study.exposures[cohort]
    return exposure.not_yet or exposure.past or (exposure.overlap_of or (None, cohort))[1]


def duration_level(day: int, person: Person, cohort: str, setting: Setting) -> str:
    """Rule 14: days exposed before this day, whenever they were. Remembered, since outcomes share days."""
    stratum = setting.study.strata.exposure_duration
    if stratum is None:
        return ""
    exposure = had_exposure(cohort, setting)
    if exposure not in person.exposed:
        spans = exposure_spans(person, exposure, setting)
        person.exposed[exposure] = sorted({d for s in spans for d in range(s.first, min(s.last, setting.cut) + 1)})
    return band_label(bisect_left(person.exposed[exposure], day), stratum.cuts_days)


def dose_level(day: int, person: Person, cohort: str, setting: Setting) -> str:
    """Rule 14: doses given on or before this day; not known where doses are not recorded."""
    stratum = setting.study.strata.cumulative_doses
    if stratum is None:
        return ""
    if "administration" not in setting.registry.mapped_tables:
        return "unknown"
    substances = substances_of(had_exposure(cohort, setting), setting)
    given = {(r["date"], r["substance"]) for r in person.rows["administration"] if r["substance"] in substances}
    return band_label(sum(date.toordinal() <= day for date, _ in given), stratum.cuts)


def age_level(day: int, person: Person, setting: Setting) -> str:
    """Rule 14: the age band of a day. Remembered, since outcomes share days."""
    if setting.study.strata.age is None:
        return ""
    if day not in person.age_labels:
        person.age_labels[day] = band_label(completed_years(person, day), setting.study.strata.age.bands)
    return person.age_labels[day]


def levels_at_entry(person: Person, cohort: str, day0: int, setting: Setting) -> tuple[str, ...]:
    """Rule 14: values at entry, which stay what they are."""
    year_before = range(day0 - LOOK_BACK_DAYS, day0 + 1)
    return (
        person.row["country"] or "unknown",
        person.row["centre_id"] or "unknown",
        course_at(person, day0),
        edss_level(person, year_before),
        relapse_level(person, year_before, setting),
        prior_substance_level(person, cohort, day0, setting),
        str(date.fromordinal(day0).year),
        treatment_line(person, day0, setting),
    )


def course_at(person: Person, day0: int) -> str:
    """Rule 14: the course of the last row that begins on or before day 0; of several the first by alphabet."""
    rows = [r for r in person.rows["course"] if r["start_date"] and r["start_date"].toordinal() <= day0]
    last = max((r["start_date"] for r in rows), default=None)
    return min((r["course"] for r in rows if r["start_date"] == last and r["course"]), default="unknown")


def edss_level(person: Person, days: range) -> str:
    """Rule 14: the last EDSS of the year before entry, in groups; of several on one day the higher."""
    seen = [
        (number(r["visit_date"]), r["edss"])
        for r in person.rows["visit"]
        if r["edss"] is not None and number(r["visit_date"]) in days
    ]
    if not seen:
        return "unknown"
    groups = ((2, "0-1.5"), (4, "2-3.5"), (6, "4-5.5"))
    return next((label for below, label in groups if max(seen)[1] < below), "6-10")


def relapse_level(person: Person, days: range, setting: Setting) -> str:
    """Rule 14: days on which a relapse began in the year before entry."""
    if "relapse" not in setting.registry.mapped_tables:
        return "unknown"
    return three_or_more(len({r["onset_date"] for r in person.rows["relapse"] if number(r["onset_date"]) in days}))


def prior_substance_level(person: Person, cohort: str, day0: int, setting: Setting) -> str:
    """Rule 14: substances, other than the cohort's own, of which a treatment began before day 0."""
    if "treatment" not in setting.registry.mapped_tables:
        return "unknown"
    begun = {r["substance"] for r in person.rows["treatment"] if r["start_date"].toordinal() < day0}
    return three_or_more(len(begun - substances_of(cohort, setting) - {None}))


def treatment_line(person: Person, day0: int, setting: Setting) -> str:
    """Rule 14: substances, the cohort's own included, of which a treatment began before day 0, plus 1."""
    if "treatment" not in setting.registry.mapped_tables:
        return "unknown"
    begun = {r["substance"] for r in person.rows["treatment"] if r["start_date"].toordinal() < day0}
    line = len(begun - {None}) + 1
    return f"{line}" if line < 4 else "4+"


def three_or_more(n: int) -> str:
    """Rule 14: 0, 1, 2 or 3+."""
    return f"{n}" if n < 3 else "3+"


@dataclass(frozen=True)
class Place:
    """Who is where: what the level of a day depends on besides the day."""

    person: Person
    cohort: str
    entry: Entry
    outcome: Outcome
    setting: Setting
    at_entry: tuple[str, ...]

    def cell(self, day: int, anchor: int) -> Cell:
        """Rule 14: the one cell a day lies in."""
        return (
            age_level(day, self.person, self.setting),
            self.person.row["sex"],
            calendar_level(day, self.outcome, self.setting),
            since_level(day, self.person, self.cohort, self.entry, anchor, self.setting),
            duration_level(day, self.person, self.cohort, self.setting),
            dose_level(day, self.person, self.cohort, self.setting),
            *self.at_entry,
        )


def split_by_cell(history: History, place: Place) -> dict[Cell, Totals]:
    """Rule 14: every day and every event of a person into exactly one cell."""
    cells: dict[Cell, Totals] = defaultdict(Totals)
    for day in history.window:
        totals = cells[place.cell(day, history.origins[day])]
        totals.window_days += 1
        if day in history.net:
            totals.person_days += 1
            totals.first_event_days += day <= history.first_event
    for onset in history.events:
        totals = cells[place.cell(onset, history.origins[onset])]
        totals.events += 1
        totals.first_events += onset == history.first_event
    return cells


def margins_of(analysis: Incidence | Comparison) -> set[tuple[str, ...]]:
    """The combinations of strata asked for, the one a standardisation needs, and overall always."""
    if analysis.kind == "comparison":
        return {()}
    wanted = [*analysis.by, ()]
    if analysis.standardise:
        wanted.append(analysis.standardise.over)
    return {tuple(s for s in STRATIFIERS if s in combination) for combination in wanted}


def project(cells: dict[Cell, Totals], margin: tuple[str, ...]) -> dict[str, Totals]:
    """One person's totals by level of a margin: "" overall, "18-29*female" in a combination."""
    levels: dict[str, Totals] = defaultdict(Totals)
    for cell, totals in cells.items():
        level = "*".join(label for name, label in zip(STRATIFIERS, cell, strict=True) if name in margin)
        levels[level].add(totals)
    return levels


# ------------------------------------------------------------------------------------------ adding up


def empty(columns: tuple[str, ...]) -> dict[str, int]:
    """A row of zeros."""
    return dict.fromkeys(columns, 0)


def add_totals(row: dict[str, int], totals: Totals) -> None:
    """Add one person's totals in a cell to the cell's row."""
    e, t = totals.events, totals.person_days
    row["persons"] += t > 0
    row["persons_with_event"] += e > 0
    row["first_events"] += totals.first_events
    row["events"] += e
    row["window_days"] += totals.window_days
    row["person_days"] += t
    row["first_event_days"] += totals.first_event_days
    row["sum_e2"] += e * e
    row["sum_et"] += e * t
    row["sum_t2"] += t * t
    row["sum_fw"] += totals.first_events * totals.window_days
    row["sum_w2"] += totals.window_days**2


def cohorts_of(analysis: Incidence | Comparison) -> tuple[str, ...]:
    """The cohorts of an analysis; rule 15: the two arms of a comparison."""
    if analysis.kind == "comparison":
        return analysis.of.target, analysis.of.comparator
    return analysis.cohorts


def pairs_of(analysis: Incidence | Comparison) -> Iterator[tuple[str, str]]:
    """Outcome and time at risk, each pair an analysis asks for."""
    for outcome, times in analysis.outcomes.items():
        for time in (times,) if isinstance(times, str) else times:
            yield outcome, time


def analyses_of(study: Study) -> list[Incidence | Comparison]:
    """The analyses counted in cells; a sensitivity analysis is a scenario of its own."""
    return [a for a in study.analyses if a.kind in {"incidence", "comparison"}]


def curves_of(study: Study) -> list[Survival]:
    """Rule 16: the analyses that have life tables."""
    return [a for a in study.analyses if a.kind == "survival"]


def cohorts_used(study: Study) -> list[str]:
    """Every cohort an analysis names, once."""
    return list(dict.fromkeys(c for a in (*analyses_of(study), *curves_of(study)) for c in cohorts_of(a)))


def prepare_result(setting: Setting) -> OracleResult:
    """The rows that are there even if nobody is in them: overall, overlap of arms, attrition."""
    result = OracleResult()
    for cohort in cohorts_used(setting.study):
        for step in cohort_steps(cohort, setting):
            result.attrition["cohort", "", cohort, "", "", step] = empty(("persons", "excluded"))
    for analysis in analyses_of(setting.study):
        for outcome, time in pairs_of(analysis):
            for cohort in cohorts_of(analysis):
                result.counts[analysis.id, cohort, outcome, time, "overall", ""] = empty(COUNT_COLUMNS)
                for step in ("window", "prior_event", "prior_event_after_entry", "at_risk", "filled_date_straddles"):
                    key = ("analysis", analysis.id, cohort, outcome, time, step)
                    result.attrition[key] = empty(("persons", "excluded"))
            if analysis.kind == "comparison":
                arms = (analysis.id, outcome, time, *cohorts_of(analysis))
                result.arm_overlap[arms] = empty(OVERLAP_COLUMNS)
    return result


def count_history(
    result: OracleResult, analysis: Incidence | Comparison, key: tuple[str, str, str], cells: dict[Cell, Totals]
) -> None:
    """Add one person's cells to every margin of an analysis. A cell without a day is not there."""
    for margin in margins_of(analysis):
        stratum = "*".join(margin) or "overall"
        for level, totals in project(cells, margin).items():
            row = result.counts.setdefault((analysis.id, *key, stratum, level), empty(COUNT_COLUMNS))
            add_totals(row, totals)


def count_overlap(row: dict[str, int], target: History | None, comparator: History | None) -> None:
    """Rule 15: what a ratio needs to know of a person who is in both arms (e = events, t = net days)."""
    if target is None or comparator is None or not (target.net and comparator.net):
        return
    e1, t1 = len(target.events), len(target.net)
    e2, t2 = len(comparator.events), len(comparator.net)
    row["persons_in_both"] += 1
    row["target_with_event"] += e1 > 0
    row["comparator_with_event"] += e2 > 0
    row["both_with_event"] += e1 > 0 and e2 > 0
    row["sum_e1e2"] += e1 * e2
    row["sum_e1t2"] += e1 * t2
    row["sum_t1e2"] += t1 * e2
    row["sum_t1t2"] += t1 * t2


def count_person(person: Person, setting: Setting, result: OracleResult) -> None:
    """Everything one person adds to the result; no rule looks at two persons."""
    study = setting.study
    entries: dict[str, Entry] = {}
    for cohort in cohorts_used(study):
        passed, entry = enter_cohort(person, cohort, setting)
        for step in passed:
            result.attrition["cohort", "", cohort, "", "", step]["persons"] += 1
        if entry:
            entries[cohort] = entry
            count_covariates(person, cohort, entry.day, setting, result)
    histories: dict[tuple[str, str, str], History] = {}
    cells: dict[tuple[str, str, str], dict[Cell, Totals]] = {}
    for analysis in analyses_of(study):
        for outcome, time in pairs_of(analysis):
            for cohort in (c for c in cohorts_of(analysis) if c in entries):
                key = (cohort, outcome, time)
                if key not in histories:
                    parts = (study.outcomes[outcome], study.times_at_risk[time])
                    histories[key] = follow_person(person, cohort, entries[cohort], *parts, setting)
                    at_entry = levels_at_entry(person, cohort, entries[cohort].day, setting)
                    place = Place(person, cohort, entries[cohort], parts[0], setting, at_entry)
                    cells[key] = split_by_cell(histories[key], place)
                count_history(result, analysis, key, cells[key])
                count_locks(result, analysis, key, histories[key], study)
                for step, there in histories[key].steps.items():
                    result.attrition["analysis", analysis.id, *key, step]["persons"] += there
            if analysis.kind == "comparison":
                target, comparator = cohorts_of(analysis)
                row = result.arm_overlap[analysis.id, outcome, time, target, comparator]
                count_overlap(row, histories.get((target, outcome, time)), histories.get((comparator, outcome, time)))
    count_curves(person, entries, setting, result)


def count_covariates(person: Person, cohort: str, day_0: int, setting: Setting, result: OracleResult) -> None:
    """Rule 20: one person's covariates in the table of characteristics."""
    for name, covariate in setting.study.covariates.items():
        codes = setting.code_lists[covariate.codes] if covariate.codes else ()
        seen = covariates.Seen(
            person.row, person.rows, day_0, setting.registry.mapped_tables,
            lambda row, codes=codes: matches(row, codes, setting.core),
        )  # fmt: skip
        level, amount = covariates.level_of(covariate, covariates.value_of(covariate, seen))
        row = result.baseline.setdefault((cohort, f"covariate.{name}", level), empty(BASELINE_COLUMNS))
        row["persons"] += 1
        row["sum_value"] += amount
        row["sum_square"] += amount * amount


def runs_of(days: Iterable[int]) -> list[Span]:
    """Unbroken runs of days."""
    return merge_touching(Span(day, day) for day in days)


def competing_event(person: Person, analysis: Survival, window: frozenset[int], setting: Setting) -> int:
    """Rule 16: the first day at risk with death or an event of a competing outcome; far off if there is none."""
    outcomes = [setting.study.outcomes[name] for name in analysis.competing]
    onsets = [event.onset for outcome in outcomes for event in find_events(person, outcome, setting)]
    return min((day for day in [*onsets, *known(person.day("death_date"))] if day in window), default=FAR)


def add_life(result: OracleResult, key: tuple[str, ...], day: int, column: str) -> None:
    """One more person on a day of a life table."""
    row = result.life_table.setdefault((*key, str(day)), empty(LIFE_COLUMNS))
    row[column] += 1


def count_life(result: OracleResult, key: tuple[str, ...], history: History, competing: int, origin: int) -> None:
    """Rule 16: each unbroken run of days up to the event is entered on its first day and left on its last.

    It is left by the event if that falls on the last day, else by what competes, else by censoring.
    """
    last = min(history.first_event, competing)
    for number_of_run, run in enumerate(runs_of(day for day in history.window if day <= last)):
        add_life(result, key, run.first - origin, "entered")
        if number_of_run == 0:
            add_life(result, key, run.first - origin, "persons")
        left_by = "competing" if run.last == competing else "censored"
        add_life(result, key, run.last - origin, "events" if run.last == history.first_event else left_by)


def count_curves(person: Person, entries: Mapping[str, Entry], setting: Setting, result: OracleResult) -> None:
    """Rule 16: what a person adds to the life tables; time runs from entry, or from the first era ever."""
    study = setting.study
    since = study.strata.time_since_start
    for analysis in curves_of(study):
        for outcome, time in pairs_of(analysis):
            for cohort in (c for c in analysis.cohorts if c in entries):
                parts = (study.outcomes[outcome], study.times_at_risk[time])
                history = follow_person(person, cohort, entries[cohort], *parts, setting)
                competing = competing_event(person, analysis, history.window, setting)
                first_era = since is not None and since.origin == "first_era"
                origin = person.eras[cohort][0].first if first_era else entries[cohort].day
                count_life(result, (analysis.id, cohort, outcome, time), history, competing, origin)


def count_locks(
    result: OracleResult, analysis: Incidence | Comparison, key: tuple[str, str, str], history: History, study: Study
) -> None:
    """Rule 17: each day and event of an incidence analysis belongs to the first lock point on or after it."""
    if analysis.kind == "comparison" or not study.data.lock_points:
        return

    def row_of(day: int) -> dict[str, int]:
        point = min(p for p in study.data.lock_points if p.toordinal() >= day)
        return result.lock_counts.setdefault((analysis.id, *key, point.isoformat()), empty(LOCK_COLUMNS))

    for day in history.net:
        row_of(day)["person_days"] += 1
        row_of(day)["first_event_days"] += day <= history.first_event
    for onset in history.events:
        row_of(onset)["events"] += 1
        row_of(onset)["first_events"] += onset == history.first_event


def fill_excluded(result: OracleResult) -> None:
    """Attrition: a step's ``excluded`` is how many the step before it had more."""
    left: dict[str, int] = {}
    for (scope, _, cohort, _, _, _), row in result.attrition.items():
        if scope == "cohort":
            row["excluded"] = left.get(cohort, row["persons"]) - row["persons"]
            left[cohort] = row["persons"]
    for key in [k for k in result.attrition if k[0] == "analysis" and k[-1] == "window"]:
        before = left[key[2]]
        for step in ("window", "prior_event", "at_risk"):
            row = result.attrition[*key[:-1], step]
            row["excluded"] = before - row["persons"]
            before = row["persons"]


def broken_rules(person: Person) -> Iterator[tuple[str, str, Row]]:
    """Rules that the person's data break: the rule, the table, and the row."""
    birth, death = person.row["birth_date"], person.row["death_date"]
    entry, contact = person.row["registry_entry_date"], person.row["last_contact_date"]

    def before(one: date | None, other: date | None) -> bool:
        return one is not None and other is not None and one < other

    own = {
        "death_before_birth": before(death, birth),
        "birth_after_entry": before(entry, birth),
        "entry_after_death": before(death, entry),
        "contact_after_death": before(death, contact),
        "contact_before_entry": before(contact, entry),
    }
    yield from ((rule, "person", person.row) for rule, broken in own.items() if broken)
    for rule, table, column in (
        ("treatment", "treatment", "start_date"),
        ("dose", "administration", "date"),
        ("event", "event_report", "onset_date"),
    ):
        for row in person.rows[table]:
            if before(row[column], birth):
                yield f"{rule}_before_birth", table, row
            if before(death, row[column]):
                yield f"{rule}_after_death", table, row


def leaves_out(setting: Setting) -> bool:
    """Does the protocol leave persons out for what is wrong with their data?"""
    return "exclude_person" in setting.study.data.faults.model_dump().values()


def set_right(person: Person, setting: Setting) -> None:
    """Data that break a rule, as the protocol says: rows not used, persons left out."""
    for rule, table, row in list(broken_rules(person)):
        action = getattr(setting.study.data.faults, rule, "keep")
        person.left_out |= action == "exclude_person"
        if action == "drop_row":
            person.rows[table] = [r for r in person.rows[table] if r is not row]


def with_fatal_report(row: Row, reports: list[Row], setting: Setting) -> Row:
    """Rule 8: where declared, one without a death record dies on the last day of a fatal report, if not seen later."""
    days = [r["end_date"] for r in reports if r["outcome"] == "fatal"]
    if setting.study.population.fatal_reports != "death" or row["death_date"] or not days:
        return row
    contact = row["last_contact_date"]
    return row if contact and contact > max(days) else {**row, "death_date": max(days)}


def gather_people(core: CoreTables, setting: Setting) -> Iterator[Person]:
    """Each person with their own rows, observation, eras and birthdays. Rows of unknown persons are left."""
    by_person: dict[str, dict[str, list[Row]]] = defaultdict(lambda: {name: [] for name in ROW_TABLES})
    for name in ROW_TABLES:
        for row in getattr(core, name):
            by_person[row["person_id"]][name].append(row)
    for row in core.person:
        own = by_person[row["person_id"]]
        person = Person(row["person_id"], row, own)
        reports = own["event_report"]
        set_right(person, setting)
        person.row = with_fatal_report(row, reports, setting)
        person.birthdays = find_birthdays(row["birth_date"])
        person.observed = observation_periods(person)
        person.eras = find_eras(person, setting)
        yield person


def count(
    core: CoreTables, study: Study, registry: RegistryFacts, code_lists: Mapping[str, Sequence[CodeRow]]
) -> OracleResult:
    """Count one scenario of a study in one registry, person by person and day by day."""
    setting = Setting(study, registry, code_lists, core)
    result = prepare_result(setting)
    for person in gather_people(core, setting):
        count_person(person, setting, result)
    fill_excluded(result)
    return result
