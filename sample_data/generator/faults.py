"""The faults that real registries have, put in at declared rates and counted.

Each fault draws from a stream of its own, so that a new one moves no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from generator.days import Array, is_date_column
from generator.streams import stream

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Fault:
    """One kind of fault in one column (or whole rows) of one table, and the share of rows it strikes."""

    kind: str
    table: str
    column: str
    rate: float
    value: str | None = None


@dataclass(frozen=True)
class Faulty:
    """Tables with faults, and how many rows each fault struck."""

    tables: dict[str, pd.DataFrame]
    counts: list[dict[str, str | int | float]]


COMMON: tuple[Fault, ...] = (
    Fault("outside code list", "person", "sex", 0.002, "X"),
    Fault("sex not known", "person", "sex", 0.002, "unknown"),
    Fault("partial month", "disease", "onset_date", 0.20),
    Fault("partial year", "disease", "onset_date", 0.12),
    Fault("missing", "disease", "onset_date", 0.02),
    Fault("missing", "disease", "diagnosis_date", 0.01),
    Fault("stop before start", "treatment", "stop_date", 0.003),
    Fault("outside code list", "treatment", "substance", 0.003, "trial product"),
    Fault("missing", "treatment", "start_date", 0.002),
    Fault("missing", "treatment", "stop_reason", 0.05),
    Fault("missing", "adverse_event", "onset_date", 0.012),
    Fault("missing", "adverse_event", "serious", 0.015),
    Fault("missing", "adverse_event", "end_date", 0.10),
    Fault("unmapped code", "adverse_event", "code", 0.012),
    Fault("end before onset", "adverse_event", "end_date", 0.002),
    Fault("missing", "comorbidity", "onset_date", 0.04),
    Fault("second report", "adverse_event", "", 0.06),
    Fault("after death", "adverse_event", "", 0.15),
    Fault("unknown person", "treatment", "", 0.001),
    Fault("unknown person", "adverse_event", "", 0.002),
    Fault("unknown person", "visit", "", 0.0004),
    Fault("no person id", "person", "", 0.0006),
    Fault("no person id", "adverse_event", "", 0.001),
    Fault("dose without treatment", "administration", "", 0.0005),
    Fault("duplicate row", "person", "", 0.004),
    Fault("duplicate row", "treatment", "", 0.005),
    Fault("duplicate row", "administration", "", 0.002),
    Fault("duplicate row", "adverse_event", "", 0.01),
    Fault("duplicate row", "visit", "", 0.002),
)
"""Faults of every registry; ``value`` is written in the registry's own style by ``WORDS``."""

TEXT_TREATMENT: tuple[Fault, ...] = (
    Fault("partial month", "treatment", "start_date", 0.025),
    Fault("partial year", "treatment", "start_date", 0.004),
    Fault("partial month", "treatment", "stop_date", 0.03),
    Fault("unreadable date", "treatment", "stop_date", 0.002),
)
TEXT_EVENT: tuple[Fault, ...] = (
    Fault("partial month", "adverse_event", "onset_date", 0.015),
    Fault("partial year", "adverse_event", "onset_date", 0.003),
    Fault("unreadable date", "adverse_event", "onset_date", 0.002),
)
TEXT_DIAGNOSIS: tuple[Fault, ...] = (
    Fault("partial month", "disease", "diagnosis_date", 0.06),
    Fault("partial year", "disease", "diagnosis_date", 0.015),
    Fault("unreadable date", "disease", "diagnosis_date", 0.001),
)
CONSENT = Fault("consent refused", "person", "consent", 0.012, "no")
EDSS = Fault("outside code list", "visit", "edss", 0.002, "12")

OWN: dict[str, tuple[Fault, ...]] = {
    "cz": (*TEXT_EVENT, *TEXT_DIAGNOSIS, CONSENT, EDSS, Fault("partial month", "person", "death_date", 0.04)),
    "dk": (*TEXT_EVENT, *TEXT_TREATMENT, *TEXT_DIAGNOSIS, EDSS),
    "fr": (
        *TEXT_EVENT,
        *TEXT_TREATMENT,
        *TEXT_DIAGNOSIS,
        CONSENT,
        EDSS,
        Fault("partial year", "person", "birth_date", 0.005),
        Fault("cancelled report", "adverse_event", "", 0.01),
    ),
    "it": (*TEXT_EVENT, *TEXT_DIAGNOSIS, CONSENT, EDSS),
    "se": (EDSS,),
    "msbase": (
        *TEXT_EVENT,
        *TEXT_TREATMENT,
        *TEXT_DIAGNOSIS,
        CONSENT,
        EDSS,
        Fault("missing", "person", "country", 0.004),
        Fault("partial month", "person", "death_date", 0.06),
        Fault("partial month", "relapse", "onset_date", 0.05),
    ),
}

