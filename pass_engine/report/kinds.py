"""Kinds of report: the final study report, and what an interim report, a progress report and an abstract leave out.

All follow the format of the final study report (EMA/48663/2013) and keep its section numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pass_engine.report.numbers import join_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.report.model import Section


@dataclass(frozen=True)
class Kind:
    """One kind: its name on the command line, what it is called in print, and the sections it has not."""

    key: str
    document: str
    lacks: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """What it is called within a sentence."""
        return self.document[:1].lower() + self.document[1:]

    def has(self, number: str) -> bool:
        """Is this section part of it? A section goes with the one it belongs to."""
        whole = [number.rsplit(".", n)[0] for n in range(number.count(".") + 1)]
        return not self.lacks & set(whole) and (not self.only or bool(self.only & set(whole)))

    @property
    def scope(self) -> str:
        """What it leaves out, in a sentence; nothing for a final report."""
        if not self.lacks:
            return ""
        away = join_words(sorted(self.lacks, key=_rank))
        several = "s" if len(self.lacks) > 1 else ""
        return (
            f"Sections have the numbers of a final study report; this {self.name} is made before the end of the study "
            f"and leaves out section{several} {away}."
        )


FINAL: Final = Kind("final", "Final study report")
INTERIM: Final = Kind("interim", "Interim study report", frozenset({"10.5", "11.3", "11.4", "13"}))
PROGRESS: Final = Kind(
    "progress", "Progress report", frozenset({"1", "9.6", "9.7", "9.8", "9.9", "10.4", "10.5", "11", "13"})
)
ABSTRACT: Final = Kind("abstract", "Abstract of the final study report", only=frozenset({"1"}))
KINDS: Final = {kind.key: kind for kind in (FINAL, INTERIM, PROGRESS, ABSTRACT)}
DECLARED: Final = {"final_report": FINAL, "interim_report": INTERIM, "progress_report": PROGRESS}
"""Kinds by their names in ``publish.reports`` of a protocol."""


def _rank(number: str) -> list[int]:
    return [int(part) for part in number.split(".")]


def sections_of(kind: Kind, sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The sections that the kind has, in their order; a parent that keeps nothing goes as well."""
    return tuple(_kept(kind, sections))


def _kept(kind: Kind, sections: tuple[Section, ...]) -> Iterator[Section]:
    for section in sections:
        if not kind.has(section.number):
            continue
        below = tuple(_kept(kind, section.sections))
        if section.blocks or below:
            yield replace(section, sections=below)
