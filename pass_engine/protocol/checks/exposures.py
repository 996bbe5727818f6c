"""Exposures: what they are made of, and what becomes of the days of a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.checks.common import out_of_place, repeated
from pass_engine.protocol.checks.overlaps import laid_out
from pass_engine.protocol.counted import cohorts_of
from pass_engine.protocol.models import Comparison
from pass_engine.protocol.numbers import Wrong
from pass_engine.protocol.substances import substances_under
from pass_engine.yamltext import Problem, suggest, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.draft import Draft
    from pass_engine.protocol.models import Exposure, TimeAtRisk
    from pass_engine.yamltext import KeyPath

ONLY_SUBSTANCES = (
    "gap_days",
    "gap_time",
    "gap_reason",
    "from",
    "effect_days",
    "missing_stop",
    "missing_stop_days",
    "stockpiling",
    "stockpile_max_days",
)
KINDS = ("substances", "atc", "not_yet", "past", "overlap_of")
"""What an exposure can be made of; each is one of them."""


def check_exposures(draft: Draft) -> Iterator[Problem]:
    """Each exposure by itself, then its gaps against the extensions, then shared substances."""
    for name, exposure in draft.exposures.items():
        path = ("exposures", name)
        kinds = [kind for kind in KINDS if value_at(draft.value, (*path, kind)) is not None]
        if len(kinds) != 1:
            problem = (
                "an exposure is made of substances (substances or atc), or is a state (not_yet, past), or days under "
                "two (overlap_of)"
            )
            yield Problem(
                path,
                Wrong.NOT_ONE_OF_TWO,
                f"{problem}, not several of these" if kinds else problem,
                "keep one of them" if kinds else "write substances, atc, not_yet, past or overlap_of",
            )
        elif exposure.overlap_of is not None:
            yield from _overlap(draft, path, exposure.overlap_of)
        elif exposure.substances is not None:
            yield from _substances(draft, path, exposure)
            yield from _listed(draft, path, exposure)
        else:
            yield from _state(draft, name, kinds[0])
        if exposure.past is None:
            yield from out_of_place(draft, path, ("after_days",), "without past")
    yield from _gaps(draft)
    yield from _shared(draft)


def _state(draft: Draft, name: str, kind: str) -> Iterator[Problem]:
    path = ("exposures", name)
    yield from out_of_place(draft, path, ONLY_SUBSTANCES, f"beside {kind}")
    awaited = draft.exposures.get(getattr(draft.exposures[name], kind))
    if awaited is not None and awaited.substances is None:
        before = {"not_yet": "a state waits for", "past": "a past state follows"}[kind]
        yield Problem(
            (*path, kind),
            Wrong.WAITS_FOR_NOTHING,
            f"{before} an exposure that is made of substances",
            "name such an exposure",
        )


def _overlap(draft: Draft, path: KeyPath, parts: tuple[str, str]) -> Iterator[Problem]:
    yield from out_of_place(draft, path, ONLY_SUBSTANCES, "beside overlap_of")
    named = [draft.exposures.get(part) for part in parts]
    if parts[0] == parts[1] or any(part is not None and part.substances is None for part in named):
        yield Problem(
            (*path, "overlap_of"),
            Wrong.OVERLAP_PARTS,
            "days under two exposures need two, each made of substances",
            "write [old, new]: the one that began earlier, then the one that began later",
        )
    else:
        yield from _told_apart(draft, (*path, "overlap_of", 1), *parts)


def _listed(draft: Draft, path: KeyPath, exposure: Exposure) -> Iterator[Problem]:
    """ATC codes for which the list of substances has none."""
    if exposure.atc is None:
        return
    if value_at(draft.value, ("data", "substance_list")) is None:
        problem, mend = "nothing says which substances these codes stand for", "name a file under data.substance_list"
        yield Problem((*path, "atc"), Wrong.ATC_NOT_LISTED, problem, mend)
        return
    known = [row.code for row in draft.listed]
    for number, code in enumerate(exposure.atc):
        # A list that is missing or at fault is told of elsewhere, and knows nothing here.
        if known and not substances_under((code,), draft.listed):
            mend = f"add a row for it to the list, or take a code that is there ({suggest(code, known)})"
            yield Problem((*path, "atc", number), Wrong.ATC_NOT_LISTED, "the list of substances has no such code", mend)
    yield from repeated((*path, "atc"), exposure.atc, "code")


def _substances(draft: Draft, path: KeyPath, exposure: Exposure) -> Iterator[Problem]:
    if exposure.gap_days is None:
        yield Problem(
            (*path, "gap_days"),
            Wrong.GAP_DAYS_MISSING,
            "nothing says how long a gap may be before the exposure has ended",
            "write gap_days, 0 where no gap is bridged (pass-engine schema exposures.gap_days)",
        )
    # What ATC codes stand for is held against the form of a substance where the list is read.
    for number, substance in enumerate(exposure.substances or () if exposure.atc is None else ()):
        if substance != substance.strip().lower() or not substance:
            yield Problem(
                (*path, "substances", number),
                Wrong.SUBSTANCE_FORM,
                "substances are held in small letters, so this one is never found",
                f"write {substance.strip().lower() or 'the name of a substance'}",
            )
    yield from _ends(draft, path, exposure)
    if exposure.gap_time != "at_risk":
        yield from out_of_place(draft, path, ("gap_reason",), "without gap_time: at_risk")
    elif exposure.gap_reason is None:
        yield Problem(
            (*path, "gap_time"),
            Wrong.GAP_REASON_MISSING,
            "the days of a gap are at risk only for those who come back (immortal time)",
            "write gap_reason: why they are to be counted all the same",
        )


def _ends(draft: Draft, path: KeyPath, exposure: Exposure) -> Iterator[Problem]:
    """How long does a record last?"""
    if exposure.from_ == "treatment":
        yield from out_of_place(draft, path, ("effect_days",), "without from: administration")
    else:
        yield from out_of_place(draft, path, ("missing_stop",), "with from: administration, where a dose has no stop")
    if exposure.missing_stop != "fixed_days":
        yield from out_of_place(draft, path, ("missing_stop_days",), "without missing_stop: fixed_days")
    elif exposure.missing_stop_days is None:
        yield Problem(
            (*path, "missing_stop"),
            Wrong.MISSING_STOP_DAYS,
            "nothing says how long an episode without a stop lasts",
            "write missing_stop_days",
        )
    if not exposure.stockpiling:
        yield from out_of_place(draft, path, ("stockpile_max_days",), "without stockpiling: true")


def _gaps(draft: Draft) -> Iterator[Problem]:
    """A gap longer than the extension needs a rule for its days, which the time at risk must be able to keep."""
    for cohort, name in laid_out(draft):
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
