"""What does the command line tell beside the results?"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
import typer
from typer.testing import CliRunner

from pass_engine.budget import MEGABYTE, Budget
from pass_engine.cli import app
from pass_engine.run.told import held_back
from pass_engine.run_options import partitions_of

if TYPE_CHECKING:
    from pathlib import Path


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
    assert [partitions_of(asked) for asked in ("auto", "1", "84", "10000")] == [0, 1, 84, 10_000]


@pytest.mark.parametrize("asked", ["0", "-1", "10001", "many", "", "1.5", "\u0662"])
def test_any_other_number_of_partitions_is_refused(asked: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"^auto, or a number from 1 to 10000$"):
        partitions_of(asked)


def test_a_site_counts_within_the_budget_it_was_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {}
    decision = SimpleNamespace(number=1, analyses=("main",))
    monkeypatch.setattr("pass_engine.network.run_release", lambda *_, **asked: given.update(asked) or decision)
    options = ["--partitions", "7", "--processes", "3", "--memory", "900", "--disk", "50", "--work", str(tmp_path)]
    asked = ["site", "run", "release", "--registry", "dk", "--trust", "trust", "--out", "out", *options]
    answer = CliRunner().invoke(app, asked)
    assert answer.exit_code == 0, answer.output
    assert given["parts"] == 7
    assert given["budget"] == Budget(processes=3, memory=900 * MEGABYTE, disk=50 * MEGABYTE, work=tmp_path)
