"""Indicators as declared, their values, and what of them may be published."""

from __future__ import annotations

import re
from fractions import Fraction

import pandas as pd
import pytest

from pass_engine.bundle import BundleContent
from pass_engine.centre import estimate
from pass_engine.disclose import BORDER_TABLES, publish
from pass_engine.disclose.thresholds import Thresholds
from pass_engine.sqltext import files_between
from pass_engine.tables.core import CORE
from pass_engine.tables.indicators import (
    DIMENSIONS,
    SCALES,
    VARIABLE_COMPLETE,
    indicators,
    keeps,
    limit_in_words,
)
from tests.made_bundles import border_frame, registry_facts, small_protocol

DECLARED = list(indicators().values())
COUNTED = [i for i in DECLARED if i.id != VARIABLE_COMPLETE]


def test_there_are_enough_and_each_is_whole() -> None:
    assert len(COUNTED) >= 30
    assert {i.dimension for i in COUNTED} == set(DIMENSIONS)
    for i in COUNTED:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", i.id), i
        assert i.unit in SCALES, i
        assert i.direction in {"at_least", "at_most"}, i
        assert all((i.label, i.numerator, i.denominator, i.remedy)), i
        assert Fraction(i.limit) >= 0, i
        assert not i.table or i.table in CORE, i


def test_labels_are_told_apart() -> None:
    assert len({i.label for i in DECLARED}) == len(DECLARED)


def test_rules_that_an_indicator_adds_up_are_made_by_a_data_check() -> None:
    made = " ".join(f.text for f in files_between(180, 199))
    for i in COUNTED:
        for rule, table in i.rules:
            assert f"'{rule}'" in made or rule.startswith("code_"), rule
            assert not table or table in CORE


@pytest.mark.parametrize(
    ("name", "numerator", "denominator", "value"),
    [
        ("sex_known", 1, 3, Fraction(100, 3)),
        ("visits_per_year", 2, 1461, Fraction(1, 2)),  # 4 years
        ("event_reports_per_100_years", 3, 36525, Fraction(3)),
        ("event_entry_lag", 539, 3, Fraction(539, 3)),
        ("sex_known", 0, 0, None),
    ],
)
def test_value_in_its_unit(name: str, numerator: int, denominator: int, value: Fraction | None) -> None:
    assert indicators()[name].exact(numerator, denominator) == value


def test_a_limit_is_compared_exactly() -> None:
    """0.1 + 0.2 is not 0.3 in binary numbers; 3 of 1,000 is 0.3% here."""
    value = indicators()["duplicate_rows"].exact(3, 1000)
    assert value is not None
    assert keeps(value, "at_most", "0.3")
    assert keeps(value, "at_least", "0.3")
    assert not keeps(value, "at_most", "0.2999")
    assert limit_in_words("at_most", "0.3", "percent") == "at most 0.3%"


def results(**tables: list[dict[str, object]]) -> dict[str, pd.DataFrame]:
    """Result tables of registry aa before publication."""
    frames = {name: border_frame(name, tables.get(name, [])) for name in BORDER_TABLES}
    protocol = small_protocol(sensitivity=False)
    bundle = BundleContent(registry_facts("aa"), {"digest": "0" * 64}, frames)
    return dict(estimate([bundle], protocol, []).tables)


def shown(**tables: list[dict[str, object]]) -> dict[str, pd.DataFrame]:
    """The same as published, with 5 the smallest count; publishing twice changes nothing."""
    once = publish(results(**tables), Thresholds(5, {"aa": 5}))
    twice = publish(once, Thresholds(5, {"aa": 5}))
    for name, frame in once.items():
        pd.testing.assert_frame_equal(frame, twice[name])
    return once


def count(indicator: str, numerator: int, denominator: int) -> dict[str, object]:
    return {"indicator": indicator, "numerator": numerator, "denominator": denominator}


def cells(frame: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(None if pd.isna(v) else v for v in row) for row in frame[list(columns)].itertuples(index=False)]


