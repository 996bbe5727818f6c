"""Stata, SAS and SPSS files. Coded values stay codes: a value label is not read, the mapping says what a code means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pass_engine.errors import SourceError
from pass_engine.source import faults
from pass_engine.source.opened import BATCH_ROWS, Opened, Place
from pass_engine.source.transport import is_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

KINDS = {
    ".dta": "a Stata file",
    ".sas7bdat": "a SAS file",
    ".xpt": "a SAS transport file",
    ".sav": "an SPSS file",
    ".zsav": "an SPSS file",
}
READERS = {
    ".dta": "read_dta",
    ".sas7bdat": "read_sas7bdat",
    ".xpt": "read_xport",
    ".sav": "read_sav",
    ".zsav": "read_sav",
}


def open_stat_file(file: Path, place: Place) -> Opened:
    """Read the names of the columns; the rows follow in chunks when asked for."""
    import pyreadstat

    reader = getattr(pyreadstat, READERS[file.suffix.lower()])
    kind = KINDS[file.suffix.lower()]
    meta = _call(reader, file, place, kind, metadataonly=True)[1]

    def check(rows: int) -> None:
        """A file that is cut off must not pass for a shorter one."""
        is_transport = file.suffix.lower() == ".xpt"
        row_bytes = sum(meta.variable_storage_width.values())
        whole = is_whole(file, row_bytes, rows) if is_transport else meta.number_rows in (None, rows)
        if not whole:
            raise SourceError(faults.unreadable_file(place.where, place.path, kind))

    def read(wanted: tuple[str, ...]) -> Iterator[Sequence[Any]]:
        start = 0
        while True:
            data, _ = _call(
                reader,
                file,
                place,
                kind,
                usecols=list(wanted),
                output_format="dict",
                row_offset=start,
                row_limit=BATCH_ROWS,
            )
            rows = len(data[wanted[0]])
            start += rows
            if rows:
                yield [data[name] for name in wanted]
            if rows < BATCH_ROWS:
                check(start)
                return

    return Opened(tuple(meta.column_names), read)


def _call(reader: Callable[..., Any], file: Path, place: Place, kind: str, **options: object) -> Any:
    import pyreadstat

    try:
        return reader(str(file), **options)
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OverflowError, UnicodeError) as error:
        raise SourceError(faults.unreadable_file(place.where, place.path, kind)) from error
