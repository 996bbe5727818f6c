"""The protocol language, version 1, as frozen strict models.

A key is here only if the engine acts upon it. What later versions add is refused as unknown or as
"not in this version". Sequences are tuples; mappings are read in no particular order.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_\-]*$", max_length=60)]
Label = Annotated[str, Field(min_length=1, max_length=400)]
Days = Annotated[int, Field(ge=0, le=36525)]
Stratifier = Literal[
    "age",
    "sex",
    "calendar",
    "time_since_start",
    "exposure_duration",
    "cumulative_doses",
    "country",
    "centre",
    "course",
    "edss",
    "relapses_12_months",
    "prior_substances",
    "entry_year",
    "line_of_treatment",
]
TextPath = Annotated[str, Field(pattern=r"^text/[\w\-./]+\.md$")]
CodesPath = Annotated[str, Field(pattern=r"^codelists/[\w\-./]+\.csv$")]
AtcCode = Annotated[str, Field(pattern=r"^[A-Z]([0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?)?$")]
RatesPath = Annotated[str, Field(pattern=r"^standards/[\w\-./]+\.csv$")]


def _refuse_bool(value: object) -> object:
    """To Python, true is equal to 1; here it is not."""
    if isinstance(value, bool):
        raise PydanticCustomError("int_type", "Input should be a valid integer")
    return value


NO_BOOL = BeforeValidator(_refuse_bool)


class Model(BaseModel):
    """Base of every part of a protocol: frozen, strict, no unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", populate_by_name=True)


class Substance(Model):
    """An active substance under study."""

    inn: str = Field(description="International non-proprietary name")
    atc: str | None = Field(None, description="ATC code in the current index")


class Holder(Model):
    """A marketing authorisation holder."""

    name: str = Field(description="Name of the marketing authorisation holder")
    address: str | None = Field(None, description="Postal address")
    contact: str | None = Field(None, description="Contact person")


class Author(Model):
    """A main author of the protocol and report."""

    name: str = Field(description="Name and degrees")
    affiliation: str | None = Field(None, description="Affiliation")


class Milestone(Model):
    """One line of the milestones table."""

    event: Literal[
        "start_of_data_collection",
        "end_of_data_collection",
        "registration",
        "progress_report",
        "interim_report",
        "final_report",
    ] = Field(description="The milestone, in the words of the PASS formats")
    planned: dt.date | None = Field(None, description="Planned date")
    actual: dt.date | None = Field(None, description="Actual date, once it is known")
    comment: str | None = Field(None, description="Comment printed beside the dates")


class Amendment(Model):
    """One line of the amendments table."""

    number: int = Field(ge=1, description="Running number")
    date: dt.date = Field(description="Date of the amendment")
    section: str = Field(description="Section of the protocol concerned")
    change: str = Field(description="What changed")
    reason: str = Field(description="Why")


class Objective(Model):
    """A research question."""

    id: Id = Field(description="Identifier of the objective")
    kind: Literal["primary", "secondary", "exploratory"] = Field(description="Rank of the objective")
    question: Label = Field(description="The question in plain words")
    hypothesis: Label | None = Field(
        None, description="Hypothesis to be tested; none says that there is no a priori hypothesis"
    )
    analyses: tuple[Id, ...] = Field(
        (), description="Analyses that answer it; without them, those whose role is the kind of the objective"
    )


