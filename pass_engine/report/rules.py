"""Rules of counting with the worked cases that hold them; which of them a study's protocol makes use of.

``report_templates/rules.csv`` is made by ``make docs`` from the cases that the tests run.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pass_engine.resources import find_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pass_engine.protocol.models import Study

FIELDS: Final = ("rule", "case", "why", "expected", "uses")
NAMED: Final = ("exposures", "times_at_risk", "outcomes", "covariates")
"""Parts of a protocol whose keys are names that the author chose."""
SECTIONS: Final = ("population", *NAMED, "strata")
"""Parts of a protocol that say how is counted."""
NO_RULE: Final = {
    "label", "why", "id", "gap_reason", "substances", "atc", "period", "index", "window", "gap_days", "plus_days",
    "bands", "cuts", "missing_stop_days", "at_least", "at_most",
    "groups", "values", "missing",
}  # fmt: skip
"""Keys whose value changes with every study without another rule."""
PRESENCE: Final = {"switch_to", "not_yet", "past", "overlap_of", "of", "within_days", "codes", "stockpile_max_days"}
"""Keys that make a rule by being there, whatever their value."""
VARIABLE: Final = "covariates.from"
"""Where any variable of the core data model may stand, all by one rule."""


@dataclass(frozen=True)
class Rule:
    """One rule and the case that shows it at work."""

    rule: str
    case: str
    why: str
    expected: str
    uses: frozenset[str]


def rules_used(study: Study) -> tuple[Rule, ...]:
    """The rules whose case uses nothing that the study does not use, in the order of the cases."""
    used = features_of(study.model_dump(mode="json", by_alias=True, exclude_none=True))
    used |= {f"by={s}" for analysis in study.analyses for margin in getattr(analysis, "by", ()) for s in margin}
    return tuple(rule for rule in _read_rules() if rule.uses <= used)


def features_of(protocol: Mapping[str, Any]) -> set[str]:
    """What a protocol, or a piece of one, uses: ``times_at_risk.overlap=keep``, ``population.landmark_days``."""
    found: set[str] = set()
    for section in SECTIONS:
        content = protocol.get(section) or {}
        for part in content.values() if section in NAMED else (content,):
            found |= set(_walk(section, part))
    faults = (protocol.get("data") or {}).get("faults") or {}
    return found | {f"data.faults={action}" for action in faults.values() if action != "keep"}


def _walk(path: str, value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in PRESENCE and inner is not None:
                yield f"{path}.{key}"
            elif key not in NO_RULE:
                yield from _walk(f"{path}.{key}", inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _walk(path, inner)
    elif isinstance(value, str):
        yield f"{path}={'variable' if path == VARIABLE and '.' in value else value}"
    elif isinstance(value, int) and value > (path == "outcomes.nth"):  # every outcome has an nth, 1 unless it says so
        yield path


def _read_rules() -> Iterator[Rule]:
    with (find_folder("report_templates") / "rules.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            yield Rule(row["rule"], row["case"], row["why"], row["expected"], frozenset(row["uses"].split()))
