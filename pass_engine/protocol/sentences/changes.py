"""The change of a sensitivity analysis in words."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from pass_engine.protocol.scenarios import find_path
from pass_engine.protocol.sentences.words import counted, in_words, listed, quoted
from pass_engine.yamltext import value_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pass_engine.protocol.models import Study

NAME = r"([^.]+)"
WORDS = (
    (rf"times_at_risk\.{NAME}\.end\.plus_days\.{NAME}", "the extension of {times_at_risk} for {exposures}", "day"),
    (rf"times_at_risk\.{NAME}\.end\.plus_days", "the extension of {times_at_risk}", "day"),
    (rf"times_at_risk\.{NAME}\.start\.plus_days", "the lag before {times_at_risk}", "day"),
    (rf"times_at_risk\.{NAME}\.start\.date", "the first day of {times_at_risk}", ""),
    (rf"times_at_risk\.{NAME}\.end\.within_days", "the greatest length of {times_at_risk}", "day"),
    (rf"times_at_risk\.{NAME}\.overlap", "the rule for a switch in {times_at_risk}", ""),
    (rf"times_at_risk\.{NAME}\.eras", "the eras used in {times_at_risk}", ""),
    (rf"exposures\.{NAME}\.gap_days", "the gap bridged within an era of {exposures}", "day"),
    (rf"exposures\.{NAME}\.effect_days", "the effect of a dose of {exposures}", "day"),
    (rf"exposures\.{NAME}\.substances", "the substances of {exposures}", ""),
    (rf"exposures\.{NAME}\.atc", "the ATC codes of {exposures}", ""),
    (rf"outcomes\.{NAME}\.clean_window_days", "the clean window of {outcomes}", "day"),
    (rf"outcomes\.{NAME}\.same_event_days", "the time within which reports of {outcomes} are one event", "day"),
    (rf"outcomes\.{NAME}\.serious", "the restriction of {outcomes} to serious events", ""),
    (rf"outcomes\.{NAME}\.filled_dates", "the place of events of {outcomes} that a filled date leaves open", ""),
    (rf"outcomes\.{NAME}\.prior_events\.filled_dates", "the rule for events of {outcomes} that may be prior", ""),
    (r"population\.fatal_reports", "the meaning of a fatal report without a death record", ""),
    (rf"outcomes\.{NAME}\.counting", "the counting of {outcomes}", ""),
    (rf"outcomes\.{NAME}\.codes", "the code list of {outcomes}", ""),
    (rf"outcomes\.{NAME}\.of", "the components of {outcomes}", ""),
    (rf"outcomes\.{NAME}\.nth", "the rank of the event of {outcomes} that counts", ""),
    (rf"outcomes\.{NAME}\.prior_events\.rule", "the rule for prior events of {outcomes}", ""),
    (rf"outcomes\.{NAME}\.prior_events\.look_back", "the look-back for prior events of {outcomes}", "day"),
    (rf"population\.criteria\.{NAME}\.window", "the window of criterion {criterion}", ""),
    (rf"population\.criteria\.{NAME}\.at_least", "the lowest age of criterion {criterion}", "year"),
    (rf"population\.criteria\.{NAME}\.at_most", "the highest age of criterion {criterion}", "year"),
    (r"population\.period\.start", "the first day of the period of entry", ""),
    (r"population\.period\.end", "the last day of the period of entry", ""),
    (r"population\.prior_observation_days", "the time of observation before follow-up begins", "day"),
    (r"population\.landmark_days", "the landmark", "day"),
    (r"population\.entries", "the era with which a person enters", ""),
)


def say_change(study: Study, path: str, new: object) -> str:
    """What is changed, its new value, and its value in the main analysis."""
    written = study.model_dump(by_alias=True)
    found = find_path(written, path)
    old = value_at(written, found) if isinstance(found, tuple) else None
    subject, unit = _subject(study, path)
    return f"{subject} is {_value(new, unit)} instead of {_value(old, unit)}"


def _subject(study: Study, path: str) -> tuple[str, str]:
    for pattern, words, unit in WORDS:
        match = re.fullmatch(pattern, path)
        if match:
            return words.format(**_labels(study, path.split(".", maxsplit=1)[0], match.groups())), unit
    return f"the field {path} of the protocol", ""


def _labels(study: Study, section: str, names: tuple[str, ...]) -> Mapping[str, str]:
    found = {"criterion": names[0] if names else ""}
    for name, kind in zip(names, (section, "exposures"), strict=False):
        parts = {"exposures": study.exposures, "times_at_risk": study.times_at_risk, "outcomes": study.outcomes}.get(
            kind, {}
        )
        part = parts.get(name) if isinstance(parts, dict) else None
        if part is not None:
            found[kind] = quoted(part.label)
    return found


def _value(value: object, unit: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and unit:
        return counted(value, unit)
    if isinstance(value, date):
        return in_words(value)
    if isinstance(value, tuple | list):
        return listed([_value(v, unit) for v in value]) or "nothing"
    if isinstance(value, dict):
        return "; ".join(f"{k}: {_value(v, unit)}" for k, v in value.items())
    return "not set" if value is None else str(value)
