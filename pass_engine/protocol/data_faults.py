"""Data that break a rule: what a protocol decides about them, as tables for the SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.margin_rules import RuleTable

if TYPE_CHECKING:
    from pass_engine.protocol.models import Study

ROW_RULES = {
    "treatment_before_birth": "treatments that start before birth",
    "treatment_after_death": "treatments that start after death",
    "dose_after_death": "doses after death",
    "event_before_birth": "reports of adverse events with an onset before birth",
    "event_after_death": "reports of adverse events with an onset after death",
}
"""Rules on rows, in words."""
PERSON_RULES = {
    "death_before_birth": "death before birth",
    "birth_after_entry": "birth after entry into the registry",
    "entry_after_death": "entry into the registry after death",
    "contact_after_death": "last contact after death",
    "contact_before_entry": "last contact before entry into the registry",
}
"""Rules on a person's own dates, in words."""


def decisions(study: Study) -> dict[str, str]:
    """Rule to what becomes of data that break it, for every rule."""
    return {rule: getattr(study.data.faults, rule) for rule in (*ROW_RULES, *PERSON_RULES)}


def excludes_persons(study: Study) -> bool:
    """Does the protocol leave persons out whose data break a rule?"""
    return "exclude_person" in decisions(study).values()


def fault_tables(study: Study) -> dict[str, RuleTable]:
    """The rules for which persons are left out, and which rows are dropped."""
    decided = decisions(study)
    return {
        "fault_rule": RuleTable(
            {"rule_id": "VARCHAR"}, [(rule,) for rule, action in decided.items() if action == "exclude_person"]
        ),
        "drop_rule": RuleTable(
            dict.fromkeys(ROW_RULES, "BOOLEAN"), [tuple(decided[rule] == "drop_row" for rule in ROW_RULES)]
        ),
    }
