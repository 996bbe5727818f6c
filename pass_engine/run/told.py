"""What a run tells whoever started it, beside the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.disclose.squares import SQUARES_TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pass_engine.disclose import Withheld


def held_back(withheld: Mapping[str, Sequence[Withheld]]) -> Iterator[str]:
    """One line for each cohort, analysis or table as a whole that registries kept back, and why."""
    holders: dict[tuple[str, str], dict[str, None]] = {}
    for registry, records in withheld.items():
        for record in records:
            if record["table"] == SQUARES_TABLE:
                holders.setdefault(("sums of squares of some cells", record["reason"]), {})[registry] = None
                continue
            part = next(part for part in ("cohort", "analysis", "table") if record[part])
            what = f"{part} {record[part]}"
            holders.setdefault((what, record["reason"]), {})[registry] = None
    for (what, reason), registries in holders.items():
        yield f"Held back by {', '.join(registries)}: {what}, {reason}."
