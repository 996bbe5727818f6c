"""Several files of one layout as one table; the rows of each are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pass_engine.errors import SourceError
from pass_engine.source import faults
from pass_engine.source.opened import Opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pass_engine.errors import Fault
    from pass_engine.source.opened import Place


def join_files(opened: Mapping[str, tuple[Opened, Place]], counts: dict[str, int]) -> Opened:
    """Files (name to opened file and place) one after the other; fills ``counts`` with the rows of each once read.

    Raises SourceError where their columns are not the same; their order may differ.
    """
    first, (head, _) = next(iter(opened.items()))
    found: list[Fault] = []
    for name, (other, place) in opened.items():
        lacking, more = sorted(set(head.names) - set(other.names)), sorted(set(other.names) - set(head.names))
        if lacking or more:
            found.append(faults.other_columns(place.where, place.path, first, lacking, more))
        counts[name] = 0
    if found:
        raise SourceError(*found)

    def read(wanted: tuple[str, ...]) -> Iterator[Sequence[Any]]:
        for name, (file, _) in opened.items():
            for batch in file.read(wanted):
                counts[name] += len(batch[0])
                yield batch

    # A type counts only where every file has it: else a text of another file would be read as a day or number.
    kinds = set(head.kinds).intersection(*(file.kinds for file, _ in opened.values()))
    return Opened(head.names, read, tuple(sorted(kinds)))
