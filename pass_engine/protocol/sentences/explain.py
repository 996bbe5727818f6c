"""Topics and their sentences, and all of them as one text."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from pass_engine.protocol.models import Sensitivity, Study
from pass_engine.protocol.sentences import analyses, covariates, data, exposures, outcomes, population, strata
from pass_engine.protocol.sentences.words import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pass_engine.protocol.loader import Protocol

WIDTH = 100
Sentences = tuple[str, ...]

TOPICS: dict[str, Callable[[Study], Sentences]] = {
    "design": population.say_design,
    "setting": population.say_setting,
    "subjects": population.say_subjects,
    "follow_up": outcomes.say_follow_up,
    "strata": strata.say_strata,
    "covariates": covariates.say_covariates,
    "measures": analyses.say_measures,
    "statistics": analyses.say_statistics,
    "days": analyses.say_days,
    "data_sources": data.say_data_sources,
    "data_transformation": data.say_data_transformation,
    "partial_dates": data.say_partial_dates,
    "missing_values": data.say_missing_values,
    "quality_control": data.say_quality_control,
    "disclosure": data.say_disclosure,
}
"""Topics of the whole study."""

NAMED: dict[str, Callable[[Study, str], Sentences]] = {
    "criterion": population.say_criterion,
    "exposure": exposures.say_exposure,
    "time_at_risk": exposures.say_time_at_risk,
    "outcome": outcomes.say_outcome,
    "sensitivity": analyses.say_sensitivity,
}
"""Topics of one named part."""


def say(study: Study, topic: str, key: str = "") -> Sentences:
    """Sentences or short paragraphs on a topic; ``key`` names the part where a topic is about one."""
    return NAMED[topic](study, key) if topic in NAMED else TOPICS[topic](study)


def explain_study(protocol: Protocol) -> str:
    """The whole study in plain words, wrapped for a terminal."""
    return "\n".join(_lines(protocol)) + "\n"


def _lines(protocol: Protocol) -> Iterator[str]:
    study = protocol.study
    info = study.study
    yield from _wrapped(info.title)
    yield ""
    yield f"{info.id}, version {info.version} of {in_words(info.date)}, {info.status}"
    yield f"Digest {protocol.digest}"
    for title, parts in _sections(study):
        yield ""
        yield title.upper()
        for mark, sentences in parts:
            yield from _wrapped(" ".join((mark, *sentences)).strip(), "  ")


def _sections(study: Study) -> Iterator[tuple[str, list[tuple[str, Sentences]]]]:
    yield "Design", _whole(study, "design", "setting")
    yield "Subjects", [*_whole(study, "subjects"), *_criteria(study)]
    yield "Exposures", [(f"{e.label}:", say(study, "exposure", k)) for k, e in study.exposures.items()]
    yield "Times at risk", [(f"{t.label}:", say(study, "time_at_risk", k)) for k, t in study.times_at_risk.items()]
    yield "Follow-up", _whole(study, "follow_up")
    yield "Outcomes", [(f"{o.label}:", say(study, "outcome", k)) for k, o in study.outcomes.items()]
    yield "Strata", _whole(study, "strata")
    if study.covariates:
        yield "Covariates", _whole(study, "covariates")
    yield "Measures and statistics", _whole(study, "measures", "statistics")
    sensitivities = [a.id for a in study.analyses if isinstance(a, Sensitivity)]
    if sensitivities:
        yield "Sensitivity analyses", [("", say(study, "sensitivity", key)) for key in sensitivities]
    yield "Days", _whole(study, "days")
    yield "Data", _whole(study, "data_sources", "data_transformation", "missing_values", "quality_control")
    yield "Disclosure", _whole(study, "disclosure")


def _whole(study: Study, *topics: str) -> list[tuple[str, Sentences]]:
    return [("", (sentence,)) for topic in topics for sentence in say(study, topic)]


def _criteria(study: Study) -> list[tuple[str, Sentences]]:
    return [
        (f"{number}.", (*say(study, "criterion", c.id), f"Reason: {c.why.rstrip('.')}."))
        for number, c in enumerate(study.population.criteria, start=1)
    ]


def _wrapped(text: str, indent: str = "") -> list[str]:
    further = indent + ("  " if indent else "")
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=further, break_on_hyphens=False)
