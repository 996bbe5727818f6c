"""Qualification of the operation (OQ): the worked cases and the reference numbers, by the engine as it is installed."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import resources
from math import isclose
from typing import TYPE_CHECKING, Any, Final

import yaml

from pass_engine import stats
from pass_engine.qualify.cases import case_files, count_case, differences, expected_rows, load_cases, observed_rows
from pass_engine.qualify.made_of import FAIL, PASS, Requirement, Tested

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pass_engine.qualify.made import Row

TWICE: Final = 3
"""Cases that are counted again under two threads."""
CURVES: Final[dict[str, Callable[..., Any]]] = {
    "kaplan_meier": stats.kaplan_meier,
    "aalen_johansen": stats.aalen_johansen,
}
CALLS: Final[dict[str, Callable[..., Any]]] = {
    "rate_interval": stats.rate_interval,
    "fay_feuer": stats.fay_feuer,
    "exact_ratio_interval": stats.exact_ratio_interval,
    "mid_p_ratio_interval": stats.mid_p_ratio_interval,
    "score_difference_interval": stats.score_difference_interval,
    "wald_difference_interval": stats.wald_difference_interval,
}


@dataclass(frozen=True)
class Task:
    """One case to count: the number of its test, its requirement and itself."""

    id: str
    requirement: str
    case: Row


def operation_tests(
    requirements: Sequence[Requirement], *, files: Sequence[Path] | None = None, processes: int = 2
) -> Iterator[Tested]:
    """Every test of the operation, in order. ``files``: other cases than those that travel with the package."""
    by_file = {r.cases: r.id for r in requirements if r.cases}
    tasks = [
        Task(f"{by_file[path.stem]}.{number:02}", by_file[path.stem], case)
        for path in (case_files() if files is None else files)
        for number, case in enumerate(load_cases([path]), 1)
    ]
    fresh = multiprocessing.get_context("spawn")  # threads of the database do not survive a fork
    with ProcessPoolExecutor(processes, mp_context=fresh) as pool:
        yield from pool.map(_of_case, tasks, chunksize=4)
    yield from reference_tests()
    yield from (_twice(number, task) for number, task in enumerate(tasks[:TWICE], 1))


def _of_case(task: Task) -> Tested:
    """Count one case and hold it against what its author worked out by hand."""
    case = task.case
    expected = "; ".join(expected_rows(case))
    try:
        result = count_case(case)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong on this machine is a deviation, not the end
        observed, outcome = f"not counted: {type(error).__name__}", FAIL
    else:
        wrong = differences(case, result)
        observed = "; ".join(observed_rows(case, result))
        if wrong:
            observed = f"{observed}; differs: {'; '.join(wrong)}"
        outcome = FAIL if wrong else PASS
    source = str(case.get("source", "worked by hand"))
    return Tested(task.id, task.requirement, f"{case['id']}: {case['rule']}", source, expected, observed, outcome)


def reference_tests(text: str | None = None) -> Iterator[Tested]:
    """Formulas against published results and R. ``text``: another list of references than the package's own."""
    if text is None:
        text = (resources.files("pass_engine.qualify") / "reference.yaml").read_text(encoding="utf-8")
    count: dict[str, int] = {}
    for row in yaml.safe_load(text):
        number = count[row["requirement"]] = count.get(row["requirement"], 0) + 1
        observed = _called(row)
        is_near = len(observed) == len(row["expected"]) and all(
            _is_near(value, float(wanted), row) for value, wanted in zip(observed, row["expected"], strict=True)
        )
        unit = "absolute" if row.get("absolute") else "relative"
        yield Tested(
            f"{row['requirement']}.{number:02}", row["requirement"], f"{row['id']}: {row['call']}", row["source"],
            f"{_numbers(row['expected'])} within {row['within']:g} ({unit})", _numbers(observed),
            PASS if is_near else FAIL,
        )  # fmt: skip


def _called(row: Row) -> list[float]:
    """The numbers that a formula gives; none where it has no answer."""
    if row["call"] in CURVES:
        rows, *rest = row["args"]
        points = CURVES[row["call"]]([stats.LifeRow(*one) for one in rows], *rest)
        point: Any = next((p for p in points if p.day == row["day"]), None)
        found: Any = None if point is None else (point.estimate, point.std_error, point.low, point.high)
    else:
        found = CALLS[row["call"]](*row["args"])
    return [] if found is None or None in found else [float(value) for value in found]


def _is_near(value: float, wanted: float, row: Row) -> bool:
    if row.get("absolute"):
        return abs(value - wanted) <= float(row["within"])
    return isclose(value, wanted, rel_tol=row["within"], abs_tol=1e-15)


def _numbers(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.10g}" for value in values) or "no number"


def _twice(number: int, task: Task) -> Tested:
    one, two = count_case(task.case, threads=1), count_case(task.case, threads=2)
    same = one == two
    return Tested(
        f"OQ-50.{number:02}", "OQ-50", f"{task.case['id']} by one and by two threads", "the engine itself", "equal",
        "equal" if same else "not equal", PASS if same else FAIL,
    )  # fmt: skip
