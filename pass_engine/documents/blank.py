"""A run before there are data: the rows that results would have, with every number empty.

The report's own tables are laid out from it, so that the shells of a protocol are those of its report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.documents.blank_contrasts import CONTRASTS, Values, everybody, ratios
from pass_engine.protocol import age_labels, margin_name
from pass_engine.protocol.counted import counts_of, margins_of, times_of
from pass_engine.protocol.covariate_rules import PREFIX, level_names, places_of
from pass_engine.protocol.extras import extra_tables
from pass_engine.protocol.models import Incidence, Sensitivity, Survival
from pass_engine.protocol.names import STEP_LABELS, calendar_intervals
from pass_engine.protocol.needs import needs_of
from pass_engine.report.reading import COLUMNS, Row, Run
from pass_engine.sqltext import load_catalogue
from pass_engine.tables.indicators import VARIABLE_COMPLETE, indicators
from pass_engine.terms import OVERALL, POOLED, TOOK_PART

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pass_engine.protocol import Protocol
    from pass_engine.protocol.models import Study

UNSEEN: Final = "withheld"
"""Status of a row whose numbers are not known yet: the tables then print a mark, which shells leave out."""
LEVELS: Final = {
    "sex": ("female", "male", "unknown"),
    "course": ("CIS", "RRMS", "SPMS", "PPMS", "unknown"),
    "edss": ("0-1.5", "2-3.5", "4-5.5", "6-10", "unknown"),
    "relapses_12_months": ("0", "1", "2", "3+", "unknown"),
    "prior_substances": ("0", "1", "2", "3+", "unknown"),
    "line_of_treatment": ("1", "2", "3", "4+", "unknown"),
    "centre": ("each centre",),
}
"""Levels that do not depend on the protocol, as the SQL names them (455_entry_level.sql)."""
BASELINE: Final = {
    "age_years": ("", "missing"),
    "age_group": ("<18", "18-29", "30-39", "40-49", "50-59", "60+", "missing"),
    "course": ("RIS", "CIS", "RRMS", "SPMS", "PPMS", "missing"),
    "disease_duration_days": ("", "missing"),
    "edss": ("0-1.5", "2-3.5", "4-5.5", "6-10", "missing"),
    "prior_substances": ("0", "1", "2", "3+", "missing"),
    "relapses_12_months": ("0", "1", "2", "3+", "missing"),
    "sex": ("female", "male", "other", "unknown"),
}
"""Characteristics at cohort entry and their levels (460_baseline.sql)."""
ANALYSIS_STEPS: Final = ("window", "prior_event", "prior_event_after_entry", "at_risk", "filled_date_straddles")


def blank_run(protocol: Protocol) -> Run:
    """A run of this protocol in which every invited registry took part and no number is known."""
    makers: dict[str, Callable[[Protocol], Iterator[Values]]] = {
        "participation.csv": _participation,
        "attrition.csv": _attrition,
        "baseline.csv": _baseline,
        "quality.csv": _completeness,
        "indicators.csv": _indicators,
        "incidence.csv": _incidence,
        "heterogeneity.csv": _between_registries,
        "leave_one_out.csv": _without_each,
        **CONTRASTS,
        "subgroups.csv": _subgroups,
        "survival.csv": _survival,
        "lock_points.csv": _lock_points,
    }
    results = {name: tuple(_rows(name, makers[name](protocol))) if name in makers else () for name in COLUMNS}
    return Run(protocol.folder, protocol, results, {}, {}, {}, load_catalogue())


def _rows(name: str, rows: Iterator[Values]) -> Iterator[Row]:
    empty = dict.fromkeys(COLUMNS[name], "")
    for number, values in enumerate(rows, start=2):
        yield Row(name, number, {**empty, "status": UNSEEN, **values})


def _participation(protocol: Protocol) -> Iterator[Values]:
    for key in protocol.study.data.registries:
        yield {"registry": key, "status": TOOK_PART}


def _attrition(protocol: Protocol) -> Iterator[Values]:
    study = protocol.study
    cohorts = dict.fromkeys(c for a in study.analyses if isinstance(a, Incidence) for c in a.cohorts)
    steps = list(_cohort_steps(study))
    for registry in everybody(protocol):
        for cohort in cohorts:
            for position, (step, label) in enumerate(steps, start=1):
                yield {
                    "registry": registry, "scope": "cohort", "cohort": cohort, "position": str(position),
                    "step": step, "label": label,
                }  # fmt: skip
    for analysis, cohort, outcome, time in _counted(study):
        for position, step in enumerate(ANALYSIS_STEPS, start=1):
            yield {
                "registry": POOLED, "scope": "analysis", "analysis": analysis.id, "cohort": cohort, "outcome": outcome,
                "time_at_risk": time, "position": str(position), "step": step, "label": STEP_LABELS[step],
            }  # fmt: skip


def _cohort_steps(study: Study) -> Iterator[tuple[str, str]]:
    yield "persons", STEP_LABELS["persons"]
    if study.data.registry_overlap:
        yield "registry_overlap", STEP_LABELS["registry_overlap"]
    yield "exposed", STEP_LABELS["exposed"]
    for criterion in study.population.criteria:
        yield criterion.id, criterion.why


def _counted(study: Study) -> Iterator[tuple[Incidence, str, str, str]]:
    for analysis in study.analyses:
        if isinstance(analysis, Incidence):
            for outcome in analysis.outcomes:
                for time in times_of(analysis, outcome):
                    for cohort in analysis.cohorts:
                        yield analysis, cohort, outcome, time


def _baseline(protocol: Protocol) -> Iterator[Values]:
    period = protocol.study.population.period
    years = tuple(str(year) for year in range(period.start.year, period.end.year + 1))
    for cohort in dict.fromkeys(count.cohort for count in counts_of(protocol.study)):
        for variable, levels in {
            **BASELINE,
            "entry_year": years,
            **_extras(protocol.study),
            **_covariates(protocol.study),
        }.items():
            for level in levels:
                yield {"registry": POOLED, "cohort": cohort, "variable": variable, "level": level}


def _extras(study: Study) -> dict[str, tuple[str, ...]]:
    """The study's own variables that are described at entry, with their levels."""
    bands = [(str(row[0]), str(row[1])) for row in extra_tables(study.data)["extra_band"].rows]
    return {
        extra.name: (*(extra.values or [level for name, level in bands if name == extra.name]), "missing")
        for extra in study.data.extras
        if extra.at_entry
    }


