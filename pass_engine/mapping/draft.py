"""Draft a registry.yaml from a look at files, for a data manager to finish: guesses say why, doubts are TO DO."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pass_engine.errors import Fault, SourceError
from pass_engine.mapping.guess import SURE, TableGuess, guess_table, guess_value, read_alone
from pass_engine.source.survey import ENDINGS, survey
from pass_engine.tables.core import CORE
from pass_engine.whole import write_whole
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pass_engine.mapping.guess import Guess, Look
    from pass_engine.source.survey import Surveyed
    from pass_engine.tables.core import Column

LEAST_ROWS: Final = 5
"""A value stands in the draft if at least so many rows have it; the registry's own limit is not known yet."""
ICD_10: Final = re.compile(r"[A-Z][0-9]{2}(\.?[0-9A-Z]{1,3})?")
MEDDRA: Final = re.compile(r"1[0-9]{7}|9[0-9]{7}")
PLAIN: Final = re.compile(r"[^\W\d_][\w .\-/]*[\w.]|[^\W\d_]")
TRAPS: Final = {"yes", "no", "true", "false", "on", "off", "null", "y", "n"}
NAMES_SHOWN: Final = 12

HEAD: Final = """\
# Drafted by `pass-engine registry init` from a look at the files. Nothing here is certain: read every line.
# Each guess has its reason behind it. Lines with TO DO wait for you; then run `pass-engine registry check`.
# Every field is told in docs/registry.md; docs/map-a-registry.md leads through the rest.
registry:
  id:                                       # TO DO short name in small letters, by which protocols invite the registry
  name:                                     # TO DO name in reports
  countries: []                             # TO DO countries whose residents it holds, as [DK]
  data_cut_date:                            # TO DO last day the extract covers, as 2024-12-31
  deaths:                                   # TO DO visits, or linked where deaths are known independently of visits
"""
POLICY: Final = """\
policy:
  min_cell:                                 # TO DO smallest count of persons or events that may be published, as 5
  min_persons:                              # TO DO fewest persons of a cohort here for any table of it to leave, as 10
  release: exact                            # exact counts go to the coordinating centre only
  allow: []                                 # TO DO kinds of analysis that may leave: [incidence, comparison, quality]
"""


def draft_mapping(files: Sequence[Path], folder: Path) -> str:
    """The text of a registry.yaml that would stand in ``folder``. Raises SourceError where a file cannot be read."""
    found = [table for file in _expanded(files) for table in survey(file)]
    kinds = {table.kind for table in found}
    if len(kinds) > 1 or (kinds != {"files"} and len({t.file for t in found}) > 1):
        raise SourceError(
            Fault("--from", "", ", ".join(sorted(kinds)), "a registry has files, or one database",
                  "draft from the files, or from one database", "PE261")
        )  # fmt: skip
    return "".join(f"{line}\n" if line else "\n" for line in _lines(found, folder))


def write_new(text: str, out: Path, what: str) -> None:
    """Write a file that a person finishes. Raises SourceError where one is there already, or it cannot be written.

    What a person has filled in is never replaced. ``what`` names the file in messages.
    """
    found, mend = "a file of this name", "name another file with --out, or take that one away"
    try:
        write_whole({out: text}, new=True)
    except FileExistsError:
        pass
    except OSError as error:
        found, mend = (error.strerror or "an error of the system").lower(), "name a folder that may be written"
    else:
        return
    raise SourceError(Fault(shown_name(out), "--out", found, f"{what} cannot be written there", mend, "PE261"))


def _expanded(files: Sequence[Path]) -> list[Path]:
    """Files, and the files of folders that a reader takes, by name."""
    taken: list[Path] = []
    for file in files:
        inside = sorted(f for f in file.iterdir() if f.suffix.lower() in ENDINGS) if file.is_dir() else [file]
        if not inside:
            known = ", ".join(ENDINGS)
            raise SourceError(
                Fault(shown_name(file), "--from", "a folder without a file that a reader takes",
                      "nothing can be drafted", f"name files ending in {known}", "PE261")
            )  # fmt: skip
        taken.extend(inside)
    return list(dict.fromkeys(taken))


