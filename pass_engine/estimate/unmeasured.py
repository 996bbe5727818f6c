"""How far a ratio could be due to what was not measured, and how small a ratio could have been found.

From published numbers alone. The E-value takes a rate ratio for a risk ratio, which it nearly is where few have an
event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.disclose import records
from pass_engine.protocol.models import Comparison
from pass_engine.stats.unmeasured import e_value, e_value_of_limits, minimum_detectable_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from pass_engine.disclose import Row
    from pass_engine.protocol import Protocol

CARRIED: Final = (
    *("analysis", "role", "registry", "outcome", "time_at_risk", "target", "comparator", "measure", "adjusted_for"),
    *("status", "interval_level", "registries"),
)
SHOWN: Final = "shown"


def unmeasured_rows(comparison: pd.DataFrame, protocol: Protocol) -> Iterator[Row]:
    """Rows of unmeasured.csv: one a ratio of the published comparison table whose analysis asks for either number."""
    asked = {a.id: a for a in protocol.scenarios[0].study.analyses if isinstance(a, Comparison)}
    for row in records(comparison):
        analysis = asked[row["analysis"]]
        if row["per"] is None and (analysis.e_value or analysis.power is not None):
            carried = {column: row[column] for column in CARRIED}
            yield {**carried, **_explained(row, analysis), **_found(row, analysis)}


def _explained(row: Row, analysis: Comparison) -> Row:
    """E-values, where the ratio and its limits are shown and above 0."""
    if not analysis.e_value or row["status"] != SHOWN or not row["estimate"] or not row["low"] or not row["high"]:
        return {}
    limit = e_value_of_limits(row["estimate"], (row["low"], row["high"]))
    return {"e_value": e_value(row["estimate"]), "e_value_limit": limit}


def _found(row: Row, analysis: Comparison) -> Row:
    """The smallest ratio that could be found; of a ratio that is not estimable too, where its counts are shown."""
    numbers = [row[f"{arm}_{what}"] for what in ("events", "person_days") for arm in ("target", "comparator")]
    if analysis.power is None or None in numbers or row["status"] == "withheld":
        return {}
    events, days = numbers[0] + numbers[1], numbers[2] + numbers[3]
    if not events or not all(numbers[2:]):
        return {"power": analysis.power, "note": "no event or no person-time in an arm"}
    share = numbers[2] / days
    level = float(row["interval_level"])
    return {"power": analysis.power, "detectable_ratio": minimum_detectable_ratio(events, share, level, analysis.power)}
