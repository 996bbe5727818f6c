"""Section 9 of a protocol, in sentences and tables made from it; sections 10 to 13 beside what people write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.protocol.models import Comparison, Incidence, Survival
from pass_engine.protocol.needs import LEVELS, needs_of, tables_of
from pass_engine.protocol.sentences import say
from pass_engine.report.glossary import country
from pass_engine.report.model import Block, Bullets, Column, Heading, Missing, Section, Table
from pass_engine.report.names import MEASURES
from pass_engine.report.numbers import join_words
from pass_engine.report.sections.methods import methods
from pass_engine.report.sections.parts import paragraphs, prose, together
from pass_engine.report.tables.definitions import criteria, identity, words
from pass_engine.report.tables.layout import group, make

if TYPE_CHECKING:
    from pass_engine.report.context import Context

RANKS: Final = {"primary": "Primary", "secondary": "Secondary", "exploratory": "Exploratory"}
SECONDARY_USE: Final = (
    "The study makes secondary use of data that registries collect for their own purposes. For such use, reports of "
    "individual cases of suspected adverse reactions are not required; adverse events and reactions are summarised in "
    "the interim and final reports (GVP Module VI). Whatever a registry and its centres must report under their own "
    "rules is not touched by the study."
)


def research_methods(ctx: Context) -> Section:
    """Section 9 with 9.1 to 9.10."""
    told = {section.number: section for section in methods(ctx).sections}
    statistics = {section.number: section.blocks for section in told["9.9"].sections}
    return Section(
        "9",
        "Research methods",
        (),
        (
            Section("9.1", "Study design", (*told["9.1"].blocks, endpoints(ctx))),
            Section("9.2", "Setting", _setting(ctx)),
            Section("9.3", "Variables", (*told["9.4"].blocks, *_validity(ctx))),
            Section("9.4", "Data sources", _sources(ctx)),
            Section("9.5", "Study size", (prose(ctx, "study_size"), *_headed(ctx, "feasibility", "Feasibility"))),
            Section("9.6", "Data management", (*told["9.8"].blocks, *_headed(ctx, "data_management", "Storage"))),
            Section("9.7", "Data analysis", _analysis(ctx, statistics)),
            Section("9.8", "Quality control", _quality(ctx)),
            Section("9.9", "Limitations of the research methods", (prose(ctx, "limitations"),)),
            Section("9.10", "Other aspects", (prose(ctx, "other_aspects"),)),
        ),
    )


def _headed(ctx: Context, key: str, title: str, hint: str = "") -> tuple[Block, ...]:
    """A heading, and what people wrote below it, or the mark that nobody has."""
    block = prose(ctx, key)
    return (Heading(title), Missing(hint) if isinstance(block, Missing) and hint else block)


def endpoints(ctx: Context) -> Table:
    """Each analysis with its outcomes and measures, in order of rank: the endpoints."""
    columns = (
        Column("Outcome", 2.2, numeric=False),
        Column("Time at risk", 2.4, numeric=False),
        Column("Measures", 2.4, numeric=False),
    )
    lines = []
    for rank, title in RANKS.items():
        for analysis in ctx.study.analyses:
            if isinstance(analysis, Incidence | Comparison | Survival) and analysis.role == rank:
                lines.append(group(f"{title}: analysis {analysis.id}", len(columns)))
                lines += [
                    words(ctx.names.outcome(outcome), _times(ctx, named), _measures(analysis))
                    for outcome, named in analysis.outcomes.items()
                ]
    return make("endpoints", "Endpoints and main measures", columns, lines, identity(ctx))


def _times(ctx: Context, named: str | tuple[str, ...]) -> str:
    return "; ".join(ctx.names.time_at_risk(t) for t in ((named,) if isinstance(named, str) else named))


WORDS: Final = {
    "rate_ratio": "rate ratio",
    "rate_difference": "rate difference",
    "mantel_haenszel_rate_ratio": "Mantel–Haenszel rate ratio",
    "poisson_rate_ratio": "rate ratio by Poisson regression",
    "survival": "survival",
    "cumulative_incidence": "cumulative incidence",
    "incidence_proportion": "incidence proportion",
}


def _measures(analysis: Incidence | Comparison | Survival) -> str:
    named = [WORDS.get(m) or MEASURES.get(m, m) for m in analysis.measures]
    if isinstance(analysis, Incidence):
        named += ["standardised rates"] if analysis.standardise else []
        named += ["observed over expected (SIR)"] if analysis.reference else []
    return join_words(named)


def _setting(ctx: Context) -> tuple[Block, ...]:
    invited = join_words([ctx.names.registry(key) for key in ctx.study.data.registries])
    countries = join_words([country(code) for code in ctx.countries])
    source = f"The source population is that of the registries invited ({invited})"
    source += f"; countries of the study: {countries}." if countries else "."
    drawn = (
        "No sample is drawn: every person of a registry who meets the criteria in [[criteria]] enters. How many each "
        "criterion leaves out is shown in the report, registry by registry."
    )
    return (
        *together((source, *say(ctx.study, "setting"))),
        *together((*say(ctx.study, "subjects"), drawn)),
        criteria(ctx),
    )


def _validity(ctx: Context) -> tuple[Block, ...]:
    parts = (
        *_headed(ctx, "exposure_validity", "Validity of the measurement of exposure"),
        *_headed(ctx, "exposure_mechanism", "Mechanism of action, and the windows chosen"),
        *_headed(ctx, "outcome_validity", "Validity of the measurement of outcomes"),
    )
    if ctx.study.study.type == "PAES" or ctx.run.protocol.prose.get("hta_outcomes", "").strip():
        return (*parts, *_headed(ctx, "hta_outcomes", "Outcomes relevant for health technology assessment"))
    return parts


def _sources(ctx: Context) -> tuple[Block, ...]:
    own = prose(ctx, "data_sources")
    return (
        *together((*say(ctx.study, "data_sources"), "The variables in [[variables]] are asked of every registry.")),
        variables(ctx),
        *(() if isinstance(own, Missing) else (own,)),
        *_headed(ctx, "linkage", "Linkage", "How sources are linked, or that none are"),
    )


def variables(ctx: Context) -> Table:
    """Variables of the core data model that the study reads, by table and level."""
    columns = (Column("Table", 1.4, numeric=False), *(Column(f"{v.capitalize()}", 2.4, numeric=False) for v in LEVELS))
    lines = []
    for table, needs in tables_of(needs_of(ctx.run.protocol)).items():
        by_level = (", ".join(n.column for n in needs if n.level == level) or "–" for level in LEVELS)
        lines.append(words(table, *by_level))
    note = (
        "Required: a registry without it cannot take part. Needed: a rule of the study reads it. Wanted: it describes "
        "persons or makes an event surer."
    )
    title = "Variables of the core data model that the study reads"
    return make("variables", title, columns, lines, (note, *identity(ctx)))


def _analysis(ctx: Context, statistics: dict[str, tuple[Block, ...]]) -> tuple[Block, ...]:
    return (
        Heading("Main summary measures"),
        *statistics["9.9.1"],
        Heading("Main statistical methods"),
        *statistics["9.9.2"],
        Heading("Control of bias and confounding"),
        prose(ctx, "bias"),
        Heading("Missing values"),
        *statistics["9.9.3"],
        Heading("Sensitivity analyses"),
        *statistics["9.9.4"],
        Heading("Disclosure control"),
        *paragraphs(*say(ctx.study, "disclosure")),
        *paragraphs("Shells of every table of the report are in Annex 3."),
    )


def _quality(ctx: Context) -> tuple[Block, ...]:
    own = prose(ctx, "quality_control")
    return (
        *together(say(ctx.study, "quality_control")),
        *(() if isinstance(own, Missing) else (own,)),
        *_headed(ctx, "independent_review", "Independent review of results"),
    )


def closing_sections(ctx: Context) -> tuple[Section, ...]:
    """Sections 10 to 13."""
    return (
        Section("10", "Protection of human subjects", _human_subjects(ctx)),
        Section("11", "Management and reporting of adverse events/adverse reactions", _adverse_events(ctx)),
        Section("12", "Plans for disseminating and communicating study results", _dissemination(ctx)),
        Section("13", "References", (prose(ctx, "references"),)),
    )


def _human_subjects(ctx: Context) -> tuple[Block, ...]:
    told = (
        "Persons who refused consent to secondary use are left out before anything is counted. Data at person level "
        "stay on the registry's own machine; counts leave it."
    )
    return (
        *paragraphs(told),
        *_headed(ctx, "ethics", "Ethics committees and consent"),
        *_headed(ctx, "ethics_outcome", "Outcome of ethical review"),
        *_headed(ctx, "data_protection", "Data protection"),
    )


def _adverse_events(ctx: Context) -> tuple[Block, ...]:
    named = [o.label for o in ctx.study.outcomes.values() if o.from_ == "adverse_event"]
    outcomes = f"Adverse events that are outcomes of this study: {join_words(named)}. No other adverse event is read."
    own = prose(ctx, "adverse_events")
    none = "No outcome of this study comes from reports of adverse events, and none is read."
    return (*paragraphs(SECONDARY_USE, outcomes if named else none), *(() if isinstance(own, Missing) else (own,)))


def _dissemination(ctx: Context) -> tuple[Block, ...]:
    info = ctx.study.study
    reports = {
        "progress_report": "progress reports",
        "interim_report": "interim reports",
        "final_report": "final report",
    }
    planned = [words for event, words in reports.items() if any(m.event == event for m in info.milestones)]
    told = [f"Reports planned to authorities: {join_words(planned)} ([[milestones]])."] if planned else []
    told.append(
        "Protocol, amendments and reports are kept in the HMA-EMA catalogue of studies once the study is registered."
        if not info.register_number
        else f"Protocol, amendments and reports are kept in the HMA-EMA catalogue of studies ({info.register_number})."
    )
    return (*together(told), Bullets(DUTIES), prose(ctx, "dissemination"))


DUTIES: Final = (
    ("The final report is due within 12 months of the end of data collection."),
    (
        "Results are published whatever they are; the accepted manuscript goes to the authorities within two weeks of "
        "acceptance."
    ),
)
"""What the rules on post-authorisation studies ask (Directive 2001/83/EC Article 107p; GVP Module VIII)."""
