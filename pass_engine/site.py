"""What runs inside a registry: the order of steps from raw files to the aggregates that may leave.

Nothing at person level is returned: the store closes with the function that opened it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pass_engine import (
    at_risk,
    cohort,
    covariate,
    exposure,
    harmonise,
    incidence,
    outcome,
    partitions,
    propensity,
    quality,
    regression,
    source,
)
from pass_engine.budget import Budget
from pass_engine.disclose import BORDER_TABLES
from pass_engine.engines import counting_store, mapping_store, passing_on
from pass_engine.errors import Fault, MethodError
from pass_engine.fingerprint import fingerprint_tables
from pass_engine.protocol.counted import cohorts_of, counts_of, is_from_entry, times_of
from pass_engine.protocol.models import Sensitivity
from pass_engine.protocol.names import STEP_LABELS
from pass_engine.protocol.rules import rule_tables
from pass_engine.quality.gates import excluded_analyses, gate_frame, is_excluded, stop_study
from pass_engine.registry.facts import fact_tables, registry_facts
from pass_engine.registry.files import input_size
from pass_engine.sqltext import files_between
from pass_engine.workers import Asked, count_in_processes, open_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from pass_engine.protocol import Protocol
    from pass_engine.protocol.codes import Code
    from pass_engine.protocol.models import Study
    from pass_engine.registry import LoadedRegistry
    from pass_engine.registry.facts import RegistryFacts
    from pass_engine.store import Store
    from pass_engine.store_recorder import Recorder

MAIN = "main"
"""Id of the scenario that holds the analyses as the protocol states them."""

COUNT_COLUMNS = (
    "analysis", "cohort", "outcome", "time_at_risk", "stratum", "level", "persons", "persons_with_event",
    "first_events", "events", "window_days", "person_days", "first_event_days", "sum_e2", "sum_et", "sum_t2", "sum_fw",
    "sum_w2",
)  # fmt: skip
ATTRITION_COLUMNS = (
    "scope", "analysis", "cohort", "outcome", "time_at_risk", "position", "step", "label", "persons", "excluded",
)  # fmt: skip

STACKED = ("counts", "arm_overlap", "attrition")
OF_MAIN = ("baseline", "life_table", "lock_counts")
"""Tables with rows of every scenario."""


@dataclass(frozen=True)
class SiteTables:
    """Aggregates of one registry before disclosure control, and the generated column maps that made them.

    ``gated``: analysis to the quality gate that excludes the registry from it.
    """

    tables: dict[str, pd.DataFrame]
    column_maps: dict[str, str]
    gated: dict[str, str] = field(default_factory=dict)
    absent_substances: frozenset[str] = frozenset()
    """Substances the protocol names of which this registry has no treatment and no dose."""
    fingerprints: dict[str, dict[str, Any]] = field(default_factory=dict)


def run_site(
    registry: LoadedRegistry,
    protocol: Protocol,
    *,
    threads: int = 2,
    parts: int = 1,
    budget: Budget | None = None,
    on_step: Callable[[str], None] = lambda _: None,
    recorder: Recorder | None = None,
) -> SiteTables:
    """Run every site step for one registry: source, harmonise, quality, then each scenario's counts.

    Persons are counted in ``parts`` partitions (``partitions.AUTO``: by the memory that is free), one by one or, where
    ``budget`` says so, in several processes; no number depends on it. Raises SourceError, HarmoniseError, MethodError
    (the caller decides whether others go on) and StudyStopped where a quality gate stops the run. Where a gate excludes
    the registry nothing but its quality is counted.
    """
    study = protocol.study
    registry = source.settle(registry)
    source.check_needs(registry, protocol)
    budget = replace((budget or Budget()).for_input(input_size(registry)), parts=parts)
    marks: dict[str, dict[str, Any]] = {}
    with (
        open_for(budget, registry.registry.registry.id, threads, recorder) as (own, folder),
        counting_store(registry, own, threads=threads) as store,
    ):
        mapping = store if registry.registry.source.kind == "spark" else own
        column_maps = prepare(mapping, registry, study, on_step, codes_of(protocol), marks, counting=store)
        absent = _absent_substances(store, study)
        code_lists = source.spread_codes(store, registry, protocol.code_lists)
        on_step("quality")
        quality.count_quality(store, study, registry.verified, registry.benchmarks)
        decisions = quality.decide(store, study)
        stop_study(decisions, registry, study)
        facts = facts_of(registry, study)
        tables = {**quality.quality_tables(store), "quality_gate": gate_frame(decisions)}
        scenarios = () if is_excluded(decisions) else protocol.scenarios
        if folder is not None and store is own:
            asked = Asked(tuple((s.id, s.study) for s in scenarios), code_lists, facts)
            added = count_in_processes(own, asked, budget, folder, count_persons, on_step)
            counted = [shaped(added[s.id], s.study, s.id) for s in scenarios]
        else:
            parts = parts or (budget.parts_for(store.count_rows("person")) if store is own else 1)
            counted = []
            for scenario in scenarios:
                on_step(f"count {scenario.id}")
                counted.append(count_scenario(store, scenario.study, code_lists, facts, scenario.id, parts=parts))
        tables.update(_stack(counted))
        tables["quality"] = _under(tables["quality"], counted)
    return SiteTables(tables, column_maps, excluded_analyses(decisions, study), absent, marks)


def _absent_substances(store: Store, study: Study) -> frozenset[str]:
    given = store.fetch("SELECT substance FROM treatment UNION SELECT substance FROM administration")
    named = {s for exposure in study.exposures.values() for s in exposure.substances or ()}
    return frozenset(named - {row[0] for row in given})


def dictionaries_of(registry: LoadedRegistry) -> dict[str, dict[str, str]]:
    """Version and language of each dictionary a registry's events were coded with."""
    return harmonise.dictionary_releases(registry)


