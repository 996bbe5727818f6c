"""Who is at risk at each death: rows with start and stop, in strata, as places in running sums.

Rows are ordered by stratum and time once; a sum over a risk set is then a difference of two running sums, at places
found beforehand. Deaths stand in order of stratum and time, tied ones beside each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[Any]


@dataclass(frozen=True)
class Deaths:
    """D deaths in order. ``rows``: whose (D). ``time``: number of the death time each belongs to (D), from 0.

    ``first``: place of the first death of each time (T). ``share``: l / d under Efron, 0 under Breslow (D).
    ``weight``: mean weight of the dying of its time (D). ``key``: stratum and time of each death time, in one number
    (T).
    """

    rows: Vector
    time: Vector
    first: Vector
    share: Vector
    weight: Vector
    key: Vector


@dataclass(frozen=True)
class RiskSets:
    """How rows and deaths lie to each other. ``stratum``: number of each row's (n)."""

    rows: int
    weights: Vector
    stratum: Vector
    deaths: Deaths
    by_stop: Vector
    by_start: Vector | None
    stop_places: Vector
    start_places: Vector | None
    last_death: Vector
    deaths_before: Vector | None
    ends: Vector

    def at_deaths(self, values: Vector) -> Vector:
        """Sums of rows' values (n x q) over the risk set of each death (D x q), less the share of the dying."""
        import numpy as np

        deaths = self.deaths
        sums = _sums_from(values[self.by_stop], self.stop_places, self.ends)
        if self.by_start is not None and self.start_places is not None:
            sums = sums - _sums_from(values[self.by_start], self.start_places, self.ends)
        dying = np.add.reduceat(values[deaths.rows], deaths.first, axis=0)
        return np.asarray(sums[deaths.time] - deaths.share[:, None] * dying[deaths.time])

    def lived_through(self, values: Vector) -> Vector:
        """Sums of deaths' values (D or D x q) over the deaths that each row was at risk for (n or n x q).

        A death among tied ones bears the share 1 - l / d of its own time alone.
        """
        import numpy as np

        deaths = self.deaths
        running = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)])
        found = running[self.last_death]
        if self.deaths_before is not None:
            found = found - running[self.deaths_before]
        else:
            found = found - running[self._before_stratum]
        share = deaths.share.reshape(-1, *[1] * (values.ndim - 1))
        spared = np.add.reduceat(values * share, deaths.first, axis=0)
        found[deaths.rows] -= spared[deaths.time]
        return np.asarray(found)

    def mean_of_time(self, values: Vector) -> Vector:
        """Means of deaths' values (D x q) over the deaths of one time, for each death (D x q)."""
        import numpy as np

        deaths = self.deaths
        size = np.bincount(deaths.time)
        return np.asarray((np.add.reduceat(values, deaths.first, axis=0) / size[:, None])[deaths.time])

    def stratum_means(self, values: Vector) -> Vector:
        """Mean of rows' values (n x q) within each row's stratum (n x q)."""
        import numpy as np

        size = np.bincount(self.stratum)
        sums = np.zeros((len(size), values.shape[1]))
        np.add.at(sums, self.stratum, values)
        return np.asarray((sums / size[:, None])[self.stratum])

    @property
    def _before_stratum(self) -> Vector:
        """Deaths in strata before a row's own (n)."""
        import numpy as np

        counts = np.bincount(self.stratum[self.deaths.rows], minlength=int(self.stratum.max()) + 1)
        return np.asarray(np.concatenate([[0], np.cumsum(counts)[:-1]])[self.stratum])


def lay_out(
    stop: ArrayLike,
    event: ArrayLike,
    start: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    *,
    efron: bool = True,
) -> RiskSets:
    """Order rows and deaths.

    Raises:
        ValueError: shapes that do not fit, a stop not after its start, an event other than 0 and 1, a weight not
        above 0.
    """
    import numpy as np

    t, d, begin, w = _checked(stop, event, start, weights)
    n = len(t)
    stratum = (
        np.zeros(n, dtype=int) if strata is None else np.unique(np.asarray(strata), return_inverse=True)[1].ravel()
    )
    every = np.unique(t if begin is None else np.concatenate([t, begin]))
    width = len(every) + 1
    stop_key = stratum * width + np.searchsorted(every, t)
    by_stop = np.argsort(stop_key, kind="stable")
    deaths = _deaths(by_stop[d[by_stop] == 1], stop_key, w, efron=efron)
    death_times = stop_key[deaths.rows]
    ends = np.searchsorted(np.sort(stratum), deaths.key // width, side="right")
    sorted_stop = stop_key[by_stop]
    by_start = start_places = before = None
    if begin is not None:
        start_key = stratum * width + np.searchsorted(every, begin)
        by_start = np.argsort(start_key, kind="stable")
        start_places = np.searchsorted(start_key[by_start], deaths.key)
        before = np.searchsorted(death_times, start_key, side="right")
    return RiskSets(
        rows=n, weights=w, stratum=stratum, deaths=deaths, by_stop=by_stop, by_start=by_start,
        stop_places=np.searchsorted(sorted_stop, deaths.key), start_places=start_places,
        last_death=np.searchsorted(death_times, stop_key, side="right"), deaths_before=before, ends=ends,
    )  # fmt: skip


def _deaths(rows: Vector, stop_key: Vector, w: Vector, *, efron: bool) -> Deaths:
    import numpy as np

    key, first, time, size = np.unique(stop_key[rows], return_index=True, return_inverse=True, return_counts=True)
    time = time.ravel()
    within = np.arange(len(rows)) - first[time] if len(rows) else np.zeros(0)
    share = within / size[time] if efron and len(rows) else np.zeros(len(rows))
    weight = np.bincount(time, weights=w[rows], minlength=len(key))[time] / size[time] if len(rows) else np.zeros(0)
    return Deaths(rows, time, first, share, weight, key)


def _checked(
    stop: ArrayLike, event: ArrayLike, start: ArrayLike | None, weights: ArrayLike | None
) -> tuple[Vector, Vector, Vector | None, Vector]:
    import numpy as np

    t, d = np.asarray(stop, dtype=float), np.asarray(event, dtype=float)
    begin = None if start is None else np.asarray(start, dtype=float)
    w = np.ones(len(t)) if weights is None else np.asarray(weights, dtype=float)
    if t.ndim != 1 or not len(t) or any(a is not None and a.shape != t.shape for a in (d, begin, w)):
        raise ValueError("as many events, starts and weights as stop times are needed, and one row at least")
    if not np.isfinite(t).all() or not np.isin(d, (0, 1)).all() or not (np.isfinite(w) & (w > 0)).all():
        raise ValueError("times must be finite, events 0 or 1, weights above 0")
    if begin is not None and not (begin < t).all():
        raise ValueError("each row must stop after it starts")
    return t, d.astype(int), begin, w


def _sums_from(ordered: Vector, places: Vector, ends: Vector) -> Vector:
    """Sums of ordered values (n x q) from each place up to its end (T x q)."""
    import numpy as np

    running = np.concatenate([np.zeros((1, ordered.shape[1])), np.cumsum(ordered, axis=0)])
    return np.asarray(running[ends] - running[places])
