"""A small study and bundles made from made-up persons, for tests past the border: counts that are true of someone."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from pass_engine.bundle import BundleContent
from pass_engine.disclose import BORDER_TABLES
from pass_engine.protocol import Protocol, Scenario, margin_name
from pass_engine.protocol.counted import margins_of
from pass_engine.protocol.models import Comparison, Study

if TYPE_CHECKING:
    from pass_engine.protocol.reference import ReferenceRates
    from pass_engine.stats import Standard

Rows = list[dict[str, Any]]
ON, EVER = "on_treatment", "ever_exposed"
REGISTRIES = ("aa", "bb", "cc")
EXACT = {"method": "exact", "level": 0.95}
MAIN = {
    "id": "main",
    "kind": "incidence",
    "role": "primary",
    "cohorts": ("new_drug", "old_drug"),
    "outcomes": {"infection": ON, "cancer": (EVER, ON)},
    "measures": ("incidence_proportion", "eair", "eair_total_exposure", "eaer"),
    "per_person_years": 1000,
    "interval": EXACT,
    "by": ((), ("sex",), ("age",), ("calendar",), ("age", "sex")),
    "standardise": {"to": "esp2013", "over": ("age", "sex"), "split": "uniform"},
}
RATIO = {
    "id": "ratio",
    "kind": "comparison",
    "role": "secondary",
    "of": {"target": "new_drug", "comparator": "old_drug"},
    "outcomes": {"cancer": ON, "infection": ON},
    "interval": EXACT,
}
STUDY: dict[str, Any] = {
    "pass_engine": 1,
    "study": {
        "id": "small", "type": "PASS", "title": "A small study", "version": "1.0", "date": date(2024, 1, 1),
        "status": "draft", "substances": ({"inn": "newmab"}, {"inn": "oldmab"}),
    },
    "data": {"model": "core/1", "cut": date(2023, 12, 31), "registries": REGISTRIES},
    "population": {
        "period": {"start": date(2015, 1, 1), "end": date(2023, 12, 31)}, "index": "cohort_entry", "entries": "first",
    },
    "exposures": {
        "new_drug": {"label": "New drug", "substances": ("newmab",), "gap_days": 30},
        "old_drug": {"label": "Old drug", "substances": ("oldmab",), "gap_days": 30},
    },
    "times_at_risk": {
        name: {
            "label": name, "start": {"anchor": start}, "end": {"anchor": end},
            "stop_at": ("death", "observation_end", "data_cut"), "overlap": "keep",
        }
        for name, start, end in ((ON, "era_start", "era_end"), (EVER, "first_era_start", "follow_up_end"))
    },
    "outcomes": {
        "infection": {
            "label": "Infection", "from": "adverse_event", "codes": "codelists/infection.csv",
            "counting": "recurrent", "clean_window_days": 20,
        },
        "cancer": {"label": "Cancer", "from": "adverse_event", "codes": "codelists/cancer.csv", "counting": "first"},
    },
    "strata": {"age": {"bands": (18, 50)}, "sex": {}, "calendar": {"by": "year"}},
    "analyses": (MAIN, RATIO),
    "publish": {"min_cell": 5},
}  # fmt: skip
"""Two cohorts, a recurrent and a first-event outcome, every measure and margin."""


def small_protocol(
    *,
    sensitivity: bool = True,
    ratio: dict[str, Any] | None = None,
    standards: dict[str, Standard] | None = None,
    references: dict[str, ReferenceRates] | None = None,
    **changes: Any,
) -> Protocol:
    """The small study, with keys of its main analysis (and of its ratio) changed, and with files beside it."""
    study = Study.model_validate({**STUDY, "analyses": ({**MAIN, **changes}, {**RATIO, **(ratio or {})})})
    scenarios = [Scenario("main", study)]
    if sensitivity:
        narrow = Study.model_validate({**STUDY, "analyses": ({**MAIN, **changes, "id": "narrow", "by": ((),)},)})
        scenarios.append(Scenario("narrow", narrow))
    return Protocol(Path("small"), study, "0" * 64, {}, {}, tuple(scenarios), standards or {}, references or {})


def made_person(rng: random.Random, rate: float) -> dict[str, Any]:
    """Pieces of one person's time: age band, year, window days, days at risk, days to first event, first, events."""
    sex = rng.choices(("female", "male", "unknown"), (60, 38, 2))[0]
    pieces, had, age, year = [], False, rng.choice(("18-49", "50+")), rng.randint(2015, 2017)
    for step in range(rng.randint(1, 3)):
        window = rng.randint(1, 365)
        events = sum(rng.random() < rate for _ in range(2))
        net = max(1, window - 20 * events)
        first = int(events > 0 and not had)
        first_days = 0 if had else (rng.randint(1, net) if first else net)
        had = had or events > 0
        age = "50+" if step == 1 and rng.random() < 0.3 else age
        pieces.append((age, str(year + step), window, net, first_days, first, events))
    return {"sex": sex, "pieces": pieces}