WORDS: dict[str, dict[str, str]] = {
    "cz": {"trial product": "studijní přípravek", "unmapped": "99999990", "unreadable": "neznámo"},
    "dk": {"trial product": "forsøg", "unmapped": "???", "unreadable": "31-02-2018"},
    "fr": {
        "trial product": "999",
        "X": "7",
        "12": "120",
        "unmapped": "autre chose (fictif)",
        "unreadable": "00/00/2018",
    },
    "it": {"trial product": "studio", "unmapped": "99999990", "unreadable": "31/06/2017"},
    "se": {"trial product": "provning", "X": "5", "unmapped": "99999990", "unreadable": ""},
    "msbase": {"trial product": "Trial drug", "unmapped": "other, see notes", "unreadable": "2018-13-40"},
}

CANCELLED = "cancelled"
"""Marks rows of which the source says that they were withdrawn; only the registry's own form uses it."""


def faults_of(registry_id: str) -> tuple[Fault, ...]:
    """Faults of a registry in the order in which they strike: values first, then rows."""
    return tuple(sorted((*COMMON, *OWN[registry_id]), key=lambda f: f.column == ""))


def text_dates(registry_id: str) -> set[tuple[str, str]]:
    """Date columns (table, column) that hold more than whole dates, and so are text in typed files too."""
    kinds = {"partial month", "partial year", "unreadable date"}
    return {(f.table, f.column) for f in faults_of(registry_id) if f.kind in kinds}


def add_faults(registry_id: str, core: dict[str, pd.DataFrame], seed: int) -> Faulty:
    """Put a registry's faults into its tables, which hold text."""
    tables, counts = dict(core), []
    for fault in faults_of(registry_id):
        rng = stream(seed, registry_id, "fault", fault.table, fault.kind, fault.column)
        put_in = ROW_FAULTS.get(fault.kind, _strike_column)
        table, struck = put_in(Strike(tables, fault, rng, WORDS[registry_id]))
        tables[fault.table] = _plain(table)
        counts.append(
            {"kind": fault.kind, "table": fault.table, "column": fault.column, "rate": fault.rate, "rows": struck}
        )
    return Faulty(tables, counts)


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Text and None alone, whatever pandas made of it."""
    plain = table.astype(object)
    return plain.where(plain.notna(), None)


Struck = tuple[pd.DataFrame, int]


@dataclass(frozen=True)
class Strike:
    """What a fault needs to strike: all tables, itself, its stream, and the registry's own words."""

    tables: dict[str, pd.DataFrame]
    fault: Fault
    rng: np.random.Generator
    words: dict[str, str]

    @property
    def table(self) -> pd.DataFrame:
        """The table struck."""
        return self.tables[self.fault.table]

    def choose(self) -> pd.DataFrame:
        """Rows of the table, drawn at the fault's rate."""
        return self.table[self.rng.random(len(self.table)) < self.fault.rate].copy()


def _strike_column(strike: Strike) -> Struck:
    """Spoil values that are there and whole."""
    fault, table = strike.fault, strike.table.copy()
    values = table[fault.column].to_numpy(dtype=object).copy()
    present = np.array([v is not None for v in values])
    if is_date_column(fault.column):
        present &= np.array([_is_day(v) for v in values])
    if fault.kind == "end before onset":
        present &= np.array([_is_day(v) for v in table["onset_date"]])
    rows = np.flatnonzero((strike.rng.random(len(values)) < fault.rate) & present)
    values[rows] = [_spoil(v, strike) for v in values[rows]]
    if fault.kind == "stop before start":
        return _swap(table, rows), len(rows)
    if fault.kind == "end before onset":
        values[rows] = [_shift(v, -30) for v in table["onset_date"].to_numpy(dtype=object)[rows]]
    table[fault.column] = values
    return table, len(rows)


def _swap(table: pd.DataFrame, rows: Array) -> pd.DataFrame:
    start, stop = (table[c].to_numpy(dtype=object).copy() for c in ("start_date", "stop_date"))
    start[rows], stop[rows] = stop[rows], start[rows].copy()
    return table.assign(start_date=start, stop_date=stop)


