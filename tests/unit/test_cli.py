"""What does the command line tell beside the results?"""

from __future__ import annotations

from pass_engine.cli import _held_back


def record(
    table: str, analysis: str = "", cohort: str = "", reason: str = "not allowed by the registry"
) -> dict[str, str]:
    return {"table": table, "analysis": analysis, "cohort": cohort, "reason": reason}


def test_what_registries_held_back_is_told_once() -> None:
    few = "fewer than 10 persons in the registry"
    cohort = (record("counts", "main", "alfa", few), record("attrition", "", "alfa", few))
    refused = (record("counts", "ratio"), record("quality"))
    assert list(_held_back({"aa": cohort, "bb": (*cohort, *refused), "cc": ()})) == [
        "Held back by aa, bb: cohort alfa, fewer than 10 persons in the registry.",
        "Held back by bb: analysis ratio, not allowed by the registry.",
        "Held back by bb: table quality, not allowed by the registry.",
    ]
