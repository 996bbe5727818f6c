"""Tables that a final report is expected to have and this study does not fill: each with its reason.

The shells are those of a safety study over registries; one that the results fill is printed by its own module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.report.model import Table
from pass_engine.report.tables import comparison, lock_points, reference, sensitivity, strata, survival
from pass_engine.report.tables.definitions import identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.report.context import Context

SINCE = "time_since_start"


def shells(ctx: Context, section: str) -> tuple[Table, ...]:
    """The tables of one section of the results that have nothing in them."""
    return tuple(
        Table(f"shell-{key}", title, (), (), identity(ctx), reason) for key, title, reason in _SECTIONS[section](ctx)
    )


def _participants(_ctx: Context) -> Iterator[tuple[str, str, str]]:
    yield (
        "censoring",
        "Reasons for the end of follow-up",
        "Days at risk are counted, and not what ended them. What may end them is in section 9.4.",
    )


def _descriptive(ctx: Context) -> Iterator[tuple[str, str, str]]:
    yield (
        "exposure",
        "Exposure: duration, doses, gaps, switches and reasons for stopping",
        "The study asks for time at risk alone. Person-time of each cohort is in this section.",
    )
    held = {row["stratum"] for row in ctx.run.results["incidence.csv"]}
    if not any({"age", "sex", "calendar"} <= set(stratum.split("*")) for stratum in held):
        yield (
            "age-sex-year",
            "Person-years by age, sex and calendar year",
            "The protocol does not ask for results by age, sex and calendar year together (analyses.by).",
        )


def _outcomes(_ctx: Context) -> Iterator[tuple[str, str, str]]:
    yield (
        "terms",
        "Serious adverse events by system organ class and preferred term",
        "The protocol names the outcomes that are counted; adverse events outside them are not tabulated by term.",
    )


def _main(ctx: Context) -> Iterator[tuple[str, str, str]]:
    if reference.observed_expected(ctx) is None:
        yield "observed-expected", "Observed and expected events", "The protocol names no reference rates."
    if not comparison.comparisons(ctx):
        yield "contrasts", "Comparison of the cohorts", "The protocol asks for no comparison of cohorts."
    if SINCE not in strata.printed_strata(ctx):
        yield "since-start", "Incidence by time since start", "The results hold no rate by time since start."
    if not survival.survival_tables(ctx):
        reason = "The protocol asks for no curve, or no registry released one."
        yield "curves", "Survival and cumulative incidence", reason
    if len(ctx.run.contributors) < 2:  # noqa: PLR2004  two registries can differ
        reason = "Fewer than two registries took part, so that none differs from another."
        yield "heterogeneity", "Incidence by registry, and how registries differ", reason


def _other(ctx: Context) -> Iterator[tuple[str, str, str]]:
    if sensitivity.sensitivity(ctx) is None:
        yield "sensitivity", "Sensitivity analyses", "The protocol names no sensitivity analysis."
    if not [s for s in strata.printed_strata(ctx) if s != SINCE]:
        yield "subgroups", "Subgroups", "The results hold no subgroup."


def _adverse_events(ctx: Context) -> Iterator[tuple[str, str, str]]:
    yield (
        "reactions",
        "Adverse events and reactions by seriousness, relatedness and outcome",
        "Causality was not assessed, and adverse events other than the outcomes of the study were not analysed.",
    )
    if lock_points.lock_points(ctx) is None:
        reason = "The protocol names no data lock point (data.lock_points); all counts are cumulative to the data cut."
        yield "lock-points", "Interval and cumulative counts between data lock points", reason


_SECTIONS = {
    "10.1": _participants,
    "10.2": _descriptive,
    "10.3": _outcomes,
    "10.4": _main,
    "10.5": _other,
    "10.6": _adverse_events,
}
