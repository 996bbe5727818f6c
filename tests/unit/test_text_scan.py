"""Does the scan of bytes vouch only for what the strict reader finds right, and count as many rows?"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pass_engine.source import text_scan

if TYPE_CHECKING:
    from pathlib import Path

PIECES = [",", ",", ",", '"', '""', "\n", "\n", "\r\n", "\r", "a", "b c", "é", ";", " ", '"x,y"', '"p\nq"', "1,2,3\n"]


def strictly(text: str, *, is_quoted: bool, width: int) -> int | None:
    """Rows by Python's strict reader, blank lines aside; None where it finds a fault."""
    quoting = csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE
    try:
        rows = [row for row in csv.reader(text.splitlines(keepends=True), strict=True, quoting=quoting) if row]
    except csv.Error:
        return None
    return len(rows) - 1 if all(len(row) == width for row in rows) else None


@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=30),
    block=st.integers(min_value=1, max_value=9),
    is_quoted=st.booleans(),
    has_mark=st.booleans(),
)
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_vouches_for_nothing_the_strict_reader_refuses(
    tmp_path: Path, pieces: list[str], block: int, *, is_quoted: bool, has_mark: bool
) -> None:
    text = "a,b,c\n" + "".join(pieces)
    file = tmp_path / "rows.csv"
    file.write_bytes((b"\xef\xbb\xbf" if has_mark else b"") + text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_scan, "BLOCK", block)
        found = text_scan.count_rows(file, delimiter=",", encoding="utf-8", is_quoted=is_quoted, width=3)
    if found is not None:
        assert found == strictly(text, is_quoted=is_quoted, width=3)


@pytest.mark.parametrize(("content", "rows"), [
    (b"a,b,c\n1,2,3\n", 1),
    (b"\xef\xbb\xbfa,b,c\r\n1,2,3\r\n\r\n4,5,6", 2),
    (b'a,b,c\n"1, 2","two\nlines","a ""word"""\n', 1),
    (b'a,b,c\n"",,""\n', 1),
    (b'"a","b","c"\n1,2,3\n', 1),
    (b"a,b,c", 0),
])  # fmt: skip
def test_it_vouches_for_plain_files(tmp_path: Path, content: bytes, rows: int) -> None:
    """Else every file would be read slowly."""
    (tmp_path / "rows.csv").write_bytes(content)
    for block in (1, 2, 3, 1000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(text_scan, "BLOCK", block)
            found = text_scan.count_rows(
                tmp_path / "rows.csv", delimiter=",", encoding="utf-8", is_quoted=True, width=3
            )
        assert found == rows


@pytest.mark.parametrize(("content", "encoding"), [
    (b"a,b,c\n1,2\n", "utf-8"),
    (b"a,b,c\n1,2,3,\n", "utf-8"),
    (b'a,b,c\n1,2,"3\n4,5,6\n', "utf-8"),
    (b'a,b,c\n1,2"x,3\n', "utf-8"),
    (b'a,b,c\n1,"2"x,3\n', "utf-8"),
    (b"a,b,c\n1,2\r,3\n", "utf-8"),
    (b"a,b,c\n1,2,3\r", "utf-8"),
    (b"a,b,c\n1,\xf8,3\n", "utf-8"),
    (b"a,b,c\n1,\x81,3\n", "windows-1252"),
    (b"a,b,c\n1,\0,3\n", "utf-8"),
    ("a,b,c\n1,2,3\n".encode("utf-16"), "utf-16"),
    (b"a,b,c\n1,2,3\n", "shift-jis"),
])  # fmt: skip
def test_what_it_leaves_to_the_strict_reader(tmp_path: Path, content: bytes, encoding: str) -> None:
    (tmp_path / "rows.csv").write_bytes(content)
    assert text_scan.count_rows(tmp_path / "rows.csv", delimiter=",", encoding=encoding, is_quoted=True, width=3) is None
