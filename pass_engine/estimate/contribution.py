"""Who contributed to what: for every analysis and outcome, each invited registry and, where it did not, why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.disclose import Row, records
from pass_engine.disclose.squares import SQUARES_TABLE
from pass_engine.protocol.models import Sensitivity
from pass_engine.terms import DECLINED, DECLINED_HERE, GATE, MASKED, POOLED, TOOK_PART

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from pass_engine.protocol import Protocol

CONTRIBUTED, KEPT_BACK, EXCLUDED, NO_COUNTS = "contributed", "kept back", "excluded", "no counts"


def contribution_rows(
    pooled: Mapping[str, pd.DataFrame], participation: pd.DataFrame, protocol: Protocol
) -> Iterator[Row]:
    """Rows of contribution.csv: analyses and outcomes in the protocol's order, registries in theirs.

    A registry contributed where any pooled table has a row of its own for the analysis and outcome.
    """
    sent = {key for frame in pooled.values() for key in _sent(frame)}
    kept = [w for w in records(pooled["withheld"]) if w["analysis"] and w["table"] != SQUARES_TABLE]
    invited = records(participation)
    for analysis, outcome in _asked(protocol):
        for member in invited:
            key = {"analysis": analysis, "outcome": outcome, "registry": member["registry"]}
            mine = [w for w in kept if (w["registry"], w["analysis"]) == (member["registry"], analysis)]
            if member["status"] != TOOK_PART:
                yield {**key, "status": member["status"], "reason": member["reason"]}
            else:
                own = MASKED if member["release"] == MASKED else member["registry"]
                there = (own, analysis, outcome) in sent
                yield {**key, **_status(mine, contributed=there)}


def _asked(protocol: Protocol) -> Iterator[tuple[str, str]]:
    for scenario in protocol.scenarios:
        for analysis in scenario.study.analyses:
            if not isinstance(analysis, Sensitivity):
                yield from ((analysis.id, outcome) for outcome in sorted(analysis.outcomes))


def _sent(frame: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    columns = ["registry", "analysis", "outcome"]
    if (
        set(columns) <= set(frame.columns) and "scope" not in frame.columns
    ):  # attrition tells of those who did not enter
        rows = frame.loc[frame["registry"] != POOLED, columns].drop_duplicates()
        yield from rows.itertuples(index=False, name=None)


def _status(kept: list[Row], *, contributed: bool) -> Row:
    reasons = dict.fromkeys(f"{w['cohort']}: {w['reason']}" if w["cohort"] else w["reason"] for w in kept)
    reason = "; ".join(reasons)
    if contributed:
        return {"status": CONTRIBUTED, "reason": reason}
    if DECLINED_HERE in reasons:
        return {"status": DECLINED, "reason": reason}
    if any(r.startswith(GATE) for r in reasons):
        return {"status": EXCLUDED, "reason": reason}
    return {"status": KEPT_BACK if reasons else NO_COUNTS, "reason": reason}
