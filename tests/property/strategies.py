"""Small nasty registries and studies for Hypothesis.

Dates cluster: every date is a landmark of the case (a New Year, a 29 February, the cut) or a boundary of the
person's own treatment, moved by a number of days that some rule turns on. So events fall on entry days, switch
days and last days, and gaps are just as long as allowed, or a day longer.

Hypothesis draws a seed, dice do the rest: a case takes hundreds of choices, and
Hypothesis, left to draw them all, repeats itself four times out of five. What a failing case boils down to is
found by ``engine.find_culprit``: one person, and no row that does not matter.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st

from pass_engine.protocol.codes import Code
from tests.property.made import Case, fill_row, incidence, make_facts, make_study
from tests.property.made_covariates import with_covariates
from tests.property.oracle import CoreTables
from tests.property.tables import HARMONISED

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = dict[str, Any]
T = TypeVar("T")

LANDMARKS = (
    date(2019, 2, 28), date(2019, 12, 31), date(2020, 1, 1), date(2020, 2, 29), date(2020, 3, 1),
    date(2020, 3, 31), date(2020, 6, 15), date(2020, 10, 1), date(2020, 12, 31), date(2021, 2, 28), date(2021, 6, 30),
)  # fmt: skip
STEPS = (0, 0, 0, -1, 1, 1, 2, -2, 3, 5, 9, 10, 11, 29, 30, 31, 32, -10, -30, -31, 60, 61, 365, -365)
GAPS = (1, 2, 11, 12, 31, 32, 0, -1, 5, 40, 61, -10)
LENGTHS = (0, 0, 1, 9, 10, 29, 30, 31, 60, 200, 500)
AROUND_ENTRY = (-366, -365, -365, -364, -30, -1, 0, 0, 1)
FEW_DAYS = (0, 1, 10, 30)
BIRTHS = (
    date(1980, 7, 1), date(1992, 2, 29), date(2000, 2, 29), date(1990, 1, 1), date(2002, 2, 28), date(1990, 3, 1),
    date(2003, 6, 15), date(2020, 3, 1), None,
)  # fmt: skip
SUBSTANCES = ("alfa", "alfa", "alfa", "beta", "beta", "gamma", "delta", "omega")
COUNTRIES = ("CZ", "FR", None)
SEXES = ("female", "male", "other", "unknown")
CENTRES = ("c1", "c2", None)
CAUSES = ("A00", "A091", "A10", None)
COURSES = ("SPMS", "RRMS", "CIS", None)
SCORES = (0.0, 1.5, 2.0, 3.5, 4.0, 5.5, 6.0, 10.0, None)
CODES = (("ICD-10", "A00"), ("ICD-10", "A00"), ("ICD-10", "A091"), ("ICD-10", "A10"), ("MedDRA PT", "100"))
CODE_LIST = (
    Code("ICD-10", "A00", "A09", "Range", "range"),
    Code("MedDRA PT", "100", "100", "Preferred term", "exact"),
)
OTHER_LIST = (
    Code("ICD-10", "A1", "A1", "Begins so", "descendants"),
    Code("MedDRA SOC", "900", "900", "On its primary path", "primary"),
    Code("MedDRA HLT", "700", "700", "On any path", "any"),
    Code("MedDRA SMQ", "800", "800", "Narrow scope", "narrow"),
    Code("MedDRA SMQ", "801", "801", "Both scopes", "broad"),
)
CODE_LISTS = {"codelists/made.csv": CODE_LIST, "codelists/other.csv": OTHER_LIST}
MARGINS = ((), ("age",), ("sex",), ("calendar",), ("sex", "age"), ("calendar", "age", "sex"), ("sex", "calendar"))
AT_ENTRY = (
    "country", "centre", "course", "edss", "relapses_12_months", "prior_substances", "entry_year", "line_of_treatment",
)  # fmt: skip
STRATIFIERS = (
    "age", "sex", "calendar", "calendar", "time_since_start", "time_since_start",
    "exposure_duration", "cumulative_doses", *AT_ENTRY,
)  # fmt: skip
CUTS = ((0,), (0, 30, 31, 183), (0, 1, 365), (10, 30), (1,), (0, 365, 366, 400))
ROW_RULES = (
    "treatment_before_birth", "treatment_after_death", "dose_after_death", "event_before_birth", "event_after_death",
)  # fmt: skip
PERSON_RULES = (
    "death_before_birth", "birth_after_entry", "entry_after_death", "contact_after_death", "contact_before_entry",
)  # fmt: skip
PRIOR_EVENTS: tuple[Row, ...] = (
    {"rule": "allow"},
    {"rule": "allow"},
    {"rule": "exclude_person", "look_back": "ever", "from": ["adverse_event", "comorbidity"]},
    {"rule": "exclude_person", "look_back": 30},
    {"rule": "exclude_person", "look_back": 1, "from": ["comorbidity"]},
    {"rule": "exclude_person", "look_back": 30, "from": ["adverse_event", "comorbidity"], "filled_dates": "prior"},
    {
        "rule": "exclude_person",
        "look_back": "ever",
        "from": ["adverse_event", "comorbidity"],
        "filled_dates": "incident",
    },
)
WIDE = {"start_date": date(2018, 1, 1), "end_date": date(2022, 12, 31)}
LATEST = date(2021, 12, 31)


class Dice:
    """Choices from one seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def pick(self, choices: Sequence[T]) -> T:
        """One of these."""
        return self._random.choice(choices)

    def some(self, choices: Sequence[T], most: int, *, least: int = 0) -> list[T]:
        """A few of these, in any order."""
        return self._random.sample(choices, self._random.randint(least, min(most, len(choices))))

    def chance(self, one_in: int) -> bool:
        """True once in so many times."""
        return self._random.randrange(one_in) == 0

    def number(self, low: int, high: int) -> int:
        """A whole number."""
        return self._random.randint(low, high)

    def near(self, days: Sequence[date]) -> date:
        """A day that some rule turns on: near one of these days."""
        return self.pick(days) + timedelta(self.pick(STEPS))


