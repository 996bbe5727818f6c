"""Dossier tables of what registries say of themselves: Q-1, Q-2, and the words beside what is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pass_engine.report.cells import text
from pass_engine.report.model import Cell, Column, Line, Table
from pass_engine.report.numbers import format_date
from pass_engine.report.tables.layout import group, make

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pass_engine.documents.evidence import Evidence

NOT_KNOWN: Final = "Not known: the registry does not say"
NOBODY: Final = "Not known: no registry says"
GOVERNANCE: Final = {
    "owner": "Legal entity",
    "funding": "Funding",
    "contact": "Contact",
    "website": "Website",
    "established": "Year of foundation",
    "steering_committee": "Steering committee",
    "scientific_committee": "Scientific committee",
    "data_requests": "Requests for data",
    "access_of_holders": "Access of marketing authorisation holders",
    "publication": "Publication",
    "conflicts_of_interest": "Conflicts of interest",
}
CONSENT: Final = {
    "legal_basis": "Legal basis",
    "covers": "Use by holders and regulators covered",
    "withdrawal": "Withdrawal",
    "pseudonymisation": "Pseudonymisation",
    "transfer": "Transfer",
}
COVERAGE: Final = {"population": "Population", "prevalence_source": "Source of the number of persons with the disease"}
FOLLOW_UP: Final = {"follow_up": "Schedule of follow-up", "lost_to_follow_up": "Definition of loss to follow-up"}
VERIFICATION: Final = {"verification": "Source data verification: sampling, centres, on site or remote"}
DICTIONARY: Final = {"data_dictionary": "Registry's own data dictionary"}
CHECKS: Final = {"data_entry": "Data entry", "cleaning": "Edit checks and queries", "training": "Training"}
LAG: Final = {
    "entry_lag": "Lag from event to entry: median, quartiles, 90th percentile",
    "refresh": "Extracts: how often, and how long they take",
}
SAFETY: Final = {
    "capture": "Capture of adverse events",
    "seriousness": "Seriousness",
    "coding": "Coding",
    "special_interest": "Events of special interest",
    "reporting": "Path of reports",
}
EXPOSURE: Final = {
    "linkage": "Linkage to other registers",
    "concordance": "Concordance of exposure with dispensing or prescriptions, kappa",
}
SYSTEMS: Final = {"systems": "Database, security, back-up"}
STUDY_TYPES: Final = {
    "drug_utilisation": "Drug utilisation",
    "safety": "Safety",
    "effectiveness": "Effectiveness",
    "mortality": "Mortality",
    "pregnancy": "Pregnancy",
}
VERDICTS: Final = {"fit": "Fit", "conditional": "Conditional", "not_fit": "Not fit"}


@dataclass(frozen=True)
class Scope:
    """Of whom a table tells: all registries side by side, or one."""

    evidence: Evidence
    registries: tuple[str, ...]

    @property
    def alone(self) -> bool:
        """Is it about one registry?"""
        return len(self.registries) == 1

    @property
    def suffix(self) -> str:
        """End of a table's key."""
        return self.registries[0] if self.alone else "network"

    def short(self, registry: str) -> str:
        """Short name of a registry."""
        return self.evidence.ctx.names.registry(registry)

    @property
    def note(self) -> str:
        """From which runs the numbers are, and the rule on small counts."""
        runs = dict.fromkeys(self.evidence.chosen[key].name for key in self.registries)
        return f"From {', '.join(runs)}. {self.evidence.ctx.notes.suppression()}"


def said(scope: Scope, key: str, title: str, group_key: str, items: Mapping[str, str]) -> Table:
    """Subjects with what each registry says of them; what nobody says takes one line."""
    lines: list[Line] = []
    for item, label in items.items():
        answers = {r: scope.evidence.about(r, group_key).get(item) for r in scope.registries}
        lines += _alone(label, answers) if scope.alone else _side_by_side(scope, label, answers)
    columns = (
        Column("Subject" if scope.alone else "Registry", 1.5, numeric=False),
        Column("What the registry says", 4.7, numeric=False),
    )
    note = "In the registries' own words, from their registry.yaml; nobody has checked them here."
    return make(f"{key}-{scope.suffix}", title, columns, lines, (note,))


def _alone(label: str, answers: Mapping[str, object]) -> list[Line]:
    (answer,) = answers.values()
    return [Line((text(label), text(str(answer) if answer is not None else NOT_KNOWN)))]


