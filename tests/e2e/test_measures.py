"""Every measure of the language in one run of two sample registries: from raw files to results and report."""

from __future__ import annotations

import csv
import shutil
from fractions import Fraction
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from pass_engine.bundle import read_bundle
from pass_engine.centre import estimate
from pass_engine.protocol import load_protocol
from pass_engine.report.assemble import assemble
from pass_engine.report.lint import check_report, check_results
from pass_engine.report.reading import read_run
from pass_engine.run import run_study
from pass_engine.stats import NO_SQUARES, WIDEST, mantel_haenszel_ratio, rate_interval
from pass_engine.terms import DAYS_PER_YEAR
from tests.e2e.demo import PROTOCOL, copy_registries

if TYPE_CHECKING:
    from pathlib import Path

BANDS = ((0, 29), (30, 39), (40, 49), (50, 59), (60, 69), (70, ""))
MAIN = """\
    measures: [incidence_proportion, eair, eair_total_exposure, eaer]
    proportion_interval: wilson
    reference: {rates: standards/population.csv, by: [age, calendar]}
"""
CONTRASTS = """\
    outcomes: {serious_infection: on_treatment, death: on_treatment}
    measures: [rate_ratio, rate_difference, mantel_haenszel_rate_ratio]
    adjust: [age, sex]
    per_person_years: 1000
    interval: {method: exact, level: 0.95}
"""
OTHER = """\
    why: "Shorter residual effect"
  - id: town
    kind: sensitivity
    of: main
    change: {analyses.main.standardise: {to: standards/town.csv, over: [age, sex], split: uniform}}
    why: "Another standard"
"""
EDITS = (
    ("registries: [cz, dk, fr, it, se, msbase]", "registries: [dk, se]"),
    ("    measures: [incidence_proportion, eair, eaer]\n", MAIN),
    ("{to: esp2013, over: [age], split: uniform}", "{to: study_population, over: [age, sex]}"),
    (
        "    outcomes: {serious_infection: on_treatment}\n    interval: {method: log_normal, level: 0.95}\n",
        CONTRASTS,
    ),
    ('    why: "Shorter residual effect"\n', OTHER),
)
TOWN = """\
age_from,age_to,sex,weight
0,29,female,3
30,69,female,5
70,,female,1
0,29,male,4
30,69,male,4
70,,male,1
"""
OVERLAP = ("  registry_overlap:", "    - {registries: [msbase")
"""Lines about registries that this study does not invite."""


def reference_file() -> str:
    """Made-up rates per 100 000 person-years."""
    lines = ["age_from,age_to,year_from,year_to,rate_per,rate"]
    for n, (low, high) in enumerate(BANDS, start=1):
        lines += [f"{low},{high},2015,2019,100000,{200 * n}", f"{low},{high},2020,2024,100000,{190.5 * n}"]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder without its PDF."""
    base = tmp_path_factory.mktemp("measures")
    study = shutil.copytree(PROTOCOL, base / "study")
    text = (study / "protocol.yaml").read_text(encoding="utf-8")
    text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith(OVERLAP))
    for old, new in EDITS:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (study / "protocol.yaml").write_text(text, encoding="utf-8")
    (study / "standards").mkdir()
    (study / "standards" / "population.csv").write_text(reference_file(), encoding="utf-8")
    (study / "standards" / "town.csv").write_text(TOWN, encoding="utf-8")
    run_study(study, copy_registries(base / "registries", ("dk", "se")), base / "run", with_report=False)
    return base / "run"


@pytest.fixture(scope="module")
def protocol(folder):
    return load_protocol(folder / "protocol")


@pytest.fixture(scope="module")
def bundles(folder):
    return [read_bundle(folder / "bundles" / name) for name in ("dk", "se")]


@pytest.fixture(scope="module")
def full(protocol, bundles):
    """Results before disclosure control."""
    return estimate(bundles, protocol, [])


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "results" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cells(bundles, analysis, stratum, cohort, outcome, time):
    """Sums over the registries of the cells of a margin: level to counts."""
    found: dict[str, dict[str, int]] = {}
    for bundle in bundles:
        frame = bundle.tables["counts"]
        place = (frame["analysis"] == analysis) & (frame["stratum"] == stratum) & (frame["cohort"] == cohort)
        for row in frame[place & (frame["outcome"] == outcome) & (frame["time_at_risk"] == time)].to_dict("records"):
            own = found.setdefault(row["level"], dict.fromkeys(("first_events", "first_event_days", "person_days"), 0))
            for column in own:
                own[column] += int(row[column])
    return found


def one(frame, **wanted):
    for column, value in wanted.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]


POOLED = {"analysis": "main", "registry": "pooled", "stratum": "overall"}
DEATH = {"outcome": "death", "time_at_risk": "on_treatment"}


@pytest.mark.parametrize("stratum", ["age*sex", "age*calendar"])
def test_margins_that_weights_and_rates_need_add_up(bundles, stratum):
    """The registries' SQL counts them, and every day and first event lies in one of their cells."""
    place = ("ocrelizumab", "serious_infection", "on_treatment")
    parts, whole = cells(bundles, "main", stratum, *place), cells(bundles, "main", "overall", *place)[""]
    assert whole["first_events"] > 0
    for column, total in whole.items():
        assert sum(part[column] for part in parts.values()) == total


