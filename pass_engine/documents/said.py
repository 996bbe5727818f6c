"""Dossier tables of what registries say of themselves: Q-1, Q-2, and the words beside what is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pass_engine.report.cells import text
from pass_engine.report.model import Column, Line, Table
from pass_engine.report.numbers import format_date, join_words
from pass_engine.report.tables.layout import group, make

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pass_engine.documents.evidence import Evidence

NOT_KNOWN: Final = "Not known: the registry does not say"
OWN_WORDS: Final = "In the registries' own words, from their registry.yaml; nobody has checked them here."
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
COVERAGE: Final = {"population": "Who is entered"}
FOLLOW_UP: Final = {"follow_up": "Schedule of follow-up", "lost_to_follow_up": "Definition of loss to follow-up"}
VERIFICATION: Final = {"verification": "Sampling, centres, on site or remote"}
DICTIONARY: Final = {"data_dictionary": "The registry's data dictionary"}
CHECKS: Final = {
    "data_entry": "Data entry",
    "cleaning": "Edit checks and queries",
    "training": "Training",
    "systems": "Database, security, back-up",
}
LAG: Final = {
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
    "concordance": "Agreement of exposure with dispensing or prescriptions (kappa)",
}
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
        own = {key: self.evidence.threshold(key) for key in self.registries}
        least = min(own.values())
        more = [f"{k} at {self.short(key)}" for key, k in own.items() if k > least]
        also = f" ({join_words(more)})" if more else ""
        rule = f"Counts from 1 to k − 1 are shown as <k, with k = {least}{also}; what would give them back is withheld."
        return f"From {', '.join(runs)}. {'No count is withheld.' if max(own.values()) <= 1 else rule}"


def said(scope: Scope, key: str, title: str, group_key: str, items: Mapping[str, str]) -> Table:
    """Subjects with what each registry says of them; subjects that nobody says a word of stand together."""
    answers = {item: _answers(scope, group_key, item) for item in items}
    silent = [label for item, label in items.items() if not answers[item]]
    told = [(label, answers[item]) for item, label in items.items() if answers[item]]
    lines = _alone(told) if scope.alone else _side_by_side(scope, told)
    nobody = f"Not known: {'the registry says' if scope.alone else 'registries say'} nothing of {_listed(silent)}."
    columns = (
        Column("Subject" if scope.alone else "Registry", 1.5, numeric=False),
        Column("What the registry says", 4.7, numeric=False),
    )
    notes = (*((nobody,) if silent else ()), OWN_WORDS) if lines else ()
    return make(f"{key}-{scope.suffix}", title, columns, lines, notes, empty=nobody)


def _answers(scope: Scope, group_key: str, item: str) -> dict[str, str]:
    found = {registry: scope.evidence.about(registry, group_key).get(item) for registry in scope.registries}
    return {registry: str(answer) for registry, answer in found.items() if answer is not None}


def _listed(labels: list[str]) -> str:
    return join_words([label if label[:2].isupper() else label[:1].lower() + label[1:] for label in labels])


def _alone(told: list[tuple[str, dict[str, str]]]) -> list[Line]:
    return [Line((text(label), text(answer))) for label, answers in told for answer in answers.values()]


def _side_by_side(scope: Scope, told: list[tuple[str, dict[str, str]]]) -> list[Line]:
    lines: list[Line] = []
    for label, answers in told:
        silent = [scope.short(key) for key in scope.registries if key not in answers]
        lines.append(group(label, 2))
        lines += [Line((text(scope.short(key)), text(answer))) for key, answer in answers.items()]
        lines += [Line((text(", ".join(silent)), text(NOT_KNOWN)))] if silent else []
    return lines


def claims(scope: Scope) -> Table:
    """Q-0: reasons and conditions of the contexts of use that registries claim or disclaim."""
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
        for claim in claimed(scope, registry, kind)
    ]
    return make(f"q-00-claims-{scope.suffix}", "Q-0: reasons and conditions of what is claimed", columns, lines,
                (OWN_WORDS,) if lines else (),
                empty="Not known: no context of use is claimed or disclaimed (about.fit_for in registry.yaml).",
                )  # fmt: skip


def claimed(scope: Scope, registry: str, kind: str) -> list[dict[str, Any]]:
    """What a registry claims of one type of study."""
    return [claim for claim in scope.evidence.listed(registry, "fit_for") if claim["study_type"] == kind]


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
                (OWN_WORDS,) if lines else (),
                empty="Not known: no open action is stated (about.open_actions in registry.yaml).")  # fmt: skip
