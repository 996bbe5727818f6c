"""Items of the RECORD-PE checklist, each with the sections of a protocol and of a final report that deal with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Item:
    """One item: its number, the list it comes from, what is to be reported, and where; no section: not at this stage.

    ``title`` among the sections is the title page. ``needs``: a text of the protocol (``study.text``), or a key of
    ``CONDITIONS``, without which the sections do not tell.
    """

    number: str
    source: str
    text: str
    protocol: tuple[str, ...]
    report: tuple[str, ...]
    needs: str = ""


def _item(number: str, source: str, text: str, protocol: str, report: str, needs: str = "") -> Item:
    """Sections are written with spaces between, and an annex with a dash: ``Annex-1``."""
    planned, done = (tuple(part.replace("-", " ") for part in wanted.split()) for wanted in (protocol, report))
    return Item(number, source, text, planned, done, needs)


S, R, P = "STROBE", "RECORD", "RECORD-PE"
ITEMS: Final = (
    _item("1.a", S, "The design, by a term in common use, in the title or abstract", "title 4", "title 1"),
    _item("1.b", S, "A summary of what was done and found", "4", "1"),
    _item("1.1", R, "The kind of data, and where possible the names of the databases, in title or abstract", "4", "1"),
    _item("1.2", R, "Region and time of the study, in title or abstract", "4", "1"),
    _item("1.3", R, "Linkage between databases, if there was any, in title or abstract", "4", "1", "linkage"),
    _item("2", S, "Background and rationale", "7", "6"),
    _item("3", S, "Objectives, and hypotheses stated beforehand", "8", "7"),
    _item("4", S, "Key elements of the design", "9.1", "9.1"),
    _item("4.a", P, "Features of the design in detail; several designs, where several are used", "9.1", "9.1"),
    _item("4.b", P, "A diagram of the periods of exposure, washout, lag, observation and covariates", "9.1", "9.1"),
    _item("5", S, "Setting, places and dates: entry, exposure, follow-up, data collection", "9.2", "9.2"),
    _item("6", S, "Who may enter, from where, how chosen, how followed", "9.2", "9.3"),
    _item("6.1", R, "How the population is selected, by codes or algorithms", "9.2", "9.3"),
    _item("6.2", R, "Validation of those codes or algorithms", "9.3", "9.5", "outcome_validity"),
    _item("6.3", R, "Where databases are linked: a diagram of the linkage", "9.4", "9.5", "linkage"),
    _item("6.1.a", P, "Entry criteria and the order in which they apply; whether an indication is asked; one entry or "
          "several", "9.2", "9.3"),
    _item("7", S, "Outcomes, exposures, predictors, confounders and effect modifiers", "9.3", "9.4"),
    _item("7.1", R, "A complete list of codes and algorithms", "A3.1", "A2.1"),
    _item("7.1.a", P, "How the definition of exposure was developed", "9.3", "9.4", "exposure_validity"),
    _item("7.1.b", P, "Sources of information on exposure", "9.4", "9.5"),
    _item("7.1.c", P, "The windows in which a person counts as exposed, and why; left truncation and censoring",
          "9.3", "9.4"),
    _item("7.1.d", P, "How events are attributed to current, prior, ever or cumulative exposure", "9.3", "9.4"),
    _item("7.1.e", P, "How risk is attributed to dose", "9.3", "9.4", "dose"),
    _item("7.1.f", P, "Comparator groups, and why they were chosen", "9.3 8", "9.4 7", "comparator"),
    _item("7.1.g", P, "What is done with persons who have more than one of the medicines studied", "9.3", "9.4"),
    _item("8", S, "Sources of each variable, and how it is measured", "9.4", "9.5"),
    _item("8.a", P, "The healthcare system, and how a record of exposure arises in it", "9.4", "9.5", "data_sources"),
    _item("9", S, "Efforts against bias", "9.7", "9.6", "bias"),
    _item("10", S, "How the study size was arrived at", "9.5", "9.7"),
    _item("11", S, "How quantitative variables are handled", "9.6", "9.8"),
    _item("12", S, "Statistical methods, subgroups, missing data, losses and sensitivity analyses", "9.7",
          "9.9.1 9.9.2 9.9.3 9.9.4"),
    _item("12.1", R, "Access to the databases", "9.4 9.6", "9.5", "data_management"),
    _item("12.2", R, "Cleaning of data", "9.6", "9.8 9.10"),
    _item("12.3", R, "Whether data were linked between persons, and how well", "9.4", "9.5", "linkage"),
    _item("12.1.a", P, "How assumptions were checked", "9.7", "9.9.2 9.9.4"),
    _item("12.1.b", P, "Several designs or approaches, where several are used", "9.7", "9.9.4"),
    _item("13", S, "Persons at each stage, why others were not, and a flow diagram", "", "10.1"),
    _item("13.1", R, "Selection in detail: by quality, availability and linkage of data", "", "10.1"),
    _item("14", S, "Characteristics of persons, missing data, and time of follow-up", "", "10.2"),
    _item("15", S, "Events or measures of outcome over time", "", "10.3"),
    _item("16", S, "Unadjusted and adjusted estimates with their precision; categories; absolute risk", "", "10.4"),
    _item("17", S, "Other analyses: subgroups, interactions, sensitivity", "", "10.5"),
    _item("18", S, "Key results by objective", "", "11.1"),
    _item("19", S, "Limitations: sources of bias and imprecision, their direction and size", "9.9", "11.2"),
    _item("19.1", R, "What it means to use data that were not made for the question", "9.9", "11.2"),
    _item("19.1.a", P, "How well the database captures exposure", "9.9", "11.2"),
    _item("20", S, "A cautious interpretation", "", "11.3"),
    _item("20.a", P, "Confounding by indication, contraindication and severity; healthy adherers, sick stoppers",
          "9.7 9.9", "11.3", "bias"),
    _item("21", S, "Generalisability", "9.9", "11.4"),
    _item("22", S, "Funding, and the role of funders", "9.10", "12"),
    _item("22.1", R, "Access to the protocol, to data and to programs", "Annex-1 A3.5", "Annex-1 A2.5"),
)  # fmt: skip
"""The items in order."""