# ------------------------------------------------------------------------------------------------- rows


def treatments(dice: Dice, days: Sequence[date], cut: date) -> list[Row]:
    """Episodes, each placed by the start or the end of an earlier one: joined, apart, nested, repeated, ongoing."""
    rows: list[Row] = []
    for _ in range(dice.number(0, 6)):
        if rows:
            before = dice.pick(rows)
            bound = dice.pick((before["stop_date"], before["stop_date"], before["start_date"]))
            start = (bound or before["start_date"]) + timedelta(dice.pick(GAPS))
        else:
            start = dice.near(days)
        start = min(start, cut)
        stop = None if dice.chance(8) else start + timedelta(dice.pick(LENGTHS))
        rows.append({"substance": dice.pick(SUBSTANCES), "start_date": start, "stop_date": stop})
    return rows + rows[:1] if dice.chance(4) else rows


def administrations(dice: Dice, days: Sequence[date]) -> list[Row]:
    """Doses: each a few days after the one before, around gap and effect lengths."""
    rows: list[Row] = []
    for _ in range(dice.number(0, 5)):
        step = timedelta(dice.pick((0, 1, 10, 11, 12, 20, 30, 31, 32, 41, 42, 61, 100)))
        day = rows[-1]["date"] + step if rows else dice.near(days)
        rows.append({"substance": dice.pick(("alfa", "alfa", "beta")), "date": day})
    return rows


def observation_periods(dice: Dice, days: Sequence[date]) -> list[Row]:
    """Mostly one wide period; sometimes none, or several that overlap, touch or leave gaps."""
    if not dice.chance(3):
        return [WIDE]
    rows: list[Row] = []
    for _ in range(dice.number(0, 4)):
        start = rows[-1]["end_date"] + timedelta(dice.pick((-5, 0, 1, 1, 2, 30))) if rows else dice.near(days)
        rows.append({"start_date": start, "end_date": start + timedelta(dice.pick((*LENGTHS, 400)))})
    return rows


