"""Metadata of the study for the HMA-EMA catalogue of real-world data studies, under the groups of its record.

Each element has its values and the field they come from. What the protocol does not say has no value: the catalogue's
own lists of terms are for whoever fills the record in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pass_engine
from pass_engine.documents.asked import Asked
from pass_engine.documents.harper import MEASURES
from pass_engine.documents.table_files import to_csv
from pass_engine.protocol.sentences import say
from pass_engine.report.glossary import country
from pass_engine.report.sections.front import names_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pass_engine.protocol import Protocol

FORMAT: Final = "pass_engine catalogue metadata 1"
HEAD: Final = ("group", "element", "value", "from")
CATEGORIES: Final = {
    1: "EU RMP category 1 (imposed as condition of marketing authorisation)",
    2: "EU RMP category 2 (specific obligation of marketing authorisation)",
    3: "EU RMP category 3 (required)",
}
AGE_GROUPS: Final = (
    ("Children (2 to < 12 years)", 2, 12),
    ("Adolescents (12 to < 18 years)", 12, 18),
    ("Adults (18 to < 46 years)", 18, 46),
    ("Adults (46 to < 65 years)", 46, 65),
    ("Adults (65 to < 75 years)", 65, 75),
    ("Adults (75 to < 85 years)", 75, 85),
    ("Adults (85 years and over)", 85, 200),
)
"""Age groups of the catalogue, [from, to) in years."""


@dataclass(frozen=True)
class Element:
    """One element of the record: its values, none where the protocol does not say, and the field they come from."""

    group: str
    name: str
    values: tuple[str, ...]
    path: str


def study_elements(protocol: Protocol) -> tuple[Element, ...]:
    """Every element of the study's record."""
    return tuple(
        Element(group, name, tuple(v for v in values if v), path)
        for group, maker in GROUPS.items()
        for name, values, path in maker(protocol)
    )


def as_json(protocol: Protocol) -> dict[str, Any]:
    """The record as one JSON object: group, element, then its values and where they come from."""
    groups: dict[str, dict[str, Any]] = {}
    for element in study_elements(protocol):
        groups.setdefault(element.group, {})[element.name] = {"value": list(element.values), "from": element.path}
    return {"format": FORMAT, "protocol": protocol.digest, "groups": groups}


def as_csv(elements: Iterable[Element]) -> str:
    """One row a value; an element without one has one row with an empty value."""
    rows = ((e.group, e.name, value, e.path) for e in elements for value in e.values or ("",))
    return to_csv(HEAD, rows)


Entry = tuple[str, "Iterable[str]", str]


def _identification(protocol: Protocol) -> Iterator[Entry]:
    info = protocol.study.study
    yield "EU PAS number", (info.register_number or "",), "study.register_number"
    yield "Official title", (info.title,), "study.title"
    yield "Acronym or study reference", (info.id,), "study.id"
    yield "Study type", (f"Non-interventional study: {info.type}",
                         ), "study.type"  # fmt: skip
    yield "Status of the protocol", (info.status,), "study.status"
    yield "Version of the protocol", (info.version,), "study.version"
    yield "Date of the protocol", (info.date.isoformat(),), "study.date"
    yield "Digest of the protocol (SHA-256)", (protocol.digest,), "all fields"
    countries = (f"{country(c)} ({c})" for c in info.countries)
    yield "Countries of the study", countries, "study.countries"
    yield "Short description", (o.question for o in info.objectives), "study.objectives"


def _administrative(protocol: Protocol) -> Iterator[Entry]:
    info = protocol.study.study
    yield "Marketing authorisation holder or sponsor", (h.name for h in info.holders), "study.holders"
    yield "Contact", (h.contact or "" for h in info.holders), "study.holders.contact"
    yield "Main author", names_of(info), "study.authors"
    yield "Data sources and networks", protocol.study.data.registries, "data.registries"
    yield "Funding", (), ""
    category = CATEGORIES[info.rmp_category] if info.rmp_category else ""
    yield "Was the study required by a regulatory body", ("Yes" if info.rmp_category else "",), "study.rmp_category"
    yield "Category in the risk management plan", (category,), "study.rmp_category"
    yield "Procedure number", (info.procedure_number or "",), "study.procedure_number"
    for milestone in ("start_of_data_collection", "end_of_data_collection", "interim_report", "final_report"):
        given = [m for m in info.milestones if m.event == milestone]
        name = milestone.replace("_", " ").capitalize()
        yield f"{name}: planned", (m.planned.isoformat() for m in given if m.planned), "study.milestones"
        yield f"{name}: actual", (m.actual.isoformat() for m in given if m.actual), "study.milestones"
    yield "Ethics approval", (), ""


def _methods(protocol: Protocol) -> Iterator[Entry]:
    study, asked = protocol.study, Asked(protocol)
    info = study.study
    topic = "Human medicinal product"
    yield "Study topic", (topic if info.substances else "",), "study.substances"
    scope = "Safety study" if info.type == "PASS" else "Effectiveness study"
    yield "Scope of the study", (scope,), "study.type"
    yield "Design", ("Cohort study",), "fixed: this engine follows cohorts"
    yield "Type of data", ("Secondary use of data",), "fixed: registries' own data"
    yield "Substance (INN)", (s.inn for s in info.substances), "study.substances.inn"
    yield "ATC code", (s.atc or "" for s in info.substances), "study.substances.atc"
    yield "Name of the medicine", info.products, "study.products"
    yield "Medical condition studied", (), ""
    yield "Age groups", _age_groups(protocol), "population.criteria (age)"
    yield "Special population", (), ""
    yield "Estimated number of subjects", (), ""
    yield "Main objective", (o.question for o in info.objectives if o.kind == "primary"), "study.objectives"
    yield "Secondary objectives", (o.question for o in info.objectives if o.kind == "secondary"), "study.objectives"
    yield "Exposures", (e.label for e in study.exposures.values()), "exposures"
    yield "Outcomes", (o.label for o in study.outcomes.values()), "outcomes"
    measures = dict.fromkeys(MEASURES.get(m, m) for a in asked.main_analyses for m in a.measures)
    yield "Measures", measures, "analyses.measures"
    yield "Data analysis plan", say(study, "statistics"), "analyses"


def _age_groups(protocol: Protocol) -> Iterator[str]:
    criteria = [c for c in protocol.study.population.criteria if c.require == "age"]
    if not criteria:
        return
    low = max((c.at_least for c in criteria if c.at_least is not None), default=0)
    high = min((c.at_most for c in criteria if c.at_most is not None), default=AGE_GROUPS[-1][2])
    yield from (name for name, start, end in AGE_GROUPS if start <= high and end > low)


def _management(protocol: Protocol) -> Iterator[Entry]:
    data = protocol.study.data
    yield "Data source types", ("Disease registry",), "fixed: patient registries"
    yield "Common data model", (f"pass_engine {data.model}",), "data.model"
    yield "Data cut", (data.cut.isoformat(),), "data.cut"
    gates = protocol.study.quality.gates
    yield "Quality checks: conformance and completeness", (g.why for g in gates), "quality.gates"
    yield "Variables without which a registry cannot take part", data.require, "data.require"
    linkage = "Described" if Asked(protocol).wrote("linkage") else ""
    yield "Linkage", (linkage,), "study.text.linkage"
    yield "Software", (f"pass_engine {pass_engine.__version__}",), "fixed"


GROUPS: Final = {
    "Study identification": _identification,
    "Administrative details": _administrative,
    "Methodological aspects": _methods,
    "Data management": _management,
}
"""Tabs of a study record, in order."""