class StudyText(Model):
    """Prose files (Markdown) that only people can write; a missing one prints as to be completed."""

    rationale: TextPath | None = Field(None, description="Rationale and background")
    bias: TextPath | None = Field(None, description="Efforts to assess and address bias")
    study_size: TextPath | None = Field(None, description="Study size and its rationale")
    quality_control: TextPath | None = Field(None, description="Quality control outside the engine")
    key_results: TextPath | None = Field(None, description="Discussion: key results")
    limitations: TextPath | None = Field(
        None, description="Limitations: of the methods in the protocol (9.9), and in the report's discussion"
    )
    interpretation: TextPath | None = Field(None, description="Discussion: interpretation")
    generalisability: TextPath | None = Field(None, description="Discussion: generalisability")
    other_information: TextPath | None = Field(None, description="Other information")
    conclusion: TextPath | None = Field(None, description="Conclusion")
    references: TextPath | None = Field(None, description="References")
    responsible_parties: TextPath | None = Field(
        None, description="Protocol, section 3: investigators, coordinators by country, collaborating institutions"
    )
    exposure_validity: TextPath | None = Field(None, description="Protocol, 9.3: validity of the exposure measurement")
    exposure_mechanism: TextPath | None = Field(
        None, description="Protocol, 9.3: how windows follow from mechanism of action and pharmacokinetics"
    )
    outcome_validity: TextPath | None = Field(None, description="Protocol, 9.3: validity of the outcome measurement")
    hta_outcomes: TextPath | None = Field(
        None, description="Protocol, 9.3: outcomes relevant for health technology assessment"
    )
    data_sources: TextPath | None = Field(None, description="Protocol, 9.4: the data sources, beyond what is generated")
    linkage: TextPath | None = Field(None, description="Protocol, 9.4: how sources are linked")
    feasibility: TextPath | None = Field(None, description="Protocol, 9.5: feasibility of the study")
    data_management: TextPath | None = Field(None, description="Protocol, 9.6: storage and management of the data")
    independent_review: TextPath | None = Field(None, description="Protocol, 9.8: independent review of results")
    other_aspects: TextPath | None = Field(None, description="Protocol, 9.10: other aspects, as an advisory committee")
    ethics: TextPath | None = Field(None, description="Protocol, section 10: ethics committees and consent")
    ethics_outcome: TextPath | None = Field(None, description="Protocol, section 10: outcome of ethical review")
    data_protection: TextPath | None = Field(None, description="Protocol, section 10: data protection, legal basis")
    adverse_events: TextPath | None = Field(
        None, description="Protocol, section 11: adverse events, beyond what is generated"
    )
    dissemination: TextPath | None = Field(None, description="Protocol, section 12: plans to publish the results")


class StudyInfo(Model):
    """What stands on the title page and in the administrative sections."""

    id: Id = Field(description="Identifier of the study")
    type: Literal["PASS", "PAES"] = Field(description="Post-authorisation safety or effectiveness study")
    title: Label = Field(description="Title, with a commonly used term for the design")
    version: str = Field(description="Version of the protocol, quoted")
    date: dt.date = Field(description="Date of this version; dates the report as well")
    status: Literal["draft", "final"] = Field(description="A draft is marked across every page")
    rmp_category: Annotated[Literal[1, 2, 3], NO_BOOL] | None = Field(
        None, description="Category in the risk management plan"
    )
    register_number: str | None = Field(None, description="Number in the HMA-EMA catalogue; empty until there is one")
    substances: tuple[Substance, ...] = Field(description="Active substances under study")
    products: tuple[str, ...] = Field((), description="Medicinal products")
    product_references: tuple[str, ...] = Field((), description="Product references (EU/1/..)")
    procedure_number: str | None = Field(None, description="Procedure number (EMEA/H/C/..)")
    joint_pass: bool | None = Field(None, description="Is this a joint PASS of several holders?")
    holders: tuple[Holder, ...] = Field((), description="Marketing authorisation holders")
    authors: tuple[Author, ...] = Field((), description="Main authors")
    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = Field(
        (), description="Countries of the study, ISO 3166-1 alpha-2"
    )
    milestones: tuple[Milestone, ...] = Field((), description="Milestones, planned and actual")
    amendments: tuple[Amendment, ...] = Field((), description="Amendments to the protocol")
    text: StudyText = Field(StudyText(), description="Prose files beside the protocol")
    objectives: tuple[Objective, ...] = Field((), description="Research questions and objectives")


class PartialDates(Model):
    """Which day a date of month or year precision is taken to be."""

    birth: Literal["first_day", "middle"] = Field("middle", description="Birth dates")
    start: Literal["first_day", "middle"] = Field("first_day", description="Dates on which something starts")
    stop: Literal["last_day", "middle"] = Field("last_day", description="Dates on which something ends")
    event: Literal["first_day", "middle", "last_day"] = Field("middle", description="Dates of events")


class RegistryOverlap(Model):
    """How two registries that may hold the same persons are made disjoint."""

    registries: tuple[Id, Id] = Field(description="The two registries concerned")
    rule: Literal["exclude_country"] = Field(description="Persons of the countries named leave one of them")
    from_: Id = Field(alias="from", description="The registry that gives the persons up")
    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = Field(
        min_length=1, description="Countries given up"
    )


RowFault = Literal["keep", "drop_row", "exclude_person"]
PersonFault = Literal["keep", "exclude_person"]


