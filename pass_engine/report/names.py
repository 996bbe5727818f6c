"""What things are called in print: labels of the protocol, and words for the codes of the results."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pass_engine.protocol.covariate_rules import PREFIX
from pass_engine.protocol.sentences import stratum_in_words
from pass_engine.protocol.sentences.words import MONTHS
from pass_engine.report.glossary import country
from pass_engine.report.numbers import format_level
from pass_engine.terms import MASKED, POOLED

if TYPE_CHECKING:
    from pass_engine.report.reading import Row, Run

MEASURES: Final = {
    "incidence_proportion": "Incidence proportion",
    "eair": "EAIR",
    "eair_total_exposure": "EAIR (total exposure)",
    "eaer": "EAER",
    "standardised_eair": "Standardised EAIR",
    "standardised_eaer": "Standardised EAER",
    "sir": "SIR",
}

MEASURES_IN_WORDS: Final = {
    "incidence_proportion": "incidence proportion: persons with an event over persons",
    "eair": "EAIR: persons with an event over person-years up to the first counted event or end",
    "eair_total_exposure": "EAIR (total exposure): persons with an event over all person-years of the time at risk",
    "eaer": "EAER: all counted events over person-years at risk",
    "standardised_eair": "standardised EAIR",
    "standardised_eaer": "standardised EAER",
    "sir": "ratio: first events observed over those expected at the reference rates",
    "rate_ratio": "rate ratio: rate of the target over rate of the comparator",
    "rate_difference": "rate difference: rate of the target less rate of the comparator",
    "mantel_haenszel_rate_ratio": "rate ratio over strata",
    "poisson_rate_ratio": "rate ratio of a Poisson regression",
    "survival": "survival: share still without the event",
    "cumulative_incidence": "cumulative incidence: share with the event, other events competing",
}

SECOND_STAGE_MODELS: Final = {
    "reml": "Random effects (REML)",
    "dersimonian_laird": "Random effects (DerSimonian–Laird)",
    "fixed": "Fixed effect",
    "likelihood": "Likelihoods added",
}
"""Ways in which ratios of registries are brought together."""

VARIABLES: Final = {
    "sex": "Sex",
    "age_years": "Age (years)",
    "age_group": "Age group (years)",
    "country": "Country of residence",
    "entry_year": "Calendar year of cohort entry",
    "course": "Disease course",
    "disease_duration_days": "Disease duration (years)",
    "edss": "EDSS",
    "relapses_12_months": "Relapses in the 12 months before entry",
    "prior_substances": "Substances before entry",
    "smoking": "Smoking",
}

_LEVELS: Final = {
    "missing": "Missing",
    "unknown": "Unknown",
    "outside": "Below the first band",
    "incomplete": "Incomplete intervals",
    "": "Mean (SD)",
}
_INTERVAL: Final = re.compile(r"(\d{4})-(?:(Q[1-4])|(0[1-9]|1[0-2]))")
"""A calendar quarter or month; no band of years or days is written so."""
_AS_RECORDED: Final = ("centre", "course")
"""Strata whose levels are codes of the registries."""
_KNOWN_CASES: Final = frozenset({"RIS", "CIS", "RRMS", "SPMS", "PPMS"})
SHORT_NAME: Final = 6
"""Registry identifiers up to this long are printed in capitals at the head of a column."""


@dataclass(frozen=True)
class Names:
    """Labels of one run."""

    run: Run

    def cohort(self, key: str) -> str:
        """The label of an exposure."""
        exposure = self.run.protocol.study.exposures.get(key)
        return exposure.label if exposure else key

    def outcome(self, key: str) -> str:
        """The label of an outcome."""
        outcome = self.run.protocol.study.outcomes.get(key)
        return outcome.label if outcome else key

    def time_at_risk(self, key: str) -> str:
        """The label of a time at risk."""
        time = self.run.protocol.study.times_at_risk.get(key)
        return time.label if time else key

    def registry(self, key: str) -> str:
        """How a registry is called at the head of a column."""
        if key in (POOLED, MASKED):
            return key.capitalize()
        return key.upper() if len(key) <= SHORT_NAME else key

    def registry_in_full(self, key: str) -> str:
        """The registry's own name."""
        for row in self.run.rows("participation.csv", registry=key):
            return row["name"] or key
        return str(self.run.registries.get(key, {}).get("name", key))

    def variable(self, key: str) -> str:
        """A baseline variable in words."""
        for extra in self.run.protocol.study.data.extras:
            if extra.name == key:
                return f"{extra.meaning} ({extra.unit})" if extra.unit else extra.meaning
        covariate = self.run.protocol.study.covariates.get(key.removeprefix(PREFIX)) if key.startswith(PREFIX) else None
        return covariate.label if covariate else VARIABLES.get(key) or _in_words(key)

    def level(self, text: str) -> str:
        """One level of a stratum or variable: 18–29, Female, 18–29 and Female."""
        return " and ".join(level_in_words(part) for part in text.split("*"))

    def stratum(self, key: str) -> str:
        """A stratifier within a sentence."""
        return " and ".join(stratum_in_words(self.run.protocol.study, part) for part in key.split("*"))

    def level_of(self, stratum: str, text: str) -> str:
        """One level of one stratifier: a country by its name, a centre as it is recorded."""
        if text in _LEVELS:
            return _LEVELS[text]
        if stratum == "country":
            return country(text)
        return text if stratum in _AS_RECORDED else level_in_words(text)


def level_in_words(text: str) -> str:
    """One level: 18–29, 2020 Q1, March 2020, Unknown."""
    if text in _LEVELS:
        return _LEVELS[text]
    interval = _INTERVAL.fullmatch(text)
    if interval:
        year, quarter, month = interval.groups()
        return f"{year} {quarter}" if quarter else f"{MONTHS[int(month) - 1]} {year}"
    low, dash, high = text.partition("-")
    if dash and low[:1].isdigit() and high[:1].isdigit():
        return f"{low}–{high}"
    return text if text in _KNOWN_CASES else text[:1].upper() + text[1:]


def _in_words(key: str) -> str:
    words = key.replace("_", " ").replace(".", ": ")
    return words[:1].upper() + words[1:]


def method_in_words(row: Row) -> str:
    """Measure and interval of a result row, in the words of its own columns."""
    return f"{row['method']}, {format_level(row['interval_level'])}" if row["interval_level"] else row["method"]


def measure_in_words(key: str) -> str:
    """What a measure divides by what."""
    return MEASURES_IN_WORDS.get(key, key.replace("_", " "))