def cell_counts(people: list[dict[str, Any]], by: tuple[str, ...], counting: str) -> dict[str, dict[str, int]]:
    """Counts of every level of a margin, person by person."""
    cells: dict[str, list[dict[str, int]]] = defaultdict(list)
    for person in people:
        own: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("w", "t", "ft", "f", "e"), 0))
        for age, year, window, net, first_days, first, events in person["pieces"]:
            values = {"age": age, "sex": person["sex"], "calendar": year}
            piece = own["*".join(values[s] for s in ("age", "sex", "calendar") if s in by)]
            piece["w"] += window
            piece["t"] += net if counting == "recurrent" else first_days
            piece["ft"] += first_days
            piece["f"] += first
            piece["e"] += events if counting == "recurrent" else first
        for level, piece in own.items():
            cells[level].append(piece)
    return {level: _sum(pieces) for level, pieces in sorted(cells.items())} or ({"": _sum([])} if not by else {})


def _sum(pieces: list[dict[str, int]]) -> dict[str, int]:
    return {
        "persons": sum(p["t"] > 0 for p in pieces),
        "persons_with_event": sum(p["e"] > 0 for p in pieces),
        "first_events": sum(p["f"] for p in pieces),
        "events": sum(p["e"] for p in pieces),
        "window_days": sum(p["w"] for p in pieces),
        "person_days": sum(p["t"] for p in pieces),
        "first_event_days": sum(p["ft"] for p in pieces),
        "sum_e2": sum(p["e"] ** 2 for p in pieces),
        "sum_et": sum(p["e"] * p["t"] for p in pieces),
        "sum_t2": sum(p["t"] ** 2 for p in pieces),
    }


def made_bundle(
    protocol: Protocol, registry: str, *, seed: int = 0, size: int = 60, min_cell: int = 5
) -> BundleContent:
    """One registry's bundle: the same persons in every analysis of a scenario's cohort, outcome and time at risk."""
    tables: dict[str, Rows] = {name: [] for name in BORDER_TABLES}
    for scenario in protocol.scenarios:
        draw = f"{seed} {registry} {scenario.id}"
        for analysis in scenario.study.analyses:
            _count_analysis(tables, analysis, scenario.study, draw, size)
        for cohort in scenario.study.exposures:
            rng = random.Random(f"{seed} {registry} {cohort}")
            tables["attrition"] += cohort_chain("" if scenario.id == "main" else scenario.id, cohort, size, rng)
            tables["baseline"] += baseline(cohort, size, rng) if scenario.id == "main" else []
    failed = random.Random(seed).choice((0, 3, 40))
    check = {"kind": "completeness", "rule_id": "onset", "table_name": "adverse_event", "column_name": "onset_date"}
    tables["quality"] = [{**check, "label": "Onset date", "tested": 500, "failed": failed}]
    about = {"id": protocol.study.study.id, "version": protocol.study.study.version, "digest": protocol.digest}
    frames = {name: border_frame(name, rows) for name, rows in tables.items()}
    return BundleContent(registry_facts(registry, min_cell), about, frames)


def registry_facts(registry: str, min_cell: int = 5) -> dict[str, Any]:
    return {
        "id": registry, "name": f"Registry {registry}", "countries": ["CZ"], "synthetic": True, "deaths": "visits",
        "data_cut_date": "2023-12-31", "collection_start": {},
        "policy": {
            "min_cell": min_cell, "min_persons": 1, "release": "exact", "allow": ["incidence", "comparison", "quality"],
        },
    }  # fmt: skip


