"""Does the annex print the rules a study uses, and only those?"""

from __future__ import annotations

from pass_engine.report.rules import features_of, rules_used
from tests.property.made import incidence, make_study


def cases_of(change=None, **analysis):
    study = make_study(change)
    changed = incidence(study.model_dump(mode="json", by_alias=True), **analysis) if analysis else None
    return {rule.case for rule in rules_used(make_study(change, replace={"analyses": [changed]} if changed else None))}


def test_a_rule_is_printed_where_the_study_uses_it():
    plain = cases_of()
    assert "keep-counts-under-both" in plain
    assert "switch-day-belongs-to-what-comes-next" not in plain
    assert "follow-up-begins-at-the-landmark" not in plain
    cut = cases_of({"times_at_risk": {"treated": {"overlap": "cut_at_switch"}}, "population": {"landmark_days": 30}})
    assert "switch-day-belongs-to-what-comes-next" in cut
    assert "follow-up-begins-at-the-landmark" in cut
    assert "keep-counts-under-both" not in cut


def test_a_stratum_counts_as_used_where_a_margin_asks_for_it():
    bands = {"strata": {"age": {"bands": [18, 40]}}}
    assert "birthday-belongs-to-the-older-band" not in cases_of(bands)
    assert "birthday-belongs-to-the-older-band" in cases_of(bands, by=[["age"]])


def test_features_of_a_piece():
    piece = {
        "population": {"entries": "first", "landmark_days": 0},
        "outcomes": {"any": {"label": "Any", "nth": 1, "chain": True, "prior_events": {"rule": "allow"}}},
        "times_at_risk": {"x": {"end": {"plus_days": 30, "within_days": 7}}},
    }
    assert features_of(piece) == {
        "population.entries=first", "outcomes.chain", "outcomes.prior_events.rule=allow",
        "times_at_risk.end.within_days",
    }  # fmt: skip