class DataFaults(Model):
    """What becomes of data that break a rule: they are kept, the row is not used, or the person is left out."""

    treatment_before_birth: RowFault = Field("keep", description="Treatments that start before birth")
    treatment_after_death: RowFault = Field("keep", description="Treatments that start after death")
    dose_after_death: RowFault = Field("keep", description="Doses after death")
    event_before_birth: RowFault = Field("keep", description="Reports of adverse events with an onset before birth")
    event_after_death: RowFault = Field("keep", description="Reports of adverse events with an onset after death")
    death_before_birth: PersonFault = Field("keep", description="Death before birth")
    birth_after_entry: PersonFault = Field("keep", description="Birth after entry into the registry")
    entry_after_death: PersonFault = Field("keep", description="Entry into the registry after death")
    contact_after_death: PersonFault = Field("keep", description="Last contact after death")
    contact_before_entry: PersonFault = Field("keep", description="Last contact before entry into the registry")


class Extra(Model):
    """A variable that the study asks for beyond the core data model: a column more of one of its tables.

    To make it required, name it under ``data.require``.
    """

    name: Annotated[str, Field(pattern=r"^x_[a-z][a-z0-9_]*$", max_length=40)] = Field(
        description="Name of the column; begins with x_"
    )
    table: str = Field(description="Table of the core data model that gets the column")
    kind: Literal["text", "date", "code", "number", "integer"] = Field(description="What its values are")
    meaning: Label = Field(description="What it means, in the data request and in the table of characteristics")
    values: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = Field(
        (), description="Of a code: its values; any other counts as unknown"
    )
    unit: Annotated[str, Field(max_length=30)] = Field("", description="Of a number: its unit")
    at_entry: bool = Field(
        False,
        description="Is it a row of the table of characteristics at entry? For codes, and numbers with bands, of "
        "tables of one row a person",
    )
    bands: tuple[float, ...] = Field((), description="Of a number at entry: where each band but the first begins")


class Data(Model):
    """The data the study stands on."""

    model: Literal["core/1"] = Field(description="Version of the core data model")
    cut: dt.date = Field(description="Data cut of the study: the last day that can be at risk")
    registries: tuple[Id, ...] = Field(min_length=1, description="Registries invited; each decides for itself")
    require: tuple[Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_0-9]+$")], ...] = Field(
        (), description="Variables (table.column) without which a registry cannot take part"
    )
    extras: tuple[Extra, ...] = Field(
        (), description="Variables of this study alone, beyond the core data model; docs/extras.md"
    )
    substance_list: CodesPath | None = Field(
        None, description="List of substances (columns system, code, substance); required for exposures by ATC codes"
    )
    partial_dates: PartialDates = Field(PartialDates(), description="How partial dates are filled")
    registry_overlap: tuple[RegistryOverlap, ...] = Field((), description="How registries are made disjoint")
    lock_points: tuple[dt.date, ...] = Field(
        (), description="Data lock points, rising, the last one the data cut: counts in each interval and cumulative"
    )
    faults: DataFaults = Field(
        DataFaults(),
        description="What becomes of data that break a rule: kept where nothing is said. All are counted",
    )


class Period(Model):
    """A closed period: both days belong to it."""

    start: dt.date = Field(description="First day")
    end: dt.date = Field(description="Last day")


class Criterion(Model):
    """One entry criterion: a row of the attrition table. Exactly one of ``require`` and ``exclude``."""

    id: Id = Field(description="Identifier of the criterion")
    require: Literal["age", "observation", "disease.diagnosis_date", "disease.onset_date"] | None = Field(
        None, description="What the person must have"
    )
    exclude: Literal["exposure"] | None = Field(None, description="What the person must not have had")
    of: str | None = Field(None, description="For exclude: exposure: the exposure meant, or self")
    window: str | None = Field(None, description='Days around day 0, for example "[-365, 0]" or "[.., -1]"')
    at_least: Annotated[int, Field(ge=0, le=130)] | None = Field(None, description="For age: completed years, lowest")
    at_most: Annotated[int, Field(ge=0, le=130)] | None = Field(None, description="For age: completed years, highest")
    why: Label = Field(description="Reason, printed in the attrition table")


