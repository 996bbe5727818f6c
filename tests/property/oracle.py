"""A slow, plain counter: every person, every day, in Python sets. The engine must agree with it exactly.

It is written to be read beside ``methods.md``: no SQL, no data frames, nothing shared with the engine but
the protocol's own models. A day is a whole number (``date.toordinal``), periods are closed (both ends
count), and a person's time at risk is a *set of days*. Every rule is a short function whose docstring
names the rule.

The rules, numbered as the functions cite them:

 1. spans of an exposure            9. days at risk = windows within follow-up
 2. eras                           10. outcome events
 3. the state "not yet"            11. prior events
 4. observation periods            12. counting the first event
 5. cohort entry and attrition     13. counting recurrent events
 6. windows of a time at risk      14. strata
 7. switches                       15. comparisons
 8. follow-up
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pass_engine.protocol.models import (
        Comparison,
        Criterion,
        Incidence,
        Outcome,
        Study,
        TimeAtRisk,
    )

Row = dict[str, Any]
Cell = tuple[str, str, str]  # age band, sex, calendar year

FAR = date.max.toordinal()
STRATIFIERS = ("age", "sex", "calendar")  # the order in which a combination names them
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
)
OVERLAP_COLUMNS = ("persons_in_both", "sum_e1e2", "sum_e1t2", "sum_t1e2", "sum_t1t2")


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


@dataclass(frozen=True)
class RegistryFacts:
    """What the registry says of itself."""

    id: str
    data_cut_date: date
    deaths: str  # "visits" or "linked"
    adverse_event_start: date | None = None
    death_start: date | None = None


@dataclass
class OracleResult:
    """Counts by (analysis, cohort, outcome, time_at_risk, stratum, level), and the two smaller tables.

    ``arm_overlap`` by (analysis, outcome, time_at_risk, target, comparator); ``attrition`` by
    (scope, analysis, cohort, outcome, time_at_risk, step).
    """

    counts: dict[tuple[str, ...], dict[str, int]] = field(default_factory=dict)
    arm_overlap: dict[tuple[str, ...], dict[str, int]] = field(default_factory=dict)
    attrition: dict[tuple[str, ...], dict[str, int]] = field(default_factory=dict)


# --------------------------------------------------------------------------------------- small nouns


class Span(NamedTuple):
    """A closed stretch of days."""

    first: int
    last: int


class Era(NamedTuple):
    """A stretch of exposure: its first and last day, and the spans it was made of."""

    first: int
    last: int
    spans: tuple[Span, ...]


class Event(NamedTuple):
    """One clinical event of an outcome: its onset day and its last day."""

    onset: int
    end: int


@dataclass
class Person:
    """One person's rows, dates as day numbers, and what is worked out from them once."""

    id: str
    row: Row
    rows: dict[str, list[Row]]
    observed: list[Span] = field(default_factory=list)
    eras: dict[str, list[Era]] = field(default_factory=dict)
    birthdays: list[int] | None = None
    cells: dict[int, Cell] = field(default_factory=dict)

    def day(self, column: str) -> int | None:
        """Day number of a date column of the person table; None where it is missing."""
        return number(self.row.get(column))


@dataclass(frozen=True)
class Setting:
    """Everything that is the same for all persons."""

    study: Study
    registry: RegistryFacts
    code_lists: Mapping[str, Sequence[CodeRow]]

    @property
    def cut(self) -> int:
        """Rule 8: the earlier of the registry's and the protocol's data cut."""
        return min(self.registry.data_cut_date, self.study.data.cut).toordinal()


@dataclass(frozen=True)
class Entry:
    """A person's entry into a cohort: day 0 is the first day of the entry era."""

    era: Era

    @property
    def day(self) -> int:
        """Day 0."""
        return self.era.first


@dataclass(frozen=True)
class History:
    """One person in one cohort for one outcome and time at risk, day by day."""

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
    substances = substances_of(name, setting)
    rows = [r for r in person.rows[exposure.from_] if r["substance"] in substances]
    if exposure.from_ == "administration":
        doses = [r["date"].toordinal() for r in rows]
        return sorted(Span(d, d + exposure.effect_days) for d in doses)
    return sorted(s for s in (treatment_span(r, setting) for r in rows) if s.first <= s.last)


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


