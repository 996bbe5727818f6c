"""Pooling: whole numbers of the registries, and their sums beside them. Nothing is divided here.

Persons of different registries are disjoint (the protocol's overlap rule sees to it at the sites), so every
count and every sum over persons adds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.terms import POOLED

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from pass_engine.bundle import BundleContent

CELL = ("analysis", "cohort", "outcome", "time_at_risk")
CHAIN = ("scope", "analysis", "cohort", "outcome", "time_at_risk")
CONTRAST = ("analysis", "outcome", "time_at_risk", "target", "comparator")
ARM_NUMBERS = (
    "persons", "persons_with_event", "first_events", "events", "person_days", "first_event_days",
    "sum_e2", "sum_et", "sum_t2",
)
SEPARATOR = ";"


def pool_bundles(bundles: Sequence[BundleContent], order: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Counts, arms, attrition, baseline and quality of every registry, followed by their pooled rows.

    ``order`` is the registries' order in the protocol. Every table has the columns ``registry`` (an id, or
    ``pooled``) and ``registries`` (who contributed, ``cz;dk``). Quality is not pooled: it belongs to a source.
    """
    sent = sorted(bundles, key=lambda b: order.index(b.registry_id))
    counts = _stack(sent, "counts")
    arms = _arms(counts, _stack(sent, "arm_overlap"))
    attrition = _stack(sent, "attrition")
    baseline = _stack(sent, "baseline")
    return {
        "counts": _with_pooled(counts, CELL, ("stratum", "level")),
        "arms": _with_pooled(arms, CONTRAST, ()),
        "attrition": _with_pooled(attrition, CHAIN, ("step", "label"), _carry_forward(attrition)),
        "baseline": _with_pooled(baseline, ("cohort",), ("variable", "level")),
        "quality": _stack(sent, "quality"),
        "withheld": _withheld(sent),
    }


def _stack(bundles: Sequence[BundleContent], table: str) -> pd.DataFrame:
    """One table of all registries under each other, each row contributed by its own registry."""
    import pandas as pd

    from pass_engine.disclose import BORDER_TABLES

    frames = [b.tables[table].assign(registry=b.registry_id, registries=b.registry_id) for b in bundles]
    if frames:
        return pd.concat(frames, ignore_index=True)
    border = BORDER_TABLES[table]
    texts = {c: pd.Series(dtype="str") for c in (*border.texts, "registry", "registries")}
    return pd.DataFrame({**texts, **{c: pd.Series(dtype="Int64") for c in border.numbers}})


def _withheld(bundles: Sequence[BundleContent]) -> pd.DataFrame:
    """What the registries kept back: registry, table, analysis, cohort, reason."""
    import pandas as pd

    columns = ("table", "analysis", "cohort", "reason")
    rows = [{"registry": b.registry_id, **{c: w.get(c, "") for c in columns}} for b in bundles for w in b.withheld]
    return pd.DataFrame(rows, columns=["registry", *columns], dtype="str")


def _with_pooled(
    frame: pd.DataFrame, group: Sequence[str], within: Sequence[str], summed: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The rows, then one pooled row a key. Contributors are those with any row of the group."""
    import pandas as pd

    source = frame if summed is None else summed
    keys = [*group, *within]
    numbers = [c for c in source.columns if str(source[c].dtype) == "Int64"]
    positions = {c: "max" if c == "position" else _sum for c in numbers}
    if source.empty:
        return frame
    pooled = source.groupby(keys, sort=False, as_index=False).agg(positions)
    pooled[numbers] = pooled[numbers].astype("Int64")
    contributors = frame.groupby(list(group), sort=False)["registry"].agg(lambda r: SEPARATOR.join(dict.fromkeys(r)))
    pooled = pooled.merge(contributors.rename("registries").reset_index(), on=list(group))
    return pd.concat([frame, pooled.assign(registry=POOLED)[list(frame.columns)]], ignore_index=True)


def _sum(numbers: pd.Series[int]) -> object:
    """The sum; missing where a registry's number is, since a part is not the whole."""
    return numbers.sum(skipna=False)


def _arms(counts: pd.DataFrame, overlap: pd.DataFrame) -> pd.DataFrame:
    """Both arms of every contrast side by side, for registries that sent both and their overlap."""
    overall = counts[counts["stratum"] == "overall"]
    arms = overlap
    for arm in ("target", "comparator"):
        names = {"cohort": arm, **{c: f"{arm}_{c}" for c in ARM_NUMBERS}}
        side = overall[["registry", *CELL, *ARM_NUMBERS]].rename(columns=names)
        arms = arms.merge(side, on=["registry", "analysis", "outcome", "time_at_risk", arm])
    return arms


def _carry_forward(attrition: pd.DataFrame) -> pd.DataFrame:
    """Attrition with the steps a registry did not have: it kept its persons there, and excluded none."""
    import pandas as pd

    filled = []
    for _, chain in attrition.groupby(list(CHAIN), sort=False):
        steps = chain.groupby(["step", "label"], sort=False)["position"].max().sort_values(kind="stable")
        for _, own in chain.groupby("registry", sort=False):
            filled.append(_fill(own, steps))
    return pd.concat(filled, ignore_index=True) if filled else attrition


def _fill(own: pd.DataFrame, steps: pd.Series[int]) -> pd.DataFrame:
    by_step = own.set_index(["step", "label"]).reindex(steps.index)
    absent = by_step["registry"].isna()
    by_step["position"] = steps.astype("Int64")
    by_step["persons"] = by_step["persons"].where(~absent, by_step["persons"].ffill())
    by_step["excluded"] = by_step["excluded"].where(~absent, 0)
    texts = [*CHAIN, "registry", "registries"]
    by_step[texts] = by_step[texts].ffill().bfill()
    return by_step.reset_index()[list(own.columns)]