def border_frame(name: str, rows: Rows) -> pd.DataFrame:
    """Rows as a border table's frame."""
    border = BORDER_TABLES[name]
    texts = {c: pd.Series([r[c] for r in rows], dtype="str") for c in border.texts}
    numbers = {c: pd.Series([r.get(c) for r in rows], dtype="Int64") for c in border.numbers}
    return pd.DataFrame({**texts, **numbers})


def _count_analysis(tables: dict[str, Rows], analysis: Any, study: Study, draw: str, size: int) -> None:
    ratio = isinstance(analysis, Comparison)
    cohorts = (analysis.of.target, analysis.of.comparator) if ratio else analysis.cohorts
    margins = margins_of(analysis)
    for outcome, times in analysis.outcomes.items():
        for time in [times] if isinstance(times, str) else times:
            for cohort in cohorts:
                rng = random.Random(f"{draw} {cohort} {outcome} {time}")
                people = [made_person(rng, 0.1 if outcome == "infection" else 0.03)
                          for _ in range(max(0, size - rng.choice((0, 1, 2, 10))))]  # fmt: skip
                key = {"analysis": analysis.id, "cohort": cohort, "outcome": outcome, "time_at_risk": time}
                for by in margins:
                    for level, numbers in cell_counts(people, by, study.outcomes[outcome].counting).items():
                        tables["counts"].append({**key, "stratum": margin_name(by), "level": level, **numbers})
                tables["attrition"] += analysis_chain(key, size, len(people))
            if ratio:
                pair = {"target": analysis.of.target, "comparator": analysis.of.comparator}
                sums = dict.fromkeys(BORDER_TABLES["arm_overlap"].numbers, 0)
                tables["arm_overlap"].append(
                    {"analysis": analysis.id, "outcome": outcome, "time_at_risk": time, **pair, **sums})  # fmt: skip


def cohort_chain(analysis: str, cohort: str, size: int, rng: random.Random) -> Rows:
    """Attrition into a cohort of this size, some steps taking out few."""
    lost = [rng.choice((0, 2, 30)), rng.choice((0, 3)), rng.choice((1, 20))]
    left = [size * 4 + 100, size * 4 + 100, size + sum(lost)]
    for gone in lost:
        left.append(left[-1] - gone)
    steps = ("persons", "registry_overlap", "exposed", "diagnosed", "adult", "observed")
    place = {"scope": "cohort", "analysis": analysis, "cohort": cohort, "outcome": "", "time_at_risk": ""}
    excluded = [0, *(max(0, a - b) for a, b in pairwise(left))]
    return [
        {**place, "position": n, "step": step, "label": step, "persons": persons, "excluded": gone}
        for n, (step, persons, gone) in enumerate(zip(steps, left, excluded, strict=True), start=1)
    ]


def analysis_chain(key: dict[str, str], cohort: int, persons: int) -> Rows:
    """Attrition from the cohort to the analysis set."""
    rows = (("window", cohort, 0), ("prior_event", persons, cohort - persons),
            ("prior_event_after_entry", 0, 0), ("at_risk", persons, 0))  # fmt: skip
    return [
        {"scope": "analysis", **key, "position": n, "step": step, "label": step, "persons": left, "excluded": gone}
        for n, (step, left, gone) in enumerate(rows, start=1)
    ]


def baseline(cohort: str, size: int, rng: random.Random) -> Rows:
    """Persons, age and sex at entry."""
    ages = [rng.randint(18, 80) if rng.random() > 0.02 else None for _ in range(size)]
    known = [a for a in ages if a is not None]
    sexes = rng.choices(("female", "male", "unknown"), (70, 28, 2), k=size)
    rows: Rows = [{"cohort": cohort, "variable": "persons", "level": "", "persons": size}]
    if known:
        rows.append({"cohort": cohort, "variable": "age_years", "level": "", "persons": len(known),
                     "sum_value": sum(known), "sum_square": sum(a * a for a in known)})  # fmt: skip
    if len(known) < size:
        rows.append({"cohort": cohort, "variable": "age_years", "level": "missing", "persons": size - len(known)})
    rows += [{"cohort": cohort, "variable": "sex", "level": s, "persons": sexes.count(s)} for s in sorted(set(sexes))]
    return rows
