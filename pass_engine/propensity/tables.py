"""What of a registry's scores may leave: coefficients, sums of weights, balance and weighted counts, in whole units.

Columns that end with ``_e6`` are in millionths. Sums of squared weights, and of squared weighted residuals, are made
exactly of whole numbers and rounded once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pass_engine.propensity.arms import LEFT_OUT, arms_of, level_name, level_sizes, terms_of
from pass_engine.propensity.scores import UNIT, NoWeights, Scored, Weights, score_arms, unweighted, weigh
from pass_engine.protocol.covariate_rules import places_of
from pass_engine.protocol.models import Comparison

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from pass_engine.propensity.arms import Arms, Group
    from pass_engine.protocol.models import Propensity, Study

Row = dict[str, Any]
NOTHING = ("propensity_model", "arm_weight", "balance", "weighted_count")
"""Tables that are there only where a study asks for propensity scores."""
WHOLE = ("persons", "persons_with_event", "events", "person_days", "sum_e2", "sum_et", "sum_t2")


def weighted_tables(added: Mapping[str, pd.DataFrame], study: Study) -> dict[str, pd.DataFrame]:
    """The border's tables of every comparison that asks for propensity scores; none where none does."""
    import pandas as pd

    rows: dict[str, list[Row]] = {name: [] for name in NOTHING}
    places = {place.name: place for place in places_of(study)}
    for analysis in study.analyses:
        if isinstance(analysis, Comparison) and analysis.propensity is not None:
            asked = analysis.propensity
            patterns = _of(added["arm_pattern"], analysis.id)
            used = [places[name] for name in asked.covariates]
            arms = arms_of(patterns, used, asked.min_level_persons)
            _analysis(rows, analysis, asked, arms, _of(added["arm_outcome"], analysis.id))
    return {name: pd.DataFrame(found) for name, found in rows.items() if found}


def _of(frame: pd.DataFrame, analysis: str) -> list[Row]:
    return [{str(c): v for c, v in row.items()} for row in frame[frame["analysis"] == analysis].to_dict("records")]


def _analysis(
    rows: dict[str, list[Row]], analysis: Comparison, asked: Propensity, arms: Arms, outcomes: Sequence[Row]
) -> None:
    cohorts = {True: analysis.of.target, False: analysis.of.comparator}
    scored = score_arms(arms)
    if isinstance(scored, str):
        for is_target, cohort in cohorts.items():
            rows["arm_weight"].append({"analysis": analysis.id, "weighting": "none", "cohort": cohort,
                                       "diagnosis": scored, **_left(arms, is_target=is_target)})  # fmt: skip
        return
    rows["propensity_model"] += [{"analysis": analysis.id, **row} for row in _model_rows(scored)]
    for weights in (unweighted(scored.groups), *weigh(scored, asked)):
        for is_target, cohort in cohorts.items():
            key = {"analysis": analysis.id, "weighting": weights.kind, "cohort": cohort}
            if isinstance(weights, NoWeights):
                rows["arm_weight"].append({**key, "diagnosis": weights.why, **_left(arms, is_target=is_target)})
                continue
            rows["arm_weight"].append({**key, "diagnosis": "", **_arm_row(scored, weights, is_target=is_target)})
            rows["balance"] += [{**key, **row} for row in _balance_rows(scored, weights, is_target=is_target)]
            if weights.kind != "none":
                found = _weighted_rows(scored, weights, outcomes, is_target=is_target)
                rows["weighted_count"] += [{**key, **row} for row in found]


def _left(arms: Arms, *, is_target: bool) -> Row:
    arm = 0 if is_target else 1
    zeros = ("in_equipoise", "outside_support", "truncated", "unmatched", "weight_e6", "squares_e6", "heaviest_e6")
    left_out = {reason: arms.left_out[reason][arm] for reason in LEFT_OUT}
    return {"persons": arms.size(is_target=is_target), **left_out, **dict.fromkeys(zeros, 0)}


