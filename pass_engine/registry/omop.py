"""The built-in mapping of an OMOP common data model: from the columns that SQL files 101 to 109 make, to core columns.

What a site's model lacks falls out of the mapping, so that nothing says a variable is there that is not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pass_engine.registry.models import ColumnMap, Omop, TableMap

if TYPE_CHECKING:
    from collections.abc import Collection

    from pass_engine.registry.loader import LoadedRegistry

DATES = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y%m%d")
BIRTHS = ("%Y-%m-%d", "%Y-%m", "%Y")
SEX = {"8507": "male", "8532": "female", "8521": "other", "8570": "other", "8551": "unknown"}
"""Standard concepts of vocabulary Gender: male, female, other, ambiguous, unknown. 0 is no concept: counted."""
CONDITIONS = ("adverse_event", "comorbidity", "disease")


def omop_of(loaded: LoadedRegistry) -> Omop:
    """The options stated, or those that hold without any."""
    return loaded.registry.source.omop or Omop()


def with_built_in(loaded: LoadedRegistry, lacking: Collection[str] = ()) -> LoadedRegistry:
    """A registry whose OMOP model is mapped, but for what needs a CDM table that is lacking; others are unchanged."""
    source = loaded.registry.source
    if source.kind != "omop":
        return loaded
    tables = {name: table for name, table in _tables(omop_of(loaded)).items() if _has(name, omop_of(loaded), lacking)}
    if "death" in lacking and "person" in tables:
        kept = {name: c for name, c in tables["person"].columns.items() if name not in ("death_date", "cause_of_death")}
        tables["person"] = tables["person"].model_copy(update={"columns": kept})
    mapped = loaded.registry.model_copy(update={"source": source.model_copy(update={"tables": tables})})
    return replace(loaded, registry=mapped, lacking=tuple(sorted(lacking)))


def _has(table: str, omop: Omop, lacking: Collection[str]) -> bool:
    needs = {
        "person": "person",
        "treatment": omop.drugs,
        "visit": "visit_occurrence",
        **dict.fromkeys(CONDITIONS, "condition_occurrence"),
    }
    return needs.get(table, table) not in lacking


def _tables(omop: Omop) -> dict[str, TableMap]:
    tables = {
        "person": _map(
            {
                "birth_date": _column("birth", date_format=BIRTHS),
                "sex": _column("gender_concept_id", map=SEX),
                "death_date": "death_date",
                "cause_of_death": "cause_of_death",
                "centre_id": "care_site_id",
            },
            {"country": omop.country} if omop.country else {},
        ),
        "observation_period": _map(
            {"start_date": "observation_period_start_date", "end_date": "observation_period_end_date"}
        ),
        "treatment": _map({n: n for n in ("substance", "atc", "product", "start_date", "stop_date")}),
        "adverse_event": _map(
            {n: n for n in ("event_id", "verbatim", "code_system", "code", "onset_date", "end_date")}
        ),
        "comorbidity": _map({n: n for n in ("code_system", "code", "onset_date")}),
        "visit": _map({"visit_date": "visit_start_date"}),
    }
    return tables if not omop.disease else {**tables, "disease": _map({"diagnosis_date": "diagnosis_date"})}


def _map(columns: dict[str, str | ColumnMap], constants: dict[str, str] | None = None) -> TableMap:
    whole: dict[str, str | ColumnMap] = {"person_id": "person_id", **columns}
    return TableMap(columns=whole, constants=constants or {}, date_format=DATES)


def _column(name: str, **how: object) -> ColumnMap:
    return ColumnMap.model_validate({"from": name, **how})
