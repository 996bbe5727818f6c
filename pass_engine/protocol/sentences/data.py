"""Data sources, partial dates, missing values, quality and disclosure in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.protocol.data_faults import PERSON_RULES, ROW_RULES, decisions
from pass_engine.protocol.sentences.words import listed, lower_first, quoted
from pass_engine.tables.indicators import indicators, limit_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.protocol.models import Study

FILLED = {
    "first_day": "the first day of that month or year",
    "last_day": "the last day of that month or year",
    "middle": "the 15th of that month or 1 July of that year",
}
ZEROS = {
    "shown": "is not small in this sense, unless a registry says so",
    "withheld": "among persons at risk is not shown either",
}
KINDS = {"birth": "birth", "start": "a start", "stop": "a stop or end", "event": "an event"}


def say_data_sources(study: Study) -> tuple[str, ...]:
    """Where data come from and how they are made alike."""
    told = [
        (
            "The data are those that the registries collect for their own purposes. Each registry maps its tables "
            f"and codes to one core data model ({study.data.model}) in a file of its own; values that have no place "
            "in the model's code lists are counted and reported."
        ),
    ]
    outcomes = [quoted(o.label) for o in study.outcomes.values() if o.from_ == "adverse_event"]
    if outcomes:
        told.append(
            f"{listed(outcomes)} {'is' if len(outcomes) == 1 else 'are'} taken from reports of adverse events, by "
            "code lists that name codes of ICD-10 (a single code, a code with all below it, or a range of codes) or of "
            "MedDRA (preferred or lowest level terms, groups of terms on any path of the hierarchy or on the primary "
            "one, or standardised queries, narrow or broad). A lowest level term also counts as "
            "its preferred term where the registry supplies the dictionary. Local terms are coded by the registry's "
            "own mapping file, and the number that could not be coded is reported; one that could not be coded counts "
            "where a code list names it as the registry writes it."
        )
    told += _visited(study)
    if any(o.from_ == "death" for o in study.outcomes.values()):
        told.append(
            "Death is taken from the registry's own records or from linkage; which of the two is stated for each "
            "registry."
        )
    if study.data.extras:
        extras = [f"{lower_first(e.meaning)} ({e.table}.{e.name})" for e in study.data.extras]
        told.append(f"Beyond the core data model the study asks for variables of its own: {listed(extras)}.")
    if study.data.require:
        told.append(f"A registry takes part only if it has the variables {listed(study.data.require)}.")
    return tuple(told)


def _visited(study: Study) -> list[str]:
    """What is seen at the registry's own visits."""
    words = {
        "relapse": "relapses, by the day of onset",
        "course": "beginnings of disease courses",
        "disability": "scores on the EDSS",
    }
    seen = [text for source, text in words.items() if any(o.from_ == source for o in study.outcomes.values())]
    return [f"From the registry's own visits come {listed(seen)}."] if seen else []


def say_partial_dates(study: Study) -> tuple[str, ...]:
    """How dates known to the month or year are filled."""
    rules = study.data.partial_dates
    by_rule: dict[str, list[str]] = {}
    for kind, words in KINDS.items():
        by_rule.setdefault(getattr(rules, kind), []).append(words)
    filled = [f"the date of {listed(kinds, 'or')} is taken to be {FILLED[rule]}" for rule, kinds in by_rule.items()]
    return (
        f"Dates known only to the month or year are filled: {'; '.join(filled)}.",
        (
            "A filled date is moved so that it is not before birth and not after death or last contact, as far as "
            "its own month or year allows. Dates known to the day are never changed. The number of partial dates is "
            "reported, and persons with an event whose filled date leaves open whether it lies in the time at risk are "
            "counted in a column of their own."
        ),
    )


def say_data_transformation(study: Study) -> tuple[str, ...]:
    """What happens to the data before anything is counted."""
    return (
        (
            "All steps after a registry's own column maps are static SQL in numbered files, the same at every "
            "registry; the files are listed in the annex with their digests."
        ),
        *say_partial_dates(study),
        (
            "Rows that repeat another one in all that is mapped are taken once; so are reports of adverse events that "
            "differ in their identifier only. Treatments that stop before they start, treatments and doses that begin "
            "after the data cut, and rows without the substance or the dates they need, are set aside and counted. A "
            "recorded end of an event before its onset is taken to be the onset."
        ),
        *_from_report_to_event(study),
        *say_faults(study),
    )


def _from_report_to_event(study: Study) -> Iterator[str]:
    """The order of what is done to reports, on which the numbers depend."""
    if any(o.from_ == "adverse_event" for o in study.outcomes.values()):
        yield (
            "Reports become events in this order: their terms are coded; reports of one event are joined; events are "
            "held against seriousness; persons with a prior event are left out; and days after an event are taken off "
            "the time at risk."
        )


