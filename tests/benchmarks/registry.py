"""Synthetic registries of any size: harmonised tables as Parquet, sorted by person, the same from the same seed.

Persons are made in blocks, each with a seed of its own, so that any size fits into memory. About 20 years of
follow-up, 3 treatment episodes and 4 reports a person. One person in twelve has a break in observation, one in
twenty-five periods that overlap; reports cluster; episodes of one substance overlap, touch and leave gaps; births
fall on 29 February as on other days.

Run as ``python -m tests.benchmarks.registry FOLDER PERSONS``; prints the registry's folder.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.property import tables

if TYPE_CHECKING:
    import pyarrow as pa

TABLES: dict[str, dict[str, str]] = {**tables.HARMONISED, **tables.DICTIONARY}
"""The harmonised tables and the dictionary: column to SQL type. One that is not made here is empty; so is a column."""

SEED = 20261124
BLOCK = 50_000

Columns = dict[str, Any]
Days = Any
"""Whole days since 1970, as a numpy array."""


def day(year: int, month: int = 1, of_month: int = 1) -> int:
    """A date as whole days since 1970."""
    return (date(year, month, of_month) - date(1970, 1, 1)).days


CUT = day(2024, 12, 31)
SUBSTANCES = ("ocrelizumab", "interferon beta-1a", "glatiramer acetate", "interferon beta-1b", "natalizumab")
SHARES = (0.40, 0.20, 0.20, 0.05, 0.15)
EPISODES, EPISODE_SHARES = (1, 2, 3, 4, 5, 6), (0.12, 0.22, 0.28, 0.22, 0.10, 0.06)
REPORTS = 3.45
"""Mean of a Poisson number; reports that follow another one come on top."""
INFECTIONS = ("A099", "B029", "J069", "J101", "J189", "J209", "L031", "N10", "N300", "U071")
TUMOURS = ("C509", "C61", "C189", "C349", "C439")
OTHERS = tuple(f"{letter}{number:02d}{digit}" for letter in "EFGHIKMR" for number in (11, 43, 71) for digit in (0, 9))
PREFERRED_TERMS = ("90100010", "90100060", "90200200", "99900010", "99900020")
"""An infection, another, a tumour, and two that are on no list."""
CODES = (*INFECTIONS, *TUMOURS, *OTHERS, *PREFERRED_TERMS)
SYSTEMS = tuple("MedDRA PT" if code.isdigit() else "ICD-10" for code in CODES)


def registry_folder(base: Path, persons: int) -> Path:
    """The registry of so many persons under ``base``; made where there is none by this program."""
    schema = repr(TABLES).encode()
    mark = hashlib.sha256(Path(__file__).read_bytes() + schema).hexdigest()[:12]
    folder = base / f"{persons}-{mark}"
    if not folder.is_dir():
        unfinished = base / f"{persons}-unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        _write_registry(unfinished, persons)
        unfinished.rename(folder)
    return folder


def _write_registry(folder: Path, persons: int) -> None:
    import pyarrow.parquet as pq

    schemas = {table: _schema(columns) for table, columns in TABLES.items()}
    writers = {
        table: pq.ParquetWriter(folder / f"{table}.parquet", s, compression="zstd") for table, s in schemas.items()
    }
    for first in range(0, persons, BLOCK):
        block = make_block(first, min(BLOCK, persons - first))
        for table, schema in schemas.items():
            writers[table].write_table(_as_arrow(block.get(table, {}), schema))
    for writer in writers.values():
        writer.close()


def _schema(columns: dict[str, str]) -> pa.Schema:
    import pyarrow as pa

    kinds = {
        "VARCHAR": pa.string(),
        "BOOLEAN": pa.bool_(),
        "DATE": pa.date32(),
        "BIGINT": pa.int64(),
        "DOUBLE": pa.float64(),
    }
    return pa.schema([(name, kinds[kind]) for name, kind in columns.items()])


def _as_arrow(made: Columns, schema: pa.Schema) -> pa.Table:
    """A block's table in the order and types asked for; a column that is not made is missing throughout."""
    import pyarrow as pa

    rows = len(next(iter(made.values()))) if made else 0
    return pa.table(
        [made[f.name].cast(f.type) if f.name in made else pa.nulls(rows, f.type) for f in schema], schema=schema
    )


