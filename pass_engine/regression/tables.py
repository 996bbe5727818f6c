"""What of a registry's models may leave: coefficients with variances, likelihoods, persons and events, in whole units.

Columns that end with ``_e9`` are in thousand-millionths, with ``_e6`` in millionths.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pass_engine.protocol.covariate_rules import places_of
from pass_engine.protocol.regression_rules import CRUDE, regressions_of
from pass_engine.regression.fits import design_of, fit_model, likelihood_of
from pass_engine.regression.members import members_of
from pass_engine.stats.diagnosis import NotEstimable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from pass_engine.protocol.models import Comparison, Regressions, Study
    from pass_engine.regression.fits import Design, Fitted
    from pass_engine.regression.members import Members

Row = dict[str, Any]
NOTHING = ("regression_arm", "regression_fit", "regression_likelihood")
"""Tables that are there only where a study asks for models."""
BILLION: Final = 1_000_000_000
MILLION: Final = 1_000_000
SPANS: Final = "regression_span"
ZEROS: Final = {"coefficient_e9": 0, "variance_e9": 0, "robust_e9": 0, "hazards_e6": 0, "tested": 0}


def regression_tables(added: Mapping[str, pd.DataFrame], study: Study) -> dict[str, pd.DataFrame]:
    """The border's tables of every comparison that asks for models; none where none does."""
    import pandas as pd

    rows: dict[str, list[Row]] = {name: [] for name in NOTHING}
    places = {place.name: place for place in places_of(study)}
    for analysis, asked in regressions_of(study):
        used = [places[name] for name in dict.fromkeys(n for names in asked.adjust.values() for n in names)]
        own = added[SPANS][added[SPANS]["analysis"] == analysis.id]
        for outcome, time in sorted(analysis.outcomes.items()):
            spans = own[(own["outcome"] == outcome) & (own["time_at_risk"] == time)]
            key = {"analysis": analysis.id, "outcome": outcome, "time_at_risk": time}
            members = members_of(spans, used, asked.min_level_persons)
            rows["regression_arm"] += _arm_rows(key, analysis, members)
            of = {**key, "target": analysis.of.target, "comparator": analysis.of.comparator}
            for fitted, likelihood in _models(of, members, asked):
                rows["regression_fit"].append(fitted)
                rows["regression_likelihood"] += likelihood
    return {name: pd.DataFrame(found) for name, found in rows.items() if found}


def _arm_rows(key: Row, analysis: Comparison, members: Members) -> Iterator[Row]:
    for cohort, arm in zip((analysis.of.target, analysis.of.comparator), members.arms, strict=True):
        counts = {"persons": arm.persons, "persons_with_event": arm.persons_with_event}
        yield {**key, "cohort": cohort, **counts, **arm.left_out}


def _models(key: Row, members: Members, asked: Regressions) -> Iterator[tuple[Row, list[Row]]]:
    """Of each model a row of ``regression_fit``, and its rows of ``regression_likelihood``."""
    for model in asked.fit:
        for adjustment, covariates in {CRUDE: (), **asked.adjust}.items():
            of = {**key, "model": model, "adjustment": adjustment}
            design = design_of(members, covariates)
            yield (
                {**of, **_fit_row(fit_model(members, design, asked), design)},
                list(_points(of, members, design, asked)),
            )


def _fit_row(fitted: Fitted | NotEstimable, design: Design) -> Row:
    size = {"parameters": len(design.names), "least_persons": design.least}
    if isinstance(fitted, NotEstimable):
        return {"sign": "+", "diagnosis": fitted.words(design.names if fitted.columns else ()), **size, **ZEROS}
    coefficient = round(fitted.coefficient * BILLION)
    return {
        "sign": "-" if coefficient < 0 else "+",
        "diagnosis": "",
        **size,
        "coefficient_e9": abs(coefficient),
        "variance_e9": round(fitted.variance * BILLION),
        "robust_e9": round(fitted.robust * BILLION),
        "hazards_e6": round((fitted.hazards or 0) * MILLION),
        "tested": int(fitted.hazards is not None),
    }


def _points(key: Row, members: Members, design: Design, asked: Regressions) -> Iterator[Row]:
    drops = likelihood_of(members, design, asked)
    for point, drop in enumerate(() if drops is None else drops):
        yield {**key, "point": point, "drop_e6": round(float(drop) * MILLION)}
