"""Persons: who they are, when they enter, when they die, until when they are seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from generator.days import FAR, YEAR, Array, completed_years, day, frame, nth_birthday
from generator.rates import AGE_CUTS, PER, age_band, rate_array
from generator.streams import pick, stream

if TYPE_CHECKING:
    import pandas as pd

    from generator.profiles import Profile

PRIMARY_PROGRESSIVE = 0.12
KNOWN_LATE = 0.3
"""Share of deaths after last contact that a registry with deaths from visits hears of all the same."""


@dataclass(frozen=True)
class Draw:
    """What every table's draw starts from."""

    profile: Profile
    seed: int
    block: int
    first: int
    persons: int

    def stream(self, table: str) -> np.random.Generator:
        """The stream of one table of this registry and block."""
        return stream(self.seed, self.profile.id, table, self.block)


@dataclass(frozen=True)
class People:
    """The persons of a block, as arrays; days are numbers, FAR where there is none."""

    draw: Draw
    ids: Array
    female: Array
    primary: Array
    birth: Array
    entry: Array
    contact: Array
    death: Array
    leave: Array
    back: Array

    @property
    def count(self) -> int:
        """Number of persons."""
        return len(self.entry)

    @property
    def last_seen(self) -> Array:
        """Last day on which the registry can see the person; nobody is seen after it."""
        abroad = (self.death >= self.leave) & (self.death <= self.back)
        return np.minimum(self.contact, np.where(abroad, self.leave - 1, self.death))

    @property
    def known_death(self) -> Array:
        """Death as the registry knows it."""
        abroad = (self.death >= self.leave) & (self.death <= self.back)
        if self.draw.profile.linked:
            return np.where(abroad | (self.death > self.draw.profile.cut_day), FAR, self.death)
        late = self.draw.stream("late_death").random(self.count) < KNOWN_LATE
        known = (self.death <= self.contact) | (late & (self.death <= self.draw.profile.cut_day))
        return np.where(known, self.death, FAR)

    def away(self, person: Array, days: Array) -> Array:
        """Does the person live abroad on this day, where the registry sees nothing?"""
        return (days >= self.leave[person]) & (days <= self.back[person])


def draw_people(draw: Draw) -> People:
    """Draw the persons of a block."""
    rng = draw.stream("person")
    n = draw.persons
    numbers = np.arange(draw.first, draw.first + n)
    ids = np.array([draw.profile.id_format.format(10_007 + 37 * int(i)) for i in numbers], dtype=object)
    entry = _draw_entry(rng, draw.profile, n)
    primary = rng.random(n) < PRIMARY_PROGRESSIVE
    female = rng.random(n) < np.where(primary, 0.52, 0.72)
    birth = entry - np.round(_draw_age(rng, primary) * YEAR).astype(np.int64)
    leave, back = _draw_absence(draw, entry)
    contact = np.minimum(_draw_contact(draw, entry), np.where(back == FAR, leave - 1, FAR))
    death = draw_death(draw.stream("death"), birth, entry, female)
    return People(draw, ids, female, primary, birth, entry, np.maximum(contact, entry), death, leave, back)


def _draw_entry(rng: np.random.Generator, profile: Profile, n: int) -> Array:
    first, last = day(profile.entry_from), day(profile.entry_to)
    return first + np.floor((last - first + 1) * rng.beta(1.4, 1.1, n)).astype(np.int64)


def _draw_age(rng: np.random.Generator, primary: Array) -> Array:
    n = len(primary)
    usual = rng.normal(np.where(primary, 47.0, 36.0), np.where(primary, 9.0, 10.5))
    late = rng.uniform(55.0, 74.0, n)
    age = np.where(rng.random(n) < 0.07, late, usual)
    return np.clip(age, 13.0 + rng.random(n), 74.0 + rng.random(n))


def _draw_contact(draw: Draw, entry: Array) -> Array:
    """Last planned contact, independent of everything else that happens to the person."""
    rng = draw.stream("contact")
    lost = rng.exponential(YEAR / draw.profile.dropout_per_year, len(entry)).astype(np.int64)
    planned = draw.profile.cut_day - rng.integers(0, 150, len(entry))
    return np.minimum(entry + lost, planned)


def _draw_absence(draw: Draw, entry: Array) -> tuple[Array, Array]:
    """Emigration, for good or for a time, in registries that know where people live."""
    rng = draw.stream("observation_period")
    n = len(entry)
    kind, when, months = rng.random(n), rng.uniform(0.5, 14.0, n), rng.uniform(6, 30, n)
    if not draw.profile.periods:
        return np.full(n, FAR), np.full(n, FAR)
    leave = entry + (when * YEAR).astype(np.int64)
    gone, returns = kind < 0.03, (kind >= 0.03) & (kind < 0.05)
    back = np.where(returns, leave + (months * 30).astype(np.int64), FAR)
    return np.where((gone | returns) & (leave < draw.profile.cut_day), leave, FAR), back


def draw_death(rng: np.random.Generator, birth: Array, start: Array, female: Array) -> Array:
    """Day of death from a hazard that is constant within age bands; FAR past age 110."""
    rates = rate_array("death")[0] / PER
    left = rng.exponential(1.0, len(birth))
    now, death = start.copy(), np.full(len(birth), FAR)
    ends = [*(nth_birthday(birth, age) for age in AGE_CUTS), nth_birthday(birth, 110)]
    for band, end in enumerate(ends):
        hazard = rates[np.where(female, 0, 1), band]
        room = np.maximum(end - now, 0)
        dies = (death == FAR) & (left < hazard * room)
        death = np.where(dies, now + np.floor(left / hazard).astype(np.int64), death)
        left, now = left - hazard * room, np.maximum(now, end)
    return death


