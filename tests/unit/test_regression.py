"""Cox regression from the rows of a made registry to the pooled ratio, against the partial likelihood written out."""

from __future__ import annotations

from datetime import date
from math import exp, log

import pytest

from pass_engine.disclose.regression import FEW_AT_RISK, FEW_EVENTS, FEW_PERSONS, MANY, held_regressions, shown_members
from pass_engine.disclose.thresholds import Thresholds
from pass_engine.estimate.regression import Models, member_rows, regression_rows
from pass_engine.protocol.regression_rules import regressions_of
from pass_engine.qualify.made import EXPOSURE_B, make_study
from pass_engine.registry.models import Policy
from tests.unit.test_propensity import COVARIATES, by, count, event, treated

DAYS = {"a1": 100, "a2": 200, "a3": 300, "a4": 250, "b1": 60, "b2": 90, "b3": 150, "b4": 320, "b5": 400}
EVENTS = {"a1": 99, "a3": 89, "b1": 20, "b2": 89, "b4": 150}
"""Day 0 is the first; a3 and b2 have their event on one day."""


def study(**models):
    asked = {"fit": ["cox"], "min_level_persons": 1, "min_events": 1, **models}
    ratio = {
        "id": "ratio", "kind": "comparison", "role": "secondary", "of": {"target": "a", "comparator": "b"},
        "outcomes": {"infection": "treated"}, "interval": {"method": "exact", "level": 0.95}, "models": asked,
        "two_stage": ["fixed", "likelihood"],
    }  # fmt: skip
    return make_study({"exposures": {"b": EXPOSURE_B}, "covariates": COVARIATES, "analyses": [ratio]})


def rows(events=None, men=("a1", "a2", "b1", "b3")):
    events = EVENTS if events is None else events
    return {
        "person": [{"person_id": p, "sex": "male" if p in men else "female"} for p in DAYS],
        "treatment": [treated(p, "alfa" if p[0] == "a" else "beta", n) for p, n in DAYS.items()],
        "event_report": [event(p, day) for p, day in events.items()],
    }


def log_likelihood(beta, events):
    """Efron's, death by death; a person is at risk on each day up to the last or the event."""
    last = {p: events.get(p, n - 1) for p, n in DAYS.items()}
    total = 0.0
    for day in sorted(set(events.values())):
        risk = [exp(beta * (p[0] == "a")) for p in DAYS if last[p] >= day]
        dying = [exp(beta * (p[0] == "a")) for p, d in events.items() if d == day]
        total += sum(log(r) for r in dying)
        total -= sum(log(sum(risk) - n / len(dying) * sum(dying)) for n in range(len(dying)))
    return total


def top(events):
    """Where the likelihood is largest, and the variance there."""
    low, high, h = -5.0, 5.0, 1e-4
    for _ in range(60):
        middle = (low + high) / 2
        if log_likelihood(middle + 1e-6, events) > log_likelihood(middle - 1e-6, events):
            low = middle
        else:
            high = middle
    around = [log_likelihood(low + d, events) for d in (-h, 0, h)]
    return low, -(h**2) / (around[0] - 2 * around[1] + around[2])


def test_a_cox_regression_is_the_partial_likelihood_written_out():
    tables = count(rows(), study(adjust={"by_sex": ["sex"]}))
    fit = by(tables["regression_fit"], adjustment="crude")
    beta, variance = top(EVENTS)
    found = fit["coefficient_e9"] / 1e9 * (-1 if fit["sign"] == "-" else 1)
    assert found == pytest.approx(beta, abs=1e-5)
    assert fit["variance_e9"] / 1e9 == pytest.approx(variance, rel=1e-4)
    assert (fit["parameters"], fit["least_persons"], fit["tested"]) == (1, 9, 1)
    arms = tables["regression_arm"].set_index("cohort")
    assert arms.loc["a", ["persons", "persons_with_event"]].tolist() == [4, 2]
    assert arms.loc["b", ["persons", "persons_with_event"]].tolist() == [5, 3]
    points = tables["regression_likelihood"]
    drops = points[points["adjustment"] == "crude"]["drop_e6"].tolist()
    at = [log(100) * (n - 40) / 40 for n in range(81)]
    curve = [log_likelihood(b, EVENTS) for b in at]
    assert drops == pytest.approx([1e6 * (max(curve) - value) for value in curve], abs=2)
    assert by(tables["regression_fit"], adjustment="by_sex")["parameters"] == 2


def test_who_entered_both_cohorts_counts_once_or_in_both():
    both = rows()
    both["treatment"] = [*both["treatment"], {**treated("b1", "alfa", 50), "start_date": date(2022, 1, 1),
                                              "stop_date": date(2022, 2, 19)}]  # fmt: skip
    first = count(both, study())["regression_arm"].set_index("cohort")
    assert first.loc["a", ["persons", "later_arm"]].tolist() == [4, 1]
    twice = count(both, study(persons="both_cohorts"))["regression_arm"].set_index("cohort")
    assert twice.loc["a", ["persons", "later_arm"]].tolist() == [5, 0]


