"""Margins that a registry keeps back: of a stratifier with too many levels, or with too many strata for their events.

Both rules are DataSHIELD's (``nfilter.levels.max``, ``nfilter.glm``). A ratio over strata is taken as a model with one
parameter a stratum. Overall cells always may leave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pass_engine.terms import OVERALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from pass_engine.disclose.frames import Row
    from pass_engine.registry.models import Policy

STRATA_TABLE = "strata"
"""What a record of these calls its table: part of ``counts``."""
COMPARISON = "comparison"


class Margin(NamedTuple):
    """The cells of one margin, in all cohorts of an analysis."""

    analysis: str
    outcome: str
    time_at_risk: str
    stratum: str


def held_margins(rows: Sequence[Row], policy: Policy, kinds: Mapping[str, str]) -> dict[Margin, str]:
    """Margins of ``counts`` that do not leave, and why. ``kinds`` is analysis to incidence or comparison."""
    cells: dict[Margin, list[Row]] = {}
    for row in rows:
        if row["stratum"] != OVERALL:
            cells.setdefault(margin_of(row), []).append(row)
    held: dict[Margin, str] = {}
    for margin, own in cells.items():
        reason = _too_many_levels(margin.stratum, own, policy.max_levels)
        if not reason and kinds.get(margin.analysis) == COMPARISON:
            reason = _too_few_events(own, policy.max_parameters_per_event)
        if reason:
            held[margin] = f"{margin.stratum}: {reason}"
    return held


def _too_many_levels(stratum: str, cells: Iterable[Row], most: int | None) -> str:
    levels = zip(*(cell["level"].split("*") for cell in cells), strict=True)
    many = [name for name, own in zip(stratum.split("*"), levels, strict=True) if most and len(set(own)) > most]
    return f"{many[0]} has more than {most} levels" if many else ""


def _too_few_events(cells: Sequence[Row], most: float | None) -> str:
    strata, events = len({cell["level"] for cell in cells}), sum(cell["events"] for cell in cells)
    return f"more than {most:g} strata per event" if most and strata > most * events else ""


def margin_of(row: Mapping[str, str]) -> Margin:
    """The margin of a row of counts, or of a record of one kept back."""
    return Margin(*(row[name] for name in Margin._fields))


def without_margins(frame: pd.DataFrame, held: Mapping[Margin, str]) -> pd.Series[bool]:
    """Rows of none of these margins."""
    import pandas as pd

    keys = zip(*(frame[name] for name in Margin._fields), strict=True)
    return pd.Series([Margin(*key) not in held for key in keys], index=frame.index, dtype=bool)


def margin_records(held: Mapping[Margin, str]) -> list[dict[str, str]]:
    """What was kept back, for the bundle's manifest."""
    return [
        {"table": STRATA_TABLE, "cohort": "", "reason": reason, **margin._asdict()} for margin, reason in held.items()
    ]
