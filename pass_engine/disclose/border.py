"""The border: what a registry lets out, and in which form. Everything else stays.

Tables hold named texts (what a row is about) and whole numbers (counts and sums over persons). Nothing
else is let through: no other table, no other column, no fraction, no date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.disclose.frames import records
from pass_engine.disclose.margins import held_margins, margin_records, without_margins
from pass_engine.disclose.regression import REGRESSION_TABLES, held_regressions
from pass_engine.disclose.scores import LEFT_OUT, SCORE_TABLES, held_scores
from pass_engine.disclose.squares import CROSS, CROSS_WITH_EVENT, SQUARES, without_squares
from pass_engine.disclose.thresholds import MARK, SHOWN
from pass_engine.disclose.values import is_short_text, is_whole
from pass_engine.errors import DisclosureError, Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from pass_engine.registry.models import Policy


@dataclass(frozen=True)
class BorderTable:
    """A table that may leave: its text columns, its whole-number columns, and numbers it may lack."""

    texts: tuple[str, ...]
    numbers: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, in the order in which they are written."""
        return (*self.texts, *self.numbers, *self.optional)


_CELL = ("analysis", "cohort", "outcome", "time_at_risk", "stratum", "level")
_COUNTS = (
    "persons",
    "persons_with_event",
    "first_events",
    "events",
    "window_days",
    "person_days",
    "first_event_days",
    "sum_e2",
    "sum_et",
    "sum_t2",
)

_MODEL = ("analysis", "outcome", "time_at_risk", "target", "comparator", "model", "adjustment")
_LOCKED = ("first_events", "events", "person_days", "first_event_days")
CUMULATIVE = "cumulative_"
"""How a column begins that counts up to a lock point; it leaves where an interval before it may not."""

BORDER_TABLES = {
    "counts": BorderTable(_CELL, _COUNTS, ("sum_fw", "sum_w2")),
    "arm_overlap": BorderTable(
        ("analysis", "outcome", "time_at_risk", "target", "comparator"),
        ("persons_in_both", *CROSS_WITH_EVENT, *CROSS),
    ),
    "attrition": BorderTable(
        ("scope", "analysis", "cohort", "outcome", "time_at_risk", "step", "label"),
        ("position", "persons", "excluded"),
    ),
    "baseline": BorderTable(("cohort", "variable", "level"), ("persons", "sum_value", "sum_square")),
    "life_table": BorderTable(_CELL[:4], ("day", "persons", "entered", "events", "competing", "censored")),
    "lock_counts": BorderTable((*_CELL[:4], "lock_point"), _LOCKED, tuple(f"{CUMULATIVE}{name}" for name in _LOCKED)),
    "propensity_model": BorderTable(("analysis", "covariate", "level", "sign"), ("persons", "coefficient_e6")),
    "arm_weight": BorderTable(
        ("analysis", "weighting", "cohort", "diagnosis"),
        (
            "persons",
            "later_arm",
            "incomplete",
            "rare_level",
            "in_equipoise",
            "outside_support",
            "truncated",
            "unmatched",
            "weight_e6",
            "squares_e6",
            "heaviest_e6",
        ),
    ),
    "balance": BorderTable(
        ("analysis", "weighting", "cohort", "covariate", "level"),
        ("persons", "weight_e6", "total_e6", "squares_e6"),
    ),
    "weighted_count": BorderTable(
        ("analysis", "weighting", "cohort", "outcome", "time_at_risk"),
        (
            "persons",
            "persons_with_event",
            "events",
            "person_days",
            "weighted_events_e6",
            "weighted_days_e6",
            "residuals_e6",
        ),
    ),
    "regression_arm": BorderTable((*_MODEL[:3], "cohort"), ("persons", "persons_with_event", *LEFT_OUT)),
    "regression_fit": BorderTable(
        (*_MODEL, "sign", "diagnosis"),
        ("parameters", "least_persons", "coefficient_e9", "variance_e9", "robust_e9", "hazards_e6", "tested"),
    ),
    "regression_likelihood": BorderTable(_MODEL, ("point", "drop_e6")),
    "quality": BorderTable(("kind", "rule_id", "table_name", "column_name", "label"), ("tested", "failed")),
    "indicator": BorderTable(("indicator",), ("numerator", "denominator")),
    "completeness_year": BorderTable(("table_name", "column_name", "calendar_year"), ("tested", "failed")),
    "verification": BorderTable(("table_name", "column_name"), ("checked", "errors")),
    "quality_gate": BorderTable(
        ("indicator", "variable", "limit_text", "action", "analyses", "verdict"), ("position",)
    ),
}
"""The allow-list. ``sum_fw`` and ``sum_w2`` of ``counts`` are sums over persons of (first event x window days)
and of squared window days: the person-robust interval of the total-exposure rate needs them."""

STATUS = "status"
"""A further column of a registry that releases suppressed counts: why numbers of the row are empty."""

MAY_BE_EMPTY = {
    "attrition": ("persons", "excluded"),
    "baseline": ("sum_value", "sum_square"),
    "counts": SQUARES,
    "arm_overlap": CROSS,
}
"""Numbers a row may lack, where they have no meaning for it or do not leave."""

