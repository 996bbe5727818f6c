"""Treatment histories, doses, and the exposure that they make on any day."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from generator.days import FAR, YEAR, Array, day, frame, nth_birthday
from generator.rates import EVER, EVER_LAG, OCRELIZUMAB_EXTENSION, OCRELIZUMAB_GAP, PLATFORM_EXTENSION, STATES
from generator.streams import pick

if TYPE_CHECKING:
    import pandas as pd

    from generator.people import People

LINES = 7
"""Most episodes of treatment a person can have."""


@dataclass(frozen=True)
class Substance:
    """A disease-modifying treatment: when it came, how often it is chosen, how long it is kept."""

    name: str
    state: str
    since: str
    first: float
    later: float
    years: float
    dose: float
    unit: str
    every_days: int = 0


SUBSTANCES = (
    Substance("interferon beta-1a", "platform", "1997-06-01", 30, 4, 3.6, 44, "ug"),
    Substance("interferon beta-1b", "platform", "1996-01-01", 12, 2, 3.4, 250, "ug"),
    Substance("peginterferon beta-1a", "platform", "2014-10-01", 7, 3, 3.0, 125, "ug"),
    Substance("glatiramer acetate", "platform", "2001-06-01", 27, 7, 3.6, 20, "mg"),
    Substance("ocrelizumab", "ocrelizumab", "2018-02-01", 20, 44, 9.0, 600, "mg", 182),
    Substance("natalizumab", "other", "2006-09-01", 3, 6, 3.0, 300, "mg", 35),
    Substance("fingolimod", "other", "2011-05-01", 3, 14, 3.8, 0.5, "mg"),
    Substance("dimethyl fumarate", "other", "2014-03-01", 11, 10, 3.0, 480, "mg"),
    Substance("teriflunomide", "other", "2013-10-01", 8, 8, 3.0, 14, "mg"),
    Substance("alemtuzumab", "other", "2013-10-15", 0.5, 2, 1.0, 12, "mg"),
    Substance("cladribine", "other", "2017-09-15", 1, 4, 1.8, 10, "mg"),
    Substance("ofatumumab", "other", "2021-05-01", 4, 7, 6.0, 20, "mg"),
    Substance("rituximab", "other", "2012-01-01", 8, 20, 6.0, 500, "mg", 182),
)
NAMES = np.array([s.name for s in SUBSTANCES], dtype=object)
STATE_OF = np.array([STATES.index(s.state) for s in SUBSTANCES])
SINCE = np.array([day(s.since) for s in SUBSTANCES])
EVERY = np.array([s.every_days for s in SUBSTANCES])
OCRELIZUMAB = int(np.flatnonzero(np.array([s.name for s in SUBSTANCES]) == "ocrelizumab")[0])
PLATFORM_STATE, OCRELIZUMAB_STATE = STATES.index("platform"), STATES.index("ocrelizumab")


@dataclass(frozen=True)
class Episodes:
    """Episodes of treatment in order of person and start; ``stop`` is FAR while it goes on."""

    person: Array
    substance: Array
    start: Array
    stop: Array
    reason: Array

    def keep(self, chosen: Array) -> Episodes:
        """The episodes chosen."""
        return Episodes(*(getattr(self, f.name)[chosen] for f in fields(self)))


@dataclass(frozen=True)
class Doses:
    """Doses in order of person and day."""

    person: Array
    substance: Array
    date: Array


@dataclass(frozen=True)
class History:
    """A block's treatments and doses as the registry saw them."""

    people: People
    episodes: Episodes
    doses: Doses


def draw_history(people: People) -> History:
    """Draw treatments, then doses, of a block."""
    episodes = draw_episodes(people)
    return History(people, episodes, draw_doses(people, episodes))


def draw_episodes(people: People) -> Episodes:
    """Line after line: choose a substance, keep it for a time, then maybe begin another."""
    uniform = people.draw.stream("treatment").random((people.count, LINES, 6))
    start, treated = _first_start(people, uniform[:, 0, :])
    last = np.full(people.count, -1)
    lines = []
    for line in range(LINES):
        u = uniform[:, line, :]
        substance = _choose(people, u[:, 0], start, last, first=line == 0)
        stop = start + 20 + np.round(-np.log1p(-u[:, 1]) * _mean_days(substance)).astype(np.int64)
        lines.append((treated, substance, start, stop))
        start = np.maximum(stop + _pause(u[:, 2], u[:, 3], substance), start + 40)
        treated = treated & (u[:, 4] < np.where(people.primary, 0.35, 0.8))
        last = substance
    return _as_seen(people, lines)


