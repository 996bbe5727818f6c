"""Does the YAML reader give plain values with their places, and refuse what other readers would guess?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pass_engine.yamltext import Problem, dotted, parse_yaml, read_yaml
from pass_engine.yamltext.scalars import Trap, read_scalar


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("false", False),
        ("0", 0),
        ("-365", -365),
        ("1000", 1000),
        ("0.95", 0.95),
        ("1e3", 1000.0),
        ("2024-02-29", date(2024, 2, 29)),
        ("2024-02", "2024-02"),
        ("A00-B99", "A00-B99"),
        ("..", ".."),
        ("esp2013", "esp2013"),
        ("1.2.3", "1.2.3"),
        ("yes please", "yes please"),
        ("core/1", "core/1"),
    ],
)
def test_plain_scalar(text, value) -> None:
    found = read_scalar(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "yes", "No", "ON", "off", "y", "N", "True", "FALSE", "Null", "010", "-07", "0x1F", "0b1", "0o17", "12:30",
        "1:30:00", "1_000", ".5", "1.", "+5", ".inf", "-.NaN", "2024-02-30", "2023-02-29", "2024-1-1",
        "2024-01-01 10:00", "2024-01-01T10:00:00Z", "<<", "=", "1" * 19,
    ],
)  # fmt: skip
def test_trap(text: str) -> None:
    assert isinstance(read_scalar(text), Trap)


def test_quotes_make_text() -> None:
    document, faults = parse_yaml("x", 'a: "NO"\nb: \'010\'\nc: "12:30"\nd: "2024-01-01"\ne: |\n  yes\n', "PE1")
    assert faults == ()
    assert document is not None
    assert document.value == {"a": "NO", "b": "010", "c": "12:30", "d": "2024-01-01", "e": "yes\n"}


def test_names_are_text_as_written() -> None:
    document, faults = parse_yaml("x", "map: {1: a, NO: b, 010: c, 2024-01-01: d, true: e}\n", "PE2")
    assert faults == ()
    assert document is not None
    assert document.value == {"map": {"1": "a", "NO": "b", "010": "c", "2024-01-01": "d", "true": "e"}}


def test_lists_are_tuples_with_places() -> None:
    document, _ = parse_yaml("x", "a:\n  - {id: first, n: 1}\n  - [2, 3]\nb: {c: text}\n", "PE1")
    assert document is not None
    assert document.value == {"a": ({"id": "first", "n": 1}, (2, 3)), "b": {"c": "text"}}
    places = {path: (place.line, place.column) for path, place in document.values.items()}
    assert places[("a", 0, "n")] == (2, 20)
    assert places[("a", 1, 1)] == (3, 9)
    assert (document.keys[("b", "c")].line, document.keys[("b", "c")].column) == (4, 5)


@pytest.mark.parametrize(
    ("path", "shown"),
    [(("a", 0, "n"), "a.first.n"), (("a", 1), "a.2"), (("b", "c"), "b.c"), (("b", "missing"), "b.missing")],
)
def test_dotted_path(path, shown: str) -> None:
    assert dotted(path, {"a": ({"id": "first", "n": 1}, (2, 3)), "b": {"c": "text"}}) == shown


def test_missing_value_is_told_at_what_is_around_it() -> None:
    document, _ = parse_yaml("x.yaml", "a: 1\nb:\n  c: {d: 2}\n", "PE1")
    assert document is not None
    fault = document.fault(Problem(("b", "c", "e", "f"), 6, "problem", "mend"), "PE1")
    assert (fault.where, fault.path, fault.found, fault.code) == ("x.yaml:3:3", "b.c.e.f", "nothing", "PE106")


def test_long_values_are_cut_to_one_line() -> None:
    document, _ = parse_yaml("x", "a:\n" + "".join(f"  - item number {n}\n" for n in range(50)), "PE1")
    assert document is not None
    written = document.written(("a",))
    assert "\n" not in written
    assert len(written) <= 100
    assert written.endswith("…")


def test_all_traps_are_told_at_once_in_order() -> None:
    text = "a: yes\nb: {c: 010, d: 3}\nb: 4\nc: &x 1\nd: *x\ne: !!int 3\nf: [1, off]\n"
    _, faults = parse_yaml("x", text, "PE1")
    assert [(f.code, f.line) for f in faults] == [
        ("PE103", 1), ("PE103", 2), ("PE105", 3), ("PE103", 4), ("PE103", 5), ("PE103", 6), ("PE103", 7),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("", "PE101", "x.yaml:1:1"),
        ("# only this\n", "PE102", "x.yaml:1:1"),
        ("- a\n", "PE102", "x.yaml:1:1"),
        ("text\n", "PE102", "x.yaml:1:1"),
        ("a: 1\n--- \nb: 2\n", "PE102", "x.yaml:2:1"),
        ("a: [1\n", "PE102", "x.yaml:2:1"),
        ("a: b: c\n", "PE102", "x.yaml:1:5"),
        ("a:\n\tb: 1\n", "PE102", "x.yaml:2:1"),
        ("a:\tb\n", "PE102", "x.yaml:1:3"),
        ("a: \x07\n", "PE102", "x.yaml:1:4"),
        ("a: " + "[" * 60 + "]" * 60 + "\n", "PE102", "x.yaml:1:53"),
        ("a: 'open\n", "PE102", "x.yaml:2:1"),
        ("%YAML 1.1\na: 1\n", "PE102", "x.yaml:2:1"),
    ],
)
def test_text_that_cannot_be_read(text: str, code: str, where: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.yaml").write_text(text, encoding="utf-8")
    document, faults = read_yaml(Path("x.yaml"), "PE1")
    assert document is None
    assert [(f.code, f.where) for f in faults] == [(code, where)]


def test_byte_order_mark_and_windows_lines(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"\xef\xbb\xbfa: 1\r\nb: text\r\n")
    document, faults = read_yaml(tmp_path / "x.yaml", "PE1")
    assert faults == ()
    assert document is not None
    assert document.value == {"a": 1, "b": "text"}
    assert document.place(("b",)).line == 2


def test_missing_file(tmp_path: Path) -> None:
    document, (fault,) = read_yaml(tmp_path / "x.yaml", "PE2")
    assert document is None
    assert fault.code == "PE201"
