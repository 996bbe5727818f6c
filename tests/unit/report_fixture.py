"""Run folders for the tests of the report: made-up numbers that hold together, no engine needed."""

from __future__ import annotations

import csv
import itertools
import json
import math
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from scipy.stats import chi2

from pass_engine.estimate import INDEX, INDEX_COLUMNS, index_rows
from pass_engine.report.reading import COLUMNS

HERE = Path(__file__).parent
AGES = ("18-29", "30-39", "40-49", "50-59", "60-69", "70+")
SEXES = ("female", "male")
YEARS = tuple(str(y) for y in range(2016, 2025))
LEVELS = {
    "age": AGES,
    "sex": SEXES,
    "calendar": YEARS,
    "time_since_start": ("0-182", "183-364", "365+"),
    "country": ("DK", "unknown"),
    "centre": ("c1", "c2"),
    "edss": ("0-1.5", "2-3.5", "unknown"),
}
SIZES = {"cz": 1800, "dk": 1500, "fr": 2600, "it": 2200, "se": 1900, "msbase": 1400}
NAMES = {
    "cz": "Synthetic registry CZ",
    "dk": "Synthetic registry DK",
    "fr": "Synthetic registry FR",
    "it": "Synthetic registry IT",
    "se": "Synthetic registry SE",
    "msbase": "Synthetic international registry",
}
COUNTRIES = {"cz": ["CZ"], "dk": ["DK"], "fr": ["FR"], "it": ["IT"], "se": ["SE"], "msbase": ["AU", "CA", "ES"]}


