"""Contestant: the same numbers from a program in polars, tuned. Its rules come with the job.

Tuned means: days are whole numbers; persons are numbered by their place in the file; what would be a window function
over each person is one running maximum over all of them (the group is put into the high digits); an as-of join finds
the next switch; each cell of a stratifier is one filter over all spans rather than a row for each piece.

Run as ``python -m tests.benchmarks.polars_program JOB``, with POLARS_MAX_THREADS set.
"""

from __future__ import annotations

import json
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from tests.benchmarks.polars_days import (
    DIGIT,
    EVER,
    Registry,
    birthday,
    clean_windows,
    collapsed,
    day,
    day_of,
    from_day,
    gather,
    inside,
    matches,
    outside,
    person_no,
    runs,
    to_day,
    united,
    with_cover,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

Way = tuple[str, ...]
"""Stratifiers that change with time, by which a margin splits it."""


def main() -> None:
    """Count, and write the cells as CSV."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    counted = Count(Registry(Path(job["data"])), job["plan"]).cells()
    counted.write_csv(job["result"], quote_style="never")


class Count:
    """One registry counted by one plan, from top to bottom."""

    def __init__(self, registry: Registry, plan: dict[str, Any]) -> None:
        self.registry, self.plan = registry, plan
        self.cut = day(plan["cut"])
        self.cohorts = list(plan["cohorts"])
        self.width = len(self.cohorts)
        self.sources = sorted({o["source"] for o in plan["outcomes"].values()})

    def per_cohort(self, key: str) -> pl.Expr:
        """A number that each cohort has of its own, by cohort number ``e``."""
        return pl.col("e").replace_strict(dict(enumerate(self.plan["cohorts"][c][key] for c in self.cohorts)))

    # --- exposure

    @cached_property
    def treatment(self) -> pl.DataFrame:
        """Episodes with person, substance, cohort number (missing: no cohort's substance)."""
        cohort_of = {s: n for n, c in enumerate(self.cohorts) for s in self.plan["cohorts"][c]["substances"]}
        rows = self.registry.table(
            "treatment", person_id="person_id", substance="substance", start="start_date", end="stop_date"
        )
        known = rows.with_columns(
            end=to_day.fill_null(self.cut), e=pl.col("substance").replace_strict(cohort_of, default=None)
        )
        return self.registry.numbered(known).collect()

    @cached_property
    def spans(self) -> pl.DataFrame:
        """Episodes of cohorts in order, numbered by era."""
        of_cohort = self.treatment.filter(pl.col("e").is_not_null()).drop("substance")
        keyed = of_cohort.with_columns(g=person_no * self.width + pl.col("e"))
        ordered = with_cover(keyed.sort("g", "start", "end"))
        gap = from_day - pl.col("covered") - 1
        begins = pl.col("covered").is_null() | (gap > self.per_cohort("gap_days")) | pl.col("broken")
        marked = self._with_broken(ordered, gap).with_columns(begins=begins)
        return marked.with_columns(era=pl.col("begins").cum_sum() - 1)

    def _with_broken(self, spans: pl.DataFrame, gap: pl.Expr) -> pl.DataFrame:
        """Mark gaps that would be bridged, had another exposure no day in them."""
        rows = spans.with_row_index("row")
        pairs = {n * self.width + self.cohorts.index(o) for n, c in enumerate(self.cohorts) for o in self.others(c)}
        open_gaps = rows.filter((gap > 0) & (gap <= self.per_cohort("gap_days"))).select(
            "row", "p", "e", "start", "covered"
        )
        inside = open_gaps.join(spans.select("p", "e", "start", "end"), on="p", suffix="_of_other").filter(
            (pl.col("e") * self.width + pl.col("e_of_other")).is_in(pairs)
            & (pl.col("start_of_other") < from_day) & (to_day > pl.col("covered"))
        )  # fmt: skip
        return rows.with_columns(broken=pl.col("row").is_in(inside["row"].implode())).drop("row")

    def others(self, cohort: str) -> list[str]:
        """Exposures that share no substance with this one."""
        return list(self.plan["cohorts"][cohort]["others"])

    @cached_property
    def eras(self) -> pl.DataFrame:
        """Eras, and whether each is the person's first of its exposure."""
        return runs(self.spans, pl.col("begins")).with_columns(is_first=pl.col("covered").is_null())

    @cached_property
    def switches(self) -> pl.DataFrame:
        """Days that end a window of a cohort, as one sorted number of cohort, person and day."""
        eras = self.eras.select("p", "e", "start")
        parts = []
        for number, cohort in enumerate(self.cohorts):
            others = [self.cohorts.index(o) for o in self.others(cohort)]
            parts.append(eras.filter(pl.col("e").is_in(others)).select(self._era_key(number)))
            parts.append(self._substance_starts(cohort).select(self._era_key(number)))
        return pl.concat(parts).sort("key").with_columns(switch=pl.col("key"))

    def _era_key(self, cohort: int | pl.Expr) -> pl.Expr:
        people = self.registry.person.height
        return ((person_no + cohort * people) * DIGIT + from_day).alias("key")

    def _substance_starts(self, cohort: str) -> pl.DataFrame:
        """First days of unbroken treatment with a substance that neither this cohort nor one beside it covers."""
        covered = list(self.plan["cohorts"][cohort]["covered"])
        rest = self.treatment.filter(~pl.col("substance").is_in(covered))
        numbers = pl.col("substance").rank("dense").cast(pl.Int64)
        return united(rest.select("p", "start", "end", g=person_no * 1000 + numbers))

    # --- cohorts

    @cached_property
    def observation(self) -> pl.DataFrame:
        """Unbroken observation."""
        rows = self.registry.table("observation_period", person_id="person_id", start="start_date", end="end_date")
        return united(self.registry.numbered(rows).with_columns(g=person_no).collect())

    @cached_property
    def entries(self) -> pl.DataFrame:
        """Persons of each cohort with the day of entry: the first era of the period, if it meets every criterion."""
        first, last = (day(d) for d in self.plan["period"])
        candidates = self.eras.filter(from_day.is_between(first, last)).select(
            "p", "e", "g", "is_first", entry=from_day
        )
        candidates = candidates.filter(pl.col("g") != pl.col("g").shift(1, fill_value=-1)).filter("is_first")
        disease = self.registry.table("disease", person_id="person_id", diagnosis="diagnosis_date")
        people = self.registry.person.select("p", "birth", "sex", "entered", "death", "last")
        known = candidates.join(people, on="p", maintain_order="left").join(
            self.registry.numbered(disease).collect(), on="p", how="left", maintain_order="left"
        )
        entry = pl.col("entry")
        able = known.filter((pl.col("diagnosis") <= entry) & (birthday(self.plan["adult"]) <= entry))
        seen = able.select("g", "p", "entry").join(self.observation.select("p", "start", "end"), on="p")
        seen = seen.filter((from_day <= entry - self.plan["observed_days"]) & (to_day >= entry))
        return able.filter(pl.col("g").is_in(seen["g"].implode())).drop("is_first", "diagnosis")

    # --- time at risk

    @cached_property
    def windows(self) -> pl.DataFrame:
        """Spans of those who entered, extended and cut at the next switch after their era's first day."""
        eras = self.eras.select("era", "p", "e", "start").with_columns(self._era_key(pl.col("e"))).sort("key")
        found = eras.join_asof(self.switches, on="key", strategy="forward")
        same = pl.col("switch") // DIGIT == pl.col("key") // DIGIT
        switch = pl.when(same).then(day_of(pl.col("switch"))).otherwise(pl.lit(EVER, pl.Int32))
        switch_of = found.with_columns(switch=switch).sort("era").select("switch", begun="start")
        entered = self.spans.join(self.entries.select("g", "entry"), on="g", maintain_order="left")
        laid_out = entered.select(
            "p", "e", "g", "start", end=to_day + self.per_cohort("extension_days"),
            switch=gather(switch_of["switch"], "era"),
            begun=gather(switch_of["begun"], "era"),
        )  # fmt: skip
        ended = laid_out.filter(pl.col("switch") > pl.col("begun")).with_columns(
            end=pl.min_horizontal("end", pl.col("switch") - 1)
        )
        return ended.filter(from_day <= to_day).select("g", "p", "e", "start", "end")

    def periods(self, source: str) -> pl.DataFrame:
        """Windows inside the follow-up of one source of outcomes, united."""
        observed = self.entries.join(self.observation.select("p", "start", "end"), on="p")
        ends = ["end", pl.lit(self.cut), "death"] + (["last"] if source == "adverse_event" else [])
        follow_up = observed.select(
            "g",
            seen_from=pl.max_horizontal("start", "entry", "entered", day(self.plan["period"][0])),
            seen_to=pl.min_horizontal(ends),
        )
        both = self.windows.join(follow_up, on="g").select(
            "g", "p", "e", start=pl.max_horizontal("start", "seen_from"), end=pl.min_horizontal("end", "seen_to")
        )
        return united(both.filter(from_day <= to_day))

    # --- outcomes

    def events(self, outcome: dict[str, Any]) -> pl.DataFrame:
        """Clinical events of an outcome: person, onset ``start`` and end."""
        if outcome["source"] == "death":
            died = self.registry.person.filter(pl.col("death").is_not_null())
            return died.select("p", start="death", end="death")
        events = collapsed(self.reports(outcome), outcome["same_event_days"])
        return events.filter("serious").drop("serious") if outcome["serious"] else events.drop("serious")

    def reports(self, outcome: dict[str, Any]) -> pl.DataFrame:
        """Reports on an outcome's code list. The list is held against each distinct code once."""
        rows = self.registry.table(
            "event_report", person_id="person_id", system="system", code="code", start="onset_date", end="end_date",
            serious="serious",
        )  # fmt: skip
        distinct = rows.select("system", "code").unique().collect()
        listed = [(s, c) for s, c in distinct.iter_rows() if any(matches(s, c, *rule) for rule in outcome["codes"])]
        wanted = pl.LazyFrame(listed, schema=["system", "code"], orient="row")
        found = rows.join(wanted, on=["system", "code"], how="semi").drop("system", "code")
        return self.registry.numbered(found.with_columns(pl.col("serious") == "yes")).collect().sort("p", "start")

    def placed(self, outcome: dict[str, Any]) -> pl.DataFrame:
        """What is to be put into cells: days at risk, days of a window that are not, and counted events.

        One row an interval, with weights for what it adds to: ``in_window``, ``at_risk``, ``events``, ``first_events``.
        """
        periods, events = self.periods(outcome["source"]), self.events(outcome)
        if outcome["exclude_prior"]:
            periods = self._without_prior(periods, events)
        counted = periods.join(events.select("p", onset="start"), on="p").filter(
            pl.col("onset").is_between(from_day, to_day)
        )
        counted = counted.select("g", "p", "e", start="onset", end="onset").sort("g", "start")
        clean = clean_windows(events, outcome["clean_window_days"]) if outcome["recurrent"] else None
        if clean is not None:
            counted = outside(counted, clean)
        counted = counted.with_columns(is_first=pl.col("g") != pl.col("g").shift(1, fill_value=-1))
        firsts = counted.filter("is_first").select("g", first="start")
        known = periods.join(firsts, on="g", how="left", maintain_order="left").with_columns(
            pl.col("first").fill_null(EVER)
        )
        if clean is None:
            counted = counted.filter("is_first")
            at_risk = known.with_columns(end=pl.min_horizontal("end", "first")).filter(from_day <= to_day)
            off = known.with_columns(start=pl.max_horizontal("start", pl.col("first") + 1)).filter(from_day <= to_day)
        else:
            at_risk, off = without(known, clean), inside(known, clean)
        return pl.concat(
            [
                weighted(at_risk, in_window=1, at_risk=1),
                weighted(off, in_window=1),
                weighted(counted, events=1)
                .with_columns(first_events=pl.col("is_first").cast(pl.Int8))
                .drop("is_first"),
            ],
            how="diagonal",
        )

    def _without_prior(self, periods: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
        """Periods of those without an event before their first day."""
        first_days = periods.filter(pl.col("g") != pl.col("g").shift(1, fill_value=-1)).select("g", "p", day="start")
        prior = first_days.join(events.select("p", onset="start"), on="p").filter(pl.col("onset") < pl.col("day"))
        return periods.filter(~pl.col("g").is_in(prior["g"].unique().implode()))

    # --- cells

    def cells(self) -> pl.DataFrame:
        """Every cell of every margin, with every number, sorted by its names."""
        parts = [
            self.outcome_cells(outcome).with_columns(outcome=pl.lit(name))
            for name, outcome in self.plan["outcomes"].items()
        ]
        names = pl.col("e").replace_strict(dict(enumerate(self.cohorts)))
        key = ["cohort", "outcome", "stratum", "level"]
        every = pl.concat(parts).with_columns(cohort=names)
        return every.select(*key, pl.exclude(*key, "e")).sort(key)

    def outcome_cells(self, outcome: dict[str, Any]) -> pl.DataFrame:
        """Cells of one outcome, each way of splitting time once for all margins that need it."""
        placed = self.placed(outcome)
        margins = self.plan["margins"]
        way_of = {name: tuple(s for s in margin if s != "sex") for name, margin in margins.items()}
        found = []
        for way in dict.fromkeys(way_of.values()):
            cells = self.split(self.with_edges(placed, way), way)
            found += [margin_cells(cells, name, margins[name]) for name, of in way_of.items() if of == way]
        return pl.concat(found)

    def with_edges(self, spans: pl.DataFrame, way: tuple[str, ...]) -> pl.DataFrame:
        """Spans with what splitting them needs: sex, and the first day of each of the person's cells."""
        wanted = self.entries.select("g", "sex", "entry", "birth")
        if "age" in way:
            edges = sorted({edge for _, *pair in self.plan["cells"]["age"] for edge in pair})
            wanted = wanted.with_columns(birthday(edge).alias(f"age{edge}") for edge in edges)
        return spans.join(wanted.drop("birth"), on="g", maintain_order="left")

    def split(self, placed: pl.DataFrame, way: Way) -> pl.DataFrame:
        """Sums by cohort, sex and the cells of one way of splitting time."""
        asked = [
            sums(part).with_columns(pl.lit(label).alias(s) for s, label in labels.items())
            for labels, part in self.leaves(placed.lazy(), way, {})
        ]
        return pl.concat(pl.collect_all(asked))

    def leaves(
        self, spans: pl.LazyFrame, way: tuple[str, ...], labels: dict[str, str]
    ) -> Iterator[tuple[dict[str, str], pl.LazyFrame]]:
        """For every cell, what lies in it."""
        if not way:
            yield labels, spans
            return
        for label, low, high in self.plan["cells"][way[0]]:
            begin, end = cell_edge(way[0], low), cell_edge(way[0], high)
            part = spans.filter((from_day < end) & (to_day >= begin)).with_columns(
                start=pl.max_horizontal("start", begin), end=pl.min_horizontal("end", end - 1)
            )
            deeper = part.collect().lazy() if way[1:] else part
            yield from self.leaves(deeper, way[1:], {**labels, way[0]: label})


def weighted(rows: pl.DataFrame, **weights: int) -> pl.DataFrame:
    """Rows with what each adds to."""
    every = {"in_window": 0, "at_risk": 0, "events": 0, "first_events": 0, **weights}
    return rows.with_columns(pl.lit(weight, pl.Int8).alias(name) for name, weight in every.items())


def days_of(weight: str, end: pl.Expr = to_day) -> pl.Expr:
    """Sum of days, up to an end, of the rows that add to something."""
    return ((end - from_day + 1).clip(0).cast(pl.Int64) * pl.col(weight)).sum()


UP_TO_FIRST = pl.min_horizontal("end", "first")


def sums(part: pl.LazyFrame) -> pl.LazyFrame:
    """Numbers of one cell: each person's totals, then their sums and sums of squares."""
    person = part.group_by("g").agg(
        pl.col("e").first(),
        pl.col("sex").first(),
        pl.col("events", "first_events").cast(pl.Int64).sum(),
        window_days=days_of("in_window"),
        person_days=days_of("at_risk"),
        first_event_days=days_of("at_risk", UP_TO_FIRST),
    )
    events, days, window = pl.col("events"), pl.col("person_days"), pl.col("window_days")
    return person.group_by("e", "sex").agg(
        pl.col("first_events", "events", "window_days", "person_days", "first_event_days").sum(),
        persons=(days > 0).sum().cast(pl.Int64),
        persons_with_event=(events > 0).sum().cast(pl.Int64),
        sum_e2=(events * events).sum(),
        sum_et=(events * days).sum(),
        sum_t2=(days * days).sum(),
        sum_fw=(pl.col("first_events") * window).sum(),
        sum_w2=(window * window).sum(),
    )


def margin_cells(cells: pl.DataFrame, name: str, margin: list[str]) -> pl.DataFrame:
    """Cells of one margin: sums over what it does not name."""
    numbers = [c for c, kind in cells.schema.items() if kind == pl.Int64 and c != "e"]
    summed = cells.group_by("e", *margin).agg(pl.col(numbers).sum())
    level = pl.concat_str(margin, separator="*") if margin else pl.lit("")
    return summed.select("e", *numbers, stratum=pl.lit(name), level=level)


def cell_edge(stratum: str, edge: int) -> pl.Expr:
    """First day of a cell, in whole days since 1970."""
    if stratum == "age":
        return pl.col(f"age{edge}")
    return pl.lit(day(f"{edge}-01-01")) if stratum == "calendar" else pl.col("entry") + edge


if __name__ == "__main__":
    main()
