"""The language of ``registry.yaml``, version 1: where a registry's data lie, how they map, what may leave."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from pass_engine.registry.about import About

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_\-]*$", max_length=60)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class Model(BaseModel):
    """Base of every part of a registry's file: frozen, strict, no unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", populate_by_name=True)


class RegistryInfo(Model):
    """Who the registry is and what its data can show."""

    id: Id = Field(description="Identifier; a protocol invites it by this name")
    name: str = Field(min_length=1, max_length=200, description="Name in reports")
    countries: tuple[Country, ...] = Field(
        min_length=1, description="Countries whose residents it holds, ISO 3166-1 alpha-2"
    )
    synthetic: bool = Field(False, description="Made-up data: marks every page of every report")
    data_cut_date: dt.date = Field(description="Last day the extract covers")
    collection_start: dict[Literal["adverse_event", "death", "visit"], dt.date] = Field(
        {}, description="First day from which a source of outcomes was collected (visit: relapses, courses and EDSS)"
    )
    deaths: Literal["visits", "linked"] = Field(description="Deaths known from visits only, or independently of visits")


class RowTest(Model):
    """What a source column must hold for a row, or a value, to be taken. Exactly one of the four."""

    one_of: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(None, description="One of these values")
    not_: str | Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        None, alias="not", description="None of these values; a missing one is taken"
    )
    present: Literal[True] | None = Field(None, description="Any value")
    missing: Literal[True] | None = Field(None, description="No value")


class Unit(Model):
    """How a number is brought to the unit of the core column: two known units, or a factor and an offset.

    The sum is done in exact decimals; a number is taken to six decimals.
    """

    from_: str | None = Field(None, alias="from", description="Unit of the source, such as g")
    to: str | None = Field(None, description="Unit of the core column, such as mg")
    factor: float | None = Field(None, description="Instead of units: what the number is multiplied by")
    offset: float = Field(0, description="Added after that")


class Split(Model):
    """One part of a source column: the n-th between separators, or the characters from first to last."""

    by: Annotated[str, Field(min_length=1)] | None = Field(None, description="Separator")
    part: Annotated[int, Field(ge=1, le=50)] | None = Field(None, description="Which part, the first being 1")
    first: Annotated[int, Field(ge=1, le=10000)] | None = Field(None, description="First character, the first being 1")
    last: Annotated[int, Field(ge=1, le=10000)] | None = Field(None, description="Last character")


class Observation(Model):
    """How time under follow-up follows from a person's dates, where the registry states no periods."""

    from_: Literal["registry_entry", "first_visit", "earlier_of_both"] = Field(
        alias="from", description="First day: entry into the registry, first visit, or the earlier of the two"
    )
    to: Literal["last_contact", "last_visit", "data_cut"] = Field(
        description="Last day; never after death or the data cut"
    )


class ColumnMap(Model):
    """One core column made from a source column, from a part of one, or from several."""

    from_: str | Annotated[tuple[str, ...], Field(min_length=2, max_length=9)] = Field(
        alias="from", description="Source column, or several that are joined"
    )
    join: str | None = Field(
        None, description="What stands between several columns, - without it; a date is joined from the year down"
    )
    split: Split | None = Field(None, description="Take a part of the source column")
    unit: Unit | None = Field(None, description="Bring a number to the unit of the core column")
    map: dict[str, str] | None = Field(None, description="Source value to core value; other values count as unknown")
    map_file: str | None = Field(None, description="CSV with columns source, core, beside registry.yaml")
    date_format: str | tuple[str, ...] | None = Field(
        None, description="Date format(s) of this column; precision follows from the directives"
    )
    days_from: dt.date | None = Field(None, description="The column holds days counted from this day 0")
    part_days: Literal["floor"] | None = Field(
        None, description="Part days are rounded down, and counted; without it they are unreadable"
    )
    when: dict[str, str | RowTest] | None = Field(
        None, description="Take the value only where these source columns have these values"
    )

    @property
    def sources(self) -> tuple[str, ...]:
        """The source columns, in the order in which they are joined."""
        return (self.from_,) if isinstance(self.from_, str) else self.from_