QUALITY_COUNTS = frozenset({"quality", "indicator", "completeness_year", "verification"})
"""Tables that leave where the registry allows quality. Decisions of gates hold no count, and leave always."""
SHARED_BY_ALL = frozenset({"quality_gate"})
OPTIONAL_TABLES = (*SCORE_TABLES, *REGRESSION_TABLES)
"""Tables that are there only where a study asks for them."""
GATED_TABLES = ("counts", "arm_overlap", "attrition", "life_table", "lock_counts", *OPTIONAL_TABLES)
"""Tables with rows of an analysis, which a gate keeps back."""
COUNTED_KINDS = ("incidence", "comparison", "survival")
"""Kinds of analysis that need cohorts: attrition and baseline may leave with any of them."""

Withheld = dict[str, str]


def check_border(
    tables: Mapping[str, pd.DataFrame],
    policy: Policy,
    analysis_kinds: Mapping[str, str],
    gated: Mapping[str, str] | None = None,
) -> tuple[dict[str, pd.DataFrame], tuple[Withheld, ...]]:
    """Give back what may leave under the registry's policy, and a record of what was kept back.

    ``analysis_kinds`` is analysis id to incidence, comparison, survival or sensitivity (which leaves as incidence).
    ``gated`` is analysis id to the quality gate that excludes the registry from it: its rows stay as well.
    Raises DisclosureError for anything not on the allow-list. A cohort with fewer persons here than
    ``policy.min_persons`` leaves in no table at all, its attrition included; a margin with more levels, or more strata
    per event, than the policy lets pass leaves no row of ``counts``. Sums of squares leave for cells of enough persons.
    """
    checked = shape_tables(tables)
    small = _small_cohorts(checked["attrition"], policy.min_persons)
    kept: dict[str, pd.DataFrame] = {}
    gated = gated or {}
    withheld = [
        {"table": table, "analysis": analysis, "cohort": "", "reason": reason}
        for analysis, reason in gated.items()
        for table in GATED_TABLES
        if table not in OPTIONAL_TABLES or analysis in set(checked[table]["analysis"])
    ]
    for name, frame in checked.items():
        allowed, refused = _allowed_rows(name, frame, policy, analysis_kinds)
        large, gone = _without_small(frame, small)
        least = policy.min_persons
        too_few = f"fewer than {least} persons in the registry" if least > 1 else "nobody in the registry"
        withheld += [
            {"table": name, "analysis": a, "cohort": "", "reason": "not allowed by the registry"} for a in refused
        ]
        withheld += [
            {"table": name, "analysis": a, "cohort": c, "reason": too_few} for a, c in gone if a not in refused
        ]
        kept[name] = frame[allowed & large & _not_gated(frame, gated)].reset_index(drop=True)
    held = held_margins(records(kept["counts"]), policy, analysis_kinds)
    kept["counts"] = kept["counts"][without_margins(kept["counts"], held)].reset_index(drop=True)
    kept["counts"], kept["arm_overlap"], squares = without_squares(
        kept["counts"], kept["arm_overlap"], policy, analysis_kinds
    )
    kept, scores = held_scores(kept, policy)
    kept, models = held_regressions(kept, policy)
    return kept, (*withheld, *margin_records(held), *squares, *scores, *models)


def _not_gated(frame: pd.DataFrame, gated: Mapping[str, str]) -> pd.Series[bool]:
    """Rows of no analysis that a quality gate excludes."""
    import pandas as pd

    if "analysis" not in frame.columns:
        return pd.Series(data=True, index=frame.index, dtype=bool)
    return ~frame["analysis"].isin(list(gated))


