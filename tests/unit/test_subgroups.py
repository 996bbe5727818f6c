"""Ratios in subgroups and tests of interaction, by hand: from published cells alone."""

from __future__ import annotations

from math import erfc, exp, log, sqrt

import pytest

from pass_engine.estimate import frame_of, subgroup_rows
from tests.made_bundles import small_protocol

Z = 1.959963984540054
PLACE = {"analysis": "main", "role": "primary", "outcome": "cancer", "time_at_risk": "on_treatment"}


def cell(cohort, level, events, days, registry="pooled", **more):
    """A cell as incidence.csv has it."""
    return {
        **PLACE, "registry": registry, "cohort": cohort, "stratum": "sex", "level": level, "counting": "first",
        "measure": "eair", "status": "shown", "events": events, "person_days": days, "registries": "aa;bb",
        "interval_level": 0.95,
    } | more  # fmt: skip


def ratio(**more):
    """The crude ratio beside it in comparison.csv; its own numbers do not matter here."""
    return {
        **PLACE, "analysis": "ratio", "role": "secondary", "registry": "pooled", "target": "new_drug",
        "comparator": "old_drug", "counting": "first", "measure": "rate_ratio", "status": "shown",
        "persons_in_both": 0, "interval_level": 0.95, "registries": "aa;bb",
    } | more  # fmt: skip


def rows(cells, crude=None, **asked):
    protocol = small_protocol(
        ratio={"subgroups": ("sex",), "interval": {"method": "log_normal", "level": 0.95}} | asked
    )
    frames = frame_of("incidence", cells), frame_of("comparison", [crude or ratio()])
    found = list(subgroup_rows(*frames, protocol))
    return {row["level"]: row for row in found}


BOTH = [
    cell("new_drug", "female", 40, 1000), cell("old_drug", "female", 20, 1000),
    cell("new_drug", "male", 10, 500), cell("old_drug", "male", 10, 500),
]  # fmt: skip


def test_two_subgroups_as_altman_and_bland_have_it():
    """Ratios 2 (variance 3/40) and 1 (1/5): z = ln 2 / sqrt(11/40); BMJ 2003;326:219."""
    found = rows(BOTH)
    assert list(found) == ["female", "male", ""]
    assert (found["female"]["estimate"], found["male"]["estimate"]) == (2, 1)
    assert found["female"]["high"] == pytest.approx(2 * exp(Z * sqrt(3 / 40)))
    assert "ratio_of_ratios" not in found["female"]
    spread = sqrt(3 / 40 + 1 / 5)
    assert found["male"]["ratio_of_ratios"] == 0.5
    assert found["male"]["ratio_of_ratios_high"] == pytest.approx(exp(-log(2) + Z * spread))
    test = found[""]
    assert (test["degrees"], test["note"]) == (1, "")
    assert test["chi2"] == pytest.approx(log(2) ** 2 / (11 / 40))
    assert test["p"] == pytest.approx(erfc(log(2) / spread / sqrt(2)))


def test_a_level_without_an_event_or_with_a_withheld_cell_is_in_no_test():
    more = [
        cell("new_drug", "other", 4, 100), cell("old_drug", "other", 0, 100),
        cell("new_drug", "unknown", None, None, status="<5"), cell("old_drug", "unknown", 9, 100),
    ]  # fmt: skip
    found = rows(BOTH + more)
    assert (found["other"]["status"], found["other"]["note"]) == ("not_estimable", "no event in an arm")
    assert (found["unknown"]["status"], found["unknown"]["target_events"]) == ("<5", None)
    assert "estimate" not in found["unknown"]
    assert found[""]["p"] == rows(BOTH)[""]["p"]
    assert found[""]["note"] == "2 of 4 levels not in the test"


def test_recurrent_events_have_the_larger_variance():
    """Robust limits of every rate a factor of e^1.2 apart: a variance of (1.2 / 2 z)^2 each, more than Poisson's."""
    wide = [{**c, "counting": "recurrent", "measure": "eaer", "robust_low": 1.0, "robust_high": exp(1.2)} for c in BOTH]
    found = rows(wide, ratio(counting="recurrent"))
    each = (1.2 / (2 * Z)) ** 2
    assert found[""]["chi2"] == pytest.approx(log(2) ** 2 / (2 * each + max(2 * each, 1 / 5)))
    assert found["male"]["note"].startswith("events of one person can depend")


@pytest.mark.parametrize(
    ("cells", "crude", "words"),
    [
        (BOTH, ratio(persons_in_both=3), "persons in both arms: ratios of subgroups suppose that there are none"),
        ([{**c, "registries": "aa"} for c in BOTH], None, "the cohorts' cells come of different registries"),
        (BOTH[:2], None, "fewer than two levels show a ratio"),
    ],
)
def test_no_test_says_why(cells, crude, words):
    test = rows(cells, crude)[""]
    assert (test["status"], test["note"]) == ("not_estimable", words)
    assert "p" not in test


def test_nothing_where_nothing_is_asked():
    assert not rows(BOTH, subgroups=())
    assert not rows(BOTH, ratio(measure="rate_difference"))
