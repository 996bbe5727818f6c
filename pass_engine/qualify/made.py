"""Made registries and studies: a few words are given, the rest is filled with plain defaults.

Rows are those of the harmonised tables, studies those of the protocol language. The worked cases of the method are
written in these words.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from pass_engine.protocol.codes import Code
from pass_engine.protocol.models import Study
from pass_engine.protocol.substances import with_substances
from pass_engine.tables.harmonised import DICTIONARY, EXTRA, HARMONISED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Row = dict[str, Any]

DEFAULTS: dict[str, Row] = {
    "person": {"birth_date": date(1980, 7, 1), "sex": "female", "country": "CZ"},
    "treatment": {"substance": "alfa"},
    "administration": {"substance": "alfa"},
    "event_report": {"system": "ICD-10", "code": "A00", "serious": "no", "mapping_status": "native"},
    "comorbidity": {"system": "ICD-10", "code": "A00"},
    "course": {"course": "RRMS"},
}
"""What a row has unless it says otherwise; every row is of person p1 unless it names another."""

CUT = date(2024, 12, 31)
OBSERVED = (date(2010, 1, 1), CUT)


INFECTION = (Code("ICD-10", "A00", "A09", "Intestinal infection", "range"),)


def fill_row(table: str, given: Row) -> Row:
    """A whole row of a harmonised table. Precision follows from the date; an end that is missing is the onset."""
    unknown = set(given) - set(HARMONISED[table])
    if unknown:
        raise KeyError(f"{table} has no column {', '.join(sorted(unknown))}")
    row: Row = dict.fromkeys(HARMONISED[table]) | {"person_id": "p1"} | DEFAULTS.get(table, {}) | given
    for name in HARMONISED[table]:
        if name.endswith("_precision") and row[name] is None and row[name.replace("precision", "date")]:
            row[name] = "day"
    if table == "event_report" and row["end_date"] is None:
        row["end_date"] = row["onset_date"]
    if "possible_from" in row:
        day = row["start_date" if table == "course" else "onset_date"]
        row["possible_from"] = row["possible_from"] or day
        row["possible_to"] = row["possible_to"] or day
    return row


def fill_rows(given: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
    """Rows of every harmonised table and of the dictionary.

    A person is p1 unless named; without observation periods all are observed throughout.
    """
    tables = {name: [fill_row(name, row) for row in given.get(name, [])] for name in HARMONISED}
    if not tables["person"]:
        tables["person"] = [fill_row("person", {})]
    if "observation_period" not in given:
        ids = [row["person_id"] for row in tables["person"]]
        tables["observation_period"] = [
            {"person_id": i, "start_date": OBSERVED[0], "end_date": OBSERVED[1]} for i in ids
        ]
    for position, row in enumerate(tables["event_report"], start=1):
        row["report_no"] = position
    extras = {name: [dict.fromkeys(columns) | {"person_id": "p1"} | row for row in given.get(name, ())]
              for name, columns in EXTRA.items()}  # fmt: skip
    return tables | extras | {name: list(given.get(name, ())) for name in DICTIONARY}


BASE: dict[str, Any] = {
    "pass_engine": 1,
    "study": {
        "id": "made", "type": "PASS", "title": "A made study", "version": "1.0", "date": date(2026, 1, 1),
        "status": "draft", "substances": [{"inn": "alfa"}],
    },
    "data": {"model": "core/1", "cut": CUT, "registries": ["r1"]},
    "population": {
        "period": {"start": date(2015, 1, 1), "end": CUT}, "index": "cohort_entry", "criteria": [], "entries": "first",
    },
    "exposures": {"a": {"label": "A", "substances": ["alfa"], "gap_days": 30, "gap_time": "as_extension"}},
    "times_at_risk": {
        "treated": {
            "label": "On treatment", "start": {"anchor": "era_start"}, "end": {"anchor": "era_end"},
            "stop_at": ["death", "observation_end", "data_cut"], "overlap": "keep",
        },
    },
    "outcomes": {
        "infection": {
            "label": "Infection", "from": "adverse_event", "codes": "codelists/infection.csv",
            "counting": "recurrent", "clean_window_days": 0,
        },
    },
    "strata": {},
    "publish": {"min_cell": 5},
}  # fmt: skip
"""The study every case begins from: one cohort, time on treatment, every infection counted."""

EXPOSURE_B: dict[str, Any] = {"label": "B", "substances": ["beta"], "gap_days": 30, "gap_time": "as_extension"}


def overlay(base: Any, change: Any) -> Any:
    """The base with a change laid over it: mappings key by key, everything else replaced."""
    if isinstance(base, dict) and isinstance(change, dict):
        return {k: overlay(base.get(k), change[k]) if k in change else base[k] for k in {**base, **change}}
    return change


def freeze(value: Any) -> Any:
    """Lists as tuples, as the protocol's loader gives them to the models."""
    if isinstance(value, dict):
        return {k: freeze(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return tuple(freeze(v) for v in value)
    return value


def incidence(study: dict[str, Any], **change: Any) -> dict[str, Any]:
    """An incidence analysis of every exposure, outcome and time at risk of a study."""
    analysis = {
        "id": "main", "kind": "incidence", "role": "primary", "cohorts": list(study["exposures"]),
        "outcomes": {outcome: list(study["times_at_risk"]) for outcome in study["outcomes"]},
        "measures": ["eair", "eaer"], "per_person_years": 100, "interval": {"method": "exact", "level": 0.95},
    }  # fmt: skip
    return analysis | change


def make_study(change: Row | None = None, *, by: Any = ((),), replace: Row | None = None, listed: Any = ()) -> Study:
    """A study: the base with a change laid over it, and parts replaced whole.

    ``listed``: rows of the list of substances.
    Without ``analyses`` every exposure, outcome and time at risk is counted once, by these margins.
    """
    study = overlay(BASE, change or {}) | (replace or {})
    study.setdefault("analyses", [incidence(study, by=by)])
    return Study.model_validate(with_substances(freeze(study), listed))
