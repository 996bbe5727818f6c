"""A MedDRA dictionary in the layout of its distribution: one ``.asc`` file a table, ``$`` between fields.

Any version and language: codes are read, names only for suggestions to a person. The files are held against each other,
so that one that is cut off, even at the end of a line, is an error and never a smaller dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pass_engine.errors import HarmoniseError
from pass_engine.harmonise import faults

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pass_engine.errors import Fault
    from pass_engine.harmonise.maps import MapPlace

FIELDS_NEEDED = {
    "meddra_release.asc": 2, "llt.asc": 3, "pt.asc": 2, "mdhier.asc": 12, "hlt_pt.asc": 2, "hlgt_hlt.asc": 2,
    "soc_hlgt.asc": 2, "smq_list.asc": 2, "smq_content.asc": 4,
}  # fmt: skip
LLT_NAME, LLT_PT, LLT_CURRENT, PT_PRIMARY = 1, 2, 9, 3
IS_PRIMARY = 11
TERM, LEVEL, SCOPE, STATUS = 1, 2, 3, 6
QUERY_STATUS = 7
"""Of smq_list.asc: A active, I inactive."""
NARROW = "2"
TERM_SYSTEMS = {"4": "MedDRA PT", "5": "MedDRA LLT"}
CHILD_QUERY = "0"
CUT_OFF = "the file is cut off, or the files are not of one version"
LINKS = (("hlt_pt.asc", 1, 0), ("hlgt_hlt.asc", 2, 1), ("soc_hlgt.asc", 3, 2))
"""Files of links, upper code first, and the fields of mdhier.asc that hold the same pair."""

AscRow = tuple[int, list[str]]


@dataclass(frozen=True)
class Dictionary:
    """What counting needs of a dictionary; a table whose files are not there is empty.

    ``terms``: lowest level term, its preferred term, is it current. ``hierarchy``: preferred term, HLT, HLGT, SOC, and
    whether this is the primary path. ``queries``: query (SMQ), system and code of a term, is it in the narrow scope.
    """

    version: str = ""
    language: str = ""
    terms: tuple[tuple[str, str, bool], ...] = ()
    hierarchy: tuple[tuple[str, str, str, str, bool], ...] = ()
    queries: tuple[tuple[str, str, str, bool], ...] = ()


def read_dictionary(folder: Path, place: MapPlace) -> Dictionary:
    """Read a dictionary's folder. Raises HarmoniseError with the first fault of every file."""
    files = _Files(folder, place)
    terms, preferred = _read_terms(files)
    hierarchy = _read_hierarchy(files, preferred)
    queries = _read_queries(files, {t[0] for t in terms} | preferred.keys())
    version, language = _release(files)
    if files.found:
        raise HarmoniseError(*files.found)
    return Dictionary(version, language, terms, hierarchy, queries)


def read_release(folder: Path, place: MapPlace) -> tuple[str, str]:
    """Version and language of a dictionary, empty where meddra_release.asc is not there."""
    files = _Files(folder, place)
    release = _release(files)
    if files.found:
        raise HarmoniseError(*files.found)
    return release


def read_term_names(folder: Path, place: MapPlace) -> list[tuple[str, str]]:
    """Code and name of every current lowest level term, in the file's order."""
    files = _Files(folder, place)
    rows = files.rows("llt.asc")
    if files.found:
        raise HarmoniseError(*files.found)
    return [(f[0], f[LLT_NAME]) for _, f in rows if _is_current(f)]


