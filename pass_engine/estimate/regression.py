"""Ratios of regression models: each registry's by its own fit, and what is made of them together.

A registry sends the logarithm of a ratio with its variance, by the model and by the person; the larger one weighs it
in the second stage. Its log-likelihood on a grid is added to the others': for one parameter, with all others each
registry's own, that is what a model with the registry as stratum would give, and a registry without an event in a
cohort adds what it knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, sqrt
from typing import TYPE_CHECKING, Final

from pass_engine.disclose import Row, records
from pass_engine.disclose.regression import HELD, MODEL, OUTCOME
from pass_engine.disclose.thresholds import NOT_ESTIMABLE, SEPARATOR, SHOWN, WITHHELD, small_status
from pass_engine.estimate.heterogeneity import spread
from pass_engine.estimate.rows import registry_rank
from pass_engine.protocol.regression_rules import CRUDE, regressions_of
from pass_engine.stats.diagnosis import DIAGNOSIS_WORDS, Diagnosis, NotEstimable
from pass_engine.stats.pooling import pool_effects
from pass_engine.stats.proportional_hazards import upper_tail
from pass_engine.stats.rates import normal_quantile
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from pass_engine.protocol import Protocol
    from pass_engine.protocol.models import Comparison, Regressions
    from pass_engine.stats.pooling import Method

BILLION: Final = 1_000_000_000
MILLION: Final = 1_000_000
NOT_SHOWN: Final = "not_shown"
LIKELIHOOD: Final = "likelihood"
LIKELIHOOD_WORDS: Final = "profile likelihoods of the registries added, likelihood-ratio interval"
NONE_SHOWS: Final = "no registry shows a ratio"
FEWEST_LIKELIHOODS: Final = 2
"""Of one alone the sum would be the registry's own."""
METHODS: Final = {"cox": "partial likelihood, Wald limits on the log scale"}
TABLES: Final = ("regression_arm", "regression_fit", "regression_likelihood")


@dataclass(frozen=True)
class Models:
    """What the registries sent of one comparison: rows by registry and place."""

    analysis: Comparison
    asked: Regressions
    arms: Mapping[tuple[str, ...], Sequence[Row]]
    fits: Mapping[tuple[str, ...], Sequence[Row]]
    likelihoods: Mapping[tuple[str, ...], Sequence[Row]]
    held: Mapping[str, str]
    registries: Sequence[str]


def models_of(pooled: Mapping[str, pd.DataFrame], protocol: Protocol) -> list[Models]:
    """Every comparison of the main scenario that asks for models, with what was sent of it."""
    sent = {name: records(pooled[name]) for name in TABLES}
    kept_back = [w for w in records(pooled["withheld"]) if w["table"] in ("regression_arm", "regression_fit", "counts")]
    order = protocol.study.data.registries
    found = []
    for analysis, asked in regressions_of(protocol.scenarios[0].study):
        own = {name: [r for r in rows if r["analysis"] == analysis.id] for name, rows in sent.items()}
        held = {w["registry"]: w["reason"] for w in reversed(kept_back) if w["analysis"] in ("", analysis.id)}
        names = sorted({*held, *(r["registry"] for r in own["regression_arm"])}, key=lambda r: registry_rank(r, order))
        arms, fits, likelihoods = (
            _by_place(own[name], columns) for name, columns in zip(TABLES, (OUTCOME, MODEL, MODEL), strict=True)
        )
        found.append(Models(analysis, asked, arms, fits, likelihoods, held, names))
    return found


def _by_place(rows: Sequence[Row], columns: Sequence[str]) -> dict[tuple[str, ...], list[Row]]:
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        found.setdefault((row["registry"], *(row[c] for c in columns)), []).append(row)
    return found


def regression_rows(found: Sequence[Models], protocol: Protocol) -> Iterator[Row]:
    """Rows of regression.csv: of each outcome, model and adjustment the registries, then what they give together."""
    least = protocol.study.publish.min_cell
    for models in found:
        analysis, asked = models.analysis, models.asked
        for outcome, time in sorted(analysis.outcomes.items()):
            for model in asked.fit:
                for adjustment, covariates in {CRUDE: (), **asked.adjust}.items():
                    key = {
                        "analysis": analysis.id,
                        "role": analysis.role,
                        "outcome": outcome,
                        "time_at_risk": time,
                        "target": analysis.of.target,
                        "comparator": analysis.of.comparator,
                        "model": model,
                        "adjustment": adjustment,
                        "adjusted_for": SEPARATOR.join(covariates),
                        "interval_level": analysis.interval.level,
                    }
                    own = [{**key, **_registry_row(models, name, key, least)} for name in models.registries]
                    yield from own
                    yield from ({**key, **row} for row in _together(models, own, key))


def _place(registry: str, key: Row, columns: Sequence[str]) -> tuple[str, ...]:
    return (registry, *(key[c] for c in columns))


def _registry_row(models: Models, registry: str, key: Row, least: int) -> Row:
    said = {"registry": registry, "registries": registry, "pooling": ""}
    arms = models.arms.get(_place(registry, key, OUTCOME), ())
    fits = models.fits.get(_place(registry, key, MODEL), ())
    if not fits:
        return {**said, "status": WITHHELD, "note": models.held.get(registry, "no model left the registry")}
    fit, events = fits[0], [arm["persons_with_event"] for arm in arms]
    if _is_small(arms, least):
        return {**said, "status": small_status(least)}
    if fit["diagnosis"]:
        return {**said, "status": WITHHELD if fit["diagnosis"] in HELD else NOT_ESTIMABLE, "note": fit["diagnosis"]}
    if min(events) < models.asked.min_events:
        note = f"not shown: fewer than {models.asked.min_events} persons with an event in a cohort"
        return {**said, "status": NOT_SHOWN, "note": note}
    return {**said, **_ratio(fit, key["model"], key["interval_level"])}


