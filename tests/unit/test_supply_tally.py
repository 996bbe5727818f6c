"""Are the records that the rules on stops and stockpiling touched counted?"""

from __future__ import annotations

from datetime import date

from pass_engine.site import count_scenario
from pass_engine.store import open_store
from tests.property.engine import engine_facts, load_core
from tests.property.made import INFECTION, Case, fill_tables, make_facts, make_study

ROWS = [
    {"start_date": date(2021, 1, 1), "stop_date": date(2021, 1, 30)},
    {"start_date": date(2021, 1, 21), "stop_date": date(2021, 2, 19)},
    {"start_date": date(2021, 3, 1), "stop_date": None},
    {"start_date": date(2021, 1, 1), "stop_date": None, "substance": "beta"},
]


def tally(exposure: dict[str, object]) -> dict[str, tuple[str, int, int]]:
    """Rule to label, rows looked at and rows touched."""
    study = make_study({"exposures": {"a": exposure}})
    case = Case(fill_tables({"treatment": ROWS}), study, make_facts(), {"codelists/infection.csv": INFECTION})
    with open_store(threads=1) as store:
        load_core(store, case.core)
        frame = count_scenario(store, case.study, case.code_lists, engine_facts(case))["supply_tally"]
    return {row["rule_id"]: (row["label"], row["tested"], row["failed"]) for row in frame.to_dict("records")}


def test_no_rule_no_row():
    assert tally({}) == {}


def test_episodes_without_a_stop():
    assert tally({"missing_stop": "drop"}) == {"stop_by_rule_a": ("Treatment of a without a stop: not used", 3, 1)}


def test_supplies_put_off():
    """The second supply of alfa starts ten days before the first ends, and is put off to 31 January .. 1 March.

    The third starts on 1 March and is put off by a day.
    """
    found = tally({"stockpiling": True, "missing_stop": "fixed_days", "missing_stop_days": 30})
    assert found == {
        "stop_by_rule_a": ("Treatment of a without a stop: lasts a fixed number of days", 3, 1),
        "put_off_a": ("Supply of a that overlaps an earlier one: put off", 3, 2),
    }
