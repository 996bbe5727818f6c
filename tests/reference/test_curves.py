"""Do survival and cumulative incidence from a life table agree with R's survival and with published curves?"""

from __future__ import annotations

from math import sqrt

import pytest

from pass_engine.stats import LifeRow, aalen_johansen, kaplan_meier, quantile_day

LEVEL = 0.95

VETERAN = [
    (1, 137, 41), (2, 95, 22), (3, 73, 10), (4, 61, 15), (5, 43, 8), (6, 34, 7), (7, 27, 3), (8, 23, 3), (9, 19, 3),
    (10, 16, 3), (11, 13, 1), (12, 12, 2), (13, 10, 3), (14, 7, 2), (16, 5, 1), (19, 4, 1), (20, 3, 1), (34, 2, 2),
]  # fmt: skip
"""Veterans' lung cancer trial (R's survival::veteran) in months of 30 days: month, at risk, deaths."""

R_VETERAN = {
    "log_log": {
        1: (0.7007299270072993, 0.0391243102505507, 0.61645511374233286, 0.7699454545108863),
        3: (0.4646945831732616, 0.0427521458109095, 0.37920733580092442, 0.5456922760149177),
        6: (0.2265061731127546, 0.0370465172576528, 0.15837685034343546, 0.3022025256416418),
        12: (0.0921459132927555, 0.0269076261448076, 0.04825554246501891, 0.1532693064389508),
        20: (0.0184291826585511, 0.0128380186623500, 0.00361896075591234, 0.0585781982934046),
    },
    "log": {
        1: (0.7007299270072993, 0.0391243102505507, 0.62809447896632431, 0.7817652392228424),
        12: (0.0921459132927555, 0.0269076261448076, 0.05198952037453515, 0.1633188626359189),
        20: (0.0184291826585511, 0.0128380186623500, 0.00470486895556402, 0.0721879348117837),
    },
    "plain": {
        1: (0.7007299270072993, 0.0391243102505507, 0.6240476879962487, 0.7774121660183499),
        12: (0.0921459132927555, 0.0269076261448076, 0.0394079351394642, 0.1448838914460468),
        20: (0.0184291826585511, 0.0128380186623500, 0.0, 0.0435912368696101),
    },
}


def life(rows):
    return [LifeRow(*row) for row in rows]


def numbers(point):
    return point.estimate, point.std_error, point.low, point.high


@pytest.mark.parametrize("scale", R_VETERAN)
def test_kaplan_meier_against_r(scale):
    """R 4.2.2, survival 3.5-3: ``summary(survfit(Surv(ceiling(time / 30), status) ~ 1, veteran, conf.type = ...))``."""
    points = {point.day: point for point in kaplan_meier(life(VETERAN), LEVEL, scale)}
    for month, expected in R_VETERAN[scale].items():
        assert numbers(points[month]) == pytest.approx(expected, rel=1e-12, abs=1e-15)
    last = points[34]
    assert (last.estimate, last.std_error, last.low, last.high) == (0, None, None, None)


def test_quantiles_against_r():
    """R: ``quantile(survfit(...), c(.25, .5, .75))``: 1 (1, 2), 3 (2, 4) and 6 (5, 8) months; by ``log`` 6 (5, 9)."""
    points = list(kaplan_meier(life(VETERAN), LEVEL))
    assert [quantile_day(points, share) for share in (0.25, 0.5, 0.75)] == [(1, 1, 2), (3, 2, 4), (6, 5, 8)]
    assert quantile_day(list(kaplan_meier(life(VETERAN), LEVEL, "log")), 0.75) == (6, 5, 9)
    assert quantile_day(points[:2], 0.75) == (None, None, None)


MERCAPTOPURINE = [(6, 21, 3), (7, 17, 1), (10, 15, 1), (13, 12, 1), (16, 11, 1), (22, 7, 1), (23, 6, 1)]


