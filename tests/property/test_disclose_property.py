"""Can anyone get a withheld number back by subtraction? An attacker who knows every sum tries, on random tables.

The attacker shares no code with the engine: the sums are found from the published frames alone.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pass_engine.centre import estimate, participation_rows
from pass_engine.disclose import publish
from pass_engine.disclose.thresholds import Thresholds
from pass_engine.protocol.reference import ReferenceRate, ReferenceRates
from tests.made_bundles import REGISTRIES, made_bundle, small_protocol

RATES = ReferenceRates(("sex",), tuple(ReferenceRate(0, 150, s, 0, 0, 1000, Fraction(9)) for s in ("female", "male")))
PROTOCOL = small_protocol(
    standardise={"to": "study_population", "over": ("age", "sex")},
    reference={"rates": "standards/rates.csv", "by": ("sex",)},
    references={"standards/rates.csv": RATES},
    ratio={
        "measures": ("rate_ratio", "rate_difference", "mantel_haenszel_rate_ratio", "poisson_rate_ratio"),
        "per_person_years": 100,
        "adjust": ("age", "sex"),
    },
)
WEIGHED = ("18-49*female", "18-49*male", "50+*female", "50+*male")
PLACE = ["analysis", "cohort", "outcome", "time_at_risk"]
CHAIN = ["registry", "scope", "analysis", "cohort", "outcome", "time_at_risk"]

draws = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10_000),
        "sizes": st.tuples(*[st.sampled_from((3, 12, 30, 60, 150))] * 3),
        "min_cells": st.tuples(*[st.sampled_from((3, 5, 10))] * 3),
    }
)


def made_results(draw):
    """Results before publication, and the registries' own thresholds."""
    bundles = [
        made_bundle(PROTOCOL, r, seed=draw["seed"], size=size, min_cell=k)
        for r, size, k in zip(REGISTRIES, draw["sizes"], draw["min_cells"], strict=True)
    ]
    results = estimate(bundles, PROTOCOL, participation_rows(bundles, PROTOCOL, {}))
    return results.tables, dict(zip(REGISTRIES, draw["min_cells"], strict=True))


class Attacker:
    """Numbers by name, true and published, and sums [(name, sign)] that are 0."""

    def __init__(self) -> None:
        self.true: dict = {}
        self.known: dict = {}
        self.sums: list = []

    def see(self, name, true, published):
        self.true[name] = int(true)
        if not pd.isna(published):
            self.known[name] = int(published)

    def tie(self, total, parts):
        self.sums.append([(total, 1), *((p, -1) for p in parts)])

    def subtract(self):
        """Solve every sum with one unknown, again and again; and sums of unknowns that come to 0."""
        found, again = {}, True
        sums = [[(n, s) for n, s in terms if n in self.true] for terms in self.sums if terms[0][0] in self.true]
        assert all(sum(s * self.true[n] for n, s in terms) == 0 for terms in sums), "the attacker's sums hold"
        while again:
            again = False
            for terms in sums:
                open_terms = [(n, s) for n, s in terms if n not in self.known]
                rest = -sum(s * self.known[n] for n, s in terms if n in self.known)
                signs = {s for _, s in open_terms}
                if len(open_terms) == 1 or (open_terms and rest == 0 and len(signs) == 1):
                    for name, sign in open_terms:
                        found[name] = self.known[name] = rest * sign if len(open_terms) == 1 else 0
                    again = True
        return found


def attack(true, shown):
    """Everything that subtraction gives back."""
    attacker = Attacker()
    see_incidence(attacker, true["incidence"], shown["incidence"])
    see_attrition(attacker, true["attrition"], shown["attrition"])
    see_baseline(attacker, true["baseline"], shown["baseline"])
    return {n: v for n, v in attacker.subtract().items() if v}


