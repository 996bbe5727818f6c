"""Pooling: whole numbers of the registries, and their sums beside them. Nothing is divided here.

Persons of different registries are disjoint (the protocol's overlap rule sees to it at the sites), so every
count and every sum over persons adds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.disclose import BORDER_TABLES, Row, records
from pass_engine.disclose.border import CUMULATIVE, STATUS
from pass_engine.disclose.margins import STRATA_TABLE, Margin, margin_of
from pass_engine.disclose.regression import REGRESSION_TABLES
from pass_engine.disclose.thresholds import SEPARATOR, SHOWN, WITHHELD
from pass_engine.terms import MASKED, POOLED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from pass_engine.bundle import BundleContent

CELL = ("analysis", "cohort", "outcome", "time_at_risk")
OF_A_SOURCE = ("quality", "indicator", "completeness_year", "verification", "quality_gate")
"""Tables that belong to a registry's data and are not pooled."""
CHAIN = ("scope", "analysis", "cohort", "outcome", "time_at_risk")
CONTRAST = ("analysis", "outcome", "time_at_risk", "target", "comparator")
ARM_NUMBERS = (
    "persons",
    "persons_with_event",
    "first_events",
    "events",
    "person_days",
    "first_event_days",
    "sum_e2",
    "sum_et",
    "sum_t2",
)