def shape_tables(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Tables in the shape of the allow-list: its columns in its order, texts and whole numbers. All faults at once."""
    faults = [
        _fault("PE501", name, "", "a table", "this table is not among those that may leave", "leave it at the registry")
        for name in tables
        if name not in BORDER_TABLES
    ]
    faults += [
        _fault("PE502", name, "", "no table", "this table is missing", "give it, empty if there is nothing to count")
        for name in BORDER_TABLES
        if name not in tables and name not in OPTIONAL_TABLES
    ]
    shaped = {name: empty_table(name) for name in OPTIONAL_TABLES if name not in tables}
    for name, border in BORDER_TABLES.items():
        if name in tables:
            found = _column_faults(name, border, tables[name]) or _value_faults(name, border, tables[name])
            faults += found
            if not found:
                shaped[name] = _shape(border, tables[name])
    if faults:
        raise DisclosureError(*faults)
    return {name: shaped[name] for name in BORDER_TABLES}


def empty_table(name: str) -> pd.DataFrame:
    """A table of the allow-list without rows."""
    import pandas as pd

    border = BORDER_TABLES[name]
    texts = {c: pd.Series(dtype="str") for c in border.texts}
    return pd.DataFrame({**texts, **{c: pd.Series(dtype="Int64") for c in border.numbers}})


def _column_faults(name: str, border: BorderTable, frame: pd.DataFrame) -> list[Fault]:
    extra = [
        _fault("PE502", name, str(c), "a column", "this column is not among those that may leave", "take it out")
        for c in frame.columns
        if c not in (*border.columns, STATUS)
    ]
    missing = [
        _fault("PE502", name, c, "no column", "this column is missing", "give every column of the table")
        for c in (*border.texts, *border.numbers)
        if c not in frame.columns
    ]
    return extra + missing


def _value_faults(name: str, border: BorderTable, frame: pd.DataFrame) -> list[Fault]:
    faults = []
    marks = list(frame[STATUS]) if STATUS in frame.columns else [SHOWN] * len(frame)
    strange = sum(not (isinstance(mark, str) and MARK.fullmatch(mark)) for mark in marks)
    if strange:
        problem, mend = "a status says shown, withheld or <k", "give one of these"
        faults.append(_fault("PE504", name, STATUS, f"{strange} of {len(frame)} rows", problem, mend))
    for column in border.columns:
        if column in border.texts:
            bad = sum(not is_short_text(v) for v in frame[column])
            problem, mend = "texts must be short and on one line", "give identifiers and labels only"
        elif column in frame.columns:
            empty = column in MAY_BE_EMPTY.get(name, ()) or column in border.optional
            bad = sum(
                not is_whole(v, empty=empty or mark != SHOWN) for v, mark in zip(frame[column], marks, strict=True)
            )
            problem, mend = "only whole numbers from 0 leave", "count or sum whole units"
        else:
            continue
        if bad:
            code = "PE504" if column in border.texts else "PE503"
            faults.append(_fault(code, name, column, f"{bad} of {len(frame)} rows", problem, mend))
    return faults


def _shape(border: BorderTable, frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, pd.Series[Any]] = {}
    for column in border.columns:
        if column in border.texts:
            columns[column] = frame[column].astype("str")
        elif column in frame.columns:
            columns[column] = frame[column].astype("Int64")
    if STATUS in frame.columns:
        columns[STATUS] = frame[STATUS].astype("str")
    return pd.DataFrame(columns).reset_index(drop=True)


def _allowed_rows(
    name: str, frame: pd.DataFrame, policy: Policy, kinds: Mapping[str, str]
) -> tuple[pd.Series[bool], list[str]]:
    """Rows of a kind the registry allows, and the analyses refused; shared tables need any analysis allowed."""
    import pandas as pd

    def allows(kind: str) -> bool:
        return ("incidence" if kind == "sensitivity" else kind) in policy.allow

    if name in SHARED_BY_ALL:
        return pd.Series(data=True, index=frame.index, dtype=bool), []
    shared = allows("quality") if name in QUALITY_COUNTS else any(allows(kind) for kind in COUNTED_KINDS)
    if "analysis" not in frame.columns:
        return pd.Series(shared, index=frame.index, dtype=bool), [""] if len(frame) and not shared else []
    analyses = _known(name, frame, kinds)
    verdict = {a: allows(kinds[a]) if a else shared for a in dict.fromkeys(analyses)}
    rows = pd.Series([verdict[a] for a in analyses], index=frame.index, dtype=bool)
    return rows, [a for a in verdict if not verdict[a]]


def _known(name: str, frame: pd.DataFrame, kinds: Mapping[str, str]) -> list[str]:
    analyses = list(frame["analysis"])
    unknown = sorted({a for a in analyses if a and a not in kinds})
    if unknown:
        raise DisclosureError(
            *(
                _fault(
                    "PE505", name, "analysis", a, "this analysis is not in the protocol", "count what was asked only"
                )
                for a in unknown
            )
        )
    return analyses


def _small_cohorts(attrition: pd.DataFrame, min_persons: int) -> dict[tuple[str, str], bool]:
    """Per analysis of cohort scope ('' for the main scenario) and cohort: is it smaller than the registry wants?"""
    scope = attrition[attrition["scope"] == "cohort"].sort_values("position", kind="stable")
    last = zip(scope["analysis"], scope["cohort"], scope["persons"], strict=True)
    return {(a, c): bool(n < min_persons) for a, c, n in last}


def _without_small(
    frame: pd.DataFrame, small: Mapping[tuple[str, str], bool]
) -> tuple[pd.Series[bool], list[tuple[str, str]]]:
    """Rows of no small cohort, and the small cohorts found, as (analysis, cohort)."""
    import pandas as pd

    keep = pd.Series(data=True, index=frame.index, dtype=bool)
    gone: dict[tuple[str, str], None] = {}
    analyses = frame["analysis"] if "analysis" in frame.columns else pd.Series("", index=frame.index)
    for column in (c for c in ("cohort", "target", "comparator") if c in frame.columns):
        rows = list(zip(analyses, frame[column], strict=True))
        found = [small.get(row, small.get(("", row[1]), False)) for row in rows]
        keep &= ~pd.Series(found, index=frame.index, dtype=bool)
        gone.update(dict.fromkeys(row for row, is_small in zip(rows, found, strict=True) if is_small))
    return keep, list(gone)


def _fault(code: str, table: str, column: str, found: str, problem: str, mend: str) -> Fault:
    return Fault(f"table {table}", column, found, problem, mend, code)