def _is_small(arms: Sequence[Row], least: int) -> bool:
    return any(0 < arm[c] < least for arm in arms for c in ("persons", "persons_with_event"))


def _log_ratio(fit: Row) -> float:
    size: int = fit["coefficient_e9"]
    return (-size if fit["sign"] == "-" else size) / BILLION


def _ratio(fit: Row, model: str, level: float) -> Row:
    value, z = _log_ratio(fit), normal_quantile(level)
    half, robust = (z * sqrt(fit[c] / BILLION) for c in ("variance_e9", "robust_e9"))
    chi2 = fit["hazards_e6"] / MILLION
    return {
        "status": SHOWN,
        "estimate": exp(value),
        "low": exp(value - half),
        "high": exp(value + half),
        "robust_low": exp(value - robust),
        "robust_high": exp(value + robust),
        "method": METHODS[model],
        **({"hazards_chi2": chi2, "hazards_p": upper_tail(chi2, 1)} if fit["tested"] else {}),
    }


def _together(models: Models, own: Sequence[Row], key: Row) -> Iterator[Row]:
    """A row a way of bringing the ratios together."""
    for way in models.analysis.two_stage or ("reml",):
        row = _added(models, own, key) if way == LIKELIHOOD else _mean(models, own, key, way)
        yield {"registry": POOLED, "pooling": way, **row}


def _mean(models: Models, own: Sequence[Row], key: Row, way: str) -> Row:
    shown = [row for row in own if row["status"] == SHOWN]
    said = {"registries": SEPARATOR.join(row["registry"] for row in shown)}
    if not shown:
        gated = any(row["status"] == NOT_SHOWN for row in own)
        return {**said, "status": NOT_SHOWN if gated else NOT_ESTIMABLE, "note": NONE_SHOWS}
    fits = [models.fits[_place(row["registry"], key, MODEL)][0] for row in shown]
    method: Method = "fixed" if way == "fixed" else "reml" if way == "reml" else "dersimonian_laird"
    variances = [max(fit["variance_e9"], fit["robust_e9"]) / BILLION for fit in fits]
    found = pool_effects([_log_ratio(fit) for fit in fits], variances, key["interval_level"], method)
    tested = [fit["hazards_e6"] / MILLION for fit in fits if fit["tested"]]
    hazards = {"hazards_chi2": sum(tested), "hazards_p": upper_tail(sum(tested), len(tested))} if tested else {}
    left_out = len(own) - len(shown)
    return {
        **said,
        "status": SHOWN,
        "estimate": exp(found.estimate),
        "low": exp(found.low),
        "high": exp(found.high),
        **spread(found),
        **hazards,
        "note": f"{left_out} of {len(own)} registries not in the pool" if left_out else "",
    }


def _added(models: Models, own: Sequence[Row], key: Row) -> Row:
    """The registries' likelihoods added: of all whose likelihood left, but those with too few events to show."""
    from pass_engine.stats.likelihood_grid import pool_grids, registry_grid

    usable = [row["registry"] for row in own if row["status"] in (SHOWN, NOT_SHOWN, NOT_ESTIMABLE)]
    rows = {name: models.likelihoods.get(_place(name, key, MODEL), ()) for name in usable}
    sent = {name: found for name, found in rows.items() if found}
    said = {"registries": SEPARATOR.join(sent)}
    if len(sent) < FEWEST_LIKELIHOODS:
        words = (
            DIAGNOSIS_WORDS[Diagnosis.ONE_REGISTRY] if len(own) < FEWEST_LIKELIHOODS else "fewer than two likelihoods"
        )
        return {**said, "status": NOT_ESTIMABLE, "note": words}
    drops = [
        [-row["drop_e6"] / MILLION for row in sorted(found, key=lambda row: int(row["point"]))]
        for found in sent.values()
    ]
    found = pool_grids(registry_grid(), drops, key["interval_level"])
    if isinstance(found, NotEstimable):
        return {**said, "status": NOT_ESTIMABLE, "note": found.words()}
    if abs(found.estimate) == inf:
        return {**said, "status": NOT_ESTIMABLE, "note": DIAGNOSIS_WORDS[Diagnosis.NO_EVENT_IN_ARM]}
    left_out = len(own) - len(sent)
    return {
        **said,
        "status": SHOWN,
        "estimate": exp(found.estimate),
        "low": exp(found.low),
        "high": None if found.high == inf else exp(found.high),
        "method": LIKELIHOOD_WORDS,
        "note": f"{left_out} of {len(own)} registries not in the pool" if left_out else "",
    }


def member_rows(found: Sequence[Models]) -> Iterator[Row]:
    """Rows of regression_members.csv: who is in the models of an outcome, by registry and cohort."""
    counts = ("persons", "later_arm", "incomplete", "rare_level")
    for models in found:
        for outcome, time in sorted(models.analysis.outcomes.items()):
            place = {"analysis": models.analysis.id, "outcome": outcome, "time_at_risk": time}
            for registry in models.registries:
                for arm in models.arms.get(_place(registry, place, OUTCOME), ()):
                    of = {**place, "registry": registry, "cohort": arm["cohort"], "status": SHOWN}
                    yield {**of, **{c: arm[c] for c in counts}}
