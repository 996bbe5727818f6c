"""Are text files read without loss: encodings, delimiters, quotation marks, blanks?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pass_engine.errors import SourceError
from pass_engine.source.csv_file import likely_delimiter
from pass_engine.store import open_store
from tests.unit.made_registry import load_rows, made_registry, write

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = {"person_id": "id", "sex": "køn"}
EXPECTED = [("1", "K"), ("2", "æøå"), ("3", None)]


def rows_of(
    folder: Path, content: str | bytes, columns: dict[str, str] = COLUMNS, **options: Any
) -> list[tuple[Any, ...]]:
    write(folder, person_csv=content)
    with open_store() as store:
        return load_rows(
            store, made_registry(folder, {"person": {"file": "person.csv", "columns": columns, **options}})
        )[1]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16", "windows-1252", "iso-8859-15", "utf-16-le"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_encoding(tmp_path: Path, encoding: str, line_end: str) -> None:
    content = line_end.join(["id,køn", "1,K", "2,æøå", "3,", ""]).encode(encoding)
    assert rows_of(tmp_path, content, encoding=encoding) == EXPECTED


@pytest.mark.parametrize("encoding", ["windows-1250", "iso-8859-2", "mac-latin2", "cp852"])
def test_encodings_of_other_letters(tmp_path: Path, encoding: str) -> None:
    content = "id,pohlaví\n1,muž\n2,žena\n".encode(encoding)
    columns = {"person_id": "id", "sex": "pohlaví"}
    assert rows_of(tmp_path, content, columns, encoding=encoding) == [("1", "muž"), ("2", "žena")]


@pytest.mark.parametrize("encoding", ["windows-1250", "iso-8859-2", "cp852"])
def test_utf_8_is_not_taken_for_an_encoding_that_reads_every_byte(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(SourceError, match="PE225"):
        rows_of(tmp_path, "id,sex\n1,žena\n", {"person_id": "id", "sex": "sex"}, encoding=encoding)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "~", "^", " ", "\x1f"])
def test_every_delimiter(tmp_path: Path, delimiter: str) -> None:
    content = f"id{delimiter}køn\n1{delimiter}K\n2{delimiter}æøå\n3{delimiter}\n"
    assert rows_of(tmp_path, content, delimiter=delimiter) == EXPECTED


def test_comma_without_a_delimiter_stated(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "id,køn\n1,K\n2,æøå\n3,\n") == EXPECTED


def test_byte_order_mark_is_not_part_of_a_name(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "id,køn\n1,K\n2,æøå\n3,\n".encode("utf-8-sig")) == EXPECTED


def test_delimiters_line_ends_and_quotation_marks_inside_quotation_marks(tmp_path: Path) -> None:
    content = 'id,køn\n1,"a,b"\n2,"two\nlines"\n3,"say ""yes"""\n'
    assert rows_of(tmp_path, content) == [("1", "a,b"), ("2", "two\nlines"), ("3", 'say "yes"')]


def test_blank_and_padded_values(tmp_path: Path) -> None:
    content = ' id , køn \n 1 ,\n2,""\n3,"  "\n4,\u00a0K\u00a0\n'
    assert rows_of(tmp_path, content) == [("1", None), ("2", None), ("3", None), ("4", "K")]


def test_blank_lines_are_no_rows_and_the_last_line_needs_no_end(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "\nid,køn\n\n1,K\n\n2,æøå\n3,") == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_header_of_several_lines(tmp_path: Path, encoding: str) -> None:
    content = '\r\n\r\n"id","more\r\nthan one","køn"\r\n1,,K\r\n2,x,æøå\r\n3,"",\r\n'
    assert rows_of(tmp_path, content.encode(encoding), encoding=encoding) == EXPECTED


def test_long_values(tmp_path: Path) -> None:
    long = "x" * 3_000_000
    assert rows_of(tmp_path, f"id,køn\n1,{long}\n2,\n") == [("1", long), ("2", None)]


def test_everything_stays_text(tmp_path: Path) -> None:
    content = "id,køn\n007,1.0\n1e5,2020-01-01\nNA,NULL\n"
    assert rows_of(tmp_path, content) == [("007", "1.0"), ("1e5", "2020-01-01"), ("NA", "NULL")]


def test_a_header_alone_is_a_table_of_no_rows(tmp_path: Path) -> None:
    write(tmp_path, person_csv="id,køn\n")
    with open_store() as store:
        raw, rows = load_rows(store, made_registry(tmp_path, {"person": {"file": "person.csv", "columns": COLUMNS}}))
    assert (raw.rows, rows) == (0, [])


def test_columns_that_are_not_mapped_are_not_read(tmp_path: Path) -> None:
    content = "name,id,name,køn\nx,1,y,K\nx,2,y,æøå\nx,3,y,\n"
    assert rows_of(tmp_path, content) == EXPECTED


def test_one_column(tmp_path: Path) -> None:
    assert rows_of(tmp_path, "id\n1\n\n2\n", {"person_id": "id"}) == [("1",), ("2",)]


def test_columns_of_conditions_are_read(tmp_path: Path) -> None:
    write(tmp_path, person_csv="id,a,b,c\n1,2,3,4\n")
    columns = {"person_id": "id", "death_date": {"from": "a", "when": {"b": "3"}}}
    table = {"file": "person.csv", "columns": columns, "where": {"c": "4"}}
    with open_store() as store:
        raw, rows = load_rows(store, made_registry(tmp_path, {"person": table}))
    assert (raw.columns, rows) == (("id", "a", "b", "c"), [("1", "2", "3", "4")])


def test_more_rows_than_a_batch(tmp_path: Path) -> None:
    content = "id,køn\n" + "".join(f"{n},K\n" for n in range(120_001))
    rows = rows_of(tmp_path, content)
    assert len(rows) == 120_001
    assert rows[0] == ("0", "K")
    assert rows[-1] == ("120000", "K")


@pytest.mark.parametrize(("header", "delimiter", "expected"), [
    (("a;b;c",), ",", ";"), (("a\tb",), ",", "\t"), (("a,b",), ";", ","), (("a",), ",", None),
    (("a;b", "c"), ",", None),
])  # fmt: skip
def test_likely_delimiter(header: tuple[str, ...], delimiter: str, expected: str | None) -> None:
    assert likely_delimiter(header, delimiter) == expected
