"""Sensitivity analyses: the protocol with one value changed, checked like the protocol itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.protocol.models import Incidence, Sensitivity, Study
from pass_engine.protocol.numbers import Wrong
from pass_engine.yamltext import NOT_IN_THIS_VERSION, Problem, dotted, suggest, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.yamltext import KeyPath

CHANGEABLE = ("population", "exposures", "times_at_risk", "outcomes", "strata", "analyses")
ANALYSIS_DEPTH = 2
"""Steps to one analysis: analyses, and its position."""

Examine = Callable[[dict[str, object]], tuple[Study | None, tuple[Problem, ...]]]


@dataclass(frozen=True)
class Scenario:
    """A study as it is run: the main one, or a sensitivity analysis with its change applied.

    ``study.analyses`` holds what this run computes: no sensitivity analyses, and in a sensitivity scenario
    only the repeated incidence analysis, under the identifier of the sensitivity analysis.
    """

    id: str
    study: Study


def main_scenario(study: Study) -> Scenario:
    """The study with its incidence analyses and comparisons."""
    kept = tuple(a for a in study.analyses if not isinstance(a, Sensitivity))
    return Scenario("main", study.model_copy(update={"analyses": kept}))


def changed_scenario(analysis: Sensitivity, study: Study) -> Scenario:
    """One sensitivity analysis on the changed study."""
    repeated = next(a for a in study.analyses if isinstance(a, Incidence) and a.id == analysis.of)
    return Scenario(
        analysis.id, study.model_copy(update={"analyses": (repeated.model_copy(update={"id": analysis.id}),)})
    )


def find_path(value: object, written: str) -> KeyPath | int:
    """The path of a dotted name (items of lists by id, or counted from 1), or how many of its steps exist."""
    path: list[str | int] = []
    here = value
    for step in written.split("."):
        key = _step(here, step)
        if key is None:
            return len(path)
        path.append(key)
        here = value_at(here, (key,))
    return tuple(path)


def _step(here: object, step: str) -> str | int | None:
    if isinstance(here, dict):
        return step if step in here else None
    if isinstance(here, tuple):
        for number, item in enumerate(here):
            if isinstance(item, dict) and item.get("id") == step:
                return number
        if step.isdecimal() and 1 <= int(step) <= len(here):
            return int(step) - 1
    return None


def with_change(value: object, path: KeyPath, new: object) -> object:
    """The values with one of them changed."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {k: with_change(v, rest, new) if k == step else v for k, v in value.items()}
    if isinstance(value, tuple):
        return tuple(with_change(v, rest, new) if n == step else v for n, v in enumerate(value))
    raise KeyError(step)


def check_change(draft: Draft, path: KeyPath, analysis: Sensitivity) -> tuple[KeyPath, object] | Problem:
    """The path and new value of a change, or what is wrong with it."""
    written, new = next(iter(analysis.change.items()))
    here = (*path, "change", written)
    target = find_path(draft.value, written)
    if isinstance(target, int):
        return _no_such_path(draft, here, written, target)
    section = target[0]
    if section not in CHANGEABLE:
        mend = f"change something under {', '.join(CHANGEABLE)}"
        problem = f"sensitivity analyses that change {section}: not in this version"
        return Problem(here, NOT_IN_THIS_VERSION, problem, mend, at_key=True)
    if section == "analyses" and not _in_repeated(draft, target, analysis.of):
        problem = f"only fields of the repeated analysis ({analysis.of}) can be changed"
        return Problem(here, Wrong.OTHER_ANALYSIS, problem, f"write analyses.{analysis.of}. and the field", at_key=True)
    if value_at(draft.value, target) == new:
        mend = "write the value that the sensitivity analysis takes"
        return Problem(here, Wrong.NO_CHANGE, "the value is the same as in the main analysis", mend)
    return target, new


def _in_repeated(draft: Draft, target: KeyPath, repeated: str) -> bool:
    """Does the path lead to a field of the repeated analysis, its id and kind aside?"""
    analysis, field = target[:ANALYSIS_DEPTH], target[ANALYSIS_DEPTH : ANALYSIS_DEPTH + 1]
    return value_at(draft.value, (*analysis, "id")) == repeated and bool(field) and field[0] not in {"id", "kind"}


def _no_such_path(draft: Draft, here: KeyPath, written: str, depth: int) -> Problem:
    steps = written.split(".")
    around: object = draft.value
    for step in steps[:depth]:
        key = _step(around, step)
        around = value_at(around, (key,)) if key is not None else None
    known = _names_in(around)
    start = ".".join(steps[:depth])
    problem = f"there is no {steps[depth]} in {start or 'the protocol'}; only a value that is written can be changed"
    mend = suggest(steps[depth], known)
    if mend.startswith("one of"):
        mend += "; a field that is left out has to be written first, with its default value (pass-engine schema)"
    return Problem(here, Wrong.NO_SUCH_PATH, problem, mend, at_key=True)


def _names_in(around: object) -> tuple[str, ...]:
    if isinstance(around, dict):
        return tuple(str(name) for name in around)
    if isinstance(around, tuple):
        return tuple(dotted((n,), around) for n in range(len(around)))
    return ()


def _is_under(draft: Draft, analysis: Sensitivity, at_fault: set[KeyPath]) -> bool:
    steps = next(iter(analysis.change)).split(".")
    for depth in range(len(steps), 0, -1):
        found = find_path(draft.value, ".".join(steps[:depth]))
        if isinstance(found, tuple):
            return any(found[: len(p)] == p for p in at_fault)
    return False


def run_changes(
    draft: Draft, known: tuple[Problem, ...], examine: Examine
) -> Iterator[tuple[KeyPath, Sensitivity, Study | None, Problem | None]]:
    """Each sensitivity analysis with its changed study, or with what is wrong with the change."""
    old = {(p.path, p.number) for p in known}
    at_fault = {p.path for p in known}
    for path, analysis in draft.sensitivities():
        change = check_change(draft, path, analysis)
        if isinstance(change, Problem):
            # What is changed may be missing only because its surroundings are at fault.
            if not (change.number == Wrong.NO_SUCH_PATH and _is_under(draft, analysis, at_fault)):
                yield path, analysis, None, change
            continue
        changed = with_change(draft.value, *change)
        if not isinstance(changed, dict):
            continue
        study, problems = examine(changed)
        fresh = [p for p in problems if (p.path, p.number) not in old]
        yield path, analysis, study, None
        where = (*path, "change", next(iter(analysis.change)))
        for problem in fresh:
            words = f"with this change, {dotted(problem.path, changed)}: {problem.problem}"
            yield path, analysis, None, Problem(where, Wrong.BAD_CHANGE, words, problem.mend)