def make_person(people: People) -> pd.DataFrame:
    """Core table ``person``."""
    rng = people.draw.stream("person_details")
    n, profile = people.count, people.draw.profile
    countries = np.array(list(profile.countries), dtype=object)
    country = countries[pick(rng.random(n), np.array(list(profile.countries.values())))]
    centre = rng.integers(1, 9 + n % 7, n)
    death = people.known_death
    causes = np.array(["G35", "J18.9", "A41.9", "I21.9", "C34.9", "X59.9", "R99"], dtype=object)
    cause = causes[pick(rng.random(n), np.array([4, 2, 1, 2, 2, 1, 1]))]
    return frame(
        {
            "person_id": people.ids,
            "birth_date": people.birth,
            "sex": np.where(people.female, "female", "male"),
            "country": country,
            "centre_id": np.array([f"C{c:02d}" for c in centre], dtype=object),
            "registry_entry_date": people.entry,
            "death_date": death,
            "cause_of_death": np.where(death < FAR, cause, None),
            "last_contact_date": people.last_seen,
            "consent": np.full(n, "waived" if profile.linked else "yes", dtype=object),
            "smoking": _choice(rng, n, {"never": 48, "former": 22, "current": 20, "unknown": 10}),
            "education": _choice(rng, n, {"2": 12, "3": 40, "4": 8, "5": 10, "6": 16, "7": 12, "8": 2}),
        }
    )


def _choice(rng: np.random.Generator, n: int, weights: dict[str, float]) -> Array:
    return np.array(list(weights), dtype=object)[pick(rng.random(n), np.array(list(weights.values())))]


def make_observation_period(people: People) -> pd.DataFrame:
    """Core table ``observation_period``: residence in the country, in registries that know it."""
    end = np.minimum(people.known_death, people.draw.profile.cut_day)
    first_end = np.minimum(end, people.leave - 1)
    again = (people.back < end) & (people.death > people.back)
    person = np.concatenate([np.arange(people.count), np.flatnonzero(again)])
    start = np.concatenate([people.entry, people.back[again] + 1])
    stop = np.concatenate([first_end, end[again]])
    order = np.lexsort((start, person))
    return frame({"person_id": people.ids[person[order]], "start_date": start[order], "end_date": stop[order]})


def make_disease(people: People) -> pd.DataFrame:
    """Core table ``disease``."""
    onset, diagnosis = draw_onset(people)
    rng = people.draw.stream("disease")
    year = diagnosis.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    course = np.where(people.primary, "PPMS", _choice(rng, people.count, {"relapsing": 62, "CIS": 36, "RIS": 2}))
    criteria = np.where(year >= 2018, "McDonald 2017", np.where(year >= 2011, "McDonald 2010", "McDonald 2005"))
    return frame(
        {
            "person_id": people.ids,
            "onset_date": onset,
            "diagnosis_date": diagnosis,
            "diagnostic_criteria": criteria,
            "course_at_onset": course,
        }
    )


def draw_onset(people: People) -> tuple[Array, Array]:
    """Onset and diagnosis; a few are diagnosed only after they entered the registry."""
    rng = people.draw.stream("disease_onset")
    n = people.count
    known = np.round(rng.gamma(0.9, 2.2, n) * YEAR).astype(np.int64)
    late = np.where(rng.random(n) < 0.06, rng.integers(10, 500, n), 0)
    diagnosis = np.maximum(people.entry - known + late, nth_birthday(people.birth, 10))
    delay = np.round(rng.gamma(0.8, 1.2, n) * YEAR).astype(np.int64)
    onset = np.maximum(diagnosis - delay, nth_birthday(people.birth, 9))
    return np.minimum(onset, diagnosis), diagnosis


def make_course(people: People) -> pd.DataFrame:
    """Core table ``course``: the course at diagnosis, and later conversion to secondary progression."""
    _, diagnosis = draw_onset(people)
    rng = people.draw.stream("course")
    n = people.count
    first = np.where(people.primary, "PPMS", np.where(rng.random(n) < 0.12, "CIS", "RRMS"))
    to_relapsing = diagnosis + rng.integers(120, 1500, n)
    to_secondary = diagnosis + np.round(rng.gamma(3.0, 6.0, n) * YEAR).astype(np.int64)
    rows = [
        (np.arange(n), diagnosis, first),
        *(
            (np.flatnonzero(chosen), when[chosen], np.full(int(chosen.sum()), name))
            for chosen, when, name in (
                ((first == "CIS") & (to_relapsing < people.last_seen), to_relapsing, "RRMS"),
                (
                    ~people.primary & (to_secondary > to_relapsing) & (to_secondary < people.last_seen),
                    to_secondary,
                    "SPMS",
                ),
            )
        ),
    ]
    person, start, course = (np.concatenate(column) for column in zip(*rows, strict=True))
    order = np.lexsort((start, person))
    return frame({"person_id": people.ids[person[order]], "start_date": start[order], "course": course[order]})


def band_on(people: People, person: Array, days: Array) -> Array:
    """Number of the age band of a person on a day."""
    return age_band(completed_years(people.birth[person], days))