def find_eras(person: Person, setting: Setting) -> dict[str, list[Era]]:
    """Rules 1 to 3: the eras of every exposure."""
    exposures = setting.study.exposures
    eras = {
        name: join_eras(exposure_spans(person, name, setting), other_spans(person, name, setting), e.gap_days or 0)
        for name, e in exposures.items()
        if e.substances
    }
    waiting = {n: not_yet_eras(person, eras[e.not_yet], setting) for n, e in exposures.items() if e.not_yet}
    return eras | waiting


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
    left = candidate_eras(person, cohort, setting)
    if left:
        passed.append("exposed")
    for criterion in setting.study.population.criteria:
        left = [era for era in left if meets(person, cohort, era, criterion)]
        if left:
            passed.append(criterion.id)
    return passed, Entry(left[0]) if left else None


def excluded_countries(setting: Setting) -> set[str]:
    """Rule 5: countries this registry gives up under the study's ``registry_overlap``."""
    rules = [r for r in setting.study.data.registry_overlap if r.from_ == setting.registry.id]
    return {c for r in rules for c in r.countries}


def cohort_steps(setting: Setting) -> list[str]:
    """Rule 5: names of the attrition steps, in order."""
    overlap = ["registry_overlap"] if setting.study.data.registry_overlap else []
    return ["persons", *overlap, "exposed", *(c.id for c in setting.study.population.criteria)]


# ---------------------------------------------------------------------------- rules 6 and 7: windows, switches


def extension(cohort: str, time: TimeAtRisk, setting: Setting) -> int:
    """Rule 6: days added to the end of exposure; none for the state "not yet"."""
    if setting.study.exposures[cohort].not_yet:
        return 0
    plus = time.end.plus_days
    return plus if isinstance(plus, int) else plus.get(cohort, 0)


def era_windows(era: Era, cohort: str, time: TimeAtRisk, setting: Setting) -> list[Span]:
    """Rule 6, start anchor era_start: from era start + offset to the end of follow-up or of each span + extension."""
    first = era.first + time.start.plus_days
    if time.end.anchor == "follow_up_end":
        return [Span(first, FAR)]
    at_risk_in_gaps = setting.study.exposures[cohort].gap_time == "at_risk"
    windows = []
    for position, span in enumerate(era.spans):
        last = span.last + extension(cohort, time, setting)
        if at_risk_in_gaps and position + 1 < len(era.spans):
            last = max(last, era.spans[position + 1].first - 1)
        windows.append(Span(max(span.first, first), last))
    return windows


def lay_windows(person: Person, cohort: str, entry: Entry, time: TimeAtRisk, setting: Setting) -> list[Span]:
    """Rule 6: the windows of a time at risk, each cut at the switch that ends it (rule 7)."""
    eras = person.eras[cohort]
    switches = switch_days(person, cohort, time, setting)
    if time.start.anchor == "era_start":
        used = [entry.era] if time.eras == "first" else [e for e in eras if e.first >= entry.day]
        return [w for era in used for w in cut_at_switch(era_windows(era, cohort, time, setting), era.first, switches)]
    anchor = eras[0].first if time.start.anchor == "first_era_start" else entry.day
    last = FAR if time.end.anchor == "follow_up_end" else entry.era.last + extension(cohort, time, setting)
    return cut_at_switch([Span(anchor + time.start.plus_days, last)], anchor, switches)


def cut_at_switch(windows: list[Span], anchor: int, switches: set[int]) -> list[Span]:
    """Rule 7: a switch after the anchor ends the window the day before; on the anchor day it is a combination."""
    if anchor in switches:
        return []
    last = min((s for s in switches if s > anchor), default=FAR) - 1
    return [Span(w.first, min(w.last, last)) for w in windows]


def switch_days(person: Person, cohort: str, time: TimeAtRisk, setting: Setting) -> set[int]:
    """Rule 7: the days on which something else begins that ends this cohort's window."""
    if time.overlap == "keep":
        return set()
    exposures = setting.study.exposures
    if awaited := exposures[cohort].not_yet:
        return {e.first for e in person.eras[awaited]}
    if time.switch_to is not None:
        return era_starts(person, [n for n in time.switch_to if n != cohort])
    return era_starts(person, other_exposures(cohort, setting)) | outside_starts(person, cohort, setting)


def era_starts(person: Person, exposures: list[str]) -> set[int]:
    """Rule 7: first days of the eras of these exposures."""
    return {era.first for name in exposures for era in person.eras[name]}


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


def first_day_possible(person: Person, entry: Entry, outcome: Outcome, setting: Setting) -> int:
    """Rule 8: the latest of cohort entry, registry entry, study start, start of collection of the source."""
    registry = setting.registry
    collected = registry.death_start if outcome.from_ == "death" else registry.adverse_event_start
    start = setting.study.population.period.start.toordinal()
    return max(known(entry.day, person.day("registry_entry_date"), start, number(collected)))