def see_incidence(attacker, true, shown):
    cells: dict = {}
    for before, after in zip(true.to_dict("records"), shown.to_dict("records"), strict=True):
        if before["measure"].startswith("standardised"):
            continue
        place = tuple(before[c] for c in PLACE)
        for column in ("persons", "persons_with_event", "events", "person_days"):
            measure = "" if column == "persons" else before["measure"]
            name = ("cell", column, measure, *place, before["stratum"], before["level"], before["registry"])
            attacker.see(name, before[column], after[column])
            cells.setdefault((column, measure, place, before["registry"]), set()).add(
                (before["stratum"], before["level"])
            )
    for (column, measure, place, registry), levels in cells.items():
        tie_cell(attacker, (column, measure), place, registry, levels)


def tie_cell(attacker, quantity, place, registry, levels):
    def name(stratum, level, whose=registry):
        return ("cell", *quantity, *place, stratum, level, whose)

    strata = {s: frozenset() if s == "overall" else frozenset(s.split("*")) for s, _ in levels}
    for upper, lower in ((a, b) for a in strata for b in strata if strata[a] < strata[b]):
        if quantity[0] in {"persons", "persons_with_event"} and strata[lower] - strata[upper] != {"sex"}:
            continue
        for level in (x for s, x in levels if s == upper):
            parts = [name(lower, x) for s, x in levels if s == lower and inside(lower, x, upper, level)]
            attacker.tie(name(upper, level), parts)
    if registry == "pooled":
        for stratum, level in levels:
            attacker.tie(name(stratum, level), [name(stratum, level, r) for r in REGISTRIES])


def inside(lower, level, upper, total):
    values = dict(zip(lower.split("*"), level.split("*"), strict=True))
    return upper == "overall" or [values[s] for s in upper.split("*")] == total.split("*")


def see_attrition(attacker, true, shown):
    chains: dict = {}
    for before, after in zip(true.to_dict("records"), shown.to_dict("records"), strict=True):
        key = tuple(before[c] for c in CHAIN)
        for column in ("persons", "excluded"):
            attacker.see((column, *key, before["step"]), before[column], after[column])
        chains.setdefault(key, []).append(before["step"])
    for key, steps in chains.items():
        inner = [s for s in steps if s != "prior_event_after_entry"]
        for one, two in pairwise(inner):
            attacker.tie(("persons", *key, one), [("persons", *key, two), ("excluded", *key, two)])
        registry, scope, analysis, cohort, outcome, time = key
        end = ("persons", registry, "cohort", "narrow" if analysis == "narrow" else "", cohort, "", "", "observed")
        if scope == "analysis":
            attacker.tie(end, [("persons", *key, "window"), ("excluded", *key, "window")])
            cell = ("cell", "persons", "", analysis, cohort, outcome, time, "overall", "", registry)
            attacker.tie(cell, [("persons", *key, "at_risk")])
        else:
            attacker.tie(end, [("size", registry, cohort)])
        if registry == "pooled":
            for step in steps:
                for column in ("persons", "excluded"):
                    attacker.tie((column, *key, step), [(column, r, *key[1:], step) for r in REGISTRIES])


def see_baseline(attacker, true, shown):
    names: dict = {}
    for before, after in zip(true.to_dict("records"), shown.to_dict("records"), strict=True):
        size = before["variable"] == "persons"
        kind = ("size",) if size else ("level",)
        name = (*kind, before["registry"], before["cohort"], *(() if size else (before["variable"], before["level"])))
        attacker.see(name, before["persons"], after["persons"])
        names.setdefault((before["registry"], before["cohort"], before["variable"]), []).append(name)
    for (registry, cohort, variable), levels in names.items():
        if variable != "persons":
            attacker.tie(("size", registry, cohort), levels)
        if registry == "pooled":
            for kind, _, *rest in levels:
                attacker.tie((kind, "pooled", *rest), [(kind, r, *rest) for r in REGISTRIES])


