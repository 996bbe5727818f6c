"""Put the tables of a registry together, in core-model columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from generator import clinical, events, people, treatments
from generator.days import YEAR, Array, is_date_column
from generator.people import Draw, draw_people
from generator.profiles import PROFILES
from generator.streams import BLOCK, SEED
from generator.treatments import History, draw_history, make_exposure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

TABLES: tuple[str, ...] = (
    "person",
    "observation_period",
    "disease",
    "course",
    "treatment",
    "administration",
    "adverse_event",
    "visit",
    "relapse",
    "mri",
    "pregnancy",
    "comorbidity",
    "comedication",
    "laboratory",
)
"""Core tables in reading order."""


def draw_blocks(registry_id: str, persons: int, seed: int = SEED) -> Iterator[History]:
    """Persons with their treatments, a block at a time."""
    for block, first in enumerate(range(0, persons, BLOCK)):
        draw = Draw(PROFILES[registry_id], seed, block, first, min(BLOCK, persons - first))
        yield draw_history(draw_people(draw))


def make_tables(history: History, system: str | None = None, tables: Iterable[str] = TABLES) -> dict[str, pd.DataFrame]:
    """The core tables of one block, typed. ``system`` codes all events and diseases in that one system."""
    makers: dict[str, Callable[[], pd.DataFrame]] = {
        "person": lambda: people.make_person(history.people),
        "disease": lambda: people.make_disease(history.people),
        "course": lambda: people.make_course(history.people),
        "treatment": lambda: treatments.make_treatment(history),
        "administration": lambda: treatments.make_administration(history),
        "adverse_event": lambda: events.make_adverse_event(history, system),
        "visit": lambda: clinical.make_visit(history),
        "relapse": lambda: clinical.make_relapse(history),
        "mri": lambda: clinical.make_mri(history),
        "pregnancy": lambda: clinical.make_pregnancy(history),
        "comorbidity": lambda: clinical.make_comorbidity(history, system),
        "comedication": lambda: clinical.make_comedication(history),
        "laboratory": lambda: clinical.make_laboratory(history),
    }
    if history.people.draw.profile.periods:
        makers["observation_period"] = lambda: people.make_observation_period(history.people)
    wanted = set(tables)
    return {name: makers[name]() for name in TABLES if name in makers and name in wanted}


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Every column as text: ISO dates, numbers in their shortest form, None where missing."""
    return pd.DataFrame({name: _column_text(name, table[name]) for name in table.columns}, dtype=object)


def _column_text(name: str, values: pd.Series) -> Array:
    missing = values.isna().to_numpy()
    if is_date_column(name):
        text = np.datetime_as_string(values.to_numpy().astype("datetime64[D]")).astype(object)
    elif values.dtype.kind in "fiu":
        text = np.array([f"{v:.10g}" for v in values], dtype=object)
    else:
        text = values.to_numpy(dtype=object)
    return np.where(missing, None, text)


def simulate_core(
    registry_id: str,
    persons: int,
    seed: int,
    faults: bool = False,
    *,
    system: str | None = None,
    tables: Iterable[str] = TABLES,
) -> dict[str, pd.DataFrame]:
    """One registry in core-model columns, every value as text (ISO dates), None where missing.

    Without faults nothing is missing that a real registry would know, and the true rates can be recovered.
    ``system`` (say ``"ICD-10"``) codes everything in one system, which spares the reader dictionaries and local terms.
    """
    blocks = [make_tables(h, system, tables) for h in draw_blocks(registry_id, persons, seed)]
    core = {name: as_text(pd.concat([b[name] for b in blocks], ignore_index=True)) for name in blocks[0]}
    if not faults:
        return core
    from generator.faults import add_faults

    return add_faults(registry_id, core, seed).tables


def expected_events(registry_id: str, persons: int, seed: int, outcome: str, periods: pd.DataFrame) -> float:
    """Events that the true hazards let one expect in periods at risk of persons drawn with this seed.

    ``periods`` has ``person_id``, ``start_date`` and ``end_date`` (both days count); give the days net of clean
    windows for serious infections, and up to the first event where first events are counted.
    """
    total = 0.0
    for history in draw_blocks(registry_id, persons, seed):
        exposure = make_exposure(history)
        number = pd.Series(np.arange(history.people.count), index=history.people.ids)
        mine = periods[periods["person_id"].isin(number.index)]
        start, end = (
            pd.to_datetime(mine[c]).to_numpy().astype("datetime64[D]").astype(np.int64)
            for c in ("start_date", "end_date")
        )
        length = end - start + 1
        person = np.repeat(number.loc[mine["person_id"]].to_numpy(), length)
        day = np.repeat(start, length) + np.arange(len(person)) - np.repeat(np.cumsum(length) - length, length)
        total += float(events.hazard_on(history.people, exposure, outcome, person, day).sum()) / (1000 * YEAR)
    return total


__all__ = ["TABLES", "as_text", "draw_blocks", "expected_events", "make_tables", "simulate_core"]