def event_reports(dice: Dice, days: Sequence[date]) -> list[Row]:
    """Reports: chains around same_event_days and clean windows, some long, some serious."""
    rows: list[Row] = []
    for _ in range(dice.number(0, 8)):
        chained = rows and dice.chance(2)
        onset = rows[-1]["onset_date"] + timedelta(dice.pick((*GAPS, 0, 0, 0))) if chained else dice.near(days)
        system, code = dice.pick(CODES)
        row = {
            "onset_date": onset, "end_date": onset + timedelta(dice.pick((0, 0, 0, 1, 5, 40))),
            "system": system, "code": code, "serious": dice.pick(("yes", "no", "unknown")), **filled(dice, onset),
            "outcome": "fatal" if dice.chance(8) else None,
        }  # fmt: skip
        rows.append({**row, "system": "MedDRA LLT", "code": "7", "pt_code": "100"} if dice.chance(4) else row)
    return rows


def filled(dice: Dice, onset: date) -> Row:
    """Days on which an onset may have been: the day itself, or some around it, as a filled date has them."""
    if dice.chance(2):
        return {}
    before, after = dice.pick((0, 0, 1, 14, 181)), dice.pick((0, 0, 1, 16, 183))
    return {"possible_from": onset - timedelta(before), "possible_to": onset + timedelta(after)}


def dictionary(dice: Dice) -> dict[str, list[Row]]:
    """A dictionary whose one preferred term lies in some groups, and in others not."""
    path = {"pt_code": "100", "hlt_code": dice.pick(("700", "701")), "hlgt_code": "600"}
    query = {"smq_code": dice.pick(("800", "801")), "term_system": "MedDRA LLT", "term_code": dice.pick(("7", "8"))}
    return {
        "meddra_hierarchy": [{**path, "soc_code": dice.pick(("900", "901")), "is_primary": dice.chance(2)}],
        "meddra_smq": [{**query, "is_narrow": dice.chance(2)}],
    }


def clinical_rows(dice: Dice, days: Sequence[date]) -> dict[str, list[Row]]:
    """Courses, visits and relapses around entry and a year before it, several of them on one day."""

    def around() -> date:
        return dice.pick(days) + timedelta(dice.pick(AROUND_ENTRY))

    rows: dict[str, list[Row]] = {
        "course": [{"start_date": around(), "course": dice.pick(COURSES)} for _ in range(dice.number(0, 3))],
        "visit": [{"visit_date": around(), "edss": dice.pick(SCORES)} for _ in range(dice.number(0, 4))],
        "relapse": [{"onset_date": around()} for _ in range(dice.number(0, 5))],
    }
    rows["course"] += [{**r, "course": dice.pick(COURSES)} for r in rows["course"] if dice.chance(3)]
    rows["visit"] += [{**r, "edss": dice.pick(SCORES)} for r in rows["visit"] if dice.chance(3)]
    rows["relapse"] += [r for r in rows["relapse"] if dice.chance(3)]
    return rows


def person_rows(dice: Dice, person_id: str, landmarks: Sequence[date], cut: date) -> dict[str, list[Row]]:
    """All rows of one person, by table."""
    given, doses = treatments(dice, landmarks, cut), administrations(dice, landmarks)
    bounds = [day for row in given for day in (row["start_date"], row["stop_date"]) if day]
    days = [*bounds, *(row["date"] for row in doses)] or landmarks
    person = {
        "birth_date": dice.pick(BIRTHS), "sex": dice.pick(SEXES), "country": dice.pick(COUNTRIES),
        "registry_entry_date": dice.near(days) if dice.chance(4) else None,
        "death_date": dice.near(days) if dice.chance(4) else None,
        "last_contact_date": dice.near(days) if dice.chance(4) else None,
        "centre_id": dice.pick(CENTRES), "cause_of_death": dice.pick(CAUSES),
    }  # fmt: skip
    disease = {
        "diagnosis_date": None if dice.chance(6) else dice.near(days),
        "onset_date": None if dice.chance(6) else dice.near(days),
    }
    onset = None if dice.chance(4) else dice.near(days)
    comorbidity = {
        "onset_date": onset, "code": dice.pick(("A00", "A10", "B01")), **(filled(dice, onset) if onset else {}),
    }  # fmt: skip
    rows: dict[str, list[Row]] = {
        "person": [person],
        "observation_period": observation_periods(dice, days),
        "disease": [] if dice.chance(4) else [disease],
        "treatment": given,
        "administration": doses,
        "event_report": event_reports(dice, days),
        "comorbidity": [comorbidity] if dice.chance(2) else [],
        **clinical_rows(dice, days),
        "comedication": [],
    }
    return {t: [fill_row(t, {**r, "person_id": person_id}) for r in rows[t]] for t in HARMONISED}


