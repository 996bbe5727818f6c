"""Faults of a registry's files: one function each, so that every message stands in one place.

No message holds a value of a row: file, line, column and count only.
"""

from __future__ import annotations

import difflib
from pathlib import PurePath
from typing import TYPE_CHECKING

from pass_engine.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NAMES_SHOWN = 12
"""So many names are listed where none is near."""


def nearest(name: str, known: Iterable[str]) -> str:
    """What to write instead: the nearest right name, or the names there are."""
    names = sorted(known)
    by_lower = {n.lower(): n for n in names}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    if close:
        return f"did you mean {by_lower[close[0]]}?"
    return _listed(names)


def _listed(names: list[str]) -> str:
    if not names:
        return "there is none"
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return f"there is: {', '.join(names[:NAMES_SHOWN])}{more}"


def no_file(where: str, path: str, name: str, present: Iterable[str]) -> Fault:
    """A file or folder that registry.yaml names is not there. Endings are alike and tell nothing of the name."""
    names = sorted(present)
    by_stem = {PurePath(n).stem: n for n in names}
    close = difflib.get_close_matches(PurePath(name).stem.lower(), [s.lower() for s in by_stem], n=1, cutoff=0.6)
    likely = next((n for stem, n in by_stem.items() if [stem.lower()] == close), None)
    mend = f"did you mean {likely}?" if likely else _listed(names)
    return Fault(where, path, name, "there is no such file or folder", mend, "PE221")


def no_table(where: str, path: str, kind: str, name: str, present: Iterable[str]) -> Fault:
    """A sheet of a workbook or a table of a database is not there."""
    return Fault(where, path, f"{kind} {name}", f"the file holds no such {kind}", nearest(name, present), "PE222")


def no_columns(where: str, path: str, missing: Sequence[str], present: Sequence[str], *, is_header: bool) -> Fault:
    """Columns that the mapping names are not in the source; all of them at once.

    What is there is shown only where it is known to be a header: the first row may be a person's.
    """
    mend = "; ".join(f"{name}: {nearest(name, present)}" for name in missing)
    if not is_header:
        mend = "check that the first row holds the names of the columns, and that they are those of the mapping"
    found = f"no column {', '.join(missing)}"
    return Fault(where, path, found, "the mapping names columns the source does not have", mend, "PE223")


def empty_file(where: str, path: str) -> Fault:
    """A file without even a header; a header alone would be a table of no rows."""
    return Fault(
        where,
        path,
        "nothing",
        "the file is empty: it has no header row",
        "send the file again; a table without rows still needs its header",
        "PE224",
    )


def wrong_encoding(where: str, path: str, encoding: str, line: int, guess: str) -> Fault:
    """Bytes that are not text in the declared encoding."""
    return Fault(
        where,
        path,
        f"encoding: {encoding}",
        "the file is not text in this encoding",
        f"state the encoding it has (perhaps {guess})",
        "PE225",
        line,
    )


def wrong_delimiter(where: str, path: str, delimiter: str, guess: str) -> Fault:
    """The header is one single column, and holds another usual delimiter."""
    return Fault(
        where,
        path,
        f"delimiter: {shown(delimiter)}",
        f"the header is one column, and holds {shown(guess)}",
        f"state delimiter: {shown(guess)}",
        "PE226",
        1,
    )


def bad_delimiter(where: str, path: str, delimiter: str) -> Fault:
    """A delimiter that is not one character."""
    problem = "a delimiter is one character, and not the quotation mark"
    return Fault(where, path, f"delimiter: {shown(delimiter)}", problem, 'state one, such as delimiter: ";"', "PE226")


def ragged_row(where: str, path: str, line: int, expected: int, found: int) -> Fault:
    """A row with more or fewer fields than the header."""
    return Fault(
        where,
        path,
        f"{found} fields",
        f"the header has {expected}, and no field may be guessed or dropped",
        "mend the row; a field that holds the delimiter must stand in quotation marks",
        "PE227",
        line,
    )


def broken_row(where: str, path: str, line: int) -> Fault:
    """A quotation mark without its pair, a stray line end or an endless field."""
    return Fault(
        where,
        path,
        "a row that cannot be read",
        "a quotation mark without its pair, or a stray line end",
        'mend the row; a quotation mark inside a field is written twice ("")',
        "PE227",
        line,
    )


def not_text(where: str, path: str, kind: str, ending: str) -> Fault:
    """A file of another kind whose name ends like a text file's."""
    problem = "its name ends like that of a text file, and it is none"
    return Fault(where, path, kind, problem, f"name it {ending}, or save it as text (CSV)", "PE228")


def nul_byte(where: str, path: str, line: int) -> Fault:
    """A byte 0 in a row: text of two bytes a character, or a file that was written by half."""
    problem = "no text has it: the file is damaged, or of an encoding with several bytes a character"
    return Fault(where, path, "a byte 0 (NUL)", problem, "send the file again, or state its encoding", "PE227", line)


def unreadable_file(where: str, path: str, kind: str) -> Fault:
    """A file that is not what its ending says."""
    problem = "the file is damaged, or its name ends wrongly"
    return Fault(where, path, f"a file that is not {kind}", problem, "send the file again", "PE228")


