"""Fonts cut down to the letters of a page, to stand inside it."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Final

from pass_engine.report.printable import font_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

FEATURES: Final = ("kern", "liga", "lnum", "tnum", "mark", "mkmk", "locl", "ccmp")
"""What the style of the page turns on, and what letters with accents need."""


def font_inside(face: str, letters: Iterable[str]) -> str:
    """One face of Source Sans with these letters alone, as a ``data:`` address of a WOFF2 file.

    The bytes depend on the letters and on the pinned packages only: no time is written into the font.
    """
    from fontTools import subset

    options = subset.Options(flavor="woff2", layout_features=list(FEATURES), hinting=False, recalc_timestamp=False)
    held = io.BytesIO()
    with subset.load_font(font_folder() / f"SourceSansPro-{face}.ttf", options) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=sorted({ord(letter) for letter in letters}))
        subsetter.subset(font)
        subset.save_font(font, held, options)
    return "data:font/woff2;base64," + base64.b64encode(held.getvalue()).decode()
