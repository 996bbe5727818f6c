"""Covariates in words: what is known of a person by day 0, and what becomes of it where it is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.protocol.covariate_rules import COUNTED, FLAGS, levels_of
from pass_engine.protocol.sentences.words import counted, listed, quoted, separated
from pass_engine.protocol.windows import read_window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.models import Covariate, Study

TOLD: Final = {
    "age": "age in completed years on day 0",
    "sex": "sex as recorded",
    "calendar_year": "the calendar year of day 0",
    "disease_duration": "completed years from onset of the disease to day 0",
    "edss": "the last EDSS {when}",
    "relapses": "the number of days on which a relapse began {when}",
    "prior_treatments": "the number of {which} of which a treatment began {when}",
    "comorbidity": "a diagnosis of {which} {when}",
    "comedication": "a medicine of {which} taken {when}",
}


def say_covariates(study: Study) -> tuple[str, ...]:
    """Every covariate, and what becomes of missing values; nothing where there is none."""
    if not study.covariates:
        return ()
    told = [f"{quoted(c.label)}: {describe_covariate(study, c)}" for c in study.covariates.values()]
    return (
        f"Covariates are known by day 0, and nothing after it enters them: {separated(told)}.",
        *_say_missing(study),
    )


def describe_covariate(study: Study, covariate: Covariate) -> str:
    """One covariate within a sentence, with its groups."""
    text = TOLD.get(covariate.from_) or f"{covariate.from_} as the registry has it{_when_of_variable(covariate)}"
    said = text.format(when=_when(covariate), which=_which(covariate))
    names = [level.name for level in levels_of(covariate, study.data)]
    if not names:
        return f"{said}, as a number"
    return said if covariate.from_ in FLAGS else f"{said}, in the groups {listed(names)}"


def _when(covariate: Covariate) -> str:
    window = read_window(covariate.window or "")
    if window is None:
        return "by day 0"
    last = "day 0" if window.last == 0 else f"{counted(-window.last, 'day')} before day 0"
    if window.first is None:
        return "on day 0 or before" if window.last == 0 else f"at any time up to {last}"
    if window.first == window.last:
        return f"on {last}" if window.last == 0 else last
    return f"from {counted(-window.first, 'day')} before day 0 to {last}"


def _when_of_variable(covariate: Covariate) -> str:
    return f", the last value {_when(covariate)}" if covariate.window else ""


def _which(covariate: Covariate) -> str:
    if covariate.from_ == "comorbidity":
        return f"the code list {covariate.codes}"
    if covariate.from_ == "comedication":
        return f"ATC {listed(covariate.atc or (), 'or')}"
    if covariate.substances:
        return f"the substances {listed(covariate.substances)}"
    return "substances"


def _say_missing(study: Study) -> Iterator[str]:
    left_out = [quoted(c.label) for c in study.covariates.values() if c.missing == "complete_case"]
    kept = [c for c in study.covariates.values() if c.missing == "category"]
    if kept:
        yield (
            "A value that is not known is a category of its own"
            + (f", but for {listed(left_out)}." if left_out else ".")
        )
    if left_out:
        yield f"Persons without a value of {listed(left_out, 'or')} are left out of analyses that adjust for it."
    dated = [c for c in study.covariates.values() if c.from_ in (*COUNTED, *FLAGS)]
    if dated:
        yield (
            "What a registry records and did not record of a person counts as none; where it does not record such "
            "things at all, the value is missing. Undated diagnoses and medicines do not count."
        )
