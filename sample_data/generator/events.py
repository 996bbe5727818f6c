"""Adverse events: Poisson processes with the hazards of ``rates.py``, drawn by thinning.

For each kind of event candidates are drawn at the highest rate there is, over the days on which the registry sees
the person; a candidate stays if its uniform number is below the hazard of that very day over the highest. So the
draws depend on the persons alone, and a changed treatment changes only which candidates stay.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from generator.coding import code_concepts
from generator.concepts import CONCEPTS, weights
from generator.days import Array, day, frame
from generator.people import People, band_on
from generator.rates import CLEAN_WINDOW, PER, rate_array
from generator.streams import pick
from generator.treatments import NAMES, Exposure, History, make_exposure

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("serious_infection", "nonserious_infection", "malignancy", "skin_tumour", "other_event")
GROUP = {"serious_infection": "infection", "nonserious_infection": "infection"}
SERIOUS_OTHER = 0.06
KEPT_BEFORE_START = 0.35
"""Share of events from before adverse-event collection began that were entered all the same."""


@dataclass(frozen=True)
class Events:
    """Events as they happened, in order of person and onset."""

    kind: Array
    person: Array
    onset: Array
    end: Array
    concept: Array
    serious: Array
    luck: Array

    def keep(self, chosen: Array) -> Events:
        """The events chosen."""
        return Events(*(getattr(self, f.name)[chosen] for f in fields(self)))


def draw_events(history: History) -> Events:
    """Every event of a block on days that the registry sees."""
    people, exposure = history.people, make_exposure(history)
    drawn = [draw_kind(people, exposure, number, kind) for number, kind in enumerate(KINDS)]
    columns = [np.concatenate([getattr(e, f.name) for e in drawn]) for f in fields(Events)]
    events = Events(*columns)
    events = events.keep(np.lexsort((events.kind, events.onset, events.person)))
    events = events.keep(_collected(people, events))
    return events.keep(_apart(events))


def draw_kind(people: People, exposure: Exposure, number: int, kind: str) -> Events:
    """Events of one kind: candidates from the persons alone, thinned by exposure, sex and age."""
    rng = people.draw.stream(f"adverse_event/{kind}")
    rates = rate_array(kind)
    top = float(rates.max())
    days = np.maximum(people.last_seen - people.entry + 1, 0)
    count = rng.poisson(top / PER * days)
    person = np.repeat(np.arange(people.count), count)
    u = rng.random((len(person), 5))
    onset = people.entry[person] + np.floor(u[:, 0] * days[person]).astype(np.int64)
    stays = u[:, 1] * top < hazard_on(people, exposure, kind, person, onset)
    stays &= ~people.away(person, onset)
    serious = _serious(kind, u[:, 2])
    concept = _concept(people, kind, person, serious, u[:, 3])
    end = np.minimum(onset + _length(kind, serious, u[:, 4]) - 1, people.last_seen[person])
    return Events(np.full(len(person), number), person, onset, end, concept, serious, u[:, 4]).keep(stays)


def hazard_on(people: People, exposure: Exposure, kind: str, person: Array, days: Array) -> Array:
    """True rate per 1000 person-years of each person on each day."""
    if kind == "death":
        state = np.zeros(len(person), dtype=np.int64)
    elif kind == "malignancy":
        state = exposure.ever(person, days)
    else:
        state = exposure.on(person, days)
    sex = np.where(people.female[person], 0, 1)
    hazard: Array = rate_array(kind)[state, sex, band_on(people, person, days)]
    return hazard


def _serious(kind: str, u: Array) -> Array:
    if kind in {"serious_infection", "malignancy"}:
        return np.ones(len(u), dtype=bool)
    if kind in {"nonserious_infection", "skin_tumour"}:
        return np.zeros(len(u), dtype=bool)
    return u < SERIOUS_OTHER


def _concept(people: People, kind: str, person: Array, serious: Array, u: Array) -> Array:
    group = GROUP.get(kind, kind)
    result = np.zeros(len(u), dtype=np.int64)
    for is_serious in (False, True):
        for is_female, table in zip((True, False), weights(group, serious=is_serious), strict=True):
            rows = (serious == is_serious) & (people.female[person] == is_female)
            result[rows] = pick(u[rows], table)
    return result


def _length(kind: str, serious: Array, u: Array) -> Array:
    if kind in {"malignancy", "skin_tumour"}:
        return np.ones(len(u), dtype=np.int64)
    longest = np.where(serious, 14, 10) if kind != "other_event" else np.full(len(u), 40)
    return np.where(u < 0.3, 1, 1 + np.floor((u - 0.3) / 0.7 * longest)).astype(np.int64)


def _apart(events: Events) -> Array:
    """Infections apart from each other.

    No new serious one until the clean window after the last is over: under the protocol's rule those days are not at
    risk, so the hazard on days at risk stays what it is. And none that is not serious within a month before a serious
    one or in its clean window, so that collapsing moves no serious one.
    """
    keep = np.ones(len(events.person), dtype=bool)
    serious = np.flatnonzero(events.kind == KINDS.index("serious_infection"))
    last_person, free = -1, 0
    for row in serious:
        person, onset = int(events.person[row]), int(events.onset[row])
        if person == last_person and onset < free:
            keep[row] = False
            continue
        last_person, free = person, int(events.end[row]) + CLEAN_WINDOW + 1
    kept = serious[keep[serious]]
    minor = np.flatnonzero(events.kind == KINDS.index("nonserious_infection"))
    keep[minor] = ~_near(events, minor, kept)
    return keep


def _near(events: Events, rows: Array, serious: Array) -> Array:
    """Rows whose onset lies from 31 days before a serious infection to the end of its clean window."""
    if not len(serious):
        return np.zeros(len(rows), dtype=bool)
    big = 10_000_000
    starts = events.person[serious] * big + events.onset[serious] - 31
    ends = events.person[serious] * big + events.end[serious] + CLEAN_WINDOW
    mine = events.person[rows] * big + events.onset[rows]
    at = np.searchsorted(starts, mine, side="right") - 1
    return (at >= 0) & (mine <= np.maximum.accumulate(ends)[np.maximum(at, 0)])


def _collected(people: People, events: Events) -> Array:
    rng = people.draw.stream("adverse_event/collected")
    late = rng.random(len(events.person)) < KEPT_BEFORE_START
    return (events.onset >= day(people.draw.profile.adverse_event_start)) | late


def make_adverse_event(history: History, system: str | None = None) -> pd.DataFrame:
    """Core table ``adverse_event``: one report an event."""
    people, events = history.people, draw_events(history)
    rng = people.draw.stream("adverse_event/report")
    n = len(events.person)
    u = rng.random((n, 8))
    codes = people.draw.stream("adverse_event/code")
    code_system, code = code_concepts(people.draw.profile, events.concept, codes, system)
    fatal = events.serious & (people.known_death[events.person] - events.end <= 1)
    report = events.onset + np.round(u[:, 0] ** 2 * 120).astype(np.int64)
    return frame(
        {
            "person_id": people.ids[events.person],
            "event_id": np.array([f"AE{people.draw.block * 10_000_000 + i + 1:07d}" for i in range(n)], dtype=object),
            "verbatim": np.array([c.name for c in CONCEPTS], dtype=object)[events.concept],
            "code_system": code_system,
            "code": code,
            "onset_date": events.onset,
            "end_date": events.end,
            "report_date": report,
            "entry_date": report + np.round(u[:, 1] * 60).astype(np.int64),
            "serious": _yes_no(events.serious),
            **_criteria(events, fatal, u[:, 2]),
            "severity": _severity(events.serious, u[:, 3]),
            "outcome": _outcome(events, fatal, u[:, 4]),
            "causality": _causality(u[:, 5]),
            "suspect_substance": _suspect(history, events, u[:, 6]),
            "action_taken": _action(events, u[:, 6]),
            "source": _source(people, events, u[:, 7]),
        }
    )


def _yes_no(flag: Array) -> Array:
    return np.where(flag, "yes", "no").astype(object)


def _criteria(events: Events, fatal: Array, u: Array) -> dict[str, Array]:
    """The six criteria; a serious event meets at least one."""
    serious = events.serious
    in_hospital = serious & (u < 0.82)
    life = serious & (u > 0.75) & (u < 0.88)
    disability = serious & (u >= 0.88) & (u < 0.91)
    important = serious & ~(in_hospital | life | disability | fatal)
    flags = {
        "ser_death": fatal,
        "ser_life_threatening": life,
        "ser_hospitalisation": in_hospital,
        "ser_disability": disability,
        "ser_congenital": np.zeros(len(u), dtype=bool),
        "ser_medically_important": important,
    }
    return {name: _yes_no(flag) for name, flag in flags.items()}


def _severity(serious: Array, u: Array) -> Array:
    names = np.array(["mild", "moderate", "severe"], dtype=object)
    table = np.where(serious[:, None], [[1, 4, 5]], [[6, 4, 0.5]])
    return names[pick(u, table)]


def _outcome(events: Events, fatal: Array, u: Array) -> Array:
    names = np.array(["recovered", "recovering", "recovered with sequelae", "not recovered", "unknown"], dtype=object)
    lasting = np.isin(events.kind, [KINDS.index("malignancy"), KINDS.index("skin_tumour")])
    table = np.where(lasting[:, None], [[1, 4, 2, 5, 2]], [[14, 2, 0.5, 0.7, 1]])
    return np.where(fatal, "fatal", names[pick(u, table)])


def _causality(u: Array) -> Array:
    names = np.array(["related", "possibly related", "not related", "not assessed"], dtype=object)
    return names[pick(u, np.array([1, 3, 4, 2]))]


def _suspect(history: History, events: Events, u: Array) -> Array:
    """The treatment begun last, named in a third of the reports."""
    e = history.episodes
    at = np.searchsorted(e.person * 10_000_000 + e.start, events.person * 10_000_000 + events.onset, side="right") - 1
    found = np.maximum(at, 0)
    named = (at >= 0) & (u < 0.35)
    if not len(e.person):
        return np.full(len(u), None, dtype=object)
    named &= (e.person[found] == events.person) & (events.onset <= e.stop[found])
    return np.where(named, NAMES[e.substance[found]], None)


def _action(events: Events, u: Array) -> Array:
    stopped = np.where(u < 0.05, "withdrawn", np.where(u < 0.1, "interrupted", "none"))
    return np.where(events.serious & (u < 0.2), "interrupted", stopped).astype(object)


def _source(people: People, events: Events, u: Array) -> Array:
    """Linked registries hear of cancers from the cancer register and of admissions from hospitals."""
    if not people.draw.profile.linked:
        return np.full(len(u), "registry form", dtype=object)
    cancer = events.kind == KINDS.index("malignancy")
    source = np.where(cancer & (u < 0.8), "cancer register", "registry form")
    return np.where(events.serious & ~cancer & (u < 0.6), "hospital discharge", source).astype(object)
