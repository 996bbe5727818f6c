"""The tables of the OMOP common data model that the built-in mapping reads, declared once as data.

Names and columns are those of version 5.4 (https://ohdsi.github.io/CommonDataModel/cdm54.html); 5.3 has the same.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CdmTable:
    """One table: its name, the columns read, and what is made of it."""

    name: str
    columns: tuple[str, ...]
    gives: str
    is_vocabulary: bool = False

    @property
    def stored(self) -> str:
        """Name of the table in the store."""
        return f"cdm_{self.name}"


CDM: dict[str, CdmTable] = {
    t.name: t
    for t in (
        CdmTable(
            "person",
            ("person_id", "gender_concept_id", "year_of_birth", "month_of_birth", "day_of_birth", "care_site_id"),
            "person: sex, birth to the precision there is, centre",
        ),
        CdmTable(
            "observation_period",
            ("person_id", "observation_period_start_date", "observation_period_end_date"),
            "observation_period",
        ),
        CdmTable(
            "drug_era",
            ("person_id", "drug_concept_id", "drug_era_start_date", "drug_era_end_date"),
            "treatment, an ingredient an era",
        ),
        CdmTable(
            "drug_exposure",
            (
                "person_id",
                "drug_concept_id",
                "drug_exposure_start_date",
                "drug_exposure_end_date",
                "drug_source_value",
            ),
            "treatment, with drugs: drug_exposure; a drug of several ingredients gives a row for each",
        ),
        CdmTable(
            "condition_occurrence",
            (
                "condition_occurrence_id",
                "person_id",
                "condition_concept_id",
                "condition_start_date",
                "condition_end_date",
                "condition_source_value",
                "condition_source_concept_id",
            ),
            "adverse_event and comorbidity; disease, where its concepts are named",
        ),
        CdmTable(
            "death",
            ("person_id", "death_date", "cause_source_value", "cause_source_concept_id"),
            "person: date of death, and its cause where the source's code is ICD-10",
        ),
        CdmTable("visit_occurrence", ("person_id", "visit_start_date"), "visit"),
        CdmTable(
            "concept",
            ("concept_id", "concept_name", "vocabulary_id", "concept_class_id", "concept_code"),
            "names of ingredients, and codes of the source",
            is_vocabulary=True,
        ),
        CdmTable(
            "concept_ancestor",
            ("ancestor_concept_id", "descendant_concept_id"),
            "ingredients of a drug, ATC codes, and `match: descendants` of a code list",
            is_vocabulary=True,
        ),
    )
}
"""Tables by name; vocabulary last, since of it only what the others name is loaded."""
