"""Rule 19: a change of disability, visit by visit, without SQL.

EDSS is compared in points as they are recorded; days are day numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pass_engine.protocol.models import Disability

Rows = dict[str, list[dict[str, Any]]]
Visit = tuple[int, float]
"""Day and EDSS."""


def visits_of(rows: Rows, rule: Disability, last: int) -> list[Visit]:
    """Visits with EDSS up to the last day, the worst score of each day, without those that a relapse sets aside."""
    relapses = [r["onset_date"].toordinal() for r in rows["relapse"]]
    days: dict[int, float] = {}
    for row in rows["visit"]:
        day, edss = row["visit_date"].toordinal(), row["edss"]
        near = rule.relapse_free_days and any(0 <= day - relapse <= rule.relapse_free_days for relapse in relapses)
        if edss is not None and day <= last and not near:
            days[day] = max(edss, days.get(day, edss))
    return sorted(days.items())


def baseline_of(rows: Rows, rule: Disability, day_0: int, last: int) -> Visit | None:
    """The last visit of the baseline window, if the change can be reached from its score."""
    low, high = (int(text) for text in rule.baseline_window.strip("[]").split(","))
    found = [v for v in visits_of(rows, rule, last) if day_0 + low <= v[0] <= day_0 + high]
    if not found:
        return None
    edss = found[-1][1]
    if rule.reach is not None:
        return found[-1] if edss < rule.reach else None
    return found[-1] if (edss >= 2 if rule.change == "improvement" else edss < 10) else None


def step(rule: Disability, edss: float) -> float:
    """How far from a score the change is."""
    if edss >= rule.half_step_from:
        return 0.5
    return 1.5 if edss == 0 and rule.change == "worsening" else 1.0


def is_reached(rule: Disability, reference: float, edss: float) -> bool:
    """Is a score the change from what it is compared with?"""
    if rule.reach is not None:
        return edss >= rule.reach
    if rule.change == "improvement":
        return edss <= reference - step(rule, reference)
    return edss >= reference + step(rule, reference)


def confirming(visits: list[Visit], number: int, rule: Disability) -> int | None:
    """Number of the first visit at least ``confirm_days`` after this one."""
    day = visits[number][0]
    return next((n for n, (later, _) in enumerate(visits) if later >= day + rule.confirm_days), None)


def reference_at(visits: list[Visit], number: int, baseline: Visit, rule: Disability) -> float:
    """What a visit is compared with: the baseline or, under roving, the lowest score that was confirmed before it."""
    lowest = baseline[1]
    if rule.baseline != "roving":
        return lowest
    for earlier in range(number):
        confirmed = confirming(visits, earlier, rule)
        if visits[earlier][0] > baseline[0] and confirmed is not None and confirmed < number:
            held = max(edss for _, edss in visits[earlier : confirmed + 1])
            if held < baseline[1]:
                lowest = min(lowest, held)
    return lowest


def change_of(rows: Rows, rule: Disability, day_0: int | None, last: int) -> list[int]:
    """The day of the first confirmed change, in a list; an empty one where there is none, or one of the other kind."""
    baseline = None if day_0 is None else baseline_of(rows, rule, day_0, last)
    if baseline is None:
        return []
    visits = visits_of(rows, rule, last)
    for number, (day, edss) in enumerate(visits):
        reference = reference_at(visits, number, baseline, rule)
        confirmed = confirming(visits, number, rule)
        if day <= baseline[0] or confirmed is None or not is_reached(rule, reference, edss):
            continue
        if all(is_reached(rule, reference, kept) for _, kept in visits[number : confirmed + 1]):
            beside = any(-90 <= r["onset_date"].toordinal() - day <= 30 for r in rows["relapse"])
            return [day] if rule.relapse in ("any", "with" if beside else "without") else []
    return []
