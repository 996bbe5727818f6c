"""Contestant: the same numbers from a program in pandas and numpy, without a loop over persons.

Files are read and joined with pandas; the rest is arrays of whole days, with one running maximum or one binary search
for all groups at once, and one mask for each cell of a stratifier.

Run as ``python -m tests.benchmarks.numpy_program JOB``.
"""

from __future__ import annotations

import json
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from tests.benchmarks.numpy_days import (
    EVER,
    NONE,
    Array,
    begins_group,
    birthday,
    clean_windows,
    collapsed,
    day,
    inside,
    key_of,
    matches,
    next_day,
    outside,
    read_table,
    runs,
    united,
    with_cover,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

Way = tuple[str, ...]
"""Stratifiers that change with time, by which a margin splits it."""

WEIGHTS = ("in_window", "at_risk", "events", "first_events")


def main() -> None:
    """Count, and write the cells as CSV."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Count(Path(job["data"]), job["plan"]).cells().to_csv(job["result"], index=False, lineterminator="\n")


class Count:
    """One registry counted by one plan, from top to bottom."""

    def __init__(self, folder: Path, plan: dict[str, Any]) -> None:
        self.folder, self.plan = folder, plan
        self.cut = day(plan["cut"])
        self.cohorts = list(plan["cohorts"])
        self.width = len(self.cohorts)

    def per_cohort(self, key: str) -> Array:
        """A number that each cohort has of its own, by cohort number."""
        return np.array([self.plan["cohorts"][c][key] for c in self.cohorts])

    def others(self, cohort: str) -> list[int]:
        """Numbers of the exposures that share no substance with this one."""
        return [self.cohorts.index(o) for o in self.plan["cohorts"][cohort]["others"]]

    @cached_property
    def person(self) -> pd.DataFrame:
        """Persons in the order of the file: the number of a row is the number of the person."""
        return read_table(
            self.folder, "person", person_id="person_id", birth="birth_date", sex="sex",
            entered="registry_entry_date", death="death_date", last="last_contact_date",
        )  # fmt: skip

    @cached_property
    def _ids(self) -> Any:
        return pd.Index(self.person["person_id"])

    def numbered(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows with the number of their person instead of the pseudonym."""
        return rows.assign(p=self._ids.get_indexer(rows["person_id"])).drop(columns="person_id")

    # --- exposure

    @cached_property
    def treatment(self) -> pd.DataFrame:
        """Episodes with person, substance and cohort number (none: no cohort's substance)."""
        rows = self.numbered(
            read_table(
                self.folder,
                "treatment",
                person_id="person_id",
                substance="substance",
                start="start_date",
                end="stop_date",
            )
        )
        cohort_of = {s: n for n, c in enumerate(self.cohorts) for s in self.plan["cohorts"][c]["substances"]}
        numbers, names = pd.factorize(rows["substance"])
        cohorts = np.array([cohort_of.get(name, NONE) for name in names])
        going_on = rows["end"] == EVER
        return rows.assign(end=rows["end"].mask(going_on, self.cut), number=numbers, e=cohorts[numbers])

    @cached_property
    def spans(self) -> pd.DataFrame:
        """Episodes of cohorts in order, numbered by era."""
        rows = self.treatment.loc[self.treatment["e"] != NONE, ["p", "e", "start", "end"]]
        ordered = with_cover(rows.assign(g=rows["p"] * self.width + rows["e"]))
        gap = ordered["start"] - ordered["covered"] - 1
        too_long = gap > self.per_cohort("gap_days")[ordered["e"]]
        begins = (ordered["covered"] == NONE) | too_long | self._broken(ordered)
        return ordered.assign(begins=begins, era=np.cumsum(begins) - 1)

    def _broken(self, spans: pd.DataFrame) -> pd.Series:
        """Gaps that would be bridged, had another exposure no day in them."""
        gaps = spans[(spans["covered"] != NONE) & (spans["start"] > spans["covered"] + 1)].reset_index(names="row")
        both = gaps.merge(spans[["p", "e", "start", "end"]], on="p", suffixes=("", "_of_other"))
        pairs = np.array([[o in self.others(c) for o in range(self.width)] for c in self.cohorts])
        in_gap = (both["start_of_other"] < both["start"]) & (both["end_of_other"] > both["covered"])
        found = both[pairs[both["e"], both["e_of_other"]] & in_gap]
        return spans.index.to_series().isin(found["row"])

    @cached_property
    def eras(self) -> pd.DataFrame:
        """Eras, and whether each is the person's first of its exposure."""
        eras = runs(self.spans, self.spans["begins"].to_numpy())
        return eras.assign(is_first=eras["covered"] == NONE)

    def switch_keys(self, cohort: str) -> Array:
        """Persons and days that end a window of a cohort, sorted."""
        eras = self.eras[self.eras["e"].isin(self.others(cohort))]
        rest = self.treatment[~self.treatment["substance"].isin(list(self.plan["cohorts"][cohort]["covered"]))]
        starts = united(rest[["p", "start", "end"]].assign(g=rest["p"] * 1000 + rest["number"]))
        return np.sort(
            np.concatenate([key_of(rows["p"].to_numpy(), rows["start"].to_numpy()) for rows in (eras, starts)])
        )

    # --- cohorts

    @cached_property
    def observation(self) -> pd.DataFrame:
        """Unbroken observation."""
        rows = read_table(self.folder, "observation_period", person_id="person_id", start="start_date", end="end_date")
        known = self.numbered(rows)
        return united(known.assign(g=known["p"]))

    @cached_property
    def entries(self) -> pd.DataFrame:
        """Persons of each cohort with the day of entry: the first era of the period, if it meets every criterion."""
        first, last = (day(d) for d in self.plan["period"])
        eras = self.eras[(self.eras["start"] >= first) & (self.eras["start"] <= last)]
        eras = eras[begins_group(eras["g"].to_numpy()) & eras["is_first"].to_numpy()]
        diagnosis = np.full(len(self.person), EVER)
        disease = self.numbered(read_table(self.folder, "disease", person_id="person_id", diagnosis="diagnosis_date"))
        diagnosis[disease["p"]] = disease["diagnosis"]
        entry = eras["start"].to_numpy()
        adult = birthday(self.person["birth"].to_numpy()[eras["p"]], self.plan["adult"]) <= entry
        able = eras[(diagnosis[eras["p"]] <= entry) & adult]
        candidates = able[["g", "p", "e"]].assign(entry=able["start"])
        seen = candidates.merge(self.observation[["p", "start", "end"]], on="p")
        whole = (seen["start"] <= seen["entry"] - self.plan["observed_days"]) & (seen["end"] >= seen["entry"])
        entered: pd.DataFrame = seen.loc[whole, ["g", "p", "e", "entry"]]
        return entered

    # --- time at risk

    @cached_property
    def windows(self) -> pd.DataFrame:
        """Spans of those who entered, extended and cut at the next switch after their era's first day."""
        spans = self.spans[self.spans["g"].isin(self.entries["g"])]
        begun = self.eras["start"].to_numpy()
        switch = np.full(len(begun), EVER)
        for number, cohort in enumerate(self.cohorts):
            own = (self.eras["e"] == number).to_numpy()
            switch[own] = next_day(self.switch_keys(cohort), self.eras["p"].to_numpy()[own], begun[own])
        apart = spans[(switch > begun)[spans["era"]]]
        end = np.minimum(apart["end"] + self.per_cohort("extension_days")[apart["e"]], switch[apart["era"]] - 1)
        cut = apart[["g", "p", "e", "start"]].assign(end=end)
        return cut[cut["start"] <= cut["end"]]

    def periods(self, source: str) -> pd.DataFrame:
        """Windows inside the follow-up of one source of outcomes, united."""
        seen = self.entries.merge(self.observation[["p", "start", "end"]], on="p")
        person = self.person.iloc[seen["p"]].reset_index(drop=True)
        starts = pd.concat([seen["start"], seen["entry"], person["entered"]], axis=1)
        seen["seen_from"] = starts.max(axis=1).clip(lower=day(self.plan["period"][0]))
        ends = ["death"] + (["last"] if source == "adverse_event" else [])
        seen["seen_to"] = pd.concat([seen["end"], person[ends]], axis=1).min(axis=1).clip(upper=self.cut)
        both = self.windows.merge(seen[["g", "seen_from", "seen_to"]], on="g")
        both["start"] = np.maximum(both["start"], both["seen_from"])
        both["end"] = np.minimum(both["end"], both["seen_to"])
        return united(both.loc[both["start"] <= both["end"], ["g", "p", "e", "start", "end"]])

    # --- outcomes

    def events(self, outcome: dict[str, Any]) -> pd.DataFrame:
        """Clinical events of an outcome: person, onset ``start`` and end."""
        if outcome["source"] == "death":
            died = self.person.loc[self.person["death"] != EVER, "death"]
            return pd.DataFrame({"p": died.index.to_numpy(), "start": died.to_numpy(), "end": died.to_numpy()})
        events = collapsed(self.reports(outcome), outcome["same_event_days"])
        return events[events["serious"] | (not outcome["serious"])]

    @cached_property
    def _reports(self) -> pd.DataFrame:
        return read_table(
            self.folder, "event_report", person_id="person_id", system="system", code="code", start="onset_date",
            end="end_date", serious="serious",
        )  # fmt: skip

    def reports(self, outcome: dict[str, Any]) -> pd.DataFrame:
        """Reports on an outcome's code list. The list is held against each distinct code once."""
        system, systems = pd.factorize(self._reports["system"])
        code, codes = pd.factorize(self._reports["code"])
        listed = np.array([[any(matches(s, c, *rule) for rule in outcome["codes"]) for c in codes] for s in systems])
        found = self.numbered(self._reports[listed[system, code]])
        return found[["p", "start", "end"]].assign(serious=(found["serious"] == "yes").to_numpy(dtype=bool))

    def placed(self, outcome: dict[str, Any]) -> pd.DataFrame:
        """What is to be put into cells: days at risk, days of a window that are not, and counted events."""
        periods, events = self.periods(outcome["source"]), self.events(outcome)
        if outcome["exclude_prior"]:
            first_days = periods.loc[begins_group(periods["g"].to_numpy()), ["g", "p", "start"]]
            prior = first_days.merge(events[["p", "start"]], on="p", suffixes=("", "_of_event"))
            periods = periods[~periods["g"].isin(prior.loc[prior["start_of_event"] < prior["start"], "g"])]
        met = periods.merge(events[["p", "start"]].rename(columns={"start": "onset"}), on="p")
        met = met[(met["onset"] >= met["start"]) & (met["onset"] <= met["end"])].sort_values(["g", "onset"])
        counted = met[["g", "p", "e"]].assign(start=met["onset"], end=met["onset"])
        clean = clean_windows(events, outcome["clean_window_days"]) if outcome["recurrent"] else None
        if clean is not None:
            counted = outside(counted, clean)
        counted = counted.assign(first_events=begins_group(counted["g"].to_numpy()).astype(np.int64), events=1)
        firsts = counted.loc[counted["first_events"] == 1, ["g", "start"]].rename(columns={"start": "first"})
        known = periods.merge(firsts, on="g", how="left").fillna({"first": EVER}).astype({"first": np.int64})
        known["row"] = np.arange(len(known))
        if clean is None:
            counted = counted[counted["first_events"] == 1]
            at_risk = known.assign(end=np.minimum(known["end"], known["first"]))
            off = known.assign(start=np.maximum(known["start"], known["first"] + 1))
        else:
            off = inside(known, clean)
            at_risk = without(known, off)
        spans = [at_risk.assign(at_risk=1, in_window=1), off.assign(in_window=1), counted]
        rows = pd.concat([s[s["start"] <= s["end"]] for s in spans], ignore_index=True)
        return rows.fillna(dict.fromkeys(WEIGHTS, 0)).fillna({"first": EVER}).astype(dict.fromkeys(WEIGHTS, np.int64))

    # --- cells

    def cells(self) -> pd.DataFrame:
        """Every cell of every margin with every number."""
        return pd.concat([self.outcome_cells(name, o) for name, o in self.plan["outcomes"].items()])

    def outcome_cells(self, name: str, outcome: dict[str, Any]) -> pd.DataFrame:
        """Cells of one outcome, each way of splitting time once for all margins that need it."""
        placed = self.placed(outcome)
        group, of_row = np.unique(placed["g"].to_numpy(), return_inverse=True)
        self._known = self.entries.set_index("g").loc[group]
        sexes = self.person["sex"].to_numpy()[self._known["p"]]
        who = pd.DataFrame({"cohort": np.array(self.cohorts)[self._known["e"]], "sex": sexes})
        rows = {c: placed[c].to_numpy(dtype=np.int64) for c in ("start", "end", "first", *WEIGHTS)} | {"of": of_row}
        found = []
        for margin_name, margin in self.plan["margins"].items():
            way = tuple(s for s in margin if s != "sex")
            for labels, part in self.leaves(rows, way, {}):
                cell = sums(part, who, by_sex="sex" in margin).assign(stratum=margin_name, outcome=name)
                parts = [cell["sex"] if s == "sex" else labels[s] for s in margin]
                cell["level"] = [""] * len(cell) if not parts else _starred(parts, len(cell))
                found.append(cell.drop(columns="sex", errors="ignore"))
        return pd.concat(found)

    def leaves(
        self, rows: dict[str, Array], way: Way, labels: dict[str, str]
    ) -> Iterator[tuple[dict[str, str], dict[str, Array]]]:
        """For every cell, what lies in it."""
        if not way:
            yield labels, rows
            return
        for label, low, high in self.plan["cells"][way[0]]:
            begin, end = (self._edge(way[0], edge)[rows["of"]] for edge in (low, high))
            within = (rows["start"] < end) & (rows["end"] >= begin)
            part = {name: values[within] for name, values in rows.items()}
            part["start"] = np.maximum(part["start"], begin[within])
            part["end"] = np.minimum(part["end"], end[within] - 1)
            yield from self.leaves(part, way[1:], {**labels, way[0]: label})

    def _edge(self, stratum: str, edge: int) -> Array:
        """First day of a cell, for each group."""
        if stratum == "age":
            return birthday(self.person["birth"].to_numpy()[self._known["p"]], edge)
        if stratum == "calendar":
            return np.full(len(self._known), day(f"{edge}-01-01"))
        return self._known["entry"].to_numpy() + edge


def _starred(parts: list[Any], count: int) -> list[str]:
    columns = [[part] * count if isinstance(part, str) else list(part) for part in parts]
    return ["*".join(row) for row in zip(*columns, strict=True)]


def sums(part: dict[str, Array], who: pd.DataFrame, *, by_sex: bool) -> pd.DataFrame:
    """Numbers of one cell: each person's totals, then their sums and sums of squares."""
    days = part["end"] - part["start"] + 1
    to_first = np.clip(np.minimum(part["end"], part["first"]) - part["start"] + 1, 0, None)

    def of_person(amount: Array) -> Array:
        return np.bincount(part["of"], weights=amount, minlength=len(who)).astype(np.int64)

    events, first_events = of_person(part["events"]), of_person(part["first_events"])
    window, at_risk = of_person(days * part["in_window"]), of_person(days * part["at_risk"])
    numbers = who.assign(
        persons=at_risk > 0, persons_with_event=events > 0, first_events=first_events, events=events,
        window_days=window, person_days=at_risk, first_event_days=of_person(to_first * part["at_risk"]),
        sum_e2=events**2, sum_et=events * at_risk, sum_t2=at_risk**2, sum_fw=first_events * window, sum_w2=window**2,
    )  # fmt: skip
    key = ["cohort", "sex"] if by_sex else ["cohort"]
    return numbers.groupby(key, as_index=False).sum(numeric_only=True)


if __name__ == "__main__":
    main()
