"""What runs inside a registry: the order of steps from raw files to the aggregates that may leave.

Nothing at person level is returned: the store closes with the function that opened it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pass_engine import at_risk, cohort, exposure, harmonise, incidence, outcome, partitions, quality, source
from pass_engine.disclose import BORDER_TABLES
from pass_engine.errors import Fault, MethodError
from pass_engine.protocol.counted import cohorts_of, counts_of, times_of
from pass_engine.protocol.models import Sensitivity
from pass_engine.protocol.names import STEP_LABELS
from pass_engine.protocol.rules import rule_tables
from pass_engine.quality.gates import excluded_analyses, gate_frame, is_excluded, stop_study
from pass_engine.registry.facts import fact_tables, registry_facts
from pass_engine.sqltext import files_between
from pass_engine.store import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd

    from pass_engine.protocol import Protocol
    from pass_engine.protocol.codes import Code
    from pass_engine.protocol.models import Study
    from pass_engine.registry import LoadedRegistry
    from pass_engine.registry.facts import RegistryFacts
    from pass_engine.store import Store

MAIN = "main"
"""Id of the scenario that holds the analyses as the protocol states them."""

COUNT_COLUMNS = (
    "analysis",
    "cohort",
    "outcome",
    "time_at_risk",
    "stratum",
    "level",
    "persons",
    "persons_with_event",
    "first_events",
    "events",
    "window_days",
    "person_days",
    "first_event_days",
    "sum_e2",
    "sum_et",
    "sum_t2",
    "sum_fw",
    "sum_w2",
)
ATTRITION_COLUMNS = (
    "scope",
    "analysis",
    "cohort",
    "outcome",
    "time_at_risk",
    "position",
    "step",
    "label",
    "persons",
    "excluded",
)

STACKED = ("counts", "arm_overlap", "attrition")
OF_MAIN = ("baseline", "life_table", "lock_counts")
"""Tables with rows of every scenario."""


WORK_COLUMNS = ("term", "system", "code", "status", "recorded_as", "reports", "persons")
SUGGESTION_COLUMNS = ("suggestion_1", "suggestion_2", "suggestion_3")


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


def run_site(
    registry: LoadedRegistry,
    protocol: Protocol,
    *,
    threads: int = 2,
    parts: int = 1,
    on_step: Callable[[str], None] = lambda _: None,
) -> SiteTables:
    """Run every site step for one registry: source, harmonise, quality, then each scenario's counts.

    Persons are counted in ``parts`` partitions one after the other (``partitions.AUTO``: by the memory that is free),
    on which no number depends. Raises SourceError, HarmoniseError or MethodError; the caller decides whether the others
    go on. Raises StudyStopped where a quality gate stops the run. Where a gate excludes the registry nothing but its
    quality is counted.
    """
    study = protocol.study
    registry = source.settle(registry)
    source.check_needs(registry, protocol)
    with open_store(threads=threads) as store:
        column_maps = prepare(store, registry, study, on_step, codes_of(protocol))
        absent = _absent_substances(store, study)
        code_lists = source.spread_codes(store, registry, protocol.code_lists)
        on_step("quality")
        quality.count_quality(store, study, registry.verified)
        decisions = quality.decide(store, study)
        stop_study(decisions, registry, study)
        facts = facts_of(registry, study)
        parts = parts or partitions.partitions_for(store.count_rows("person"))
        counted = []
        for scenario in () if is_excluded(decisions) else protocol.scenarios:
            on_step(f"count {scenario.id}")
            counted.append(count_scenario(store, scenario.study, code_lists, facts, scenario.id, parts=parts))
        tables = {**_stack(counted), **quality.quality_tables(store), "quality_gate": gate_frame(decisions)}
        tables["quality"] = _under(tables["quality"], counted)
    return SiteTables(tables, column_maps, excluded_analyses(decisions, study), absent)


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
) -> dict[str, str]:
    """Fill a store with a registry's harmonised tables and lock it; gives back the generated column maps."""
    registry = source.settle(registry)
    on_step("source")
    raw = source.load_source(store, registry)
    store.lock()
    on_step("harmonise")
    return harmonise.harmonise(store, registry, raw, study, codes).column_maps


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
    with open_store() as store:
        prepare(store, registry, scenario.study, codes=codes_of(protocol))
        code_lists = source.spread_codes(store, registry, protocol.code_lists)
        count_scenario(store, scenario.study, code_lists, facts_of(registry, scenario.study))
        store.make_tables(files_between(900, 919))
        listing = store.frame("case_listing", ("count_no", "onset_date", "person_id"))
    chosen = listing[listing["count_no"] == counts[wanted]]
    return chosen.drop(columns="count_no").reset_index(drop=True)


def list_unmapped(registry: LoadedRegistry, *, suggest: bool = False) -> pd.DataFrame:
    """Work for a coder, on the registry's own machine: terms without a code, with the columns of a file of terms first.

    ``status`` stays empty until a person fills it in, and a file with an empty status is refused. No person is named.
    """
    import pandas as pd

    with open_store() as store:
        raw = source.load_source(store, registry)
        store.lock()
        found = harmonise.find_unmapped(store, registry, raw)
    like = harmonise.suggest_terms(registry, sorted({row[0] for row in found if row[0]})) if suggest else {}
    rows = []
    for term, recorded_as, reports, persons in found:
        own = [f"{s.code} {s.name} ({s.likeness})" for s in like.get(term, ())]
        places = own + [""] * (len(SUGGESTION_COLUMNS) - len(own)) if suggest else []
        rows.append((term, "", "", "", recorded_as, reports, persons, *places))
    return pd.DataFrame(rows, columns=[*WORK_COLUMNS, *(SUGGESTION_COLUMNS if suggest else ())])


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
    for name, table in rule_tables(study, code_lists).items():
        store.load_rows(name, table.columns, table.rows)
    for name, (columns, rows) in fact_tables(facts).items():
        store.load_rows(name, columns, rows)
    added = partitions.add_up([_count_partition(store, parts, part) for part in range(parts)])
    return {
        "counts": _name_counts(added["incidence_count"], study)[list(COUNT_COLUMNS)],
        "arm_overlap": added["arm_overlap"],
        "attrition": _attrition(added, study, scenario),
        "baseline": added["baseline"],
        "life_table": _name_counts(added["life_table"], study),
        "lock_counts": _name_counts(added["lock_count"], study),
        "supply_tally": added["supply_tally"],
    }


def _count_partition(store: Store, parts: int, part: int) -> dict[str, pd.DataFrame]:
    """One partition's persons through every step, on a store that holds harmonised tables and rules."""
    partitions.choose_partition(store, parts, part)
    cohort.find_persons(store)
    exposure.build_eras(store)
    cohort.enter_cohorts(store)
    outcome.find_events(store)
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
    both["label"] = [labels[step] for step in both["step"]]
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
    return {**stacked, **{name: parts[0][name] for name in OF_MAIN}}


def analysis_kinds(protocol: Protocol) -> dict[str, str]:
    """Analysis id to the kind a registry's policy allows or not: a sensitivity analysis is an incidence."""
    return {a.id: a.kind for scenario in protocol.scenarios for a in scenario.study.analyses if a.kind != "sensitivity"}
