"""Cross checks of ``registry.yaml``: what no single field can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.registry.benchmarks import PATHS as BENCHMARKS
from pass_engine.registry.cluster_checks import check_cluster
from pass_engine.registry.columns import check_columns
from pass_engine.registry.derived import check_observation
from pass_engine.registry.models import RegistryInfo, TableMap
from pass_engine.registry.numbers import Wrong
from pass_engine.registry.parts import check_tests
from pass_engine.registry.places import Folder
from pass_engine.registry.site_checks import check_site
from pass_engine.registry.source_checks import DATABASES, check_source
from pass_engine.registry.verification import PATH as VERIFICATION
from pass_engine.tables.core import CORE
from pass_engine.yamltext import ONE_LINE, Problem, sound, sound_fields, suggest, text_problem, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pass_engine.yamltext import KeyPath

TEXT_ENDINGS = (".csv", ".txt", ".tsv")
WRONG_VALUE = 8
"""Number of a value that is not allowed, in every YAML file."""
ONE_ROW = "one row a person"


@dataclass(frozen=True)
class Checked:
    """What is wrong, and the digests of the mapping files that were found."""

    problems: tuple[Problem, ...]
    digests: dict[str, str]


def check_registry(value: dict[str, object], folder: Path) -> Checked:
    """Everything wrong between the sound parts of a registry's file."""
    files = Folder(folder)
    found = dict.fromkeys([*_info(value), *_source(value, files), *_tables(value, files), *_verification(value, files)])
    return Checked(tuple(found), files.digests)


def _info(value: object) -> Iterator[Problem]:
    info: RegistryInfo | None = sound(RegistryInfo, value, ("registry",))
    if info is None:
        return
    named = text_problem(info.name)
    if named:
        yield Problem(("registry", "name"), WRONG_VALUE, named, ONE_LINE)
    for source, start in info.collection_start.items():
        if start > info.data_cut_date:
            path = ("registry", "collection_start", source)
            problem = f"collection starts after the data cut of {info.data_cut_date}"
            yield Problem(path, Wrong.DATES_OUT_OF_ORDER, problem, "write the first day of collection, or a later cut")
    for number, country in enumerate(info.countries):
        if country in info.countries[:number]:
            path_of_it = ("registry", "countries", number)
            yield Problem(path_of_it, Wrong.NAME_TWICE, "this country stands twice in the list", "keep one of them")


def _source(value: object, files: Folder) -> Iterator[Problem]:
    yield from check_source(value)
    yield from check_site(value)
    yield from check_cluster(value)
    yield from check_observation(value)
    for section in ("terms", "dictionaries"):
        entries = value_at(value, ("source", section))
        for name, entry in entries.items() if isinstance(entries, dict) else ():
            if isinstance(entry, str):
                yield from files.find(("source", section, str(name)), entry, is_folder=section == "dictionaries")
    yield from _terms(value)


def _terms(value: object) -> Iterator[Problem]:
    """A file of terms is read for events of the code system ``local`` alone."""
    path: KeyPath = ("source", "terms", "adverse_event")
    table = value_at(value, ("source", "tables", "adverse_event"))
    if not isinstance(value_at(value, path), str) or not isinstance(table, dict):
        return
    columns, constants = ({} if not isinstance(p, dict) else p for p in (table.get("columns"), table.get("constants")))
    if "code_system" in columns or constants.get("code_system") == "local":
        return
    problem = "the file of terms has no effect, since no event has the code system local"
    mend = "under tables.adverse_event map code: (or verbatim:) to the terms, and write constants: {code_system: local}"
    yield Problem(path, Wrong.OUT_OF_PLACE, problem, mend)


def _tables(value: object, files: Folder) -> Iterator[Problem]:
    named = value_at(value, ("source", "tables"))
    kind = value_at(value, ("source", "kind"))
    for name in named if isinstance(named, dict) else ():
        if name not in CORE:
            path: KeyPath = ("source", "tables", str(name))
            problem = "the core data model has no table of this name"
            yield Problem(path, Wrong.NO_SUCH_TABLE, problem, suggest(str(name), CORE), at_key=True)
    for name, table in sound_fields(TableMap, value, ("source", "tables")).items():
        here: KeyPath = ("source", "tables", name)
        yield from _place(value, here, table, kind)
        yield from _row_rules(here, table)
        if name in CORE:
            yield from check_columns(CORE[name], table, here, files)


def _verification(value: object, files: Folder) -> Iterator[Problem]:
    for path in ((VERIFICATION,), *BENCHMARKS):
        name = value_at(value, path)
        if isinstance(name, str):
            yield from files.find(path, name)


def _place(value: object, path: KeyPath, table: TableMap, kind: object) -> Iterator[Problem]:
    if not isinstance(kind, str) or (kind != "files" and kind not in DATABASES):
        return
    wanted, other = ("file", "table") if kind == "files" else ("table", "file")
    what = DATABASES.get(kind, "a folder of files")
    if getattr(table, wanted) is None:
        problem = f"the source is {what}, and no {wanted} is named"
        yield Problem((*path, wanted), Wrong.FILE_OR_TABLE, problem, f"write {wanted}: and its name")
    if getattr(table, other) is not None:
        problem = f"the source is {what}, which has no {other}"
        yield Problem((*path, other), Wrong.FILE_OR_TABLE, problem, f"take {other} away", at_key=True)
    if any(Folder.is_absolute(file) or ".." in file.replace("\\", "/").split("/") for file in table.files):
        problem = "the file does not lie under the source's path"
        yield Problem((*path, "file"), Wrong.PATH_OUTSIDE, problem, "write its place below source.path")
    yield from _format(value, path, table)


def _format(value: object, path: KeyPath, table: TableMap) -> Iterator[Problem]:
    endings = {"." + file.lower().rsplit(".", 1)[-1] for file in table.files}
    if not endings & set(TEXT_ENDINGS):
        yield from _no_effect(value, path, ("delimiter", "encoding"), "except for text files (csv, txt, tsv)")
    if ".xlsx" not in endings:
        yield from _no_effect(value, path, ("sheet",), "except for workbooks (xlsx)")


def _row_rules(path: KeyPath, table: TableMap) -> Iterator[Problem]:
    core = CORE.get(str(path[-1]))
    if table.merge_rows and core is not None and core.grain != ONE_ROW:
        problem = f"merge_rows makes one row a person, but this table has {core.grain}"
        yield Problem((*path, "merge_rows"), Wrong.OUT_OF_PLACE, problem, "take merge_rows away", at_key=True)
    yield from check_tests(table.where, (*path, "where"))
    if table.where == {}:
        yield Problem((*path, "where"), Wrong.OUT_OF_PLACE, "where names no column", "take where away", at_key=True)


def _no_effect(value: object, path: KeyPath, names: tuple[str, ...], reason: str) -> Iterator[Problem]:
    for name in names:
        if value_at(value, (*path, name)) is not None:
            problem = f"{name} has no effect {reason}"
            yield Problem((*path, name), Wrong.OUT_OF_PLACE, problem, f"take {name} away", at_key=True)
