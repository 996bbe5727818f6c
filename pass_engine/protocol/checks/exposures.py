"""Exposures: what they are made of, and what becomes of the days of a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import out_of_place
from pass_engine.protocol.counted import cohorts_of
from pass_engine.protocol.models import Comparison
from pass_engine.protocol.numbers import Wrong
from pass_engine.yamltext import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Exposure, TimeAtRisk
    from pass_engine.yamltext import KeyPath

ONLY_SUBSTANCES = ("gap_days", "gap_time", "gap_reason", "from", "effect_days")


def check_exposures(draft: Draft) -> Iterator[Problem]:
    """Each exposure by itself, then its gaps against the extensions, then shared substances."""
    for name, exposure in draft.exposures.items():
        path = ("exposures", name)
        if (exposure.substances is None) == (exposure.not_yet is None):
            problem = "an exposure is made of substances, or is a state (not_yet)"
            yield Problem(
                path,
                Wrong.NOT_ONE_OF_TWO,
                f"{problem}, not both" if exposure.not_yet else problem,
                "keep one of them" if exposure.not_yet else "write substances or not_yet",
            )
        elif exposure.not_yet is not None:
            yield from _state(draft, name, exposure)
        else:
            yield from _substances(draft, path, exposure)
    yield from _gaps(draft)
    yield from _shared(draft)


def _state(draft: Draft, name: str, exposure: Exposure) -> Iterator[Problem]:
    path = ("exposures", name)
    yield from out_of_place(draft, path, ONLY_SUBSTANCES, "beside not_yet")
    awaited = draft.exposures.get(exposure.not_yet or "")
    if exposure.not_yet == name or (awaited is not None and awaited.not_yet is not None):
        yield Problem(
            (*path, "not_yet"),
            Wrong.WAITS_FOR_NOTHING,
            "a state waits for an exposure that is made of substances",
            "name such an exposure",
        )


def _substances(draft: Draft, path: KeyPath, exposure: Exposure) -> Iterator[Problem]:
    if exposure.gap_days is None:
        yield Problem(
            (*path, "gap_days"),
            Wrong.GAP_DAYS_MISSING,
            "nothing says how long a gap may be before the exposure has ended",
            "write gap_days, 0 where no gap is bridged (pass-engine schema exposures.gap_days)",
        )
    for number, substance in enumerate(exposure.substances or ()):
        if substance != substance.strip().lower() or not substance:
            yield Problem(
                (*path, "substances", number),
                Wrong.SUBSTANCE_FORM,
                "substances are held in small letters, so this one is never found",
                f"write {substance.strip().lower() or 'the name of a substance'}",
            )
    if exposure.from_ == "treatment":
        yield from out_of_place(draft, path, ("effect_days",), "without from: administration")
    if exposure.gap_time != "at_risk":
        yield from out_of_place(draft, path, ("gap_reason",), "without gap_time: at_risk")
    elif exposure.gap_reason is None:
        yield Problem(
            (*path, "gap_time"),
            Wrong.GAP_REASON_MISSING,
            "the days of a gap are at risk only for those who come back (immortal time)",
            "write gap_reason: why they are to be counted all the same",
        )


def _gaps(draft: Draft) -> Iterator[Problem]:
    """A gap longer than the extension needs a rule for its days, which the time at risk must be able to keep."""
    for cohort, name in dict.fromkeys((d.cohort, d.time) for d in draft.designs()):
        exposure, time = draft.exposures[cohort], draft.times[name]
        extension = extension_days(time, cohort)
        if time.end.anchor == "era_end" and extension is not None and (exposure.gap_days or 0) > extension:
            yield from _gap((cohort, name), exposure, time, extension)


def _gap(pair: tuple[str, str], exposure: Exposure, time: TimeAtRisk, extension: int) -> Iterator[Problem]:
    cohort, name = pair
    if exposure.gap_time is None:
        problem = (
            f"gaps of up to {exposure.gap_days} days are bridged, but {name} ends {extension} days after treatment: "
            "the days between would be at risk only for those who come back (immortal time)"
        )
        mend = "write gap_time: as_extension (such days are not at risk), or gap_time: at_risk with gap_reason"
        yield Problem(("exposures", cohort, "gap_days"), Wrong.GAP_IMMORTAL, problem, mend)
    elif exposure.gap_time == "as_extension" and time.start.anchor != "era_start":
        problem = f"{cohort} has gap_time: as_extension, but here the days of a gap are at risk too (immortal time)"
        mend = f"write anchor: era_start, or give {cohort} gap_time: at_risk with gap_reason"
        yield Problem(("times_at_risk", name, "start", "anchor"), Wrong.GAP_NOT_KEPT, problem, mend)


def extension_days(time: TimeAtRisk, exposure: str) -> int | None:
    """Days added to the end for one exposure; None where it is not named."""
    plus = time.end.plus_days
    return plus if isinstance(plus, int) else plus.get(exposure)


def _shared(draft: Draft) -> Iterator[Problem]:
    """Two cohorts of one analysis, or a cohort and a switch, must be told apart by their substances."""
    for path, analysis in draft.counted():
        cohorts = cohorts_of(analysis)
        for number, later in enumerate(cohorts):
            here = (*path, "of", "comparator") if isinstance(analysis, Comparison) else (*path, "cohorts", number)
            for earlier in cohorts[:number]:
                yield from _told_apart(draft, here, earlier, later)
    for cohort, name in dict.fromkeys((d.cohort, d.time) for d in draft.designs()):
        for number, other in enumerate(draft.times[name].switch_to or ()):
            yield from _told_apart(draft, ("times_at_risk", name, "switch_to", number), cohort, other)


def _told_apart(draft: Draft, path: KeyPath, one: str, other: str) -> Iterator[Problem]:
    first, second = draft.exposures.get(one), draft.exposures.get(other)
    if first is None or second is None or one == other:
        return
    common = ", ".join(sorted(set(first.substances or ()) & set(second.substances or ())))
    if common:
        problem = f"{other} and {one} share {common}: a switch between them cannot be seen"
        yield Problem(path, Wrong.SUBSTANCE_SHARED, problem, "give each exposure substances of its own")
