"""Words that HARPER tables share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.report.model import Column, Table
from pass_engine.report.tables.definitions import identity
from pass_engine.report.tables.layout import make

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pass_engine.report.context import Context
    from pass_engine.report.model import Line

UNSAID: Final = "Not stated in the protocol"
ANY_CARE: Final = "Any, as recorded"
NOT_CODED: Final = "n/a"


def pairs(ctx: Context, key: str, title: str, lines: Iterable[Line], *, empty: str) -> Table:
    """A table of an item and what holds for it."""
    columns = (Column("Item", 1.6, numeric=False), Column("Content", 4.6, numeric=False))
    return make(key, title, columns, lines, identity(ctx), empty=empty)
