"""Bundles made from made-up persons, for tests past the border: counts that are true of someone."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

import pandas as pd

from pass_engine.bundle import BundleContent
from pass_engine.protocol import Protocol, load_protocol, margin_name
from pass_engine.protocol.models import Comparison, Incidence

ROOT = Path(__file__).parent.parent
COUNTS = (
    "persons", "persons_with_event", "first_events", "events", "window_days", "person_days", "first_event_days",
    "sum_e2", "sum_et", "sum_t2",
)
AGES = ("18-29", "30-39", "40-49", "50-59", "60-69", "70+")
SHARED = 0.1


def demo_protocol() -> Protocol:
    return load_protocol(ROOT / "protocols" / "bmsd-pass-001")


def made_person(rng: random.Random, rate: float) -> dict:
    """Pieces of one person's time: age, year, window days, days at risk, days to first event, first, events."""
    sex = rng.choices(("female", "male", "unknown"), (70, 29, 1))[0]
    pieces, had = [], False
    age, year = rng.choice(AGES), rng.randint(2015, 2022)
    for step in range(rng.randint(1, 3)):
        window = rng.randint(1, 365)
        events = sum(rng.random() < rate for _ in range(2))
        net = max(1, window - 20 * events)
        first = int(events > 0 and not had)
        first_days = 0 if had else (rng.randint(1, net) if first else net)
        had = had or events > 0
        if step == 1 and rng.random() < 0.3:
            age = AGES[min(len(AGES) - 1, AGES.index(age) + 1)]
        pieces.append((age, str(year + step), window, net, first_days, first, events))
    return {"sex": sex, "pieces": pieces}


def cell_counts(people: list[dict], by: tuple[str, ...], counting: str) -> dict[str, dict[str, int]]:
    """Counts of every level of a margin, person by person."""
    cells: dict[str, list[dict[str, int]]] = defaultdict(list)
    for person in people:
        own: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("w", "t", "ft", "f", "e"), 0))
        for age, year, window, net, first_days, first, events in person["pieces"]:
            values = {"age": age, "sex": person["sex"], "calendar": year}
            level = "*".join(values[s] for s in ("age", "sex", "calendar") if s in by)
            piece = own[level]
            piece["w"] += window
            piece["t"] += net if counting == "recurrent" else first_days
            piece["ft"] += first_days
            piece["f"] += first
            piece["e"] += events if counting == "recurrent" else first
        for level, piece in own.items():
            cells[level].append(piece)
    return {level: _sum(pieces) for level, pieces in cells.items()}


def _sum(pieces: list[dict[str, int]]) -> dict[str, int]:
    return {
        "persons": sum(p["t"] > 0 for p in pieces), "persons_with_event": sum(p["e"] > 0 for p in pieces),
        "first_events": sum(p["f"] for p in pieces), "events": sum(p["e"] for p in pieces),
        "window_days": sum(p["w"] for p in pieces), "person_days": sum(p["t"] for p in pieces),
        "first_event_days": sum(p["ft"] for p in pieces), "sum_e2": sum(p["e"] ** 2 for p in pieces),
        "sum_et": sum(p["e"] * p["t"] for p in pieces), "sum_t2": sum(p["t"] ** 2 for p in pieces),
    }


