"""Whatever stands in a protocol or a registry's file: is it a fault with a place, and never a traceback?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pass_engine.errors import Fault, PassEngineError, ProtocolError, SourceError
from pass_engine.protocol import load_protocol
from pass_engine.registry import load_registry
from pass_engine.yamltext import parse_yaml

SOUND = Path(__file__).resolve().parents[1] / "errors"
PROTOCOL = (SOUND / "study" / "protocol.yaml").read_text(encoding="utf-8")
REGISTRY = (SOUND / "registry" / "registry.yaml").read_text(encoding="utf-8")
PIECES = [
    "",
    "~",
    "x",
    "3",
    "-1",
    "0.5",
    "true",
    "yes",
    "[]",
    "{}",
    "[x]",
    "[[]]",
    "[{}]",
    "{x: 1}",
    "2020-01-01",
    '"3"',
]
"""What may stand in a value's place."""


def value_places(text: str) -> list[tuple[int, int]]:
    """Stretches of text that are values: single ones, and whole lists and mappings in brackets."""
    document, _ = parse_yaml("x", text, "PE1")
    assert document is not None
    places = {(p.first, p.last) for path, p in document.values.items() if path}
    return sorted(place for place in places if "\n" not in text[slice(*place)])


@pytest.mark.parametrize(
    ("text", "name", "load", "error"),
    [
        (PROTOCOL, "protocol.yaml", load_protocol, ProtocolError),
        (REGISTRY, "registry.yaml", load_registry, SourceError),
    ],
    ids=["protocol", "registry"],
)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_other_value(text, name, load, error, tmp_path_factory, data) -> None:
    first, last = data.draw(st.sampled_from(value_places(text)))
    changed = text[:first] + data.draw(st.sampled_from(PIECES)) + text[last:]
    folder = tmp_path_factory.mktemp("changed")
    (folder / name).write_text(changed, encoding="utf-8")
    told = faults_of(load, folder, error)
    assert all(fault.found and fault.problem and fault.mend for fault in told)


@pytest.mark.parametrize("piece", PIECES)
def test_any_kind_of_source(piece: str, tmp_path: Path) -> None:
    (tmp_path / "registry.yaml").write_text(REGISTRY.replace("kind: files", f"kind: {piece}"), encoding="utf-8")
    assert faults_of(load_registry, tmp_path, SourceError)


def faults_of(load, folder: Path, error: type[PassEngineError]) -> tuple[Fault, ...]:
    """Faults in a folder, if there are any; another error is a bug."""
    try:
        load(folder)
    except error as caught:
        return caught.faults
    return ()


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=40), where=st.integers(0, len(PROTOCOL)))
def test_any_text(text: str, where: int) -> None:
    document, faults = parse_yaml("x", PROTOCOL[:where] + text + PROTOCOL[where:], "PE1")
    assert document is not None or faults


@given(day=st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_every_day_is_read(day: date) -> None:
    document, faults = parse_yaml("x", f"day: {day.isoformat()}\n", "PE1")
    assert faults == ()
    assert document is not None
    assert document.value == {"day": day}