def codes_of(protocol: Protocol) -> tuple[Code, ...]:
    """Every row of the protocol's code lists."""
    return tuple(code for _, codes in sorted(protocol.code_lists.items()) for code in codes)


def prepare(
    store: Store,
    registry: LoadedRegistry,
    study: Study,
    on_step: Callable[[str], None] = lambda _: None,
    codes: Sequence[Code] = (),
    marks: dict[str, dict[str, Any]] | None = None,
    *,
    counting: Store | None = None,
) -> dict[str, str]:
    """Fill a store, or ``counting``, with a registry's harmonised tables; gives back the generated column maps.

    ``marks`` is filled with the fingerprints of the tables as they were read.
    """
    registry = source.settle(registry)
    on_step("source")
    raw = source.load_source(store, registry)
    store.lock()
    if marks is not None:
        marks.update(fingerprint_tables(store, raw))
    on_step("harmonise")
    pass_on = passing_on(store, counting or store, on_step)
    return harmonise.harmonise(store, registry, raw, study, codes, pass_on).column_maps


def list_cases(
    registry: LoadedRegistry, protocol: Protocol, analysis: str, cohort: str, outcome: str, time_at_risk: str
) -> pd.DataFrame:
    """The persons behind one count, on the registry's own machine: person_id, onset_date, end_date, rule.

    Every event of the outcome among the cohort's members is there, with the rule that counted it or did not. Raises
    MethodError when the protocol has no such count.
    """
    scenario = next((s for s in protocol.scenarios if any(a.id == analysis for a in s.study.analyses)), None)
    wanted = (cohort, outcome, time_at_risk)
    counts = _counts_of_analysis(scenario.study, analysis) if scenario else {}
    if scenario is None or wanted not in counts:
        known = [f"{c}/{o}/{t}" for c, o, t in sorted(counts)] or [
            a.id for s in protocol.scenarios for a in s.study.analyses
        ]
        raise MethodError(
            Fault(
                code="PE402",
                where=protocol.study.study.id,
                path=f"analyses.{analysis}",
                found="/".join(wanted),
                problem="the protocol has no such count",
                mend=f"name one of {', '.join(known)}",
            )
        )
    registry = source.settle(registry)
    source.check_needs(registry, protocol)
    with mapping_store(registry) as store:
        prepare(store, registry, scenario.study, codes=codes_of(protocol))
        code_lists = source.spread_codes(store, registry, protocol.code_lists)
        count_scenario(store, scenario.study, code_lists, facts_of(registry, scenario.study))
        store.make_tables(files_between(900, 919))
        listing = store.frame("case_listing", ("count_no", "onset_date", "person_id"))
    chosen = listing[listing["count_no"] == counts[wanted]]
    return chosen.drop(columns="count_no").reset_index(drop=True)


def _counts_of_analysis(study: Study, analysis: str) -> dict[tuple[str, str, str], int]:
    """(cohort, outcome, time at risk) to its number, for the counts one analysis asks for."""
    asked = next(a for a in study.analyses if a.id == analysis)
    if isinstance(asked, Sensitivity):
        return {}
    return {
        (c.cohort, c.outcome, c.time_at_risk): c.count_no
        for c in counts_of(study)
        if c.cohort in cohorts_of(asked)
        and c.outcome in asked.outcomes
        and c.time_at_risk in times_of(asked, c.outcome)
    }


def facts_of(registry: LoadedRegistry, study: Study) -> RegistryFacts:
    """What counting needs to know of a registry in this study."""
    name, rules = registry.registry.registry.id, study.data.registry_overlap
    given_up = {c for rule in rules if rule.from_ == name for c in rule.countries}
    return registry_facts(registry, study.data.cut, given_up)


def count_scenario(
    store: Store,
    study: Study,
    code_lists: Mapping[str, tuple[Code, ...]],
    facts: RegistryFacts,
    scenario: str = MAIN,
    *,
    parts: int = 1,
) -> dict[str, pd.DataFrame]:
    """Counts of one scenario on a store that holds the harmonised tables, in so many partitions.

    Returns ``counts``, ``arm_overlap``, ``attrition``, ``baseline``, ``supply_tally``, ``life_table`` and
    ``lock_counts``: whole numbers only.
    """
    _load_rules(store, study, code_lists, facts)
    added = partitions.add_up([_count_partition(store, parts, part) for part in range(parts)])
    return shaped(added, study, scenario)


