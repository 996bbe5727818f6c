"""The cells and weights of a direct standardisation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.names import age_labels, margin_name
from pass_engine.stats import STANDARDS, standard_weights

if TYPE_CHECKING:
    from pass_engine.protocol.models import Incidence, Study


def standard_cells(study: Study, analysis: Incidence) -> tuple[str, dict[str, float]]:
    """The margin standardised over, and the weight of each of its levels; no weights where nothing is asked."""
    standardise = analysis.standardise
    if standardise is None:
        return "", {}
    cuts = study.strata.age.bands if "age" in standardise.over and study.strata.age else ()
    weights = standard_weights(
        STANDARDS[standardise.to],
        age_labels(cuts) if cuts else (),
        cuts,
        by_sex="sex" in standardise.over,
        split_uniform=standardise.split == "uniform",
    )
    return margin_name(standardise.over), weights
