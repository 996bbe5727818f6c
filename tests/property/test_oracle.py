"""Is the slow counter itself right? Its small functions by hand, and what must hold on any data."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings

from pass_engine.protocol.codes import Code
from tests.property import oracle
from tests.property.engine import run_oracle
from tests.property.made import INFECTION, Case, fill_row, fill_tables, make_facts, make_study
from tests.property.oracle import Event, Span
from tests.property.strategies import cases
from tests.property.tables import HARMONISED

calm = settings(deadline=None, derandomize=True, database=None, max_examples=60)


def spans(*pairs):
    return [Span(first, last) for first, last in pairs]


def reports(*days):
    return [fill_row("event_report", {"onset_date": date(2021, 1, 1) + timedelta(d)}) for d in days]


@pytest.mark.parametrize(
    ("given_spans", "merged"),
    [
        ([], []),
        ([(1, 5), (6, 9)], [(1, 9)]),
        ([(1, 5), (7, 9)], [(1, 5), (7, 9)]),
        ([(1, 9), (2, 3), (4, 12)], [(1, 12)]),
        ([(7, 7), (1, 1)], [(1, 1), (7, 7)]),
    ],
)
def test_periods_that_overlap_or_touch_are_one(given_spans, merged):
    assert oracle.merge_touching(spans(*given_spans)) == spans(*merged)


@pytest.mark.parametrize(
    ("gap_days", "others", "eras"),
    [
        (9, [], [(1, 25), (40, 45)]),  # gaps of 9 and 14 days
        (8, [], [(1, 10), (20, 25), (40, 45)]),
        (9, [(10, 10), (20, 20)], [(1, 25), (40, 45)]),  # on the bounds, not inside
        (9, [(11, 11)], [(1, 10), (20, 25), (40, 45)]),
        (14, [(19, 19)], [(1, 10), (20, 45)]),
        (14, [(1, 99)], [(1, 10), (20, 25), (40, 45)]),
        (14, [(26, 39)], [(1, 25), (40, 45)]),
        (14, [], [(1, 45)]),
    ],
)
def test_eras_join_over_short_gaps_with_no_other_exposure_inside(gap_days, others, eras):
    joined = oracle.join_eras(spans((1, 10), (20, 25), (40, 45)), spans(*others), gap_days)
    assert [(e.first, e.last) for e in joined] == eras


def test_an_era_ends_on_its_latest_day_and_keeps_its_spans():
    (era,) = oracle.join_eras(spans((1, 50), (2, 3), (55, 56)), [], 4)
    assert era == oracle.Era(1, 56, tuple(spans((1, 50), (2, 3), (55, 56))))


@pytest.mark.parametrize(
    ("birth", "n", "day"),
    [
        (date(2000, 2, 29), 1, date(2001, 2, 28)),
        (date(2000, 2, 29), 4, date(2004, 2, 29)),
        (date(2000, 2, 29), 100, date(2100, 2, 28)),
        (date(1999, 3, 1), 1, date(2000, 3, 1)),
        (date(1999, 12, 31), 0, date(1999, 12, 31)),
    ],
)
def test_birthdays(birth, n, day):
    assert oracle.birthday(birth, n) == day


@pytest.mark.parametrize(
    ("age", "label"),
    [
        (None, "unknown"),
        (-1, "outside"),
        (17, "outside"),
        (18, "18"),
        (19, "19-29"),
        (29, "19-29"),
        (30, "30+"),
        (99, "30+"),
    ],
)
def test_age_bands(age, label):
    assert oracle.band_label(age, (18, 19, 30)) == label


@pytest.mark.parametrize(
    ("window", "low", "high"),
    [
        ("[-365, 0]", -365, 0),
        ("[.., -1]", -oracle.FAR, -1),
        ("[ 0 , .. ]", 0, oracle.FAR),
        (None, -oracle.FAR, oracle.FAR),
    ],
)
def test_windows_around_day_0(window, low, high):
    assert oracle.parse_window(window) == (low, high)


@pytest.mark.parametrize(
    ("days", "within", "chain", "sizes"),
    [
        ((0, 5, 9, 10), 5, False, [2, 2]),
        ((0, 5, 9, 10), 5, True, [4]),
        ((0, 0, 1), 0, False, [2, 1]),
        ((9, 0, 3), 3, False, [2, 1]),
        ((0, 4, 8, 12), 4, False, [2, 2]),
        ((0, 4, 8, 13), 4, True, [3, 1]),
    ],
)
def test_reports_collapse(days, within, chain, sizes):
    assert [len(group) for group in oracle.collapse(reports(*days), within, chain=chain)] == sizes


@pytest.mark.parametrize(
    ("system", "code", "entry", "found"),
    [
        ("ICD-10", "A41", Code("ICD-10", "A41", "A41", "", "exact"), True),
        ("ICD-10", "A419", Code("ICD-10", "A41", "A41", "", "exact"), False),
        ("ICD-10", "A419", Code("ICD-10", "A41", "A41", "", "descendants"), True),
        ("ICD-10", "B999", Code("ICD-10", "A00", "B99", "", "range"), True),
        ("ICD-10", "C00", Code("ICD-10", "A00", "B99", "", "range"), False),
        ("MedDRA PT", "A41", Code("ICD-10", "A41", "A41", "", "exact"), False),
    ],
)
def test_codes_match(system, code, entry, found):
    assert oracle.code_matches(system, code, entry, oracle.CoreTables()) is found


def test_days_after_the_first_event_are_not_at_risk():
    window = set(range(1, 11))
    assert oracle.count_first(window, [Event(0, 0), Event(4, 6), Event(8, 8)]) == ({1, 2, 3, 4}, [4])
    assert oracle.count_first(window, [Event(0, 0), Event(11, 11)]) == (window, [])
    assert oracle.count_first({1, 2, 8, 9}, [Event(5, 5), Event(9, 9)]) == ({1, 2, 8, 9}, [9])


@pytest.mark.parametrize(
    ("events", "clean", "lost", "counted"),
    [
        ([], 5, [], []),
        ([(3, 3), (4, 4)], 0, [], [3, 4]),
        ([(3, 5), (4, 4)], 0, [4, 5], [3]),
        ([(3, 3), (5, 5), (7, 7), (10, 10)], 2, [4, 5, 6, 7, 8, 9], [3, 10]),
        ([(-2, -2)], 4, [1, 2], []),
        ([(-2, -2), (2, 2)], 4, [1, 2, 3, 4, 5, 6], []),
    ],
)
def test_clean_windows(events, clean, lost, counted):
    net, found = oracle.count_recurrent(set(range(1, 11)), [Event(*e) for e in events], clean)
    assert found == counted
    assert net == set(range(1, 11)) - set(lost)


@pytest.mark.parametrize(
    ("by", "day", "label", "first", "last"),
    [
        ("year", date(2020, 2, 29), "2020", date(2020, 1, 1), date(2020, 12, 31)),
        ("quarter", date(2021, 3, 31), "2021-Q1", date(2021, 1, 1), date(2021, 3, 31)),
        ("quarter", date(2021, 10, 1), "2021-Q4", date(2021, 10, 1), date(2021, 12, 31)),
        ("month", date(2020, 2, 1), "2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("month", date(2021, 12, 31), "2021-12", date(2021, 12, 1), date(2021, 12, 31)),
    ],
)
def test_calendar_intervals(by, day, label, first, last):
    assert oracle.calendar_interval(day.toordinal(), by) == (label, first.toordinal(), last.toordinal())


@pytest.mark.parametrize(
    ("parts", "united"),
    [
        ([], {}),
        ([{5: 3, 6: 3}, {7: 7}], {5: 3, 6: 3, 7: 3}),  # they touch: one run
        ([{5: 3, 6: 3}, {8: 8}], {5: 3, 6: 3, 8: 8}),
        ([{8: 8, 9: 8}, {9: 1}], {8: 1, 9: 1}),  # the earliest anchor holds for days before it was reached, too
        ([{}, {2: 2}], {2: 2}),  # a window with no day followed gives no anchor
    ],
)
def test_runs_of_days_have_their_earliest_anchor(parts, united):
    assert oracle.unite(parts) == united


def test_events_of_one_day_are_one_to_the_latest_end():
    assert oracle.one_a_day([Event(3, 9), Event(3, 4), Event(5, 5)]) == [Event(3, 9), Event(5, 5)]


@pytest.mark.parametrize(("n", "label"), [(0, "0"), (2, "2"), (3, "3+"), (9, "3+")])
def test_three_or_more(n, label):
    assert oracle.three_or_more(n) == label


def test_one_day_of_one_person_by_hand():
    core = fill_tables(
        {
            "treatment": [{"start_date": date(2020, 2, 29), "stop_date": date(2020, 2, 29)}],
            "event_report": [{"onset_date": date(2020, 2, 29)}],
        }
    )
    result = run_oracle(Case(core, make_study(), make_facts(), {"codelists/infection.csv": INFECTION}))
    (row,) = result.counts.values()
    assert row == dict.fromkeys(oracle.COUNT_COLUMNS, 1)


def test_an_empty_registry_has_its_rows_of_zeros():
    core = replace(fill_tables({}), person=[], observation_period=[])
    result = run_oracle(Case(core, make_study(by=((), ("sex",))), make_facts(), {"codelists/infection.csv": INFECTION}))
    assert result.counts == {
        ("main", "a", "infection", "treated", "overall", ""): dict.fromkeys(oracle.COUNT_COLUMNS, 0)
    }
    assert {key[-1] for key in result.attrition} == {
        "persons", "exposed", "window", "prior_event", "prior_event_after_entry", "filled_date_straddles", "at_risk",
    }  # fmt: skip
    assert all(row == {"persons": 0, "excluded": 0} for row in result.attrition.values())


@calm
@given(case=cases())
def test_cells_add_up_to_overall(case):
    additive = ("first_events", "events", "window_days", "person_days", "first_event_days")
    result = run_oracle(case).counts
    for (*head, stratum, _), row in result.items():
        if stratum == "overall":
            for margin in {key[4] for key in result if list(key[:4]) == head}:
                cells = [r for key, r in result.items() if [*key[:4], key[4]] == [*head, margin]]
                assert {c: sum(r[c] for r in cells) for c in additive} == {c: row[c] for c in additive}


@calm
@given(case=cases())
def test_counts_are_sane(case):
    for row in run_oracle(case).counts.values():
        assert row["first_event_days"] <= row["person_days"] <= row["window_days"]
        assert row["first_events"] <= row["persons_with_event"] <= row["persons"]
        assert row["persons_with_event"] <= row["events"] <= row["person_days"]
        assert row["person_days"] <= row["sum_t2"]
        assert row["events"] <= row["sum_e2"] <= row["sum_et"] <= row["sum_t2"]


@calm
@given(case=cases())
def test_order_of_rows_changes_nothing(case):
    dice = random.Random(1)
    tables = {t: dice.sample(getattr(case.core, t), len(getattr(case.core, t))) for t in HARMONISED}
    assert run_oracle(replace(case, core=replace(case.core, **tables))) == run_oracle(case)


@calm
@given(case=cases())
def test_counts_of_parts_are_the_whole(case):
    whole = run_oracle(case)
    total: dict[tuple[str, ...], dict[str, int]] = {}
    for row in case.core.person:
        tables = {t: [r for r in getattr(case.core, t) if r["person_id"] == row["person_id"]] for t in HARMONISED}
        for key, part in run_oracle(replace(case, core=replace(case.core, **tables))).counts.items():
            sums = total.setdefault(key, dict.fromkeys(part, 0))
            for column, value in part.items():
                sums[column] += value
    assert total == whole.counts
