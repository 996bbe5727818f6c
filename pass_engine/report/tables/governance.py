"""Who decides what: the rules of each registry, and who contributed to which analysis (Annex 2.4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pass_engine.report.cells import text
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.numbers import join_words
from pass_engine.report.tables.definitions import identity
from pass_engine.report.tables.layout import group, make

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pass_engine.report.context import Context

DECISIONS: Final = {"local": "local, unsigned", "signed": "signed"}
RULES: Final = (
    ("min_cell", "Smallest count shown", 0.8),
    ("min_persons", "Fewest persons of a cohort", 0.8),
    ("zeros", "Zeros", 0.8),
    ("dominance", "Most events of one person, %", 0.9),
    ("max_levels", "Most levels of a stratifier", 0.9),
    ("max_parameters_per_event", "Most strata per event", 0.8),
)
"""Rules of a policy that a study may ask for as well: field, head, width."""
NOTHING: Final = "–"
STRICTER: Final = (
    "Of each rule the stricter one of study and registry counts; pooled numbers go by the strictest contributor."
)


def governance(ctx: Context) -> Table:
    """What each registry decided and asks for; first what the study asks of all."""
    columns = (
        Column("", 1.2, numeric=False),
        Column("Decision", 1.0, numeric=False),
        Column("Released", 1.0, numeric=False),
        *(Column(head, width, numeric=False) for _, head, width in RULES),
        Column("May leave", 2.0, numeric=False),
    )
    asked = ctx.study.publish.model_dump(mode="json")
    none = text(NOTHING)
    study = Line((text("Study"), none, none, *_rules(asked), none))
    own = [Line(_registry(ctx, row["registry"], row["decision"])) for row in ctx.run.results["participation.csv"]]
    title = "Who decides what: decision and rules of each registry"
    notes = (
        STRICTER,
        f"{NOTHING}: not asked for, or not known because the registry did not take part.",
        *identity(ctx),
    )
    table = make(
        "governance", title, columns, [study, *own], notes, empty="The protocol invites no registry.", compact=True
    )
    return replace(table, wide=False)


def _registry(ctx: Context, key: str, decision: str) -> tuple[Cell, ...]:
    policy: Mapping[str, Any] = ctx.run.registries.get(key, {}).get("policy", {})
    kinds = policy.get("allow", ())
    return (
        text(ctx.names.registry(key)),
        text(DECISIONS.get(decision, NOTHING)),
        text(policy.get("release", NOTHING)),
        *_rules(policy),
        text(join_words(list(kinds)) if kinds else NOTHING),
    )


def _rules(policy: Mapping[str, Any]) -> tuple[Cell, ...]:
    return tuple(text(NOTHING if policy.get(name) is None else f"{policy[name]}") for name, *_ in RULES)


def contribution(ctx: Context) -> Table:
    """Each analysis and outcome, and whether each registry contributed, declined or was excluded."""
    rows = ctx.run.results["contribution.csv"]
    registries = list(dict.fromkeys(row["registry"] for row in rows))
    columns = (
        Column("Outcome", 1.8, numeric=False),
        *(Column(ctx.names.registry(r), 1.0, numeric=False) for r in registries),
    )
    by_place = {(row["analysis"], row["outcome"], row["registry"]): row for row in rows}
    lines: list[Line] = []
    for analysis in dict.fromkeys(row["analysis"] for row in rows):
        lines.append(group(f"Analysis {analysis}", len(columns)))
        for outcome in dict.fromkeys(row["outcome"] for row in rows if row["analysis"] == analysis):
            own = (by_place[analysis, outcome, registry]["status"] for registry in registries)
            lines.append(Line((text(ctx.names.outcome(outcome)), *(text(status) for status in own))))
    reasons = {(row["registry"], row["reason"]): None for row in rows if row["reason"]}
    told = tuple(f"{ctx.names.registry(registry)}: {reason}." for registry, reason in reasons)
    title = "Who contributed to which analysis and outcome"
    return make(
        "contribution",
        title,
        columns,
        lines,
        (*told, *identity(ctx)),
        empty="The run does not say who contributed to what.",
    )
