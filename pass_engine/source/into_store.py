"""From a reader's batches to a table of the store, every column text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.errors import SourceError
from pass_engine.source import faults
from pass_engine.source.text import Kind, NotTextError, text_of_array, text_of_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

    from pass_engine.source.opened import Opened, Place
    from pass_engine.store import Store


@dataclass(frozen=True)
class Loaded:
    """What was loaded: rows, and the columns in which the source holds dates or numbers."""

    rows: int
    typed_dates: frozenset[str]
    typed_numbers: frozenset[str]


def load_text(
    store: Store,
    name: str,
    columns: tuple[str, ...],
    opened: Opened,
    place: Place,
    keep: Callable[[pa.RecordBatch], pa.RecordBatch] | None = None,
) -> Loaded:
    """Load columns of an opened table into the table ``name``; ``keep`` says which rows of a batch are wanted."""
    import pyarrow as pa

    kinds: dict[str, set[Kind]] = {column: set() for column in columns}
    caught: list[SourceError | OSError] = []
    schema = pa.schema([(column, pa.string()) for column in columns])

    def batches() -> Iterator[pa.RecordBatch]:
        # An error may not pass through the database, which would put it into words of its own.
        try:
            for values in opened.read(columns):
                batch = pa.record_batch(_as_text(values, kinds, place), schema=schema)
                yield keep(batch) if keep else batch
        except (SourceError, OSError) as error:
            caught.append(error)

    store.load_arrow(name, pa.RecordBatchReader.from_batches(schema, batches()))
    if caught:
        store.drop_table(name)
        raise caught[0]
    known = set(opened.kinds)
    return Loaded(
        store.count_rows(name),
        typed_dates=frozenset(n for n, seen in kinds.items() if "date" in seen or (n, "date") in known),
        typed_numbers=frozenset(n for n, seen in kinds.items() if "number" in seen or (n, "number") in known),
    )


def _as_text(columns: Sequence[Any], kinds: dict[str, set[Kind]], place: Place) -> list[pa.Array]:
    import pyarrow as pa

    arrays = []
    for name, values in zip(kinds, columns, strict=True):
        try:
            array, kind = text_of_array(values) if isinstance(values, pa.Array) else text_of_values(values)
        except NotTextError as error:
            raise SourceError(faults.unreadable_column(place.where, place.path, name, str(error))) from error
        kinds[name] |= kind
        arrays.append(array)
    return arrays
