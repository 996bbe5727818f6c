"""From the protocol to weighted ratios over two registries, held against persons counted and weighted one by one.

The expected numbers come of the made persons themselves: statsmodels' logistic regression on one row a person, weights
as the textbooks have them, days and events from the made dates. Nothing of the engine's is used for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, log, sqrt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from tests.e2e.small import MARK, REGISTRY, Network, make_protocol, words_of_report, write

if TYPE_CHECKING:
    from pathlib import Path

CUT = date(2020, 12, 31)
Z = 1.959963984540054
WEIGHTED = """\
    propensity:
      covariates: [age, sex]
      weights: [ate, overlap, matched]
      matched: {caliper: 0.05}
      truncate_percent: 0
      min_level_persons: 2
      min_events: 10
      max_difference: 0.3
      min_equipoise: 0.3
"""
COVARIATES = """\
covariates:
  age: {label: "Age (years)", from: age, missing: complete_case}
  sex: {label: "Sex", from: sex}
"""


@dataclass(frozen=True)
class Ran:
    """The network after its run, and the made persons of each registry."""

    network: Network
    people: dict[str, pd.DataFrame]


def make_people(seed: int, size: int) -> pd.DataFrame:
    """Persons whose age and sex bear on their treatment and on their infections; some lack a date of birth."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({
        "age": rng.integers(25, 65, size), "male": rng.integers(0, 2, size), "start": rng.integers(0, 1000, size),
        "length": rng.integers(200, 800, size), "known": rng.random(size) > 0.05,
    })  # fmt: skip
    chance = 1 / (1 + np.exp(-(-1.8 + 0.04 * frame.age - 0.4 * frame.male)))
    frame["target"] = (rng.random(size) < chance).astype(int)
    frame["days"] = frame.length + 30  # the last day of treatment and 30 more, before the cut for everybody
    mean = frame.days / 365 * np.exp(-1.2 + 0.02 * frame.age - 0.6 * frame.target)
    frame["onsets"] = [sorted(rng.choice(d // 40, min(n, d // 40), replace=False) * 40)
                       for n, d in zip(rng.poisson(mean), frame.days, strict=True)]  # fmt: skip
    frame["events"] = frame.onsets.map(len)
    return frame


def make_made_registry(folder: Path, name: str, country: str, frame: pd.DataFrame) -> None:
    """The persons as a registry's files: everybody is born on the first day of their years at entry."""
    write(folder / "registry.yaml", REGISTRY.format(id=name, upper=name.upper(), country=country))
    persons, seen, drugs, events = ["id,born,gender"], ["id,first,last"], ["id,drug,start,stop"], ["id,code,onset"]
    for row in frame.itertuples():
        who, start = f"{MARK}{row.Index:03d}", date(2016, 1, 1) + timedelta(int(row.start))
        born = f"{start.year - row.age}-01-01" if row.known else ""
        persons.append(f"{who},{born},{'wm'[row.male]}")
        seen.append(f"{who},2014-01-01,{CUT}")
        stop = start + timedelta(int(row.length) - 1)
        drugs.append(f"{who},{('beta', 'alfa')[row.target]},{start},{stop}")
        events += [f"{who},A49.9,{start + timedelta(int(day))}" for day in row.onsets]
    for file, lines in (("persons", persons), ("seen", seen), ("drugs", drugs), ("events", events)):
        write(folder / "data" / f"{file}.csv", "\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    network = Network(tmp_path_factory.mktemp("weighted"))
    make_protocol(network / "study")
    ratio = "    outcomes: {infection: treated}\n    interval: {method: log_normal, level: 0.95}\n"
    network.edit(
        "study/protocol.yaml",
        ("analyses:\n", COVARIATES + "analyses:\n"),
        (ratio, ratio + "    subgroups: [sex]\n" + WEIGHTED),
        ("clean_window_days: 30", "clean_window_days: 0"),
        ('\n  criteria:\n    - {id: adult, require: age, at_least: 18, why: "Adults"}', ""),
    )
    people = {"aa": make_people(1, 260), "bb": make_people(2, 220)}
    for (name, frame), country in zip(people.items(), ("DK", "SE"), strict=True):
        make_made_registry(network / f"registries/{name}", name, country, frame)
    assert network.run().code == 0
    return Ran(network, people)


def scores(frame: pd.DataFrame) -> np.ndarray:
    design = sm.add_constant(frame[["age", "male"]].astype(float))
    return np.asarray(sm.GLM(frame.target, design, family=sm.families.Binomial()).fit(tol=1e-12).fittedvalues)


def weights(frame: pd.DataFrame, kind: str) -> np.ndarray:
    score, z = scores(frame), frame.target.to_numpy()
    own = np.where(z == 1, score, 1 - score)
    return np.where(z == 1, z.mean(), 1 - z.mean()) / own if kind == "ate" else 1 - own


def log_ratio(frame: pd.DataFrame, kind: str) -> tuple[float, float]:
    """Logarithm of the ratio of weighted rates, and its variance: the sandwich of a weighted Poisson model."""
    w, found, variance = weights(frame, kind), [], 0.0
    for arm in (1, 0):
        own = (frame.target == arm).to_numpy()
        e, t = frame.events.to_numpy()[own], frame.days.to_numpy()[own]
        rate = w[own] @ e / (w[own] @ t)
        found.append(log(rate))
        variance += float(w[own] ** 2 @ (e - rate * t) ** 2) / float(w[own] @ e) ** 2
    return found[0] - found[1], variance


def unmatched(frame: pd.DataFrame) -> int:
    """Persons of the target without a match: each takes the nearest that is left, those with high scores first."""
    known = frame[frame.known]
    line, z = np.round(np.log(scores(known) / (1 - scores(known))), 9), known.target.to_numpy() == 1
    reach = 0.05 * sqrt((line[z].var(ddof=1) + line[~z].var(ddof=1)) / 2)
    free, alone = sorted(line[~z]), 0
    for own in sorted(line[z], reverse=True):
        near = min(free, key=lambda at: abs(at - own), default=np.inf)
        if abs(near - own) <= reach:
            free.remove(near)
        else:
            alone += 1
    return alone


@pytest.mark.parametrize("kind", ["ate", "overlap"])
def test_weighted_ratios_of_registries_and_their_pool(ran, kind):
    found = {r["registry"]: r for r in ran.network.rows("weighted.csv") if r["weighting"] == kind}
    own = {name: log_ratio(frame[frame.known], kind) for name, frame in ran.people.items()}
    own["pooled"] = (
        sum(b / v for b, v in own.values()) / sum(1 / v for _, v in own.values()),
        1 / sum(1 / v for _, v in own.values()),
    )
    assert list(found) == ["aa", "bb", "pooled"]
    for name, (mean, variance) in own.items():
        assert found[name]["status"] == "shown"
        assert float(found[name]["estimate"]) == pytest.approx(exp(mean), rel=1e-5)
        assert float(found[name]["low"]) == pytest.approx(exp(mean - Z * sqrt(variance)), rel=1e-4)
        assert float(found[name]["high"]) == pytest.approx(exp(mean + Z * sqrt(variance)), rel=1e-4)
    assert found["pooled"]["method"].endswith("fixed effect")


def test_who_has_a_score_and_how_alike_the_arms_become(ran):
    rows = ran.network.rows("propensity.csv")
    for name, frame in ran.people.items():
        known = frame[frame.known]
        for cohort, arm in (("alfa", 1), ("beta", 0)):
            plain, overlap = (next(r for r in rows if (r["registry"], r["cohort"], r["weighting"]) == (name, cohort, w))
                              for w in ("none", "overlap"))  # fmt: skip
            assert int(plain["persons"]) == int((known.target == arm).sum())
            assert int(plain["incomplete"]) == int(((frame.target == arm) & ~frame.known).sum()) > 0
            w = weights(known, "overlap")[(known.target == arm).to_numpy()]
            assert float(overlap["effective"]) == pytest.approx(w.sum() ** 2 / (w @ w), rel=1e-4)
    balance = [r for r in ran.network.rows("balance.csv") if r["weighting"] == "overlap" and r["registry"] != "pooled"]
    assert max(abs(float(r["smd_after"])) for r in balance) < 1e-4
    assert max(float(r["smd_before"]) for r in balance) > 0.2


def test_subgroups_of_the_crude_ratio(ran):
    """Events over days of all persons, by sex; of the made persons."""
    everybody = pd.concat(ran.people.values())
    rates = everybody.groupby(["male", "target"])[["events", "days"]].sum()
    rows = [r for r in ran.network.rows("subgroups.csv") if r["registry"] == "pooled"]
    assert [r["level"] for r in rows] == ["female", "male", ""]
    ratios = []
    for male, row in enumerate(rows[:2]):
        (n1, t1), (n0, t0) = rates.loc[male, 1], rates.loc[male, 0]
        assert (int(row["target_events"]), int(row["comparator_person_days"])) == (n1, t0)
        ratios.append((n1 / t1) / (n0 / t0))
        assert float(row["estimate"]) == pytest.approx(ratios[-1])
    assert float(rows[1]["ratio_of_ratios"]) == pytest.approx(ratios[1] / ratios[0])
    assert 0 < float(rows[2]["p"]) < 1


def test_the_report_prints_them(ran):
    words = words_of_report(ran.network / "run")
    row = next(r for r in ran.network.rows("weighted.csv") if (r["registry"], r["weighting"]) == ("pooled", "overlap"))
    assert "Rate ratios weighted by propensity scores, by registry and pooled" in words
    assert f"{float(row['estimate']):.2f}" in words
    alone = [r for r in ran.network.rows("propensity.csv") if (r["cohort"], r["weighting"]) == ("alfa", "matched")]
    assert [int(r["unmatched"]) for r in alone] == [unmatched(frame) for frame in ran.people.values()]
    assert "Without a match" in words
    assert "Rate ratios in subgroups, pooled, and tests of interaction" in words
    assert "Test of interaction" in words
