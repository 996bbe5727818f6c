"""Spans, states and days under two exposures in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.sentences.words import counted, listed, quoted

if TYPE_CHECKING:
    from pass_engine.protocol.models import Exposure, Study, TimeAtRisk


def say_not_yet(study: Study, exposure: Exposure) -> tuple[str, ...]:
    """The state before an exposure begins."""
    awaited = quoted(study.exposures[exposure.not_yet or ""].label)
    return (
        (
            f"The state before the first era of {awaited}: from the first day of a person's first period of "
            "observation to the day before that era begins or, for persons without such an era, to the data cut."
        ),
        (
            f"The day on which {awaited} begins belongs to {awaited}. Persons whose first era of {awaited} begins on "
            "or before their first observed day are never in this state."
        ),
    )


def say_past(study: Study, exposure: Exposure) -> tuple[str, ...]:
    """The state between eras of an exposure, and after the last."""
    ended = quoted(study.exposures[exposure.past or ""].label)
    begins = "the day after" if exposure.after_days == 0 else f"{counted(exposure.after_days + 1, 'day')} after"
    return (
        (
            f"The state after an era of {ended}: from {begins} its last treated day to the day before the next era of "
            f"{ended} or, where none follows, to the data cut. A person is in it again after each era."
        ),
        "A person enters with the first such stretch that begins in the period of entry; its first day is day 0.",
    )


def say_overlap(study: Study, parts: tuple[str, str]) -> tuple[str, ...]:
    """Days under two exposures at once."""
    old, new = (quoted(study.exposures[part].label) for part in parts)
    return (
        (
            f"Days at risk under both {old} and {new}, of which {new} began later. They count here and under neither "
            "of the two. Where further exposures cover a day, the two that began last decide."
        ),
        f"Members are persons who entered both cohorts; entry is that of {new}.",
    )


def say_span(exposure: Exposure) -> str:
    """How long one record lasts."""
    if exposure.from_ == "treatment":
        return (
            f"A recorded treatment episode lasts from its start to its stop, both days included; {_no_stop(exposure)}"
        )
    if exposure.effect_days == 0:
        return "A recorded dose covers the day on which it is given."
    return (
        f"A recorded dose covers the day on which it is given and the {counted(exposure.effect_days, 'day')} after it."
    )


def _no_stop(exposure: Exposure) -> str:
    days = counted(exposure.missing_stop_days or 0, "day")
    told = {
        "data_cut": "one without a stop goes on to the data cut.",
        "last_contact": (
            "one without a stop ends at last contact, on its own first day where that is later, and at the data cut "
            "where last contact is not known or later."
        ),
        "fixed_days": f"one without a stop lasts {days}, its first day included, but not beyond the data cut.",
        "drop": "one without a stop is not used.",
    }[exposure.missing_stop]
    return told if exposure.missing_stop == "data_cut" else f"{told} The number of such episodes is reported."


def say_stockpiling(exposure: Exposure) -> tuple[str, ...]:
    """What becomes of supplies that overlap."""
    if not exposure.stockpiling:
        return ()
    most = exposure.stockpile_max_days
    cap = f" It is put off by at most {counted(most, 'day')}; what exceeds that is lost." if most else ""
    return (
        (
            "A supply that starts before all earlier ones of the same substance are used up begins the day after that, "
            f"and keeps its length; supplies of one substance with the same start and stop are one.{cap}"
        ),
    )


def say_told_apart(study: Study, time: TimeAtRisk) -> tuple[str, ...]:
    """Days under several exposures as categories of their own."""
    names = time.switch_to or tuple(name for name, e in study.exposures.items() if e.substances)
    labels = listed([quoted(study.exposures[name].label) for name in names])
    order = isinstance(time.same_day, str)
    told = [
        (
            f"Days under the windows of two of {labels} are in neither of the two cohorts. They make a category of the "
            "exposure that began earlier and the one that began later; of three or more windows the two that began "
            "last count. Days and events of the exposures and of all such categories add up."
        ),
        "A category is shown where an analysis names an exposure declared to be it. Other treatment ends nothing.",
    ]
    if order:
        told.append("Days under exposures that began on the same day are a combination, in no cohort and no category.")
        return tuple(told)
    return (*told, say_same_day(study, tuple(time.same_day)))


def say_same_day(study: Study, order: tuple[str, ...]) -> str:
    """Who is taken to have begun first on one day."""
    names = [quoted(study.exposures[name].label) for name in order]
    return f"Of exposures begun on one day the earlier in this list is taken to have begun first: {', '.join(names)}."