class TableMap(Model):
    """One core table made from one file or table of the source."""

    file: str | Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(
        None,
        description="File under the source's path (csv, txt, tsv, parquet, xlsx, dta, sas7bdat, xpt, sav); several, "
        "or a pattern such as visits-*.csv, become one table",
    )
    table: str | None = Field(
        None,
        description="Table or view of the database (duckdb, sqlite, postgres), or of the cluster's catalogue (spark)",
    )
    sheet: str | None = Field(None, description="Sheet of the workbook; the first one without it")
    columns: dict[str, str | ColumnMap] = Field(min_length=1, description="Core column to source column")
    constants: dict[str, str] = Field({}, description="Core column to a fixed value")
    where: dict[str, str | RowTest] | None = Field(
        None, description="Keep only rows in which these source columns have these values"
    )
    merge_rows: bool = Field(False, description="Several rows a person become one; values present must agree")
    delimiter: str | None = Field(None, description="Delimiter of a text file; comma without it")
    encoding: str = Field("utf-8", description="Encoding of a text file, such as utf-8, latin-1, windows-1250")
    decimal: Literal[".", ","] = Field(".", description="Decimal mark of numbers held as text")
    date_format: str | tuple[str, ...] = Field(
        ("%Y-%m-%d", "%Y-%m", "%Y"), description="Date format(s) of text columns; precision follows from the directives"
    )

    @property
    def files(self) -> tuple[str, ...]:
        """The files or patterns named."""
        return (self.file,) if isinstance(self.file, str) else self.file or ()


class Connection(Model):
    """Where the words that open a database or a cluster are kept; never in ``registry.yaml`` itself. One of the two."""

    environment: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] | None = Field(
        None,
        description="Environment variable that holds them: host=... dbname=... user=..., or sc://host:port/;token=...",
    )
    file: str | None = Field(
        None, description="File that holds them, relative to registry.yaml, for its owner alone (chmod 600)"
    )


class Omop(Model):
    """How an OMOP common data model (version 5.4 or 5.3) becomes the core model."""

    drugs: Literal["drug_era", "drug_exposure"] = Field(
        "drug_era", description="Table of treatments; exposures are led back to their ingredients"
    )
    conditions: Literal["concept", "source"] = Field(
        "concept",
        description="Code of an event: the standard concept (system OMOP), or the ICD-10 or MedDRA code of the source",
    )
    substances: dict[str, str] = Field(
        {}, description="Ingredient as the vocabulary names it to the name protocols use; other names stay"
    )
    disease: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        (), description="Concepts of the disease; the first condition of one, or of a descendant, is its diagnosis"
    )
    country: Country | None = Field(None, description="Country of residence of all persons")
    vocabulary_schema: str | None = Field(None, description="Schema of the vocabulary, where it is another one")


class Source(Model):
    """Where the data lie."""

    kind: Literal["files", "duckdb", "sqlite", "postgres", "omop", "spark"] = Field(
        description="A folder of files, a database, an OMOP common data model in either, or (spark) what the site's "
        "cluster reads"
    )
    path: str | None = Field(
        None,
        description="Folder or database file, relative to registry.yaml; for spark the full path or address "
        "below which the cluster finds the Parquet files",
    )
    connection: Connection | None = Field(None, description="How to reach a PostgreSQL database")
    schema_: str | None = Field(None, alias="schema", description="Schema of the database; public (duckdb: main)")
    tables: dict[str, TableMap] = Field({}, description="Core table to its mapping (built in for omop)")
    omop: Omop | None = Field(None, description="Options of an OMOP common data model")
    observation: Observation | None = Field(
        None,
        description="How observation periods are derived where the table is not mapped; without it from entry into the "
        "registry to death, the data cut and, where deaths are known from visits, last contact",
    )
    terms: dict[Literal["adverse_event"], str] = Field(
        {}, description="CSV that maps local terms: term, system, code, status"
    )
    dictionaries: dict[Literal["meddra"], str] = Field(
        {}, description="Folder with the dictionary's llt.asc and pt.asc"
    )