def _side_by_side(scope: Scope, label: str, answers: Mapping[str, object]) -> list[Line]:
    told = {key: answer for key, answer in answers.items() if answer is not None}
    head = group(label, 2)
    if not told:
        return [head, Line((text("All"), text(NOBODY)))]
    silent = [scope.short(key) for key in answers if key not in told]
    lines = [Line((text(scope.short(key)), text(str(answer)))) for key, answer in told.items()]
    return [head, *lines, *([Line((text(", ".join(silent)), text(NOT_KNOWN)))] if silent else [])]


def claims(scope: Scope) -> Table:
    """Q-0: contexts of use that registries claim or disclaim."""
    columns = (
        Column("Type of study", 1.5, numeric=False),
        Column("Registry", 0.9, numeric=False),
        Column("Claim", 1.0, numeric=False),
        Column("Reason or condition", 3.4, numeric=False),
    )
    lines = [
        Line((text(name), text(scope.short(registry)), text(VERDICTS[claim["verdict"]]), text(str(claim["why"]))))
        for kind, name in STUDY_TYPES.items()
        for registry in scope.registries
        for claim in scope.evidence.listed(registry, "fit_for")
        if claim["study_type"] == kind
    ]
    title = "Q-0: contexts of use, as registries claim them"
    return make(f"q-00-claims-{scope.suffix}", title, columns, lines, ("In the registries' own words.",),
                empty="Not known: no registry claims or disclaims a context of use.")  # fmt: skip


def open_actions(scope: Scope) -> Table:
    """Q-15: improvements that registries have under way."""
    columns = (
        Column("Registry", 0.9, numeric=False),
        Column("Action", 3.6, numeric=False),
        Column("By", 1.3, numeric=False),
        Column("Status", 1.6, numeric=False),
    )
    lines = [
        Line((
            text(scope.short(registry)), text(str(action["action"])),
            text(format_date(str(action["by"])) if action.get("by") else "No date"),
            text(str(action.get("status") or "Not known")),
        ))
        for registry in scope.registries
        for action in scope.evidence.listed(registry, "open_actions")
    ]  # fmt: skip
    return make(f"q-15-actions-{scope.suffix}", "Q-15: open actions, as registries state them", columns, lines,
                ("In the registries' own words.",),
                empty="Not known: no registry states an open action.")  # fmt: skip


def coverage(scope: Scope) -> Table:
    """Q-3: persons, centres, and the share of all with the disease that the registry holds."""
    columns = (
        Column("Registry", 2.0, numeric=False),
        Column("Countries", 1.2, numeric=False),
        Column("Data to", 1.4, numeric=False),
        Column("Persons", 0.9),
        Column("Centres reporting", 1.0),
        Column("Centres in all", 0.9),
        Column("Persons with the disease", 1.1),
        Column("Coverage, %", 0.9),
    )
    lines = [_coverage(scope, registry) for registry in scope.registries]
    note = (
        "Persons are those in the data that may be counted; centres and persons with the disease are as the registry "
        "states them; coverage is the one over the other. ?: not known."
    )
    return make(f"q-03-coverage-{scope.suffix}", "Q-3: coverage", columns, lines, (note, scope.note))


def _coverage(scope: Scope, registry: str) -> Line:
    from pass_engine.report import cells

    evidence = scope.evidence
    (row,) = evidence.rows("participation.csv", registry)
    stated, facts = evidence.about(registry, "coverage"), evidence.ctx.run.registries.get(registry, {})
    persons = cells.count(row, "persons")
    prevalent = stated.get("prevalent_persons")
    share = f"{int(row['persons']) / prevalent * 100:.1f}" if row["persons"] and prevalent else "?"
    return Line((
        text(row["name"] or registry), text(", ".join(facts.get("countries", ())) or "?"),
        text(format_date(row["data_cut_date"]) if row["data_cut_date"] else "?"), persons,
        *(_stated(stated.get(name)) for name in ("centres", "centres_in_all", "prevalent_persons")), Cell(share),
    ))  # fmt: skip


def _stated(value: object) -> Cell:
    return Cell(f"{value:,}" if isinstance(value, int) else "?")


def short_list(scope: Scope, registries: Sequence[str]) -> str:
    """Short names in a sentence."""
    return ", ".join(scope.short(key) for key in registries)
