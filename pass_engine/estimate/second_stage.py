"""Ratios of the registries brought together in a second stage, from published numbers alone.

The pooled ratio of comparison.csv is that of all persons together. Beside it stand here the mean of the registries' own
ratios, each weighed by its variance, and the ratio under which the registries' exact conditional likelihoods, added,
are largest: there a registry without an event in one arm counts as well. Logarithms have the variance 1 / n1 + 1 / n2,
or that of the published person-robust limits where it is larger; ratios over strata that of their published limits.
"""

from __future__ import annotations

from math import exp, inf, log
from typing import TYPE_CHECKING, Final

from pass_engine.disclose import records
from pass_engine.disclose.thresholds import NOT_ESTIMABLE, SEPARATOR
from pass_engine.estimate.heterogeneity import spread
from pass_engine.protocol.models import Comparison
from pass_engine.stats.diagnosis import DIAGNOSIS_WORDS, Diagnosis, NotEstimable
from pass_engine.stats.pooling import pool_effects
from pass_engine.stats.rates import normal_quantile
from pass_engine.terms import MASKED, POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from pass_engine.disclose import Row
    from pass_engine.protocol import Protocol
    from pass_engine.stats.pooling import Method

CRUDE: Final = "rate_ratio"
LIKELIHOOD: Final = "likelihood"
LIKELIHOOD_WORDS: Final = "exact conditional likelihoods added, likelihood-ratio interval"
PLACE: Final = ("analysis", "role", "outcome", "time_at_risk", "target", "comparator", "measure", "adjusted_for")
SHOWN: Final = "shown"
FEWEST: Final = 2
"""Registries between which there is something to bring together."""
FEWEST_WITHOUT: Final = 3
"""Registries of which one can be left out: of two, the other's own ratio would remain."""
DEPENDENT: Final = "events of one person can depend on each other; the interval supposes that they do not"
SHARED: Final = "persons in both arms: the conditional likelihood supposes that there are none"


def second_stage_rows(comparison: pd.DataFrame, protocol: Protocol) -> Iterator[Row]:
    """Rows of second_stage.csv from the published comparison table: models in the protocol's order.

    The first one is the main one, and made without each registry in turn as well.
    """
    asked = {a.id: a.two_stage for a in protocol.scenarios[0].study.analyses if isinstance(a, Comparison)}
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in records(comparison):
        if asked.get(row["analysis"]) and row["per"] is None:
            groups.setdefault(tuple(row[c] for c in PLACE), []).append(row)
    for place, rows in groups.items():
        own = [row for row in rows if row["registry"] not in (POOLED, MASKED)]
        key = dict(zip(PLACE, place, strict=True))
        for number, model in enumerate(asked[key["analysis"]]):
            if model != LIKELIHOOD or key["measure"] == CRUDE:
                yield from _model_rows(key, model, own, main=number == 0)


def _model_rows(key: Row, model: str, own: Sequence[Row], *, main: bool) -> Iterator[Row]:
    of = {**key, "model": model}
    yield {**of, "without": "", **_together(model, own)}
    used = [row for row in own if _usable(model, row)]
    if main and len(used) >= FEWEST_WITHOUT:
        for out in used:
            remain = [row for row in own if row is not out]
            yield {**of, "without": out["registry"], **_together(model, remain)}


def _usable(model: str, row: Row) -> bool:
    """Has a registry's row something to add under a model?"""
    if model != LIKELIHOOD:
        return bool(row["status"] == SHOWN and row["estimate"] and row["low"] and row["high"])
    counts = [row[c] for c in ("target_events", "target_person_days", "comparator_events", "comparator_person_days")]
    return None not in counts and row["persons_in_both"] == 0 and min(counts[1], counts[3]) > 0


def _together(model: str, own: Sequence[Row]) -> Row:
    used = [row for row in own if _usable(model, row)]
    said: Row = {
        "registries": SEPARATOR.join(row["registry"] for row in used),
        "left_out": SEPARATOR.join(row["registry"] for row in own if row not in used),
        "interval_level": own[0]["interval_level"] if own else None,
    }
    if len(used) < FEWEST:
        shared = model == LIKELIHOOD and any(row["persons_in_both"] != 0 for row in own)
        return {**said, "status": NOT_ESTIMABLE, "note": SHARED if shared else _why_not(own)}
    level = float(said["interval_level"])
    made = _added(used, level) if model == LIKELIHOOD else _mean(model, used, level)
    return {**said, **made}


def _why_not(own: Sequence[Row]) -> str:
    if len(own) < FEWEST:
        return DIAGNOSIS_WORDS[Diagnosis.ONE_REGISTRY]
    return "fewer than two registries show a ratio"


def _mean(model: str, used: Sequence[Row], level: float) -> Row:
    method: Method = "fixed" if model == "fixed" else "reml" if model == "reml" else "dersimonian_laird"
    logs, variances = [log(row["estimate"]) for row in used], [_variance(row, level) for row in used]
    found = pool_effects(logs, variances, level, method)
    return {
        "status": SHOWN,
        "estimate": exp(found.estimate),
        "low": exp(found.low),
        "high": exp(found.high),
        **spread(found),
    }


def _variance(row: Row, level: float) -> float:
    """Of the logarithm of a ratio: from both arms' events, or from published limits that lie evenly on that scale."""
    from_limits = (log(row["high"] / row["low"]) / (2 * normal_quantile(level))) ** 2
    events = (row["target_events"], row["comparator_events"])
    if row["measure"] != CRUDE or row["persons_in_both"] != 0 or None in events or min(events) == 0:
        return from_limits
    poisson = float(1 / events[0] + 1 / events[1])
    low, high = row["robust_low"], row["robust_high"]
    if low is None or high is None or not 0 < low < high:
        return poisson
    return max(poisson, float((log(high / low) / (2 * normal_quantile(level))) ** 2))


def _added(used: Sequence[Row], level: float) -> Row:
    from pass_engine.stats.likelihood_grid import grid, pool_grids, rate_ratio_likelihood

    at = grid()
    arms = [
        (row["target_events"], row["target_person_days"], row["comparator_events"], row["comparator_person_days"])
        for row in used
    ]
    found = pool_grids(at, [rate_ratio_likelihood(at, [arm]) for arm in arms], level)
    if isinstance(found, NotEstimable):
        return {"status": NOT_ESTIMABLE, "note": found.words()}
    if abs(found.estimate) == inf:
        return {"status": NOT_ESTIMABLE, "note": DIAGNOSIS_WORDS[Diagnosis.NO_EVENT_IN_ARM]}
    return {
        "status": SHOWN,
        "estimate": exp(found.estimate),
        "low": exp(found.low),
        "high": None if found.high == inf else exp(found.high),
        "method": LIKELIHOOD_WORDS,
        "note": DEPENDENT if used[0]["counting"] == "recurrent" else "",
    }
