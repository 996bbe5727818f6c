"""What a registry says of itself for a dossier: governance, consent, coverage, safety, plans. Words, not data.

Subjects are those by which registries are evaluated (EMA/426390/2021, Appendix 1, after EUnetHTA's REQueST). Nothing
here changes a count; all of it goes into the bundle, and a dossier prints it. What is not said is not known.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Words = Annotated[str, Field(min_length=1, max_length=600)]
Whole = Annotated[int, Field(ge=0, le=2_000_000_000)]


class Model(BaseModel):
    """Base of every part: frozen, strict, no unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", populate_by_name=True)


class Governance(Model):
    """Who decides."""

    owner: Words | None = Field(None, description="Legal entity that owns the registry")
    funding: Words | None = Field(None, description="Sources of funding")
    contact: Words | None = Field(None, description="Where to ask, an office rather than a person")
    website: Words | None = Field(None, description="Website")
    established: Annotated[int, Field(ge=1900, le=2100)] | None = Field(None, description="Year of foundation")
    steering_committee: Words | None = Field(None, description="Steering committee: who sits on it, how often it meets")
    scientific_committee: Words | None = Field(None, description="Scientific committee")
    data_requests: Words | None = Field(None, description="How data are asked for, and who decides")
    access_of_holders: Words | None = Field(None, description="What marketing authorisation holders may see")
    publication: Words | None = Field(None, description="Policy on publication")
    conflicts_of_interest: Words | None = Field(None, description="How conflicts of interest are declared and handled")


class Consent(Model):
    """On what ground data are held and used."""

    legal_basis: Words | None = Field(None, description="Legal basis of the registry, and of secondary use")
    covers: Words | None = Field(None, description="Does consent cover use by holders and regulators?")
    withdrawal: Words | None = Field(None, description="What follows when a person withdraws")
    pseudonymisation: Words | None = Field(None, description="How persons are pseudonymised, and who holds the key")
    transfer: Words | None = Field(None, description="What may be transferred, and where to")


class Coverage(Model):
    """Who is in the registry, of whom."""

    population: Words | None = Field(None, description="Who is entered, by which criteria")
    centres: Whole | None = Field(None, description="Centres that report")
    centres_in_all: Whole | None = Field(None, description="Centres there are in the countries covered")


class Collection(Model):
    """How data come in and are checked."""

    follow_up: Words | None = Field(None, description="Schedule of visits and reports")
    lost_to_follow_up: Words | None = Field(None, description="When a person counts as lost to follow-up")
    data_entry: Words | None = Field(None, description="How data are entered")
    data_dictionary: Words | None = Field(None, description="Where the registry's own data dictionary is")
    verification: Words | None = Field(None, description="Source data verification: share of records, centres, how")
    cleaning: Words | None = Field(None, description="Edit checks, queries, audit trail")
    training: Words | None = Field(None, description="Training of those who enter data")
    refresh: Words | None = Field(None, description="How often an extract is made, and how long that takes")
    linkage: Words | None = Field(None, description="Other registers that it is linked to")
    systems: Words | None = Field(None, description="Database, security, back-up, interoperability")
    concordance: Words | None = Field(
        None, description="Agreement of exposure with dispensing or prescriptions, as kappa"
    )


class Safety(Model):
    """How adverse events are known."""

    capture: Words | None = Field(None, description="How adverse events are collected: form, visit, report, linkage")
    seriousness: Words | None = Field(None, description="Which events are collected: serious, non-serious, from when")
    coding: Words | None = Field(None, description="Dictionary, and who codes")
    special_interest: Words | None = Field(None, description="Events of special interest with a form of their own")
    reporting: Words | None = Field(None, description="Path of reports to authorities and holders")
    benchmark_per_100_years: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        None, description="Reports of adverse events per 100 person-years that a publication gives"
    )
    benchmark_source: Words | None = Field(None, description="That publication")


class ContextOfUse(Model):
    """A use that the registry claims to be fit for, or not."""

    study_type: Literal["drug_utilisation", "safety", "effectiveness", "mortality", "pregnancy"] = Field(
        description="Type of study"
    )
    verdict: Literal["fit", "conditional", "not_fit"] = Field(description="The registry's own view")
    why: Words = Field(description="Reason, or the condition")


class OpenAction(Model):
    """An improvement under way."""

    action: Words = Field(description="What is to be done")
    by: dt.date | None = Field(None, description="Until when")
    status: Words | None = Field(None, description="How far it is")


class About(Model):
    """What the registry says of itself."""

    governance: Governance = Field(Governance(), description="Who decides")
    consent: Consent = Field(Consent(), description="Consent and data protection")
    coverage: Coverage = Field(Coverage(), description="Population and coverage")
    collection: Collection = Field(Collection(), description="Collection and checks")
    safety: Safety = Field(Safety(), description="Adverse events")
    fit_for: tuple[ContextOfUse, ...] = Field((), description="Contexts of use that the registry claims or disclaims")
    open_actions: tuple[OpenAction, ...] = Field((), description="Improvements under way")
