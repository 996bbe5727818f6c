"""What do the rules of a registry's policy beyond its smallest cell do, at the border and at publication?"""

from __future__ import annotations

from dataclasses import replace

from pass_engine.centre import estimate, participation_rows
from pass_engine.disclose import check_border, stricter
from pass_engine.protocol.models import Publish
from pass_engine.registry.models import Policy
from pass_engine.rounds import _facts
from tests.made_bundles import made_bundle, registry_facts, small_protocol

KINDS = {"main": "incidence", "ratio": "comparison", "narrow": "sensitivity"}


def policy(**more):
    return Policy(min_cell=5, min_persons=1, release="exact", allow=("incidence", "comparison"), **more)


# Margins that stay


def test_a_margin_of_too_many_levels_stays_and_is_recorded():
    """The made persons have three to five calendar years and two bands of age."""
    bundle = made_bundle(small_protocol(), "aa", size=40)
    kept, withheld = check_border(bundle.tables, policy(max_levels=2), KINDS)
    of_main = kept["counts"][kept["counts"]["analysis"] == "main"]
    assert set(of_main["stratum"]) == {"overall", "age"}
    strata = [r for r in withheld if r["table"] == "strata" and r["analysis"] == "main"]
    reasons = {r["stratum"]: r["reason"] for r in strata}
    assert reasons == {
        "sex": "sex: sex has more than 2 levels",
        "calendar": "calendar: calendar has more than 2 levels",
        "age*sex": "age*sex: sex has more than 2 levels",
    }


def test_strata_too_many_for_their_events_stay_in_a_comparison_only():
    protocol = small_protocol(ratio={"measures": ("rate_ratio", "mantel_haenszel_rate_ratio"), "adjust": ("sex",)})
    counts = made_bundle(protocol, "aa", size=40).tables["counts"]
    rows = counts[(counts["analysis"] == "ratio") & (counts["stratum"] == "sex") & (counts["outcome"] == "cancer")]
    share = rows["level"].nunique() / rows["events"].sum()
    tables = made_bundle(protocol, "aa", size=40).tables
    for limit, stays in ((share * 0.99, True), (share * 1.01, False)):
        kept, _ = check_border(tables, policy(max_parameters_per_event=limit), KINDS)
        left = kept["counts"][(kept["counts"]["stratum"] == "sex") & (kept["counts"]["outcome"] == "cancer")]
        assert ("ratio" in set(left["analysis"])) is not stays
        assert "main" in set(left["analysis"])


def test_what_rests_on_a_margin_kept_back_is_not_estimable():
    """aa keeps age*sex back: its own standardised rates and the pooled ones; the pooled cells name bb and cc."""
    protocol = small_protocol()
    bundles = [made_bundle(protocol, r, size=150) for r in ("aa", "bb", "cc")]
    kept, withheld = check_border(bundles[0].tables, policy(max_levels=1), KINDS)
    bundles[0] = type(bundles[0])(bundles[0].registry, bundles[0].protocol, kept, withheld)
    frame = estimate(bundles, protocol, participation_rows(bundles, protocol, {})).tables["incidence"]
    standard = frame[frame["measure"].str.startswith("standardised") & (frame["analysis"] == "main")]
    note = "a contributing registry keeps these strata back"
    for registry in ("aa", "pooled"):
        mine = standard[standard["registry"] == registry]
        assert set(zip(mine["status"], mine["note"], strict=True)) == {("not_estimable", note)}
    assert "shown" in set(standard[standard["registry"] == "bb"]["status"])
    pooled = frame[(frame["registry"] == "pooled") & (frame["analysis"] == "main")]
    assert set(pooled[pooled["stratum"] == "age*sex"]["registries"]) == {"bb;cc"}
    assert set(pooled[pooled["stratum"] == "overall"]["registries"]) == {"aa;bb;cc"}


# A study may ask for stricter, never weaker


def test_a_study_may_ask_for_stricter_never_weaker():
    asked = Publish(min_cell=1, min_persons=8, max_levels=30, max_parameters_per_event=0.5)
    mild, strict = policy(), policy(max_levels=5, max_parameters_per_event=0.2).model_copy(update={"min_persons": 20})
    assert stricter(mild, asked) == policy(max_levels=30, max_parameters_per_event=0.5).model_copy(
        update={"min_persons": 8}
    )
    assert stricter(strict, asked) == strict
    assert stricter(strict, Publish(min_cell=1)) == strict


def test_a_sum_over_masked_registries_has_the_strictest_rules_of_its_members():
    """Whoever of the members asks for it: zeros not shown, the smaller share, the fewer levels."""
    mild, strict = policy(), policy(zeros="withheld", dominance=60, max_levels=9)
    protocol = small_protocol()
    own = {
        name: replace(made_bundle(protocol, name, size=20), registry={**registry_facts(name), "policy": p})
        for name, p in (("aa", mild.model_dump(mode="json")), ("bb", strict.model_dump(mode="json")))
    }
    for order in (("aa", "bb"), ("bb", "aa")):
        facts = _facts({name: own[name] for name in order})
        assert (facts["policy"]["zeros"], facts["policy"]["dominance"], facts["policy"]["max_levels"]) == (
            "withheld", 60, 9,
        )  # fmt: skip