class Population(Model):
    """Who enters, and when."""

    period: Period = Field(description="Cohort entry falls in this period")
    index: Literal["cohort_entry"] = Field(description="Day 0 is the day of cohort entry")
    criteria: tuple[Criterion, ...] = Field((), description="Entry criteria, applied in this order")
    entries: Literal["first", "first_qualifying", "all"] = Field(
        description="first: the first era in the period must meet all criteria; "
        "first_qualifying: the first era that meets them; all: every era that meets them is an entry, and the "
        "windows of a person's entries are united"
    )
    fatal_reports: Literal["reported", "death"] = Field(
        "reported",
        description="A report with a fatal outcome, of a person without a death record: reported only, or taken as "
        "death on the report's last day unless the person was in contact later",
    )
    prior_observation_days: Days = Field(
        0, description="Follow-up of an observation period begins this many days after its first day"
    )
    landmark_days: Days = Field(
        0, description="Landmark: criteria may look up to this day, and follow-up begins no earlier"
    )


class Exposure(Model):
    """An exposure cohort: substances, a state before or after an exposure, or days under two exposures at once."""

    label: Label = Field(description="Name in tables")
    substances: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        None, description="Active substances (INN) that make this exposure"
    )
    atc: Annotated[tuple[AtcCode, ...], Field(min_length=1)] | None = Field(
        None,
        description="Instead of substances: ATC codes, or beginnings of them, as L04AA; stands for the substances that "
        "data.substance_list has under them",
    )
    not_yet: Id | None = Field(
        None,
        description="Instead of substances: from start of observation to the day before the first era of this exposure",
    )
    past: Id | None = Field(
        None,
        description="Instead of substances: from the day after an era of this exposure to the day before its next one",
    )
    after_days: Days = Field(
        0, description="With past: days after an era that do not yet belong to the state, as an extension has them"
    )
    overlap_of: tuple[Id, Id] | None = Field(
        None,
        description="Instead of substances: [old, new], the days at risk under both, of which the second began later; "
        "needs overlap: own_category",
    )
    gap_days: Days | None = Field(
        None, description="Episodes are joined while the gap is at most this long; required with substances"
    )
    gap_time: Literal["as_extension", "at_risk"] | None = Field(
        None,
        description="Are the days of a gap beyond the extension at risk? Required where gap_days exceeds the extension",
    )
    gap_reason: Label | None = Field(None, description="Reason for gap_time: at_risk")
    from_: Literal["treatment", "administration"] = Field(
        "treatment", alias="from", description="Table that holds the exposure"
    )
    effect_days: Days = Field(0, description="For administrations: days after each dose that still count as treated")
    missing_stop: Literal["data_cut", "last_contact", "fixed_days", "drop"] = Field(
        "data_cut",
        description="For treatments: where an episode without a stop ends; drop: the episode is not used. The episodes "
        "concerned are counted",
    )
    missing_stop_days: Annotated[int, Field(ge=1, le=36525)] | None = Field(
        None, description="With missing_stop: fixed_days: length of such an episode, its first day included"
    )
    stockpiling: bool = Field(
        False,
        description="A supply that starts before the one before it of the same substance ends begins the day after it",
    )
    stockpile_max_days: Annotated[int, Field(ge=1, le=36525)] | None = Field(
        None, description="With stockpiling: a supply is put off by at most this many days; the rest is lost"
    )


class Anchor(Model):
    """A day from which time at risk is laid out."""

    anchor: str = Field(description="The anchoring day")
    plus_days: int = Field(0, ge=-36525, le=36525, description="Days added to it")


class StartAnchor(Anchor):
    """Start of the time at risk."""

    anchor: Literal["era_start", "era_end", "first_era_start", "cohort_entry", "fixed_date", "disease_onset"] = Field(
        description="The anchoring day"
    )
    date: dt.date | None = Field(None, description="For fixed_date: the day")


class EndAnchor(Model):
    """End of the time at risk."""

    anchor: Literal["era_end", "follow_up_end"] = Field(description="The anchoring day")
    plus_days: Days | dict[Id, Days] = Field(0, description="Days added to it: one number, or one for each exposure")
    within_days: Days | None = Field(
        None, description="The window ends no later than this many days after the start anchor"
    )