def pool_bundles(bundles: Sequence[BundleContent], order: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Counts, arms, attrition, baseline, life tables and lock points of every registry, and then their pooled rows.

    ``order`` is the registries' order in the protocol; the sum of the masked ones comes last. Every table has the
    columns ``registry`` (an id, ``masked`` or ``pooled``) and ``registries`` (who contributed, ``cz;dk``). Quality is
    not pooled: it belongs to a source.
    """
    order = [*order, MASKED]
    sent = sorted(bundles, key=lambda b: order.index(b.registry_id))
    counts = _stack(sent, "counts")
    arms = _arms(counts, _stack(sent, "arm_overlap"))
    attrition = _stack(sent, "attrition")
    baseline = _stack(sent, "baseline")
    withheld = _withheld(sent)
    return {
        "counts": _without_held(_with_pooled(counts, CELL, ("stratum", "level")), withheld),
        "arms": _with_pooled(arms, CONTRAST, ()),
        "attrition": _with_pooled(attrition, CHAIN, ("step", "label"), _carry_forward(attrition)),
        "baseline": _with_pooled(baseline, ("cohort",), ("variable", "level")),
        **{name: _stack(sent, name) for name in OF_A_SOURCE},
        "life_table": _with_pooled(_stack(sent, "life_table"), CELL, ("day",)),
        "lock_counts": _with_pooled(_stack(sent, "lock_counts"), CELL, ("lock_point",)),
        "withheld": withheld,
        **{name: _stack(sent, name) for name in REGRESSION_TABLES},
        "propensity_model": _stack(sent, "propensity_model"),
        "arm_weight": _stack(sent, "arm_weight"),
        "balance": _stack(sent, "balance"),
        "weighted_count": _stack(sent, "weighted_count"),
    }


def _stack(bundles: Sequence[BundleContent], table: str) -> pd.DataFrame:
    """One table of all registries under each other, each row contributed by its own registry."""
    import pandas as pd

    frames = [
        _as_sent(b.tables[table], table).assign(registry=b.registry_id, registries=b.registry_id) for b in bundles
    ]
    if frames:
        return pd.concat(frames, ignore_index=True)
    border = BORDER_TABLES[table]
    texts = {c: pd.Series(dtype="str") for c in (*border.texts, STATUS, "registry", "registries")}
    return pd.DataFrame({**texts, **{c: pd.Series(dtype="Int64") for c in border.numbers}})


def _as_sent(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """The table with what a registry that suppresses nothing leaves to be worked out: marks, and cumulative counts."""
    if STATUS in frame.columns:
        return frame
    if table == "lock_counts":
        ordered = frame.sort_values("lock_point", kind="stable")
        by = [ordered[c] for c in CELL]
        border = BORDER_TABLES[table]
        sums = {CUMULATIVE + c: ordered[c].groupby(by, sort=False).cumsum().astype("Int64") for c in border.numbers}
        frame = frame.assign(**sums)
    return frame.assign(**{STATUS: SHOWN})


def _withheld(bundles: Sequence[BundleContent]) -> pd.DataFrame:
    """What the registries kept back; outcome, time at risk and stratum are told of a margin alone."""
    import pandas as pd

    columns = ("table", "analysis", "cohort", "reason", *Margin._fields[1:])
    rows = [{"registry": b.registry_id, **{c: w.get(c, "") for c in columns}} for b in bundles for w in b.withheld]
    return pd.DataFrame(rows, columns=["registry", *columns], dtype="str")


def _with_pooled(
    frame: pd.DataFrame, group: Sequence[str], within: Sequence[str], summed: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The rows, then one pooled row a key. Contributors are those with any row of the group."""
    import pandas as pd

    source = frame if summed is None else summed
    keys = [*group, *within]
    numbers = [c for c in source.columns if str(source[c].dtype) == "Int64" and c not in keys]
    positions = {c: "max" if c == "position" else _sum for c in numbers}
    if source.empty:
        return frame
    pooled = source.groupby(keys, sort=False, as_index=False).agg(positions)
    pooled[numbers] = pooled[numbers].astype("Int64")
    pooled[STATUS] = _pooled_marks(source, keys, len(pooled))
    contributors = frame.groupby(list(group), sort=False)["registry"].agg(lambda r: SEPARATOR.join(dict.fromkeys(r)))
    pooled = pooled.merge(contributors.rename("registries").reset_index(), on=list(group))
    return pd.concat([frame, pooled.assign(registry=POOLED)[list(frame.columns)]], ignore_index=True)


def _pooled_marks(source: pd.DataFrame, keys: Sequence[str], rows: int) -> Sequence[str]:
    """A pooled number that lacks a contributor's is missing, and its row says so."""
    hidden = source[STATUS].ne(SHOWN)
    if not hidden.any():
        return [SHOWN] * rows
    lacks = hidden.groupby([source[c] for c in keys], sort=False).any()
    return [WITHHELD if lacking else SHOWN for lacking in lacks]


def _without_held(counts: pd.DataFrame, withheld: pd.DataFrame) -> pd.DataFrame:
    """Pooled rows of a margin do not name a registry that kept the margin back."""
    held = {(margin_of(w), w["registry"]) for w in records(withheld) if w["table"] == STRATA_TABLE}
    if not held:
        return counts

    def contributors(row: Row) -> str:
        names = row["registries"].split(SEPARATOR)
        return SEPARATOR.join(n for n in names if (margin_of(row), n) not in held)

    return counts.assign(registries=[contributors(row) for row in records(counts)])


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

    chains: dict[tuple[str, ...], dict[str, list[Row]]] = {}
    for row in records(attrition):
        chains.setdefault(tuple(row[c] for c in CHAIN), {}).setdefault(row["registry"], []).append(row)
    filled = [row for chain in chains.values() for row in _fill_chain(chain)]
    frame = pd.DataFrame(filled, columns=list(attrition.columns))
    return frame.astype(attrition.dtypes.to_dict())


def _fill_chain(chain: Mapping[str, Sequence[Row]]) -> Iterator[Row]:
    places: dict[tuple[str, str], int] = {}
    for row in (r for rows in chain.values() for r in rows):
        step = (row["step"], row["label"])
        places[step] = max(row["position"], places.get(step, 0))
    for rows in chain.values():
        own = {(r["step"], r["label"]): r for r in rows}
        before = {**rows[0], "persons": None, STATUS: SHOWN}
        for step, position in sorted(places.items(), key=lambda item: item[1]):
            row = own.get(step) or {**before, "step": step[0], "label": step[1], "excluded": 0}
            if row["persons"] is not None and row["excluded"] is not None:
                row = {**row, STATUS: SHOWN}
            yield {**row, "position": position}
            before = row
