"""Section 10: results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.report.figures.curves import curves
from pass_engine.report.figures.flow import flow
from pass_engine.report.figures.forest import forest
from pass_engine.report.figures.forest_ratio import forests_of_ratios
from pass_engine.report.figures.love import love_plots
from pass_engine.report.figures.time import person_time_by_interval, rates_by
from pass_engine.report.model import Block, Section
from pass_engine.report.numbers import join_words
from pass_engine.report.sections.abstract import subjects
from pass_engine.report.sections.parts import paragraphs, present, together
from pass_engine.report.sections.quality import gates
from pass_engine.report.tables import (
    baseline,
    comparison,
    incidence,
    lock_points,
    participants,
    quality,
    reference,
    registries,
    regression,
    second_stage,
    sensitivity,
    strata,
    subgroups,
    survival,
    weighted,
)
from pass_engine.report.tables.shells import with_shells
from pass_engine.terms import EXCLUDED

if TYPE_CHECKING:
    from pass_engine.report.context import Context


SINCE: Final = "time_since_start"
"""Belongs to the main results (section 10.4), as the shells of a final report have it."""


AWAY: Final = {EXCLUDED: "was excluded by a quality gate"}
"""How the text says that a registry is not there."""


def results(ctx: Context) -> Section:
    """Section 10 with 10.1 to 10.6."""
    return Section(
        "10",
        "Results",
        (),
        (
            Section("10.1", "Participants", with_shells(ctx, "10.1", _participants(ctx))),
            Section("10.2", "Descriptive data", with_shells(ctx, "10.2", _descriptive(ctx))),
            Section("10.3", "Outcome data", with_shells(ctx, "10.3", _outcomes(ctx))),
            Section("10.4", "Main results", with_shells(ctx, "10.4", _main(ctx))),
            Section("10.5", "Other analyses", with_shells(ctx, "10.5", _other(ctx))),
            Section("10.6", "Adverse events/adverse reactions", with_shells(ctx, "10.6", _adverse_events(ctx))),
        ),
    )


def _participants(ctx: Context) -> tuple[Block, ...]:
    invited = ctx.run.results["participation.csv"]
    away = [
        f"{ctx.names.registry_in_full(r['registry'])} {AWAY.get(r['status'], r['status'])}"
        for r in invited
        if r["status"] != "took part"
    ]
    one = (
        f"One registry was invited; it {'took part' if ctx.run.contributors else 'did not take part'} "
        "([[participation]])."
    )
    several = f"Of {len(invited)} registries invited, {len(ctx.run.contributors)} took part ([[participation]])."
    told = (
        several if len(invited) > 1 else one,
        f"{join_words(away)}; the reasons are in the table, and no number of this report includes them."
        if away
        else "",
        *subjects(ctx)[:-1],
    )
    figure = flow(ctx)
    return (
        *together(t for t in told if t),
        participants.participation(ctx),
        *gates(ctx),
        *(participants.attrition(ctx, cohort) for cohort in ctx.cohorts),
        *present(figure),
        participants.analysis_sets(ctx),
        participants.follow_up(ctx),
    )


def _descriptive(ctx: Context) -> tuple[Block, ...]:
    chart = person_time_by_interval(ctx) if ctx.combos and "calendar" in strata.printed_strata(ctx) else None
    return (
        *paragraphs(
            "[[baseline]] describes the persons on the day of cohort entry, [[person-time]] the person-time "
            "that each registry gives, and [[quality-completeness]] how much is missing. Faults found in "
            "the data, the mapping of codes, quality indicators, and completeness by calendar year are in Annex 2."
        ),
        baseline.baseline(ctx),
        baseline.person_time(ctx),
        *present(chart),
        quality.quality(ctx, "completeness"),
    )


def _outcomes(ctx: Context) -> tuple[Block, ...]:
    return (
        *paragraphs(
            "[[outcome-data]] shows events and persons with at least one event. An event is counted on "
            "its onset day, if that day is at risk."
        ),
        incidence.outcome_data(ctx),
    )


def _main(ctx: Context) -> tuple[Block, ...]:
    observed = reference.observed_expected(ctx)
    curve_tables = survival.survival_tables(ctx)
    blocks: list[Block] = [
        incidence.main_incidence(ctx),
        *present(incidence.other_measures(ctx), observed, *comparison.comparisons(ctx)),
        *weighted.weighted_tables(ctx),
        *regression.regression_tables(ctx),
        *love_plots(ctx),
    ]
    if len(ctx.run.contributors) > 1:
        blocks += [table for combo in ctx.combos for table in incidence.by_registry_tables(ctx, combo)]
        blocks += [forest(ctx, combo) for combo in ctx.combos]
        blocks += present(registries.heterogeneity(ctx), registries.leave_one_out(ctx), second_stage.second_stage(ctx))
        blocks += forests_of_ratios(ctx)
    blocks += present(second_stage.unmeasured(ctx), comparison.negative_controls(ctx), registries.bounds(ctx))
    text = ["Pooled incidence is in [[main-incidence]]."]
    if observed is not None:
        text.append("First events are held against those expected at reference rates in [[observed-expected]].")
    text += _contrasts(ctx)
    if len(ctx.run.contributors) > 1:
        text.append("Results of each registry stand before the pooled ones in the tables and figures that follow.")
    else:
        text.append("One registry took part, so the pooled results are its own.")
    if SINCE in strata.printed_strata(ctx):
        tables = strata.stratified(ctx, SINCE)
        named = join_words([f"[[{table.key}]]" for table in tables])
        text.append(f"Incidence by time since start is in {named}." if tables else "")
        blocks += [*present(rates_by(ctx, SINCE)), *tables]
    if curve_tables:
        named = join_words([f"[[{table.key}]]" for table in curve_tables])
        text.append(f"Curves over time since {survival.origin(ctx)} are in {named} and the figures that follow.")
        blocks += [*curve_tables, *curves(ctx)]
    return (*together(t for t in text if t), *blocks)


def _contrasts(ctx: Context) -> list[str]:
    """Where the comparisons are, and what they are adjusted for."""
    crude = [
        f"crude {words} in [[{key}]]"
        for measure, words, key in (
            ("rate_ratio", "rate ratios are", "rate-ratio"),
            ("rate_difference", "rate differences are", "rate-difference"),
        )
        if comparison.asking(ctx, measure)
    ]
    told = []
    if crude:
        told.append(
            f"{join_words(crude).capitalize()}; they are not adjusted, and differences between the persons of the "
            "cohorts may explain them."
        )
    stratified = comparison.asking(ctx, "mantel_haenszel_rate_ratio")
    if stratified:
        strata_named = join_words(list(dict.fromkeys(comparison.adjusted_for(ctx, a) for a in stratified)))
        told.append(f"Rate ratios over strata of {strata_named} are in [[stratified-ratio]].")
    if comparison.asking(ctx, "poisson_rate_ratio"):
        told.append("Rate ratios adjusted by Poisson regression are in [[regression-ratio]].")
    if weighted.asking(ctx):
        told.append(
            "Rate ratios weighted by propensity scores are in [[weighted-ratio]]; who has a score is in "
            "[[propensity]], and how alike the weighted cohorts are in [[balance]]."
        )
    models = [f"[[{table.key}]]" for table in regression.regression_tables(ctx)]
    if models:
        told.append(f"Ratios of regression models, crude and adjusted, and their persons are in {join_words(models)}.")
    if second_stage.second_stage(ctx) is not None and len(ctx.run.contributors) > 1:
        told.append("Ratios of the registries are brought together in a second stage in [[second-stage]].")
    if comparison.negative_controls(ctx) is not None:
        told.append("Outcomes on which no exposure is thought to act are in [[negative-controls]].")
    if second_stage.unmeasured(ctx) is not None:
        told.append("E-values and smallest detectable ratios are in [[unmeasured]].")
    return told


def _other(ctx: Context) -> tuple[Block, ...]:
    printed = strata.printed_strata(ctx)
    blocks = [*present(sensitivity.sensitivity(ctx), subgroups.subgroup_ratios(ctx))]
    for stratum in printed:
        if stratum == SINCE:
            continue
        if stratum == "age":
            blocks += present(rates_by(ctx, stratum))
        blocks += strata.stratified(ctx, stratum)
    text = []
    if not ctx.sensitivities:
        text.append("The protocol names no sensitivity analysis.")
    if subgroups.asking(ctx):
        text.append("Rate ratios in subgroups, with tests of interaction, are in [[subgroup-ratio]].")
    if not printed:
        asked = any(margin for combo in ctx.combos for margin in combo.analysis.by)
        none = "No registry released a stratified result." if asked else "The protocol asks for no stratified result."
        text.append(none)
    elif printed == (SINCE,):
        text.append("Results by time since start are in section 10.4; the protocol asks for no other stratum.")
    combined = strata.combined_strata(ctx)
    if combined:
        text.append(
            f"Results by {join_words([ctx.names.stratum(c) for c in combined])} and by registry within "
            "each stratum are in the attached results/incidence.csv."
        )
    return (*together(text), *blocks)


def _adverse_events(ctx: Context) -> tuple[Block, ...]:
    return (*_reported(ctx), *present(lock_points.lock_points(ctx)))


def _reported(ctx: Context) -> tuple[Block, ...]:
    from_reports = [o.label for o in ctx.study.outcomes.values() if o.from_ == "adverse_event"]
    first = (
        "The study made secondary use of data that the registries had collected. No individual case "
        "safety report was made from it: for secondary use of data, adverse events and reactions are "
        "summarised in the report (GVP Module VI)."
    )
    if not from_reports:
        return paragraphs(first, "No outcome of this study comes from reports of adverse events.")
    there = [number for number in ("10.3", "10.4", "10.5") if ctx.kind.has(number)]
    where = f"section{'s' if len(there) > 1 else ''} {join_words(there)}"
    return paragraphs(
        first,
        (
            f"Adverse events are outcomes of this study ({join_words(from_reports)}); they are summarised "
            f"in {where}. Other adverse events were not analysed, and no causality was assessed."
        ),
    )