def say_faults(study: Study) -> tuple[str, ...]:
    """What becomes of data that contradict themselves; nothing is said where all are kept."""
    faults = decisions(study)
    words = {**ROW_RULES, **PERSON_RULES}
    dropped = [words[rule] for rule in words if faults[rule] == "drop_row"]
    left_out = [words[rule] for rule in words if faults[rule] == "exclude_person"]
    told = []
    if dropped:
        told.append(f"Not used are {listed(dropped)}.")
    if left_out:
        told.append(f"Persons with {listed(left_out, 'or')} are left out before anybody is counted.")
    return tuple(told)


def say_missing_values(study: Study) -> tuple[str, ...]:
    """What becomes of what is not known."""
    told = ["Missing values are not imputed, partial dates aside."]
    if study.strata.age is not None or any(c.require == "age" for c in study.population.criteria):
        told.append(
            "Persons without a date of birth meet no criterion on age, and their days are in a cell of their own."
        )
    told.append("Sex that is not recorded is shown as unknown.")
    if any(e.missing_stop != "data_cut" for e in study.exposures.values()):
        told.append("A treatment without a stop ends as is said of each exposure; any other goes on to the data cut.")
    else:
        told.append("A treatment without a stop goes on to the data cut.")
    if any(o.from_ == "adverse_event" for o in study.outcomes.values()):
        serious = (
            " A report of which seriousness is not known does not count as serious." if _any_serious(study) else ""
        )
        told.append(
            "A report of an adverse event without an onset is not counted as an event; the number of such reports "
            f"is given. A report without an end ends on the day of its onset.{serious}"
        )
    return (" ".join(told), "Completeness of every mapped variable is reported for each registry.")


def _any_serious(study: Study) -> bool:
    return any(o.serious for o in study.outcomes.values())


def say_quality_control(study: Study) -> tuple[str, ...]:
    """Checks made by the engine."""
    return (
        (
            "At each registry the engine counts missing values of every mapped variable, rows that break a rule "
            "(such as a stop before its start) and values or codes that could not be mapped, and measures the data by "
            "quality indicators with default limits. These counts are reported; no row is corrected."
        ),
        *say_gates(study),
        (
            "The protocol, its texts and its code lists have one digest. It is printed in the report and checked "
            "when the counts of a registry are read, so that counts made under another protocol are refused."
        ),
    )


FOLLOWS = {
    "flag": "the report says so",
    "exclude_analysis": "the registry is excluded from {analyses}",
    "exclude_registry": "the registry is excluded",
    "stop": "the study stops",
}


def say_gates(study: Study) -> tuple[str, ...]:
    """What the data of a registry must be like, and what follows where they are not."""
    told = []
    for number, gate in enumerate(study.quality.gates, start=1):
        declared = indicators()[gate.indicator]
        what = f"completeness of {gate.variable}" if gate.variable else lower_first(declared.label)
        direction = "at_least" if gate.at_least is not None else "at_most"
        limit = limit_in_words(direction, f"{getattr(gate, direction):.10g}", declared.unit)
        follows = FOLLOWS[gate.action].format(analyses=listed(gate.analyses or ()))
        told.append(f"({number}) {what} is {limit}, else {follows}")
    if not told:
        return ()
    return (f"Before counting, each registry's data are held against the protocol's limits: {'; '.join(told)}.",)


def say_disclosure(study: Study) -> tuple[str, ...]:
    """What leaves a registry, and what is withheld."""
    smallest = study.publish.min_cell
    told = [
        (
            "Only counts and sums of whole numbers leave a registry; no record of a person does. A registry may "
            "hold back kinds of analysis, and all tables of a cohort with fewer persons than it requires. It may also "
            "mask its counts, so that only their sum over three masked registries or more can be read."
        )
    ]
    if smallest > 1:
        shown = "1" if smallest == 2 else f"1 to {smallest - 1}"  # noqa: PLR2004 - below two there is only one
        told.append(
            f"A count of {shown} persons or events is not shown (<{smallest}); a registry that requires a higher "
            "limit has its own. With it are withheld the rates, intervals and days from which it could be worked "
            "out, and further counts where a sum would give it back. "
            f"A count of 0 {ZEROS[study.publish.zeros]}."
        )
    else:
        told.append(
            "The study itself sets no smallest count; where a registry requires one, smaller counts of persons or "
            "events are not shown, nor what would give them back."
        )
    return (*told, *_say_asked(study))


def _say_asked(study: Study) -> Iterator[str]:
    """What the study asks of every registry beyond its own policy."""
    asked = study.publish
    if asked.min_persons > 1:
        yield f"A cohort of fewer than {asked.min_persons} persons in a registry leaves it in no table."
    if asked.dominance is not None:
        most = f"more than {asked.dominance} per cent of its events"
        yield f"A cell of which one person may have {most} is not shown."
    if asked.max_levels is not None:
        yield f"Strata of a variable with more than {asked.max_levels} levels in a registry do not leave it."
    if asked.max_parameters_per_event is not None:
        most = f"{asked.max_parameters_per_event:g}"
        yield f"The strata of a ratio do not leave a registry in which they are more than {most} per event."