@given(draws)
@settings(max_examples=6, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_publication_holds_on_any_tables(draw):
    check_publication(draw)


@pytest.mark.slow
@given(draws)
@settings(max_examples=100, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_publication_holds_on_many_tables(draw):
    check_publication(draw)


def check_publication(draw):
    tables, limits = made_results(draw)
    shown = publish(tables, Thresholds(5, limits))
    assert attack(tables, shown) == {}
    check_no_small_count(shown, limits)
    check_rest_is_untouched(tables["incidence"], shown["incidence"])
    check_derived(tables, shown)
    twice = publish(shown, Thresholds(5, limits))
    for name, frame in shown.items():
        pd.testing.assert_frame_equal(twice[name], frame)


def check_no_small_count(shown, limits):
    thresholds = {**{r: max(5, k) for r, k in limits.items()}, "pooled": max(5, *limits.values())}
    for name, columns in (
        ("incidence", ("persons", "persons_with_event", "events")), ("attrition", ("persons", "excluded")),
        ("baseline", ("persons",)), ("quality", ("failed",)), ("comparison", ("target_events", "comparator_events")),
    ):  # fmt: skip
        threshold = shown[name]["registry"].map(thresholds)
        for column in columns:
            assert not ((shown[name][column] >= 1) & (shown[name][column] < threshold)).any()


def check_rest_is_untouched(before, after):
    """What is not shown is empty; all measures of a cell go together; nothing else moves but persons."""
    hidden = after["status"].str.startswith(("<", "withheld"))
    assert after.loc[hidden, ["rate", "rate_low", "rate_high", "robust_low", "robust_high"]].isna().all(axis=None)
    crude = ~after["measure"].str.startswith(("standardised", "incidence_proportion", "sir"))
    assert after.loc[hidden & crude, ["events", "person_days", "persons_with_event"]].isna().all(axis=None)
    kept = before.columns.difference(["persons"])
    pd.testing.assert_frame_equal(before.loc[~hidden, kept], after.loc[~hidden, kept])
    key = ["analysis", "registry", "cohort", "outcome", "time_at_risk", "stratum", "level"]
    share = after[crude].assign(hidden=hidden).groupby(key)["hidden"].mean()
    assert share.isin([0, 1]).all()


def check_derived(true, shown):
    """What is made from cells is shown only where they are, and no expected number alone is missing of its sum."""
    incidence = shown["incidence"]
    cells = incidence[(incidence["stratum"] == "age*sex") & (incidence["measure"] == "eair")]
    bare = cells[cells["level"].isin(WEIGHED) & cells["person_days"].isna()]
    bare_in = {column: set(zip(*(bare[c] for c in column), strict=True)) for column in (USE, ARM)}
    weights = shown["standard_weights"]
    for frame in (weights[weights["weight"].notna()], incidence[_is_shown(incidence, "standardised")]):
        for row in frame.to_dict("records"):
            assert ("pooled", *(row[c] for c in USE[1:])) not in bare_in[USE], row
    ratios = shown["comparison"]
    for row in ratios[_is_shown(ratios, "mantel_haenszel")].to_dict("records"):
        for arm in ("target", "comparator"):
            assert (row["registry"], row[arm], row["outcome"], row["time_at_risk"]) not in bare_in[ARM], row
    known = true["incidence"]["expected"].notna()
    missing = incidence[known].assign(missing=incidence["expected"].isna(), whole=incidence["registry"] == "pooled")
    lost = missing.groupby(PLACE)[["missing", "whole"]].sum()
    assert not ((lost["missing"] == 1) & (lost["whole"] == 1)).any()


USE = ("registry", "analysis", "outcome", "time_at_risk")
ARM = ("registry", "cohort", "outcome", "time_at_risk")


def _is_shown(frame, measure):
    return frame["measure"].str.startswith(measure) & (frame["status"] == "shown")


def test_the_attacker_is_not_blind():
    """With the primary rule alone, subtraction gives numbers back: the attack above is a real one."""
    tables, limits = made_results({"seed": 1, "sizes": (30, 60, 150), "min_cells": (5, 5, 5)})
    shown = publish(tables, Thresholds(5, limits))
    for name, columns in (
        ("incidence", ["persons", "persons_with_event", "events", "person_days"]),
        ("attrition", ["persons", "excluded"]),
        ("baseline", ["persons"]),
    ):
        bare = shown[name].copy()
        withheld = bare["status"] == "withheld"
        bare.loc[withheld, columns] = tables[name].loc[withheld, columns]
        found = attack(tables, {**shown, name: bare})
        assert any(v < 5 for v in found.values()), name