def _model_rows(scored: Scored) -> Iterator[Row]:
    """One row a term; of a reference level the coefficient is 0."""
    found = dict(zip([(t.covariate, t.level) for t in scored.terms], scored.coefficients, strict=True))
    for term in terms_of(scored.arms):
        value = round(found.get((term.covariate, term.level), 0.0) * UNIT)
        sizes = [0, 0] if term.digit is None else level_sizes(scored.arms, term.number or 0)[term.digit]
        yield {
            "covariate": term.covariate,
            "level": term.level,
            "sign": "-" if value < 0 else "+",
            "persons": min(sizes)
            if term.digit is not None
            else min(scored.arms.size(is_target=t) for t in (True, False)),
            "coefficient_e6": abs(value),
        }


def _members(scored: Scored, weights: Weights, *, is_target: bool) -> list[tuple[Group, int, int]]:
    """Groups of an arm with the persons and the weight of each of them."""
    return [
        (g, scored.arms.persons[g], w)
        for g, w in zip(scored.groups, weights.units, strict=True)
        if g.is_target == is_target
    ]


def _arm_row(scored: Scored, weights: Weights, *, is_target: bool) -> Row:
    members = _members(scored, weights, is_target=is_target)
    return {
        **_left(scored.arms, is_target=is_target),
        "in_equipoise": scored.overlap.in_equipoise[int(is_target)],
        "outside_support": scored.overlap.outside[int(is_target)],
        "truncated": weights.truncated[0 if is_target else 1],
        "unmatched": weights.unmatched[0 if is_target else 1],
        "weight_e6": sum(n * w for _, n, w in members),
        "squares_e6": rounded(sum(n * w * w for _, n, w in members), UNIT),
        "heaviest_e6": max(w for _, _, w in members),
    }


def _balance_rows(scored: Scored, weights: Weights, *, is_target: bool) -> Iterator[Row]:
    """Weighted persons of every level; of a number the weighted sums of it and of its square, in units."""
    members = _members(scored, weights, is_target=is_target)
    for n, place in enumerate(scored.arms.places):
        if place.is_linear:
            yield {
                "covariate": place.name,
                "level": "",
                "persons": sum(p for _, p, _ in members),
                "weight_e6": sum(p * w for _, p, w in members),
                "total_e6": sum(p * w * (g.digits[n] - 1) for g, p, w in members),
                "squares_e6": sum(p * w * (g.digits[n] - 1) ** 2 for g, p, w in members),
            }
            continue
        for digit in level_sizes(scored.arms, n):
            with_it = [(p, w) for g, p, w in members if g.digits[n] == digit]
            weight = sum(p * w for p, w in with_it)
            yield {
                "covariate": place.name,
                "level": level_name(place, digit),
                "persons": sum(p for p, _ in with_it),
                "weight_e6": sum(p * w for _, p, w in members),
                "total_e6": weight,
                "squares_e6": weight,
            }


def _weighted_rows(scored: Scored, weights: Weights, outcomes: Sequence[Row], *, is_target: bool) -> Iterator[Row]:
    """Counts of every outcome, each pattern's times its weight; squared residuals for the person-robust interval.

    With E the weighted events and T the weighted days, r = E / T, the sum over persons of w^2 (e - r t)^2.
    """
    by_digits = {g.digits: w for g, w in zip(scored.groups, weights.units, strict=True) if g.is_target == is_target}
    places = scored.arms.places
    found: dict[tuple[str, str], list[tuple[int, Row]]] = {}
    for row in outcomes:
        weight = by_digits.get(tuple(p.digit(int(row["pattern"])) for p in places))
        if bool(row["is_target"]) == is_target and weight is not None:
            found.setdefault((row["outcome"], row["time_at_risk"]), []).append((weight, row))
    for (outcome, time), rows in sorted(found.items()):
        events, days = (sum(w * int(r[c]) for w, r in rows) for c in ("events", "person_days"))
        squares = [sum(w * w * int(r[c]) for w, r in rows) for c in ("sum_e2", "sum_et", "sum_t2")]
        residuals = days * days * squares[0] - 2 * events * days * squares[1] + events * events * squares[2]
        yield {
            "outcome": outcome,
            "time_at_risk": time,
            **{c: sum(int(r[c]) for _, r in rows) for c in WHOLE[:4]},
            "weighted_events_e6": events,
            "weighted_days_e6": days,
            "residuals_e6": rounded(residuals, days * days * UNIT) if days else 0,
        }


def rounded(numerator: int, denominator: int) -> int:
    """A quotient of whole numbers, rounded half up."""
    return (2 * numerator + denominator) // (2 * denominator)
