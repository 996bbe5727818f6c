"""Words and constants that every floor shares. One word for one idea; the glossary is in ARCHITECTURE.md."""

DAYS_PER_YEAR = 365.25
"""Days in a person-year: ``person_years = person_days / 365.25``, printed in every report."""

SYNTHETIC_NOTICE = "Synthetic data. Not evidence about any medicine."
"""Printed wherever a registry that declares ``synthetic: true`` contributed. Nothing turns it off."""

TO_BE_COMPLETED = "To be completed by the marketing authorisation holder"
"""Stands in every section that only people can write and nobody has written."""

STRATA = (
    "age",
    "sex",
    "calendar",
    "time_since_start",
    "exposure_duration",
    "cumulative_doses",
    "country",
    "centre",
    "course",
    "edss",
    "relapses_12_months",
    "prior_substances",
    "entry_year",
    "line_of_treatment",
)
"""Stratifiers, in the order in which a combination names them (``age*sex``)."""

VISITED = ("relapse", "course", "disability")
"""Where outcomes are recorded that the registry sees at its own visits."""

DATED_STRATA = ("exposure_duration", "cumulative_doses")
"""Stratifiers by what a person has had by a day: bands that are reached on a day of the person's own."""

OVERALL = "overall"
"""Name of the margin with no stratifier; its level is the empty text."""

TOOK_PART, DID_NOT_TAKE_PART, FAILED, EXCLUDED = "took part", "did not take part", "failed", "excluded"
DECLINED = "declined"
"""Statuses of an invited registry; excluded: by a quality gate."""

GATE = "quality gate"
"""How the reason begins where a quality gate keeps something back."""

GATE_MET, GATE_NOT_MET, GATE_UNTESTED = "kept", "not kept", "nothing to test"
"""What a quality gate says of a registry's data."""

DECLINED_HERE = "declined by the registry"
"""Why an analysis that a registry's decision does not cover has no counts of it."""

MASKED = "masked"
"""Name of the sum over the masked registries, where it stands in a column of registries before it is published."""

SUPPRESSED = "suppressed"
"""Mode of release of a registry whose small counts, and what would give them back, are taken out before they leave."""

POOLED = "pooled"
"""Value of the column ``registry`` in a row that sums over the contributing registries."""
