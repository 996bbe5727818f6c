"""Run folders for the tests of the dossier: two registries, of which one says what it is and the other nothing."""

from __future__ import annotations

import csv
import hashlib
import json
from typing import TYPE_CHECKING, Any

from pass_engine.report.reading import COLUMNS
from tests.unit.report_fixture import Plan, build_run

if TYPE_CHECKING:
    from pathlib import Path

ABOUT = {
    "governance": {"owner": "Foundation XY", "established": 1996},
    "consent": {"legal_basis": "Consent of each person"},
    "coverage": {"population": "Every person seen", "centres": 12, "centres_in_all": 14},
    "collection": {"verification": "A tenth of persons a year", "concordance": "Kappa 0.91 (2021)"},
    "safety": {"capture": "A form at each visit", "benchmark_per_100_years": 12.5, "benchmark_source": "Made-up paper"},
    "fit_for": [{"study_type": "safety", "verdict": "conditional", "why": "Serious events only"}],
    "open_actions": [{"action": "Ask for every stop", "by": "2025-06-30", "status": "agreed"}],
}
RECORD = {
    "format": "pass_engine rerun record 1", "made_from": {"data": ["cz", "dk"]},
    "engine": {"first": {"pass_engine": "0.1.0"}, "again": {"pass_engine": "0.1.0"}}, "verdict": "identical",
    "first_difference": "", "likely_cause": "", "held": [], "steps": [],
    "replayed": {"cz": {"tables": 9, "statements": 40, "differences": 0}},
}  # fmt: skip


def write_rows(run: Path, name: str, rows: list[dict[str, str]]) -> None:
    """Write a results file; what a row does not say is empty."""
    with (run / "results" / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS[name], lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


def indicator(registry: str, name: str, numerator: str, denominator: str, value: str, verdict: str) -> dict[str, str]:
    """One indicator; without a value it is not estimable."""
    return {
        "registry": registry, "indicator": name, "status": "shown" if value else "not_estimable",
        "numerator": numerator, "denominator": denominator, "value": value, "verdict": verdict,
    }  # fmt: skip


INDICATORS = [
    indicator("cz", "birth_date_known", "98", "100", "98.0", "kept"),
    indicator("cz", "sex_known", "90", "100", "90.0", "not kept"),
    indicator("cz", "lost_to_follow_up", "30", "80", "37.5", "not kept"),
    indicator("cz", "seen_in_12_months", "60", "80", "75.0", "kept"),
    indicator("cz", "prevalence_covered", "80", "160", "50.0", "not kept"),
    indicator("cz", "visits_per_year", "200", "36525", "2.0", "kept"),
    indicator("cz", "event_reports_per_100_years", "25", "73050", "12.5", "kept"),
    indicator("cz", "entry_lag_median", "900", "100", "9.0", "kept"),
    {"registry": "cz", "indicator": "duplicate_rows", "status": "<5", "denominator": "1000", "verdict": ""},
    indicator("dk", "prevalence_covered", "", "0", "", ""),
    indicator("dk", "sex_known", "100", "100", "100.0", "kept"),
]


def _year(table: str, column: str, year: str, tested: str, failed: str) -> dict[str, str]:
    status = "shown" if failed else "<5"
    percent = str(int(failed) / int(tested) * 100) if failed else ""
    return {"registry": "cz", "table_name": table, "column_name": column, "calendar_year": year, "status": status,
            "tested": tested, "failed": failed, "percent": percent}  # fmt: skip


YEARS = [
    _year("person", "birth_date", "2015", "40", "0"), _year("person", "birth_date", "2016", "60", "30"),
    _year("person", "sex", "2016", "60", ""), _year("visit", "edss", "2016", "200", "12"),
]  # fmt: skip
VERIFIED = [
    {"registry": "cz", "table_name": "person", "column_name": "birth_date", "status": "shown", "checked": "100",
     "errors": "8", "percent": "8.0", "low": "3.5", "high": "15.2", "interval_level": "0.95",
     "method": "Clopper–Pearson"},
]  # fmt: skip


def make_run(folder: Path, registries: tuple[str, ...] = ("cz", "dk"), **plan: Any) -> Path:
    """A run of two registries: cz says and has everything, dk nothing but a few counts."""
    run = build_run(folder, Plan(registries=registries, strata=("sex",), standardise=False, sensitivity=False, **plan))
    write_rows(run, "indicators.csv", [row for row in INDICATORS if row["registry"] in registries])
    write_rows(run, "completeness_by_year.csv", YEARS)
    write_rows(run, "verification.csv", VERIFIED)
    if "cz" in registries:
        state(run, "cz", about=ABOUT, mapped_columns=["person.sex"],
              benchmarks={"prevalence": {"persons": 160, "source": "National register, 2023"}})  # fmt: skip
    return run


def state(run: Path, registry: str, **facts: Any) -> None:
    """Let a registry state something in its bundle."""
    file = run / "bundles" / registry / "registry.json"
    content = {**json.loads(file.read_text(encoding="utf-8")), **facts}
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def record(folder: Path, **changed: Any) -> None:
    """Leave the record of a re-run of this run."""
    digest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    (folder / "rerun_record.json").write_text(json.dumps({**RECORD, "run": digest, **changed}), encoding="utf-8")
