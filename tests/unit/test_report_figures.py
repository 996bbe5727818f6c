"""Is what a figure draws inside its axis?"""

from __future__ import annotations

import pytest

from pass_engine.report.figures.drawing import linear_axis


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
