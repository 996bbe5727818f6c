"""What would stop the report at its end, told before a run begins: letters without a font, libraries not installed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pass_engine.errors import Fault, ReportError
from pass_engine.yamltext import Problem, read_yaml, shown_name, texts_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pass_engine.protocol import Protocol
    from pass_engine.yamltext import KeyPath

FAMILY: Final = "PE8"
LETTERS: Final = 16
PROBLEM: Final = "the fonts of the report hold no such character"
MEND: Final = "write it in Latin, Greek or Cyrillic letters"
BLANKS: Final = "\n\t\r"
SHOWN: Final = 10


def font_folder() -> Path:
    """Where the pinned package keeps its font files."""
    import font_source_sans_pro

    return Path(font_source_sans_pro.font_directory)


def strange_letters(text: str) -> str:
    """The characters of a text that the report's fonts do not hold, as U+0000; empty where there are none."""
    strange = sorted({c for c in text if c not in BLANKS and ord(c) not in _held()})
    more = f" and {len(strange) - SHOWN} more" if len(strange) > SHOWN else ""
    return ", ".join(f"U+{ord(c):04X}" for c in strange[:SHOWN]) + more


def check_letters(protocol: Protocol, registries: Iterable[Path] = ()) -> None:
    """Can all that people wrote be printed: a protocol with its texts and lists, and what registries say of themselves?

    ``registries``: folders whose registry.yaml was read. Raises ReportError with every place.
    """
    faults = list(_yaml_faults(protocol.folder / protocol.file_name, ()))
    for name, text in _prose(protocol):
        faults += _file_faults(protocol.folder / name, text)
    for name, codes in protocol.code_lists.items():
        faults += _file_faults(protocol.folder / name, "\n".join(code.label for code in codes))
    for name, listed in protocol.substances.items():
        faults += _file_faults(protocol.folder / name, "\n".join(row.substance for row in listed))
    for folder in registries:
        for below in (("registry", "name"), ("about",)):
            faults += _yaml_faults(folder / "registry.yaml", below)
    if faults:
        raise ReportError(*faults)


@cache
def _held() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    return frozenset(TTFont(font_folder() / "SourceSansPro-Regular.ttf").getBestCmap())


def _prose(protocol: Protocol) -> Iterator[tuple[str, str]]:
    names = protocol.study.study.text.model_dump()
    yield from ((names[field], text) for field, text in protocol.prose.items())


def _yaml_faults(file: Path, below: KeyPath) -> Iterator[Fault]:
    """Faults of the texts of a YAML file, below a path."""
    document, _ = read_yaml(file, FAMILY)
    for path, text in texts_in(document.value) if document is not None else ():
        found = strange_letters(text) if path[: len(below)] == below else ""
        if document is not None and found:
            yield document.fault(Problem(path, LETTERS, PROBLEM, MEND, found=found), FAMILY)


def _file_faults(file: Path, printed: str) -> Iterator[Fault]:
    """Faults of a text file, line by line; only of letters that are printed."""
    if not strange_letters(printed):
        return
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").split("\n"), 1):
        found = strange_letters("".join(set(line) & set(printed)))
        if found:
            yield Fault(f"{shown_name(file)}:{number}", "", found, PROBLEM, MEND, f"{FAMILY}{LETTERS}", number)