@dataclass
class _Files:
    """The files of a dictionary and what is wrong with them."""

    folder: Path
    place: MapPlace
    found: list[Fault] = field(default_factory=list)

    def where(self, name: str, line: int = 0) -> str:
        """A file, or a line of it, for messages."""
        return f"{self.place.where.rstrip('/')}/{name}" + (f":{line}" if line else "")

    def rows(self, name: str, *, needed: bool = True) -> list[AscRow]:
        """Rows of a file, trimmed, with their line numbers; none where it has a fault or may be missing and is."""
        file = self.folder / name
        if not file.is_file():
            if needed:
                self.found.append(faults.no_map_file(self.where(name), self.place.path, name))
            return []
        rows: list[AscRow] = []
        for line, text in enumerate(_decode(file.read_bytes()).split("\n"), 1):
            fields = [cell.strip() for cell in text.rstrip("\r").split("$")]
            if fields == [""]:
                continue
            width = len(rows[0][1]) if rows else len(fields)
            if len(fields) != width or len(fields) < FIELDS_NEEDED[name] or not fields[0]:
                problem = "the file is cut off, or not in the distribution's layout"
                self.wrong(name, line, f"{len(fields)} fields", problem)
                return []
            rows.append((line, fields))
        if not rows:
            self.wrong(name, 0, "nothing", "the file is empty")
        return rows

    def wrong(self, name: str, line: int, found: str, problem: str) -> None:
        """Keep a fault of a file."""
        mend = "take the dictionary's files from its distribution again"
        self.found.append(faults.bad_map_file(self.where(name, line), self.place.path, found, problem, mend, line))