class TimeAtRisk(Model):
    """A named time at risk."""

    label: Label = Field(description="Name in tables")
    start: StartAnchor = Field(description="First day")
    end: EndAnchor = Field(description="Last day")
    eras: Literal["first", "all"] = Field(
        "all", description="For era anchors: the era of entry only, or later eras too"
    )
    stop_at: tuple[Literal["death", "last_contact", "observation_end", "data_cut", "study_end"], ...] = Field(
        description="What stops it; death, observation_end and data_cut must be among them"
    )
    stop_at_outcomes: tuple[Id, ...] = Field(
        (), description="Outcomes whose first event on or after cohort entry stops it (competing events)"
    )
    overlap: Literal["cut_at_switch", "keep", "own_category"] = Field(
        description="What happens when another exposure begins; with own_category days under both are in neither, and "
        "make a category (overlap_of)"
    )
    switch_to: Annotated[tuple[Id, ...], Field(min_length=1)] | None = Field(
        None,
        description="Exposures whose start is a switch; without it every other substance with a treatment row. With "
        "own_category: exposures whose days are told apart; without it all that are made of substances",
    )
    same_day: Literal["combination"] | Annotated[tuple[Id, ...], Field(min_length=2)] = Field(
        "combination",
        description="Exposures that begin on one day: a combination, in no cohort; or a list: those named earlier are "
        "taken to have begun first",
    )


class PriorEvents(Model):
    """What an event before the time at risk means."""

    rule: Literal["allow", "exclude_person"] = Field(description="allow, or leave the person out of this analysis")
    look_back: Literal["ever"] | Annotated[int, Field(ge=1, le=36525)] | None = Field(
        None, description="Days before the first day at risk, or ever"
    )
    from_: tuple[Literal["adverse_event", "comorbidity"], ...] = Field(
        ("adverse_event",), alias="from", min_length=1, description="Tables searched"
    )
    filled_dates: Literal["as_filled", "prior", "incident"] = Field(
        "as_filled",
        description="What an event is whose date is filled, and which may lie before the first day at risk or not: "
        "prior; incident, and then placed on the first day at risk it may lie on; or as its filled day says",
    )


class Disability(Model):
    """A change of the EDSS from its baseline at cohort entry, or an EDSS reached, confirmed at a later visit."""

    change: Literal["worsening", "improvement"] | None = Field(
        None,
        description="A step from what it is compared with: 1.5 from 0, 0.5 from half_step_from on, else 1.0; "
        "improvement by 0.5 from half_step_from on, else 1.0, and only from 2.0 on",
    )
    reach: Annotated[float, Field(ge=1, le=10, multiple_of=0.5)] | None = Field(
        None, description="An EDSS to be reached by those below it at baseline, such as 6.0"
    )
    confirm_days: Annotated[int, Field(ge=1, le=3653)] = Field(
        description="The visit that confirms is at least so many days later: 84 for 12 weeks, 168 for 24; every visit "
        "in between keeps the change up"
    )
    half_step_from: Annotated[float, Field(ge=5.5, le=6, multiple_of=0.5)] = Field(
        6.0, description="From this EDSS on half a point is a step"
    )
    baseline_window: str = Field(
        "[-180, 30]", description="Days from cohort entry whose last visit with EDSS is the baseline"
    )
    baseline: Literal["fixed", "roving"] = Field(
        "fixed", description="roving: a confirmed improvement lowers what later visits are compared with"
    )
    relapse_free_days: Annotated[int, Field(ge=0, le=365)] = Field(
        30, description="Visits on the day of a relapse, or at most so many days after it, are set aside; 0 for none"
    )
    relapse: Literal["any", "with", "without"] = Field(
        "any",
        description="Whether a relapse lies from 90 days before to 30 days after the change: any, only changes with "
        "one (relapse-associated), only changes without (independent of relapses)",
    )


class Outcome(Model):
    """An outcome."""

    label: Label = Field(description="Name in tables")
    from_: Literal["adverse_event", "death", "composite", "relapse", "course", "disability"] = Field(
        alias="from", description="Where it is recorded"
    )
    course: Annotated[tuple[Literal["RIS", "CIS", "RRMS", "SPMS", "PPMS"], ...], Field(min_length=1)] | None = Field(
        None, description="For course: the courses whose beginning counts, such as SPMS"
    )
    disability: Disability | None = Field(None, description="For disability: what is measured at visits")
    of: tuple[Id, ...] | None = Field(None, min_length=1, description="For composite: the outcomes any of which counts")
    nth: Annotated[int, Field(ge=1, le=100)] = Field(
        1, description="Only the person's n-th event, counted from any time"
    )
    codes: CodesPath | None = Field(
        None, description="Code list (columns system, code, label, match); required for adverse_event"
    )
    serious: bool = Field(False, description="Count serious events only")
    counting: Literal["first", "recurrent"] = Field(description="First event only, or all")
    filled_dates: Literal["as_filled", "inside"] = Field(
        "as_filled",
        description="Where an event counts whose date is filled, and which may lie in the time at risk or outside it: "
        "by its filled day, or inside (the worst case, for a sensitivity analysis)",
    )
    same_event_days: Days = Field(
        0, description="Reports within this many days of an event's first onset are that event"
    )
    chain: bool = Field(False, description="Measure same_event_days from the latest report rather than the first")
    clean_window_days: Days | None = Field(
        None, description="Days after an event's end that are not at risk; required for recurrent"
    )
    prior_events: PriorEvents = Field(PriorEvents(rule="allow"), description="What earlier events mean")


