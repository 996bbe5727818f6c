"""Parquet files, read in batches with the types they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pass_engine.errors import SourceError
from pass_engine.source import faults
from pass_engine.source.opened import BATCH_ROWS, Opened, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def open_parquet(file: Path, place: Place) -> Opened:
    """Read the schema; the rows follow when asked for."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        parquet = pq.ParquetFile(file)
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise SourceError(faults.unreadable_file(place.where, place.path, "Parquet")) from error

    def read(wanted: tuple[str, ...]) -> Iterator[Sequence[Any]]:
        try:
            for batch in parquet.iter_batches(BATCH_ROWS, columns=list(wanted), use_threads=False):
                yield [batch.column(name) for name in wanted]
        except (pa.ArrowException, OSError, UnicodeError) as error:
            raise SourceError(faults.unreadable_file(place.where, place.path, "Parquet")) from error
        finally:
            parquet.close()

    return Opened(tuple(parquet.schema_arrow.names), read)
