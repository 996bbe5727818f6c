"""Weighted rate ratios of each registry, by its own propensity score, and their mean over registries.

With E and T the weighted events and days of an arm and r = E / T, the variance of log r is sum w^2 (e - r t)^2 / E^2,
the sum over persons (the sandwich of a weighted Poisson model; weights are taken as known, which makes intervals of ate
wider than they need be: Lunceford & Davidian, Stat Med 2004;23:2937-2960, doi 10.1002/sim.1903). Registries are pooled
in two stages, since no score holds across them. A gate that is not met leaves the estimate unmade.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import TYPE_CHECKING, Final

from pass_engine.disclose import Row, records
from pass_engine.disclose.thresholds import SEPARATOR
from pass_engine.estimate.rows import registry_rank
from pass_engine.protocol.models import Comparison
from pass_engine.stats.balance import Moments, standardised_difference
from pass_engine.stats.pooling import POOLING_METHOD_WORDS, pool_effects
from pass_engine.stats.rates import normal_quantile
from pass_engine.stats.weighting import MOST_OF_ARM
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from pass_engine.protocol import Protocol
    from pass_engine.protocol.models import Propensity

UNIT: Final = 1_000_000
DECIMALS: Final = 6
"""Weights are whole millionths: a difference has no more places than they."""
NONE: Final = "none"
EVERYBODY: Final = ("ate", "att")
"""Weightings for which equipoise is asked; the others leave out whom there is nobody to hold against."""
SHOWN, NOT_SHOWN, NOT_ESTIMABLE, WITHHELD = "shown", "not_shown", "not_estimable", "withheld"
METHOD: Final = "weighted, person-robust"
PER_CENT: Final = 100
Place = tuple[str, str]
"""Covariate and level."""


@dataclass(frozen=True)
class Scores:
    """What the registries sent of one analysis: rows by registry."""

    analysis: Comparison
    asked: Propensity
    arms: Mapping[str, Sequence[Row]]
    balance: Mapping[str, Sequence[Row]]
    counts: Mapping[str, Sequence[Row]]
    models: Mapping[str, Sequence[Row]]
    order: Sequence[str]
    held: Mapping[str, str]
    """Registries whose scores did not leave, and why."""

    @property
    def registries(self) -> list[str]:
        """Registries with arms, or that kept theirs, in the order of the protocol."""
        return sorted({*self.arms, *self.held}, key=lambda r: registry_rank(r, self.order))

    def arm(self, registry: str, weighting: str, cohort: str) -> Row | None:
        """What an arm weighs; nothing where there is no such weighting."""
        own = (r for r in self.arms.get(registry, ()) if (r["weighting"], r["cohort"]) == (weighting, cohort))
        return next(own, None)

    @property
    def cohorts(self) -> tuple[str, str]:
        """Target and comparator."""
        return self.analysis.of.target, self.analysis.of.comparator


def scores_of(pooled: Mapping[str, pd.DataFrame], protocol: Protocol) -> list[Scores]:
    """Every comparison of the main scenario that asks for propensity scores, with what was sent of it."""
    names = ("arm_weight", "balance", "weighted_count", "propensity_model")
    by_name = {name: records(pooled[name]) for name in names if name in pooled}
    kept_back = [w for w in records(pooled["withheld"]) if w["table"] in ("arm_weight", "counts")]
    found = []
    for analysis in protocol.scenarios[0].study.analyses:
        if isinstance(analysis, Comparison) and analysis.propensity is not None:
            arms, balance, counts, models = (_by_registry(by_name.get(name, []), analysis.id) for name in names)
            order = protocol.study.data.registries
            held = {
                w["registry"]: w["reason"]
                for w in kept_back
                if w["analysis"] in ("", analysis.id) and w["registry"] not in arms
            }
            found.append(Scores(analysis, analysis.propensity, arms, balance, counts, models, order, held))
    return found


def _by_registry(rows: Sequence[Row], analysis: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row["analysis"] == analysis:
            found.setdefault(row["registry"], []).append(row)
    return found


def weighted_rows(found: Sequence[Scores], protocol: Protocol) -> Iterator[Row]:
    """Rows of weighted.csv: of each outcome and weighting the registries, then their pool."""
    outcomes = protocol.scenarios[0].study.outcomes
    for scores in found:
        for outcome, time in sorted(scores.analysis.outcomes.items()):
            for weighting in scores.asked.weights:
                key = {
                    "analysis": scores.analysis.id,
                    "role": scores.analysis.role,
                    "outcome": outcome,
                    "time_at_risk": time,
                    "target": scores.cohorts[0],
                    "comparator": scores.cohorts[1],
                    "weighting": weighting,
                    "counting": outcomes[outcome].counting,
                    "interval_level": scores.analysis.interval.level,
                }
                own = [{**key, **_registry_row(scores, name, key)} for name in scores.registries]
                yield from own
                yield {**key, **_pooled_row(own, scores.analysis.interval.level)}


def _registry_row(scores: Scores, registry: str, key: Row) -> Row:
    said = {"registry": registry, "registries": registry}
    if registry in scores.held:
        return {**said, "status": WITHHELD, "note": scores.held[registry]}
    failed = {r["weighting"]: r["diagnosis"] for r in scores.arms[registry] if r["diagnosis"]}
    if NONE in failed:
        return {**said, "status": NOT_ESTIMABLE, "note": f"no propensity score: {failed[NONE]}"}
    if key["weighting"] in failed:
        return {**said, "status": NOT_ESTIMABLE, "note": failed[key["weighting"]]}
    place = (key["weighting"], key["outcome"], key["time_at_risk"])
    rows = {
        r["cohort"]: r
        for r in scores.counts.get(registry, ())
        if (r["weighting"], r["outcome"], r["time_at_risk"]) == place
    }
    arms = [scores.arm(registry, key["weighting"], c) for c in scores.cohorts]
    target, comparator = (rows.get(c) for c in scores.cohorts)
    if target is None or comparator is None or None in arms:
        return {**said, "status": WITHHELD, "note": "no weighted count left the registry"}
    missed = [*_events_gate(scores, (target, comparator)), *_gates(scores, registry, key["weighting"])]
    if missed:
        return {**said, "status": NOT_SHOWN, "note": "not shown: " + "; ".join(missed)}
    return {**said, **_ratio(target, comparator, key["interval_level"])}


def _events_gate(scores: Scores, arms: Sequence[Row]) -> Iterator[str]:
    least = scores.asked.min_events
    if min(arm["events"] for arm in arms) < least:
        yield f"fewer than {least} events in a cohort"


def _gates(scores: Scores, registry: str, weighting: str) -> Iterator[str]:
    """Gates of the score that are not met, in words."""
    worst = max((abs(d) for d in differences(scores, [registry], weighting).values()), default=0.0)
    if worst > scores.asked.max_difference:
        yield f"after weighting a standardised difference is above {scores.asked.max_difference:g} ({worst:.2f})"
    arms = [scores.arm(registry, weighting, c) for c in scores.cohorts]
    shares = [arm["in_equipoise"] / arm["persons"] for arm in arms if arm and arm["persons"]]
    if weighting in EVERYBODY and min(shares, default=0.0) < scores.asked.min_equipoise:
        yield f"fewer than {scores.asked.min_equipoise * PER_CENT:g} per cent of a cohort are in equipoise"
    if any(arm and arm["heaviest_e6"] > MOST_OF_ARM * arm["weight_e6"] for arm in arms):
        yield "one person carries most of a cohort's weight"


def _ratio(target: Row, comparator: Row, level: float) -> Row:
    arms = (target, comparator)
    if any(not arm["weighted_events_e6"] or not arm["weighted_days_e6"] for arm in arms):
        return {"status": NOT_ESTIMABLE, "note": "no event in an arm"}
    rates = [log(arm["weighted_events_e6"]) - log(arm["weighted_days_e6"]) for arm in arms]
    variance = sum(arm["residuals_e6"] * UNIT / arm["weighted_events_e6"] ** 2 for arm in arms)
    half = normal_quantile(level) * sqrt(variance)
    ratio = rates[0] - rates[1]
    limits = {"low": exp(ratio - half), "high": exp(ratio + half)}
    return {"status": SHOWN, "estimate": exp(ratio), **limits, "method": METHOD, "note": ""}


def _pooled_row(own: Sequence[Row], level: float) -> Row:
    """Mean over the registries whose own ratio is shown; a variance follows from its limits."""
    shown = [row for row in own if row["status"] == SHOWN and row["high"] > row["low"]]
    said = {"registry": POOLED, "registries": SEPARATOR.join(row["registry"] for row in shown)}
    if not shown:
        gates = any(row["status"] == NOT_SHOWN for row in own)
        return {**said, "status": NOT_SHOWN if gates else NOT_ESTIMABLE, "note": "no registry shows a weighted ratio"}
    z = normal_quantile(level)
    variances = [(log(row["high"] / row["low"]) / (2 * z)) ** 2 for row in shown]
    found = pool_effects([log(row["estimate"]) for row in shown], variances, level)
    low, high = found.prediction or (None, None)
    left_out = len(own) - len(shown)
    return {
        **said,
        "status": SHOWN,
        "estimate": exp(found.estimate),
        "low": exp(found.low),
        "high": exp(found.high),
        "q": found.q,
        "i2_percent": PER_CENT * found.i2,
        "tau2": None if low is None else found.tau2,
        "prediction_low": None if low is None else exp(low),
        "prediction_high": None if high is None else exp(high),
        "method": f"{METHOD}; {POOLING_METHOD_WORDS[found.model]}",
        "note": f"{left_out} of {len(own)} registries not in the pool" if left_out else "",
    }


def _moments(scores: Scores, registries: Sequence[str], weighting: str) -> dict[Place, tuple[Moments, Moments]]:
    """Moments of every level in target and comparator, summed over registries."""
    sums: dict[Place, dict[str, list[float]]] = {}
    for registry in registries:
        for row in scores.balance.get(registry, ()):
            if row["weighting"] == weighting:
                arm = sums.setdefault((row["covariate"], row["level"]), {}).setdefault(row["cohort"], [0.0, 0.0, 0.0])
                for n, column in enumerate(("weight_e6", "total_e6", "squares_e6")):
                    arm[n] += row[column] / UNIT
    found = {}
    for place, arms in sums.items():
        target, comparator = (_arm_moments(arms.get(c), binary=place[1] != "") for c in scores.cohorts)
        if target.weight > 0 and comparator.weight > 0:
            found[place] = target, comparator
    return found


def _arm_moments(sums: Sequence[float] | None, *, binary: bool) -> Moments:
    weight, total, squares = sums or (0.0, 0.0, 0.0)
    return Moments(weight, total, squares, binary)


def differences(scores: Scores, registries: Sequence[str], weighting: str) -> dict[Place, float]:
    """Standardised difference of every level after weighting, in units of the spread before."""
    before, after = _moments(scores, registries, NONE), _moments(scores, registries, weighting)
    return {p: standardised_difference(*arms, before=before[p]) for p, arms in after.items() if p in before}


def balance_rows(found: Sequence[Scores]) -> Iterator[Row]:
    """Rows of balance.csv: each registry, then all of their persons together."""
    for scores in found:
        fitted = [r for r in scores.registries if scores.balance.get(r)]
        pools = [(r, [r]) for r in fitted] + ([(POOLED, fitted)] if fitted else [])
        for registry, members in pools:
            before = differences(scores, members, NONE)
            for weighting in scores.asked.weights:
                for (covariate, level), after in differences(scores, members, weighting).items():
                    yield {
                        "analysis": scores.analysis.id,
                        "registry": registry,
                        "weighting": weighting,
                        "covariate": covariate,
                        "level": level,
                        "smd_before": round(before[covariate, level], DECIMALS) + 0.0,
                        "smd_after": round(after, DECIMALS) + 0.0,
                        "registries": SEPARATOR.join(members),
                    }


def propensity_rows(found: Sequence[Scores]) -> Iterator[Row]:
    """Rows of propensity.csv: each arm of a registry as it is, and as each weighting leaves it."""
    for scores in found:
        for registry in scores.registries:
            for weighting in (NONE, *scores.asked.weights):
                for cohort in scores.cohorts:
                    row = scores.arm(registry, weighting, cohort)
                    if row is not None:
                        key = {"registry": registry, "cohort": cohort, "weighting": weighting}
                        yield {"analysis": scores.analysis.id, **key, **_arm(row)}


def _arm(row: Row) -> Row:
    names = (
        "persons",
        "later_arm",
        "incomplete",
        "rare_level",
        "in_equipoise",
        "outside_support",
        "truncated",
        "unmatched",
    )
    failed, weighted = bool(row["diagnosis"]), row["weighting"] != NONE and row["weight_e6"] > 0
    effective = row["weight_e6"] ** 2 / (row["squares_e6"] * UNIT) if weighted and row["squares_e6"] else None
    return {
        "status": NOT_ESTIMABLE if failed else SHOWN,
        **{name: row[name] for name in names},
        "effective": effective,
        "heaviest_percent": PER_CENT * row["heaviest_e6"] / row["weight_e6"] if weighted else None,
        "note": row["diagnosis"],
    }


def model_rows(found: Sequence[Scores]) -> Iterator[Row]:
    """Rows of propensity_model.csv: each registry's coefficients."""
    for scores in found:
        for registry in scores.registries:
            for row in scores.models.get(registry, ()):
                sign = -1 if row["sign"] == "-" else 1
                yield {
                    "analysis": scores.analysis.id,
                    "registry": registry,
                    "covariate": row["covariate"],
                    "level": row["level"],
                    "coefficient": sign * row["coefficient_e6"] / UNIT,
                }
