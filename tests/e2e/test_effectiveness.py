"""The effectiveness study over three sample registries, to the words of its report: nothing stops on the way."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from pass_engine.run import run_study
from tests.e2e.demo import ROOT, copy_registries
from tests.e2e.small import words_of_report

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder without its PDF."""
    base = tmp_path_factory.mktemp("effectiveness")
    registries = copy_registries(base / "registries", ("dk", "se", "msbase"))
    run_study(ROOT / "protocols" / "bmsd-paes-001", registries, base / "run", with_report=False)
    return base / "run"


def rows_of(folder: Path, table: str, **values: str) -> list[dict[str, str]]:
    with (folder / "results" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if all(row[name] == value for name, value in values.items())]


def test_every_pooled_ratio_that_is_shown_has_limits_and_an_e_value(folder: Path) -> None:
    """Few of the persons in both arms have an event, so that their products stay: the limits are the widest."""
    ratios = rows_of(folder, "comparison", registry="pooled", measure="rate_ratio", status="shown")
    explained = {row["outcome"]: row for row in rows_of(folder, "unmeasured", registry="pooled", measure="rate_ratio")}
    assert {row["outcome"] for row in ratios} >= {"relapse", "worsening_24"}
    for row in ratios:
        low, estimate, high = (float(row[name]) for name in ("low", "estimate", "high"))
        assert low < estimate < high
        above = max(estimate, 1 / estimate)
        if row["outcome"] in explained:
            assert float(explained[row["outcome"]]["e_value"]) == pytest.approx(above + (above * (above - 1)) ** 0.5)
            assert 1 <= float(explained[row["outcome"]]["e_value_limit"]) <= above + (above * (above - 1)) ** 0.5
    assert any("at its widest" in row["note"] for row in ratios)


def test_the_report_says_which_limits_are_the_widest(folder: Path) -> None:
    words = words_of_report(folder)
    assert "person-robust interval at its widest" in words
    assert "the widest interval that these could give is shown, and marked" in words
