"""Does suppression before leaving hold on any tables: for who has the bundle, and for who has all that is published?

And what it promises: with nothing withheld the numbers are those of an exact release; else the true pooled number lies
within the bounds that are stated; what is suppressed twice is what was suppressed once.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pass_engine.centre import build_results, estimate, participation_rows
from pass_engine.disclose import suppress
from pass_engine.disclose.left_reader import audit_left
from pass_engine.disclose.reader import SCENARIOS, audit_release
from pass_engine.disclose.thresholds import rules_of
from pass_engine.estimate import fold_members
from pass_engine.protocol.counted import scenarios_of
from tests.made_bundles import REGISTRIES, made_bundle, small_protocol
from tests.property.test_disclose_property import attack
from tests.property.test_pool_is_exact import PROTOCOL as PLAIN
from tests.property.test_pool_is_exact import masked_as_one

PROTOCOL = small_protocol(
    ratio={"measures": ("rate_ratio", "mantel_haenszel_rate_ratio"), "adjust": ("age", "sex")},
)
KEY = ["analysis", "cohort", "outcome", "time_at_risk", "stratum", "level", "measure"]
draws = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10_000),
        "sizes": st.tuples(*[st.sampled_from((3, 12, 30, 60, 150))] * 3),
        "modes": st.sampled_from(("ess", "ses", "sss")),
        "zeros": st.sampled_from(("shown", "withheld")),
    }
)


def rules(bundles):
    return rules_of(PROTOCOL.study.publish, {b.registry_id: b.registry["policy"] for b in bundles})


def suppressed(bundle, earlier=(), protocol=PROTOCOL):
    """The bundle as its registry would let it leave."""
    policy = {**bundle.registry["policy"], "release": "suppressed"}
    bundle = replace(bundle, registry={**bundle.registry, "policy": policy})
    tables, away = suppress(bundle.tables, bundle.registry_id, rules([bundle]), scenarios_of(protocol), earlier)
    return replace(bundle, tables=tables, withheld=(*bundle.withheld, *away))


def made(draw):
    """Bundles as counted, and as sent."""
    counted = [
        made_bundle(PROTOCOL, n, seed=draw["seed"], size=s) for n, s in zip(REGISTRIES, draw["sizes"], strict=True)
    ]
    for bundle in counted:
        bundle.registry["policy"]["zeros"] = draw["zeros"]
    modes = zip(counted, draw["modes"], strict=True)
    return counted, [suppressed(b) if mode == "s" else b for b, mode in modes]


@given(draws)
@settings(max_examples=3, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_nobody_tells_what_was_withheld_and_bounds_hold(tmp_path_factory, draw):
    check_leaving(tmp_path_factory, draw)


@pytest.mark.slow
@given(draws)
@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_nobody_tells_what_was_withheld_and_bounds_hold_on_many(tmp_path_factory, draw):
    check_leaving(tmp_path_factory, draw)


def check_leaving(tmp_path_factory, draw):
    """Neither who has one bundle, nor the centre, nor who has what is published."""
    counted, sent = made(draw)
    for one in sent:
        if one.registry["policy"]["release"] == "suppressed":
            check_bundle(one)
    shown = build_results(sent, PROTOCOL, tmp_path_factory.mktemp("run"), participation_rows(sent, PROTOCOL, {})).tables
    true = estimate(counted, PROTOCOL, participation_rows(counted, PROTOCOL, {})).tables
    assert not audit_release(shown, rules(sent)).leaks
    at_the_centre = audit_release(estimate(sent, PROTOCOL, participation_rows(sent, PROTOCOL, {})).tables, rules(sent))
    assert not [leak for leak in at_the_centre.leaks if leak.told_by != SCENARIOS]  # exact ones differ by few, there
    told = attack(true, shown)
    assert not {name for name in told if "pooled" not in name}, "a registry's own number"
    check_bounds(true["incidence"], shown["bounds"])
    check_pooled(true["incidence"], shown["incidence"])


def check_bundle(bundle):
    """Who has the bundle alone cannot tell a number; and suppressing it again changes nothing."""
    audited = audit_left(bundle.tables, bundle.registry_id, rules([bundle]))
    assert (audited.told, audited.undecided) == ((), 0)
    counts = bundle.tables["counts"]
    numbers = ["persons", "persons_with_event", "first_events", "events"]
    assert not ((counts[numbers] >= 1) & (counts[numbers] < 5)).any(axis=None)
    hidden = counts["status"] != "shown"
    days = ["window_days", "person_days", "first_event_days", "sum_e2", "sum_et", "sum_t2", "events"]
    alone = hidden & counts["events"].notna()  # persons that go for another number's sake go alone
    assert counts.loc[hidden & ~alone, days].isna().all(axis=None)
    assert counts.loc[alone, "persons"].isna().all()
    again = suppressed(bundle)
    for name, frame in bundle.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], frame)


def check_bounds(true, bounds):
    """The number that the data of all would give lies between the bounds."""
    truth = {tuple(row[c] for c in KEY): row for row in true[true["registry"] == "pooled"].to_dict("records")}
    for row in bounds.to_dict("records"):
        own = truth[tuple(row[c] for c in KEY)]
        events = own["persons_with_event" if row["measure"] == "incidence_proportion" else "events"]
        for number, what in ((events, "events"), (own["person_days"], "days"), (own["rate"], "rate")):
            least, most = row[f"{what}_least"], row[f"{what}_most"]
            if not pd.isna(number):
                assert pd.isna(least) or least <= number * (1 + 1e-12)
                assert pd.isna(most) or number <= most * (1 + 1e-12)


def check_pooled(true, shown):
    """A pooled number that is shown is the true one: nothing that was withheld counts as a zero."""
    both = true.merge(shown, on=[*KEY, "registry"], suffixes=("", "_shown"))
    for column in ("persons", "persons_with_event", "events", "person_days", "rate"):
        there = both[both[f"{column}_shown"].notna()]
        assert (there[column] == there[f"{column}_shown"]).all()


@pytest.mark.parametrize("seed", [3])
def test_with_nothing_withheld_the_numbers_are_those_of_an_exact_release(tmp_path, seed):
    """Everything may be shown: every file is the same byte for byte, but for the mode of release."""
    loose = PROTOCOL.study.publish.model_copy(update={"min_cell": 1})
    protocol = replace(PROTOCOL, study=PROTOCOL.study.model_copy(update={"publish": loose}))
    exact = [made_bundle(protocol, name, seed=seed, size=30, min_cell=1) for name in REGISTRIES]
    for folder, bundles in (("exact", exact), ("suppressed", [allowed(b) for b in exact])):
        build_results(bundles, protocol, tmp_path / folder, participation_rows(exact, protocol, {}))
    names = sorted(path.name for path in (tmp_path / "exact/results").iterdir())
    assert "bounds.csv" in names
    for name in names:
        one, other = ((tmp_path / f / "results" / name).read_bytes() for f in ("exact", "suppressed"))
        assert one == other, name


def allowed(bundle):
    tables, _ = suppress(bundle.tables, bundle.registry_id, rules_of_one(), scenarios_of(PROTOCOL))
    return replace(bundle, tables=tables)


def rules_of_one():
    return rules_of(PROTOCOL.study.publish.model_copy(update={"min_cell": 1}), {})


@given(draws)
@settings(max_examples=2, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
def test_a_release_of_the_same_data_withholds_the_same(draw):
    counted, _ = made(draw)
    first = suppressed(counted[0])
    again = suppressed(counted[0], [first.tables])
    for name, frame in first.tables.items():
        gone = frame.isna()
        assert (again.tables[name].isna() >= gone).all(axis=None), name


WIDE = ("aa", "bb", "cc", "dd", "ee")


def test_exact_suppressed_and_masked_registries_in_one_study(tmp_path):
    """The pool is that of the data of all where nothing is missing; what one withheld stays so beside the others."""
    data = PLAIN.study.data.model_copy(update={"registries": WIDE})
    protocol = replace(PLAIN, study=PLAIN.study.model_copy(update={"data": data}))
    counted = [made_bundle(PLAIN, name, seed=11, size=60) for name in WIDE]
    sent = [counted[0], suppressed(counted[1], protocol=PLAIN), masked_as_one(counted[2:])]
    shown = build_results(sent, protocol, tmp_path, participation_rows(sent, protocol, {})).tables
    true = estimate(counted, protocol, participation_rows(counted, protocol, {})).tables
    assert not audit_release(fold_members(shown, ["cc", "dd", "ee"]), rules(sent)).leaks
    check_bounds(true["incidence"], shown["bounds"])
    check_pooled(true["incidence"], shown["incidence"])
    incidence, left_out = shown["incidence"], shown["leave_one_out"]
    own = incidence[(incidence["registry"] == "bb") & (incidence["stratum"] == "overall") & incidence["rate"].notna()]
    assert len(own)
    assert "shown" in set(left_out[left_out["left_out"] == "bb"]["status"])
    assert any("bb" in names.split(";") for names in shown["heterogeneity"]["registries"])
    lacking = {name for names in shown["bounds"]["lacking"] for name in names.split(";")}
    assert "bb" in lacking
