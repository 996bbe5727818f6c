"""Disclosure control: what leaves a registry, and what is shown at publication."""

from pass_engine.disclose.border import (
    BORDER_TABLES,
    OPTIONAL_TABLES,
    BorderTable,
    Withheld,
    check_border,
    empty_table,
    shape_tables,
)
from pass_engine.disclose.frames import Row, records
from pass_engine.disclose.publish import publish
from pass_engine.disclose.stricter import stricter
from pass_engine.disclose.suppress import suppress, withheld_rows

__all__ = [
    "BORDER_TABLES",
    "OPTIONAL_TABLES",
    "BorderTable",
    "Row",
    "Withheld",
    "check_border",
    "empty_table",
    "publish",
    "records",
    "shape_tables",
    "stricter",
    "suppress",
    "withheld_rows",
]
