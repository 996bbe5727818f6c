"""Does the digest follow every value of a protocol, and nothing else?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pass_engine.protocol import Code, digests_of, load_protocol, protocol_digest
from pass_engine.protocol.scenarios import with_change
from pass_engine.yamltext import parse_yaml, value_at

EXAMPLE = Path(__file__).resolve().parents[2] / "protocols" / "bmsd-pass-001"
TEXT = (EXAMPLE / "protocol.yaml").read_text(encoding="utf-8")
DOCUMENT, _ = parse_yaml("protocol.yaml", TEXT, "PE1")
assert DOCUMENT is not None
VALUE = DOCUMENT.value
PROSE = {"rationale": "Why.\n", "limitations": "Some.\n"}
CODES = (Code("ICD-10", "A00", "B99", "Infections", "range"), Code("MedDRA PT", "1", "1", "Sepsis", "exact"))
LISTS = {"codelists/infection.csv": CODES}
DIGEST = protocol_digest(VALUE, PROSE, LISTS)
LEAVES = [path for path in DOCUMENT.values if not isinstance(value_at(VALUE, path), dict | tuple)]


def other(value: object) -> object:
    """A value of the same kind that is not this one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, date):
        return value + timedelta(days=1)
    return "something" if value is None else f"{value}x"


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: ".".join(map(str, path)))
def test_every_value_counts(path) -> None:
    assert protocol_digest(with_change(VALUE, path, other(value_at(VALUE, path))), PROSE, LISTS) != DIGEST


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: ".".join(map(str, path)))
def test_the_lock_names_the_part_that_changed(path) -> None:
    old = load_protocol(EXAMPLE)
    new = replace(old, values=with_change(old.values, path, other(value_at(old.values, path))))
    then, now = digests_of(old)["parts"], digests_of(new)["parts"]
    assert [name for name in then if then[name] != now[name]] == [".".join([p for p in path[:2] if isinstance(p, str)])]


def shuffled(value: object, draw) -> object:
    """The same values with the keys of every mapping in another order."""
    if isinstance(value, dict):
        keys = draw(st.permutations(list(value)))
        return {key: shuffled(value[key], draw) for key in keys}
    if isinstance(value, tuple):
        return tuple(shuffled(item, draw) for item in value)
    return value


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_order_of_keys_does_not_count(data) -> None:
    prose = dict(data.draw(st.permutations(list(PROSE.items()))))
    codes = {path: tuple(data.draw(st.permutations(rows))) for path, rows in LISTS.items()}
    assert protocol_digest(shuffled(VALUE, data.draw), prose, codes) == DIGEST


@settings(max_examples=25, deadline=None)
@given(line=st.integers(0, TEXT.count("\n") - 1), comment=st.text(st.characters(codec="ascii", categories=["L", "N"])))
def test_comments_and_empty_lines_do_not_count(line: int, comment: str) -> None:
    lines = TEXT.split("\n")
    lines.insert(line, f"# {comment}\n")
    document, faults = parse_yaml("protocol.yaml", "\n".join(lines), "PE1")
    assert faults == ()
    assert document is not None
    assert protocol_digest(document.value, PROSE, LISTS) == DIGEST


@pytest.mark.parametrize(
    ("path", "new"),
    [
        (("study", "version"), 1.1),
        (("publish", "min_cell"), "5"),
        (("publish", "min_cell"), 5.0),
        (("strata", "sex"), None),
    ],
)
def test_the_kind_of_a_value_counts(path, new) -> None:
    assert protocol_digest(with_change(VALUE, path, new), PROSE, LISTS) != DIGEST


def test_lost_and_added_fields_count() -> None:
    assert protocol_digest({k: v for k, v in VALUE.items() if k != "strata"}, PROSE, LISTS) != DIGEST
    assert protocol_digest({**VALUE, "more": None}, PROSE, LISTS) != DIGEST


def test_order_of_lists_counts() -> None:
    criteria = value_at(VALUE, ("population", "criteria"))
    assert isinstance(criteria, tuple)
    assert protocol_digest(with_change(VALUE, ("population", "criteria"), criteria[::-1]), PROSE, LISTS) != DIGEST


def test_prose_counts_but_not_its_line_ends() -> None:
    assert protocol_digest(VALUE, {**PROSE, "rationale": "Why?\n"}, LISTS) != DIGEST
    assert protocol_digest(VALUE, {**PROSE, "bias": ""}, LISTS) != DIGEST
    assert protocol_digest(VALUE, {**PROSE, "rationale": "Why.\r\n"}, LISTS) == DIGEST


@pytest.mark.parametrize("field", ["system", "code_from", "code_to", "label", "match"])
def test_every_cell_of_a_code_list_counts(field: str) -> None:
    changed = (replace(CODES[0], **{field: "other"}), CODES[1])
    assert protocol_digest(VALUE, PROSE, {"codelists/infection.csv": changed}) != DIGEST


def test_loader_uses_this_digest() -> None:
    protocol = load_protocol(EXAMPLE)
    assert protocol.digest == protocol_digest(VALUE, protocol.prose, protocol.code_lists)
