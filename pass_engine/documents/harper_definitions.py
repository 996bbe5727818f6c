"""HARPER tables 3 to 9: who enters and when, exposures, outcomes, follow-up and covariates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.documents.asked import Asked
from pass_engine.documents.harper_words import ANY_CARE, NOT_CODED, UNSAID, pairs
from pass_engine.protocol.counted import counts_of
from pass_engine.protocol.covariate_rules import levels_of
from pass_engine.protocol.sentences import say, stratum_in_words
from pass_engine.report.model import Column, Table
from pass_engine.report.numbers import format_date, join_words
from pass_engine.report.tables.definitions import identity, words
from pass_engine.report.tables.layout import group, make

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.models import Covariate, Criterion, Exposure, Outcome, TimeAtRisk
    from pass_engine.report.context import Context
    from pass_engine.report.model import Line

ENTRIES: Final = {
    "first": "Single: the first era in the period, if it meets all criteria",
    "first_qualifying": "Single: the first era that meets all criteria",
    "all": "Multiple: every era that meets all criteria",
}
STARTS: Final = {
    "era_start": "the first day of each era",
    "era_end": "the last day of each era",
    "first_era_start": "the first day of the first era ever",
    "cohort_entry": "cohort entry",
    "disease_onset": "first symptoms of the disease",
    "fixed_date": "a fixed day",
}
SIX: Final = ("Care setting", "Code type", "Diagnosis position")


def _counted_cohorts(ctx: Context) -> tuple[str, ...]:
    named = {count.cohort for count in counts_of(ctx.study)}
    return tuple(key for key in ctx.study.exposures if key in named)


def time_zero(ctx: Context) -> Table:
    """Table 3, one group of lines a cohort."""
    population = ctx.study.population
    period = population.period
    washout = [c for c in population.criteria if c.exclude == "exposure"]
    lines: list[Line] = []
    for key in _counted_cohorts(ctx):
        exposure = ctx.study.exposures[key]
        own = [c for c in washout if c.of in ("self", key)]
        lines += [
            group(exposure.label, 2),
            words("Day 0", "First day of the era that begins in the period of entry: "
                  f"{format_date(period.start)} to {format_date(period.end)}"),
            words("Number of entries", ENTRIES[population.entries]),
            words("Type of entry", "Incident: new users" if own else "Prevalent use is not excluded"),
            words("Washout window", "; ".join(_window(c) for c in own) or "None"),
            words("Care setting", ANY_CARE),
            words("Code type", _exposure_codes(exposure)),
            words("Diagnosis position", NOT_CODED),
            words("Incident with respect to", _incident_to(ctx, own, exposure)),
            words("Measurement characteristics, validation", _validity(ctx, "exposure_validity")),
            words("Source of the algorithm", "This protocol"),
        ]  # fmt: skip
    title = "HARPER table 3: operational definition of time 0"
    return pairs(ctx, "harper-3", title, lines, empty="No cohort is counted.")


def _validity(ctx: Context, key: str) -> str:
    return "Section 9.3" if Asked(ctx.run.protocol).wrote(key) else UNSAID


def _window(criterion: Criterion) -> str:
    return (criterion.window or "[0, 0]").replace("-", "−")


def _incident_to(ctx: Context, criteria: list[Criterion], exposure: Exposure) -> str:
    named = [exposure.label if c.of == "self" else ctx.names.cohort(c.of or "") for c in criteria]
    return join_words(named) or NOT_CODED


def _exposure_codes(exposure: Exposure) -> str:
    if exposure.atc:
        return f"ATC: {', '.join(exposure.atc)}, as the protocol's list of substances has them"
    return "Substance by name (INN)" if exposure.substances else NOT_CODED


def inclusion(ctx: Context) -> Table:
    """Table 4."""
    return _criteria(ctx, 4, "inclusion criteria", required=True)


def exclusion(ctx: Context) -> Table:
    """Table 5."""
    return _criteria(ctx, 5, "exclusion criteria", required=False)


def _criteria(ctx: Context, number: int, title: str, *, required: bool) -> Table:
    columns = (
        Column("Criterion", 1.2, numeric=False),
        Column("Details", 2.4, numeric=False),
        Column("Order", 0.6, numeric=False),
        Column("Assessment window", 1.0, numeric=False),
        *(Column(name, 0.9, numeric=False) for name in SIX),
        Column("Applied to", 0.9, numeric=False),
        Column("Validation", 0.9, numeric=False),
        Column("Source", 0.9, numeric=False),
    )
    lines = [
        words(
            criterion.why, " ".join(say(ctx.study, "criterion", criterion.id)), str(place), _window(criterion),
            ANY_CARE, NOT_CODED, NOT_CODED, "All cohorts", UNSAID, "This protocol",
        )
        for place, criterion in enumerate(ctx.study.population.criteria, start=1)
        if bool(criterion.require) == required
    ]  # fmt: skip
    empty = f"The protocol has no {title}."
    return make(f"harper-{number}", f"HARPER table {number}: {title}", columns, lines, identity(ctx), empty=empty,
                compact=True)  # fmt: skip


def exposures(ctx: Context) -> Table:
    """Table 6."""
    columns = (
        Column("Exposure group", 1.2, numeric=False),
        Column("Details", 3.4, numeric=False),
        Column("Washout window", 0.9, numeric=False),
        Column("Assessment window", 1.0, numeric=False),
        *(Column(name, 0.9, numeric=False) for name in SIX),
        Column("Applied to", 0.9, numeric=False),
        Column("Incident with respect to", 1.0, numeric=False),
        Column("Source", 0.9, numeric=False),
    )
    lines = []
    for key, exposure in ctx.study.exposures.items():
        own = [c for c in ctx.study.population.criteria if c.exclude == "exposure" and c.of in ("self", key)]
        washout = "; ".join(_window(c) for c in own) or "None"
        lines.append(
            words(
                exposure.label, " ".join(say(ctx.study, "exposure", key)), washout, "From day 0", ANY_CARE,
                _exposure_codes(exposure), NOT_CODED, "Its own cohort", _incident_to(ctx, own, exposure),
                "This protocol",
            )
        )  # fmt: skip
    return make("harper-6", "HARPER table 6: exposure", columns, lines, identity(ctx), empty="None.", compact=True)


def outcomes(ctx: Context) -> Table:
    """Table 7."""
    columns = (
        Column("Outcome", 1.2, numeric=False),
        Column("Details", 3.2, numeric=False),
        Column("Primary?", 0.7, numeric=False),
        Column("Type", 0.9, numeric=False),
        Column("Washout window", 0.9, numeric=False),
        *(Column(name, 0.9, numeric=False) for name in SIX),
        Column("Applied to", 0.8, numeric=False),
        Column("Validation", 0.9, numeric=False),
        Column("Source", 0.8, numeric=False),
    )
    primary = {o for a in ctx.study.analyses if getattr(a, "role", "") == "primary" for o in getattr(a, "outcomes", ())}
    named = {count.outcome for count in counts_of(ctx.study)}
    lines = [
        words(
            outcome.label, " ".join(say(ctx.study, "outcome", key)), "Yes" if key in primary else "No",
            "Count of events" if outcome.counting == "recurrent" else "Time to event", _washout(outcome), ANY_CARE,
            _code_types(ctx, outcome), "Any" if outcome.codes else NOT_CODED, "All cohorts",
            _validity(ctx, "outcome_validity"), "This protocol",
        )
        for key, outcome in ctx.study.outcomes.items()
        if key in named
    ]  # fmt: skip
    return make("harper-7", "HARPER table 7: outcomes", columns, lines, identity(ctx), empty="None.", compact=True)


def _washout(outcome: Outcome) -> str:
    if outcome.prior_events.rule == "allow":
        return "None: prior events are allowed"
    look_back = outcome.prior_events.look_back
    return f"{look_back} days before the first day at risk" if isinstance(look_back, int) else "Ever before"


def _code_types(ctx: Context, outcome: Outcome) -> str:
    if not outcome.codes:
        return NOT_CODED
    return ", ".join(dict.fromkeys(c.system for c in ctx.run.protocol.code_lists[outcome.codes]))


def follow_up(ctx: Context) -> Table:
    """Table 8, one group of lines a time at risk."""
    lines: list[Line] = []
    used = {count.time_at_risk for count in counts_of(ctx.study)}
    for key, time in ctx.study.times_at_risk.items():
        if key in used:
            lines += [group(time.label, 2), *_follow_up(ctx, key, time)]
    return pairs(ctx, "harper-8", "HARPER table 8: follow-up", lines, empty="No time at risk is used.")


def _follow_up(ctx: Context, key: str, time: TimeAtRisk) -> Iterator[Line]:
    start = format_date(time.start.date) if time.start.date else STARTS[time.start.anchor]
    lag = f", plus {time.start.plus_days} days" if time.start.plus_days else ""
    yield words("Follow-up starts", f"On {start}{lag}, and not before day {ctx.study.population.landmark_days}")
    first = [o.label for k, o in ctx.study.outcomes.items() if o.counting == "first" and _under(ctx, k, key)]
    yield words("Ends at: the outcome", f"Yes, for {join_words(first)}" if first else "No: all events count")
    for stop, name in (("death", "death"), ("observation_end", "end of observation"), ("last_contact", "last contact"),
                       ("study_end", "end of the study period"), ("data_cut", "end of the data")):  # fmt: skip
        yield words(f"Ends at: {name}", "Yes" if stop in time.stop_at else "No")
    within = time.end.within_days
    yield words("Ends at: a fixed day", f"Day {within} after its start" if within is not None else "No")
    yield words("Ends at: end of the exposure", _end_of_exposure(ctx, time))
    yield words("Ends at: another treatment", "Yes: cut at a switch" if time.overlap == "cut_at_switch" else "No")
    named = [ctx.names.outcome(o) for o in time.stop_at_outcomes]
    yield words("Ends at: other events", join_words(named) or "None")
    yield words("Details", " ".join(say(ctx.study, "time_at_risk", key)))


def _under(ctx: Context, outcome: str, time: str) -> bool:
    return any(c.outcome == outcome and c.time_at_risk == time for c in counts_of(ctx.study))


def _end_of_exposure(ctx: Context, time: TimeAtRisk) -> str:
    if time.end.anchor == "follow_up_end":
        return "No"
    plus = time.end.plus_days
    if isinstance(plus, dict):
        return "Yes, extended by " + join_words([f"{days} days ({ctx.names.cohort(k)})" for k, days in plus.items()])
    return f"Yes, extended by {plus} days"


def covariates(ctx: Context) -> Table:
    """Table 9: stratifiers, and what is adjusted for."""
    columns = (
        Column("Characteristic", 1.6, numeric=False),
        Column("Use", 2.0, numeric=False),
        Column("Type", 1.2, numeric=False),
        Column("Assessment window", 1.4, numeric=False),
        Column("Care setting", 1.0, numeric=False),
        Column("Code type", 0.8, numeric=False),
        Column("Applied to", 1.0, numeric=False),
        Column("Source", 1.0, numeric=False),
    )
    lines = [
        words(
            _named(ctx, stratum), _use(ctx, stratum), *KINDS.get(stratum, ("Categorical", "[0, 0], value at entry")),
            ANY_CARE, NOT_CODED, "All cohorts", "This protocol",
        )
        for stratum in Asked(ctx.run.protocol).covariates
    ]  # fmt: skip
    lines += [_declared(ctx, name, covariate) for name, covariate in ctx.study.covariates.items()]
    return make("harper-9", "HARPER table 9: covariates", columns, lines, identity(ctx),
                empty="The protocol names no covariate.")  # fmt: skip


def _declared(ctx: Context, name: str, covariate: Covariate) -> Line:
    """A covariate at cohort entry."""
    scored = [a.id for a in Asked(ctx.run.protocol).comparisons if a.propensity and name in a.propensity.covariates]
    use = (
        f"Characteristics at entry; propensity score of {join_words(scored)}" if scored else "Characteristics at entry"
    )
    codes = covariate.codes or (f"ATC {join_words(list(covariate.atc))}" if covariate.atc else NOT_CODED)
    window = (covariate.window or "[0, 0]").replace("-", "−")
    kind = "Categorical" if levels_of(covariate, ctx.study.data) else "Number"
    return words(covariate.label, use, kind, window, ANY_CARE, codes, "All cohorts", "This protocol")


KINDS: Final = {
    "age": ("Categorical, changes with time", "Each day at risk"),
    "calendar": ("Categorical, changes with time", "Each day at risk"),
    "time_since_start": ("Categorical, changes with time", "Each day at risk"),
    "exposure_duration": ("Categorical, changes with time", "All days before each day at risk"),
    "cumulative_doses": ("Categorical, changes with time", "All days up to each day at risk"),
    "edss": ("Categorical", "[−365, 0]"),
    "relapses_12_months": ("Categorical", "[−365, 0]"),
    "prior_substances": ("Categorical", "[.., −1]"),
    "line_of_treatment": ("Categorical", "[.., −1]"),
}
"""Type and assessment window of a stratifier; the others are values at entry."""


def _named(ctx: Context, stratum: str) -> str:
    text = stratum_in_words(ctx.study, stratum)
    return text[:1].upper() + text[1:]


def _use(ctx: Context, stratum: str) -> str:
    asked = Asked(ctx.run.protocol)
    uses = []
    if any(stratum in margin for a in asked.incidences for margin in a.by):
        uses.append("stratification")
    if any(a.standardise and stratum in a.standardise.over for a in asked.incidences):
        uses.append("standardisation")
    if any(a.reference and stratum in a.reference.by for a in asked.incidences):
        uses.append("reference rates")
    if any(stratum in a.adjust for a in asked.comparisons):
        uses.append("adjustment")
    text = join_words(uses)
    return text[:1].upper() + text[1:]