def make_block(first: int, count: int) -> dict[str, Columns]:
    """The tables of the persons numbered from ``first``."""
    rng = np.random.default_rng((SEED, first))
    lives = _Lives(rng, first, count)
    return {
        "person": lives.person(),
        "observation_period": lives.observation_period(),
        "disease": {"person_id": lives.ids, "diagnosis_date": _dates(lives.start + rng.integers(-1825, 365, count))},
        "treatment": _treatment(rng, lives),
        "event_report": _event_report(rng, lives),
    }


class _Lives:
    """Birth, observation and death of a block of persons."""

    def __init__(self, rng: np.random.Generator, first: int, count: int) -> None:
        self.rng, self.count = rng, count
        self.ids = _person_ids(first, count)
        self.birth = rng.integers(day(1945), day(1986), count)
        self.start = rng.integers(day(2000), day(2005), count)
        self.end = np.minimum(self.start + rng.integers(18 * 365, 26 * 365, count), CUT)
        dies = rng.random(count) < 0.10
        self.death = np.where(dies, rng.integers(self.start + 200, self.end + 200), CUT + 1)
        self.last_day = np.minimum(self.end, self.death)

    def person(self) -> Columns:
        sex = self.rng.choice(3, self.count, p=(0.70, 0.29, 0.01))
        return {
            "person_id": self.ids,
            "birth_date": _dates(self.birth),
            "birth_precision": _texts(np.zeros(self.count, np.int8), ("day",)),
            "sex": _texts(sex, ("female", "male", "unknown")),
            "country": _texts(np.zeros(self.count, np.int8), ("DK",)),
            "registry_entry_date": _dates(self.start + self.rng.integers(0, 60, self.count)),
            "death_date": _dates(self.death, self.death > CUT),
            "last_contact_date": _dates(self.last_day - self.rng.integers(0, 120, self.count)),
        }

    def observation_period(self) -> Columns:
        """One period, or two with days between, or two that overlap or touch."""
        kind = self.rng.choice(3, self.count, p=(0.88, 0.08, 0.04))
        stops = self.rng.integers(self.start + 400, self.end - 400)
        between = np.where(kind == 1, self.rng.integers(2, 400, self.count), self.rng.integers(-100, 2, self.count))
        owner = np.repeat(np.arange(self.count), np.where(kind > 0, 2, 1))
        again = np.diff(owner, prepend=-1) == 0
        split = kind[owner] > 0
        return {
            "person_id": self.ids.take(owner),
            "start_date": _dates(np.where(again, stops[owner] + between[owner], self.start[owner])),
            "end_date": _dates(np.where(split & ~again, stops[owner], self.end[owner])),
        }


def _treatment(rng: np.random.Generator, lives: _Lives) -> Columns:
    """Episodes one after the other: the same substance again, or another one; the last may go on at the cut."""
    numbers = rng.choice(EPISODES, lives.count, p=EPISODE_SHARES)
    owner = np.repeat(np.arange(lives.count), numbers)
    rank = _rank(owner)
    gap = np.where(rng.random(len(owner)) < 0.5, rng.integers(-60, 91, len(owner)), rng.integers(91, 700, len(owner)))
    gap[rank == 0] = rng.integers(100, 1600, int((rank == 0).sum()))
    length = 14 + rng.exponential(1100, len(owner)).astype(np.int64)
    start = lives.start[owner] + _running_sum(np.where(rank == 0, gap, gap + _previous(length)), rank)
    stop = start + length
    drawn = rng.choice(len(SUBSTANCES), len(owner), p=SHARES)
    substance = _carry_forward(drawn, (rank > 0) & (rng.random(len(owner)) < 0.3))
    keep = (start <= np.minimum(lives.death[owner], CUT)) & (start >= lives.start[owner])
    owner, start, stop, substance = owner[keep], start[keep], stop[keep], substance[keep]
    return {
        "person_id": lives.ids.take(owner),
        "substance": _texts(substance, SUBSTANCES),
        "start_date": _dates(start),
        "stop_date": _dates(np.minimum(stop, lives.death[owner]), stop > CUT),
    }