def _lines(found: Sequence[Surveyed], folder: Path) -> Iterator[str]:
    kind = found[0].kind if found else "files"
    base = Path(os.path.commonpath([t.file.resolve().parent for t in found])) if found else folder
    place = found[0].file.resolve() if kind != "files" else base
    yield from HEAD.splitlines()
    yield "source:"
    yield f"  kind: {kind}"
    yield f"  path: {_quoted(Path(os.path.relpath(place, folder.resolve())).as_posix())}"
    yield "  tables:"
    guesses, left = _assigned(found)
    for guess in guesses:
        yield from _table(guess, base)
    for table, reason in left:
        yield f"    # TO DO {_named(table, base)}: {reason}"
        yield f"    #      its columns: {', '.join(table.names[:NAMES_SHOWN])}"
    missing = [name for name in CORE if name not in {g.table for g in guesses}]
    if missing:
        yield f"    # No file looked like: {', '.join(missing)}"
    yield from POLICY.splitlines()


def _assigned(found: Sequence[Surveyed]) -> tuple[list[TableGuess], list[tuple[Surveyed, str]]]:
    """Each core table to the source table most like it; and the source tables that are left, with the reason."""
    guessed = [(table, guess_table(table)) for table in found]
    best: dict[str, TableGuess] = {}
    for _, guess in guessed:
        if guess is not None and (guess.table not in best or guess.score > best[guess.table].score):
            best[guess.table] = guess
    left = [
        (table, "no table of the core model looks like it" if guess is None else
         f"it looks like {guess.table}, as another one does more: a second file of it, or another table?")
        for table, guess in guessed
        if guess is None or best[guess.table] is not guess
    ]  # fmt: skip
    return [best[name] for name in CORE if name in best], left


def _named(table: Surveyed, base: Path) -> str:
    file = table.file.resolve().relative_to(base).as_posix() if table.kind == "files" else ""
    return ", ".join(filter(None, (file, table.part)))


def _table(guess: TableGuess, base: Path) -> Iterator[str]:
    found, core = guess.found, CORE[guess.table]
    yield f"    {guess.table}:"
    if found.kind == "files":
        yield f"      file: {_quoted(found.file.resolve().relative_to(base).as_posix())}"
        if found.part:
            yield f"      sheet: {_quoted(found.part)}"
    else:
        yield f"      table: {_quoted(found.part)}"
    yield from _form(guess)
    yield "      columns:"
    used = {g.column: g for g in guess.columns}
    for column in core.columns:
        if column.name in used:
            yield from _column(column, used[column.name], guess.looks[used[column.name].source])
        elif column.required:
            yield f"        # TO DO {column.name}: a row of {core.name} means nothing without it ({column.meaning})"
    if guess.table == "person" and "country" not in used:
        yield "      # TO DO constants: {country: DK}  # no column tells the country; a constant, if all live in one"
    yield from _system(guess)
    mapped = {g.source for g in guess.columns if g.score >= SURE}
    unused = [name for name in found.names if name not in mapped]
    if unused:
        yield f"      # not used: {', '.join(unused)}"