def test_published_survival():
    """Freireich et al., Blood 1963;21:699: remission on 6-mercaptopurine, as in every textbook since."""
    found = [round(point.estimate, 3) for point in kaplan_meier(life(MERCAPTOPURINE), LEVEL)]
    assert found == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]


DELAYED = [(2, 6, 1), (3, 7, 1), (4, 7, 1), (5, 7, 0), (6, 6, 2), (7, 4, 0), (8, 3, 1), (9, 1, 1)]
R_DELAYED = {
    2: (0.833333333333333, 0.152145154862546, 0.2731228499283560, 0.974712426690894),
    3: (0.714285714285714, 0.170746944190628, 0.2581536654587950, 0.919797456044858),
    4: (0.612244897959184, 0.174196725904253, 0.2167768156809200, 0.854326460133187),
    5: (0.612244897959184, 0.174196725904253, 0.2167768156809200, 0.854326460133187),
    6: (0.408163265306122, 0.165437445587302, 0.1136594008086264, 0.691245733620123),
    8: (0.272108843537415, 0.156540029565287, 0.0452649775393635, 0.578504869205393),
}


def test_delayed_entry_against_r():
    """R: ``survfit(Surv(c(0,0,1,2,0,3,1,4,0,2), c(3,5,4,6,7,6,2,8,8,9), c(1,0,1,1,0,1,1,0,1,1)) ~ 1)``."""
    points = {point.day: point for point in kaplan_meier(life(DELAYED), LEVEL)}
    for day, expected in R_DELAYED.items():
        assert numbers(points[day]) == pytest.approx(expected, rel=1e-12)


MGUS2 = [
    (1, 1384, 24, 235), (2, 1123, 14, 148), (3, 956, 16, 123), (4, 767, 17, 105), (5, 578, 12, 87), (6, 422, 9, 62),
    (7, 312, 10, 42), (8, 214, 4, 26), (9, 142, 2, 12), (10, 87, 2, 8), (11, 55, 1, 6), (12, 32, 1, 3), (13, 19, 1, 0),
    (14, 13, 0, 2), (15, 7, 1, 0), (16, 3, 1, 0), (17, 2, 0, 0), (18, 1, 0, 1),
]  # fmt: skip
"""Monoclonal gammopathy (R's survival::mgus2) in steps of 24 months: step, at risk, plasma cell malignancy, death."""

R_MALIGNANCY = {
    1: (0.0173410404624277, 0.00350889958316855, 0.0114322737944591, 0.0253021556549143),
    3: (0.0391165168774123, 0.00521808583157931, 0.0297924133889995, 0.0502863511282119),
    5: (0.0626710176525895, 0.00667924110522953, 0.0504476062301003, 0.0766387305223872),
    10: (0.0965115613602903, 0.00929671583988245, 0.0792836870135269, 0.1157045167657978),
    15: (0.1306066764632637, 0.02050346156557903, 0.0936937130471047, 0.1737734074658912),
}
R_DEATH = {
    1: (0.169797687861272, 0.0100922920660336, 0.150535803337268, 0.190063453159441),
    3: (0.366421305583238, 0.0129703637797160, 0.341023996811423, 0.391826283568673),
    5: (0.523046801600805, 0.0138681478080655, 0.495498256616483, 0.549829843114342),
    10: (0.706515383707158, 0.0152512908868046, 0.675431548032600, 0.735226929891993),
    15: (0.766042279329211, 0.0212476430989818, 0.721211615770145, 0.804655951047732),
}


@pytest.mark.parametrize(("turn", "expected"), [(False, R_MALIGNANCY), (True, R_DEATH)])
def test_aalen_johansen_against_r(turn, expected):
    """R 4.2.2, survival 3.5-3: ``summary(survfit(Surv(t, factor(e, 0:2)) ~ 1, conf.type = "log-log"))``.

    With ``t <- ceiling(pmax(1, ifelse(pstat == 0, futime, ptime)) / 24)`` and
    ``e <- ifelse(pstat == 0, 2 * death, 1)`` of mgus2.
    """
    table = [(step, n, d2, d1) if turn else (step, n, d1, d2) for step, n, d1, d2 in MGUS2]
    points = {point.day: point for point in aalen_johansen(life(table), LEVEL)}
    for step, numbers_of_r in expected.items():
        assert numbers(points[step]) == pytest.approx(numbers_of_r, rel=1e-11)


