"""Every rule of the method, as rows in and rows out, held against the slow counter."""

from __future__ import annotations

import pytest

from tests.spec.runner import differences, load_cases, run_oracle

CASES = load_cases()


@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_slow_counter_agrees_with_spec(case):
    assert differences(case, run_oracle(case)) == []


def test_case_ids_are_unique_and_reasons_given():
    assert len({c["id"] for c in CASES}) == len(CASES)
    assert all(c["why"].strip() and c["rule"].strip() for c in CASES)
