"""The study that is counted: as the engine reads it, and as plain numbers for the programs beside it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from pass_engine.protocol import age_labels, canonical_order, load_protocol, margin_name
from pass_engine.protocol.exposure_rules import covered_substances, extension_days, other_exposures
from pass_engine.registry.facts import RegistryFacts
from tests.benchmarks.places import EXAMPLE, STUDY

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.protocol.codes import Code
    from pass_engine.protocol.models import Outcome, Study, TimeAtRisk

CodeLists = dict[str, tuple["Code", ...]]

TIME_AT_RISK = "on_treatment"
FAR_DAYS = 36525
"""Longer than any time since start."""


def lay_out_study(folder: Path) -> None:
    """Put the protocol and the example's code lists into one folder, from which the engine loads them."""
    shutil.copytree(EXAMPLE / "codelists", folder / "codelists", dirs_exist_ok=True)
    shutil.copyfile(STUDY, folder / STUDY.name)


def load_study(folder: Path, outcomes: int) -> tuple[Study, CodeLists]:
    """The study with its first so many outcomes, and its code lists."""
    protocol = load_protocol(folder)
    study = protocol.study
    kept = list(study.outcomes)[:outcomes]
    analysis = study.analyses[0]
    fewer = analysis.model_copy(update={"outcomes": dict.fromkeys(kept, TIME_AT_RISK)})
    named = {name: study.outcomes[name] for name in kept}
    return study.model_copy(update={"outcomes": named, "analyses": (fewer,)}), protocol.code_lists


def facts_of(study: Study) -> RegistryFacts:
    """The made-up registry: deaths are linked, so that outcomes from reports and deaths differ in follow-up."""
    return RegistryFacts(
        id="bench", data_cut_date=study.data.cut, deaths="linked", mapped_tables=("person", "treatment")
    )


def plan_of(study: Study, code_lists: CodeLists) -> dict[str, Any]:
    """What a program without the engine needs to know, as values of JSON."""
    rule, period, analysis = study.times_at_risk[TIME_AT_RISK], study.population.period, study.analyses[0]
    return {
        "cut": study.data.cut.isoformat(),
        "period": [period.start.isoformat(), period.end.isoformat()],
        "adult": next(c.at_least for c in study.population.criteria if c.require == "age"),
        "observed_days": 365,
        "cohorts": {name: _cohort(study, rule, name) for name in study.exposures},
        "outcomes": {name: _outcome(outcome, code_lists) for name, outcome in study.outcomes.items()},
        "margins": {margin_name(m): canonical_order(m) for m in getattr(analysis, "by", ())},
        "cells": _cells(study),
    }


def _cohort(study: Study, rule: TimeAtRisk, name: str) -> dict[str, Any]:
    exposure = study.exposures[name]
    return {
        "substances": exposure.substances,
        "others": other_exposures(study, name),
        "covered": covered_substances(study, name),
        "gap_days": exposure.gap_days,
        "extension_days": extension_days(rule, name),
    }


def _outcome(outcome: Outcome, code_lists: CodeLists) -> dict[str, Any]:
    codes = code_lists[outcome.codes] if outcome.codes else ()
    return {
        "source": outcome.from_,
        "codes": [[c.system, c.match, c.code_from, c.code_to] for c in codes],
        "serious": outcome.serious,
        "recurrent": outcome.counting == "recurrent",
        "same_event_days": outcome.same_event_days,
        "clean_window_days": outcome.clean_window_days,
        "exclude_prior": outcome.prior_events.rule == "exclude_person",
    }


def _cells(study: Study) -> dict[str, list[list[Any]]]:
    """For each stratifier that changes with time: label, from, to (not included); in years, or in days since entry."""
    bands = study.strata.age.bands if study.strata.age else (0,)
    years = range(study.population.period.start.year, study.data.cut.year + 1)
    cells = {
        "age": [["outside", 0, bands[0]], *_bands(age_labels(bands), bands, 150)],
        "calendar": [[str(year), year, year + 1] for year in years],
    }
    since = getattr(study.strata, "time_since_start", None)
    if since is not None:
        labels = tuple(f"{a}-{b - 1}" for a, b in zip(since.cuts_days, since.cuts_days[1:], strict=False))
        cells["time_since_start"] = _bands((*labels, f"{since.cuts_days[-1]}+"), since.cuts_days, FAR_DAYS)
    return cells


def _bands(labels: tuple[str, ...], edges: tuple[int, ...], last: int) -> list[list[Any]]:
    return [[label, low, high] for label, low, high in zip(labels, edges, (*edges[1:], last), strict=True)]