def test_the_curves_of_all_causes_and_survival_make_one():
    turned = [(step, n, d2, d1) for step, n, d1, d2 in MGUS2]
    either = [(step, n, d1 + d2) for step, n, d1, d2 in MGUS2]
    curves = (
        aalen_johansen(life(MGUS2), LEVEL),
        aalen_johansen(life(turned), LEVEL),
        kaplan_meier(life(either), LEVEL),
    )
    for one, other, free in zip(*curves, strict=True):
        assert one.estimate + other.estimate + free.estimate == pytest.approx(1, abs=1e-14)


MADE = [
    (1, 12, 1, 0),
    (2, 11, 0, 1),
    (3, 9, 2, 0),
    (4, 7, 0, 0),
    (5, 6, 1, 1),
    (6, 4, 0, 0),
    (7, 3, 1, 0),
    (8, 2, 0, 1),
]


def test_variance_is_the_sum_that_it_stands_for():
    """The sum over all earlier days, written out; R's standard errors for the same twelve persons beside it."""
    r_errors = [0.0797855923130282, 0.0797855923130282, 0.1330476047980901, 0.1330476047980901, 0.1507052409078101,
                0.1507052409078101, 0.1689882452317867, 0.1689882452317867]  # fmt: skip
    for number, (point, r_error) in enumerate(zip(aalen_johansen(life(MADE), LEVEL), r_errors, strict=True), start=1):
        assert point.std_error == pytest.approx(sqrt(_variance(MADE[:number], point.estimate)), rel=1e-13)
        assert point.std_error == pytest.approx(r_error, rel=1e-12)


def _variance(rows, now):
    free, then, whole = 1.0, 0.0, 0.0
    for _, n, d, other in rows:
        c, then = d + other, then + free * d / n
        whole += (now - then) ** 2 * c / (n * (n - c))
        whole += free**2 * d * (n - d) / n**3 - 2 * (now - then) * free * d / n**2
        free *= 1 - c / n
    return whole


def test_without_competing_events_incidence_is_one_less_survival():
    """The Greenwood-type variance is Greenwood's then, and the limits mirror each other on the plain scale."""
    down, up = kaplan_meier(life(VETERAN), LEVEL, "plain"), aalen_johansen(life(VETERAN), LEVEL, "plain")
    for fall, rise in zip(down, up, strict=True):
        assert rise.estimate == pytest.approx(1 - fall.estimate, abs=1e-14)
        if fall.std_error is not None:
            assert rise.std_error == pytest.approx(fall.std_error, rel=1e-10)
            assert (rise.low, rise.high) == pytest.approx((1 - fall.high, 1 - fall.low), abs=1e-12)


def test_nothing_has_happened_yet():
    points = list(kaplan_meier(life([(1, 5, 0), (2, 0, 0), (3, 5, 1)]), LEVEL))
    assert [point.day for point in points] == [1, 3]
    assert numbers(points[0]) == (1, 0, 1, 1)
    assert numbers(next(aalen_johansen(life([(1, 5, 0, 2)]), LEVEL))) == (0, 0, 0, 0)
    assert numbers(next(aalen_johansen(life([(1, 5, 5)]), LEVEL))) == (1, None, None, None)


@pytest.mark.parametrize("rows", [[(2, 5, 1), (2, 4, 1)], [(1, 5, 6)], [(1, 5, 3, 3)], [(1, 5, -1)], [(1, 0, 1)]])
def test_a_table_that_cannot_be_is_refused(rows):
    with pytest.raises(ValueError, match="day"):
        list(kaplan_meier(life(rows), LEVEL))