def last_day_possible(person: Person, outcome: Outcome, time: TimeAtRisk, setting: Setting) -> int:
    """Rule 8: the earliest of death, data cut, last contact (seen at visits), study end (each as declared)."""
    seen_at_visits = outcome.from_ == "adverse_event" or setting.registry.deaths == "visits"
    contact = person.day("last_contact_date") if "last_contact" in time.stop_at and seen_at_visits else None
    end = setting.study.population.period.end.toordinal() if "study_end" in time.stop_at else None
    return min(known(person.day("death_date"), setting.cut, contact, end))


def days_at_risk(
    person: Person, cohort: str, entry: Entry, outcome: Outcome, time: TimeAtRisk, setting: Setting
) -> set[int]:
    """Rule 9: days of any window, within observation and follow-up. A day counts once."""
    lowest = first_day_possible(person, entry, outcome, setting)
    highest = last_day_possible(person, outcome, time, setting)
    in_window = days_between(lay_windows(person, cohort, entry, time, setting), lowest, highest)
    return in_window & days_between(person.observed, lowest, highest)


# ------------------------------------------------------------------------------ rules 10 and 11: events


def matches(row: Row, codes: Sequence[CodeRow]) -> bool:
    """Rule 10: does the report's code, or the preferred term it maps to, stand in the code list?"""
    pairs = [(row["system"], row["code"]), ("MedDRA PT", row.get("pt_code"))]
    return any(code_matches(system, code, entry) for system, code in pairs if code for entry in codes)


def code_matches(system: str, code: str, entry: CodeRow) -> bool:
    """Rule 10: exact, with descendants (longer codes that begin so), or within a range of codes."""
    if system != entry.system:
        return False
    if entry.match == "descendants":
        return code.startswith(entry.code_from)
    if entry.match == "range":
        return entry.code_from <= code and code[: len(entry.code_to)] <= entry.code_to
    return code == entry.code_from


def outcome_codes(outcome: Outcome, setting: Setting) -> Sequence[CodeRow]:
    """The outcome's code list."""
    return setting.code_lists[outcome.codes] if outcome.codes else ()


def find_events(person: Person, outcome: Outcome, setting: Setting) -> list[Event]:
    """Rule 10: all events of an outcome, at any time: matched, collapsed, filtered by seriousness."""
    if outcome.from_ == "death":
        death = person.day("death_date")
        return [] if death is None else [Event(death, death)]
    reports = [r for r in person.rows["event_report"] if matches(r, outcome_codes(outcome, setting))]
    groups = collapse(reports, outcome.same_event_days, chain=outcome.chain)
    kept = [g for g in groups if not outcome.serious or any(r["serious"] == "yes" for r in g)]
    return [Event(g[0]["onset_date"].toordinal(), max(report_end(r) for r in g)) for g in kept]


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
    onsets = [e.onset for e in events] if "adverse_event" in rule.from_ else []
    if "comorbidity" in rule.from_:
        rows = [r for r in person.rows["comorbidity"] if matches(r, outcome_codes(outcome, setting))]
        onsets += known(*(number(r["onset_date"]) for r in rows))
    back = rule.look_back if isinstance(rule.look_back, int) else FAR
    return [onset for onset in onsets if first_day - back <= onset <= first_day - 1]


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


def follow_person(
    person: Person, cohort: str, entry: Entry, outcome: Outcome, time: TimeAtRisk, setting: Setting
) -> History:
    """Rules 9 to 13 for one person in one cohort."""
    window = days_at_risk(person, cohort, entry, outcome, time, setting)
    if not window:
        return History(frozenset(), frozenset(), (), {})
    events = find_events(person, outcome, setting)
    prior = prior_onsets(person, outcome, events, min(window), setting)
    if prior:
        after_entry = any(onset >= entry.day for onset in prior)
        return History(frozenset(), frozenset(), (), {"window": True, "prior_event_after_entry": after_entry})
    if outcome.counting == "first":
        net, counted = count_first(window, events)
    else:
        net, counted = count_recurrent(window, events, outcome.clean_window_days or 0)
    steps = {"window": True, "prior_event": True, "at_risk": bool(net)}
    return History(frozenset(window), frozenset(net), tuple(counted), steps)


# ----------------------------------------------------------------------------------- rule 14: strata