def _form(guess: TableGuess) -> Iterator[str]:
    """Delimiter, encoding, decimal mark and date formats, as far as they are not those taken without them."""
    found = guess.found
    if found.delimiter not in ("", ","):
        yield f"      delimiter: {json.dumps(found.delimiter)}  # stands equally often in the first lines"
    if found.encoding not in ("", "utf-8"):
        yield f"      encoding: {found.encoding}  # TO DO no UTF-8; look whether the letters come out right"
    looks = [guess.looks[g.source] for g in guess.columns if _kind(guess.table, g) == "date"]
    numbers = [guess.looks[g.source] for g in guess.columns if _kind(guess.table, g) in ("number", "integer", "code")]
    if any(look.is_number and look.has_comma for look in numbers):
        yield '      decimal: ","  # numbers have a comma'
    formats = tuple(dict.fromkeys(f for look in looks for f in look.formats or ("%Y",) * look.is_years))
    plain = {"%Y-%m-%d", "%Y-%m", "%Y"}
    if formats and not set(formats) <= plain:
        listed = ", ".join(json.dumps(f) for f in sorted(formats, key=lambda f: (-f.count("%"), f)))
        yield f"      date_format: [{listed}]  # these read nearly all dates of the table"
    if any(look.is_ambiguous for look in looks):
        yield "      # TO DO every date could be day first or month first: say which (%d/%m/%Y or %m/%d/%Y)"


def _kind(table: str, guess: Guess) -> str:
    return CORE[table].column(guess.column).kind


def _column(column: Column, guess: Guess, look: Look) -> Iterator[str]:
    why = f"{guess.source} is like {guess.word} ({guess.score} of 100)"
    if guess.score < SURE:
        yield f"        # TO DO {column.name}: {_quoted(guess.source)}  # perhaps: {why}"
    elif not look.present:
        yield f"        {column.name}: {_quoted(guess.source)}  # {why}; TO DO it holds no value"
    elif column.codes and not all(read_alone(column, value) for value, _ in look.counts):
        yield from _codes(column, guess, look, why)
    elif column.name == "substance":
        todo = "TO DO protocols use INN names: map_file, if these differ"
        yield f"        {column.name}: {_quoted(guess.source)}  # {why}; {todo}"
    else:
        yield f"        {column.name}: {_quoted(guess.source)}  # {why}"


def _codes(column: Column, guess: Guess, look: Look, why: str) -> Iterator[str]:
    shown = [value for value, rows in look.counts if rows >= LEAST_ROWS]
    known = [(value, core) for value in shown if (core := guess_value(column, value)) is not None]
    open_values = [value for value in shown if guess_value(column, value) is None]
    codes = ", ".join(column.codes)
    if not known:
        yield f"        # TO DO {column.name}: {{from: {_quoted(guess.source)}, map: {{}}}}  # {why}"
        yield f"        #      map its values ({', '.join(map(_quoted, open_values))}) to {codes}"
        return
    yield f"        {column.name}:  # {why}"
    yield f"          from: {_quoted(guess.source)}"
    yield "          map:"
    for value, core in known:
        yield f"            {_quoted(value)}: {_quoted(core)}  # by the word"
    for value in open_values:
        yield f"            # TO DO {_quoted(value)}: one of {codes}"
    rare = len(look.counts) - len(shown)
    if rare:
        yield f"            # TO DO and {rare} rare {'value' if rare == 1 else 'values'}: look at them in the source"


def _system(guess: TableGuess) -> Iterator[str]:
    """What system the codes of events seem to have, where no column says it."""
    names = {g.column: g.source for g in guess.columns}
    has_system = any(c.name == "code_system" for c in CORE[guess.table].columns)
    if not has_system or "code_system" in names or "code" not in names:
        return
    codes = [v for v in guess.found.values[names["code"]] if v is not None]
    for pattern, line in (
        (ICD_10, "constants: {code_system: ICD-10}  # nearly all codes have its form"),
        (MEDDRA, "# TO DO constants: {code_system: MedDRA PT}  # eight digits: MedDRA PT, or MedDRA LLT"),
    ):
        if codes and sum(bool(pattern.fullmatch(code)) for code in codes) >= 0.9 * len(codes):
            yield f"      {line}"
            return
    yield "      # TO DO constants: {code_system: local}  # say which system the codes have"


def _quoted(text: str) -> str:
    """A text as YAML that no reader takes for anything else."""
    is_plain = PLAIN.fullmatch(text) and text.lower() not in TRAPS and not text.endswith(" ")
    return text if is_plain else json.dumps(text, ensure_ascii=False)
