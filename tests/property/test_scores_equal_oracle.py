"""Does the SQL count arms, patterns and outcomes for propensity scores as the slow counter does, person by person?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from pass_engine.protocol.covariate_rules import places_of
from pass_engine.protocol.models import Study
from pass_engine.site import count_persons
from pass_engine.store import open_store
from tests.property import covariates
from tests.property.engine import engine_facts, load_core
from tests.property.made import freeze
from tests.property.oracle import Setting, enter_cohort, follow_person, gather_people, matches
from tests.property.strategies import make_case

if TYPE_CHECKING:
    from tests.property.made import Case
    from tests.property.oracle import Entry, Person

SUMS = ("persons", "persons_with_event", "events", "person_days", "sum_e2", "sum_et", "sum_t2")
PERSONS = 40


def scored(seed: int) -> Case | None:
    """A made case whose first two cohorts are compared by a propensity score; None where it has no covariates."""
    case = make_case(seed, PERSONS)
    study: dict[str, Any] = case.study.model_dump(by_alias=True)
    names = list(study["exposures"])
    if not study["covariates"] or len(names) < 2:
        return None
    time = next(iter(study["times_at_risk"]))
    ratio = {
        "id": "scored", "kind": "comparison", "role": "secondary",
        "of": {"target": names[0], "comparator": names[1]}, "outcomes": dict.fromkeys(study["outcomes"], time),
        "interval": {"method": "exact", "level": 0.95},
        "propensity": {"covariates": list(study["covariates"]), "weights": ["overlap"]},
    }  # fmt: skip
    case.study = Study.model_validate(freeze(study | {"analyses": [*study["analyses"], ratio]}))
    return case


def levels(person: Person, entry: Entry, setting: Setting) -> tuple[tuple[str, int], ...]:
    """The level of every covariate at an entry, and the number where it is one."""
    found = []
    for covariate in setting.study.covariates.values():
        codes = setting.code_lists[covariate.codes] if covariate.codes else ()
        seen = covariates.Seen(
            person.row, person.rows, entry.day, setting.registry.mapped_tables,
            lambda row, codes=codes: matches(row, codes, setting.core),
        )  # fmt: skip
        found.append(covariates.level_of(covariate, covariates.value_of(covariate, seen)))
    return tuple(found)


def by_hand(case: Case) -> tuple[Counter[Any], dict[Any, Counter[str]]]:
    """Persons by arm and levels, and sums of those who are at risk, without SQL and without patterns."""
    setting = Setting(case.study, case.registry, case.code_lists, case.core)
    analysis = case.study.analyses[-1]
    arms = (analysis.of.target, analysis.of.comparator)
    members: Counter[Any] = Counter()
    sums: dict[Any, Counter[str]] = {}
    for person in gather_people(case.core, setting):
        entries = {cohort: enter_cohort(person, cohort, setting)[1] for cohort in arms}
        for cohort, entry in entries.items():
            if entry is None:
                continue
            other = next(e for c, e in entries.items() if c != cohort)
            is_first = other is None or entry.day < other.day
            own = levels(person, entry, setting)
            members[cohort == arms[0], is_first, own] += 1
            for outcome, time in analysis.outcomes.items() if is_first else ():
                parts = (case.study.outcomes[outcome], case.study.times_at_risk[time])
                history = follow_person(person, cohort, entry, *parts, setting)
                if history.net:
                    e, t = len(history.events), len(history.net)
                    row = sums.setdefault((outcome, cohort == arms[0], own), Counter())
                    row.update(dict(zip(SUMS, (1, int(e > 0), e, t, e * e, e * t, t * t), strict=True)))
    return members, sums


def by_engine(case: Case) -> tuple[Counter[Any], dict[Any, Counter[str]]]:
    """The same from the SQL, with patterns read digit by digit."""
    with open_store(threads=1) as store:
        load_core(store, case.core)
        added = count_persons(store, case.study, case.code_lists, engine_facts(case))

    def read(pattern: int) -> tuple[tuple[str, int], ...]:
        found = []
        for place in places_of(case.study):
            digit = place.digit(int(pattern))
            name = "missing" if digit == 0 else "" if place.is_linear else place.levels[digit - 1].name
            found.append((name, digit - 1 if place.is_linear and digit else 0))
        return tuple(found)

    members: Counter[Any] = Counter()
    patterns, outcomes = (
        frame[frame["analysis"] == "scored"] for frame in (added["arm_pattern"], added["arm_outcome"])
    )
    for row in patterns.to_dict("records"):
        members[bool(row["is_target"]), bool(row["is_first"]), read(row["pattern"])] += int(row["persons"])
    sums = {
        (row["outcome"], bool(row["is_target"]), read(row["pattern"])): Counter({c: int(row[c]) for c in SUMS})
        for row in outcomes.to_dict("records")
    }
    return members, sums


def nonzero(sums: dict[Any, Counter[str]]) -> dict[Any, dict[str, int]]:
    return {key: {c: n for c, n in row.items() if n} for key, row in sums.items()}


@pytest.mark.parametrize("seed", [15, 36])
def test_arms_and_outcomes_by_pattern_equal_the_slow_counter(seed):
    case = scored(seed)
    assert case is not None
    (members, sums), (found, counted) = by_hand(case), by_engine(case)
    assert found == members
    assert sum(n for (_, is_first, _), n in found.items() if not is_first) + len(sums) > 20
    assert nonzero(counted) == nonzero(sums)
