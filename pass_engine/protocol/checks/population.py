"""Entry criteria: complete, readable, looking back only, and seen through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import out_of_place
from pass_engine.protocol.numbers import Wrong
from pass_engine.protocol.windows import read_window, sound_window
from pass_engine.yamltext import Problem, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Criterion
    from pass_engine.protocol.windows import Window
    from pass_engine.yamltext import KeyPath

AGE_FIELDS = ("at_least", "at_most")
OLDEST_DAYS = 47_482
"""Days of 130 years, the highest age a criterion can name."""


def check_population(draft: Draft) -> Iterator[Problem]:
    """Each criterion by itself, then washouts against the observation required, and the landmark."""
    for number, criterion in draft.criteria.items():
        yield from _criterion(draft, ("population", "criteria", number), criterion)
    yield from _washouts(draft)
    yield from _landmark(draft)


def _criterion(draft: Draft, path: KeyPath, criterion: Criterion) -> Iterator[Problem]:
    if (criterion.require is None) == (criterion.exclude is None):
        problem = (
            "a criterion says require or exclude, not both"
            if criterion.require
            else "a criterion says require or exclude"
        )
        yield Problem(
            path, Wrong.REQUIRE_OR_EXCLUDE, problem, "keep one of them" if criterion.require else "write one of them"
        )
        return
    if criterion.require == "age":
        yield from _age(draft, path, criterion)
        return
    yield from out_of_place(draft, path, AGE_FIELDS, "without require: age")
    if criterion.require is not None:
        yield from out_of_place(draft, path, ("of",), "without exclude: exposure")
    elif criterion.of is None:
        yield _incomplete(
            path,
            "of",
            "it names no exposure",
            "write of: self for the cohort's own exposure, or the name of another one",
        )
    yield from _window(path, criterion, draft.landmark)


def _age(draft: Draft, path: KeyPath, criterion: Criterion) -> Iterator[Problem]:
    yield from out_of_place(draft, path, ("window", "of"), "beside require: age, which is age on day 0")
    low, high = criterion.at_least, criterion.at_most
    if low is None and high is None:
        yield _incomplete(path, "at_least", "it names no age", "write at_least or at_most, in completed years")
    if low is not None and high is not None and high < low:
        yield Problem(
            (*path, "at_most"), Wrong.WINDOW_REVERSED, "the highest age is below the lowest one", "exchange them"
        )


def _window(path: KeyPath, criterion: Criterion, landmark: int) -> Iterator[Problem]:
    if criterion.window is None:
        yield _incomplete(
            path, "window", "it says nothing about when", 'write window: "[-365, 0]", or "[.., -1]" for any time before'
        )
        return
    here = (*path, "window")
    window = read_window(criterion.window)
    if window is None:
        yield Problem(
            here,
            Wrong.WINDOW_FORM,
            "this is not a window of days around day 0",
            'write it as "[-365, 0]", or "[.., -1]" for any time before',
        )
    elif max(window.last, window.first or 0) > landmark:
        yield _beyond(here, landmark)
    elif window.first is not None and window.first > window.last:
        yield Problem(
            here, Wrong.WINDOW_REVERSED, "the window ends before it begins", f'write "[{window.last}, {window.first}]"'
        )
    elif window.first is not None and -window.first > OLDEST_DAYS:
        yield Problem(
            here,
            Wrong.WINDOW_BEFORE_BIRTH,
            f"it begins {-window.first:,} days before day 0, before anybody's birth",
            "write a later first day"
            if criterion.require == "observation"
            else f'write a later first day, or "[.., {window.last}]" for any time before',
        )
    elif window.first is None and criterion.require == "observation":
        yield Problem(
            here, Wrong.WINDOW_FORM, "a window of observation needs a first day", 'write the first day, as "[-365, 0]"'
        )


def _beyond(path: KeyPath, landmark: int) -> Problem:
    seen = f"the landmark, day {landmark}" if landmark else "day 0"
    last = f"day {landmark}" if landmark else "day 0"
    return Problem(
        path,
        Wrong.WINDOW_AFTER_DAY_0,
        f"it looks beyond {seen}: only those who live to see it could qualify (immortal time)",
        f"end the window on {last} or before",
    )


def _incomplete(path: KeyPath, name: str, problem: str, mend: str) -> Problem:
    return Problem((*path, name), Wrong.CRITERION_INCOMPLETE, problem, mend)


def _washouts(draft: Draft) -> Iterator[Problem]:
    """A washout needs a criterion that the person was observed; nothing is said while criteria are at fault."""
    written = value_at(draft.value, ("population", "criteria"))
    observed = [sound_window(c.window, draft.landmark) for c in draft.criteria.values() if c.require == "observation"]
    if not isinstance(written, tuple) or len(written) != len(draft.criteria) or None in observed:
        return
    seen = [window for window in observed if window is not None]
    for number, criterion in draft.criteria.items():
        window = sound_window(criterion.window, draft.landmark)
        if criterion.exclude is not None and window is not None:
            yield from _washout(("population", "criteria", number, "window"), window, seen)


def _washout(path: KeyPath, window: Window, seen: list[Window]) -> Iterator[Problem]:
    if not seen:
        problem = "nothing says that the person was observed in this window, so an earlier use may be unseen"
        mend = 'add a criterion {require: observation, window: "[-365, 0]"}'
        yield Problem(path, Wrong.NOT_OBSERVED, problem, mend)
    elif window.first is not None and not any(_covers(s, window) for s in seen):
        problem = "no criterion requires the person to be observed through the whole of this window"
        mend = f'require observation over "[{window.first}, {max(window.last, 0)}]", or shorten this window'
        yield Problem(path, Wrong.NOT_OBSERVED_THROUGHOUT, problem, mend)


def _covers(seen: Window, window: Window) -> bool:
    return (
        seen.first is not None and window.first is not None and seen.first <= window.first and seen.last >= window.last
    )


def _landmark(draft: Draft) -> Iterator[Problem]:
    """A landmark after the last day of the data leaves nobody to follow."""
    if draft.period is None or draft.data is None:
        return
    days = (draft.data.cut - draft.period.start).days
    if 0 <= days < draft.landmark:
        problem = (
            f"nobody enters before {draft.period.start}, and the data are cut on {draft.data.cut}: nobody reaches it"
        )
        yield Problem(("population", "landmark_days"), Wrong.NEVER_AT_RISK, problem, f"write at most {days} days")
