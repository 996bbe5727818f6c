"""Propensity scores at the border and at publication: coefficients, balance, weighted counts.

At the border an analysis whose score has a level of few persons, or more coefficients than the policy lets pass, leaves
nothing of it; an outcome with few events leaves no weighted count. At publication there are no counts of weighted
persons at all: ratios, rates, standardised differences and effective sizes alone, and those of an outcome only where
the crude ratio beside them is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.disclose.frames import emptied, records
from pass_engine.disclose.thresholds import SEPARATOR, WITHHELD, Thresholds, small_status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from pass_engine.disclose.frames import Row
    from pass_engine.registry.models import Policy

SCORE_TABLES: Final = ("propensity_model", "arm_weight", "balance", "weighted_count")
"""Tables that are there only where a study asks for propensity scores."""
MATCHED: Final = "matched"
INTERCEPT: Final = "intercept"
FEW_PERSONS: Final = "a level of a covariate has fewer persons than the registry lets be shown"
FEW_EVENTS: Final = "fewer events in an arm than the registry lets be shown"
MANY: Final = "more coefficients per person of an arm than the registry lets pass"
LEFT_OUT: Final = ("later_arm", "incomplete", "rare_level")
COUNTS: Final = (*LEFT_OUT, "in_equipoise", "outside_support", "truncated", "unmatched")
OF_MATCHES: Final = ("effective", "heaviest_percent")
"""Where nobody shares a match, these tell how many have one."""
NUMBERS: Final = (
    "estimate", "low", "high", "q", "i2_percent", "tau2", "prediction_low", "prediction_high",
)  # fmt: skip


def held_scores(
    tables: Mapping[str, pd.DataFrame], policy: Policy
) -> tuple[dict[str, pd.DataFrame], list[dict[str, str]]]:
    """Border tables without what the policy holds back of propensity scores, and a record of it."""
    reasons = _held_analyses(records(tables["propensity_model"]), policy)
    held = [
        {"table": table, "analysis": analysis, "cohort": "", "reason": reason}
        for analysis, reason in reasons.items()
        for table in SCORE_TABLES
    ]
    kept = {name: frame[~frame["analysis"].isin(list(reasons))] if name in SCORE_TABLES else frame
            for name, frame in tables.items()}  # fmt: skip
    counts = kept["weighted_count"].reset_index(drop=True)
    few = {
        (row["analysis"], row["outcome"], row["time_at_risk"])
        for row in records(counts)
        if is_small(row["events"], policy) or is_small(row["persons_with_event"], policy)
    }
    places = list(zip(counts["analysis"], counts["outcome"], counts["time_at_risk"], strict=True))
    kept["weighted_count"] = counts.loc[[n for n, place in enumerate(places) if place not in few]]
    analyses = sorted({place[0] for place in few})
    held += [{"table": "weighted_count", "analysis": a, "cohort": "", "reason": FEW_EVENTS} for a in analyses]
    return {name: frame.reset_index(drop=True) for name, frame in kept.items()}, held


def is_small(count: int, policy: Policy) -> bool:
    """May a count not be told by what leaves?"""
    return 0 < count < policy.min_cell or (count == 0 and policy.zeros == WITHHELD)


def _held_analyses(rows: Sequence[Row], policy: Policy) -> dict[str, str]:
    held: dict[str, str] = {}
    for analysis in dict.fromkeys(row["analysis"] for row in rows):
        own = [row for row in rows if row["analysis"] == analysis]
        smaller_arm = next(row["persons"] for row in own if row["covariate"] == INTERCEPT)
        parameters = sum(row["coefficient_e6"] > 0 for row in own)
        most = policy.max_parameters_per_event
        if any(row["persons"] < policy.min_cell for row in own):
            held[analysis] = FEW_PERSONS
        elif most is not None and parameters > most * smaller_arm:
            held[analysis] = MANY
    return held


def shown_weighted(rows: Sequence[Row], crude: Iterable[Row]) -> list[Row]:
    """Weighted ratios as they may be shown: where the crude one of the same place is withheld, so are they.

    A pool with such a registry is withheld too, since the others would give its ratio back.
    """
    hidden = hidden_places(crude)
    return [emptied(row, WITHHELD, NUMBERS) if row["status"] == "shown" and is_hidden(row, hidden) else row
            for row in rows]  # fmt: skip


def hidden_places(crude: Iterable[Row]) -> set[tuple[str, ...]]:
    """Analysis, registry, outcome and time at risk of which the crude ratio is withheld."""
    return {_place(row) for row in crude if str(row["status"]).startswith(("<", WITHHELD))}


def is_hidden(row: Row, hidden: set[tuple[str, ...]]) -> bool:
    """Is the crude ratio of a row's registry, or of one in its pool, withheld?"""
    members = {row["registry"], *str(row["registries"]).split(SEPARATOR)}
    return any(_place({**row, "registry": member}) in hidden for member in members)


def _place(row: Row) -> tuple[str, ...]:
    return tuple(row[c] for c in ("analysis", "registry", "outcome", "time_at_risk"))


def shown_arms(rows: Sequence[Row], rules: Thresholds) -> list[Row]:
    """Arms of the scores as they may be shown.

    Persons with a score are those of the cohort without those left out: where few were, neither number is shown; where
    a reason took few, the reasons are not told apart; a count of few, or of all but few, is not shown.
    """
    return [shown_left_out(row, rules.of(row["registry"], row["registry"])) for row in rows]


def shown_left_out(row: Row, least: int) -> Row:
    """Persons of a cohort that are left and left out, and other counts of them, as they may be shown."""

    def is_few(number: int | None) -> bool:
        return number is not None and 0 < number < least

    there = [c for c in COUNTS if c in row]
    left = [row[reason] for reason in LEFT_OUT]
    total = sum(n or 0 for n in left)
    hidden: set[str] = {c for c in there if c not in LEFT_OUT and _tells(row[c], row["persons"], least)}
    if any(is_few(n) for n in left):
        hidden |= set(LEFT_OUT)
    if is_few(total) or is_few(row["persons"]):
        hidden |= {"persons", *there}
    if "unmatched" in hidden and row.get("weighting") == MATCHED:
        hidden |= set(OF_MATCHES)
    if not hidden:
        return row
    status = small_status(least) if row["status"] == "shown" else row["status"]
    return {**row, **dict.fromkeys(hidden), "status": status}


def _tells(part: int | None, whole: int | None, least: int) -> bool:
    if part is None or whole is None:
        return False
    return 0 < part < least or 0 < whole - part < least