def made_bundle(protocol: Protocol, registry: str, seed: int, size: int = 150, min_cell: int = 5) -> BundleContent:
    """One registry's bundle: the same persons in every analysis of a cohort, outcome and time at risk."""
    counts, overlaps, attrition, baseline = [], [], [], []
    total = size * 4
    for scenario in protocol.scenarios:
        study = scenario.study
        people: dict[tuple, list[dict]] = {}

        def persons_of(cohort: str, outcome: str, time: str) -> list[dict]:
            key = (cohort, outcome, time)
            if key not in people:  # noqa: B023 - used within this turn of the loop only
                rng = random.Random(f"{seed} {registry} {scenario.id} {key}")  # noqa: S311, B023
                rate = {"death": 0.01, "malignancy": 0.02}.get(outcome, 0.1)
                people[key] = [made_person(rng, rate) for _ in range(size - rng.choice((0, 1, 2, 10)))]  # noqa: B023
            return people[key]  # noqa: B023

        for analysis in study.analyses:
            for outcome, times in analysis.outcomes.items():
                for time in [times] if isinstance(times, str) else times:
                    cohorts = analysis.cohorts if isinstance(analysis, Incidence) else (analysis.of.target, analysis.of.comparator)
                    margins = {(): None} if isinstance(analysis, Comparison) else dict.fromkeys([(), ("age", "sex"), *analysis.by])
                    for cohort in cohorts:
                        group = persons_of(cohort, outcome, time)
                        key = {"analysis": analysis.id, "cohort": cohort, "outcome": outcome, "time_at_risk": time}
                        for by in margins:
                            for level, numbers in sorted(cell_counts(group, by, study.outcomes[outcome].counting).items()):
                                counts.append({**key, "stratum": margin_name(by), "level": level, **numbers})
                        attrition += _analysis_chain(key, size, len(group))
                    if isinstance(analysis, Comparison):
                        overlaps.append({
                            "analysis": analysis.id, "outcome": outcome, "time_at_risk": time, "target": analysis.of.target,
                            "comparator": analysis.of.comparator, "persons_in_both": 0,
                            **dict.fromkeys(("sum_e1e2", "sum_e1t2", "sum_t1e2", "sum_t1t2"), 0),
                        })
        for cohort in study.exposures:
            rng = random.Random(f"{seed} {registry} {cohort}")  # noqa: S311
            attrition += _cohort_chain("" if scenario.id == "main" else scenario.id, cohort, total, size, rng)
            if scenario.id == "main":
                baseline += _baseline(cohort, size, rng)
    quality = [
        {"kind": "completeness", "rule_id": "onset", "table_name": "adverse_event", "column_name": "onset_date",
         "label": "Onset date", "tested": 500, "failed": random.Random(seed).choice((0, 3, 40))},  # noqa: S311
    ]
    facts = {
        "id": registry, "name": f"Registry {registry}", "countries": ["CZ"], "synthetic": True, "data_cut_date": "2024-12-31",
        "collection_start": {}, "deaths": "visits",
        "policy": {"min_cell": min_cell, "min_persons": 1, "release": "exact", "allow": ["incidence", "comparison", "quality"]},
    }
    tables = {
        "counts": _frame(counts, COUNTS),
        "arm_overlap": _frame(overlaps, ("persons_in_both", "sum_e1e2", "sum_e1t2", "sum_t1e2", "sum_t1t2")),
        "attrition": _frame(attrition, ("position", "persons", "excluded")),
        "baseline": _frame(baseline, ("persons", "sum_value", "sum_square")),
        "quality": _frame(quality, ("tested", "failed")),
    }
    return BundleContent(
        facts, {"id": protocol.study.study.id, "version": protocol.study.study.version, "digest": protocol.digest}, tables,
    )


def _cohort_chain(analysis: str, cohort: str, total: int, size: int, rng: random.Random) -> list[dict]:
    lost = [0, 0, rng.choice((0, 2, 30)), rng.choice((0, 3)), rng.choice((1, 20))]
    left = [total, total, size + sum(lost[2:])]
    for gone in lost[2:]:
        left.append(left[-1] - gone)
    steps = ["persons", "registry_overlap", "exposed", "diagnosed", "adult", "observed"]
    return [
        {"scope": "cohort", "analysis": analysis, "cohort": cohort, "outcome": "", "time_at_risk": "", "position": n + 1,
         "step": step, "label": step, "persons": persons, "excluded": (left[n - 1] - persons) if n else 0}
        for n, (step, persons) in enumerate(zip(steps, left, strict=True))
    ]


def _analysis_chain(key: dict, cohort: int, persons: int) -> list[dict]:
    rows = (("window", cohort, 0), ("prior_event", persons, cohort - persons), ("prior_event_after_entry", 0, 0), ("at_risk", persons, 0))
    place = {k: key[k] for k in ("analysis", "cohort", "outcome", "time_at_risk")}
    return [
        {"scope": "analysis", **place, "position": n, "step": step, "label": step, "persons": left, "excluded": gone}
        for n, (step, left, gone) in enumerate(rows, start=1)
    ]


def _baseline(cohort: str, size: int, rng: random.Random) -> list[dict]:
    ages = [rng.randint(18, 80) if rng.random() > 0.01 else None for _ in range(size)]
    known = [a for a in ages if a is not None]
    sexes = rng.choices(("female", "male", "unknown"), (70, 28, 2), k=size)
    rows = [{"cohort": cohort, "variable": "persons", "level": "", "persons": size}]
    rows.append({"cohort": cohort, "variable": "age_years", "level": "", "persons": len(known),
                 "sum_value": sum(known), "sum_square": sum(a * a for a in known)})
    if len(known) < size:
        rows.append({"cohort": cohort, "variable": "age_years", "level": "missing", "persons": size - len(known)})
    rows += [{"cohort": cohort, "variable": "sex", "level": s, "persons": sexes.count(s)} for s in sorted(set(sexes))]
    return rows


def _frame(rows: list[dict], numbers: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    for column in numbers:
        frame[column] = frame[column].astype("Int64") if column in frame else pd.Series(pd.NA, index=frame.index, dtype="Int64")
    texts = [c for c in frame.columns if c not in numbers]
    return frame.astype(dict.fromkeys(texts, "str"))