def core_tables(dice: Dice, landmarks: Sequence[date], cut: date, persons: int) -> CoreTables:
    """A registry of a few persons."""
    people = [person_rows(dice, f"p{n}", landmarks, cut) for n in range(1, persons + 1)]
    tables = {t: [row for person in people for row in person[t]] for t in HARMONISED}
    for position, row in enumerate(tables["event_report"], start=1):
        row["report_no"] = position
    return CoreTables(**tables, **dictionary(dice))


# ------------------------------------------------------------------------------------------------ study


def exposure(dice: Dice, substances: list[str], extension: int) -> Row:
    """An exposure of these substances; the gap may exceed the extension, as gap_time then says."""
    gap_days = dice.pick((30, 10, 30, 1, 0))
    modes: list[Row] = [{"gap_time": "as_extension"}, {"gap_time": "at_risk", "gap_reason": "Made"}]
    modes += [{}] if gap_days <= extension else []
    doses = {"from": "administration", "effect_days": dice.pick(FEW_DAYS)} if dice.chance(3) else {}
    return {"label": "Made", "substances": substances, "gap_days": gap_days, **dice.pick(modes), **doses, **ends(dice)}


def ends(dice: Dice) -> Row:
    """What ends an episode without a stop, and whether supplies are put off."""
    made: Row = {"missing_stop": dice.pick(("data_cut", "last_contact", "drop"))} if dice.chance(3) else {}
    if dice.chance(6):
        made = {"missing_stop": "fixed_days", "missing_stop_days": dice.pick((1, 10, 60, 2000))}
    if dice.chance(4):
        made["stockpiling"] = True
        if dice.chance(2):
            made["stockpile_max_days"] = dice.pick((1, 5, 30))
    return made


def exposures(dice: Dice, extension: int, *, apart: bool) -> Row:
    """A cohort, another, perhaps one that shares a substance with the first, perhaps states before and after.

    With ``apart`` days under two of them may be categories of their own; then none share a substance.
    """
    made = {"a": exposure(dice, dice.pick((["alfa"], ["alfa", "gamma"])), extension)}
    if apart or not dice.chance(5):
        made["b"] = exposure(dice, ["beta"], extension)
    if apart:
        if dice.chance(2):
            made["c"] = exposure(dice, ["delta"], extension)
        pairs = {"old": ["a", "b"], "new": ["b", "a"]}
        made |= {n: {"label": "Both", "overlap_of": p} for n, p in pairs.items() if not dice.chance(4)}
    elif dice.chance(4):
        made["wide"] = exposure(dice, ["alfa", "delta"], extension)
    if dice.chance(3):
        made["waiting"] = {"label": "Not yet", "not_yet": "a"}
    if dice.chance(3):
        ended = dice.pick([n for n, e in made.items() if "substances" in e])
        made["past"] = {"label": "Past", "past": ended, "after_days": dice.pick(FEW_DAYS)}
    return made


