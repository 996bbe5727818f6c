"""Tables that a study report is expected to have: where each is printed, and why where this study does not fill it.

The list is that of the shells of a study over registries, by their identifiers; docs/report.md prints it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pass_engine.protocol.models import Incidence, Survival
from pass_engine.report.model import Table
from pass_engine.report.tables.definitions import identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pass_engine.protocol.models import Outcome, Study
    from pass_engine.report.context import Context
    from pass_engine.report.model import Block


@dataclass(frozen=True)
class Shell:
    """One expected table.

    ``filled``: how the keys of tables begin that fill it, within its section; without any, ``there`` decides.
    ``reason``: why it is empty where nothing fills it, or a function of the run that says so.
    """

    id: str
    section: str
    key: str
    title: str
    filled: tuple[str, ...]
    reason: str | Callable[[Context], str] = ""
    there: Callable[[Study], bool] | None = None
    only: str = ""
    """Type of study that the table is for; all without."""


def _by_age_sex_and_year(ctx: Context) -> str:
    margins = (margin for a in ctx.study.analyses if isinstance(a, Incidence) for margin in a.by)
    if any({"age", "sex", "calendar"} <= set(margin) for margin in margins):
        return "They are in the attached results/incidence.csv, cell by cell: too many to be read in print."
    return "The protocol does not ask for results by age, sex and calendar year together (analyses.by)."


def _outcomes_of(study: Study, kind: type[Incidence | Survival], measure: str = "") -> Iterator[Outcome]:
    for analysis in study.analyses:
        if isinstance(analysis, kind) and (not measure or measure in analysis.measures):
            yield from (study.outcomes[key] for key in analysis.outcomes)


def _relapse_rate(study: Study) -> bool:
    return any(o.from_ == "relapse" and o.counting == "recurrent" for o in _outcomes_of(study, Incidence, "eaer"))


def _worsening_curve(study: Study) -> bool:
    found = (o.disability for o in _outcomes_of(study, Survival))
    return any(rule is not None and rule.change == "worsening" for rule in found)


def _no_activity(study: Study) -> bool:
    composites = (o for kind in (Incidence, Survival) for o in _outcomes_of(study, kind) if o.from_ == "composite")
    parts = [{study.outcomes[part].from_ for part in composite.of or ()} for composite in composites]
    return any({"relapse", "disability"} <= kinds for kinds in parts)


SHELLS: Final = (
    Shell("10.1-1", "10.1", "attrition", "Attrition", ("attrition-",), "The protocol counts no cohort."),
    Shell("10.1-2", "10.1", "follow-up", "Follow-up", ("follow-up",)),
    Shell("10.1-2", "10.1", "censoring", "Reasons for the end of follow-up", (),
          "Days at risk are counted, and not what ended them. What may end them is in section 9.4."),
    Shell("10.2-1", "10.2", "baseline", "Characteristics at entry", ("baseline",)),
    Shell("10.2-2", "10.2", "exposure", "Exposure: duration, doses, gaps, switches and reasons for stopping", (),
          "The study asks for time at risk alone. Person-time of each cohort is in this section."),
    Shell("10.2-3", "10.2", "age-sex-year", "Person-years by age, sex and calendar year", (), _by_age_sex_and_year),
    Shell("10.3-1", "10.3", "outcome-data", "Events by outcome", ("outcome-data",)),
    Shell("10.3-2", "10.3", "terms", "Serious adverse events by system organ class and preferred term", (),
          "The protocol names the outcomes that are counted; adverse events outside them are not tabulated by term."),
    Shell("10.4-1", "10.4", "main-incidence", "Incidence", ("main-incidence",)),
    Shell("10.4-2", "10.4", "contrasts", "Comparison of the cohorts",
          ("rate-ratio", "rate-difference", "stratified-ratio", "regression-ratio", "weighted-ratio"),
          "The protocol asks for no comparison of cohorts."),
    Shell("10.4-2", "10.4", "hazards", "Hazard ratios: crude, adjusted and weighted", ("cox-",),
          "The protocol asks for no hazard ratio. What it asks for to compare cohorts is in this section."),
    Shell("10.2-1", "10.4", "differences", "Standardised differences between the cohorts", ("balance",),
          "No comparison weights persons by propensity scores. Characteristics of each cohort are in section 10.2."),
    Shell("10.4-3", "10.4", "heterogeneity", "Incidence by registry, and how registries differ", ("by-registry-",),
          "Fewer than two registries took part, so that none differs from another."),
    Shell("10.4-4", "10.4", "observed-expected", "Observed and expected events", ("observed-expected",),
          "The protocol names no reference rates."),
    Shell("10.4-5", "10.4", "since-start", "Incidence by time since start", ("by-time_since_start-",),
          "The results hold no rate by time since start."),
    Shell("10.4-5", "10.4", "curves", "Survival and cumulative incidence", ("curve-",),
          "The protocol asks for no curve."),
    Shell("PAES-1", "10.4", "relapse-rate", "Annualised relapse rate", (),
          "The protocol asks for no event rate (eaer) of relapses that are all counted.", _relapse_rate, "PAES"),
    Shell("PAES-2", "10.4", "worsening-curve", "Confirmed disability worsening over time", (),
          "The protocol asks for no curve of disability worsening.", _worsening_curve, "PAES"),
    Shell("PAES-3", "10.4", "no-activity", "No evidence of disease activity", (),
          "The protocol names no composite of relapse and disability. Findings of magnetic resonance imaging are not "
          "in the core data model.", _no_activity, "PAES"),
    Shell("PAES-4", "10.4", "edss-course", "EDSS over time since entry", (),
          "Scores are counted as changes that later visits confirm; mean scores over time are not made.", None, "PAES"),
    Shell("PAES-5", "10.4", "persistence", "Persistence of treatment", (),
          "The end of a treatment ends time at risk where the protocol says so, and is not counted as an outcome.",
          None, "PAES"),
    Shell("10.5-1", "10.5", "sensitivity", "Sensitivity analyses", ("sensitivity",),
          "The protocol names no sensitivity analysis."),
    Shell("10.5-2", "10.5", "subgroups", "Subgroups", ("by-",), "The results hold no subgroup."),
    Shell("10.6-1", "10.6", "reactions", "Adverse events and reactions by seriousness, relatedness and outcome", (),
          "Causality was not assessed, and adverse events other than the outcomes of the study were not analysed."),
    Shell("10.6-2", "10.6", "lock-points", "Interval and cumulative counts between data lock points", ("lock-points",),
          "The protocol names no data lock point (data.lock_points); all counts are cumulative to the data cut."),
    Shell("DQ-1", "10.2", "missing", "Missing values by variable and registry", ("quality-completeness",)),
    Shell("DQ-2", "A2.3", "faults", "Rules of plausibility", ("quality-fault",)),
    Shell("DQ-3", "A2.3", "event-fields", "Completeness of the fields of adverse events", ("quality-indicators",)),
    Shell("DQ-4", "A2.3", "timeliness", "Timeliness", ("quality-indicators",)),
    Shell("DQ-5", "A2.3", "representative", "Registries beside figures from outside", ("representativeness",)),
    Shell("DQ-6", "A2.3", "verification", "Source data verification", ("verification",),
          "No registry supplied results of source data verification."),
    Shell("REP-1", "A2.6", "reproducibility", "Reproducibility", ("re-run",)),
)  # fmt: skip
"""In the order of print; a table that is always printed needs no reason."""


def unfilled(ctx: Context, section: str, keys: Iterable[str]) -> Iterator[tuple[Shell, str]]:
    """Expected tables of a section that none of its tables fills, each with the reason; ``keys``: of those tables."""
    held = tuple(keys)
    for shell in SHELLS:
        if shell.section != section or (shell.only and shell.only != ctx.study.study.type):
            continue
        filled = any(key.startswith(shell.filled) for key in held) if shell.filled else False
        if not filled and not (shell.there and shell.there(ctx.study)):
            yield shell, shell.reason if isinstance(shell.reason, str) else shell.reason(ctx)


def with_shells(ctx: Context, section: str, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks of a section, and below them the expected tables that have nothing in them."""
    missing = unfilled(ctx, section, (block.key for block in blocks if isinstance(block, Table)))
    return (
        *blocks,
        *(Table(f"shell-{one.key}", one.title, (), (), identity(ctx), reason) for one, reason in missing),
    )
