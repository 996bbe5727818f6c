"""Section 1: the stand-alone abstract, under the sub-headings of its format, filled with facts of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.protocol.sentences import say
from pass_engine.protocol.sentences.words import lower_first
from pass_engine.report import cells
from pass_engine.report.glossary import country
from pass_engine.report.model import Block, Bullets, Heading, Missing, Paragraph, Section
from pass_engine.report.names import MEASURES
from pass_engine.report.numbers import WITHHELD, format_date, format_per, join_words
from pass_engine.report.sections.parts import summary, together
from pass_engine.report.tables.comparison import adjusted_for
from pass_engine.report.tables.participants import attrition_rows, cohort_size, excluded, why_nobody
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from pass_engine.protocol.models import Comparison
    from pass_engine.report.context import Combo, Context
    from pass_engine.report.reading import Row

MOST_KEYWORDS = 5
OVERLAP_STEP = "registry_overlap"


def abstract(ctx: Context) -> Section:
    """All sub-headings in their order."""
    info = ctx.study.study
    parts: tuple[tuple[str, tuple[Block, ...]], ...] = (
        ("Title", (Paragraph(f"{info.title}. Version {info.version}, {format_date(info.date)}."), *_authors(ctx))),
        ("Keywords", (Paragraph("; ".join(keywords(ctx))),)),
        ("Rationale and background", (summary(ctx, "rationale"),)),
        (
            "Research question and objectives",
            (Bullets(tuple(o.question for o in info.objectives)) if info.objectives else Missing(),),
        ),
        ("Study design", together(say(ctx.study, "design"))),
        ("Setting", together(setting(ctx))),
        ("Subjects and study size, including dropouts", together(subjects(ctx))),
        ("Variables and data sources", together(variables(ctx))),
        ("Results", (Bullets(results(ctx)),)),
        ("Discussion", (summary(ctx, "conclusion"),)),
        ("Marketing authorisation holder(s)", (_holders(ctx),)),
        ("Names and affiliations of principal investigators", (_investigators(ctx),)),
    )
    blocks = [block for title, body in parts for block in (Heading(title), *body)]
    return Section("1", "Abstract", tuple(blocks))


def _authors(ctx: Context) -> tuple[Paragraph, ...]:
    authors = ctx.study.study.authors
    names = "; ".join(f"{a.name}, {a.affiliation}" if a.affiliation else a.name for a in authors)
    return (Paragraph(f"Main author: {names}."),) if names else ()


def keywords(ctx: Context) -> tuple[str, ...]:
    """At most five: substances, then what kind of study it is."""
    info = ctx.study.study
    kind = {"PASS": "post-authorisation safety study", "PAES": "post-authorisation efficacy study"}[info.type]
    return (*(s.inn for s in info.substances[:2]), kind, "cohort study", "patient registry", "incidence")[
        :MOST_KEYWORDS
    ]


def setting(ctx: Context) -> tuple[str, ...]:
    """Where, when, and which registries."""
    period, invited = ctx.study.population.period, ctx.study.data.registries
    taking_part = ctx.run.contributors
    names = join_words([ctx.names.registry_in_full(key) for key in taking_part])
    share = "All" if len(taking_part) == len(invited) else f"{len(taking_part)} of"
    told = (
        f"{share} {len(invited)} invited registries took part: {names}." if len(invited) > 1 else f"{names} took part."
    )
    return (
        told if taking_part else "No registry took part.",
        _places(ctx),
        (
            f"Cohort entry was between {format_date(period.start)} and {format_date(period.end)}; the data "
            f"cut is {format_date(ctx.study.data.cut)}."
        ),
    )


def _places(ctx: Context) -> str:
    if not ctx.countries:
        return ""
    named, others = ([country(c) for c in codes] for codes in (ctx.countries, ctx.other_countries))
    more = f"; registries that took part also cover {join_words(sorted(others))}" if others else ""
    return f"Countries of the study: {join_words(named)}{more}."


def subjects(ctx: Context) -> tuple[str, ...]:
    """Persons at the first step and in each cohort."""
    told = []
    steps = [attrition_rows(ctx, cohort) for cohort in ctx.cohorts]
    first = next((rows.get(POOLED) for by_step in steps for rows in by_step.values()), None)
    if first is not None:
        held = cells.linked(cells.count(first, "persons").text, first)
        told.append(f"The registries held data of {held} persons{_held_twice(steps)}.")
    told += _sizes(ctx)
    told += [
        f"As nobody entered the cohort {ctx.names.cohort(c)}, its rows show 0 and its rates cannot be estimated (NE)."
        for c in ctx.cohorts
        if cells.count(cohort_size(ctx, c), "persons").text == "0"
    ]
    told.append("The report tells how many persons were left out at each step.")
    return tuple(told)


def _sizes(ctx: Context) -> list[str]:
    """How many entered each cohort, or why that is not told."""
    known, hidden = [], []
    for cohort in ctx.cohorts:
        row, name = cohort_size(ctx, cohort), ctx.names.cohort(cohort)
        size = cells.count(row, "persons").text
        if row is None:
            hidden.append(f"{name}: {lower_first(why_nobody(ctx, cohort))}")
        elif size == WITHHELD:
            hidden.append(f"How many entered the cohort {name} is withheld.")
        else:
            known.append(f"{cells.linked(size, row)} entered the cohort {name}")
    return [*([f"Of these, {join_words(known)}."] if known else []), *hidden]


def _held_twice(cohorts: list[dict[tuple[int, str, str], dict[str, Row]]]) -> str:
    """How many persons a registry gives up to another one, which holds them too."""
    rows = (by_registry for steps in cohorts for (_, step, _), by_registry in steps.items() if step == OVERLAP_STEP)
    row = next(rows, {}).get(POOLED)
    number = excluded(row)
    return (
        f"; {cells.linked(number, row)} of them may be in two registries and are counted in one"
        if number[:1].isdigit()
        else ""
    )


def variables(ctx: Context) -> tuple[str, ...]:
    """Exposures and outcomes by name, and where the data come from."""
    cohorts = join_words([ctx.names.cohort(c) for c in ctx.cohorts])
    outcomes = join_words(list(dict.fromkeys(ctx.names.outcome(c.outcome) for c in ctx.combos)))
    return (
        f"Exposure cohorts: {cohorts}.",
        f"Outcomes: {outcomes}.",
        (
            "Data were collected by the registries for their own purposes and used secondarily; each registry's "
            "data were mapped separately to one core data model, and only aggregated counts left the registry."
        ),
    )


def results(ctx: Context) -> tuple[str, ...]:
    """One line an outcome and time at risk: the main rate of every cohort; then the crude ratios."""
    told, spelled = [], set[str]()
    for combo in ctx.combos:
        measure = ctx.main_measure(combo)
        told.append(_result(ctx, combo, measure, in_full=measure not in spelled))
        spelled.add(measure)
    return (*told, *_ratios(ctx))


IN_FULL: Final = {
    "eair": "exposure-adjusted incidence rate (EAIR)",
    "eair_total_exposure": "exposure-adjusted incidence rate over all person-years (EAIR, total exposure)",
    "eaer": "exposure-adjusted event rate (EAER)",
}
"""Measures as the abstract names them first, so that it can be read alone."""


def _result(ctx: Context, combo: Combo, measure: str, *, in_full: bool) -> str:
    called = IN_FULL.get(measure, MEASURES[measure]) if in_full else MEASURES[measure]
    interval = ctx.ci.replace("CI", "confidence interval, CI") if in_full else ctx.ci
    told = [_cohort_result(ctx, combo, cohort, measure) for cohort in combo.analysis.cohorts]
    time = lower_first(ctx.names.time_at_risk(combo.time))
    per = f"{called} per {format_per(combo.analysis.per_person_years)} ({interval})"
    return f"{ctx.names.outcome(combo.outcome)} ({time}), {per}: {'; '.join(told)}."


def _cohort_result(ctx: Context, combo: Combo, cohort: str, measure: str) -> str:
    row = ctx.find(combo, cohort, measure)
    if row is None or (row["status"] == "not_estimable" and not row["person_days"]):
        return f"{ctx.names.cohort(cohort)} not estimable, as no registry released it"
    numerator, words = ("events", "events") if measure == "eaer" else ("persons_with_event", "persons with an event")
    counted = f"{cells.count(row, numerator).text} {words} in {cells.years(row).text} person-years"
    return f"{ctx.names.cohort(cohort)} {cells.linked(f'{cells.in_one(row)}, {counted}', row)}"


def _ratios(ctx: Context) -> tuple[str, ...]:
    told = []
    for analysis in ctx.comparisons:
        for row in ctx.run.rows("comparison.csv", analysis=analysis.id, registry=POOLED):
            arms = f"{ctx.names.cohort(row['target'])} against {ctx.names.cohort(row['comparator'])}"
            what = _contrast(ctx, analysis, row["measure"])
            estimate = cells.linked(cells.in_one(row), row)
            told.append(f"{what} of {lower_first(ctx.names.outcome(row['outcome']))}, {arms} ({ctx.ci}): {estimate}.")
    return tuple(told)


def _contrast(ctx: Context, analysis: Comparison, measure: str) -> str:
    """A measure of a comparison at the head of a sentence."""
    return {
        "rate_ratio": "Crude rate ratio",
        "rate_difference": f"Crude rate difference per {format_per(analysis.per_person_years or 1)}",
        "mantel_haenszel_rate_ratio": f"Rate ratio adjusted for {adjusted_for(ctx, analysis)}",
        "poisson_rate_ratio": f"Rate ratio by Poisson regression on {adjusted_for(ctx, analysis)}",
    }[measure]


def _holders(ctx: Context) -> Block:
    names = "; ".join(h.name for h in ctx.study.study.holders)
    return Paragraph(names) if names else Missing()


def _investigators(ctx: Context) -> Block:
    names = "; ".join(f"{a.name}, {a.affiliation}" if a.affiliation else a.name for a in ctx.study.study.authors)
    return Paragraph(names) if names else Missing()