def test_no_event_in_an_arm_is_named_and_leaves_a_likelihood():
    tables = count(rows({"b1": 20, "b2": 89}), study())
    assert by(tables["regression_fit"], adjustment="crude")["diagnosis"] == "no event in an arm"
    drops = tables["regression_likelihood"]["drop_e6"].tolist()
    assert drops[0] == 0
    assert drops == sorted(drops)


def test_a_covariate_that_tells_the_cohorts_apart_is_named():
    tables = count(rows(men=("a1", "a2", "a3", "a4")), study(adjust={"by_sex": ["sex"]}))
    told = by(tables["regression_fit"], adjustment="by_sex")["diagnosis"]
    assert told == "covariates are sums of one another (sex: male)"


@pytest.mark.parametrize(
    ("policy", "reason", "left"),
    [
        ({"min_cell": 6}, FEW_AT_RISK, 0),
        ({"min_cell": 3}, FEW_EVENTS, 0),
        ({"min_cell": 1, "max_parameters_per_event": 0.3}, MANY, 1),
        ({"min_cell": 1}, None, 2),
    ],
)
def test_what_the_policy_of_a_registry_holds_back(policy, reason, left):
    tables = count(rows(), study(adjust={"by_sex": ["sex"]}))
    kept, held = held_regressions(tables, Policy(release="exact", allow=("comparison",), min_persons=1, **policy))
    assert sum(not row for row in kept["regression_fit"]["diagnosis"]) == left
    assert {row["reason"] for row in held} == ({reason} if reason else set())
    assert len(kept["regression_likelihood"]) == 81 * left


def test_a_level_of_few_persons_leaves_the_reason_alone():
    tables = count(rows({p: 10 + n for n, p in enumerate(DAYS)}, men=("a1", "b1")), study(adjust={"by_sex": ["sex"]}))
    kept, held = held_regressions(tables, Policy(release="exact", allow=("comparison",), min_persons=1, min_cell=4))
    bare = by(kept["regression_fit"], adjustment="by_sex")
    assert (bare["diagnosis"], bare["coefficient_e9"], bare["variance_e9"]) == (FEW_PERSONS, 0, 0)
    assert [row["reason"] for row in held] == [FEW_PERSONS]


def models_from(made, by_registry):
    ((analysis, asked),) = regressions_of(made)
    places = {"regression_arm": ("analysis", "outcome", "time_at_risk"),
              "regression_fit": ("analysis", "outcome", "time_at_risk", "model", "adjustment"),
              "regression_likelihood": ("analysis", "outcome", "time_at_risk", "model", "adjustment")}  # fmt: skip
    found = {name: {} for name in places}
    for registry, tables in by_registry.items():
        for name, columns in places.items():
            for row in tables[name].to_dict("records"):
                found[name].setdefault((registry, *(row[c] for c in columns)), []).append(row)
    return Models(analysis, asked, *found.values(), {}, list(by_registry))


class _Protocol:
    def __init__(self, made):
        self.study = made


def test_a_registry_without_an_event_in_a_cohort_adds_to_the_likelihood_alone():
    made = study()
    few = {"b1": 20, "b2": 89}
    some, none = count(rows(), made), count(rows(few), made)
    made = made.model_copy(update={"publish": made.publish.model_copy(update={"min_cell": 1})})
    found = list(regression_rows([models_from(made, {"r1": some, "r2": none})], _Protocol(made)))
    own = {row["registry"]: row for row in found if not row["pooling"]}
    assert own["r1"]["estimate"] == pytest.approx(exp(top(EVENTS)[0]), rel=1e-4)
    assert (own["r2"]["status"], own["r2"]["note"]) == ("not_estimable", "no event in an arm")
    fixed, likelihood = (next(r for r in found if r["pooling"] == way) for way in ("fixed", "likelihood"))
    assert (fixed["registries"], fixed["estimate"]) == ("r1", pytest.approx(own["r1"]["estimate"]))
    best = max((log_likelihood(b / 1000, EVENTS) + log_likelihood(b / 1000, few), b / 1000) for b in range(-4000, 1000))
    assert likelihood["registries"] == "r1;r2"
    assert log(likelihood["estimate"]) == pytest.approx(best[1], abs=2e-3)


def test_counts_of_few_persons_are_not_shown():
    made = study()
    told = list(member_rows([models_from(made, {"r1": count(rows(), made)})]))
    shown = shown_members(told, Thresholds(5, {}))
    assert [(row["cohort"], row["persons"], row["status"]) for row in shown] == [("a", None, "<5"), ("b", 5, "shown")]