def _is_day(value: str | None) -> bool:
    """A whole date that can be read?"""
    try:
        return value is not None and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _shift(value: str | None, days: int) -> str | None:
    if value is None or not _is_day(value):
        return value
    return str(np.datetime64(value, "D") + days)


def _spoil(value: str, strike: Strike) -> str | None:
    """What a value becomes; a swap of dates changes none by itself."""
    fault, words = strike.fault, strike.words
    spoilt: dict[str, str | None] = {
        "partial month": value[:7],
        "partial year": value[:4],
        "missing": None,
        "unreadable date": words["unreadable"],
        "unmapped code": words["unmapped"],
        "outside code list": words.get(str(fault.value), fault.value),
        "sex not known": fault.value,
        "consent refused": fault.value,
    }
    return spoilt.get(fault.kind, value)


def _append(table: pd.DataFrame, more: pd.DataFrame) -> Struck:
    return pd.concat([table, more], ignore_index=True), len(more)


def _duplicate(strike: Strike) -> Struck:
    """Rows sent twice, word for word."""
    return _append(strike.table, strike.choose())


def _second_report(strike: Strike) -> Struck:
    """The same event again from a hospital, a few days later, under another number."""
    more = strike.choose()
    later = strike.rng.integers(1, 6, len(more))
    onset = [_shift(v, int(d)) for v, d in zip(more["onset_date"], later, strict=True)]
    end = [max(str(e), str(o)) if e and _is_day(o) else e for e, o in zip(more["end_date"], onset, strict=True)]
    return _append(
        strike.table,
        more.assign(
            onset_date=onset, end_date=end, event_id=[f"{v}H" for v in more["event_id"]], source="hospital discharge"
        ),
    )


def _after_death(strike: Strike) -> Struck:
    """Events dated after the person's death; the rate is a share of the dead."""
    person = strike.tables["person"]
    died = person.drop_duplicates("person_id").set_index("person_id")["death_date"]
    more = strike.table.drop_duplicates("person_id").copy()
    death = died.reindex(more["person_id"].to_numpy()).to_numpy(dtype=object)
    known = np.array([isinstance(d, str) and _is_day(d) for d in death])
    rows = known & (strike.rng.random(len(more)) < strike.fault.rate)
    more, later = more[rows], strike.rng.integers(3, 60, int(rows.sum()))
    onset = [_shift(d, int(k)) for d, k in zip(death[rows], later, strict=True)]
    return _append(
        strike.table, more.assign(onset_date=onset, end_date=onset, event_id=[f"{v}D" for v in more["event_id"]])
    )


def _with_person(strike: Strike, person_id: str | None) -> Struck:
    more = strike.choose()
    return _append(strike.table, more.assign(person_id=np.full(len(more), person_id, dtype=object)))


def _unknown_person(strike: Strike) -> Struck:
    """Rows of someone whom the person table does not know."""
    return _with_person(strike, "9")


def _no_person_id(strike: Strike) -> Struck:
    """Rows that name no one."""
    return _with_person(strike, None)


def _dose_without_treatment(strike: Strike) -> Struck:
    """A single dose of natalizumab for someone with no treatment row of it."""
    mine = strike.table[strike.table["substance"] == "natalizumab"]
    count = min(len(mine), int(np.ceil(strike.fault.rate * len(strike.table))))
    treated = set(strike.tables["treatment"]["person_id"])
    free = [p for p in strike.tables["person"]["person_id"] if p is not None and p not in treated][:count]
    more = mine.iloc[: len(free)]
    return _append(strike.table, more.assign(person_id=np.array(free, dtype=object)))


def _cancelled(strike: Strike) -> Struck:
    """Reports that the registry itself withdrew; the map's ``where`` leaves them out."""
    more = strike.choose()
    return _append(
        strike.table.assign(**{CANCELLED: "1"}),
        more.assign(**{CANCELLED: "0", "event_id": [f"{v}X" for v in more["event_id"]]}),
    )


ROW_FAULTS: dict[str, Callable[[Strike], Struck]] = {
    "duplicate row": _duplicate,
    "second report": _second_report,
    "after death": _after_death,
    "unknown person": _unknown_person,
    "no person id": _no_person_id,
    "dose without treatment": _dose_without_treatment,
    "cancelled report": _cancelled,
}
