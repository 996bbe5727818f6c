"""Sections 11 to 14: what only people can write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.report.model import Section
from pass_engine.report.sections.parts import prose

if TYPE_CHECKING:
    from pass_engine.report.context import Context


def closing_sections(ctx: Context) -> tuple[Section, ...]:
    """Discussion, other information, conclusion, references."""
    return (
        Section(
            "11",
            "Discussion",
            (),
            (
                Section("11.1", "Key results", (prose(ctx, "key_results"),)),
                Section("11.2", "Limitations", (prose(ctx, "limitations"),)),
                Section("11.3", "Interpretation", (prose(ctx, "interpretation"),)),
                Section("11.4", "Generalisability", (prose(ctx, "generalisability"),)),
            ),
        ),
        Section("12", "Other information", (prose(ctx, "other_information"),)),
        Section("13", "Conclusion", (prose(ctx, "conclusion"),)),
        Section("14", "References", (prose(ctx, "references"),)),
    )