class AgeStratum(Model):
    """Age bands [a, b) in completed years; the last one is open."""

    bands: tuple[Annotated[int, Field(ge=0, le=130)], ...] = Field(min_length=1, description="Lower limits, rising")


class SexStratum(Model):
    """Sex as recorded."""


class ValueAtEntry(Model):
    """A value a person has at cohort entry; it does not change after that."""


class TimeSinceStartStratum(Model):
    """Days since an origin, in bands [a, b); the origin is day 0 and the last band is open."""

    cuts_days: tuple[Days, ...] = Field(min_length=1, description="Lower limits in days, rising")
    origin: Literal["entry", "first_era", "period"] = Field(
        "entry",
        description="Origin: cohort entry, start of the first era ever, or the anchor of the period that holds the day",
    )


class ExposureDurationStratum(Model):
    """Days exposed before a day, in bands [a, b); the last band is open."""

    cuts_days: tuple[Days, ...] = Field(min_length=1, description="Lower limits in days, rising")


class CumulativeDosesStratum(Model):
    """Doses given by a day, that day's included, in bands [a, b); the last band is open."""

    cuts: tuple[Annotated[int, Field(ge=0, le=10000)], ...] = Field(
        min_length=1, description="Lower limits in numbers of doses, rising"
    )


class CalendarStratum(Model):
    """Calendar intervals."""

    by: Literal["year", "quarter", "month"] = Field(description="Length of an interval")
    complete_intervals: bool = Field(
        False,
        description="Show an interval only if it lies wholly in the registry's observable span; the rest is incomplete",
    )


class Strata(Model):
    """Stratifiers an analysis may name in ``by``."""

    age: AgeStratum | None = Field(None, description="Attained age, split at birthdays")
    sex: SexStratum | None = Field(None, description="Sex")
    calendar: CalendarStratum | None = Field(None, description="Calendar time, split at its boundaries")
    time_since_start: TimeSinceStartStratum | None = Field(None, description="Time since start, split at its cuts")
    exposure_duration: ExposureDurationStratum | None = Field(
        None, description="Days of the cohort's exposure before each day, whenever they were; split at its cuts"
    )
    cumulative_doses: CumulativeDosesStratum | None = Field(
        None, description="Doses (administrations) of the cohort's exposure up to each day; split at its cuts"
    )
    country: ValueAtEntry | None = Field(None, description="Country of residence")
    centre: ValueAtEntry | None = Field(None, description="Treating centre")
    course: ValueAtEntry | None = Field(None, description="Disease course at entry")
    edss: ValueAtEntry | None = Field(None, description="Last EDSS in the year before entry, in groups")
    relapses_12_months: ValueAtEntry | None = Field(None, description="Relapses in the year before entry")
    prior_substances: ValueAtEntry | None = Field(None, description="Other substances before entry")
    entry_year: ValueAtEntry | None = Field(None, description="Calendar year of entry")
    line_of_treatment: ValueAtEntry | None = Field(
        None, description="Line of treatment at entry: substances begun before day 0, the cohort's own included, plus 1"
    )


class Interval(Model):
    """Interval method and level."""

    method: Literal["exact", "mid_p", "byar", "log_normal", "normal"] = Field(description="Method for rates")
    level: Annotated[float, Field(gt=0.5, lt=1)] = Field(description="Confidence level, for example 0.95")


class Standardise(Model):
    """Direct standardisation."""

    to: Literal["esp2013", "who2000_2025", "study_population"] | RatesPath = Field(
        description="The standard: European Standard Population 2013, WHO World Standard 2000–2025, the pooled "
        "person-time of all cohorts of the analysis, or a file of weights (columns age_from, age_to, weight, and sex "
        "where it tells the sexes apart)"
    )
    over: tuple[Literal["age", "sex"], ...] = Field(min_length=1, description="Stratifiers standardised over")
    split: Literal["uniform"] | None = Field(
        None, description="How a band of the standard that a study band divides is shared"
    )


