"""Weights and reference rates against the study: what can be told only once the files are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.models import Incidence, Sensitivity
from pass_engine.protocol.numbers import Wrong
from pass_engine.protocol.reference import reference_misfits
from pass_engine.protocol.standards import age_cuts, divided_bands
from pass_engine.yamltext import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pass_engine.protocol.files import Files
    from pass_engine.protocol.models import Study
    from pass_engine.protocol.scenarios import Scenario


def check_rate_files(study: Study, scenarios: Sequence[Scenario], files: Files) -> Iterator[Problem]:
    """Bands that a file of weights does not have; of the changed studies too, where the study itself is in order."""
    found = tuple(_check_study(study, files))
    yield from found
    for scenario in scenarios if not found else ():
        for number, analysis in enumerate(study.analyses):
            if isinstance(analysis, Sensitivity) and analysis.id == scenario.id:
                for problem in _check_study(scenario.study, files):
                    field = ".".join(str(step) for step in problem.path[2:])
                    words = f"with this change, {field}: {problem.problem}"
                    where = ("analyses", number, "change", next(iter(analysis.change)))
                    yield Problem(where, Wrong.BAD_CHANGE, words, problem.mend)


def _check_study(study: Study, files: Files) -> Iterator[Problem]:
    for number, analysis in enumerate(study.analyses):
        if not isinstance(analysis, Incidence):
            continue
        standardise = analysis.standardise
        if analysis.reference is not None:
            yield from reference_misfits(("analyses", number, "reference"), study, analysis.reference, files.references)
        if standardise is not None and standardise.to in files.standards:
            yield from divided_bands(
                ("analyses", number, "standardise"),
                files.standards[standardise.to],
                age_cuts(study, standardise.over),
                split_uniform=standardise.split == "uniform",
            )
