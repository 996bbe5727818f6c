"""What a study needs of an OMOP common data model, held against what a site has: refused by name, not counted as 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.errors import SourceError
from pass_engine.protocol.codes import Code
from pass_engine.registry import omop_of
from pass_engine.source import faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pass_engine.errors import Fault
    from pass_engine.protocol import Protocol
    from pass_engine.protocol.models import Exposure, Outcome, Study
    from pass_engine.registry import LoadedRegistry
    from pass_engine.registry.models import Omop
    from pass_engine.store import Store

OMOP = "OMOP"
OF_SOURCE = ("ICD-10", "MedDRA")
"""First words of the systems whose codes concepts of a source may have; MedDRA has several levels."""


def check_needs(loaded: LoadedRegistry, protocol: Protocol) -> None:
    """Raise SourceError with everything that this study needs and a settled OMOP registry cannot supply."""
    if loaded.registry.source.kind != "omop":
        return
    needs = _Needs(loaded, protocol.code_lists)
    found = [fault for scenario in protocol.scenarios for fault in needs.of_study(scenario.study)]
    if found:
        raise SourceError(*dict.fromkeys(found))


def spread_codes(
    store: Store, loaded: LoadedRegistry, code_lists: Mapping[str, tuple[Code, ...]]
) -> Mapping[str, tuple[Code, ...]]:
    """Code lists in which a concept with its descendants stands as each of those that conditions here have."""
    if loaded.registry.source.kind != "omop":
        return code_lists
    descendants: dict[str, list[str]] = {}
    for ancestor, code in store.fetch("SELECT ancestor_code, code FROM code_descendant ORDER BY ancestor_code, code"):
        descendants.setdefault(ancestor, []).append(code)
    return {name: tuple(_spread(codes, descendants)) for name, codes in code_lists.items()}


def _spread(codes: Sequence[Code], descendants: Mapping[str, list[str]]) -> Iterator[Code]:
    seen: set[tuple[str, str]] = set()
    for code in codes:
        if code.system != OMOP:
            yield code
            continue
        below = descendants.get(code.code_from, []) if code.match == "descendants" else []
        for concept in dict.fromkeys((code.code_from, *below)):
            if (OMOP, concept) not in seen:
                seen.add((OMOP, concept))
                yield Code(OMOP, concept, concept, code.label, "exact")


class _Needs:
    """Faults of a study at one site."""

    def __init__(self, loaded: LoadedRegistry, code_lists: Mapping[str, tuple[Code, ...]]) -> None:
        self._where = f"registry {loaded.registry.registry.id}"
        self._omop: Omop = omop_of(loaded)
        self._lacking = loaded.lacking
        self._code_lists = code_lists

    def of_study(self, study: Study) -> Iterator[Fault]:
        """Everything that is not there."""
        yield from self._tables(study.study.id, "every count reads it", "person", "observation_period")
        for name, exposure in sorted(study.exposures.items()):
            yield from self._exposure(f"exposures.{name}", exposure)
        for name, outcome in sorted(study.outcomes.items()):
            yield from self._outcome(f"outcomes.{name}", outcome)
        for number, criterion in enumerate(study.population.criteria):
            if str(criterion.require).startswith("disease."):
                yield from self._disease(f"population.criteria.{number}", str(criterion.require))

    def _tables(self, path: str, reason: str, *tables: str) -> Iterator[Fault]:
        for table in tables:
            if table in self._lacking:
                yield faults.lacks_cdm_table(self._where, path, table, reason)

    def _exposure(self, path: str, exposure: Exposure) -> Iterator[Fault]:
        if exposure.from_ == "administration":
            problem = "the built-in OMOP mapping makes treatments, not single doses"
            yield faults.not_in_omop(self._where, path, "from: administration", problem, "write from: treatment")
        if not exposure.substances:
            return
        yield from self._tables(path, "the exposure is made from it", self._omop.drugs)
        yield from self._tables(path, "it names the ingredients", "concept")
        if self._omop.drugs == "drug_exposure":
            yield from self._tables(path, "it leads a drug to its ingredients", "concept_ancestor")

    def _outcome(self, path: str, outcome: Outcome) -> Iterator[Fault]:
        if outcome.from_ == "death":
            yield from self._tables(path, "deaths stand in it", "death")
            if outcome.codes:
                yield from self._tables(path, "it holds the ICD-10 codes of causes", "concept")
        if outcome.from_ == "adverse_event":
            yield from self._tables(path, "events are made from it", "condition_occurrence")
            if outcome.serious:
                problem = "an OMOP model does not say whether a condition was serious: no event would count"
                mend = "take serious away from the outcome, or leave this registry out"
                yield faults.not_in_omop(self._where, path, "serious: true", problem, mend)
            yield from self._codes(path, self._code_lists.get(outcome.codes or "", ()))

    def _codes(self, path: str, codes: Sequence[Code]) -> Iterator[Fault]:
        systems = {code.system for code in codes}
        if self._omop.conditions == "source":
            usable: tuple[str, ...] = OF_SOURCE
            yield from self._tables(path, "it holds the codes of the source", "concept")
        else:
            usable = (OMOP,)
            if any(code.system == OMOP and code.match == "descendants" for code in codes):
                yield from self._tables(path, "the code list asks for descendants", "concept_ancestor")
        if not any(system.startswith(usable) for system in systems):
            found = f"codes of {', '.join(sorted(systems)) or 'no system'}"
            problem = f"conditions of this registry have codes of {' and '.join(usable)}: no event would count"
            mend = "add such codes to the code list, or set source.omop.conditions in registry.yaml"
            yield faults.not_in_omop(self._where, path, found, problem, mend)

    def _disease(self, path: str, variable: str) -> Iterator[Fault]:
        if variable == "disease.onset_date":
            problem = "an OMOP model has the first diagnosis of a disease, not its first symptoms"
            yield faults.not_in_omop(self._where, path, variable, problem, "ask for disease.diagnosis_date")
        elif not self._omop.disease:
            problem = "registry.yaml does not say which concepts are the disease: nobody would enter"
            yield faults.not_in_omop(self._where, path, variable, problem, "write them under source.omop.disease")
        else:
            yield from self._tables(path, "the diagnosis is the first condition in it", "condition_occurrence")
