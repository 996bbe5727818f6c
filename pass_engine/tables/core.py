"""The core data model, version core/1, declared once as data.

Loaders, checks, the column map, the data dictionary and the documentation are made from ``CORE``.
A column of kind ``date`` is held as two columns once mapped: ``x_date`` and ``x_precision`` (for a
column named just ``date``: ``date`` and ``date_precision``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["id", "text", "date", "code", "number", "integer"]
Fill = Literal["birth", "start", "stop", "event"]

EXTRA: Final = "x_"
"""With it begins the name of a variable that a study asks for beyond the core data model (``data.extras``)."""
YES_NO = ("yes", "no", "unknown")
CODE_SYSTEMS = ("MedDRA LLT", "MedDRA PT", "ICD-10", "OMOP", "local")
COURSES = ("RIS", "CIS", "RRMS", "SPMS", "PPMS")


@dataclass(frozen=True)
class Column:
    """One column: kind, closed code list if it has one, how a partial date is filled, what it means."""

    name: str
    kind: Kind
    meaning: str
    codes: tuple[str, ...] = ()
    fill: Fill | None = None
    required: bool = False
    unit: str = ""

    @property
    def precision_name(self) -> str:
        """Name of the column that holds a date's precision."""
        return self.name.removesuffix("_date") + "_precision"


@dataclass(frozen=True)
class Table:
    """One table: its grain in words and its columns."""

    name: str
    grain: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column of this name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


PERSON_ID = Column("person_id", "id", "Pseudonym of the person, unique within the registry", required=True)


def _table(name: str, grain: str, *columns: Column) -> Table:
    return Table(name, grain, (PERSON_ID, *columns))


def _flag(name: str, meaning: str) -> Column:
    return Column(name, "code", meaning, YES_NO)


