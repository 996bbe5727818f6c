"""Weights and reference rates: which cells a derived rate rests on, and what else would tell of a withheld one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pass_engine.disclose.frames import emptied
from pass_engine.disclose.thresholds import EARLIER, SEPARATOR, WITHHELD
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pass_engine.disclose.frames import Row

SIR = "sir"
EXPECTED = ("expected", "rate", "rate_low", "rate_high")
"""What goes with an expected number: the ratio gives it back."""


class Use(NamedTuple):
    """The weights of an analysis; of one outcome and time at risk where they differ by them."""

    analysis: str
    outcome: str = ""
    time_at_risk: str = ""


def levels_by_use(rows: Iterable[Row]) -> dict[Use, frozenset[str]]:
    """The levels that have a weight, or a rate. ``rows`` are those of standard_weights.csv or reference_rates.csv."""
    found: dict[Use, set[str]] = {}
    for row in rows:
        use = Use(row["analysis"], row.get("outcome", ""), row.get("time_at_risk", ""))
        found.setdefault(use, set()).add(row["level"])
    return {use: frozenset(levels) for use, levels in found.items()}


def use_of(row: Row) -> Use:
    """The weights that a row of weights belongs to, or that a standardised rate has if they differ by outcome."""
    return Use(row["analysis"], row["outcome"], row["time_at_risk"])


def telling_uses(
    uses: Iterable[Use], rows: Iterable[Row], rests_on_withheld: Callable[[Row, Use], bool]
) -> frozenset[Use]:
    """Weights made from the study's own days of which some are withheld, in any cohort.

    Weight times all days gives the days of a cell back, and the standardised rate of another cohort is an equation
    for them: both go, at every registry. Weights from elsewhere tell nothing.
    """
    own = {use for use in uses if use.outcome}
    pooled = [row for row in rows if row["registry"] == POOLED and use_of(row) in own]
    return frozenset(use_of(row) for row in pooled if rests_on_withheld(row, use_of(row)))


def withhold_lone_expected(rows: Sequence[Row]) -> list[Row]:
    """Expected numbers of registries add up to the pooled one, so no single one of them is withheld alone.

    Where one is, the pooled one goes too; where that is the pooled one, the smallest of the registries' does.
    """
    groups: dict[tuple[str, ...], dict[str, int]] = {}
    for number, row in enumerate(rows):
        if row["measure"] == SIR and row["registries"]:
            key = (row["analysis"], row["cohort"], row["outcome"], row["time_at_risk"])
            groups.setdefault(key, {})[row["registry"]] = number
    shown = list(rows)
    for group in groups.values():
        for number in _also_withheld(rows, group):
            shown[number] = emptied(rows[number], WITHHELD, EXPECTED)
    return shown


def _also_withheld(rows: Sequence[Row], group: Mapping[str, int]) -> list[int]:
    """The row to withhold for another one's sake, if there is one."""
    pooled = group.get(POOLED)
    if pooled is None:
        return []
    parts = [group[name] for name in rows[pooled]["registries"].split(SEPARATOR) if name in group]
    hidden = [n for n in (pooled, *parts) if rows[n]["status"].startswith(EARLIER)]
    if len(hidden) != 1:
        return []
    others = [n for n in ([pooled] if hidden != [pooled] else parts) if rows[n]["status"] == "shown"]
    return sorted(others, key=lambda n: (rows[n]["expected"], n))[:1]