def age_label(age: int | None, bands: tuple[int, ...]) -> str:
    """Rule 14: the band [a, b) an age lies in; "outside" below the first, "unknown" without a birth date."""
    if age is None:
        return "unknown"
    position = bisect_right(bands, age) - 1
    if position < 0:
        return "outside"
    if position == len(bands) - 1:
        return f"{bands[-1]}+"
    low, high = bands[position], bands[position + 1] - 1
    return f"{low}-{high}" if high > low else f"{low}"


@cache
def year_of(day: int) -> str:
    """Rule 14: the calendar year of a day."""
    return str(date.fromordinal(day).year)


def cell_of(person: Person, day: int, setting: Setting) -> Cell:
    """Rule 14: the one cell a day lies in. Remembered, since outcomes share days."""
    if day not in person.cells:
        age = setting.study.strata.age
        label = age_label(completed_years(person, day), age.bands) if age else ""
        person.cells[day] = (label, person.row["sex"], year_of(day))
    return person.cells[day]


def split_by_cell(person: Person, history: History, setting: Setting) -> dict[Cell, Totals]:
    """Rule 14: every day and every event of a person into exactly one cell."""
    cells: dict[Cell, Totals] = defaultdict(Totals)
    for day in history.window:
        totals = cells[cell_of(person, day, setting)]
        totals.window_days += 1
        if day in history.net:
            totals.person_days += 1
            totals.first_event_days += day <= history.first_event
    for onset in history.events:
        totals = cells[cell_of(person, onset, setting)]
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
    """The analyses counted here; a sensitivity analysis is a scenario of its own."""
    return [a for a in study.analyses if a.kind != "sensitivity"]


def cohorts_used(study: Study) -> list[str]:
    """Every cohort an analysis names, once."""
    return list(dict.fromkeys(c for a in analyses_of(study) for c in cohorts_of(a)))


def prepare_result(setting: Setting) -> OracleResult:
    """The rows that are there even if nobody is in them: overall, overlap of arms, attrition."""
    result = OracleResult()
    for cohort in cohorts_used(setting.study):
        for step in cohort_steps(setting):
            result.attrition["cohort", "", cohort, "", "", step] = empty(("persons", "excluded"))
    for analysis in analyses_of(setting.study):
        for outcome, time in pairs_of(analysis):
            for cohort in cohorts_of(analysis):
                result.counts[analysis.id, cohort, outcome, time, "overall", ""] = empty(COUNT_COLUMNS)
                for step in ("window", "prior_event", "prior_event_after_entry", "at_risk"):
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
    histories: dict[tuple[str, str, str], History] = {}
    cells: dict[tuple[str, str, str], dict[Cell, Totals]] = {}
    for analysis in analyses_of(study):
        for outcome, time in pairs_of(analysis):
            for cohort in (c for c in cohorts_of(analysis) if c in entries):
                key = (cohort, outcome, time)
                if key not in histories:
                    parts = (study.outcomes[outcome], study.times_at_risk[time])
                    histories[key] = follow_person(person, cohort, entries[cohort], *parts, setting)
                    cells[key] = split_by_cell(person, histories[key], setting)
                count_history(result, analysis, key, cells[key])
                for step, there in histories[key].steps.items():
                    result.attrition["analysis", analysis.id, *key, step]["persons"] += there
            if analysis.kind == "comparison":
                target, comparator = cohorts_of(analysis)
                row = result.arm_overlap[analysis.id, outcome, time, target, comparator]
                count_overlap(row, histories.get((target, outcome, time)), histories.get((comparator, outcome, time)))


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


def gather_people(core: CoreTables, setting: Setting) -> Iterator[Person]:
    """Each person with their own rows, observation, eras and birthdays. Rows of unknown persons are left."""
    names = ("observation_period", "disease", "treatment", "administration", "event_report", "comorbidity")
    by_person: dict[str, dict[str, list[Row]]] = defaultdict(lambda: {name: [] for name in names})
    for name in names:
        for row in getattr(core, name):
            by_person[row["person_id"]][name].append(row)
    for row in core.person:
        person = Person(row["person_id"], row, by_person[row["person_id"]])
        person.birthdays = find_birthdays(row["birth_date"])
        person.observed = observation_periods(person)
        person.eras = find_eras(person, setting)
        yield person


def count(
    core: CoreTables, study: Study, registry: RegistryFacts, code_lists: Mapping[str, Sequence[CodeRow]]
) -> OracleResult:
    """Count one scenario of a study in one registry, person by person and day by day."""
    setting = Setting(study, registry, code_lists)
    result = prepare_result(setting)
    for person in gather_people(core, setting):
        count_person(person, setting, result)
    fill_excluded(result)
    return result
