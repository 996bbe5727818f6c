"""The truth beside the data: rates, how they enter, and which faults were put in."""

from __future__ import annotations

import json
from typing import Any

from generator import rates
from generator.profiles import PROFILES

HOW = {
    "notice": "Synthetic data. Not evidence about any medicine.",
    "process": "Every outcome is a Poisson process over single days: the hazard of a day is the rate of its cell "
    "over 365250. Cells are exposure on that day, sex, and attained age in completed years.",
    "age": "Who is under 18 has the rate of 18-29.",
    "state": "serious_infection, nonserious_infection, skin_tumour and other_event depend on the treatment begun "
    "last. platform: from start to stop + 30 days. ocrelizumab: from the first dose of a run to its last "
    "dose + 180 days, where a run has no gap of more than 270 days between doses. other: from start to stop. "
    "Each ends the day before another treatment begins; every other day is background.",
    "ever": "malignancy depends on past exposure: ever_ocrelizumab from 365 days after the first dose, else "
    "ever_platform from 365 days after the first start of a platform treatment, else background. A cohort "
    "of platform starters followed through later ocrelizumab (overlap: keep) has a mixture of the two.",
    "death": "depends on age and sex alone.",
    "serious_infection": "lasts 1 to 14 days; no new one begins in the 30 days after the end of the last. Those days "
    "are not at risk under a clean window of 30 days: the rate on days at risk is the true one.",
    "nonserious_infection": "none is reported from 31 days before a serious infection to the end of its clean "
    "window, so its rate over all days is slightly lower than the one given.",
    "collection": "From before the start of adverse-event collection about a third of the events is in the data.",
    "seen": "Events happen from registry entry to the last contact, which is drawn independently of all else; deaths "
    "after it are known always in registries with linked deaths, else in 30 of 100.",
    "registries": "All registries share the same true rates.",
    "faults": "Faults are added after the truth is drawn. Missing onset dates, unmapped codes and refused consent take "
    "events and persons away at random; second reports and duplicates add none once collapsed.",
}


def write_truth(seed: int, registries: dict[str, dict[str, Any]]) -> str:
    """The truth as canonical JSON."""
    content = {
        "notice": HOW["notice"],
        "seed": seed,
        "how": {k: v for k, v in HOW.items() if k != "notice"},
        "days": {
            "platform_extension": rates.PLATFORM_EXTENSION,
            "ocrelizumab_extension": rates.OCRELIZUMAB_EXTENSION,
            "ocrelizumab_gap": rates.OCRELIZUMAB_GAP,
            "ever_lag": rates.EVER_LAG,
            "clean_window": rates.CLEAN_WINDOW,
        },
        "rates": rates.true_rates(),
        "registries": registries,
    }
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def describe_registry(
    registry_id: str, core: dict[str, Any], faults: list[dict[str, str | int | float]]
) -> dict[str, Any]:
    """Numbers of one registry for the truth file."""
    profile = PROFILES[registry_id]
    return {
        "persons": len(core["person"]),
        "data_cut_date": profile.cut,
        "adverse_event_collection_start": profile.adverse_event_start,
        "deaths": profile.deaths,
        "rows_before_faults": {name: len(table) for name, table in core.items()},
        "faults": faults,
    }