class Reference(Model):
    """Reference rates: what was to be expected."""

    rates: RatesPath = Field(
        description="File of rates (columns rate_per, rate, and those of by: age_from, age_to; sex; year_from, year_to)"
    )
    by: tuple[Literal["age", "sex", "calendar"], ...] = Field(
        min_length=1, description="Stratifiers that the rates differ by; each must be declared under strata"
    )


class Incidence(Model):
    """Incidence of outcomes in cohorts."""

    id: Id = Field(description="Identifier of the analysis")
    kind: Literal["incidence"] = Field(description="Kind of analysis")
    role: Literal["primary", "secondary", "exploratory"] = Field(description="Rank")
    cohorts: tuple[Id, ...] = Field(min_length=1, description="Exposures compared side by side")
    outcomes: dict[Id, Id | Annotated[tuple[Id, ...], Field(min_length=1)]] = Field(
        min_length=1, description="Outcome to time at risk (one or several)"
    )
    measures: tuple[Literal["incidence_proportion", "eair", "eair_total_exposure", "eaer"], ...] = Field(
        min_length=1, description="Measures printed"
    )
    per_person_years: Annotated[int, Field(ge=1, le=1000000)] = Field(description="Multiplier of the rates")
    interval: Interval = Field(description="Interval of the rates")
    proportion_interval: Literal["clopper_pearson", "wilson"] = Field(
        "clopper_pearson", description="Method of the interval of incidence proportions, at the same level"
    )
    by: tuple[tuple[Stratifier, ...], ...] = Field(((),), description="Margins: combinations of strata; [] is overall")
    standardise: Standardise | None = Field(None, description="Direct standardisation")
    reference: Reference | None = Field(
        None, description="Reference rates; gives the measure sir, observed over expected first events (SIR, SMR)"
    )


class Contrast(Model):
    """Two exposures."""

    target: Id = Field(description="Exposure of interest")
    comparator: Id = Field(description="Exposure it is held against")


class ContrastInterval(Model):
    """Interval of a comparison."""

    method: Literal["exact", "mid_p", "log_normal"] | None = Field(
        None, description="Method for rate_ratio, required with it; used where no person is in both arms"
    )
    level: Annotated[float, Field(gt=0.5, lt=1)] = Field(description="Confidence level, for example 0.95")


class Comparison(Model):
    """Rates of two cohorts held against each other: crude, or over strata."""

    id: Id = Field(description="Identifier of the analysis")
    kind: Literal["comparison"] = Field(description="Kind of analysis")
    role: Literal["primary", "secondary", "exploratory"] = Field(description="Rank")
    of: Contrast = Field(description="The two exposures")
    outcomes: dict[Id, Id] = Field(min_length=1, description="Outcome to time at risk")
    measures: tuple[Literal["rate_ratio", "rate_difference", "mantel_haenszel_rate_ratio"], ...] = Field(
        ("rate_ratio",), min_length=1, description="Measures printed"
    )
    interval: ContrastInterval = Field(
        description="Interval; where a person is in both arms a person-robust one takes its place"
    )
    difference_interval: Literal["miettinen_nurminen", "wald"] = Field(
        "miettinen_nurminen", description="Method of the interval of rate_difference: score, or normal"
    )
    per_person_years: Annotated[int, Field(ge=1, le=1000000)] | None = Field(
        None, description="Multiplier of the difference; required with rate_difference"
    )
    adjust: tuple[Stratifier, ...] = Field(
        (), description="Strata of mantel_haenszel_rate_ratio, required with it; each must be declared under strata"
    )


class CurveInterval(Model):
    """Interval of a curve."""

    scale: Literal["log_log", "log", "plain"] = Field("log_log", description="Scale on which limits are made")
    level: Annotated[float, Field(gt=0.5, lt=1)] = Field(description="Confidence level, for example 0.95")