def test_observed_over_expected(bundles, full):
    """By hand from the cells: days / 365.25 at the rate that the file gives the band, sex and year."""
    for cohort in ("ocrelizumab", "platform"):
        expected = Fraction(0)
        for level, counts in cells(bundles, "main", "age*calendar", cohort, "death", "on_treatment").items():
            age, year = level.split("*")
            band = next(n for n, (low, _) in enumerate(BANDS, start=1) if age.startswith(str(low or 18)))
            rate = Fraction("200" if int(year) < 2020 else "190.5") * band / 100_000
            expected += counts["first_event_days"] * rate / Fraction(DAYS_PER_YEAR)
        row = one(full["incidence"], **POOLED, **DEATH, cohort=cohort, measure="sir")
        assert row["expected"] == pytest.approx(float(expected), rel=1e-12)
        limits = rate_interval("exact", int(row["events"]), float(expected), 0.95)
        assert (row["rate_low"], row["rate_high"]) == pytest.approx(limits, rel=1e-12)


def test_standardised_to_the_study_population(bundles, full):
    """Weights are the shares of the days of both cohorts; the rate is their weighted sum."""
    both = {c: cells(bundles, "main", "age*sex", c, "death", "on_treatment") for c in ("ocrelizumab", "platform")}
    known = [level for level in {*both["ocrelizumab"], *both["platform"]} if "unknown" not in level]
    days = {level: sum(own[level]["person_days"] for own in both.values() if level in own) for level in known}
    weights = {level: own / sum(days.values()) for level, own in days.items() if own}
    table = full["standard_weights"]
    shown = table[(table["analysis"] == "main") & (table["outcome"] == "death")]
    shown = shown[shown["time_at_risk"] == "on_treatment"]
    assert dict(zip(shown["level"], shown["weight"], strict=True)) == pytest.approx(weights, rel=1e-12)
    row = one(full["incidence"], **POOLED, **DEATH, cohort="platform", measure="standardised_eair")
    if row["status"] == "shown":
        own = both["platform"]
        rate = sum(w * own[level]["first_events"] / own[level]["first_event_days"] for level, w in weights.items())
        assert row["rate"] == pytest.approx(rate * DAYS_PER_YEAR * 1000, rel=1e-12)