CORE: dict[str, Table] = {
    t.name: t
    for t in (
        _table(
            "person",
            "one row a person",
            Column("birth_date", "date", "Date of birth", fill="birth"),
            Column("sex", "code", "Sex as recorded", ("female", "male", "other", "unknown")),
            Column("country", "code", "Country of residence, ISO 3166-1 alpha-2"),
            Column("centre_id", "text", "Treating centre"),
            Column("registry_entry_date", "date", "Entry into the registry", fill="start"),
            Column("death_date", "date", "Date of death", fill="event"),
            Column("cause_of_death", "text", "Underlying cause of death, ICD-10"),
            Column("last_contact_date", "date", "Last contact with the registry", fill="stop"),
            Column("consent", "code", "Consent to secondary use", ("yes", "no", "waived")),
            Column("smoking", "code", "Smoking", ("never", "former", "current", "unknown")),
            Column("education", "code", "Education, ISCED 2011 level", tuple("012345678")),
        ),
        _table(
            "observation_period",
            "one row a period under follow-up",
            Column("start_date", "date", "First day under follow-up", fill="start", required=True),
            Column("end_date", "date", "Last day under follow-up", fill="stop"),
        ),
        _table(
            "disease",
            "one row a person",
            Column("onset_date", "date", "First symptoms", fill="event"),
            Column("diagnosis_date", "date", "Diagnosis", fill="event"),
            Column("diagnostic_criteria", "text", "Criteria used for the diagnosis"),
            Column("course_at_onset", "code", "Course at onset", ("RIS", "CIS", "relapsing", "PPMS")),
        ),
        _table(
            "course",
            "one row a change of course",
            Column("start_date", "date", "First day of the course", fill="start", required=True),
            Column("course", "code", "Disease course", COURSES, required=True),
        ),
        _table(
            "treatment",
            "one row an episode of a disease-modifying treatment",
            Column("substance", "text", "Active substance (INN), lower case", required=True),
            Column("atc", "text", "ATC code as recorded"),
            Column("product", "text", "Product as recorded"),
            Column("start_date", "date", "First day of treatment", fill="start", required=True),
            Column("stop_date", "date", "Last day of treatment; empty: going on at the cut", fill="stop"),
            Column("dose", "number", "Dose"),
            Column("dose_unit", "text", "Unit of the dose"),
            Column(
                "stop_reason",
                "code",
                "Reason for stopping",
                (
                    "adverse event",
                    "lack of effect",
                    "progression",
                    "pregnancy",
                    "patient choice",
                    "stable disease",
                    "safety monitoring",
                    "end of course",
                    "death",
                    "other",
                    "unknown",
                ),
            ),
        ),
        _table(
            "administration",
            "one row a dose of a pulsed treatment",
            Column("substance", "text", "Active substance (INN), lower case", required=True),
            Column("date", "date", "Day of the dose", fill="event", required=True),
            Column("dose", "number", "Dose"),
            Column("dose_unit", "text", "Unit of the dose"),
        ),
        _table(
            "adverse_event",
            "one row a report",
            Column("event_id", "text", "Identifier of the report"),
            Column("verbatim", "text", "Term as reported"),
            Column("code_system", "code", "System of the code", CODE_SYSTEMS),
            Column("code", "text", "Code as recorded"),
            Column("onset_date", "date", "Onset", fill="event"),
            Column("end_date", "date", "End; empty: the onset day", fill="stop"),
            Column("report_date", "date", "Day of the report", fill="event"),
            Column("entry_date", "date", "Day of entry into the registry", fill="event"),
            Column("serious", "code", "Serious, as flagged", YES_NO),
            _flag("ser_death", "Resulted in death"),
            _flag("ser_life_threatening", "Life-threatening"),
            _flag("ser_hospitalisation", "Hospitalisation or its prolongation"),
            _flag("ser_disability", "Persistent or significant disability"),
            _flag("ser_congenital", "Congenital anomaly"),
            _flag("ser_medically_important", "Otherwise medically important"),
            Column(
                "severity", "code", "Severity; not seriousness", ("mild", "moderate", "severe", "1", "2", "3", "4", "5")
            ),
            Column(
                "outcome",
                "code",
                "Outcome of the event",
                ("recovered", "recovering", "not recovered", "recovered with sequelae", "fatal", "unknown"),
            ),
            Column("causality", "text", "Causality as assessed by the reporter"),
            Column("suspect_substance", "text", "Substance the reporter suspects"),
            Column("action_taken", "text", "Action taken with the suspect substance"),
            Column(
                "source",
                "code",
                "Where the report comes from",
                ("registry form", "hospital discharge", "cancer register", "cause of death", "laboratory"),
            ),
        ),
        _table(
            "visit",
            "one row a visit",
            Column("visit_date", "date", "Day of the visit", fill="event", required=True),
            Column(
                "edss",
                "code",
                "Expanded Disability Status Scale",
                ("0", *(f"{n / 2:.1f}".removesuffix(".0") for n in range(2, 21))),
            ),
            _flag("in_relapse", "Seen during a relapse"),
            Column("timed_25_foot_walk_s", "number", "Timed 25-foot walk", unit="s"),
            Column("nine_hole_peg_s", "number", "Nine-hole peg test", unit="s"),
            Column("sdmt", "number", "Symbol Digit Modalities Test, correct answers"),
        ),
        _table(
            "relapse",
            "one row a relapse",
            Column("onset_date", "date", "Onset", fill="event", required=True),
            Column("severity", "code", "Severity", ("mild", "moderate", "severe")),
            Column("recovery", "code", "Recovery", ("complete", "partial", "none")),
            _flag("steroids", "Treated with steroids"),
            _flag("hospitalised", "Admitted to hospital"),
        ),
        _table(
            "mri",
            "one row a scan",
            Column("mri_date", "date", "Day of the scan", fill="event", required=True),
            Column("region", "code", "Region", ("brain", "cord")),
            Column("new_or_enlarging_t2", "integer", "New or enlarging T2 lesions"),
            Column("gd_lesions", "integer", "Gadolinium-enhancing lesions"),
        ),
        _table(
            "pregnancy",
            "one row a pregnancy",
            Column("lmp_date", "date", "First day of the last menstrual period", fill="start"),
            Column(
                "outcome",
                "code",
                "Outcome",
                (
                    "live birth",
                    "spontaneous abortion",
                    "elective termination",
                    "stillbirth",
                    "ectopic",
                    "molar",
                    "ongoing",
                    "unknown",
                ),
            ),
            Column("outcome_date", "date", "Day of the outcome", fill="event"),
            Column("gestational_weeks", "number", "Gestational age", unit="weeks"),
            Column("birth_weight_g", "number", "Birth weight", unit="g"),
            Column("congenital_anomaly", "code", "Congenital anomaly", ("none", "major", "minor", "unknown")),
        ),
        _table(
            "comorbidity",
            "one row a diagnosis",
            Column("code_system", "code", "System of the code", CODE_SYSTEMS),
            Column("code", "text", "Code as recorded", required=True),
            Column("onset_date", "date", "Onset", fill="event"),
        ),
        _table(
            "comedication",
            "one row an episode of another medicine",
            Column("atc", "text", "ATC code", required=True),
            Column("start_date", "date", "First day", fill="start"),
            Column("stop_date", "date", "Last day", fill="stop"),
        ),
        _table(
            "laboratory",
            "one row a result",
            Column("test", "text", "Test, LOINC code", required=True),
            Column("date", "date", "Day of the sample", fill="event", required=True),
            Column("value", "number", "Result"),
            Column("unit", "text", "Unit of the result"),
        ),
    )
}
"""Core tables by name, in reading order."""
DATED_BY = {
    "person": "registry_entry_date",
    "observation_period": "start_date",
    "disease": "diagnosis_date",
    "course": "start_date",
    "treatment": "start_date",
    "administration": "date",
    "adverse_event": "onset_date",
    "visit": "visit_date",
    "relapse": "onset_date",
    "mri": "mri_date",
    "pregnancy": "lmp_date",
    "comorbidity": "onset_date",
    "comedication": "start_date",
    "laboratory": "date",
}
"""The date of a row: it says which calendar year the row belongs to, and the day on which its values hold."""
