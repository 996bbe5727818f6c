"""Rates of two cohorts held against each other: crude ratios and differences, and ratios over strata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.disclose import Row, records
from pass_engine.estimate.asked import cells_by_analysis
from pass_engine.estimate.contrasts import COUNTED, REGRESSION, contrast, scale_of
from pass_engine.estimate.margins import MARGIN_HELD, held_in, lacks_margin
from pass_engine.estimate.rows import registry_rank
from pass_engine.protocol.models import Comparison
from pass_engine.protocol.names import margin_name
from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from pass_engine.estimate.asked import Place
    from pass_engine.estimate.contrasts import Strata
    from pass_engine.estimate.margins import Held
    from pass_engine.protocol import Protocol

Arms = tuple[str, str, str]
"""Registry, outcome, time at risk."""


def comparison_rows(
    arms: pd.DataFrame, counts: pd.DataFrame, withheld: pd.DataFrame, protocol: Protocol
) -> Iterator[Row]:
    """Rows of comparison.csv, in their fixed order. ``counts`` are the registries' cells beside the pooled ones."""
    by_analysis: dict[str, dict[Arms, Row]] = {}
    for row in records(arms):
        place = (row["registry"], row["outcome"], row["time_at_risk"])
        by_analysis.setdefault(row["analysis"], {})[place] = row
    cells, held = cells_by_analysis(counts), held_in(withheld)
    kept_back = records(withheld[withheld["table"].isin(["counts", "arm_overlap"])])
    for analysis in protocol.scenarios[0].study.analyses:
        if isinstance(analysis, Comparison):
            cohorts = {"", analysis.of.target, analysis.of.comparator}
            reasons = {
                w["registry"]: w["reason"] for w in kept_back if w["analysis"] == analysis.id and w["cohort"] in cohorts
            }
            found = by_analysis.get(analysis.id, {})
            yield from _analysis_rows(protocol, analysis, found, cells.get(analysis.id, {}), reasons, held)


def _analysis_rows(
    protocol: Protocol,
    analysis: Comparison,
    found: Mapping[Arms, Row],
    cells: Mapping[Place, Sequence[Row]],
    reasons: Mapping[str, str],
    held: Held,
) -> Iterator[Row]:
    order, outcomes = protocol.study.data.registries, protocol.scenarios[0].study.outcomes
    names = {k[0] for k in found} | set(reasons) | {POOLED}
    for registry in sorted(names, key=lambda r: registry_rank(r, order)):
        for outcome, time_at_risk in sorted(analysis.outcomes.items()):
            key = {
                "analysis": analysis.id,
                "role": analysis.role,
                "registry": registry,
                "outcome": outcome,
                "time_at_risk": time_at_risk,
                "target": analysis.of.target,
                "comparator": analysis.of.comparator,
                "counting": outcomes[outcome].counting,
                "interval_level": analysis.interval.level,
            }
            row = found.get((registry, outcome, time_at_risk))
            for measure in analysis.measures:
                yield from _measure_rows({**key, **scale_of(analysis, measure)}, analysis, row, cells, reasons, held)


def _measure_rows(
    key: Row,
    analysis: Comparison,
    row: Row | None,
    cells: Mapping[Place, Sequence[Row]],
    reasons: Mapping[str, str],
    held: Held,
) -> Iterator[Row]:
    registry = key["registry"]
    if row is not None:
        strata = _strata(analysis, key, row["registries"].split(";"), cells)
        made = contrast(analysis, key["measure"], key["counting"], row, strata)
        if key["adjusted_for"] and lacks_margin(held, row, key["adjusted_for"]):
            made = {**made, **dict.fromkeys(("estimate", "low", "high", "robust_low", "robust_high")), **MARGIN_HELD}
        yield {**key, "registries": row["registries"], **made}
    elif registry in reasons:
        yield {**key, "registries": registry, "status": "withheld", "note": reasons[registry]}
    elif registry == POOLED:
        yield {**key, "status": "not_estimable", "note": "no registry contributed both cohorts"}


def _strata(analysis: Comparison, key: Row, registries: Sequence[str], cells: Mapping[Place, Sequence[Row]]) -> Strata:
    """Events and days of both arms in every cell of the strata, over the registries that contributed both arms.

    Labels are the levels; for a regression the registry stands first, so that it is adjusted for as well.
    """
    numerator, denominator = COUNTED[key["counting"]]
    stratum = margin_name(analysis.adjust)
    found: dict[tuple[str, ...], list[int]] = {}
    for arm, cohort in enumerate((analysis.of.target, analysis.of.comparator)):
        for registry in registries:
            for cell in cells.get((registry, cohort, key["outcome"], key["time_at_risk"]), ()):
                if cell["stratum"] == stratum:
                    own = (registry,) if key["measure"] == REGRESSION else ()
                    numbers = found.setdefault((*own, *cell["level"].split("*")), [0, 0, 0, 0])
                    numbers[2 * arm] += cell[numerator]
                    numbers[2 * arm + 1] += cell[denominator]
    return {labels: (n1, t1, n2, t2) for labels, (n1, t1, n2, t2) in sorted(found.items())}
