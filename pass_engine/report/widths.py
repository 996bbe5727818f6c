"""Widths of the columns of a table on paper: as declared, but none narrower than its longest word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PORTRAIT, LANDSCAPE = 170.0, 257.0
"""Millimetres between the margins of a page of A4."""
LETTER, BOLD_LETTER = 1.48, 1.63
"""Millimetres that a letter of a table takes, on the safe side of the mean."""
PADDING: Final = 2.4
MOST_LETTERS: Final = 22
"""A longer word is broken: it would push the other columns away."""


def fitted(declared: Sequence[float], needed: Sequence[float], width: float) -> tuple[float, ...]:
    """Widths in millimetres that fill ``width`` in the declared shares, each at least what it needs where that is had.

    What one column lacks, the others give in proportion to what they can spare.
    """
    whole = sum(declared)
    given = [share / whole * width for share in declared]
    lacking = sum(max(need - own, 0.0) for own, need in zip(given, needed, strict=True))
    spare = [max(own - need, 0.0) for own, need in zip(given, needed, strict=True)]
    if not lacking or sum(needed) > width:
        return tuple(given)
    taken = lacking / sum(spare)
    return tuple(max(own, need) - left * taken for own, need, left in zip(given, needed, spare, strict=True))


def needed(heads: Sequence[str], columns: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """Millimetres for the longest word of each column, its head (in bold) among them."""
    return tuple(
        PADDING + max(_longest([head]) * BOLD_LETTER, _longest(texts) * LETTER)
        for head, texts in zip(heads, columns, strict=True)
    )


def _longest(texts: Sequence[str]) -> int:
    return min(max((len(word) for text in texts for word in _words(text)), default=0), MOST_LETTERS)


def _words(text: str) -> Iterator[str]:
    """Pieces that no line break may come into: hyphens part them."""
    for word in text.split():
        yield from word.replace("-", "- ").split()