def time_at_risk(dice: Dice, names: list[str], extension: int, landmarks: Sequence[date], *, apart: bool) -> Row:
    """A time at risk of any kind the language has."""
    treated = [n for n in names if n in ("a", "b", "c", "wide")]
    start = start_anchor(dice, landmarks)
    time: Row = {
        "label": "Made",
        "start": start,
        "end": end_anchor(dice, names, extension, after_era=start["anchor"] == "era_end"),
        "eras": dice.pick(("first", "all")),
        "stop_at": ["death", "observation_end", "data_cut", *dice.some(("last_contact", "study_end"), 2)],
        "overlap": "own_category" if apart else dice.pick(("cut_at_switch", "cut_at_switch", "keep")),
    }
    if apart:
        if dice.chance(4):
            time["switch_to"] = treated = ["b", "a"]
    elif time["overlap"] == "cut_at_switch" and dice.chance(3):
        time["switch_to"] = dice.some([*treated, *(["past"] if "past" in names else [])], 3, least=1)
    if time["overlap"] != "keep" and len(treated) > 1 and dice.chance(2):
        time["same_day"] = dice.some(treated, len(treated), least=len(treated) if apart else 2)
    return time


def start_anchor(dice: Dice, landmarks: Sequence[date]) -> Row:
    """Where a time at risk begins."""
    others = ("first_era_start", "cohort_entry", "fixed_date", "disease_onset")
    anchor = dice.pick(("era_start", "era_start", "era_start", "era_end", "era_end", *others))
    fixed = {"date": dice.near(landmarks)} if anchor == "fixed_date" else {}
    return {"anchor": anchor, "plus_days": dice.pick((0, 0, 1, 10, 30)), **fixed}


def end_anchor(dice: Dice, names: list[str], extension: int, *, after_era: bool) -> Row:
    """Where a time at risk ends; one that begins after an era runs on."""
    end: Row = {"anchor": "follow_up_end" if after_era else dice.pick(("era_end", "era_end", "follow_up_end"))}
    if end["anchor"] == "era_end":
        each = {n: extension + dice.pick(FEW_DAYS) for n in names if n != "waiting"}
        end["plus_days"] = each if "waiting" in names or dice.chance(2) else extension
    if dice.chance(3):
        end["within_days"] = dice.pick((0, 1, 10, 29, 30, 31, 183, 365))
    return end


def recorded(dice: Dice, codes: str) -> Row:
    """An outcome from adverse event reports."""
    return {
        "label": "Made", "from": "adverse_event", "codes": codes, **counting(dice),
        "serious": dice.chance(3), "same_event_days": dice.pick((0, 2, 11, 31)), "chain": dice.chance(2),
    }  # fmt: skip


def counting(dice: Dice) -> Row:
    """How an outcome's events are counted."""
    rule = {
        "counting": dice.pick(("first", "recurrent", "recurrent")), "prior_events": dice.pick(PRIOR_EVENTS),
        "filled_dates": dice.pick(("as_filled", "as_filled", "inside")),
    }  # fmt: skip
    if rule["counting"] == "recurrent":
        return {**rule, "clean_window_days": dice.pick((0, 0, 1, 10, 30))}
    return {**rule, "nth": dice.pick((1, 1, 2, 2, 3))}


def outcomes(dice: Dice) -> Row:
    """One outcome, and perhaps another, a death, a death of a cause, one made of several."""
    made = {"infection": recorded(dice, "codelists/made.csv")}
    if dice.chance(2):
        made["other"] = {**recorded(dice, "codelists/other.csv"), "label": "Other"}
    if dice.chance(2):
        made["death"] = {"label": "Death", "from": "death", "counting": "first"}
    if dice.chance(3):
        made["caused"] = {
            "label": "Death of it", "from": "death", "counting": "first", "codes": "codelists/made.csv",
            "prior_events": dice.pick(PRIOR_EVENTS[:3]),
        }  # fmt: skip
    if dice.chance(2):
        parts = dice.some(sorted(made), 4, least=1)
        made["any"] = {"label": "Any of these", "from": "composite", "of": parts, **counting(dice)}
    return made