def _mean_days(substance: Array) -> Array:
    return np.array([s.years for s in SUBSTANCES])[substance] * YEAR


def _first_start(people: People, u: Array) -> tuple[Array, Array]:
    """First start: for most a year and more after entry; some came already treated; some never are."""
    before = people.entry - 60 - np.round(u[:, 2] * 2000).astype(np.int64)
    soon = people.entry + np.round(u[:, 3] * 330).astype(np.int64)
    usual = people.entry + 375 + np.round(-np.log1p(-u[:, 3]) * 620).astype(np.int64)
    start = np.where(u[:, 4] < 0.11, before, np.where(u[:, 4] < 0.23, soon, usual))
    approved = day("2018-02-01") + np.round(u[:, 5] * 900).astype(np.int64)
    start = np.where(people.primary, np.maximum(start, approved), start)
    start = np.maximum(start, np.maximum(nth_birthday(people.birth, 12), day("1998-01-01")))
    return start, u[:, 5] < np.where(people.primary, 0.75, 0.93)


def _choose(people: People, u: Array, start: Array, last: Array, *, first: bool) -> Array:
    weights = np.array([s.first if first else s.later for s in SUBSTANCES], dtype=float)
    weights = weights * np.where(NAMES == "rituximab", people.draw.profile.rituximab, 1.0)
    table = weights[None, :] * (start[:, None] >= SINCE[None, :])
    anti_cd20 = np.isin(NAMES, ["ocrelizumab", "rituximab"])
    table = np.where(people.primary[:, None], table * anti_cd20[None, :], table)
    again = np.arange(len(SUBSTANCES))[None, :] == last[:, None]
    table = np.where(again, table * 0.25, table)
    table[:, 0] += 1e-9
    return pick(u, table)


def _pause(u: Array, v: Array, substance: Array) -> Array:
    """Days from stop to the next start; a few start the next before they stop, never with infusions."""
    pause = np.where(u < 0.6, 1 + v * 40, np.where(u < 0.9, 40 + v * 200, 240 + v * 700))
    overlap = (u > 0.97) & (EVERY[substance] == 0)
    return np.round(np.where(overlap, -18 * v, pause)).astype(np.int64)


REASONS = {
    "lack of effect": 34,
    "adverse event": 24,
    "patient choice": 14,
    "progression": 8,
    "safety monitoring": 6,
    "pregnancy": 3,
    "stable disease": 3,
    "other": 4,
    "unknown": 4,
}


def _as_seen(people: People, lines: list[tuple[Array, ...]]) -> Episodes:
    """What the registry knows: nothing begun after it last saw the person, and no stop after that."""
    n = people.count
    treated, substance, start, stop = (np.stack(column, axis=1).ravel() for column in zip(*lines, strict=True))
    person = np.repeat(np.arange(n), LINES)
    u = people.draw.stream("treatment_reason").random(n * LINES)
    reason = np.array(list(REASONS), dtype=object)[pick(u, np.array(list(REASONS.values())))]
    seen = people.last_seen[person]
    dead = (stop >= seen) & (people.known_death[person] == seen)
    stop = np.where(dead, seen, np.where(stop > seen, FAR, stop))
    reason = np.where(dead, "death", np.where(stop == FAR, None, reason))
    return Episodes(person, substance, start, stop, reason).keep(treated & (start <= seen) & (stop > start))


def draw_doses(people: People, episodes: Episodes) -> Doses:
    """Doses of pulsed treatments: ocrelizumab on days 0 and 14, then about every 182 days from the first."""
    rng = people.draw.stream("administration")
    pulsed = episodes.keep(EVERY[episodes.substance] > 0)
    end = np.minimum(pulsed.stop, people.last_seen[pulsed.person])
    every = EVERY[pulsed.substance]
    split = (every == 182).astype(np.int64)
    count = (end - pulsed.start) // (every - every // 14) + 2 + split
    row = np.repeat(np.arange(len(count)), count)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    step = np.maximum(every[row] + np.round(rng.normal(0, every[row] / 20)), every[row] * 0.7).astype(np.int64)
    late = rng.random(len(row)) < 0.04
    step = step + np.where(late, np.round(rng.uniform(0.15, 0.7, len(row)) * every[row]), 0).astype(np.int64)
    step = np.where(nth == 0, 0, np.where((nth == 1) & (split[row] == 1), 14, step))
    step = np.where((nth == 2) & (split[row] == 1), step - 14, step)
    total = np.cumsum(step)
    date = pulsed.start[row] + total - np.repeat(total[np.cumsum(count) - count], count)
    ok = date <= end[row]
    return Doses(pulsed.person[row][ok], pulsed.substance[row][ok], date[ok])


