"""Is what a figure draws inside its axis, and does it say what its rows hold?"""

from __future__ import annotations

import csv
import re

import pytest

from pass_engine.report.context import Context
from pass_engine.report.figures.drawing import linear_axis
from pass_engine.report.figures.forest import forest
from pass_engine.report.reading import COLUMNS, read_run
from tests.unit.report_fixture import Plan, build_run


@pytest.mark.parametrize(
    ("most", "ticks", "top"),
    [
        (36.92, 5, 40),
        (12.2, 5, 12.5),
        (10.0, 5, 10),
        (0.03, 5, 0.03),
        (1_501.0, 4, 2_000),
        (1_500.0, 4, 1_500),
        (0, 5, 0),
    ],
)
def test_an_axis_ends_at_a_round_number_that_nothing_exceeds(most, ticks, top) -> None:
    axis = linear_axis(0.0, 100.0, most, ticks)
    assert axis.top >= most
    assert axis.top == pytest.approx(top, abs=1e-8)
    assert axis.ticks[-1][0] == 100.0
    assert len(axis.ticks) <= ticks + 2


MEAN = {
    "analysis": "main", "role": "primary", "cohort": "ocrelizumab", "outcome": "serious_infection",
    "time_at_risk": "on_treatment", "measure": "eair", "status": "shown", "registries": "cz;dk;fr", "per": "1000",
    "rate": "10", "rate_low": "7.5", "rate_high": "12.5", "prediction_low": "5", "prediction_high": "15",
    "interval_level": "0.95", "method": "random effects",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return build_run(
        tmp_path_factory.mktemp("figures") / "run",
        Plan(registries=("cz", "dk", "fr"), strata=("sex",), standardise=False, sensitivity=False),
    )


def drawn(folder, *rows: dict[str, str]) -> str:
    """The forest plot of serious infection, with these rows of heterogeneity.csv."""
    path = folder / "results" / "heterogeneity.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, COLUMNS[path.name], restval="")
        writer.writeheader()
        writer.writerows(rows)
    ctx = Context(read_run(folder))
    return forest(ctx, ctx.combos[0]).svg


def test_a_forest_plot_shows_the_mean_and_where_a_further_registry_is_expected(folder) -> None:
    svg = drawn(folder, MEAN)
    assert ">Mean of registries</text>" in svg
    assert ">10.00 (7.50–12.50)</text>" in svg
    assert ">prediction (5.00–15.00)</text>" in svg
    assert "mean over registries: 10.00 (7.50–12.50)\nPrediction interval: (5.00–15.00)" in svg
    strokes = re.findall(
        r'<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)"[^>]*stroke-width="(1.0|2.4)"', svg
    )
    spans = {width: (float(a), float(b)) for a, y, b, z, width in strokes if y == z}
    (low, high), (narrow, wide) = spans["1.0"], spans["2.4"]
    # on one linear axis from 0: 5 to 15 is twice as long as 7.5 to 12.5, about the same middle
    assert high - low == pytest.approx(2 * (wide - narrow), abs=0.2)
    assert low + high == pytest.approx(narrow + wide, abs=0.2)


def test_without_a_prediction_interval_or_a_mean_none_is_drawn(folder) -> None:
    two = drawn(folder, {**MEAN, "prediction_low": "", "prediction_high": ""})
    assert "Mean of registries" in two
    assert "rediction" not in two
    assert "Mean of registries" not in drawn(folder, {**MEAN, "status": "not_estimable", "rate": ""})
    assert "Mean of registries" not in drawn(folder)