def criteria(dice: Dice, names: list[str], landmark: int) -> list[Row]:
    """Some entry criteria, in any order; they look up to the landmark."""
    every: list[Row] = [
        {"id": "adult", "require": "age", "at_least": dice.pick((18, 19, 21))},
        {"id": "young", "require": "age", "at_most": 29},
        {
            "id": "observed",
            "require": "observation",
            "window": dice.pick(("[0, 0]", f"[-10, {landmark}]", "[-365, 0]")),
        },
        {
            "id": "diagnosed",
            "require": "disease.diagnosis_date",
            "window": dice.pick((f"[.., {landmark}]", "[-30, -1]")),
        },
        {
            "id": "new_user",
            "exclude": "exposure",
            "of": "self",
            "window": dice.pick(("[.., -1]", f"[-31, {landmark}]")),
        },
        {
            "id": "untouched",
            "exclude": "exposure",
            "of": dice.pick(names),
            "window": dice.pick((f"[-1, {landmark}]", "[.., -1]")),
        },
    ]
    return [{**c, "why": "Made"} for c in dice.some(every, dice.pick((0, 1, 2)))]


def analyses(dice: Dice, study: Row) -> list[Row]:
    """An incidence analysis, and a comparison where there are two cohorts."""
    names = list(study["exposures"])
    alone = [(name,) for name in dict.fromkeys(STRATIFIERS) if dice.chance(2)]
    mixed = [tuple(dict.fromkeys(dice.some(STRATIFIERS, 3, least=2))) for _ in range(2)]
    by = [*dict.fromkeys([*dice.some(MARGINS, 2), *alone, *mixed])]
    made = [incidence(study, cohorts=dice.some(names, 4, least=1), by=by)]
    if dice.chance(2):
        over = dice.pick((["age"], ["sex", "age"]))
        made[0]["standardise"] = {"to": "esp2013", "over": over, "split": "uniform"}
    if len(names) > 1 and dice.chance(2):
        target, comparator = dice.some(names, 2, least=2)
        pairs = {o: dice.pick(list(study["times_at_risk"])) for o in study["outcomes"]}
        made.append({
            "id": "ratio", "kind": "comparison", "role": "secondary",
            "of": {"target": target, "comparator": comparator}, "outcomes": pairs,
            "interval": {"method": "exact", "level": 0.95},
        })  # fmt: skip
    return made


def study_period(dice: Dice, landmarks: Sequence[date]) -> Row:
    """Mostly wide, sometimes with a boundary near a landmark."""
    start = dice.pick((dice.pick(landmarks), dice.near(landmarks))) if dice.chance(3) else date(2015, 1, 1)
    end = dice.near(landmarks) if dice.chance(5) else LATEST
    return {"start": start, "end": max(start, end)}


def overlap_rules(dice: Dice) -> list[Row]:
    """Sometimes one of the two registries gives up a country."""
    if not dice.chance(5):
        return []
    giver = dice.pick(("r1", "r2"))
    return [{"registries": ["r1", "r2"], "rule": "exclude_country", "from": giver, "countries": ["CZ"]}]


def fault_rules(dice: Dice) -> Row:
    """Sometimes rows that break a rule are not used, or persons left out."""
    if not dice.chance(3):
        return {}
    made = {rule: dice.pick(("drop_row", "drop_row", "keep", "exclude_person")) for rule in dice.some(ROW_RULES, 4)}
    if dice.chance(3):
        made |= dict.fromkeys(dice.some(PERSON_RULES, 2, least=1), "exclude_person")
    return made


def strata(dice: Dice) -> Row:
    """Every stratifier, so that an analysis may name any."""
    return {
        "age": {"bands": dice.pick(([18, 29, 30], [0, 18, 19, 21, 40]))}, "sex": {},
        "calendar": {"by": dice.pick(("year", "quarter", "month")), "complete_intervals": dice.chance(3)},
        "time_since_start": {"cuts_days": dice.pick(CUTS), "origin": dice.pick(("entry", "first_era", "period"))},
        "exposure_duration": {"cuts_days": dice.pick(CUTS)},
        "cumulative_doses": {"cuts": dice.pick(((0,), (0, 1, 2), (1, 3), (2,)))},
        **{name: {} for name in AT_ENTRY},
    }  # fmt: skip


