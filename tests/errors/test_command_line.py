"""Does every family of errors come through the command line whole: its text, and its exit code?"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import yaml

from pass_engine.errors import DisclosureError, Fault, PassEngineError
from tests.e2e.small import make_network, make_registry
from tests.errors.faults import HERE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.small import Network


@dataclass(frozen=True)
class Case:
    """What is spoiled in a sound network, the command, and all that it says."""

    name: str
    command: str
    code: int
    err: str = ""
    out: str = ""
    edit: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    write: dict[str, str] = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)
    move: dict[str, str] = field(default_factory=dict)
    registries: dict[str, str] = field(default_factory=dict)

    def spoil(self, network: Network) -> None:
        """Put the faults in. File texts stand for bytes (latin-1); registries are folder to id."""
        for folder, name in self.registries.items():
            make_registry(network / folder, name, "PT")
        for file, changes in self.edit.items():
            network.edit(file, *changes)
        for file, text in self.write.items():
            (network / file).parent.mkdir(parents=True, exist_ok=True)
            (network / file).write_bytes(text.encode("latin-1"))
        for place in self.remove:
            remove(network / place)
        for old, new in self.move.items():
            (network / old).rename(network / new)


CASES = [Case(**case) for case in yaml.safe_load((HERE / "command_line.yaml").read_text(encoding="utf-8"))]
RUN_CASES = [Case(**case) for case in yaml.safe_load((HERE / "run_folder.yaml").read_text(encoding="utf-8"))]
"""Cases of ``pass-engine report`` on a run folder."""


def remove(place: Path) -> None:
    """Take away a file or a whole folder."""
    shutil.rmtree(place) if place.is_dir() else place.unlink()


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """A sound one."""
    return make_network(tmp_path)


@pytest.fixture(scope="module")
def sound_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder of a sound network."""
    network = make_network(tmp_path_factory.mktemp("sound"))
    assert network.run().code == 0
    return network / "run"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fault(case: Case, network: Network) -> None:
    case.spoil(network)
    before = network.left()
    told = network.command(*case.command.split())
    assert told.err == case.err
    assert told.out == case.out
    assert told.code == case.code
    assert network.left() == before, "a command that fails leaves nothing"


@pytest.mark.parametrize("case", RUN_CASES, ids=lambda case: case.name)
def test_fault_of_a_run_folder(case: Case, network: Network, sound_run: Path) -> None:
    shutil.copytree(sound_run, network / "run")
    case.spoil(network)
    report = (network / "run/report.pdf").read_bytes()
    told = network.command(*case.command.split())
    assert told.err == case.err
    assert told.out == case.out
    assert told.code == case.code
    assert (network / "run/report.pdf").read_bytes() == report


def test_every_family_has_a_case() -> None:
    told = {int(line[2]) for case in (*CASES, *RUN_CASES) for line in case.err.splitlines() if line.startswith("PE")}
    of_its_own = {5}
    families = {int(family.family[2]) for family in PassEngineError.__subclasses__()}
    assert told | of_its_own == families


@pytest.mark.parametrize("case", [*CASES, *RUN_CASES], ids=lambda case: case.name)
def test_exit_code_is_that_of_the_family(case: Case) -> None:
    codes = {f.family: f.exit_code for f in PassEngineError.__subclasses__()}
    told = [line[:3] for line in case.err.splitlines() if line.startswith("PE")]
    assert case.code == (codes[told[0]] if told else 2)


def test_what_may_not_leave_stops_the_registry(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """No input can bring this about: the border guards against the steps before it."""
    fault = Fault("table counts", "person_id", "a column", "this column may not leave", "take it out", "PE502")

    def check_border(*_: object) -> None:
        raise DisclosureError(fault)

    monkeypatch.setattr("pass_engine.answer.check_border", check_border)
    remove(network / "registries/bb")
    told = network.run()
    assert told.code == 14
    assert told.err == (
        "Registry aa failed; the report says so.\n"
        "PE502 table counts  person_id\n"
        "  found    a column\n"
        "  problem  this column may not leave\n"
        "  mend     take it out\n"
    )
    assert not (network / "run/bundles").exists()


def test_a_run_of_another_format(network: Network, sound_run: Path) -> None:
    shutil.copytree(sound_run, network / "run")
    content = json.loads((network / "run/manifest.json").read_text(encoding="utf-8"))
    (network / "run/manifest.json").write_text(json.dumps({**content, "format": "another"}), encoding="utf-8")
    told = network.command("report", "run")
    assert told.code == 17
    assert told.err == (
        "PE803 run/manifest.json  format\n"
        "  found    another content\n"
        "  problem  a manifest of the format 'pass_engine run 1' is needed\n"
        "  mend     take it back from a copy, or make the run anew with pass-engine run\n"
    )
