"""Outcomes: where they are recorded, what one event is, and which events count."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pass_engine.protocol.model_base import CodesPath, Days, Id, Label, Model


class PriorEvents(Model):
    """What an event before the time at risk means."""

    rule: Literal["allow", "exclude_person"] = Field(description="allow, or leave the person out of this analysis")
    look_back: Literal["ever"] | Annotated[int, Field(ge=1, le=36525)] | None = Field(
        None, description="Days before the first day at risk, or ever"
    )
    from_: tuple[Literal["adverse_event", "comorbidity"], ...] = Field(
        ("adverse_event",), alias="from", min_length=1, description="Tables searched"
    )
    filled_dates: Literal["as_filled", "prior", "incident"] = Field(
        "as_filled",
        description="What an event is whose date is filled, and which may lie before the first day at risk or not: "
        "prior; incident, and then placed on the first day at risk it may lie on; or as its filled day says",
    )


class Disability(Model):
    """A change of the EDSS from its baseline at cohort entry, or an EDSS reached, confirmed at a later visit."""

    change: Literal["worsening", "improvement"] | None = Field(
        None,
        description="A step from what it is compared with: 1.5 from 0, 0.5 from half_step_from on, else 1.0; "
        "improvement by 0.5 from half_step_from on, else 1.0, and only from 2.0 on",
    )
    reach: Annotated[float, Field(ge=1, le=10, multiple_of=0.5)] | None = Field(
        None, description="An EDSS to be reached by those below it at baseline, such as 6.0"
    )
    confirm_days: Annotated[int, Field(ge=1, le=3653)] = Field(
        description="The visit that confirms is at least so many days later: 84 for 12 weeks, 168 for 24; every visit "
        "in between keeps the change up"
    )
    half_step_from: Annotated[float, Field(ge=5.5, le=6, multiple_of=0.5)] = Field(
        6.0, description="From this EDSS on half a point is a step"
    )
    baseline_window: str = Field(
        "[-180, 30]", description="Days from cohort entry whose last visit with EDSS is the baseline"
    )
    baseline: Literal["fixed", "roving"] = Field(
        "fixed", description="roving: a confirmed improvement lowers what later visits are compared with"
    )
    relapse_free_days: Annotated[int, Field(ge=0, le=365)] = Field(
        30, description="Visits on the day of a relapse, or at most so many days after it, are set aside; 0 for none"
    )
    relapse: Literal["any", "with", "without"] = Field(
        "any",
        description="Whether a relapse lies from 90 days before to 30 days after the change: any, only changes with "
        "one (relapse-associated), only changes without (independent of relapses)",
    )


class Outcome(Model):
    """An outcome."""

    label: Label = Field(description="Name in tables")
    from_: Literal["adverse_event", "death", "composite", "relapse", "course", "disability"] = Field(
        alias="from", description="Where it is recorded"
    )
    course: Annotated[tuple[Literal["RIS", "CIS", "RRMS", "SPMS", "PPMS"], ...], Field(min_length=1)] | None = Field(
        None, description="For course: the courses whose beginning counts, such as SPMS"
    )
    disability: Disability | None = Field(None, description="For disability: what is measured at visits")
    of: tuple[Id, ...] | None = Field(None, min_length=1, description="For composite: the outcomes any of which counts")
    nth: Annotated[int, Field(ge=1, le=100)] = Field(
        1, description="Only the person's n-th event, counted from any time"
    )
    codes: CodesPath | None = Field(
        None, description="Code list (columns system, code, label, match); required for adverse_event"
    )
    serious: bool = Field(False, description="Count serious events only")
    counting: Literal["first", "recurrent"] = Field(description="First event only, or all")
    filled_dates: Literal["as_filled", "inside"] = Field(
        "as_filled",
        description="Where an event counts whose date is filled, and which may lie in the time at risk or outside it: "
        "by its filled day, or inside (the worst case, for a sensitivity analysis)",
    )
    same_event_days: Days = Field(
        0, description="Reports within this many days of an event's first onset are that event"
    )
    chain: bool = Field(False, description="Measure same_event_days from the latest report rather than the first")
    clean_window_days: Days | None = Field(
        None, description="Days after an event's end that are not at risk; required for recurrent"
    )
    prior_events: PriorEvents = Field(PriorEvents(rule="allow"), description="What earlier events mean")
    negative_control: Label | None = Field(
        None,
        description="Why neither exposure can change this outcome: comparisons of it are then a test for bias, and "
        "stand in a table of their own",
    )