def study_parts(dice: Dice, landmarks: Sequence[date], cut: date) -> Row:
    """The parts of a study of made exposures, times at risk and outcomes."""
    extension = dice.pick((0, 0, *FEW_DAYS))
    apart = dice.chance(4)
    made: Row = {"exposures": exposures(dice, extension, apart=apart)}
    names = list(made["exposures"])
    made["times_at_risk"] = {
        f"t{n}": time_at_risk(dice, names, extension, landmarks, apart=apart) for n in range(dice.number(1, 2))
    }
    made["outcomes"] = outcomes(dice)
    landmark = dice.pick((0, 0, 0, 1, 30, 180))
    made["population"] = {
        "period": study_period(dice, landmarks), "index": "cohort_entry",
        "criteria": criteria(dice, names, landmark), "entries": dice.pick(("first", "first_qualifying", "all")),
        "fatal_reports": dice.pick(("reported", "death")),
        "prior_observation_days": dice.pick((0, 0, 0, 1, 30, 365)), "landmark_days": landmark,
    }  # fmt: skip
    made["data"] = {
        "model": "core/1", "cut": dice.pick((cut, cut + timedelta(30))), "registries": ["r1", "r2"],
        "registry_overlap": overlap_rules(dice), "faults": fault_rules(dice),
    }  # fmt: skip
    made["strata"] = strata(dice)
    return {**made, "analyses": analyses(dice, made)}


def with_curves(dice: Dice, parts: Row) -> Row:
    """Sometimes an outcome that stops a time at risk, life tables, lock points. Dice of its own: old seeds stay."""
    for time in parts["times_at_risk"].values():
        if dice.chance(5):
            time["stop_at_outcomes"] = dice.some(sorted(parts["outcomes"]), 2, least=1)
    firsts = [name for name, outcome in parts["outcomes"].items() if outcome["counting"] == "first"]
    if firsts and parts["strata"]["time_since_start"]["origin"] != "period":
        parts["analyses"].append({
            "id": "curve", "kind": "survival", "role": "secondary", "cohorts": list(parts["exposures"]),
            "outcomes": {name: list(parts["times_at_risk"]) for name in firsts}, "measures": ["survival"],
            "competing": dice.some(sorted(parts["outcomes"]), 2), "at_days": [365], "interval": {"level": 0.95},
        })  # fmt: skip
    data = parts["data"]
    if dice.chance(2):
        middle = max(parts["population"]["period"]["start"], data["cut"] - timedelta(dice.number(1, 400)))
        data["lock_points"] = sorted({min(middle, data["cut"] - timedelta(1)), data["cut"]})
    return parts


def make_case(seed: int, most: int = 10) -> Case:
    """A registry of one to ``most`` persons and a study to count in it."""
    dice = Dice(seed)
    landmarks = dice.some(LANDMARKS, 3, least=1)
    cut = dice.pick((date(2021, 6, 30), LATEST, date(2020, 12, 31)))
    study = make_study(replace=with_curves(Dice(seed + 1), study_parts(dice, landmarks, cut)))
    facts = make_facts({
        "data_cut_date": dice.pick((cut, cut + timedelta(1))), "deaths": dice.pick(("visits", "linked")),
        "adverse_event_start": dice.pick((dice.pick(landmarks), dice.near(landmarks))) if dice.chance(4) else None,
        "death_start": dice.near(landmarks) if dice.chance(4) else None,
    })  # fmt: skip
    core = core_tables(dice, landmarks, min(facts.data_cut_date, study.data.cut), dice.number(1, most))
    if dice.chance(4):
        unmapped = dice.pick(("relapse", "relapse", "treatment", "administration"))
        core = replace(core, **{unmapped: []})
        facts = replace(facts, mapped_tables=tuple(t for t in facts.mapped_tables if t != unmapped))
    return with_covariates(Dice(seed + 2), Case(core, study, facts, dict(CODE_LISTS)), landmarks)


def cases(most: int = 10) -> st.SearchStrategy[Case]:
    """Cases, each from its own seed; a failing test prints the seed as ``make_case(seed=..., most=...)``."""
    return st.builds(make_case, seed=st.integers(0, 2**32), most=st.just(most))
