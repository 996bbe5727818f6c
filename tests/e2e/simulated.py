"""Networks drawn from the generator without faults, and what the engine makes of them: estimates beside the truth."""

from __future__ import annotations

import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from pass_engine.bundle import BundleContent
from pass_engine.centre import estimate
from pass_engine.disclose import BORDER_TABLES, shape_tables
from pass_engine.protocol import Protocol, load_protocol
from pass_engine.registry.facts import RegistryFacts
from pass_engine.site import count_scenario
from pass_engine.store import open_store
from tests.e2e.demo import PROTOCOL
from tests.property.engine import load_extras
from tests.property.tables import DICTIONARY, HARMONISED

sys.path.insert(0, str(Path(__file__).parents[2] / "sample_data"))

from generator import rates  # the generator is no part of the package
from generator.profiles import PROFILES, sizes
from generator.simulate import simulate_core

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.store import Store

DAYS_PER_YEAR = 365.25
CELLS = "age*sex"
DRAWN = ("person", "observation_period", "disease", "treatment", "administration", "adverse_event", "comorbidity")

Family = tuple[str, str, str, str, str]

TRUE_STATE = {
    ("serious_infection", "on_treatment", "ocrelizumab"): "ocrelizumab",
    ("serious_infection", "on_treatment", "platform"): "platform",
    ("malignancy", "ever_exposed_lag365", "ocrelizumab"): "ever_ocrelizumab",
    ("death", "on_treatment", "ocrelizumab"): "any",
    ("death", "on_treatment", "platform"): "any",
    ("death", "ever_exposed", "ocrelizumab"): "any",
    ("death", "ever_exposed", "platform"): "any",
}
"""The generator's exposure that sets the hazard of all these days. Malignancy in the platform cohort is not here: its
days have two hazards, since those who later take ocrelizumab stay in the cohort."""


@dataclass(frozen=True)
class Estimate:
    """One pooled rate of one drawn network, and what the true hazards let one expect in the same days."""

    family: Family
    level: str
    events: int
    expected: float
    years: float
    low: float
    high: float

    @property
    def covers(self) -> bool:
        """Is the true rate inside the interval?"""
        return self.low <= self.expected / self.years <= self.high


@cache
def demo_with_few_margins() -> Protocol:
    """The main analysis of the demo study by age and sex alone, with rates by day."""
    protocol = load_protocol(PROTOCOL)
    (scenario, *_) = protocol.scenarios
    (main, *_) = scenario.study.analyses
    few = main.model_copy(update={"by": ((), ("age", "sex")), "standardise": None, "measures": ("eair", "eaer")})
    study = scenario.study.model_copy(update={"analyses": (few,)})
    return replace(protocol, study=study, scenarios=(replace(scenario, study=study),))


def estimates_of(seed: int, persons: int) -> list[Estimate]:
    """Draw a network, count every registry, pool, and put each pooled rate beside its truth."""
    protocol = demo_with_few_margins()
    bundles = [bundle_of(name, sizes(persons)[name], seed) for name in protocol.study.data.registries]
    return list(beside_the_truth(estimate(bundles, protocol, [])["incidence"]))


def bundle_of(name: str, persons: int, seed: int) -> BundleContent:
    """What a drawn registry would send under the most open policy."""
    protocol, profile = demo_with_few_margins(), PROFILES[name]
    overlap = protocol.study.data.registry_overlap
    facts = RegistryFacts(
        id=name,
        data_cut_date=min(date.fromisoformat(profile.cut), protocol.study.data.cut),
        deaths="linked" if profile.linked else "visits",
        adverse_event_start=date.fromisoformat(profile.adverse_event_start),
        excluded_countries=tuple(sorted({c for rule in overlap if rule.from_ == name for c in rule.countries})),
        mapped_tables=DRAWN,
    )
    with open_store(threads=1) as store:
        load_tables(store, harmonised(name, persons, seed))
        tables = count_scenario(store, protocol.study, protocol.code_lists, facts)
    sent = {n: tables.get(n, pd.DataFrame(columns=list(border.columns))) for n, border in BORDER_TABLES.items()}
    return BundleContent({"id": name, "synthetic": True}, {}, shape_tables(sent))


def harmonised(name: str, persons: int, seed: int) -> dict[str, pd.DataFrame]:
    """The harmonised tables of a drawn registry without faults, which knows every date to the day."""
    core = simulate_core(name, persons, seed, system="ICD-10", tables=DRAWN)
    person = core["person"].assign(birth_precision="day", death_precision="day")
    seen = pd.DataFrame(
        {
            "person_id": person["person_id"],
            "start_date": person["registry_entry_date"],
            "end_date": person["last_contact_date"],
        }
    )
    report, disease = (
        core[table].assign(
            system=core[table]["code_system"],
            code=core[table]["code"].str.replace(".", ""),
            pt_code=None,
            possible_from=core[table]["onset_date"],
            possible_to=core[table]["onset_date"],
        )
        for table in ("adverse_event", "comorbidity")
    )
    return {
        **core,
        "person": person,
        "observation_period": core.get("observation_period", seen),
        "event_report": report.assign(
            report_no=range(len(report)),
            onset_precision="day",
            mapping_status="native",
        ),
        "comorbidity": disease,
    }


def load_tables(store: Store, tables: dict[str, pd.DataFrame]) -> None:
    """Load harmonised tables; those that only the baseline and other strata read stay empty."""
    for table, columns in (HARMONISED | DICTIONARY).items():
        if table in tables:
            store.load_arrow(table, pa.table({c: arrow_column(tables[table][c], k) for c, k in columns.items()}))
        else:
            store.load_rows(table, columns, [])
    load_extras(store)


def arrow_column(values: pd.Series, kind: str) -> pa.Array:
    """A column of the generator's texts in its SQL type."""
    if kind == "DATE":
        return pa.array([None if v is None else date.fromisoformat(v) for v in values], pa.date32())
    return pa.array(list(values), pa.int64() if kind == "BIGINT" else pa.string())


def beside_the_truth(incidence: pd.DataFrame) -> Iterator[Estimate]:
    """Pooled rates by age and sex whose true rate is one number, and overall the mean of the true rates of its days."""
    pooled = incidence[(incidence["registry"] == "pooled") & (incidence["status"] == "shown")]
    of_whole: dict[tuple[str, ...], float] = defaultdict(float)
    for row in sorted(pooled.to_dict("records"), key=lambda r: r["stratum"] != CELLS):
        state = TRUE_STATE.get((row["outcome"], row["time_at_risk"], row["cohort"]))
        if state is None:
            continue
        whole = (row["outcome"], row["time_at_risk"], row["cohort"], row["measure"])
        years = int(row["person_days"]) / DAYS_PER_YEAR
        if row["stratum"] == CELLS:
            expected = true_rate(row, state) / 1000 * years
            of_whole[whole] += expected
        else:
            expected = of_whole[whole]
        per = float(row["per"])
        yield Estimate(
            (*whole, row["stratum"]),
            row["level"],
            int(row["events"]),
            expected,
            years,
            row["rate_low"] / per,
            row["rate_high"] / per,
        )


def true_rate(row: dict[str, Any], state: str) -> float:
    """The generator's rate per 1000 person-years of a cell such as ``18-29*female``."""
    age, sex = row["level"].split("*")
    return rates.true_rate(row["outcome"], state, sex, age)
