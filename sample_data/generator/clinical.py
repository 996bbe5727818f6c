"""Visits, relapses, scans, pregnancies, other diseases and medicines, laboratory values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from generator.coding import code_concepts
from generator.concepts import weights
from generator.days import FAR, YEAR, Array, completed_years, frame
from generator.people import People, draw_onset
from generator.streams import pick
from generator.treatments import History, make_exposure

if TYPE_CHECKING:
    import pandas as pd


def _scatter(
    people: People, rng: np.random.Generator, per_year: float, chosen: Array | None = None
) -> tuple[Array, Array]:
    """Days of a Poisson process on days seen: person and day, in order."""
    days = np.maximum(people.last_seen - people.entry + 1, 0)
    rate = np.full(people.count, per_year / YEAR) * (1 if chosen is None else chosen)
    person = np.repeat(np.arange(people.count), rng.poisson(rate * days))
    when = people.entry[person] + np.floor(rng.random(len(person)) * days[person]).astype(np.int64)
    order = np.lexsort((when, person))
    person, when = person[order], when[order]
    seen = ~people.away(person, when)
    return person[seen], when[seen]


def _every(people: People, rng: np.random.Generator, step: float, jitter: float) -> tuple[Array, Array]:
    """Days about every ``step`` days from entry to the last day seen."""
    count = (np.maximum(people.last_seen - people.entry, 0) / step).astype(np.int64) + 1
    person = np.repeat(np.arange(people.count), count)
    nth = np.arange(len(person)) - np.repeat(np.cumsum(count) - count, count)
    late = np.where(nth > 0, rng.normal(0, jitter, len(nth)), 0)
    when = people.entry[person] + np.round(nth * step + late).astype(np.int64)
    ok = (when >= people.entry[person]) & (when <= people.last_seen[person]) & ~people.away(person, when)
    order = np.lexsort((when[ok], person[ok]))
    person, when = person[ok][order], when[ok][order]
    new = np.ones(len(person), dtype=bool)
    new[1:] = (person[1:] != person[:-1]) | (when[1:] != when[:-1])
    return person[new], when[new]


def _text(values: Array) -> Array:
    """Numbers as text, whole ones without a decimal part."""
    return np.array([f"{v:g}" for v in values], dtype=object)


def make_visit(history: History) -> pd.DataFrame:
    """Core table ``visit``: disability worsens slowly, faster in primary progression."""
    people = history.people
    rng = people.draw.stream("visit")
    onset, _ = draw_onset(people)
    base, slope = rng.gamma(1.6, 0.7, people.count), rng.gamma(1.2, 0.09, people.count)
    person, when = _every(people, rng, 270.0, 25.0)
    years = (when - onset[person]) / YEAR
    worse = base[person] + np.where(people.primary[person], 2.2, 0.0) + slope[person] * years
    edss = np.round(np.clip(worse + rng.normal(0, 0.35, len(when)), 0, 9.5) * 2) / 2
    edss = np.where(edss == 0.5, 1.0, edss)
    u = rng.random((len(when), 4))
    return frame(
        {
            "person_id": people.ids[person],
            "visit_date": when,
            "edss": np.where(u[:, 0] < 0.96, _text(edss), None),
            "in_relapse": np.where(u[:, 1] < 0.05, "yes", "no"),
            "timed_25_foot_walk_s": _measured(u[:, 2] < 0.35, 4.0 + edss**1.6 * rng.uniform(0.3, 0.6, len(when))),
            "nine_hole_peg_s": _measured(u[:, 2] < 0.2, 17.0 + edss * rng.uniform(0.8, 3.0, len(when))),
            "sdmt": np.where(u[:, 3] < 0.25, np.round(62 - 4 * edss + rng.normal(0, 8, len(when))), np.nan),
        }
    )


def _measured(done: Array, value: Array) -> Array:
    return np.where(done, np.round(value, 1), np.nan)


RELAPSE_FACTOR = np.array([1.0, 0.65, 0.3, 0.5])


def make_relapse(history: History) -> pd.DataFrame:
    """Core table ``relapse``: fewer on treatment, very few in primary progression."""
    people, exposure = history.people, make_exposure(history)
    rng = people.draw.stream("relapse")
    person, when = _scatter(people, rng, 0.34)
    u = rng.random((len(when), 5))
    factor = RELAPSE_FACTOR[exposure.on(person, when)] * np.where(people.primary[person], 0.1, 1.0)
    stays = u[:, 0] < factor
    person, when, u = person[stays], when[stays], u[stays]
    return frame(
        {
            "person_id": people.ids[person],
            "onset_date": when,
            "severity": _names(u[:, 1], {"mild": 5, "moderate": 4, "severe": 1}),
            "recovery": _names(u[:, 2], {"complete": 6, "partial": 3, "none": 1}),
            "steroids": np.where(u[:, 3] < 0.7, "yes", "no"),
            "hospitalised": np.where(u[:, 4] < 0.2, "yes", "no"),
        }
    )


def _names(u: Array, table: dict[str, float]) -> Array:
    return np.array(list(table), dtype=object)[pick(u, np.array(list(table.values())))]


def make_mri(history: History) -> pd.DataFrame:
    """Core table ``mri``."""
    people, exposure = history.people, make_exposure(history)
    rng = people.draw.stream("mri")
    person, when = _every(people, rng, 620.0, 60.0)
    active = RELAPSE_FACTOR[exposure.on(person, when)]
    u = rng.random((len(when), 2))
    return frame(
        {
            "person_id": people.ids[person],
            "mri_date": when,
            "region": np.where(u[:, 0] < 0.85, "brain", "cord"),
            "new_or_enlarging_t2": rng.poisson(1.1 * active),
            "gd_lesions": rng.poisson(0.35 * active),
        }
    )


def make_pregnancy(history: History) -> pd.DataFrame:
    """Core table ``pregnancy``: women from 18 to 43, at least a year apart."""
    people = history.people
    rng = people.draw.stream("pregnancy")
    person, lmp = _scatter(people, rng, 0.05, people.female)
    age = completed_years(people.birth[person], lmp)
    ok = (age >= 18) & (age < 44)
    ok[1:] &= (person[1:] != person[:-1]) | (lmp[1:] - lmp[:-1] > 420)
    person, lmp = person[ok], lmp[ok]
    u = rng.random((len(lmp), 4))
    outcome = _names(
        u[:, 0],
        {
            "live birth": 74,
            "spontaneous abortion": 14,
            "elective termination": 7,
            "stillbirth": 0.6,
            "ectopic": 1.5,
            "unknown": 3,
        },
    )
    late = np.isin(outcome, ["live birth", "stillbirth"])
    weeks = np.where(late, np.round(39.3 - rng.gamma(1.2, 1.1, len(lmp)), 1), np.round(6 + 8 * u[:, 1], 1))
    end = lmp + np.round(weeks * 7).astype(np.int64)
    going_on = end > people.last_seen[person]
    weight = np.round(3350 - 130 * (39.3 - weeks) + rng.normal(0, 400, len(lmp)))
    unknown = going_on | (outcome == "unknown")
    anomaly = np.where(u[:, 3] < 0.02, "major", np.where(u[:, 3] < 0.05, "minor", "none"))
    return frame(
        {
            "person_id": people.ids[person],
            "lmp_date": lmp,
            "outcome": np.where(going_on, "ongoing", outcome),
            "outcome_date": np.where(unknown, FAR, end),
            "gestational_weeks": np.where(unknown, np.nan, weeks),
            "birth_weight_g": np.where(unknown | ~late, np.nan, weight),
            "congenital_anomaly": np.where(unknown | ~late, None, anomaly),
        }
    )


def make_comorbidity(history: History, system: str | None = None) -> pd.DataFrame:
    """Core table ``comorbidity``: diseases from before entry, a few of them malignancies."""
    people = history.people
    rng = people.draw.stream("comorbidity")
    count = rng.poisson(0.55, people.count)
    chronic = np.repeat(np.arange(people.count), count)
    cancer = np.flatnonzero(rng.random(people.count) < 0.015)
    person = np.concatenate([chronic, cancer])
    is_cancer = np.arange(len(person)) >= len(chronic)
    order = np.argsort(person, kind="stable")
    person, is_cancer = person[order], is_cancer[order]
    u = rng.random((len(person), 2))
    cancers, others = (_concept(people, person, group, u[:, 0]) for group in ("malignancy", "chronic"))
    concept = np.where(is_cancer, cancers, others)
    onset = people.entry[person] - 30 - np.round(u[:, 1] * 9 * YEAR).astype(np.int64)
    code_system, code = code_concepts(people.draw.profile, concept, people.draw.stream("comorbidity/code"), system)
    return frame({"person_id": people.ids[person], "code_system": code_system, "code": code, "onset_date": onset})


def _concept(people: People, person: Array, group: str, u: Array) -> Array:
    women, men = weights(group, serious=False)
    return np.where(people.female[person], pick(u, women), pick(u, men))


ATC: dict[str, float] = {
    "N06AB06": 20,
    "M03BX01": 18,
    "G04BD08": 10,
    "C09AA05": 10,
    "N02BE01": 14,
    "A11CC05": 22,
    "N05CF01": 8,
    "H03AA01": 9,
}


def make_comedication(history: History) -> pd.DataFrame:
    """Core table ``comedication``."""
    people = history.people
    rng = people.draw.stream("comedication")
    person, start = _scatter(people, rng, 0.09)
    u = rng.random((len(start), 3))
    stop = start + 14 + np.round(-np.log1p(-u[:, 1]) * 500).astype(np.int64)
    return frame(
        {
            "person_id": people.ids[person],
            "atc": _names(u[:, 0], ATC),
            "start_date": start,
            "stop_date": np.where(stop > people.last_seen[person], FAR, stop),
        }
    )


TESTS: tuple[tuple[str, str, float, float], ...] = (
    ("6690-2", "10*9/L", 6.6, 0.30),
    ("731-0", "10*9/L", 1.8, 0.40),
    ("1742-6", "U/L", 24.0, 0.45),
    ("2465-3", "g/L", 10.2, 0.25),
)
"""LOINC code, unit, median, and spread on the log scale."""


def make_laboratory(history: History) -> pd.DataFrame:
    """Core table ``laboratory``."""
    people = history.people
    rng = people.draw.stream("laboratory")
    person, when = _scatter(people, rng, 0.9, rng.random(people.count) < 0.5)
    test = pick(rng.random(len(when)), np.array([4, 4, 3, 1]))
    median, spread = np.array([t[2] for t in TESTS])[test], np.array([t[3] for t in TESTS])[test]
    value = np.round(median * np.exp(spread * rng.normal(0, 1, len(when))), 1)
    return frame(
        {
            "person_id": people.ids[person],
            "test": np.array([t[0] for t in TESTS], dtype=object)[test],
            "date": when,
            "value": value,
            "unit": np.array([t[1] for t in TESTS], dtype=object)[test],
        }
    )