def _event_report(rng: np.random.Generator, lives: _Lives) -> Columns:
    """Reports at any time from two years before observation on; one in six is followed by another of its kind."""
    single = np.repeat(np.arange(lives.count), rng.poisson(REPORTS, lives.count))
    onset = rng.integers(lives.start[single] - 730, lives.last_day[single] + 1)
    code = _draw_codes(rng, len(single))
    again = rng.random(len(single)) < 0.16
    owner = np.concatenate([single, single[again]])
    onset = np.concatenate([onset, onset[again] + rng.integers(0, 75, int(again.sum()))])
    code = np.concatenate([code, code[again]])
    order = np.lexsort((code, onset, owner))
    owner, onset, code = owner[order], onset[order], code[order]
    lasts = np.where(rng.random(len(owner)) < 0.5, rng.geometric(0.1, len(owner)), 0)
    return {
        "person_id": lives.ids.take(owner),
        "report_no": _whole(_rank(owner) + 1),
        "system": _texts(code, SYSTEMS),
        "code": _texts(code, CODES),
        "onset_date": _dates(onset),
        "onset_precision": _texts(np.zeros(len(owner), np.int8), ("day",)),
        "possible_from": _dates(onset),
        "possible_to": _dates(onset),
        "end_date": _dates(onset + lasts),
        "serious": _texts(rng.choice(3, len(owner), p=(0.4, 0.55, 0.05)), ("yes", "no", "unknown")),
        "mapping_status": _texts(np.zeros(len(owner), np.int8), ("native",)),
    }


def _draw_codes(rng: np.random.Generator, count: int) -> Days:
    """Numbers of codes: a quarter infections, one in forty tumours, the rest on no list."""
    weights = np.concatenate(
        [
            np.full(len(INFECTIONS), 0.22 / len(INFECTIONS)),
            np.full(len(TUMOURS), 0.02 / len(TUMOURS)),
            np.full(len(OTHERS), 0.70 / len(OTHERS)),
            (0.02, 0.01, 0.005, 0.015, 0.01),
        ]
    )
    return rng.choice(len(CODES), count, p=weights / weights.sum())


def _rank(owner: Days) -> Days:
    """Position of a row among those of its person, from 0."""
    begins = np.flatnonzero(np.diff(owner, prepend=-1))
    return np.arange(len(owner)) - np.repeat(begins, np.diff(begins, append=len(owner)))


def _previous(values: Days) -> Days:
    return np.concatenate([values[:1], values[:-1]])


def _running_sum(values: Days, rank: Days) -> Days:
    """Sum from a person's first row to this one."""
    total = np.cumsum(values)
    begins = np.arange(len(values)) - rank
    return total - (total - values)[begins]


def _carry_forward(values: Days, same_as_before: Days) -> Days:
    """Values, with that of the row before where it says so."""
    source = np.maximum.accumulate(np.where(same_as_before, 0, np.arange(len(values))))
    return values[source]


def _person_ids(first: int, count: int) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = pc.utf8_lpad(pa.array(np.arange(first + 1, first + count + 1)).cast(pa.string()), 9, "0")
    return pc.binary_join_element_wise("P", numbers, "")


def _texts(numbers: Days, names: tuple[str, ...]) -> pa.Array:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(numbers.astype(np.int32)), pa.array(names)).cast(pa.string())


def _dates(days: Days, missing: Days | None = None) -> pa.Array:
    import pyarrow as pa

    return pa.array(days.astype(np.int32), mask=missing).cast(pa.date32())


def _whole(numbers: Days) -> pa.Array:
    import pyarrow as pa

    return pa.array(numbers.astype(np.int64))


if __name__ == "__main__":
    sys.stdout.write(f"{registry_folder(Path(sys.argv[1]), int(sys.argv[2]))}\n")