def make_treatment(history: History) -> pd.DataFrame:
    """Core table ``treatment``."""
    e = history.episodes
    return frame(
        {
            "person_id": history.people.ids[e.person],
            "substance": NAMES[e.substance],
            "start_date": e.start,
            "stop_date": e.stop,
            "dose": np.array([s.dose for s in SUBSTANCES])[e.substance],
            "dose_unit": np.array([s.unit for s in SUBSTANCES], dtype=object)[e.substance],
            "stop_reason": e.reason,
        }
    )


def make_administration(history: History) -> pd.DataFrame:
    """Core table ``administration``; the first two doses of ocrelizumab are halves."""
    d = history.doses
    dose = np.array([s.dose for s in SUBSTANCES])[d.substance]
    before = np.concatenate([[FAR], d.date[:-1]])
    after = np.concatenate([d.date[1:], [FAR]])
    half = (d.substance == OCRELIZUMAB) & ((d.date - before == 14) | (after - d.date == 14))
    return frame(
        {
            "person_id": history.people.ids[d.person],
            "substance": NAMES[d.substance],
            "date": d.date,
            "dose": np.where(half, dose / 2, dose),
            "dose_unit": np.array([s.unit for s in SUBSTANCES], dtype=object)[d.substance],
        }
    )


@dataclass(frozen=True)
class Exposure:
    """Exposure of every person on every day."""

    key: Array
    end: Array
    state: Array
    first_platform: Array
    first_ocrelizumab: Array

    def on(self, person: Array, days: Array) -> Array:
        """Number of the state on a day: that of the treatment begun last, until its effect ends."""
        if not len(self.key):
            return np.zeros(len(person), dtype=np.int64)
        at = np.searchsorted(self.key, person * FAR + days, side="right") - 1
        found = np.maximum(at, 0)
        same = (at >= 0) & (self.key[found] // FAR == person)
        return np.where(same & (days <= self.end[found]), self.state[found], 0)

    def ever(self, person: Array, days: Array) -> Array:
        """Number of the state of past exposure on a day."""
        state = np.where(days >= self.first_platform[person] + EVER_LAG, EVER.index("ever_platform"), 0)
        return np.where(days >= self.first_ocrelizumab[person] + EVER_LAG, EVER.index("ever_ocrelizumab"), state)


def make_exposure(history: History) -> Exposure:
    """Lay out the exposure: ocrelizumab from its doses, everything else from its episodes."""
    e, d, n = history.episodes, history.doses, history.people.count
    others = e.keep(e.substance != OCRELIZUMAB)
    state = STATE_OF[others.substance]
    end = np.where(state == PLATFORM_STATE, others.stop + PLATFORM_EXTENSION, others.stop)
    mine = d.substance == OCRELIZUMAB
    person, start, last = _runs(d.person[mine], d.date[mine])
    all_person = np.concatenate([others.person, person])
    all_start = np.concatenate([others.start, start])
    all_end = np.concatenate([end, last + OCRELIZUMAB_EXTENSION])
    all_state = np.concatenate([state, np.full(len(person), OCRELIZUMAB_STATE)])
    key = all_person * FAR + all_start
    order = np.argsort(key, kind="stable")
    platform = state == PLATFORM_STATE
    return Exposure(
        key[order],
        all_end[order],
        all_state[order],
        _first(n, others.person[platform], others.start[platform]),
        _first(n, person, start),
    )


def _runs(person: Array, date: Array) -> tuple[Array, Array, Array]:
    """Runs of doses with no gap longer than allowed: person, first and last dose."""
    if not len(person):
        return person, date, date
    new = np.ones(len(person), dtype=bool)
    new[1:] = (person[1:] != person[:-1]) | (date[1:] - date[:-1] - 1 > OCRELIZUMAB_GAP)
    ends = np.append(np.flatnonzero(new)[1:], len(person)) - 1
    return person[new], date[new], date[ends]


def _first(n: int, person: Array, start: Array) -> Array:
    first = np.full(n, FAR)
    np.minimum.at(first, person, start)
    return first