class Survival(Model):
    """Curves over time since the origin: survival (Kaplan-Meier) and cumulative incidence (Aalen-Johansen)."""

    id: Id = Field(description="Identifier of the analysis")
    kind: Literal["survival"] = Field(description="Kind of analysis")
    role: Literal["primary", "secondary", "exploratory"] = Field(description="Rank")
    cohorts: tuple[Id, ...] = Field(min_length=1, description="Exposures side by side")
    outcomes: dict[Id, Id | Annotated[tuple[Id, ...], Field(min_length=1)]] = Field(
        min_length=1, description="Outcome to time at risk (one or several); day 0 is the origin of time_since_start"
    )
    measures: tuple[Literal["survival", "cumulative_incidence"], ...] = Field(
        min_length=1, description="Measures printed"
    )
    competing: tuple[Id, ...] = Field(
        (), description="Outcomes that compete with the outcome, besides death, which always does"
    )
    at_days: tuple[Annotated[int, Field(ge=1, le=36525)], ...] = Field(
        min_length=1, description="Days since the origin at which the table shows the curve, rising"
    )
    curve_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        30, description="The figure shows the pooled curve at every so many days as well"
    )
    interval: CurveInterval = Field(description="Interval of the curves")


class Sensitivity(Model):
    """A second run of an analysis with one thing changed."""

    id: Id = Field(description="Identifier of the analysis")
    kind: Literal["sensitivity"] = Field(description="Kind of analysis")
    of: Id = Field(description="The incidence analysis repeated")
    change: dict[str, object] = Field(
        min_length=1, max_length=1, description="One dotted path of the protocol and its new value"
    )
    why: Label = Field(description="What is learnt")


Analysis = Annotated[Incidence | Comparison | Survival | Sensitivity, Field(discriminator="kind")]


class Publish(Model):
    """What is made public, and what is withheld."""

    min_cell: Annotated[int, Field(ge=1, le=1000)] = Field(
        description="Smallest count of persons or events shown; registries may ask for more"
    )
    min_persons: Annotated[int, Field(ge=1)] = Field(
        1,
        description="Fewest persons of a cohort in a registry for any table of it to leave; registries may ask more",
    )
    zeros: Literal["shown", "withheld"] = Field(
        "shown", description="withheld: no event among persons at risk is not shown; registries may ask for it as well"
    )
    dominance: Annotated[int, Field(ge=1, le=100)] | None = Field(
        None, description="Largest share in per cent that one person may have of a shown cell's events"
    )
    max_levels: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Most levels of a stratifier in a registry; margins with more do not leave it"
    )
    max_parameters_per_event: Annotated[float, Field(gt=0)] | None = Field(
        None, description="Most strata per event of a ratio over strata in a registry; with more they do not leave it"
    )
    reports: tuple[Literal["final_report", "interim_report", "progress_report"], ...] = Field(
        ("final_report",), min_length=1, description="Reports to be made; a run makes the first of them"
    )


class QualityGate(Model):
    """A limit on the quality of a registry's data, and what follows where it is not kept."""

    indicator: Id = Field(description="Quality indicator (docs/quality-indicators.md)")
    variable: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_0-9]+$")] | None = Field(
        None, description="For variable_complete: the variable, as table.column"
    )
    at_least: Annotated[float, Field(ge=0)] | None = Field(None, description="Lowest value that keeps the limit")
    at_most: Annotated[float, Field(ge=0)] | None = Field(None, description="Highest value that keeps the limit")
    action: Literal["flag", "exclude_analysis", "exclude_registry", "stop"] = Field(
        description="flag: say so; exclude the registry from the analyses named, or from all; stop the whole run"
    )
    analyses: Annotated[tuple[Id, ...], Field(min_length=1)] | None = Field(
        None, description="For exclude_analysis: the analyses; a sensitivity analysis of one of them goes with it"
    )
    why: Label = Field(description="Reason, printed with the gate")


class Quality(Model):
    """What the data of a registry must be like."""

    gates: tuple[QualityGate, ...] = Field(
        (), description="Limits, looked at in each registry before anything is counted"
    )


class Study(Model):
    """A whole protocol."""

    pass_engine: Annotated[Literal[1], NO_BOOL] = Field(description="Version of this language")
    study: StudyInfo = Field(description="Title page and administrative sections")
    data: Data = Field(description="Data the study stands on")
    population: Population = Field(description="Who enters, and when")
    exposures: dict[Id, Exposure] = Field(min_length=1, description="Exposure cohorts")
    times_at_risk: dict[Id, TimeAtRisk] = Field(min_length=1, description="Times at risk")
    outcomes: dict[Id, Outcome] = Field(min_length=1, description="Outcomes")
    strata: Strata = Field(Strata(), description="Stratifiers")
    analyses: tuple[Analysis, ...] = Field(min_length=1, description="Analyses")
    quality: Quality = Field(Quality(), description="Limits on the quality of each registry's data")
    publish: Publish = Field(description="What is made public")
