"""What a report refuses to print: numbers that cannot be true together, and numbers that should not be seen.

PE810 rate outside its interval · PE811 persons with event above persons · PE812 persons with event above events ·
PE813 strata, or intervals between lock points, that do not add up ·
PE814 a withheld number in the results. Parts and percentages are in :mod:`lint_counts`, the finished report in
:mod:`lint_model` and :mod:`lint_withheld`.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from pass_engine.errors import Fault, ReportError
from pass_engine.report.lint_counts import count_faults, row_fault
from pass_engine.report.lint_model import model_faults
from pass_engine.report.lint_withheld import NUMBER, withheld_faults
from pass_engine.terms import OVERALL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.report.model import Report
    from pass_engine.report.reading import Row, Run

SLACK: Final = Decimal("1e-9")
"""Relative difference that comes from writing binary numbers as decimals."""
PREDICTION: Final = ("prediction_low", "prediction_high")
COVERED: Final = {
    "incidence.csv": ("expected", "rate", "rate_low", "rate_high", "robust_low", "robust_high"),
    "comparison.csv": ("estimate", "low", "high"),
    "second_stage.csv": ("estimate", "low", "high", "prediction_low", "prediction_high"),
    "unmeasured.csv": ("e_value", "e_value_limit"),
    "subgroups.csv": ("estimate", "low", "high", "ratio_of_ratios", "chi2", "p"),
    "survival.csv": ("estimate", "std_error", "low", "high"),
    "weighted.csv": ("estimate", "low", "high", "q", "i2_percent", "tau2", "prediction_low", "prediction_high"),
    "regression.csv": ("estimate", "low", "high", "robust_low", "robust_high", "hazards_p", *PREDICTION),
    "lock_points.csv": ("first_events", "events", "person_days", "first_event_days"),
    "leave_one_out.csv": ("rate", "rate_low", "rate_high"),
    "heterogeneity.csv": ("rate", "rate_low", "rate_high", "prediction_low", "prediction_high", "tau2"),
    "baseline.csv": ("percent", "mean", "sd"),
    "quality.csv": ("failed", "percent"),
    "indicators.csv": ("numerator", "value"),
    "completeness_by_year.csv": ("failed", "percent"),
    "verification.csv": ("errors", "percent", "low", "high"),
    "standard_weights.csv": ("weight",),
}
"""Numbers that must be empty in a row whose status is not ``shown``."""
SMALL: Final = ("persons_with_event", "events", "person_days")
"""Numbers that must be empty as well where a count is too small to show."""
ADDING: Final = ("events", "person_days")
LOCKED: Final = ("first_events", "events", "person_days", "first_event_days")
WITH_LIMITS: Final = (
    *("comparison.csv", "second_stage.csv", "subgroups.csv", "survival.csv", "weighted.csv", "regression.csv"),
)
OF_REGISTRIES: Final = ("leave_one_out.csv", "heterogeneity.csv")
MOST_FAULTS: Final = 50


def check_results(run: Run) -> None:
    """Check every row of the results before anything is printed. All faults at once."""
    faults = [
        *(f for row in run.results["incidence.csv"] for f in _incidence_faults(row)),
        *(f for row in run.results["verification.csv"] for f in _inside(row, "percent", "low", "high")),
        *(f for name in WITH_LIMITS for row in run.results[name] for f in _inside(row, "estimate", "low", "high")),
        *(
            f
            for name in OF_REGISTRIES
            for row in run.results[name]
            for f in _inside(row, "rate", "rate_low", "rate_high")
        ),
        *(f for row in run.results["heterogeneity.csv"] for f in _inside(row, "rate", *PREDICTION)),
        *_lock_point_faults(run),
        *_withheld_faults(run),
        *count_faults(run),
        *_sum_faults(run),
    ]
    if faults:
        raise ReportError(*faults[:MOST_FAULTS])


def check_report(report: Report, run: Run) -> None:
    """Check the assembled report before it is rendered. All faults at once."""
    by_id = {row.id: row for rows in run.results.values() for row in rows if row.id}
    faults = [*model_faults(report, by_id), *withheld_faults(report, by_id, _named(run))]
    if faults:
        raise ReportError(*faults[:MOST_FAULTS])


def _named(run: Run) -> frozenset[str]:
    """Numbers that stand in names: of cohorts, outcomes, times at risk and registries."""
    study = run.protocol.study
    labels = [item.label for group in (study.exposures, study.outcomes, study.times_at_risk) for item in group.values()]
    names = [str(facts.get("name", "")) for facts in run.registries.values()]
    return frozenset(number for name in (*labels, *names, *run.registries) for number in NUMBER.findall(name))


def _incidence_faults(row: Row) -> Iterator[Fault]:
    yield from _inside(row, "rate", "rate_low", "rate_high")
    persons, with_event, events = (_whole(row[c]) for c in ("persons", "persons_with_event", "events"))
    if persons is not None and with_event is not None and with_event > persons:
        yield row_fault(
            row,
            "persons_with_event",
            f"{with_event} of {persons} persons",
            "more persons with an event than persons",
            "PE811",
        )
    if events is not None and with_event is not None and with_event > events:
        yield row_fault(
            row,
            "persons_with_event",
            f"{with_event} persons, {events} events",
            "more persons with an event than events",
            "PE812",
        )


def _whole(text: str) -> int | None:
    return int(text) if text else None


def _inside(row: Row, value: str, low: str, high: str) -> Iterator[Fault]:
    if not row[value]:
        return
    middle = Decimal(row[value])
    slack = abs(middle) * SLACK
    below = row[low] and middle < Decimal(row[low]) - slack
    above = row[high] and middle > Decimal(row[high]) + slack
    if below or above:
        yield row_fault(
            row, value, f"{row[value]} ({row[low]} to {row[high]})", "the value lies outside its interval", "PE810"
        )


def _withheld_faults(run: Run) -> Iterator[Fault]:
    for file, columns in COVERED.items():
        for row in run.results[file]:
            if row["status"] != "shown":
                small = SMALL if file == "incidence.csv" and row["status"].startswith("<") else ()
                for column in (*columns, *small):
                    if row[column]:
                        yield row_fault(
                            row,
                            column,
                            f"a number under status {row['status']}",
                            "a number that is not shown must not be in the results",
                            "PE814",
                        )


def _sum_faults(run: Run) -> Iterator[Fault]:
    """Events and person-days of the levels of one stratifier add up to the overall row, where every part is shown."""
    overall: dict[tuple[str, ...], Row] = {}
    levels: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in run.results["incidence.csv"]:
        if row["measure"].startswith("standardised"):
            continue
        key = tuple(row[c] for c in ("analysis", "registry", "cohort", "outcome", "time_at_risk", "measure"))
        if row["stratum"] == OVERALL:
            overall[key] = row
        else:
            levels[(*key, row["stratum"])].append(row)
    for key, rows in levels.items():
        whole = overall.get(key[:-1])
        if whole is not None:
            yield from _sum_fault(whole, rows, key[-1])


def _sum_fault(whole: Row, rows: list[Row], stratum: str) -> Iterator[Fault]:
    for column in ADDING:
        parts = [_whole(row[column]) for row in rows]
        total = _whole(whole[column])
        if total is None or None in parts or whole["measure"] == "incidence_proportion":
            continue
        added = sum(part for part in parts if part is not None)
        if added != total:
            yield row_fault(
                whole,
                column,
                f"{total} overall, {added} over {stratum}",
                "the levels of a stratifier must add up to the overall row",
                "PE813",
            )


def _lock_point_faults(run: Run) -> Iterator[Fault]:
    """A cumulative count is the one before and the interval, where all three are shown."""
    series: dict[tuple[str, ...], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in run.results["lock_points.csv"]:
        key = tuple(row[c] for c in ("analysis", "registry", "cohort", "outcome", "time_at_risk"))
        series[key][row["span"]].append(row)
    for spans in series.values():
        before: Row | None = None
        for part, whole in zip(spans["interval"], spans["cumulative"], strict=True):
            yield from _lock_point_fault(part, whole, before)
            before = whole


def _lock_point_fault(part: Row, whole: Row, before: Row | None) -> Iterator[Fault]:
    for column in LOCKED:
        parts = [_whole(part[column]), _whole(before[column]) if before else 0]
        total = _whole(whole[column])
        if total is None or None in parts:
            continue
        added = sum(p for p in parts if p is not None)
        if added != total:
            found = f"{total} cumulative, {added} added up"
            problem = "a cumulative count must be the one before and the interval"
            yield row_fault(whole, column, found, problem, "PE813")
