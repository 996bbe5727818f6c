"""Regression models in words: what is fitted on whom, what leaves, and when a ratio is not shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.protocol.sentences.words import listed, percent, quoted, separated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pass_engine.protocol.models import Comparison, Regressions, Study

MODELS: Final[Mapping[str, str]] = {
    "cox": "Cox regression of the time to the first event that counts (ratio of hazards)",
}
SCALES: Final[Mapping[str, str]] = {
    "since_start": "from the origin of time since start (cohort entry where none is declared)",
    "since_first_entry": "from entry into the cohort entered first",
    "age": "from birth",
    "calendar": "by the date",
}
TIES: Final = {"efron": "Efron", "breslow": "Breslow"}


def say_regressions(study: Study, analysis: Comparison) -> Iterator[str]:
    """The models of a comparison; nothing where it asks for none."""
    asked = analysis.models
    if asked is None:
        return
    sets = [
        f"adjusted for {listed([quoted(study.covariates[c].label) for c in names])} ({name})"
        for name, names in asked.adjust.items()
    ]
    yield (
        f"Each registry fits, on its own persons, {listed([MODELS[model] for model in asked.fit])}: "
        f"{separated(['crude', *sets])}, main effects alone. All models of an outcome have the same persons: "
        f"{_who(asked)}"
    )
    yield (
        f"Time runs {SCALES[asked.time_scale]}; who comes late is at risk from then on. Events of one day are taken as "
        f"{TIES[asked.ties]} has them. Hazards are tested for being proportional (Grambsch and Therneau, over the "
        "Kaplan–Meier estimate)."
    )
    yield (
        f"The {percent(analysis.interval.level)} interval is Wald's on the log scale by the variance of the model, "
        "with the person-robust one (Lin and Wei) beside it. Coefficients, variances, log-likelihoods on a grid, and "
        "persons and events by cohort leave a registry; no row of a person does."
    )
    yield (
        f"{_stages(analysis)}A registry's ratio is not shown, and is not in the means, where a cohort has fewer than "
        f"{asked.min_events} persons with an event."
    )


def _who(asked: Regressions) -> str:
    both = (
        "who entered both cohorts counts in the one entered first, and in neither if both were entered on one day"
        if asked.persons == "first_cohort"
        else "who entered both cohorts counts in both, each with its own days"
    )
    if not asked.adjust:
        return f"{both}."
    return (
        f"{both}; who lacks a covariate that may not be missing, or has a level that fewer than "
        f"{asked.min_level_persons} persons of both cohorts have, is left out at that registry."
    )


def _stages(analysis: Comparison) -> str:
    """The second stage where no sentence on two_stage says it."""
    if analysis.two_stage:
        return "The registries' ratios are brought together in these ways. " + (
            "Their likelihoods, here of the models with all other coefficients at their most likely, are exact for one "
            "ratio with all else each registry's own. "
            if "likelihood" in analysis.two_stage
            else ""
        )
    return (
        "Registries are pooled in two stages: random effects (REML) with the interval of Hartung and Knapp where at "
        "least three show a ratio, else a fixed effect. "
    )
