"""What a study asks of a registry, once, for every form in which it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pass_engine.protocol.extras import extra_columns
from pass_engine.protocol.needs import code_systems, needs_of, tables_of
from pass_engine.report.notes import DIGEST_LENGTH
from pass_engine.report.numbers import format_date
from pass_engine.tables.core import CORE, EXTRA

if TYPE_CHECKING:
    from pass_engine.protocol import Protocol
    from pass_engine.protocol.needs import Need
    from pass_engine.tables.core import Column

DOCUMENT: Final = "Data request"
KINDS: Final = {
    "id": "text, a pseudonym",
    "text": "text",
    "date": "date (2019-05-14, 2019-05 or 2019)",
    "code": "code",
    "number": "number",
    "integer": "whole number",
}
OWN_FORMS: Final = {"country": "two capital letters, ISO 3166-1"}
LEVELS: Final = (
    ("required", "a registry without it cannot take part"),
    ("needed", "a rule of the study reads it; without it that rule cannot be applied as the protocol says"),
    ("wanted", "it describes persons or makes an event surer; the study can do without"),
)
FILLED: Final = {"first_day": "the first day", "last_day": "the last day", "middle": "the middle"}


@dataclass(frozen=True)
class Variable:
    """One line of the dictionary."""

    name: str
    meaning: str
    form: str
    values: tuple[str, ...]
    level: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class AskedTable:
    """One table that is asked for, and one row of what it has."""

    name: str
    grain: str
    variables: tuple[Variable, ...]


@dataclass(frozen=True)
class Request:
    """The whole request. ``facts`` are pairs of a term and what holds; ``codes`` are the rows of the code lists."""

    protocol: Protocol
    facts: tuple[tuple[str, str], ...]
    rules: tuple[str, ...]
    tables: tuple[AskedTable, ...]
    code_lists: tuple[tuple[str, str, int], ...]
    codes: tuple[tuple[str, str, str, str, str], ...]
    substances: tuple[tuple[str, str, str], ...]
    not_asked: tuple[str, ...]

    @property
    def title(self) -> str:
        """The study's title."""
        return self.protocol.study.study.title

    @property
    def version(self) -> str:
        """Version, date and digest of the protocol, in words."""
        info = self.protocol.study.study
        digest = self.protocol.digest[:DIGEST_LENGTH]
        return f"Version {info.version} · {format_date(info.date)} · protocol digest {digest}"


def make_request(protocol: Protocol) -> Request:
    """What the study of a protocol asks of a registry."""
    asked = tables_of(needs_of(protocol))
    extras = extra_columns(protocol.study.data)
    return Request(
        protocol=protocol,
        facts=_facts(protocol),
        rules=_rules(protocol),
        tables=tuple(_table(name, needs, extras.get(name, ())) for name, needs in asked.items()),
        code_lists=code_systems(protocol),
        codes=_codes(protocol),
        substances=_substances(protocol),
        not_asked=tuple(name for name in CORE if name not in asked),
    )


def _facts(protocol: Protocol) -> tuple[tuple[str, str], ...]:
    study = protocol.study
    info, period = study.study, study.population.period
    return (
        ("Study", info.id),
        ("Status of the protocol", info.status),
        ("Data model", study.data.model),
        ("Data cut", format_date(study.data.cut)),
        ("Cohort entry", f"{format_date(period.start)} to {format_date(period.end)}"),
        ("Registries invited", ", ".join(study.data.registries)),
        ("Smallest count published", str(study.publish.min_cell)),
    )


def _rules(protocol: Protocol) -> tuple[str, ...]:
    partial = protocol.study.data.partial_dates
    filled = ", ".join(
        f"{FILLED[rule]} for {name}"
        for name, rule in (
            ("births", partial.birth),
            ("starts", partial.start),
            ("stops", partial.stop),
            ("events", partial.event),
        )
    )
    return (
        (
            "Nothing at person level leaves the registry: the data stay on its own machine, where the study is run, "
            "and counts leave it."
        ),
        (
            "The registry maps what it has to the tables below, in its registry.yaml (pass-engine registry init drafts "
            "it, pass-engine registry check tells what is missing)."
        ),
        (
            "person_id is the registry's own pseudonym; it stays the same in every table and is never linked to "
            "another registry."
        ),
        (f"A date may be known to the month or year only. Of the month or year the study then takes {filled}."),
        (
            "What is missing is left empty. Where a list has the value unknown, it means that somebody asked and was "
            "told so."
        ),
        *_on_extras(protocol),
        ("All persons of the registry are asked for, not those of one treatment: the study decides who enters."),
        (
            "All rows up to the data cut are asked for, those before the study's period too: earlier treatment and "
            "earlier events are looked back upon."
        ),
    )


def _on_extras(protocol: Protocol) -> tuple[str, ...]:
    if not protocol.study.data.extras:
        return ()
    return (
        (
            f"A variable whose name begins with {EXTRA} is one of this study alone, beyond the core data model. It is "
            "mapped like any other, among the columns of its table."
        ),
    )


def _table(name: str, needs: tuple[Need, ...], extras: tuple[Column, ...]) -> AskedTable:
    columns = {column.name: column for column in (*CORE[name].columns, *extras)}
    variables = tuple(_variable(need, columns[need.column]) for need in needs)
    return AskedTable(name, CORE[name].grain, variables)


def _variable(need: Need, column: Column) -> Variable:
    form = OWN_FORMS.get(column.name, KINDS[column.kind])
    return Variable(column.name, _meaning(column), form, column.codes, need.level, need.reasons)


def _meaning(column: Column) -> str:
    return f"{column.meaning} ({column.unit})" if column.unit else column.meaning


def _codes(protocol: Protocol) -> tuple[tuple[str, str, str, str, str], ...]:
    return tuple(
        (path, c.system, c.code_from if c.code_from == c.code_to else f"{c.code_from}-{c.code_to}", c.match, c.label)
        for path, codes in sorted(protocol.code_lists.items())
        for c in codes
    )


def _substances(protocol: Protocol) -> tuple[tuple[str, str, str], ...]:
    """(substance, exposure, table) for every substance by which an exposure is known."""
    return tuple(
        (substance, exposure.label, exposure.from_)
        for exposure in protocol.study.exposures.values()
        for substance in exposure.substances or ()
    )
