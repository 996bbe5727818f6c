"""The harmonised tables that a study reads, column by column: what harmonising leaves and counting is given."""

from __future__ import annotations

HARMONISED: dict[str, dict[str, str]] = {
    "person": {
        "person_id": "VARCHAR",
        "birth_date": "DATE",
        "birth_precision": "VARCHAR",
        "sex": "VARCHAR",
        "country": "VARCHAR",
        "registry_entry_date": "DATE",
        "death_date": "DATE",
        "death_precision": "VARCHAR",
        "last_contact_date": "DATE",
        "centre_id": "VARCHAR",
        "cause_of_death": "VARCHAR",
    },
    "observation_period": {"person_id": "VARCHAR", "start_date": "DATE", "end_date": "DATE"},
    "disease": {"person_id": "VARCHAR", "onset_date": "DATE", "diagnosis_date": "DATE"},
    "treatment": {"person_id": "VARCHAR", "substance": "VARCHAR", "start_date": "DATE", "stop_date": "DATE"},
    "administration": {"person_id": "VARCHAR", "substance": "VARCHAR", "date": "DATE"},
    "event_report": {
        "person_id": "VARCHAR",
        "report_no": "BIGINT",
        "system": "VARCHAR",
        "code": "VARCHAR",
        "pt_code": "VARCHAR",
        "onset_date": "DATE",
        "onset_precision": "VARCHAR",
        "possible_from": "DATE",
        "possible_to": "DATE",
        "end_date": "DATE",
        "serious": "VARCHAR",
        "mapping_status": "VARCHAR",
        "outcome": "VARCHAR",
    },
    "comorbidity": {
        "person_id": "VARCHAR",
        "system": "VARCHAR",
        "code": "VARCHAR",
        "pt_code": "VARCHAR",
        "onset_date": "DATE",
        "possible_from": "DATE",
        "possible_to": "DATE",
    },
    "course": {
        "person_id": "VARCHAR",
        "start_date": "DATE",
        "possible_from": "DATE",
        "possible_to": "DATE",
        "course": "VARCHAR",
    },
    "visit": {"person_id": "VARCHAR", "visit_date": "DATE", "edss": "DOUBLE"},
    "relapse": {"person_id": "VARCHAR", "onset_date": "DATE", "possible_from": "DATE", "possible_to": "DATE"},
    "comedication": {"person_id": "VARCHAR", "atc": "VARCHAR", "start_date": "DATE", "stop_date": "DATE"},
}
"""Tables the rules read: column to SQL type."""

DICTIONARY: dict[str, dict[str, str]] = {
    "meddra_hierarchy": {
        "pt_code": "VARCHAR", "hlt_code": "VARCHAR", "hlgt_code": "VARCHAR", "soc_code": "VARCHAR",
        "is_primary": "BOOLEAN",
    },
    "meddra_smq": {"smq_code": "VARCHAR", "term_system": "VARCHAR", "term_code": "VARCHAR", "is_narrow": "BOOLEAN"},
}  # fmt: skip
"""A registry's dictionary, which groups terms: column to SQL type."""

EXTRA: dict[str, dict[str, str]] = {
    "extra_value": {
        "person_id": "VARCHAR", "variable": "VARCHAR", "text_value": "VARCHAR", "number_value": "DOUBLE",
    },
    "variable_value": {
        "person_id": "VARCHAR", "variable": "VARCHAR", "value_date": "DATE", "text_value": "VARCHAR",
        "number_value": "DOUBLE",
    },
}  # fmt: skip
"""Variables of a study that the core data model does not have, and those that covariates name: column to SQL type."""
