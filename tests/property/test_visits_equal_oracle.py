"""Do relapses, courses and changes of disability agree with the counter without SQL, over dense random visits?"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.engine import differences, run_engine, run_oracle
from tests.property.made import INFECTION, Case, fill_tables, make_facts, make_study

FIRST = date(2020, 1, 1)
SCORES = (0, 1, 1.5, 2, 2, 2.5, 3, 3.5, 4, 5, 5.5, 6, 6, 6.5, 7, 9.5, 10)


def near(dice: random.Random, days: int) -> date:
    return FIRST + timedelta(dice.randrange(days))


def visits(dice: random.Random, person: str) -> list[dict[str, Any]]:
    """Visits some weeks apart, whose scores go up and down by little."""
    day, score = near(dice, 200) - timedelta(150), dice.choice(SCORES)
    rows = []
    for _ in range(dice.randrange(12)):
        rows.append({"person_id": person, "visit_date": day, "edss": None if dice.random() < 0.05 else float(score)})
        day += timedelta(dice.choice((0, 1, 30, 56, 84, 84, 90, 168, 170)))
        score = (
            dice.choice(SCORES) if dice.random() < 0.3 else min(10, max(0, score + dice.choice((-1, -0.5, 0, 0.5, 1))))
        )
        score = 1 if score == 0.5 else score
    return rows


def rule(dice: random.Random) -> dict[str, Any]:
    """A rule on disability, of every kind."""
    change = dice.choice(("worsening", "worsening", "improvement", None))
    made: dict[str, Any] = {
        "confirm_days": dice.choice((1, 84, 84, 168)),
        "baseline_window": dice.choice(("[-180, 30]", "[-60, 0]", "[0, 90]")),
        "relapse_free_days": dice.choice((0, 30)),
        "relapse": dice.choice(("any", "any", "with", "without")),
    }
    if change is None:
        return made | {"reach": dice.choice((3.0, 4.0, 6.0))}
    made |= {"change": change, "half_step_from": dice.choice((5.5, 6.0))}
    return made | ({"baseline": dice.choice(("fixed", "roving"))} if change == "worsening" else {})


def case_of(seed: int) -> Case:
    """A registry of a few persons on two treatments, and a study of what is seen at visits."""
    dice = random.Random(seed)
    people = [f"p{n}" for n in range(1, dice.randrange(2, 7))]
    tables: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("person", "treatment", "relapse", "course", "visit")
    }
    for person in people:
        death = near(dice, 1500) if dice.random() < 0.2 else None
        tables["person"].append({"person_id": person, "death_date": death, "last_contact_date": near(dice, 1500)})
        for _ in range(dice.randrange(1, 3)):
            start = near(dice, 500)
            tables["treatment"].append(
                {"person_id": person, "substance": dice.choice(("alfa", "beta")), "start_date": start,
                 "stop_date": start + timedelta(dice.randrange(900))}
            )  # fmt: skip
        tables["visit"] += visits(dice, person)
        for _ in range(dice.randrange(3)):
            tables["relapse"].append({"person_id": person, "onset_date": near(dice, 1200)})
            tables["course"].append(
                {"person_id": person, "start_date": near(dice, 1200), "course": dice.choice(("RRMS", "SPMS"))}
            )
    change = {
        "data": {"cut": date(2023, 6, 30)},
        "exposures": {"b": {"label": "B", "substances": ["beta"], "gap_days": 30, "gap_time": "as_extension"}},
        "times_at_risk": {
            "treated": {"stop_at": ["death", "last_contact", "observation_end", "data_cut"]},
            "ever": {
                "label": "Ever", "start": {"anchor": "first_era_start"}, "end": {"anchor": "follow_up_end"},
                "stop_at": ["death", "observation_end", "data_cut"], "overlap": "keep",
            },
        },
        "outcomes": {
            "infection": {
                "from": "relapse", "codes": None, "same_event_days": dice.choice((0, 30)), "clean_window_days": 30,
            },
            "spms": {
                "label": "SPMS", "from": "course", "course": ["SPMS"], "counting": "first",
                "prior_events": dice.choice(({"rule": "allow"}, {"rule": "exclude_person", "look_back": "ever"})),
            },
            "cdw": {"label": "CDW", "from": "disability", "counting": "first", "disability": rule(dice)},
            "either": {"label": "Either", "from": "composite", "of": ["infection", "cdw"], "counting": "first"},
        },
    }  # fmt: skip
    facts = {
        "data_cut_date": date(2023, 6, 30), "deaths": dice.choice(("visits", "linked")),
        "visit_start": near(dice, 300) if dice.random() < 0.3 else None,
    }  # fmt: skip
    return Case(fill_tables(tables), make_study(change), make_facts(facts), {"codelists/infection.csv": INFECTION})


@settings(max_examples=24, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 2**32))
def test_engine_and_counter_agree(seed):
    agree_on(seed)


@pytest.mark.slow
@settings(max_examples=1000, deadline=None, database=None)
@given(st.integers(0, 2**32))
def test_engine_and_counter_agree_on_many(seed):
    agree_on(seed)


def agree_on(seed):
    case = case_of(seed)
    assert differences(run_oracle(case), run_engine(case)) == []


def test_the_drawn_registries_have_events_of_every_kind():
    found: dict[str, int] = {}
    for seed in range(40):
        for (_, _, outcome, *_), row in run_oracle(case_of(seed)).counts.items():
            found[outcome] = found.get(outcome, 0) + row["events"]
    assert all(found[name] > 10 for name in ("infection", "spms", "cdw", "either"))