def count_persons(
    store: Store, study: Study, code_lists: Mapping[str, tuple[Code, ...]], facts: RegistryFacts
) -> dict[str, pd.DataFrame]:
    """What all persons of a store that holds the harmonised tables of a part give to the sum."""
    _load_rules(store, study, code_lists, facts)
    return _count_partition(store, 1, 0)


def _load_rules(store: Store, study: Study, code_lists: Mapping[str, tuple[Code, ...]], facts: RegistryFacts) -> None:
    rules = {name: (table.columns, table.rows) for name, table in rule_tables(study, code_lists).items()}
    for name, (columns, rows) in {**rules, **fact_tables(facts)}.items():
        store.load_rows(name, columns, rows)


def shaped(added: Mapping[str, pd.DataFrame], study: Study, scenario: str) -> dict[str, pd.DataFrame]:
    """The sums over all parts of a scenario, as :func:`count_scenario` gives them."""
    return {
        "counts": _name_counts(added["incidence_count"], study)[list(COUNT_COLUMNS)],
        "arm_overlap": added["arm_overlap"],
        "attrition": _attrition(added, study, scenario),
        "baseline": covariate.with_covariates(added["baseline"], added["covariate_total"], study),
        "life_table": _name_counts(added["life_table"], study),
        "lock_counts": _name_counts(added["lock_count"], study),
        "supply_tally": added["supply_tally"],
        **propensity.weighted_tables(added, study),
        **regression.regression_tables(added, study),
    }


def _count_partition(store: Store, parts: int, part: int) -> dict[str, pd.DataFrame]:
    """One partition's persons through every step, on a store that holds harmonised tables and rules."""
    partitions.choose_partition(store, parts, part)
    cohort.find_persons(store)
    exposure.build_eras(store)
    cohort.enter_cohorts(store)
    outcome.find_events(store)
    covariate.find_covariates(store)
    at_risk.open_periods(store)
    incidence.count_incidence(store)
    return partitions.read_counts(store)


def _name_counts(frame: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Replace ``count_no`` by the cohort, outcome and time at risk it stands for."""
    by_number = {c.count_no: c for c in counts_of(study)}
    named = frame.assign(
        **{
            field: [getattr(by_number[n], field) for n in frame["count_no"]]
            for field in ("cohort", "outcome", "time_at_risk")
        }
    )
    return named.drop(columns="count_no")


def _attrition(added: Mapping[str, pd.DataFrame], study: Study, scenario: str) -> pd.DataFrame:
    """Attrition of cohorts and of analyses, with the label each step prints."""
    import pandas as pd

    labels = {**STEP_LABELS, **{c.id: c.why for c in study.population.criteria}}
    into_cohort = added["cohort_attrition"].assign(
        scope="cohort", analysis="" if scenario == MAIN else scenario, outcome="", time_at_risk=""
    )
    into_analysis = _name_counts(added["analysis_attrition"], study).assign(scope="analysis")
    both = pd.concat([into_cohort[list(_without_label())], into_analysis[list(_without_label())]], ignore_index=True)
    measured = {name for name in study.outcomes if is_from_entry(study, name)}
    steps = both["step"].where(~both["outcome"].isin(measured), both["step"] + " measured")
    both["label"] = [labels.get(step) or labels[step.removesuffix(" measured")] for step in steps]
    return both[list(ATTRITION_COLUMNS)]


def _without_label() -> tuple[str, ...]:
    return tuple(c for c in ATTRITION_COLUMNS if c != "label")


def _under(quality: pd.DataFrame, parts: list[dict[str, pd.DataFrame]]) -> pd.DataFrame:
    """Quality counts with those of the protocol's rules on records under them, where it has any."""
    import pandas as pd

    tallies = [part["supply_tally"] for part in parts[:1] if len(part["supply_tally"])]
    return pd.concat([quality, *tallies], ignore_index=True) if tallies else quality


def _stack(parts: list[dict[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """Tables of all scenarios under each other, ``OF_MAIN`` of the main one only; empty where none was counted."""
    import pandas as pd

    if not parts:
        return {n: pd.DataFrame(columns=list(BORDER_TABLES[n].columns)) for n in (*STACKED, *OF_MAIN)}
    stacked = {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in STACKED}
    weighted = {name: parts[0][name] for name in (*propensity.NOTHING, *regression.NOTHING) if name in parts[0]}
    return {**stacked, **{name: parts[0][name] for name in OF_MAIN}, **weighted}


def analysis_kinds(protocol: Protocol) -> dict[str, str]:
    """Analysis id to the kind a registry's policy allows or not: a sensitivity analysis is an incidence."""
    return {a.id: a.kind for scenario in protocol.scenarios for a in scenario.study.analyses if a.kind != "sensitivity"}
