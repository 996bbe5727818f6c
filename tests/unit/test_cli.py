"""What does the command line tell beside the results?"""

from __future__ import annotations

import pytest
import typer

from pass_engine.cli import _partitions
from pass_engine.run.told import held_back


def record(
    table: str, analysis: str = "", cohort: str = "", reason: str = "not allowed by the registry"
) -> dict[str, str]:
    return {"table": table, "analysis": analysis, "cohort": cohort, "reason": reason}


def test_what_registries_held_back_is_told_once() -> None:
    few = "fewer than 10 persons in the registry"
    cohort = (record("counts", "main", "alfa", few), record("attrition", "", "alfa", few))
    refused = (record("counts", "ratio"), record("quality"))
    assert list(held_back({"aa": cohort, "bb": (*cohort, *refused), "cc": ()})) == [
        "Held back by aa, bb: cohort alfa, fewer than 10 persons in the registry.",
        "Held back by bb: analysis ratio, not allowed by the registry.",
        "Held back by bb: table quality, not allowed by the registry.",
    ]


def test_partitions_are_a_number_or_auto() -> None:
    assert [_partitions(asked) for asked in ("auto", "1", "84", "10000")] == [0, 1, 84, 10_000]


@pytest.mark.parametrize("asked", ["0", "-1", "10001", "many", "", "1.5", "\u0662"])
def test_any_other_number_of_partitions_is_refused(asked: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"^auto, or a number from 1 to 10000$"):
        _partitions(asked)