SEEN = ("status", "numerator", "denominator", "value", "verdict")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (count("sex_known", 90, 100), ("shown", 90, 100, 90.0, "not kept")),
        (count("sex_known", 99, 100), ("withheld", None, 100, None, "")),  # 1 is not known
        (count("sex_known", 4, 100), ("<5", None, 100, None, "")),
        (count("sex_known", 100, 100), ("shown", 100, 100, 100.0, "kept")),
        (count("duplicate_rows", 0, 100), ("shown", 0, 100, 0.0, "kept")),
        (count("sex_known", 2, 3), ("<5", None, None, None, "")),
        (count("sex_known", 0, 3), ("withheld", None, None, None, "")),
        (count("sex_known", 0, 0), ("not_estimable", None, 0, None, "")),
        (count("visits_per_year", 4, 730), ("<5", None, 730, None, "")),
        (count("visits_per_year", 5, 4), ("shown", 5, 4, 456.5625, "kept")),  # days are no small count
        (count("event_entry_lag", 3, 5), ("shown", 3, 5, 0.6, "kept")),  # nor are days of lag
        (count("event_entry_lag", 300, 4), ("<5", None, None, None, "")),
        (count("required_variables", 3, 4), ("shown", 3, 4, 75.0, "not kept")),  # variables are not persons
    ],
)
def test_small_counts_of_an_indicator(row: dict[str, object], expected: tuple[object, ...]) -> None:
    assert cells(shown(indicator=[row])["indicators"], *SEEN) == [expected]


def year(level: str, tested: int, failed: int) -> dict[str, object]:
    return {"table_name": "visit", "column_name": "edss", "calendar_year": level, "tested": tested, "failed": failed}


def missing(tested: int, failed: int) -> dict[str, object]:
    whole = {"kind": "completeness", "rule_id": "missing", "table_name": "visit", "column_name": "edss"}
    return {**whole, "label": "Value missing", "tested": tested, "failed": failed}


def test_years_do_not_give_a_small_count_back() -> None:
    """3 of 2020 are small; with 33 in all and 30 of 2021 shown they would be known, so 2021 goes too."""
    years = [year("2020", 100, 3), year("2021", 100, 30), year("2022", 100, 0)]
    made = shown(completeness_year=years, quality=[missing(300, 33)])
    assert cells(made["completeness_by_year"], "calendar_year", "status", "tested", "failed", "percent") == [
        ("2020", "<5", 100, None, None),
        ("2021", "withheld", 100, None, None),
        ("2022", "shown", 100, 0, 0.0),
    ]
    assert cells(made["quality"], "status", "failed") == [("shown", 33)]


def test_years_stand_in_order_with_what_is_no_year_last() -> None:
    years = [year(level, 10, 0) for level in ("unknown", "2016", "<2015", "2025+", "2015")]
    made = shown(completeness_year=years)["completeness_by_year"]
    assert made["calendar_year"].tolist() == ["<2015", "2015", "2016", "2025+", "unknown"]


def test_verified_columns_do_not_give_a_small_count_back() -> None:
    """Errors 3, 20 and 30, in all 53: the 3 is small, and the 20 would tell it."""
    fields = [
        {"table_name": "visit", "column_name": name, "checked": 100, "errors": errors}
        for name, errors in (("edss", 3), ("sdmt", 20), ("visit_date", 30))
    ]
    made = shown(verification=fields, indicator=[count("verification_errors", 53, 300)])
    assert cells(made["verification"], "column_name", "status", "errors", "percent", "low", "high")[:2] == [
        ("edss", "<5", None, None, None, None),
        ("sdmt", "withheld", None, None, None, None),
    ]
    last = made["verification"].iloc[2]
    assert (last["status"], last["errors"], last["percent"]) == ("shown", 30, 30.0)
    assert (last["low"], last["high"]) == pytest.approx((21.24064, 39.98147), abs=1e-4)  # binom.test(30, 100) of R
    assert cells(made["indicators"], "status", "numerator") == [("shown", 53)]


def test_an_indicator_that_is_a_data_check_goes_with_it() -> None:
    """One number in two tables: where the one is withheld, for the sake of another, so is the other."""
    rules = {"kind": "mapping", "table_name": "adverse_event", "column_name": "code", "tested": 100}
    checks = [
        {**rules, "rule_id": "code_native", "label": "a", "failed": 97},
        {**rules, "rule_id": "code_unmapped", "label": "b", "failed": 3},
    ]
    made = shown(quality=checks, indicator=[count("event_unmapped", 3, 100)])
    assert cells(made["indicators"], "status", "numerator") == [("<5", None)]
    assert made["quality"]["failed"].isna().all()