def test_total_exposure_has_its_person_robust_interval_where_every_registry_sent_its_sums(bundles, full):
    frame = full["incidence"]
    overall = frame[(frame["measure"] == "eair_total_exposure") & (frame["stratum"] == "overall")]
    seen = set()
    for row in overall[(overall["registry"] == "pooled") & (overall["analysis"] == "main")].to_dict("records"):
        place = ("cohort", "outcome", "time_at_risk")
        sent = [
            cell["sum_w2"] for bundle in bundles for cell in bundle.tables["counts"].to_dict("records")
            if (cell["analysis"], cell["stratum"]) == ("main", "overall") and all(cell[c] == row[c] for c in place)
        ]  # fmt: skip
        there = bool(sent) and not pd.isna(sent).any() and row["events"] > 1
        assert pd.notna(row["robust_low"]) == there
        assert (row["note"] == NO_SQUARES) == pd.isna(sent).any()
        assert not there or row["robust_low"] < row["rate"] < row["robust_high"]
        seen.add(there)
    assert True in seen


def is_arm(row) -> bool:
    """Is it a whole arm of the ratio of infections?"""
    return (row["analysis"], row["stratum"], row["outcome"]) == ("infection-ratio", "overall", "serious_infection")


def any_missing(rows, name: str) -> bool:
    assert rows
    return any(pd.isna(row[name]) for row in rows)


def test_comparisons(bundles, full):
    frame = full["comparison"]
    shared = {int(row["persons_in_both"]) for row in frame.to_dict("records")}
    for row in frame[(frame["registry"] == "pooled") & (frame["outcome"] == "death")].to_dict("records"):
        if row["measure"] == "mantel_haenszel_rate_ratio" and not row["persons_in_both"]:
            arms = [cells(bundles, "infection-ratio", "age*sex", row[a], "death", "on_treatment")
                    for a in ("target", "comparator")]  # fmt: skip
            none = {"first_events": 0, "first_event_days": 0}
            strata = [tuple(arm.get(level, none)[c] for arm in arms for c in none) for level in {*arms[0], *arms[1]}]
            assert row["estimate"] == pytest.approx(mantel_haenszel_ratio(strata, 0.95)[0], rel=1e-12)
        elif row["measure"] == "mantel_haenszel_rate_ratio":
            assert row["note"] == "persons in both arms: a ratio over strata supposes that there are none"
    assert shared
    ratio, difference = (
        one(frame, registry="pooled", outcome="serious_infection", measure=m) for m in ("rate_ratio", "rate_difference")
    )
    assert (ratio["estimate"] > 1) == (difference["estimate"] > 0)
    kept = {
        "sum_t2": NO_SQUARES,  # of an arm: no interval can be made
        "sum_e1t2": WIDEST,  # of persons in both, of whom too few have an event: the widest stands
    }
    arms = [row for b in bundles for row in b.tables["counts"].to_dict("records") if is_arm(row)]
    both = [row for b in bundles for row in b.tables["arm_overlap"].to_dict("records")]
    told = next(kept[name] for rows, name in ((arms, "sum_t2"), (both, "sum_e1t2")) if any_missing(rows, name))
    assert (ratio["note"], difference["note"]) == (told, told)
    for row in (ratio, difference):
        assert pd.notna(row["low"]) == (told == WIDEST)


def test_the_run_folder_is_whole_and_its_report_holds_every_table(folder, protocol):
    assert set(protocol.standards) == {"standards/town.csv"}
    run = read_run(folder)
    check_results(run)
    report = assemble(run)
    check_report(report, run)
    tables = {table.key: table for table in report.tables}
    assert {"observed-expected", "rate-ratio", "rate-difference", "stratified-ratio", "weights"} <= set(tables)
    assert "NE" in {cell.text for line in tables["stratified-ratio"].lines for cell in line.cells}
    assert any("persons in both arms" in note for note in tables["stratified-ratio"].notes)
    methods = {row["method"] for row in rows_of(folder, "incidence.csv") if row["measure"] == "incidence_proportion"}
    assert methods == {"Wilson score"}
    assert {row["analysis"] for row in rows_of(folder, "reference_rates.csv")} == {"main", "window-90", "town"}
