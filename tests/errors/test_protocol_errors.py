"""Does every fault of a protocol tell where it is, what it is, and how to mend it? Whole texts are compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from pass_engine.errors import ProtocolError
from pass_engine.protocol import load_protocol
from pass_engine.protocol.numbers import Wrong
from pass_engine.worked import check_cases
from tests.errors.faults import HERE, Case, make_folder, read_cases

CASES = read_cases("protocol_faults.yaml")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fault(case: Case, tmp_path: Path, monkeypatch) -> None:
    make_folder(case, "study", "protocol.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProtocolError) as caught:
        check_cases(load_protocol(Path("study")))
    assert str(caught.value) == case.text.rstrip("\n")


def test_sound_study_loads() -> None:
    protocol = load_protocol(HERE / "study")
    assert [s.id for s in protocol.scenarios] == ["main", "longer"]


def test_every_number_has_a_case() -> None:
    told = "\n".join(case.text for case in CASES)
    assert [w.name for w in Wrong if f"PE1{w:02d}" not in told] == []


def test_no_folder(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProtocolError) as caught:
        load_protocol(Path("nowhere"))
    assert str(caught.value) == (
        "PE101 nowhere\n  found    nothing\n  problem  there is no such folder or file\n  mend     check the name"
    )


def test_folder_without_protocol(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    with pytest.raises(ProtocolError) as caught:
        load_protocol(Path("empty"))
    assert str(caught.value) == (
        "PE101 empty\n"
        "  found    no protocol.yaml\n"
        "  problem  the folder holds no protocol\n"
        "  mend     write protocol.yaml there, or name another folder"
    )
