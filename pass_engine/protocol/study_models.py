"""What stands on the title page and in the administrative sections of a protocol."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from pass_engine.protocol.model_base import NO_BOOL, Id, Label, Model, TextPath


class Substance(Model):
    """An active substance under study."""

    inn: str = Field(description="International non-proprietary name")
    atc: str | None = Field(None, description="ATC code in the current index")


class Holder(Model):
    """A marketing authorisation holder."""

    name: str = Field(description="Name of the marketing authorisation holder")
    address: str | None = Field(None, description="Postal address")
    contact: str | None = Field(None, description="Contact person")


class Author(Model):
    """A main author of the protocol and report."""

    name: str = Field(description="Name and degrees")
    affiliation: str | None = Field(None, description="Affiliation")


class Milestone(Model):
    """One line of the milestones table."""

    event: Literal[
        "start_of_data_collection",
        "end_of_data_collection",
        "registration",
        "progress_report",
        "interim_report",
        "final_report",
    ] = Field(description="The milestone, in the words of the PASS formats")
    planned: dt.date | None = Field(None, description="Planned date")
    actual: dt.date | None = Field(None, description="Actual date, once it is known")
    comment: str | None = Field(None, description="Comment printed beside the dates")


class Amendment(Model):
    """One line of the amendments table."""

    number: int = Field(ge=1, description="Running number")
    date: dt.date = Field(description="Date of the amendment")
    section: str = Field(description="Section of the protocol concerned")
    change: str = Field(description="What changed")
    reason: str = Field(description="Why")


class Objective(Model):
    """A research question."""

    id: Id = Field(description="Identifier of the objective")
    kind: Literal["primary", "secondary", "exploratory"] = Field(description="Rank of the objective")
    question: Label = Field(description="The question in plain words")
    hypothesis: Label | None = Field(
        None, description="Hypothesis to be tested; none says that there is no a priori hypothesis"
    )
    analyses: tuple[Id, ...] = Field(
        (), description="Analyses that answer it; without them, those whose role is the kind of the objective"
    )


class StudyText(Model):
    """Prose files (Markdown) that only people can write; a missing one prints as to be completed."""

    rationale: TextPath | None = Field(None, description="Rationale and background")
    bias: TextPath | None = Field(None, description="Efforts to assess and address bias")
    study_size: TextPath | None = Field(None, description="Study size and its rationale")
    quality_control: TextPath | None = Field(None, description="Quality control outside the engine")
    key_results: TextPath | None = Field(None, description="Discussion: key results")
    limitations: TextPath | None = Field(
        None, description="Limitations: of the methods in the protocol (9.9), and in the report's discussion"
    )
    interpretation: TextPath | None = Field(None, description="Discussion: interpretation")
    generalisability: TextPath | None = Field(None, description="Discussion: generalisability")
    other_information: TextPath | None = Field(None, description="Other information")
    conclusion: TextPath | None = Field(None, description="Conclusion")
    references: TextPath | None = Field(None, description="References")
    responsible_parties: TextPath | None = Field(
        None, description="Protocol, section 3: investigators, coordinators by country, collaborating institutions"
    )
    exposure_validity: TextPath | None = Field(None, description="Protocol, 9.3: validity of the exposure measurement")
    exposure_mechanism: TextPath | None = Field(
        None, description="Protocol, 9.3: how windows follow from mechanism of action and pharmacokinetics"
    )
    outcome_validity: TextPath | None = Field(None, description="Protocol, 9.3: validity of the outcome measurement")
    hta_outcomes: TextPath | None = Field(
        None, description="Protocol, 9.3: outcomes relevant for health technology assessment"
    )
    data_sources: TextPath | None = Field(None, description="Protocol, 9.4: the data sources, beyond what is generated")
    linkage: TextPath | None = Field(None, description="Protocol, 9.4: how sources are linked")
    feasibility: TextPath | None = Field(None, description="Protocol, 9.5: feasibility of the study")
    data_management: TextPath | None = Field(None, description="Protocol, 9.6: storage and management of the data")
    independent_review: TextPath | None = Field(None, description="Protocol, 9.8: independent review of results")
    other_aspects: TextPath | None = Field(None, description="Protocol, 9.10: other aspects, as an advisory committee")
    ethics: TextPath | None = Field(None, description="Protocol, section 10: ethics committees and consent")
    ethics_outcome: TextPath | None = Field(None, description="Protocol, section 10: outcome of ethical review")
    data_protection: TextPath | None = Field(None, description="Protocol, section 10: data protection, legal basis")
    adverse_events: TextPath | None = Field(
        None, description="Protocol, section 11: adverse events, beyond what is generated"
    )
    dissemination: TextPath | None = Field(None, description="Protocol, section 12: plans to publish the results")


class StudyInfo(Model):
    """What stands on the title page and in the administrative sections."""

    id: Id = Field(description="Identifier of the study")
    type: Literal["PASS", "PAES"] = Field(description="Post-authorisation safety or effectiveness study")
    title: Label = Field(description="Title, with a commonly used term for the design")
    version: str = Field(description="Version of the protocol, quoted")
    date: dt.date = Field(description="Date of this version; dates the report as well")
    status: Literal["draft", "final"] = Field(description="A draft is marked across every page")
    rmp_category: Annotated[Literal[1, 2, 3], NO_BOOL] | None = Field(
        None, description="Category in the risk management plan"
    )
    register_number: str | None = Field(None, description="Number in the HMA-EMA catalogue; empty until there is one")
    substances: tuple[Substance, ...] = Field(description="Active substances under study")
    products: tuple[str, ...] = Field((), description="Medicinal products")
    product_references: tuple[str, ...] = Field((), description="Product references (EU/1/..)")
    procedure_number: str | None = Field(None, description="Procedure number (EMEA/H/C/..)")
    joint_pass: bool | None = Field(None, description="Is this a joint PASS of several holders?")
    holders: tuple[Holder, ...] = Field((), description="Marketing authorisation holders")
    authors: tuple[Author, ...] = Field((), description="Main authors")
    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = Field(
        (), description="Countries of the study, ISO 3166-1 alpha-2"
    )
    milestones: tuple[Milestone, ...] = Field((), description="Milestones, planned and actual")
    amendments: tuple[Amendment, ...] = Field((), description="Amendments to the protocol")
    text: StudyText = Field(StudyText(), description="Prose files beside the protocol")
    objectives: tuple[Objective, ...] = Field((), description="Research questions and objectives")
