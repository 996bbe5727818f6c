"""How are numbers printed?"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pass_engine.estimate.rows import level_rank
from pass_engine.report import cells
from pass_engine.report.names import level_in_words
from pass_engine.report.notes import sources
from pass_engine.report.numbers import (
    format_count,
    format_date,
    format_interval,
    format_level,
    format_per,
    format_rate,
    format_share,
    format_years,
    join_words,
    round_half_up,
)
from pass_engine.report.reading import COLUMNS, Row


def row(number: int = 2, **values: str) -> Row:
    empty = dict.fromkeys(COLUMNS["incidence.csv"], "")
    return Row("incidence.csv", number, {**empty, "status": "shown", "measure": "eair", "counting": "first", **values})


@pytest.mark.parametrize(
    ("text", "printed"),
    [("0", "0"), ("999", "999"), ("1000", "1,000"), ("1234567", "1,234,567")],
)
def test_counts_have_thousands_apart(text, printed) -> None:
    assert format_count(text) == printed


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("2.675", "2.68"),
        ("2.665", "2.67"),
        ("1.005", "1.01"),
        ("0.0", "0.00"),
        ("1234.5", "1,234.50"),
        ("0.0041", "0.0041"),
        ("0.00456", "0.0046"),
        ("4.5e-05", "0.000045"),
        ("-0.5", "−0.50"),
    ],
)
def test_rates_round_half_up_from_the_decimal_written(text, printed) -> None:
    assert format_rate(text) == printed


def test_halves_go_away_from_zero() -> None:
    assert round_half_up(Decimal("-0.125"), 2) == Decimal("-0.13")


def test_an_interval_without_limits_is_not_estimable() -> None:
    assert format_interval("", "") == "NE"
    assert format_interval("0.0", "") == "(0.00–NE)"
    assert format_interval("1.234", "5.678") == "(1.23–5.68)"


def test_person_years_come_from_whole_days() -> None:
    assert format_years("36525") == "100.0"
    assert format_years("1022") == "2.8"


def test_levels_dates_shares_and_words() -> None:
    assert format_level("0.95") == "95%"
    assert format_level("0.9") == "90%"
    assert format_date("2026-09-01") == "1 September 2026"
    assert format_share("1", "0") == ""
    assert format_share("1", "8") == "12.5"
    assert join_words(["a", "b", "c"]) == "a, b and c"
    assert join_words(["a"]) == "a"


def test_a_small_count_prints_its_status_and_the_rest_is_withheld() -> None:
    small = row(status="<5", persons="400")
    assert cells.count(small, "persons_with_event").text == "<5"
    assert cells.count(small, "persons").text == "400"
    assert cells.years(small).text == "withheld"
    assert cells.rate(small).text == "withheld"


def test_events_withheld_for_the_sake_of_a_small_number_of_persons_are_not_called_small() -> None:
    small = row(status="<5", measure="eaer", counting="recurrent")
    assert cells.count(small, "events").text == "withheld"


def test_persons_missing_from_a_row_that_is_shown_are_withheld() -> None:
    assert cells.count(row(), "persons").text == "withheld"


def test_not_estimable_prints_ne_and_no_row_a_dash() -> None:
    assert cells.rate(row(status="not_estimable")).text == "NE"
    assert cells.rate(None).text == "–"


def test_a_rate_stands_above_its_intervals_and_a_remark_has_a_dagger() -> None:
    cell = cells.rate(
        row(
            rate="23.36", rate_low="20.05", rate_high="27.07", robust_low="20.1", robust_high="27.1", note="few persons"
        )
    )
    assert cell.text == "23.36"
    assert cell.below == ("(20.05–27.07)", "[20.10–27.10] †")


def contrast(**values: str) -> Row:
    empty = dict.fromkeys(COLUMNS["comparison.csv"], "")
    return Row(
        "comparison.csv", 2, {**empty, "status": "shown", "estimate": "2.37", "low": "1.8", "high": "3.11", **values}
    )


def test_a_person_robust_interval_of_a_ratio_stands_below_another_or_alone_with_the_dagger() -> None:
    beside = contrast(robust_low="1.7", robust_high="3.3", note="few persons")
    assert cells.estimate_and_interval(beside)[1].text == "(1.80–3.11)"
    assert cells.estimate_and_interval(beside)[1].below == ("[1.70–3.30] †",)
    alone = contrast(robust_low="1.8", robust_high="3.11", note="few persons")
    assert cells.estimate_and_interval(alone)[1].text == "(1.80–3.11) †"
    assert cells.estimate_and_interval(alone)[1].below == ()
    assert (cells.stands_beside(beside), cells.stands_beside(alone), cells.stands_beside(contrast())) == (
        True,
        False,
        False,
    )
    assert cells.in_one(alone) == "2.37 (1.80–3.11)"
    assert cells.estimate_and_interval(contrast(note="events can depend on each other"))[1].text == "(1.80–3.11) †"
    assert cells.estimate_and_interval(contrast())[1].text == "(1.80–3.11)"


def test_every_number_says_where_it_comes_from() -> None:
    counted = replace(row(12, persons="7"), id="R-000011")
    assert counted.place == "incidence.csv:12"
    assert cells.count(counted, "persons").source == "R-000011"


def test_neighbouring_rows_are_told_as_a_range() -> None:
    assert sources([row(n) for n in (2, 3, 4, 9)]) == "results/incidence.csv rows 2–4 and 9"
    assert sources([row(5)]) == "results/incidence.csv row 5"
    assert sources([row(n) for n in range(2, 30, 2)]) == "results/incidence.csv 14 rows between 2 and 28"


@pytest.mark.parametrize(
    ("level", "printed"),
    [
        ("2020", "2020"),
        ("2020-Q1", "2020 Q1"),
        ("2020-03", "March 2020"),
        ("0-182", "0–182"),
        ("1000-1459", "1000–1459"),
        ("1095+", "1095+"),
        ("0-1.5", "0–1.5"),
        ("incomplete", "Incomplete intervals"),
        ("outside", "Below the first band"),
        ("unknown", "Unknown"),
    ],
)
def test_levels_are_printed_in_words(level: str, printed: str) -> None:
    assert level_in_words(level) == printed


def test_levels_stand_in_their_natural_order() -> None:
    orders = (
        ["0-182", "183-364", "1095+", "outside"],
        ["2019-Q4", "2020-Q1", "2020-Q2", "incomplete", "unknown"],
        ["2019-12", "2020-01", "2020-11"],
        ["0", "1", "2", "3+", "unknown"],
        ["0-1.5", "2-3.5", "4-5.5", "6-10", "unknown"],
        ["DK", "SE", "unknown"],
    )
    for order in orders:
        assert sorted(set(order), key=level_rank) == order


@pytest.mark.parametrize(
    ("multipliers", "printed"),
    [((1,), "person-year"), ((1000,), "1,000 person-years"), ((100, 1, 100), "1 or 100 person-years")],
)
def test_what_rates_are_per(multipliers: tuple[int, ...], printed: str) -> None:
    assert format_per(*multipliers) == printed
