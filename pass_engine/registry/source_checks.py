"""Cross checks of ``source``: does each kind of source have what opens it, and nothing that is without effect?"""

from __future__ import annotations

import codecs
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pass_engine.registry.models import Connection, TableMap
from pass_engine.registry.numbers import Wrong
from pass_engine.registry.places import Folder
from pass_engine.yamltext import Problem, sound, sound_fields, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.yamltext import KeyPath

MISSING, WRONG_VALUE = 6, 8
"""Numbers of a missing field and of a value that is not allowed, in every YAML file."""
DATABASES = {"sqlite": "a SQLite database", "duckdb": "a DuckDB database", "postgres": "a PostgreSQL database"}
WITH_SCHEMA = ("duckdb", "postgres", "omop")


def check_source(value: object) -> Iterator[Problem]:
    """What is wrong with the place of the data, whatever the tables."""
    kind = value_at(value, ("source", "kind"))
    if not isinstance(kind, str):
        return
    if kind != "spark":
        yield from _path(value)
    yield from _ways_in(value, kind)
    yield from _connection(value)
    yield from _only_for(value, kind)
    if kind != "omop" and not value_at(value, ("source", "tables")):
        yield Problem(("source", "tables"), MISSING, "no table is mapped", "write tables: and a mapping for each")
    for name, table in sound_fields(TableMap, value, ("source", "tables")).items():
        yield from _encoding(("source", "tables", name, "encoding"), table.encoding)


def _path(value: object) -> Iterator[Problem]:
    path = value_at(value, ("source", "path"))
    if isinstance(path, str) and "://" in path:
        mend = "take it away; a PostgreSQL database has kind: postgres and connection: {environment: NAME}"
        yield Problem(("source", "path"), Wrong.PATH_OUTSIDE, "the address of a database is no path", mend)
    elif isinstance(path, str) and Folder.is_absolute(path):
        mend = "write it relative to the folder of registry.yaml, as data/ or ../data/"
        yield Problem(("source", "path"), Wrong.PATH_OUTSIDE, "the path does not begin at registry.yaml", mend)


def _ways_in(value: object, kind: str) -> Iterator[Problem]:
    """A path, or a connection for PostgreSQL; an OMOP common data model may have either."""
    path, connection = (value_at(value, ("source", name)) is not None for name in ("path", "connection"))
    if kind == "postgres" and not connection:
        yield _missing("connection", "write connection: {environment: NAME}, or {file: NAME}")
    if kind == "omop" and not (path or connection):
        yield _missing("path", "write path: and a folder or database file, or connection: for PostgreSQL")
    if kind not in ("postgres", "omop", "spark") and not path:
        yield _missing("path", "write path: and the folder or database file, relative to registry.yaml")
    if kind == "postgres" and path:
        yield _no_effect("path", "for a PostgreSQL database, which has a connection")
    if kind not in ("postgres", "omop") and connection:
        reason = "except for kind: postgres and kind: omop"
        yield _no_effect("connection", "for kind: spark (see site.connection)" if kind == "spark" else reason)
    if kind == "omop" and path and connection:
        problem = "an OMOP common data model has a path or a connection, not both"
        yield Problem(("source", "connection"), Wrong.ONE_OF_TWO, problem, "keep one of them", at_key=True)


def _connection(value: object) -> Iterator[Problem]:
    here: KeyPath = ("source", "connection")
    given: Connection | None = sound(Connection, value, here) if value_at(value, here) is not None else None
    if given is None:
        return
    if (given.environment is None) == (given.file is None):
        problem = "the words that open a database stand in an environment variable or in a file: one of them"
        yield Problem(here, Wrong.ONE_OF_TWO, problem, "write environment: NAME, or file: NAME")
    if given.file is not None and Folder.is_absolute(given.file):
        problem = "the path does not begin at registry.yaml"
        yield Problem((*here, "file"), Wrong.PATH_OUTSIDE, problem, "write it relative to the folder of registry.yaml")


def _only_for(value: object, kind: str) -> Iterator[Problem]:
    """Fields that belong to some kinds of source only."""
    if value_at(value, ("source", "schema")) is not None and not _has_schemas(value, kind):
        yield _no_effect("schema", "except for duckdb and postgres")
    if kind == "omop":
        if value_at(value, ("source", "tables")) is not None:
            reason = "for omop, whose mapping is built in (options stand under omop)"
            yield replace(_no_effect("tables", reason), found="tables:")
    elif value_at(value, ("source", "omop")) is not None:
        yield _no_effect("omop", "except for kind: omop")


def _has_schemas(value: object, kind: str) -> bool:
    path = value_at(value, ("source", "path"))
    is_folder = kind == "omop" and isinstance(path, str) and not PurePosixPath(path).suffix
    return kind in WITH_SCHEMA and not is_folder


def _encoding(path: KeyPath, name: str) -> Iterator[Problem]:
    try:
        codecs.lookup(name)
        "".encode(name)  # what is no encoding of text (rot13, base64) fails here
    except (LookupError, UnicodeError):
        mend = "write utf-8, latin-1, windows-1252, iso-8859-2 or another that Python knows"
        yield Problem(path, WRONG_VALUE, "no encoding of text has this name", mend)


def _missing(name: str, mend: str) -> Problem:
    return Problem(("source", name), MISSING, "this field is missing", mend)


def _no_effect(name: str, reason: str) -> Problem:
    path: KeyPath = ("source", name)
    return Problem(path, Wrong.OUT_OF_PLACE, f"{name} has no effect {reason}", f"take {name} away", at_key=True)
