"""An OMOP common data model as a folder: one CSV or Parquet file a table, named after it in any case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.errors import SourceError
from pass_engine.source import faults
from pass_engine.source.csv_file import DELIMITERS, open_csv
from pass_engine.source.parquet_file import open_parquet
from pass_engine.source.places import place_of
from pass_engine.tables.cdm import CDM

if TYPE_CHECKING:
    from pathlib import Path

    from pass_engine.registry import LoadedRegistry
    from pass_engine.source.opened import Opened, Place

ENDINGS = (".csv", ".txt", ".tsv", ".parquet")
ENCODING = "utf-8"
LONGEST_HEADER = 10_000


class CdmFolder:
    """The tables of the model that lie in a folder as files."""

    def __init__(self, loaded: LoadedRegistry, folder: Path) -> None:
        """Look what is there; SourceError where a table is there twice."""
        self._loaded = loaded
        self.place = place_of(loaded, folder, "source.path")
        self.origin = ""
        self._files: dict[str, Path] = {}
        for file in sorted(f for f in folder.iterdir() if f.suffix.lower() in ENDINGS and f.stem.lower() in CDM):
            if self._files.setdefault(file.stem.lower(), file) != file:
                raise SourceError(faults.cdm_table_twice(self.place.where, self.place.path, file.stem))

    def names(self) -> tuple[str, ...]:
        """Names of the tables, in lower case."""
        return tuple(self._files)

    def open(self, table: str, place: Place) -> Opened:
        """Open the file of a table."""
        file = self._files[table]
        place = place_of(self._loaded, file, place.path)
        if file.stat().st_size == 0:
            raise SourceError(faults.empty_file(place.where, place.path))
        if file.suffix.lower() == ".parquet":
            return open_parquet(file, place)
        delimiter = _delimiter(file, table)
        # Vocabulary files come with tabs and without quoting: a quotation mark is part of a concept's name.
        return open_csv(file, place, delimiter=delimiter, encoding=ENCODING, is_quoted=delimiter != "\t")


def _delimiter(file: Path, table: str) -> str:
    """The delimiter that divides the header into most of the columns that the model has; a comma where none does."""
    with file.open("rb") as raw:
        header = raw.readline(LONGEST_HEADER).decode(errors="replace").lower().lstrip("\ufeff")
    known = set(CDM[table].columns)
    found = {d: len(known & {name.strip().strip('"') for name in header.split(d)}) for d in DELIMITERS}
    best = max(found, key=lambda d: found[d])
    return best if found[best] else ","
