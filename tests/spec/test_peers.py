"""Are all 35 cases of the peers here, and do the peers' interval methods and suppression agree with ours?

Interval methods are those of tern (insightsengineering/tern, Apache-2.0; tests of ``h_incidence_rate`` and
``a_incidence_rate``): 2 events in 200 person-years at 90 %; 4 events in 108.7 person-years at 95 %.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pass_engine.bundle import BundleContent
from pass_engine.centre import estimate, participation_rows
from pass_engine.disclose import BORDER_TABLES, check_border, publish
from pass_engine.disclose.thresholds import Thresholds
from pass_engine.protocol import Protocol, Scenario
from pass_engine.registry.models import Policy
from pass_engine.site import analysis_kinds, count_scenario
from pass_engine.stats import rate_interval
from pass_engine.store import open_store
from tests.made_bundles import border_frame, registry_facts
from tests.property.engine import engine_facts, load_core
from tests.spec.runner import build, load_cases

PEER_CASES = {
    "ip": "01-washout-grid 02-never-out-of-washout 03-repeated-vs-first 04-event-on-entry-day 05-person-days-age-entry "
    "06-calendar-boundaries 08-in-outcome-at-start 10-second-event-inside-washout 13-no-complete-year "
    "14-exactly-one-complete-year 15-complete-intervals-depend-on-followup 16a-target-cuts-observation "
    "16b-two-entries-one-person 16d-washout-removes-exact-days 17-min-cell-count 18-censor-cohort",
    "dn": "01-single-age-band 02-two-age-bands 03-prior-history 05-time-at-risk-window 07-age-band-crossed-with-tar "
    "09-birth-date-imputation",
    "ci": "01-tar-offsets 02-tar-pushed-out 03-clean-window 04-single-outcome 06-clean-window-zero 09-subgroup-cohort "
    "10-strata-age-sex-year 11-custom-age-groups 12-excluding-cohort-rule",
    "cm": "01-risk-window 03-outcome-in-window",
}
"""The peers' cases that are rows in and rows out; tn-01 and tn-03 are the interval tests of this file."""

TERN = {
    "normal": (-0.001630872, 0.021630872),
    "log_normal": (0.003125199, 0.031997963),
    "exact": (0.001776808, 0.031478968),
}


def test_no_case_is_missing():
    wanted = {f"{peer}-{name}" for peer, names in PEER_CASES.items() for name in names.split()}
    cases = [case for case in load_cases() if "peer" in case]
    assert {case["peer"] for case in cases} == wanted
    assert len(wanted) + 2 == 35
    assert all(case["source"] and case["expect"]["counts"] for case in cases)


@pytest.mark.parametrize("method", sorted(TERN))
def test_tn_01_interval_methods(method):
    found = rate_interval(method, 2, 200, 0.90)
    assert found == pytest.approx(TERN[method], abs=5e-10)


def test_tn_01_byar_is_the_usual_one():
    """The peer has n + 0.5 in both limits (0.002820411 to 0.027609866); the usual form has n below, n + 1 above."""
    low, high = rate_interval("byar", 2, 200, 0.90)
    z = 1.6448536269514722
    assert low == pytest.approx(2 * (1 - 1 / 18 - z / (3 * 2**0.5)) ** 3 / 200)
    assert high == pytest.approx(3 * (1 - 1 / 27 + z / (3 * 3**0.5)) ** 3 / 200)


def test_tn_03_normal_interval():
    per = 108.7 / 100
    low, high = rate_interval("normal", 4, per, 0.95)
    assert (4 / per, low, high) == pytest.approx((3.6799, 0.0737, 7.286), abs=5e-5)


def test_ip_17_publication():
    """Run 2 of ip-17, at least 5 in a cell: February (3 of 3) is withheld whole, as the peer has it.

    We differ: the peer shows January beside it. With the overall row in the same table January would give February
    back, so January is withheld too.
    """
    case = build(next(c for c in load_cases() if c["id"] == "ip-17-min-cell-count/run 1"))
    with open_store(threads=1) as store:
        load_core(store, case.core)
        frames = count_scenario(store, case.study, case.code_lists, engine_facts(case))
    protocol = Protocol(Path("made"), case.study, "0" * 64, {}, {}, (Scenario("main", case.study),), {}, {})
    facts = registry_facts("r1", min_cell=5)
    policy = Policy.model_validate(facts["policy"] | {"allow": ("incidence",)})
    sent = {name: frames.get(name, border_frame(name, [])) for name in BORDER_TABLES}
    tables, _ = check_border(sent, policy, analysis_kinds(protocol))
    bundle = BundleContent(facts, {"id": "made", "version": "1.0", "digest": "0" * 64}, tables)
    results = estimate([bundle], protocol, participation_rows([bundle], protocol, {}))
    shown = publish(results.tables, Thresholds(5, {"r1": 5}))["incidence"]
    eair = shown[shown["measure"] == "eair"]
    february, january, overall = (eair[eair["level"] == level].iloc[-1] for level in ("2000-02", "2000-01", ""))
    assert (february["status"], january["status"], overall["status"]) == ("<5", "withheld", "shown")
    hidden = ["persons", "persons_with_event", "events", "person_days", "rate", "rate_low", "rate_high"]
    assert february[hidden].isna().all()
    assert january[["persons_with_event", "events", "rate", "rate_low", "rate_high"]].isna().all()
    assert overall["events"] == 20
