"""Days under two exposures: the categories they make, the exposures told apart, and who begins first on one day."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import out_of_place
from pass_engine.protocol.numbers import Wrong
from pass_engine.yamltext import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import TimeAtRisk
    from pass_engine.yamltext import KeyPath


def check_overlaps(draft: Draft) -> Iterator[Problem]:
    """Each time at risk by itself, then with the cohorts that are analysed over it."""
    for name, time in draft.times.items():
        path: KeyPath = ("times_at_risk", name)
        if time.overlap == "keep":
            yield from out_of_place(draft, path, ("switch_to", "same_day"), "beside overlap: keep")
        yield from _order(draft, path, time)
        if time.overlap == "own_category":
            yield from _apart(draft, path, time)
    for number, criterion in draft.criteria.items():
        named = draft.exposures.get(criterion.of or "")
        if named is not None and named.overlap_of is not None:
            problem = f"{criterion.of} is days at risk under two exposures, which are known after entry only"
            mend = "name exposures that are made of substances"
            yield Problem(("population", "criteria", number, "of"), Wrong.CATEGORY_MISPLACED, problem, mend)
    for cohort, name in pairs(draft):
        yield from _category(draft, cohort, name)
        yield from _past(draft, cohort, name)


def pairs(draft: Draft) -> tuple[tuple[str, str], ...]:
    """(cohort, time at risk) of every analysis, each once."""
    return tuple(dict.fromkeys((d.cohort, d.time) for d in draft.designs()))


def told_apart(draft: Draft, time: TimeAtRisk) -> tuple[str, ...]:
    """Exposures whose days ``own_category`` tells apart; none under another rule."""
    if time.overlap != "own_category":
        return ()
    return time.switch_to or tuple(name for name, e in draft.exposures.items() if e.substances)


def laid_out(draft: Draft) -> tuple[tuple[str, str], ...]:
    """(exposure, time at risk) of which windows are laid out: those analysed, and those they are held against."""
    beside = [
        (e, name) for _, name in pairs(draft) for e in told_apart(draft, draft.times[name]) if e in draft.exposures
    ]
    return tuple(dict.fromkeys((*pairs(draft), *beside)))


def _order(draft: Draft, path: KeyPath, time: TimeAtRisk) -> Iterator[Problem]:
    """An order names exposures by substances; where days are told apart, all of them."""
    if isinstance(time.same_day, str):
        return
    for number, name in enumerate(time.same_day):
        exposure = draft.exposures.get(name)
        if exposure is not None and exposure.substances is None:
            yield Problem(
                (*path, "same_day", number),
                Wrong.ORDER_INCOMPLETE,
                f"{name} is not made of substances: nobody begins it",
                "name exposures that are made of substances",
            )
    left_out = [name for name in told_apart(draft, time) if name not in time.same_day]
    if left_out:
        problem = f"days are told apart for {', '.join(left_out)} as well, which the order does not place"
        yield Problem((*path, "same_day"), Wrong.ORDER_INCOMPLETE, problem, f"add {', '.join(left_out)} in its place")


def _apart(draft: Draft, path: KeyPath, time: TimeAtRisk) -> Iterator[Problem]:
    """Exposures that are told apart share no substance."""
    names = [name for name in told_apart(draft, time) if name in draft.exposures]
    for one, other in itertools.combinations(names, 2):
        common = set(draft.exposures[one].substances or ()) & set(draft.exposures[other].substances or ())
        if common:
            problem = f"{one} and {other} share {', '.join(sorted(common))}: days under the two cannot be told apart"
            mend = "write switch_to with exposures that share no substance"
            yield Problem((*path, "overlap"), Wrong.SUBSTANCE_SHARED, problem, mend)


def _category(draft: Draft, cohort: str, name: str) -> Iterator[Problem]:
    """A category needs own_category; what is analysed under it is among the exposures told apart."""
    time, exposure = draft.times[name], draft.exposures[cohort]
    path: KeyPath = ("times_at_risk", name)
    if exposure.overlap_of is not None and time.overlap != "own_category":
        problem = f"{cohort} is days under two exposures at once, and is analysed over this time at risk"
        mend = f"write overlap: own_category, or do not analyse {cohort} over {name}"
        yield Problem((*path, "overlap"), Wrong.CATEGORY_MISPLACED, problem, mend)
    elif time.overlap == "own_category" and time.switch_to is not None:
        wanted = exposure.overlap_of or ((cohort,) if exposure.substances else ())
        missing = [part for part in wanted if part not in time.switch_to]
        if missing:
            problem = (
                f"{cohort} is analysed over this time at risk, and days of {', '.join(missing)} are not told apart"
            )
            yield Problem((*path, "switch_to"), Wrong.NOT_TOLD_APART, problem, f"add {', '.join(missing)}")


def _past(draft: Draft, cohort: str, name: str) -> Iterator[Problem]:
    """Days of an extension are no days of the past, unless days may count under both."""
    state, time = draft.exposures[cohort], draft.times[name]
    if state.past is None or (state.past, name) not in pairs(draft):
        return
    plus = time.end.plus_days
    days = plus if isinstance(plus, int) else plus.get(state.past, 0)
    if time.overlap != "keep" and time.end.anchor == "era_end" and days > state.after_days:
        problem = (
            f"over {name}, {state.past} is at risk until day {days} after treatment, and this state begins on day "
            f"{state.after_days + 1} after it: days would count under both"
        )
        yield Problem(("exposures", cohort, "past"), Wrong.PAST_WHILE_TREATED, problem, f"write after_days: {days}")