@dataclass
class Plan:
    """What a made-up run holds."""

    protocol: str = "full"
    cohorts: dict[str, float] = field(default_factory=lambda: {"ocrelizumab": 1.0, "platform": 1.6})
    combos: tuple[tuple[str, str, str, float], ...] = (
        ("serious_infection", "on_treatment", "recurrent", 22.0),
        ("malignancy", "ever_exposed_lag365", "first", 4.2),
        ("death", "on_treatment", "first", 2.6),
        ("death", "ever_exposed", "first", 3.4),
    )
    registries: tuple[str, ...] = tuple(SIZES)
    failed: dict[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    strata: tuple[str, ...] = ("age", "sex", "calendar")
    standardise: bool = True
    synthetic: bool = True
    compare: bool = True
    sensitivity: bool = True
    empty_cohorts: tuple[str, ...] = ()
    measures: tuple[str, ...] = ("incidence_proportion", "eair", "eair_total_exposure", "eaer")
    data_cut: str = "2024-12-31"
    analysis: str = "main"
    sizes: dict[str, int] = field(default_factory=lambda: dict(SIZES))


HEART = Plan(
    protocol="heart",
    cohorts={"waiting": 1.0, "transplanted": 0.7},
    combos=(("death", "in_state", "first", 700.0),),
    registries=("stanford-heart",),
    strata=(),
    standardise=False,
    synthetic=False,
    sensitivity=False,
    measures=("incidence_proportion", "eair"),
    data_cut="1974-04-01",
    sizes={"stanford-heart": 103},
)

Cell = dict[tuple[str, ...], tuple[int, int]]


def build_run(folder: Path, plan: Plan | None = None) -> Path:
    """Write a run folder and give it back."""
    plan = plan or Plan()
    shutil.copytree(HERE / "report_protocols" / plan.protocol, folder / "protocol")
    taking_part = [r for r in plan.registries if r not in plan.failed and r not in plan.absent]
    results = folder / "results"
    results.mkdir(parents=True)
    cells = _draw_cells(plan, taking_part)
    rows = {
        "incidence.csv": _incidence(plan, cells, taking_part),
        "comparison.csv": _comparison(plan, cells, taking_part) if plan.compare else [],
        "attrition.csv": _attrition(plan, taking_part),
        "baseline.csv": _baseline(plan, taking_part),
        "quality.csv": _quality(taking_part),
        "participation.csv": _participation(plan),
        "standard_weights.csv": _weights(plan),
        "data_dictionary.csv": _dictionary(plan),
    }
    for name, content in rows.items():
        _write(results / name, COLUMNS[name], content)
    tables = {name.removesuffix(".csv"): content for name, content in rows.items()}
    _write(results / INDEX, tuple(INDEX_COLUMNS), list(index_rows(tables, dict.fromkeys(taking_part, "0" * 64))))
    for registry in taking_part:
        _write_bundle(folder / "bundles" / registry, registry, plan)
    _write_sql(folder / "sql", taking_part)
    (folder / "manifest.json").write_text(_json(_manifest(plan, taking_part)), encoding="utf-8")
    return folder


def _json(content: object) -> str:
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _write(path: Path, columns: tuple[str, ...], rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows({k: "" if v is None else v for k, v in row.items()} for row in rows)


# --- counts -----------------------------------------------------------------------------------------------------------


def _draw_cells(plan: Plan, registries: list[str]) -> Cell:
    """Events and person-days by registry, cohort, outcome, time at risk and level of each stratum."""
    draw = random.Random(7)
    cells: Cell = {}
    for registry in registries:
        for cohort, factor in plan.cohorts.items():
            for outcome, time, _, per_1000 in plan.combos:
                for levels in itertools.product(*(LEVELS[s] if s in plan.strata else ("",) for s in LEVELS)):
                    age, sex = levels[:2]
                    spread = _cells_a_registry(plan)
                    size = plan.sizes[registry] * 365 * 2.2 / spread * factor
                    days = 100 * int(size * draw.uniform(0.5, 1.5) * (1.4 if sex == "female" else 0.7) / 100)
                    a = AGES.index(age) if age else 0
                    mean = days / 365.25 * per_1000 / 1000 * (0.6 + 0.25 * a) / factor**0.5
                    events = sum(draw.random() < mean / 400 for _ in range(400))
                    if cohort in plan.empty_cohorts:
                        days, events = 0, 0
                    cells[(registry, cohort, outcome, time, *levels)] = (events, days)
    return cells


def _cells_a_registry(plan: Plan) -> int:
    """Cells over which the days of a cohort are spread."""
    return math.prod(len(LEVELS[s]) for s in plan.strata)


def _margins(plan: Plan) -> list[tuple[str, ...]]:
    margins: list[tuple[str, ...]] = [(), *((s,) for s in plan.strata)]
    return [*margins, ("age", "sex")] if {"age", "sex"} <= set(plan.strata) else margins


def _levels(key: tuple[str, ...], margin: tuple[str, ...]) -> str:
    part = dict(zip(LEVELS, key[4:], strict=True))
    return "*".join(part[m] for m in margin)


def _sums(cells: Cell, registries: list[str], margin: tuple[str, ...]) -> dict[tuple[str, ...], tuple[int, int]]:
    sums: dict[tuple[str, ...], tuple[int, int]] = {}
    for key, (events, days) in cells.items():
        for registry in (key[0], "pooled"):
            if key[0] in registries:
                at = (registry, key[1], key[2], key[3], _levels(key, margin))
                e, d = sums.get(at, (0, 0))
                sums[at] = (e + events, d + days)
    return sums


def exact(events: int, years: float, per: int) -> tuple[float, float, float]:
    """Rate with exact Poisson limits."""
    low = chi2.ppf(0.025, 2 * events) / 2 if events else 0.0
    high = chi2.ppf(0.975, 2 * events + 2) / 2
    return events / years * per, float(low) / years * per, float(high) / years * per


def _incidence(plan: Plan, cells: Cell, registries: list[str]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    analyses = [plan.analysis, *(("window-90",) if plan.sensitivity else ())]
    for analysis in analyses:
        for margin in _margins(plan) if analysis == plan.analysis else [()]:
            sums = _sums(cells, registries, margin)
            for registry in [*registries, "pooled"]:
                for at, (events, days) in sums.items():
                    if at[0] == registry:
                        rows += _measures(plan, analysis, "*".join(margin) or "overall", at, (events, days), registries)
    return rows


def _measures(
    plan: Plan, analysis: str, stratum: str, at: tuple[str, ...], count: tuple[int, int], registries: list[str]
) -> list[dict[str, object]]:
    registry, cohort, outcome, time, level = at
    counting = next(c for o, t, c, _ in plan.combos if (o, t) == (outcome, time))
    events, days = count
    if analysis != plan.analysis:
        days = days * 93 // 100
    with_event = events if counting == "first" else max(min(events, 1), int(events * 0.86)) if events else 0
    persons = max(days // 700, with_event) if days else 0
    rows = []
    extra = ["standardised_eair"] if plan.standardise and stratum == "overall" else []
    for measure in [*plan.measures, *extra]:
        if measure == "eaer" and counting == "first":
            continue
        row: dict[str, object] = {
            "analysis": analysis,
            "role": "primary" if analysis == plan.analysis else "secondary",
            "registry": registry,
            "cohort": cohort,
            "outcome": outcome,
            "time_at_risk": time,
            "counting": counting,
            "stratum": stratum,
            "level": level,
            "measure": measure,
            "status": "shown",
            "persons": persons,
            "persons_with_event": with_event,
            "events": events,
            "person_days": days,
            "per": 1000,
            "interval_level": 0.95,
            "method": "exact",
            "registries": ";".join(registries) if registry == "pooled" else registry,
        }
        rows.append(_estimate(row, measure, days, with_event, events))
    return rows


def _estimate(row: dict[str, object], measure: str, days: int, with_event: int, events: int) -> dict[str, object]:
    row["method"] = {"standardised_eair": "gamma", "incidence_proportion": "clopper_pearson"}.get(measure, "exact")
    covered = ("persons_with_event", "events", "person_days", "rate", "rate_low", "rate_high")
    if 0 < events < 5:
        return {**row, "status": "<5", **dict.fromkeys(covered)}
    if not days:
        return {**row, "status": "not_estimable"}
    if measure == "incidence_proportion":
        share = with_event / max(int(str(row["persons"])), 1) * 100
        return {**row, "per": 100, "rate": share, "rate_low": share * 0.8, "rate_high": min(share * 1.2, 100.0)}
    net = {"eair": days * 97 // 100, "eair_total_exposure": days * 102 // 100}.get(measure, days)
    rate, low, high = exact(events if measure == "eaer" else with_event, net / 365.25, 1000)
    row |= {"person_days": net, "rate": rate, "rate_low": low, "rate_high": high}
    if measure == "eaer" and events:
        row |= {"robust_low": low * 0.97, "robust_high": high * 1.02}
    return row


def _comparison(plan: Plan, cells: Cell, registries: list[str]) -> list[dict[str, object]]:
    target, comparator = list(plan.cohorts)[:2]
    outcome, time = plan.combos[0][:2]
    sums = _sums(cells, registries, ())
    rows = []
    for registry in [*registries, "pooled"]:
        (e1, d1), (e2, d2) = (
            sums[(registry, target, outcome, time, "")],
            sums[(registry, comparator, outcome, time, "")],
        )
        row: dict[str, object] = {
            "analysis": "infection-ratio",
            "role": "primary",
            "registry": registry,
            "outcome": outcome,
            "time_at_risk": time,
            "target": target,
            "comparator": comparator,
            "measure": "rate_ratio",
            "status": "shown",
            "target_events": e1,
            "target_person_days": d1,
            "comparator_events": e2,
            "comparator_person_days": d2,
            "persons_in_both": 37,
            "interval_level": 0.95,
            "method": "person_robust",
            "registries": ";".join(registries) if registry == "pooled" else registry,
        }
        if min(d1, d2, e1, e2) == 0:
            rows.append({**row, "status": "not_estimable"})
            continue
        ratio = (e1 / d1) / (e2 / d2)
        spread = 2.718281828 ** (1.96 * (1 / e1 + 1 / e2) ** 0.5)
        rows.append({**row, "estimate": ratio, "low": ratio / spread, "high": ratio * spread})
    return rows


# --- persons ----------------------------------------------------------------------------------------------------------

STEPS = (
    ("persons", "Persons in the registry", 1.0),
    ("exposed", "A start of the exposure in the entry period", 0.52),
    ("diagnosed", "Confirmed MS or CIS", 0.5),
    ("adult", "Adults only", 0.485),
    ("observed", "A year in which use and outcomes could be seen", 0.43),
    ("new_user", "New users", 0.4),
)
ANALYSIS_STEPS = (
    ("window", "With at least one day at risk", 0.38),
    ("prior_event", "After exclusion of persons with a prior event", 0.37),
    ("prior_event_after_entry", "Of those excluded, with a prior event on or after cohort entry", 0.005),
    ("at_risk", "At risk", 0.37),
)


def _attrition(plan: Plan, registries: list[str]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for cohort in plan.cohorts:
        size = dict.fromkeys(registries, 0 if cohort in plan.empty_cohorts else 1)
        rows += _steps(plan, registries, STEPS, size, {"scope": "cohort", "cohort": cohort})
        for outcome, time, _, _ in plan.combos:
            at = {
                "scope": "analysis",
                "analysis": plan.analysis,
                "cohort": cohort,
                "outcome": outcome,
                "time_at_risk": time,
            }
            rows += _steps(plan, registries, ANALYSIS_STEPS, size, at)
    return rows


def _steps(plan: Plan, registries: list[str], steps, size, at) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    total: dict[str, list[int]] = {step: [0, 0] for step, _, _ in steps}
    for registry in registries:
        before = 0
        for position, (step, label, share) in enumerate(steps, start=1):
            keep = 1 if step == "persons" else size[registry]
            persons = int(plan.sizes[registry] * share) * keep
            excluded = max(before - persons, 0) if position > 1 and step != "prior_event_after_entry" else 0
            before = persons if step != "prior_event_after_entry" else before
            sums = total[step]
            sums[0] += persons
            sums[1] += excluded
            rows.append(
                {
                    **at,
                    "registry": registry,
                    "position": position,
                    "step": step,
                    "label": label,
                    "status": "shown",
                    "persons": persons,
                    "excluded": excluded,
                }
            )
    for position, (step, label, _) in enumerate(steps, start=1):
        rows.append(
            {
                **at,
                "registry": "pooled",
                "position": position,
                "step": step,
                "label": label,
                "status": "shown",
                "persons": total[step][0],
                "excluded": total[step][1],
            }
        )
    return rows


def _baseline(plan: Plan, registries: list[str]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for cohort in plan.cohorts:
        if cohort in plan.empty_cohorts or not registries:
            continue
        for registry in [*registries, "pooled"]:
            size = sum(plan.sizes[r] for r in registries) if registry == "pooled" else plan.sizes[registry]
            n = int(size * 0.4)
            at = {"registry": registry, "cohort": cohort, "status": "shown"}
            rows.append({**at, "variable": "persons", "level": "", "persons": n, "percent": 100.0})
            rows.append({**at, "variable": "age_years", "level": "", "persons": n, "mean": 41.27, "sd": 11.04})
            shares = {
                ("sex", "female"): 0.7,
                ("sex", "male"): 0.3,
                ("course", "RRMS"): 0.8,
                ("course", "SPMS"): 0.14,
                ("course", "missing"): 0.06,
                ("country", "CZ"): 1.0,
            }
            for (variable, level), share in shares.items():
                persons = int(n * share)
                rows.append(
                    {**at, "variable": variable, "level": level, "persons": persons, "percent": persons / n * 100}
                )
            rows.append({**at, "variable": "edss", "level": "", "persons": int(n * 0.9), "mean": 2.914, "sd": 1.6})
            rows.append({**at, "variable": "edss", "level": "missing", "persons": n - int(n * 0.9), "percent": 10.0})
    return rows


def _quality(registries: list[str]) -> list[dict[str, object]]:
    draw = random.Random(3)
    rows: list[dict[str, object]] = []
    fields = (
        ("person", "birth_date"),
        ("person", "sex"),
        ("person", "death_date"),
        ("treatment", "start_date"),
        ("treatment", "stop_date"),
        ("adverse_event", "onset_date"),
        ("adverse_event", "serious"),
        ("visit", "edss"),
    )
    faults = (
        ("stop_before_start", "treatment", "Stop before start"),
        ("duplicate_row", "treatment", "Duplicate rows"),
        ("event_after_death", "adverse_event", "Event after death"),
    )
    status = (
        ("native", "Coded in the system of the study"),
        ("mapped", "Mapped by dictionary"),
        ("manual", "Mapped by hand"),
        ("unmapped", "Not mapped"),
    )
    for registry in registries:
        for table, column in fields:
            tested = draw.randint(800, 9000)
            failed = int(tested * draw.choice((0, 0.01, 0.04, 0.11, 0.3)))
            rows.append(
                {
                    "registry": registry,
                    "kind": "completeness",
                    "rule_id": "missing",
                    "table_name": table,
                    "column_name": column,
                    "label": f"{table}.{column}",
                    "status": "shown",
                    "tested": tested,
                    "failed": failed,
                    "percent": failed / tested * 100,
                }
            )
        for rule, table, label in faults:
            tested = draw.randint(800, 9000)
            failed = draw.randint(0, 60)
            shown = failed == 0 or failed >= 5
            rows.append(
                {
                    "registry": registry,
                    "kind": "fault",
                    "rule_id": rule,
                    "table_name": table,
                    "label": label,
                    "status": "shown" if shown else "<5",
                    "tested": tested,
                    "failed": failed if shown else None,
                    "percent": failed / tested * 100 if shown else None,
                }
            )
        for rule, label in status:
            rows.append(
                {
                    "registry": registry,
                    "kind": "mapping",
                    "rule_id": rule,
                    "table_name": "adverse_event",
                    "label": label,
                    "status": "shown",
                    "tested": 1000,
                    "failed": 250,
                    "percent": 25.0,
                }
            )
    return rows


def _participation(plan: Plan) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for registry in plan.registries:
        row: dict[str, object] = {"registry": registry, "name": NAMES.get(registry, "Stanford heart transplant data")}
        if registry in plan.failed:
            rows.append({**row, "status": "failed", "reason": plan.failed[registry], "synthetic": "false"})
        elif registry in plan.absent:
            rows.append({**row, "status": "did not take part", "reason": "no folder for it", "synthetic": "false"})
        else:
            rows.append(
                {
                    **row,
                    "status": "took part",
                    "persons": plan.sizes[registry],
                    "data_cut_date": plan.data_cut,
                    "deaths": "linked" if registry in {"dk", "se"} else "visits",
                    "min_cell": 5,
                    "synthetic": "true" if plan.synthetic else "false",
                }
            )
    return rows


# --- the rest ---------------------------------------------------------------------------------------------------------


def _weights(plan: Plan) -> list[dict[str, object]]:
    if not plan.standardise:
        return []
    return [
        {"analysis": plan.analysis, "standard": "esp2013", "level": f"{a}*{s}", "status": "shown", "weight": 1 / 12}
        for a in AGES
        for s in SEXES
    ]


def _dictionary(plan: Plan) -> list[dict[str, object]]:
    notice = [{"file": "", "column": "", "meaning": "Synthetic data. Not evidence about any medicine."}]
    rows = [
        {"file": f, "column": c, "meaning": f"Meaning of {c}"}
        for f in ("incidence.csv", "attrition.csv")
        for c in COLUMNS[f]
    ]
    return [*(notice if plan.synthetic else []), *rows]


def _write_bundle(folder: Path, registry: str, plan: Plan) -> None:
    folder.mkdir(parents=True)
    facts = {
        "id": registry,
        "name": NAMES.get(registry, "Stanford heart transplant data"),
        "countries": COUNTRIES.get(registry, ["US"]),
        "synthetic": plan.synthetic,
        "data_cut_date": plan.data_cut,
        "collection_start": {"adverse_event": "2016-01-01"} if plan.synthetic else {},
        "deaths": "visits",
        "policy": {
            "min_cell": 5,
            "min_persons": 10,
            "release": "exact",
            "allow": ["incidence", "comparison", "quality"],
        },
    }
    (folder / "registry.json").write_text(_json(facts), encoding="utf-8")
    (folder / "manifest.json").write_text(_json({"format": "pass_engine bundle 1", "withheld": []}), encoding="utf-8")


def _write_sql(folder: Path, registries: list[str]) -> None:
    folder.mkdir(parents=True)
    text = (
        "-- Purpose: {purpose}\n-- Reads: person, treatment\n-- Writes: {writes}\n-- Grain: one row a person\n"
        "-- Binds: data_cut\n-- Days: both ends count\nSELECT 1 AS one\n"
    )
    for name, purpose in (
        ("310_candidate", "Eras that may open a cohort"),
        ("410_span", "Spans of every exposure"),
        ("610_window", "Windows of the time at risk"),
    ):
        content = text.format(purpose=purpose, writes=name.split("_", 1)[1])
        (folder / f"{name}.sql").write_text(content, encoding="utf-8")
    for registry in registries:
        (folder / registry).mkdir()
        (folder / registry / "map_person.sql").write_text("SELECT 1 AS one\n", encoding="utf-8")


def _manifest(plan: Plan, registries: list[str]) -> dict[str, object]:
    return {
        "format": "pass_engine run 1",
        "protocol": {"id": "bmsd-pass-001", "version": "1.1", "digest": "ab" * 32},
        "versions": {"pass_engine": "0.1.0", "python": "3.11.7", "duckdb": "2.0.0", "pandas": "3.1.1"},
        "inputs": {r: {"person.csv": "cd" * 32} for r in registries},
        "results": {"incidence.csv": "ef" * 32},
        "cohorts": list(plan.cohorts),
    }
