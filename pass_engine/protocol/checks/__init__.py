"""Cross checks: what no single field can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.checks.analyses import check_analyses, check_strata
from pass_engine.protocol.checks.covariates import check_covariates
from pass_engine.protocol.checks.curves import check_curves
from pass_engine.protocol.checks.data import check_data
from pass_engine.protocol.checks.exposures import check_exposures
from pass_engine.protocol.checks.extras import check_extras
from pass_engine.protocol.checks.names import check_names
from pass_engine.protocol.checks.outcomes import check_outcomes
from pass_engine.protocol.checks.overlaps import check_overlaps
from pass_engine.protocol.checks.population import check_population
from pass_engine.protocol.checks.quality import check_quality
from pass_engine.protocol.checks.texts import check_texts
from pass_engine.protocol.checks.times import check_times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.yamltext import Problem

SUBJECTS = (
    check_names,
    check_texts,
    check_data,
    check_extras,
    check_population,
    check_exposures,
    check_times,
    check_overlaps,
    check_outcomes,
    check_strata,
    check_covariates,
    check_analyses,
    check_quality,
    check_curves,
)


def check_draft(draft: Draft) -> Iterator[Problem]:
    """Everything wrong between the sound parts of a protocol."""
    yield from dict.fromkeys(problem for check in SUBJECTS for problem in check(draft))