def unreadable_rows(where: str, path: str) -> Fault:
    """A table or view that the database itself cannot give to its end."""
    problem = "the database cannot give the table or view to its end"
    mend = "read all of it in the database's own program, which says what is wrong"
    return Fault(where, path, "rows that cannot be read", problem, mend, "PE228")


def unopened_file(where: str, path: str, reason: str) -> Fault:
    """A file that is there and that the system does not let us read."""
    problem = "the system does not let the engine read it"
    return Fault(where, path, reason, problem, "check its rights, and that no other program holds it", "PE231")


def unknown_format(where: str, path: str, suffix: str, known: Iterable[str]) -> Fault:
    """A file ending that no reader takes."""
    found = f"a file ending in {suffix or 'nothing'}"
    return Fault(where, path, found, "no reader takes it", f"readers take {', '.join(known)}", "PE228")


def same_name_twice(where: str, path: str, names: Sequence[str]) -> Fault:
    """A column the mapping names stands in the header more than once."""
    return Fault(
        where,
        path,
        f"column {', '.join(names)} more than once",
        "the mapping cannot tell which one is meant",
        "give each column a name of its own (letter case does not tell names apart)",
        "PE229",
    )


def unreadable_column(where: str, path: str, column: str, kind: str) -> Fault:
    """A column of a type that is no text, number, date or truth value."""
    return Fault(
        where,
        path,
        f"column {column} of type {kind}",
        "the column cannot be read as text",
        "send text, numbers, dates or truth values",
        "PE230",
    )


def no_credentials(where: str, path: str, found: str, problem: str) -> Fault:
    """What ``source.connection`` or ``site.connection`` leads to is not there, or holds nothing."""
    mend = "put a connection string there: host=... dbname=... user=... (password=... or libpq's own password file)"
    if path.startswith("site."):
        mend = "put the cluster's address there: sc://host:port/;token=..."
    return Fault(where, path, found, problem, mend, "PE233")


def open_to_others(where: str, path: str) -> Fault:
    """A file of credentials that others than its owner may read."""
    problem = "others than its owner may read it, and it holds what opens the database"
    return Fault(where, path, "a file open to others", problem, "take their rights away: chmod 600", "PE234")


def no_connection(where: str, path: str) -> Fault:
    """The server cannot be reached, or does not let us in. Nothing of the connection string is shown."""
    problem = "the server was not reached, or refused the database, the user or the password"
    return Fault(where, path, "no connection", problem, "try the same connection string with psql", "PE235")


def lost_connection(where: str, path: str) -> Fault:
    """The database went away, or stopped answering as it should, before all rows were read."""
    problem = "the database ended the connection or the query before every row was there"
    mend = "run again when the database is up; nothing of this registry was kept"
    return Fault(where, path, "an answer that is not whole", problem, mend, "PE236")


def not_allowed(where: str, path: str) -> Fault:
    """The database does not let this user read the table."""
    mend = "ask for the right to read it (GRANT SELECT); the engine needs no other right"
    return Fault(where, path, "a table without the right to read it", "the database refuses to show it", mend, "PE237")


def no_schema(where: str, path: str, schema: str) -> Fault:
    """A schema without a table, or none of that name."""
    problem = "the database has no such schema, or no table in it that may be seen"
    return Fault(
        where, path, f"schema {schema}", problem, "write schema: and the name of the one with the tables", "PE222"
    )


def cdm_table_twice(where: str, path: str, table: str) -> Fault:
    """Two files of one OMOP table, which may differ."""
    mend = "keep the one that is meant"
    return Fault(where, path, f"two files for {table.upper()}", "the folder holds this table twice", mend, "PE238")


def no_cdm(where: str, path: str, present: Iterable[str]) -> Fault:
    """A folder or database without one table of an OMOP common data model."""
    mend = f"name the place where PERSON lies; {_listed(sorted(present))}"
    return Fault(where, path, "no table of an OMOP common data model", "its tables are known by name", mend, "PE221")


def lacks_cdm_table(where: str, path: str, table: str, reason: str) -> Fault:
    """A study that needs an OMOP table which the site does not have."""
    problem = f"{reason}, and this site's OMOP common data model does not have that table"
    mend = "supply the table; without it this registry cannot take part in this study"
    return Fault(where, path, f"no table {table.upper()}", problem, mend, "PE239")


def not_in_omop(where: str, path: str, found: str, reason: str, mend: str) -> Fault:
    """A study that needs what the built-in OMOP mapping does not supply: it would count nothing, and not say so."""
    return Fault(where, path, found, reason, mend, "PE239")


def shown(character: str) -> str:
    """A delimiter as it is written in YAML."""
    return {"\t": '"\\t"'}.get(character, f'"{character}"')


def other_columns(where: str, path: str, first: str, lacking: Sequence[str], more: Sequence[str]) -> Fault:
    """A file of several that become one table has other columns than the first."""
    differences = (("lacks", lacking), ("has besides", more))
    found = "; ".join(f"{what} {', '.join(names[:NAMES_SHOWN])}" for what, names in differences if names)
    problem = f"the files of one table have the same columns, and this one differs from {first}"
    mend = "send the files in one layout, or map them apart; the name of a column may have changed between two extracts"
    return Fault(where, path, found, problem, mend, "PE260")
