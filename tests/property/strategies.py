"""Small nasty registries and studies, made by Hypothesis.

Dates cluster: every date is a landmark of the case (a New Year, a 29 February, the cut, the start of
collection) or a boundary of the person's own treatment, moved by a number of days that some rule turns on.
So events fall on entry days, switch days and last days, and gaps are just as long as allowed, or a day longer.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from pass_engine.protocol.codes import Code
from tests.property.made import Case, fill_row, incidence, make_facts, make_study
from tests.property.oracle import CoreTables
from tests.property.tables import HARMONISED

Row = dict[str, Any]

LANDMARKS = (
    date(2019, 2, 28), date(2019, 12, 31), date(2020, 1, 1), date(2020, 2, 29), date(2020, 3, 1),
    date(2020, 6, 15), date(2020, 12, 31), date(2021, 2, 28), date(2021, 6, 30),
)  # fmt: skip
STEPS = (0, 0, 0, -1, 1, 1, 2, -2, 3, 5, 9, 10, 11, 29, 30, 31, 32, -10, -30, -31, 60, 61, 365, -365)
LENGTHS = (0, 0, 1, 9, 10, 29, 30, 31, 60, 200, 500)
FEW_DAYS = (0, 1, 10, 30)
BIRTHS = (
    None, date(1980, 7, 1), date(1992, 2, 29), date(2000, 2, 29), date(1990, 1, 1), date(2002, 2, 28),
    date(1990, 3, 1), date(2003, 6, 15), date(2020, 3, 1),
)  # fmt: skip
SUBSTANCES = ("alfa", "beta", "alfa", "gamma", "beta", "delta", "omega", "alfa")
COUNTRIES = ("CZ", "FR", None)
SEXES = ("female", "male", "other", "unknown")
CODES = (("ICD-10", "A00"), ("ICD-10", "A00"), ("ICD-10", "A091"), ("ICD-10", "A10"), ("MedDRA PT", "100"))
CODE_LIST = (
    Code("ICD-10", "A00", "A09", "Range", "range"),
    Code("MedDRA PT", "100", "100", "Preferred term", "exact"),
)
MARGINS = ((), ("age",), ("sex",), ("calendar",), ("sex", "age"), ("calendar", "age", "sex"), ("sex", "calendar"))
WIDE = {"start_date": date(2018, 1, 1), "end_date": date(2022, 12, 31)}


def maybe(strategy: st.SearchStrategy[Any], *, often: bool = False) -> st.SearchStrategy[Any]:
    """The value or None."""
    return st.one_of(strategy, strategy, st.none()) if often else st.one_of(st.none(), st.none(), st.none(), strategy)


def near(days: tuple[date, ...]) -> st.SearchStrategy[date]:
    """A day that some rule turns on: near one of these days."""
    return st.builds(lambda day, step: day + timedelta(step), st.sampled_from(days), st.sampled_from(STEPS))


# ------------------------------------------------------------------------------------------------- rows


@st.composite
def treatments(draw, days, cut):
    """Episodes: some overlap, some are nested or repeated, some start on one day or go on at the cut."""
    rows = []
    for _ in range(draw(st.sampled_from((3, 2, 1, 4, 5, 6, 0)))):
        known = tuple(r["start_date"] for r in rows) + tuple(r["stop_date"] for r in rows if r["stop_date"])
        start = min(draw(near(known or days)), cut)
        length = draw(maybe(st.sampled_from(LENGTHS), often=True))
        stop = None if length is None else start + timedelta(length)
        rows.append({"substance": draw(st.sampled_from(SUBSTANCES)), "start_date": start, "stop_date": stop})
    return rows + rows[:1] if draw(st.booleans()) else rows


@st.composite
def administrations(draw, days):
    """Doses: each a few days after the one before, around gap and effect lengths."""
    rows = []
    for _ in range(draw(st.integers(0, 4))):
        day = rows[-1]["date"] if rows else draw(near(days))
        step = draw(st.sampled_from((0, 1, 10, 11, 12, 20, 30, 31, 32, 41, 42, 61, 100)))
        rows.append({"substance": draw(st.sampled_from(("alfa", "beta"))), "date": day + timedelta(step)})
    return rows


@st.composite
def observation_periods(draw, days):
    """Mostly one wide period; sometimes none, or several that overlap, touch or leave gaps."""
    if draw(st.integers(0, 2)):
        return [WIDE]
    rows = []
    for _ in range(draw(st.integers(0, 3))):
        start = rows[-1]["end_date"] + timedelta(draw(st.sampled_from((-5, 0, 1, 2, 30)))) if rows else draw(near(days))
        rows.append({"start_date": start, "end_date": start + timedelta(draw(st.sampled_from((*LENGTHS, 400))))})
    return rows


@st.composite
def event_reports(draw, days):
    """Reports: chains around same_event_days and clean windows, some long, some serious."""
    rows = []
    for _ in range(draw(st.sampled_from((3, 2, 4, 6, 1, 8, 0)))):
        known = (rows[-1]["onset_date"], *days) if rows else days
        onset = draw(near(known))
        system, code = draw(st.sampled_from(CODES))
        row = {"onset_date": onset, "end_date": onset + timedelta(draw(st.sampled_from((0, 0, 0, 1, 5, 40))))}
        row |= {"system": system, "code": code, "serious": draw(st.sampled_from(("yes", "no", "unknown")))}
        rows.append(row | draw(st.sampled_from(({}, {}, {"system": "MedDRA LLT", "code": "7", "pt_code": "100"}))))
    return rows


@st.composite
def person_rows(draw, person_id, landmarks, cut):
    """All rows of one person, by table."""
    given = draw(treatments(landmarks, cut))
    doses = draw(administrations(landmarks))
    bounds = [r["start_date"] for r in given] + [r["stop_date"] for r in given if r["stop_date"]]
    days = tuple(bounds + [r["date"] for r in doses]) or landmarks
    person = {
        "birth_date": draw(st.sampled_from(BIRTHS)),
        "sex": draw(st.sampled_from(SEXES)),
        "country": draw(st.sampled_from(COUNTRIES)),
        "registry_entry_date": draw(maybe(near(days))),
        "death_date": draw(maybe(near(days))),
        "last_contact_date": draw(maybe(near(days))),
    }
    disease = {"onset_date": draw(maybe(near(days))), "diagnosis_date": draw(maybe(near(days), often=True))}
    comorbidity = {"onset_date": draw(maybe(near(days), often=True)), "code": draw(st.sampled_from(("A00", "B01")))}
    rows = {
        "person": [person],
        "observation_period": draw(observation_periods(days)),
        "disease": draw(st.sampled_from(([], [disease]))),
        "treatment": given,
        "administration": doses,
        "event_report": draw(event_reports(days)),
        "comorbidity": draw(st.sampled_from(([], [comorbidity]))),
    }
    return {t: [fill_row(t, {**r, "person_id": person_id}) for r in rows[t]] for t in HARMONISED}


@st.composite
def core_tables(draw, landmarks, cut, most=6):
    """A registry of one to six persons."""
    people = [draw(person_rows(f"p{n}", landmarks, cut)) for n in range(1, draw(st.integers(1, most)) + 1)]
    tables = {t: [row for person in people for row in person[t]] for t in HARMONISED}
    for position, row in enumerate(tables["event_report"], start=1):
        row["report_no"] = position
    return CoreTables(**tables)


# ------------------------------------------------------------------------------------------------ study


@st.composite
def exposure(draw, substances, extension):
    """An exposure of these substances; the gap may exceed the extension, as gap_time then says."""
    gap_days = draw(st.sampled_from(FEW_DAYS))
    modes = [{"gap_time": "as_extension"}, {"gap_time": "at_risk", "gap_reason": "Made"}]
    if gap_days <= extension:
        modes.append({})
    source = draw(st.sampled_from(({}, {}, {"from": "administration", "effect_days": draw(st.sampled_from(FEW_DAYS))})))
    return {"label": "Made", "substances": substances, "gap_days": gap_days, **draw(st.sampled_from(modes)), **source}


@st.composite
def exposures(draw, extension):
    """A cohort, another, perhaps one that shares a substance with the first, perhaps those not yet treated."""
    made = {"a": draw(exposure(draw(st.sampled_from((["alfa"], ["alfa", "gamma"]))), extension))}
    if draw(st.integers(0, 4)):
        made["b"] = draw(exposure(["beta"], extension))
    if draw(st.integers(0, 3)) == 0:
        made["wide"] = draw(exposure(["alfa", "delta"], extension))
    if draw(st.integers(0, 2)) == 0:
        made["waiting"] = {"label": "Not yet", "not_yet": "a"}
    return made


@st.composite
def time_at_risk(draw, names, extension):
    """A time at risk of any kind the language has."""
    stops = draw(st.sets(st.sampled_from(("last_contact", "study_end"))))
    anchor = draw(st.sampled_from(("era_start", "era_start", "first_era_start", "cohort_entry")))
    time = {
        "label": "Made",
        "start": {"anchor": anchor, "plus_days": draw(st.sampled_from((0, 0, 1, 10, 30)))},
        "end": {"anchor": draw(st.sampled_from(("era_end", "follow_up_end")))},
        "eras": draw(st.sampled_from(("first", "all"))),
        "stop_at": ["death", "observation_end", "data_cut", *sorted(stops)],
        "overlap": draw(st.sampled_from(("cut_at_switch", "cut_at_switch", "keep"))),
    }
    if time["end"]["anchor"] == "era_end":
        more = {n: extension + draw(st.sampled_from(FEW_DAYS)) for n in names if n != "waiting"}
        flat = extension if "waiting" not in names else 0
        time["end"]["plus_days"] = draw(st.sampled_from((more, flat))) if flat == extension else more
    if time["overlap"] == "cut_at_switch" and draw(st.integers(0, 2)) == 0:
        listed = [n for n in names if n != "waiting"]
        time["switch_to"] = sorted(draw(st.sets(st.sampled_from(listed), min_size=1)))
    return time


@st.composite
def infection(draw):
    """An outcome from adverse event reports."""
    prior = draw(
        st.sampled_from(
            (
                {"rule": "allow"},
                {"rule": "allow"},
                {"rule": "allow"},
                {"rule": "exclude_person", "look_back": "ever", "from": ["adverse_event", "comorbidity"]},
                {"rule": "exclude_person", "look_back": 30},
                {"rule": "exclude_person", "look_back": 1, "from": ["comorbidity"]},
            )
        )
    )
    made = {
        "label": "Made", "from": "adverse_event", "codes": "codelists/made.csv", "serious": draw(st.integers(0, 3)) == 0,
        "counting": draw(st.sampled_from(("first", "recurrent", "recurrent"))),
        "same_event_days": draw(st.sampled_from(FEW_DAYS)), "chain": draw(st.booleans()), "prior_events": prior,
    }  # fmt: skip
    if made["counting"] == "recurrent":
        made["clean_window_days"] = draw(st.sampled_from((0, 0, 1, 30)))
    return made


@st.composite
def criteria(draw, names):
    """Some entry criteria, in any order."""
    other = draw(st.sampled_from(names))
    window = {
        "observed": draw(st.sampled_from(("[0, 0]", "[-10, 0]", "[-365, 0]"))),
        "diagnosed": draw(st.sampled_from(("[.., 0]", "[-30, -1]"))),
        "new_user": draw(st.sampled_from(("[.., -1]", "[-31, 0]"))),
        "untouched": draw(st.sampled_from(("[-1, 0]", "[.., -1]"))),
    }
    every = [
        {"id": "adult", "require": "age", "at_least": 18},
        {"id": "young", "require": "age", "at_most": 29},
        {"id": "observed", "require": "observation", "window": window["observed"]},
        {"id": "diagnosed", "require": "disease.diagnosis_date", "window": window["diagnosed"]},
        {"id": "new_user", "exclude": "exposure", "of": "self", "window": window["new_user"]},
        {"id": "untouched", "exclude": "exposure", "of": other, "window": window["untouched"]},
    ]
    chosen = draw(st.one_of(st.just([]), st.lists(st.sampled_from(every), max_size=2, unique_by=lambda c: c["id"])))
    return [{**c, "why": "Made"} for c in chosen]


@st.composite
def analyses(draw, study):
    """An incidence analysis, and a comparison where there are two cohorts."""
    names = list(study["exposures"])
    cohorts = draw(st.permutations(names))[: draw(st.integers(1, len(names)))]
    made = [incidence(study, cohorts=cohorts, by=draw(st.lists(st.sampled_from(MARGINS), max_size=3, unique=True)))]
    if draw(st.booleans()):
        over = draw(st.sampled_from((["age"], ["sex", "age"])))
        made[0]["standardise"] = {"to": "esp2013", "over": over, "split": "uniform"}
    if len(names) > 1 and draw(st.booleans()):
        target, comparator = draw(st.permutations(names))[:2]
        pairs = {o: draw(st.sampled_from(list(study["times_at_risk"]))) for o in study["outcomes"]}
        made.append({
            "id": "ratio", "kind": "comparison", "role": "secondary",
            "of": {"target": target, "comparator": comparator}, "outcomes": pairs,
            "interval": {"method": "exact", "level": 0.95},
        })  # fmt: skip
    return made


@st.composite
def study_period(draw, landmarks):
    """Mostly wide, sometimes with a boundary near a landmark."""
    start, end = date(2015, 1, 1), date(2021, 12, 31)
    narrow = draw(st.sampled_from(("", "", "start", "end")))
    start = draw(near(landmarks)) if narrow == "start" else start
    end = max(start, draw(near(landmarks))) if narrow == "end" else end
    return {"start": start, "end": max(start, end)}


@st.composite
def studies(draw, landmarks, cut):
    """A study of made exposures, times at risk and outcomes."""
    extension = draw(st.sampled_from(FEW_DAYS))
    made: dict[str, Any] = {"exposures": draw(exposures(extension))}
    names = tuple(made["exposures"])
    made["times_at_risk"] = {f"t{n}": draw(time_at_risk(names, extension)) for n in range(draw(st.integers(1, 2)))}
    made["outcomes"] = {"infection": draw(infection())}
    if draw(st.booleans()):
        made["outcomes"]["death"] = {"label": "Death", "from": "death", "counting": "first"}
    made["population"] = {
        "period": draw(study_period(landmarks)),
        "criteria": draw(criteria(names)),
        "entries": draw(st.sampled_from(("first", "first_qualifying"))),
    }
    made["data"] = {"cut": draw(st.sampled_from((cut, cut + timedelta(30)))), "registries": ["r1", "r2"]}
    if draw(st.integers(0, 3)) == 0:
        giver = draw(st.sampled_from(("r1", "r2")))
        rule = {"registries": ["r1", "r2"], "rule": "exclude_country", "from": giver, "countries": ["CZ"]}
        made["data"]["registry_overlap"] = [rule]
    made["strata"] = {"age": {"bands": draw(st.sampled_from(([18, 30], [0, 18, 19, 40])))}, "sex": {}}
    made["strata"]["calendar"] = {"by": "year"}
    made["analyses"] = draw(analyses(made))
    return made


@st.composite
def cases(draw, most=6):
    """A registry of up to ``most`` persons and a study to count in it."""
    landmarks = tuple(draw(st.lists(st.sampled_from(LANDMARKS), min_size=1, max_size=3, unique=True)))
    cut = draw(st.sampled_from((date(2021, 6, 30), date(2021, 12, 31), date(2020, 12, 31))))
    study = draw(studies(landmarks, cut))
    facts = make_facts({
        "data_cut_date": draw(st.sampled_from((cut, cut + timedelta(1)))),
        "deaths": draw(st.sampled_from(("visits", "linked"))),
        "adverse_event_start": draw(maybe(near(landmarks))),
        "death_start": draw(maybe(near(landmarks))),
    })  # fmt: skip
    lowest = min(facts.data_cut_date, study["data"]["cut"])
    without_base = {k: v for k, v in study.items() if k not in {"exposures", "times_at_risk", "outcomes"}}
    made = make_study(without_base, replace={k: study[k] for k in ("exposures", "times_at_risk", "outcomes")})
    return Case(draw(core_tables(landmarks, lowest, most)), made, facts, {"codelists/made.csv": CODE_LIST})
