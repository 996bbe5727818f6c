"""Section 9: methods, in sentences and tables made from the protocol that ran."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.protocol.counted import counts_of, enders_of
from pass_engine.protocol.sentences import say
from pass_engine.report import cells
from pass_engine.report.figures.design import design
from pass_engine.report.model import Block, Bullets, Paragraph, Section
from pass_engine.report.numbers import join_words
from pass_engine.report.sections.abstract import setting
from pass_engine.report.sections.parts import paragraphs, prose, together
from pass_engine.report.tables.definitions import amendments, criteria, definitions, weights
from pass_engine.report.tables.participants import cohort_size

if TYPE_CHECKING:
    from pass_engine.report.context import Context


def methods(ctx: Context) -> Section:
    """Section 9 with 9.1 to 9.10."""
    return Section(
        "9",
        "Research methods",
        (),
        (
            Section("9.1", "Study design", (*_said(ctx, "design"), design(ctx))),
            Section("9.2", "Setting", (*together(setting(ctx)), *_said(ctx, "setting"))),
            Section("9.3", "Subjects", (*_said(ctx, "subjects"), criteria(ctx))),
            Section("9.4", "Variables", _variables(ctx)),
            Section("9.5", "Data sources and measurement", _said(ctx, "data_sources")),
            Section("9.6", "Bias", (prose(ctx, "bias"),)),
            Section("9.7", "Study size", (prose(ctx, "study_size"), *together(_achieved(ctx)))),
            Section("9.8", "Data transformation", _said(ctx, "data_transformation")),
            _statistics(ctx),
            Section("9.10", "Quality control", (*_said(ctx, "quality_control"), prose(ctx, "quality_control"))),
        ),
    )


RUN_ON: Final = frozenset({"design", "setting", "subjects", "strata", "covariates", "data_sources", "quality_control"})
"""Topics whose sentences read as one paragraph; the others come as paragraphs of their own."""


def _said(ctx: Context, topic: str) -> tuple[Paragraph, ...]:
    sentences = say(ctx.study, topic)
    return together(sentences) if topic in RUN_ON else paragraphs(*sentences)


def _variables(ctx: Context) -> tuple[Block, ...]:
    study = ctx.study
    counts = counts_of(study)
    times = {count.time_at_risk for count in counts}
    outcomes = {count.outcome for count in counts} | enders_of(study)
    return (
        *paragraphs(
            "Exposures, times at risk and outcomes are defined in [[definitions-exposure]], "
            "[[definitions-time_at_risk]] and [[definitions-outcome]]. Code lists are printed in full in the annex."
        ),
        definitions(ctx, "exposure", "Exposures", ((k, e.label) for k, e in study.exposures.items())),
        definitions(
            ctx, "time_at_risk", "Times at risk", ((k, t.label) for k, t in study.times_at_risk.items() if k in times)
        ),
        definitions(ctx, "outcome", "Outcomes", ((k, o.label) for k, o in study.outcomes.items() if k in outcomes)),
        *_said(ctx, "follow_up"),
        *_said(ctx, "strata"),
        *_said(ctx, "covariates"),
    )


def _statistics(ctx: Context) -> Section:
    weight_table = weights(ctx)
    missing = _said(ctx, "missing_values")
    return Section(
        "9.9",
        "Statistical methods",
        (),
        (
            Section("9.9.1", "Main summary measures", (Bullets(say(ctx.study, "measures")),)),
            Section(
                "9.9.2",
                "Main statistical methods",
                (*_said(ctx, "statistics"), *((weight_table,) if weight_table else ())),
            ),
            Section("9.9.3", "Missing values", missing),
            Section("9.9.4", "Sensitivity analyses", _sensitivity(ctx)),
            Section("9.9.5", "Amendments to the statistical analysis plan", _amended(ctx)),
        ),
    )


def _sensitivity(ctx: Context) -> tuple[Block, ...]:
    items = tuple(" ".join(say(ctx.study, "sensitivity", s.id)) for s in ctx.sensitivities)
    return (Bullets(items),) if items else paragraphs("The protocol names no sensitivity analysis.")


def _amended(ctx: Context) -> tuple[Block, ...]:
    if not amendments(ctx).lines:
        return paragraphs("The protocol, which is the statistical analysis plan of the engine, records no amendment.")
    return paragraphs(
        "The protocol is the statistical analysis plan of the engine; its amendments are in [[amendments]]."
    )


def _achieved(ctx: Context) -> tuple[str, ...]:
    rows = {c: cohort_size(ctx, c) for c in ctx.cohorts}
    sizes = [
        f"{cells.linked(cells.count(row, 'persons').text, row)} persons in the cohort {ctx.names.cohort(c)}"
        for c, row in rows.items()
    ]
    return (f"Achieved: {join_words(sizes)}. The precision reached is shown by the intervals in section 10.4.",)