def _covariates(study: Study) -> dict[str, tuple[str, ...]]:
    """The covariates with their levels."""
    return {f"{PREFIX}{place.name}": level_names(place) for place in places_of(study)}


def _completeness(protocol: Protocol) -> Iterator[Values]:
    for registry in protocol.study.data.registries:
        for need in needs_of(protocol):
            yield {
                "registry": registry, "kind": "completeness", "rule_id": "missing", "table_name": need.table,
                "column_name": need.column, "label": "Value missing",
            }  # fmt: skip


def _indicators(protocol: Protocol) -> Iterator[Values]:
    for registry in protocol.study.data.registries:
        for key, indicator in indicators().items():
            if key != VARIABLE_COMPLETE:
                yield {"registry": registry, "indicator": key, "dimension": indicator.dimension}


def _incidence(protocol: Protocol) -> Iterator[Values]:
    study = protocol.study
    for analysis, cohort, outcome, time in _counted(study):
        key = {"analysis": analysis.id, "cohort": cohort, "outcome": outcome, "time_at_risk": time}
        key |= {"counting": study.outcomes[outcome].counting, "interval_level": f"{analysis.interval.level:g}"}
        yield from _of_sensitivity(study, analysis, key)
        for measure in _measures(study, analysis, outcome):
            for registry in everybody(protocol):
                yield {**key, "registry": registry, "stratum": OVERALL, "measure": measure}
        for margin in margins_of(analysis):
            for level in levels_of(study, margin) if margin else ():
                for measure in _rates(study, analysis, outcome):
                    place = {"registry": POOLED, "stratum": margin_name(margin), "level": level, "measure": measure}
                    yield {**key, **place}


def _overall_rates(protocol: Protocol) -> Iterator[Values]:
    """Overall rates of every outcome and cohort, where there is more than one registry to tell apart."""
    study = protocol.study
    for analysis, cohort, outcome, time in _counted(study) if len(study.data.registries) > 1 else ():
        for measure in _rates(study, analysis, outcome):
            yield {"analysis": analysis.id, "cohort": cohort, "outcome": outcome, "time_at_risk": time,
                   "measure": measure}  # fmt: skip


def _between_registries(protocol: Protocol) -> Iterator[Values]:
    yield from _overall_rates(protocol)


