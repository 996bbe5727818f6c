"""Data quality in the report: the gates beside the participants, and the section of the annex with every profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.report.figures.heat_map import heat_map
from pass_engine.report.figures.profile import profile
from pass_engine.report.model import Block, Section
from pass_engine.report.numbers import join_words
from pass_engine.report.sections.parts import paragraphs, present
from pass_engine.report.tables.indicators import gate_table, indicator_table, representativeness, verification_table
from pass_engine.report.tables.quality import quality
from pass_engine.report.tables.shells import with_shells
from pass_engine.terms import GATE_NOT_MET

if TYPE_CHECKING:
    from pass_engine.report.context import Context


def gates(ctx: Context) -> tuple[Block, ...]:
    """What the protocol's quality gates say of each registry, and what followed; nothing where there are none."""
    table = gate_table(ctx)
    if table is None:
        return ()
    said: dict[str, list[str]] = {}
    for row in ctx.run.rows("quality_gates.csv", verdict=GATE_NOT_MET):
        said.setdefault(row["registry"], []).append(row["position"])
    told = [
        f"{ctx.names.registry(key)} does not keep gate{'s' if len(n) > 1 else ''} {join_words(n)}"
        for key, n in said.items()
    ]
    outcome = f"{join_words(told)}." if told else "Every registry keeps all of them that it has data for."
    return (*paragraphs(f"The protocol sets limits on the quality of data ([[quality-gates]]). {outcome}"), table)


def quality_section(ctx: Context) -> Section:
    """Annex 2.3: faults, mapping and indicators side by side, verification, then a profile of each registry."""
    shown = [key for key in ctx.examined if any(ctx.run.rows("indicators.csv", registry=key))]
    return Section(
        "A2.3",
        "Data quality",
        with_shells(
            ctx,
            "A2.3",
            (
                quality(ctx, "fault"),
                quality(ctx, "mapping"),
                indicator_table(ctx),
                representativeness(ctx),
                *present(verification_table(ctx)),
            ),
        ),
        tuple(
            Section(
                f"A2.3.{number}",
                ctx.names.registry_in_full(key),
                present(profile(ctx, key), heat_map(ctx, key)),
            )
            for number, key in enumerate(shown, start=1)
        ),
    )