class Policy(Model):
    """The registry's own rules; a study may only ask for stricter ones."""

    min_cell: Annotated[int, Field(ge=1, le=1000)] = Field(
        description="Smallest count of persons or events that may be published"
    )
    min_persons: Annotated[int, Field(ge=1)] = Field(
        description="Fewest persons of a cohort here for any table of it to leave"
    )
    release: Literal["exact", "suppressed", "masked"] = Field(
        description="exact: counts go to the coordinating centre only, and small cells are withheld at publication; "
        "suppressed: small cells, and what would give them back, are withheld before anything leaves; "
        "masked: the centre learns only sums over at least three masked registries"
    )
    allow: tuple[Literal["incidence", "comparison", "survival", "quality"], ...] = Field(
        description="Kinds of analysis that may leave; survival lets events and ends of follow-up leave by the day"
    )
    zeros: Literal["shown", "withheld"] = Field(
        "shown", description="withheld: no event among persons at risk counts as too few to show"
    )
    dominance: Annotated[int, Field(ge=1, le=100)] | None = Field(
        None, description="Largest share in per cent that one person may have of a cell's events"
    )
    max_levels: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Most levels of a stratifier here; margins with more do not leave"
    )
    max_parameters_per_event: Annotated[float, Field(gt=0)] | None = Field(
        None, description="Most strata per event here of a ratio over strata; those of one with more do not leave"
    )


class Site(Model):
    """The engine that counts here. No number depends on it."""

    engine: Literal["duckdb", "spark"] = Field(
        "duckdb", description="duckdb: inside the program; spark: a cluster that speaks Spark Connect (Spark, Sail)"
    )
    address: str | None = Field(None, description="Spark Connect address of the cluster: sc://host:port")
    connection: Connection | None = Field(None, description="Instead of address: where an address with a token is kept")


class Prevalence(Model):
    """How many persons with the disease there are, at the data cut, where the registry collects."""

    persons: Annotated[int, Field(ge=1)] = Field(description="Persons with the disease")
    source: str = Field(min_length=1, max_length=200, description="Where the figure comes from, and for which day")


class National(Model):
    """How persons with the disease are spread over sex and age, by national figures."""

    file: str = Field(description="CSV with the columns sex, age_from, age_to, persons, beside registry.yaml")
    source: str = Field(min_length=1, max_length=200, description="Where the figures come from, and for which day")


class Benchmarks(Model):
    """Figures from outside that the registry is held against."""

    prevalence: Prevalence | None = Field(None, description="Persons there are: gives the coverage")
    national: National | None = Field(None, description="Their sex and age: gives the representativeness")
    earlier_rows: str | None = Field(
        None, description="CSV with the columns table, rows of an earlier extract: gives the rows that are fewer now"
    )


class Registry(Model):
    """A whole ``registry.yaml``."""

    registry: RegistryInfo = Field(description="Who the registry is")
    source: Source = Field(description="Where the data lie and how they map")
    policy: Policy = Field(description="What may leave; or the name of a file beside registry.yaml that says it")
    source_data_verification: str | None = Field(
        None, description="CSV of fields checked against source documents: table, column, checked, errors"
    )
    benchmarks: Benchmarks | None = Field(
        None, description="Figures from outside that the registry is held against; without one its indicator says so"
    )
    site: Site = Field(Site(), description="The engine that counts here, if it is not the embedded one")
    about: About | None = Field(
        None, description="What the registry says of itself for a dossier (docs/documents.md); it travels in the bundle"
    )
