"""Covariates for made cases, and rows that only they read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from pass_engine.protocol.models import Study
from tests.property.made import Case, freeze

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.property.strategies import Dice

Row = dict[str, Any]

AROUND_ENTRY = (-366, -365, -365, -364, -30, -1, 0, 0, 1)
BEFORE = ("[-365, 0]", "[-366, -1]", "[.., 0]", "[-1, -1]", "[-30, 0]")
TREATED = ("[.., -1]", "[-365, -1]", "[-1, -1]", "[-366, -1]")
NUMBER = {"missing": "complete_case"}
WALK = "visit.timed_25_foot_walk_s"


def covariates(dice: Dice) -> Row:
    """Covariates of every kind, in windows and groups near which rows lie."""
    score = dice.pick((NUMBER, {"groups": [2, 4.5]}, {"groups": [0.5]}))
    every: dict[str, Row] = {
        "age": {"from": "age", "groups": dice.pick(([18], [18, 19, 21], [29, 30]))},
        "years": {"from": "age", **NUMBER},
        "sex": {"from": "sex", **({} if dice.chance(2) else {"values": dice.pick((["male"], ["male", "female"]))})},
        "year": {"from": "calendar_year", "groups": [2020, 2021]},
        "duration": {"from": "disease_duration", **dice.pick((NUMBER, {"groups": [1]}, {"groups": [1, 3]}))},
        "score": {"from": "edss", "window": dice.pick(BEFORE), **score},
        "relapses": {"from": "relapses", "window": dice.pick(BEFORE), **dice.pick((NUMBER, {"groups": [1, 2]}))},
        "prior": {"from": "prior_treatments", "window": dice.pick(TREATED), "groups": dice.pick(([1], [1, 2], [2]))},
        "class": {"from": "prior_treatments", "substances": ["alfa", "gamma"], "window": "[.., -1]", **NUMBER},
        "illness": {"from": "comorbidity", "codes": "codelists/made.csv", "window": dice.pick(BEFORE)},
        "medicine": {"from": "comedication", "atc": dice.pick((["C09"], ["C", "N06A"])), "window": dice.pick(BEFORE)},
        "walk": {"from": WALK, "window": dice.pick(BEFORE), "groups": [4, 8]},
        "country": {"from": "person.country", "values": dice.pick((["CZ"], ["DK", "CZ"]))},
    }
    chosen = dice.some(sorted(every), len(every), least=1)
    return {name: {"label": name, **every[name]} for name in chosen}


def with_covariates(dice: Dice, case: Case, landmarks: Sequence[date]) -> Case:
    """Sometimes covariates, with what only they read. Dice of its own: old seeds stay."""
    if dice.chance(2):
        return case
    study = case.study.model_dump(by_alias=True) | {"covariates": covariates(dice)}
    medicine: list[Row] = []
    values: list[Row] = []
    for person in case.core.person:
        own = person["person_id"]
        days = [r["start_date"] for r in case.core.treatment if r["person_id"] == own] or landmarks
        medicine += [{"person_id": own, **medicine_of(dice, days)} for _ in range(dice.number(0, 2))]
        values += [{"person_id": own, **walk_of(dice, days)} for _ in range(dice.number(0, 2))]
        if person["country"]:
            values.append(value(own, "person.country", text_value=person["country"]))
    core = replace(case.core, comedication=medicine, variable_value=values)
    facts = case.registry
    if dice.chance(5):
        unmapped = dice.pick(("comorbidity", "comedication"))
        core = replace(core, **{unmapped: []})
        facts = replace(facts, mapped_tables=tuple(t for t in facts.mapped_tables if t != unmapped))
    return replace(case, study=Study.model_validate(freeze(study)), core=core, registry=facts)


def medicine_of(dice: Dice, days: Sequence[date]) -> Row:
    """An episode of a medicine, perhaps without its first day, or going on."""
    start = dice.pick(days) + timedelta(dice.pick(AROUND_ENTRY))
    return {
        "atc": dice.pick(("C09AA05", "N06AB04", "A02")),
        "start_date": None if dice.chance(6) else start,
        "stop_date": None if dice.chance(3) else start + timedelta(dice.pick((0, 1, 30, 365))),
    }


def walk_of(dice: Dice, days: Sequence[date]) -> Row:
    """A measurement on some day."""
    day = dice.pick(days) + timedelta(dice.pick(AROUND_ENTRY))
    return value("", WALK, value_date=day, number_value=dice.pick((3.5, 4.0, 7.99, 8.0)))


def value(person: str, variable: str, **given: Any) -> Row:
    """A row of ``variable_value``."""
    row: Row = {"variable": variable, "value_date": None, "text_value": None, "number_value": None, **given}
    return {"person_id": person, **row} if person else row
