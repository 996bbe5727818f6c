"""Regression models at the border and at publication: coefficients, likelihoods on a grid, and who is in the models.

At the border an outcome with few persons or few persons with an event in a cohort leaves no model; a model with a level
of few persons, or with more coefficients than the policy lets pass, leaves the reason alone. At publication an estimate
is shown only where the crude ratio beside it is, and no count of events of the models is published at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.disclose.frames import emptied, records
from pass_engine.disclose.scores import FEW_EVENTS, FEW_PERSONS, hidden_places, is_hidden, is_small, shown_left_out
from pass_engine.disclose.thresholds import WITHHELD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from pass_engine.disclose.frames import Row
    from pass_engine.disclose.thresholds import Thresholds
    from pass_engine.registry.models import Policy

REGRESSION_TABLES: Final = ("regression_arm", "regression_fit", "regression_likelihood")
"""Tables that are there only where a study asks for models."""
MANY: Final = "more coefficients per event than the registry lets pass"
FEW_AT_RISK: Final = "fewer persons in an arm than the registry lets be shown"
HELD: Final = frozenset({FEW_PERSONS, MANY})
"""Reasons that a model may say in its place."""
OUTCOME: Final = ("analysis", "outcome", "time_at_risk")
MODEL: Final = (*OUTCOME, "model", "adjustment")
FIGURES: Final = ("coefficient_e9", "variance_e9", "robust_e9", "hazards_e6", "tested")
NUMBERS: Final = (
    "estimate", "low", "high", "robust_low", "robust_high", "hazards_chi2", "hazards_p", "q", "i2_percent", "tau2",
    "prediction_low", "prediction_high",
)  # fmt: skip


def held_regressions(
    tables: Mapping[str, pd.DataFrame], policy: Policy
) -> tuple[dict[str, pd.DataFrame], list[dict[str, str]]]:
    """Border tables without what the policy holds back of regression models, and a record of it."""
    arms, fits = records(tables["regression_arm"]), records(tables["regression_fit"])
    away = {_of(row, OUTCOME): reason for row in arms for reason in _too_few(row, policy)}
    events: dict[tuple[str, ...], int] = {}
    for row in arms:
        events[_of(row, OUTCOME)] = events.get(_of(row, OUTCOME), 0) + row["persons_with_event"]
    bare = {_of(row, MODEL): reason for row in fits for reason in _too_much(row, events[_of(row, OUTCOME)], policy)}
    kept = {
        **tables,
        "regression_arm": _without(tables["regression_arm"], OUTCOME, away),
        "regression_fit": _bared(_without(tables["regression_fit"], OUTCOME, away), bare),
        "regression_likelihood": _without(_without(tables["regression_likelihood"], OUTCOME, away), MODEL, bare),
    }
    told = dict.fromkeys(
        [(table, place[0], reason) for place, reason in away.items() for table in REGRESSION_TABLES]
        + [("regression_fit", place[0], reason) for place, reason in bare.items() if place[:3] not in away]
    )
    return kept, [{"table": t, "analysis": a, "cohort": "", "reason": r} for t, a, r in told]


def _of(row: Row, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(row[c] for c in columns)


def _too_few(row: Row, policy: Policy) -> Iterator[str]:
    if is_small(row["persons"], policy):
        yield FEW_AT_RISK
    elif is_small(row["persons_with_event"], policy):
        yield FEW_EVENTS


def _too_much(row: Row, events: int, policy: Policy) -> Iterator[str]:
    most = policy.max_parameters_per_event
    if row["least_persons"] < policy.min_cell:
        yield FEW_PERSONS
    elif most is not None and row["parameters"] > most * events:
        yield MANY


def _without(frame: pd.DataFrame, columns: Sequence[str], places: Iterable[tuple[str, ...]]) -> pd.DataFrame:
    gone = set(places)
    keys = zip(*(frame[c] for c in columns), strict=True)
    return frame.loc[[n for n, key in enumerate(keys) if key not in gone]].reset_index(drop=True)


def _bared(frame: pd.DataFrame, reasons: Mapping[tuple[str, ...], str]) -> pd.DataFrame:
    """Rows of models that may not leave: the reason is all they say."""
    found = frame.copy()
    for number, row in enumerate(records(frame)):
        reason = reasons.get(_of(row, MODEL))
        if reason is not None:
            found.loc[number, list(FIGURES)] = 0
            found.loc[number, ["sign", "diagnosis"]] = ["+", reason]
    return found


def shown_regression(rows: Sequence[Row], crude: Iterable[Row]) -> list[Row]:
    """Estimates as they may be shown: where the crude one of the same place is withheld, so are they, and pools."""
    hidden = hidden_places(crude)
    return [emptied(row, WITHHELD, NUMBERS) if row["status"] == "shown" and is_hidden(row, hidden) else row
            for row in rows]  # fmt: skip


def shown_members(rows: Sequence[Row], rules: Thresholds) -> list[Row]:
    """Persons in the models, and left out, as they may be shown."""
    return [shown_left_out(row, rules.of(row["registry"], row["registry"])) for row in rows]
