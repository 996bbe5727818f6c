"""Every rule of the method, as rows in and rows out: the engine and the slow counter both hold it."""

from __future__ import annotations

import pytest

from pass_engine.qualify.cases import count_case
from tests.property.engine import run_engine, run_oracle
from tests.spec.runner import build, differences, load_cases

CASES = load_cases()
each_case = pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])


@each_case
def test_engine_holds_the_rule(case):
    assert differences(case, run_engine(build(case))) == []


def test_the_package_counts_a_case_as_the_tests_do():
    """What ``pass-engine qualify`` runs is what is tested here."""
    for case in CASES[::60]:
        ours, theirs = count_case(case), run_engine(build(case))
        # The slow counter, whose shape theirs has, knows covariates and none of the engine's own rows of the baseline.
        own = {key for key in ours.baseline if not key[1].startswith("covariate.")}
        for name in vars(ours):
            assert getattr(ours, name).keys() - own == getattr(theirs, name).keys(), (case["id"], name)
        assert differences(case, ours) == []


@each_case
def test_slow_counter_holds_the_rule(case):
    assert differences(case, run_oracle(build(case))) == []


def test_case_ids_are_unique_and_reasons_given():
    assert len({c["id"] for c in CASES}) == len(CASES)
    assert all(c["why"].strip() and c["rule"].strip() for c in CASES)
