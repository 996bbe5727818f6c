"""What a registry states of itself: does it reach the bundle, and nothing of its files with it?"""

from __future__ import annotations

import json
from dataclasses import replace

from pass_engine.registry import stated
from pass_engine.registry.models import Registry
from tests.unit.made_registry import made_registry

TABLES = {
    "person": {
        "file": "secret.csv",
        "columns": {
            "person_id": "secret",
            "sex": {"from": "secret", "map": {"w": "female"}},
            "birth_date": {"from": "secret", "date_format": "%Y"},
            "death_date": {"from": ("secret", "secret2", "secret3")},
            "last_contact_date": {"from": "secret", "when": {"secret": "x"}},
        },
        "constants": {"country": "SE"},
    }
}
ABOUT = {"governance": {"owner": "Foundation"}, "fit_for": ({"study_type": "safety", "verdict": "fit", "why": "All"},)}
BENCHMARKS = {
    "prevalence": {"persons": 10, "source": "Register"},
    "national": {"file": "secret.csv", "source": "Census"},
    "earlier_rows": "secret.csv",
}


def with_more(registry, **more):
    value = {**registry.registry.model_dump(by_alias=True), **more}
    return replace(registry, registry=Registry.model_validate(value))


def test_columns_are_same_or_mapped(tmp_path) -> None:
    told = stated(made_registry(tmp_path, TABLES))
    assert told == {"mapped_columns": ["person.country", "person.death_date", "person.last_contact_date", "person.sex"]}


def test_words_and_sources_are_told_and_files_are_not(tmp_path) -> None:
    told = stated(with_more(made_registry(tmp_path, TABLES), about=ABOUT, benchmarks=BENCHMARKS))
    assert told["about"]["governance"] == {"owner": "Foundation"}
    assert told["about"]["fit_for"] == [{"study_type": "safety", "verdict": "fit", "why": "All"}]
    assert told["benchmarks"] == {
        "prevalence": {"persons": 10, "source": "Register"}, "national": {"source": "Census"},
    }  # fmt: skip
    assert "secret" not in json.dumps(told)


def test_all_of_a_common_data_model_is_mapped(tmp_path) -> None:
    told = stated(made_registry(tmp_path, {}, kind="omop", omop={}))
    assert "person.birth_date" in told["mapped_columns"]
    assert "treatment.start_date" in told["mapped_columns"]
