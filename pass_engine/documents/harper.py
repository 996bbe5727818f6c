"""HARPER tables 1 to 13 (ISPE/ISPOR 2022) from the protocol: what is declared, and that it is not where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pass_engine
from pass_engine.documents.asked import NO_HYPOTHESIS, Asked
from pass_engine.documents.harper_definitions import (
    covariates,
    exclusion,
    exposures,
    follow_up,
    inclusion,
    outcomes,
    time_zero,
)
from pass_engine.documents.harper_words import UNSAID, pairs
from pass_engine.protocol.counted import cohorts_of, times_of
from pass_engine.protocol.models import Comparison, Incidence, Sensitivity, Survival
from pass_engine.protocol.sentences import say, stratum_in_words
from pass_engine.report.model import Column, Table
from pass_engine.report.numbers import format_date, format_level, join_words
from pass_engine.report.sections.parts import summary
from pass_engine.report.tables.comparison import adjusted_for
from pass_engine.report.tables.definitions import LATER, MILESTONES, MUST_HAVE, identity, words
from pass_engine.report.tables.layout import group, make
from pass_engine.terms import TO_BE_COMPLETED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.models import Objective
    from pass_engine.report.context import Context
    from pass_engine.report.model import Line

MEASURES: Final = {
    "incidence_proportion": "incidence proportion",
    "eair": "exposure-adjusted incidence rate",
    "eair_total_exposure": "exposure-adjusted incidence rate over the total exposure",
    "eaer": "exposure-adjusted event rate",
    "rate_ratio": "crude rate ratio",
    "rate_difference": "crude rate difference",
    "mantel_haenszel_rate_ratio": "Mantel–Haenszel rate ratio",
    "poisson_rate_ratio": "rate ratio by Poisson regression",
    "survival": "survival (Kaplan–Meier)",
    "cumulative_incidence": "cumulative incidence (Aalen–Johansen)",
}


def harper_tables(ctx: Context) -> tuple[Table, ...]:
    """The thirteen tables in order."""
    return (
        _milestones(ctx),
        _questions(ctx),
        time_zero(ctx),
        inclusion(ctx),
        exclusion(ctx),
        exposures(ctx),
        outcomes(ctx),
        follow_up(ctx),
        covariates(ctx),
        _analyses(ctx),
        _sensitivities(ctx),
        _sources(ctx),
        _size(ctx),
    )


def _milestones(ctx: Context) -> Table:
    columns = (Column("Milestone", 3.0, numeric=False), Column("Date", 2.0, numeric=False))
    given = ctx.study.study.milestones
    named = {m.event for m in given}
    lines: list[Line] = []
    for event, label in MILESTONES.items():
        days = [m.actual or m.planned for m in given if m.event == event]
        lines += [words(label, format_date(day) if day else LATER) for day in days]
        if event in MUST_HAVE and event not in named:
            lines.append(words(label, LATER))
    return make("harper-1", "HARPER table 1: milestones and timeline", columns, lines, identity(ctx))


def _questions(ctx: Context) -> Table:
    lines: list[Line] = []
    for objective in ctx.study.study.objectives:
        lines += [group(f"{objective.kind.capitalize()} objective: {objective.id}", 2), *_question(ctx, objective)]
    return pairs(ctx, "harper-2", "HARPER table 2: research questions and objectives", lines,
                 empty="The protocol names no objective.")  # fmt: skip


def _question(ctx: Context, objective: Objective) -> Iterator[Line]:
    found = answering(ctx, objective)
    outcomes = dict.fromkeys(o for a in found for o in a.outcomes)
    times = dict.fromkeys(t for a in found for o in a.outcomes for t in times_of(a, o))
    measures = dict.fromkeys(MEASURES.get(m, m) for a in found for m in a.measures)
    comparators = dict.fromkeys(ctx.names.cohort(a.of.comparator) for a in found if isinstance(a, Comparison))
    cohorts = dict.fromkeys(ctx.names.cohort(c) for a in found for c in cohorts_of(a))
    others = [c for c in cohorts if c not in comparators]
    hypothesis = {None: UNSAID, NO_HYPOTHESIS: "No a priori hypothesis"}.get(objective.hypothesis, objective.hypothesis)
    yield words("Objective", objective.question)
    yield words("Hypothesis", hypothesis or UNSAID)
    yield words("Population", "; ".join(c.why for c in ctx.study.population.criteria) or "All who began the exposure")
    yield words("Exposure", "; ".join(others) or UNSAID)
    yield words("Comparator", "; ".join(comparators) or "None: cohorts stand side by side")
    yield words("Outcome", "; ".join(ctx.names.outcome(o) for o in outcomes) or UNSAID)
    yield words("Time: when follow-up begins and ends", "; ".join(ctx.names.time_at_risk(t) for t in times) or UNSAID)
    yield words("Setting", setting(ctx))
    yield words("Main measure of effect", join_words(list(measures)) or UNSAID)


def setting(ctx: Context) -> str:
    """The registries invited, and the countries."""
    registries = join_words([ctx.names.registry(key) for key in ctx.study.data.registries])
    return f"Patient registries ({registries}); {', '.join(ctx.countries) or 'countries not stated'}"


def answering(ctx: Context, objective: Objective) -> list[Incidence | Comparison | Survival]:
    """Analyses that answer an objective: those it names, else those of its rank, else all."""
    every = [a for a in ctx.study.analyses if isinstance(a, Incidence | Comparison | Survival)]
    named = [a for a in every if a.id in objective.analyses]
    return named or [a for a in every if a.role == objective.kind] or every


def _analyses(ctx: Context) -> Table:
    lines: list[Line] = []
    for analysis in ctx.study.analyses:
        if not isinstance(analysis, Sensitivity):
            lines += [group(f"{analysis.role.capitalize()} analysis: {analysis.id}", 2), *_analysis(ctx, analysis)]
    return pairs(ctx, "harper-10", "HARPER table 10: primary, secondary and subgroup analyses", lines, empty="None.")


def _analysis(ctx: Context, analysis: Incidence | Comparison | Survival) -> Iterator[Line]:
    said = [o.hypothesis for o in ctx.study.study.objectives if o.hypothesis and analysis in answering(ctx, o)]
    named = ["No a priori hypothesis" if words == NO_HYPOTHESIS else words for words in dict.fromkeys(said)]
    yield words("Hypothesis", "; ".join(named) or UNSAID)
    yield words("Exposure contrast", _contrast(ctx, analysis))
    yield words("Outcome", "; ".join(_outcome(ctx, analysis, o) for o in analysis.outcomes))
    yield words("Analytic software", f"pass_engine {pass_engine.__version__}: numbered SQL, listed in annex A3.5")
    yield words("Model or estimator", _model(analysis))
    yield words("Confounding adjustment", _adjustment(ctx, analysis))
    yield words("Missing data", " ".join(say(ctx.study, "missing_values")[:1]))
    yield words("Subgroups", _subgroups(ctx, analysis))


def _contrast(ctx: Context, analysis: Incidence | Comparison | Survival) -> str:
    if isinstance(analysis, Comparison):
        return f"{ctx.names.cohort(analysis.of.target)} against {ctx.names.cohort(analysis.of.comparator)}"
    return f"None: {join_words([ctx.names.cohort(c) for c in analysis.cohorts])}, each on its own"


def _outcome(ctx: Context, analysis: Incidence | Comparison | Survival, outcome: str) -> str:
    times = join_words([ctx.names.time_at_risk(t) for t in times_of(analysis, outcome)])
    return f"{ctx.names.outcome(outcome)} ({times})"


def _model(analysis: Incidence | Comparison | Survival) -> str:
    measures = join_words([MEASURES.get(m, m) for m in analysis.measures])
    method = analysis.interval.scale if isinstance(analysis, Survival) else analysis.interval.method
    level = format_level(f"{analysis.interval.level:g}")
    named = f", {method.replace('_', '-')} limits" if method else ""
    return f"{measures[:1].upper()}{measures[1:]}; {level} confidence interval{named}"


def _adjustment(ctx: Context, analysis: Incidence | Comparison | Survival) -> str:
    if isinstance(analysis, Comparison) and analysis.adjust:
        return f"Stratification by {adjusted_for(ctx, analysis)}"
    if isinstance(analysis, Incidence) and analysis.standardise:
        over = join_words([stratum_in_words(ctx.study, s) for s in analysis.standardise.over])
        return f"Direct standardisation over {over}"
    return "None: crude"


def _subgroups(ctx: Context, analysis: Incidence | Comparison | Survival) -> str:
    margins = analysis.by if isinstance(analysis, Incidence) else ()
    named = [" by ".join(stratum_in_words(ctx.study, s) for s in margin) for margin in margins if margin]
    return join_words(["registry", *named])


def _sensitivities(ctx: Context) -> Table:
    columns = (
        Column("What is varied", 2.4, numeric=False),
        Column("Why: what is learnt", 2.0, numeric=False),
        Column("Strengths against the main analysis", 1.6, numeric=False),
        Column("Limitations against the main analysis", 1.6, numeric=False),
    )
    lines = [words(" ".join(say(ctx.study, "sensitivity", s.id)), s.why, LATER, LATER) for s in ctx.sensitivities]
    return make("harper-11", "HARPER table 11: sensitivity analyses", columns, lines, identity(ctx),
                empty="The protocol names no sensitivity analysis.")  # fmt: skip


def _sources(ctx: Context) -> Table:
    study, period = ctx.study, ctx.study.population.period
    asked = Asked(ctx.run.protocol)
    lines = [
        words("Data sources", setting(ctx)),
        words("Study period", f"to {format_date(study.data.cut)}, the data cut"),
        words("Eligible cohort entry period", f"{format_date(period.start)} to {format_date(period.end)}"),
        words("Data version or last update", "Each registry's own data cut, stated in the report"),
        words("Data sampling or extraction criteria", "All persons of each registry; the study decides who enters"),
        words("Type of data", "Disease registries, secondary use"),
        words("Data linkage", str(summary_text(ctx, "linkage")) if asked.wrote("linkage") else UNSAID),
        words("Conversion to a common data model", f"Each registry maps its data to {study.data.model}"),
        words("Software for data management and analysis",
              f"pass_engine {pass_engine.__version__}; DuckDB at each registry"),
    ]  # fmt: skip
    title = "HARPER table 12: metadata about data sources and software"
    return pairs(ctx, "harper-12", title, lines, empty="None.")


def summary_text(ctx: Context, key: str) -> str:
    """The first paragraph of what people wrote; the mark where nobody has."""
    block = summary(ctx, key)
    return getattr(block, "text", TO_BE_COMPLETED)


def _size(ctx: Context) -> Table:
    lines = [
        words("Power, sample size or precision", summary_text(ctx, "study_size")),
        words("Feasibility", summary_text(ctx, "feasibility")),
    ]
    return pairs(ctx, "harper-13", "HARPER table 13: power and sample size", lines, empty="None.")