def _without_each(protocol: Protocol) -> Iterator[Values]:
    for key in _overall_rates(protocol):
        for registry in protocol.study.data.registries:
            yield {**key, "left_out": registry}


def _of_sensitivity(study: Study, analysis: Incidence, key: Values) -> Iterator[Values]:
    for variant in study.analyses:
        if isinstance(variant, Sensitivity) and variant.of == analysis.id:
            for measure in _rates(study, analysis, key["outcome"]):
                yield {**key, "analysis": variant.id, "registry": POOLED, "stratum": OVERALL, "measure": measure}


def _rates(study: Study, analysis: Incidence, outcome: str) -> list[str]:
    """Rates asked for; of an outcome that is counted once, the event rate is the incidence rate and not printed."""
    first = study.outcomes[outcome].counting == "first"
    return [m for m in analysis.measures if m != "incidence_proportion" and not (first and m == "eaer")] or ["eair"]


def _measures(study: Study, analysis: Incidence, outcome: str) -> list[str]:
    rates = _rates(study, analysis, outcome)
    proportion = [m for m in analysis.measures if m == "incidence_proportion"]
    standard = [f"standardised_{m}" for m in rates if m in {"eair", "eaer"}] if analysis.standardise else []
    return list(dict.fromkeys([*proportion, "eair", *rates, *standard, *(["sir"] if analysis.reference else [])]))


def levels_of(study: Study, margin: tuple[str, ...]) -> list[str]:
    """Levels of a margin as results name them; of a combination every pair."""
    first, *rest = margin
    found = list(_levels(study, first))
    for stratum in rest:
        found = [f"{left}*{right}" for left in found for right in _levels(study, stratum)]
    return found


def _levels(study: Study, stratum: str) -> tuple[str, ...]:
    strata, period = study.strata, study.population.period
    if stratum == "calendar":
        by = strata.calendar.by if strata.calendar else "year"
        return tuple(label for _, _, label in calendar_intervals(by, period.start, study.data.cut))
    if stratum == "entry_year":
        return tuple(str(year) for year in range(period.start.year, period.end.year + 1))
    if stratum == "country":
        return (*study.study.countries, "unknown")
    cuts = _cuts(study).get(stratum)
    return age_labels(cuts) if cuts else LEVELS[stratum]


def _cuts(study: Study) -> dict[str, tuple[int, ...]]:
    strata = study.strata
    named = {
        "age": strata.age.bands if strata.age else (0,),
        "time_since_start": strata.time_since_start.cuts_days if strata.time_since_start else (0,),
        "exposure_duration": strata.exposure_duration.cuts_days if strata.exposure_duration else (0,),
        "cumulative_doses": strata.cumulative_doses.cuts if strata.cumulative_doses else (0,),
    }
    return {key: tuple(value) for key, value in named.items()}


def _subgroups(protocol: Protocol) -> Iterator[Values]:
    for analysis, place in ratios(protocol):
        for stratum in analysis.subgroups if place["measure"] == "rate_ratio" else ():
            for level in (*levels_of(protocol.study, (stratum,)), ""):
                yield {**place, "registry": POOLED, "stratum": stratum, "level": level}


def _survival(protocol: Protocol) -> Iterator[Values]:
    for analysis in protocol.study.analyses:
        if isinstance(analysis, Survival):
            for outcome in analysis.outcomes:
                for time in times_of(analysis, outcome):
                    for cohort in analysis.cohorts:
                        yield from _curve(analysis, cohort, outcome, time)


def _curve(analysis: Survival, cohort: str, outcome: str, time: str) -> Iterator[Values]:
    for measure in analysis.measures:
        key = {
            "analysis": analysis.id, "registry": POOLED, "cohort": cohort, "outcome": outcome, "time_at_risk": time,
            "measure": measure,
        }  # fmt: skip
        yield {**key, "point": "total"}
        for day in analysis.at_days:
            yield {**key, "point": "table", "day": str(day)}


def _lock_points(protocol: Protocol) -> Iterator[Values]:
    study = protocol.study
    for analysis, cohort, outcome, time in _counted(study):
        for point in study.data.lock_points:
            for span in ("interval", "cumulative"):
                yield {
                    "analysis": analysis.id, "registry": POOLED, "cohort": cohort, "outcome": outcome,
                    "time_at_risk": time, "counting": study.outcomes[outcome].counting,
                    "lock_point": point.isoformat(), "span": span,
                }  # fmt: skip
