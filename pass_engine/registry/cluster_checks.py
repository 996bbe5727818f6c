"""Cross checks of a source on a cluster: is it counted there, and can all of its mapping be done there?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pass_engine.registry.models import ColumnMap, TableMap
from pass_engine.registry.numbers import Wrong
from pass_engine.yamltext import Problem, sound_fields, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.yamltext import KeyPath

FULL = re.compile(r"/|[a-z][a-z0-9+.\-]*://", re.IGNORECASE)
SECRET = re.compile(r"://[^/]*@")
OTHER_FORMATS = (".csv", ".txt", ".tsv", ".xlsx", ".dta", ".sas7bdat", ".xpt", ".sav", ".zsav")
DIRECTIVES = ("%d", "%-d", "%m", "%-m", "%b", "%B", "%Y", "%H", "%-H", "%M", "%S", "%f")
"""Those of a format of dates that a cluster reads."""
MISSING = 6


def check_cluster(value: object) -> Iterator[Problem]:
    """Everything wrong with a source on a cluster that is no fault elsewhere."""
    if value_at(value, ("source", "kind")) != "spark":
        return
    if value_at(value, ("site", "engine")) != "spark":
        problem, mend = "what a cluster reads is counted there", "write site: {engine: spark, address: sc://host:port}"
        yield Problem(("source", "kind"), Wrong.NOT_ON_CLUSTER, problem, mend)
    path, at = value_at(value, ("source", "path")), ("source", "path")
    if isinstance(path, str) and SECRET.search(path):
        problem, mend = "a name or password does not stand in this file", "give the cluster itself the right to read it"
        yield Problem(at, Wrong.PATH_OUTSIDE, problem, mend, found="an address with a name")
    elif isinstance(path, str) and not FULL.match(path):
        problem, mend = "the cluster does not know where registry.yaml lies", "write the full path or address it reads"
        yield Problem(at, Wrong.PATH_OUTSIDE, problem, mend)
    for name, table in sound_fields(TableMap, value, ("source", "tables")).items():
        here: KeyPath = ("source", "tables", name)
        yield from _place(here, table, has_path=path is not None)
        yield from _formats((*here, "date_format"), table.date_format)
        for column, given in table.columns.items():
            if isinstance(given, ColumnMap) and given.date_format is not None:
                yield from _formats((*here, "columns", column, "date_format"), given.date_format)


def _place(path: KeyPath, table: TableMap, *, has_path: bool) -> Iterator[Problem]:
    if (table.file is None) == (table.table is None):
        problem = "a cluster reads Parquet files, or a table of its catalogue: one of them"
        yield Problem((*path, "file"), Wrong.FILE_OR_TABLE, problem, "write file: or table:, and its name")
    if table.files and not has_path:
        mend = "write path: and the full path or address of the folder as the cluster reads it"
        yield Problem(("source", "path"), MISSING, "this field is missing", mend)
    for name in table.files:
        if name.lower().endswith(OTHER_FORMATS):
            problem, mend = "a cluster reads Parquet, and no other files", "put the table there as Parquet"
            yield Problem((*path, "file"), Wrong.NOT_ON_CLUSTER, problem, mend)


def _formats(path: KeyPath, stated: str | tuple[str, ...]) -> Iterator[Problem]:
    for date_format in (stated,) if isinstance(stated, str) else stated:
        unknown = sorted(set(re.findall(r"%-?.", date_format)) - set(DIRECTIVES))
        if unknown:
            problem = f"on a cluster no date is read by {', '.join(unknown)}"
            mend = f"hold the days as dates in the source, or write them with {', '.join(DIRECTIVES)}"
            yield Problem(path, Wrong.NOT_ON_CLUSTER, problem, mend)