def _decode(content: bytes) -> str:
    """Codes are digits in any encoding; names that are not UTF-8 are taken as Latin-1."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _release(files: _Files) -> tuple[str, str]:
    rows = files.rows("meddra_release.asc", needed=False)
    return (rows[0][1][0], rows[0][1][1]) if rows else ("", "")


def _terms(number: int) -> str:
    return f"{number} preferred term{'' if number == 1 else 's'}"


def _is_current(fields: list[str]) -> bool:
    return len(fields) <= LLT_CURRENT or fields[LLT_CURRENT].upper() != "N"


def _read_terms(files: _Files) -> tuple[tuple[tuple[str, str, bool], ...], dict[str, str]]:
    """Lowest level terms; and every preferred term with its primary class, empty where that is not given."""
    rows = files.rows("pt.asc")
    preferred = {f[0].upper(): f[PT_PRIMARY] if len(f) > PT_PRIMARY else "" for _, f in rows}
    terms: dict[str, tuple[str, bool]] = {}
    lines = files.rows("llt.asc")
    if not rows or not lines:
        return (), preferred
    for line, fields in lines:
        code, pt = fields[0].upper(), fields[LLT_PT].upper()
        if pt not in preferred:
            problem = "the files are not of one version, or pt.asc is cut off"
            files.wrong("llt.asc", line, "a preferred term that pt.asc does not have", problem)
            return (), preferred
        if terms.setdefault(code, (pt, _is_current(fields)))[0] != pt:
            files.wrong("llt.asc", line, "one term with two preferred terms", "the file contradicts itself")
            return (), preferred
    lost = len(preferred.keys() - {pt for pt, _ in terms.values()})
    if lost:
        files.wrong("llt.asc", lines[-1][0], f"no lowest level term of {_terms(lost)} up to the last line", CUT_OFF)
    return tuple((code, *term) for code, term in terms.items()), preferred


def _read_hierarchy(files: _Files, preferred: dict[str, str]) -> tuple[tuple[str, str, str, str, bool], ...]:
    rows = files.rows("mdhier.asc", needed=False)
    links = {name: _pairs(files.rows(name, needed=False)) for name, _, _ in LINKS}
    if not rows:
        joined = tuple(_joined(links, preferred)) if any(links.values()) else ()
        _check_joined(files, links, preferred, joined)
        return joined
    for line, fields in rows:
        if preferred and fields[0] not in preferred:
            files.wrong("mdhier.asc", line, "a preferred term that pt.asc does not have", CUT_OFF)
            return ()
    primary = [f[0] for _, f in rows if f[IS_PRIMARY].upper() == "Y"]
    wrong = len(preferred.keys() ^ set(primary)) + len(primary) - len(set(primary))
    if wrong:
        found = f"no primary path, or several, of {_terms(wrong)} up to the last line"
        files.wrong("mdhier.asc", rows[-1][0], found, CUT_OFF)
    for name, upper, lower in LINKS:
        apart = links[name] and len(links[name] ^ {(f[upper], f[lower]) for _, f in rows})
        if apart:
            many = "1 link" if apart == 1 else f"{apart} links"
            files.wrong(name, 0, f"{many} that only one of it and mdhier.asc has", CUT_OFF)
    return tuple((f[0], f[1], f[2], f[3], f[IS_PRIMARY].upper() == "Y") for _, f in rows)


def _check_joined(
    files: _Files,
    links: dict[str, set[tuple[str, str]]],
    preferred: dict[str, str],
    joined: tuple[tuple[str, str, str, str, bool], ...],
) -> None:
    """Every preferred term has a path to its primary class, and every link leads to one: else a file is cut off."""
    if not any(links.values()) or files.found:
        return
    for name, upper, lower in LINKS:
        apart = len(links[name] - {(path[upper], path[lower]) for path in joined})
        if apart:
            many = "1 link" if apart == 1 else f"{apart} links"
            files.wrong(name, 0, f"{many} that no preferred term reaches a class by", CUT_OFF)
    lost = len(preferred.keys() - {path[0] for path in joined if path[4]})
    if lost:
        files.wrong(LINKS[0][0], 0, f"no path of {_terms(lost)} to the primary class", CUT_OFF)


def _pairs(rows: Iterable[AscRow]) -> set[tuple[str, str]]:
    return {(fields[0], fields[1]) for _, fields in rows}


def _joined(
    links: dict[str, set[tuple[str, str]]], preferred: dict[str, str]
) -> Iterator[tuple[str, str, str, str, bool]]:
    """The hierarchy from the files of links, where mdhier.asc is not there; the primary class is that of pt.asc."""
    above: list[dict[str, list[str]]] = []
    for name, _, _ in LINKS:
        upper: dict[str, list[str]] = {}
        for high, low in sorted(links[name]):
            upper.setdefault(low, []).append(high)
        above.append(upper)
    for pt, primary in preferred.items():
        for hlt in above[0].get(pt, ()):
            for hlgt in above[1].get(hlt, ()):
                for soc in above[2].get(hlgt, ()):
                    yield pt, hlt, hlgt, soc, soc == primary


def _read_queries(files: _Files, known: set[str]) -> tuple[tuple[str, str, str, bool], ...]:
    """Terms of every query, those of the queries below it included; rows that are no longer active are left out."""
    queries = files.rows("smq_list.asc", needed=(files.folder / "smq_content.asc").is_file())
    content = files.rows("smq_content.asc", needed=bool(queries))
    listed = {f[0] for _, f in queries}
    if queries and content:
        _check_content(files, queries, content)
    own: dict[str, set[tuple[str, str, bool]]] = {}
    below: dict[str, set[str]] = {}
    for line, fields in content:
        if listed and fields[0] not in listed:
            files.wrong("smq_content.asc", line, "a query that smq_list.asc does not have", CUT_OFF)
            return ()
        if len(fields) > STATUS and fields[STATUS].upper() == "I":
            continue
        if fields[LEVEL] == CHILD_QUERY:
            below.setdefault(fields[0], set()).add(fields[TERM])
        elif fields[LEVEL] in TERM_SYSTEMS:
            if known and fields[TERM] not in known:
                files.wrong("smq_content.asc", line, "a term that llt.asc and pt.asc do not have", CUT_OFF)
                return ()
            own.setdefault(fields[0], set()).add((TERM_SYSTEMS[fields[LEVEL]], fields[TERM], fields[SCOPE] == NARROW))
    return tuple(
        (query, *term)
        for query in sorted(own.keys() | below.keys())
        for term in sorted({t for part in _with_below(query, below) for t in own.get(part, ())})
    )


def _check_content(files: _Files, queries: list[AscRow], content: list[AscRow]) -> None:
    """Every query that is active has content: one without is lost where the file ends too early."""
    active = {f[0] for _, f in queries if len(f) <= QUERY_STATUS or f[QUERY_STATUS].upper() != "I"}
    lost = len(active - {f[0] for _, f in content})
    if lost:
        many = "1 query" if lost == 1 else f"{lost} queries"
        files.wrong("smq_content.asc", content[-1][0], f"no content of {many} up to the last line", CUT_OFF)


def _with_below(query: str, below: dict[str, set[str]]) -> set[str]:
    """A query and all queries under it."""
    found, left = {query}, [query]
    while left:
        for child in below.get(left.pop(), set()) - found:
            found.add(child)
            left.append(child)
    return found
