"""Does a pinned protocol refuse to run once it was edited, and does the lock say what to do?"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.e2e.demo import REGISTRIES
from tests.e2e.small import make_network

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.small import Network

AMENDMENT = (
    '  amendments: [{number: 1, date: 2026-01-01, section: "9.3", change: "Clean window 60 days", reason: "R"}]\n'
    "  text:"
)


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """A small study, pinned."""
    network = make_network(tmp_path)
    assert network.command("pin", "study").code == 0
    return network


def test_pin_says_its_digest_and_stays(network) -> None:
    before = (network / "study/protocol.lock").read_bytes()
    told = network.command("pin", "study")
    digest = json.loads(before)["study"]["digest"]
    assert told.out == f"small version 1.0 is pinned already: study/protocol.lock\nDigest {digest}\n"
    assert (network / "study/protocol.lock").read_bytes() == before


def test_layout_and_order_of_keys_do_not_unpin(network) -> None:
    network.edit(
        "study/protocol.yaml",
        ("  status: draft\n", ""),
        ("  id: small\n", "  # a remark\n\n  status: draft\n  id: small\n"),
    )
    assert network.command("pin", "study").out.startswith("small version 1.0 is pinned already")


def test_an_edited_protocol_does_not_run(network) -> None:
    network.edit("study/protocol.yaml", ("clean_window_days: 30", "clean_window_days: 60"))
    network.edit("study/codelists/infection.csv", ("Infection", "Infections"))
    told = network.run()
    assert told.code == 16
    assert told.err == (
        "PE710 study/protocol.lock  study.digest\n"
        "  found    outcomes.infection, codelists/infection.csv\n"
        "  problem  the protocol was edited since version 1.0 was pinned\n"
        "  mend     undo the edit, or add a line to study.amendments, raise study.version, and pin it again: "
        "pass-engine pin\n"
    )
    assert not (network / "run").exists()


def test_an_edit_is_pinned_anew_with_an_amendment_alone(network) -> None:
    network.edit("study/protocol.yaml", ("clean_window_days: 30", "clean_window_days: 60"))
    told = network.command("pin", "study")
    assert told.code == 16
    assert told.err == (
        "PE711 study/protocol.lock  study.amendments\n"
        "  found    no new line in study.amendments and version 1.0 as before\n"
        "  problem  outcomes.infection changed since the pin, and an edit needs an amendment\n"
        "  mend     add a line to study.amendments that says what changed and why, and raise study.version\n"
    )
    old = json.loads((network / "study/protocol.lock").read_text(encoding="utf-8"))
    network.edit("study/protocol.yaml", ('version: "1.0"', 'version: "1.1"'), ("  text:", AMENDMENT))
    assert network.command("pin", "study").code == 0
    new = json.loads((network / "study/protocol.lock").read_text(encoding="utf-8"))
    assert [(h["version"], h["digest"]) for h in new["history"]] == [("1.0", old["study"]["digest"])]
    assert network.run().code == 0


def test_another_engine_does_not_run_it(network) -> None:
    lock = json.loads((network / "study/protocol.lock").read_text(encoding="utf-8"))
    lock["engine"]["version"] = "0.0.9"
    lock["engine"]["sql"]["210_person_in_study.sql"] = "0" * 64
    (network / "study/protocol.lock").write_text(json.dumps(lock), encoding="utf-8")
    told = network.run()
    assert told.code == 16
    assert told.err == (
        "PE712 study/protocol.lock  engine\n"
        "  found    version: 0.0.9 then, 0.1.0 now; sql: 210_person_in_study.sql is another\n"
        "  problem  the protocol is pinned to another engine than the one installed here\n"
        "  mend     install that one, or pin the protocol to this one: pass-engine pin PROTOCOL --to-this-engine\n"
    )
    assert network.command("pin", "study").code == 16
    assert network.command("pin", "study", "--to-this-engine").code == 0
    assert network.run().code == 0


def test_another_library_is_said_and_does_not_stop(network) -> None:
    lock = json.loads((network / "study/protocol.lock").read_text(encoding="utf-8"))
    lock["engine"]["packages"]["duckdb"] = "1.9.9"
    (network / "study/protocol.lock").write_text(json.dumps(lock), encoding="utf-8")
    told = network.run()
    assert told.code == 0
    assert "Not as pinned, packages: duckdb 1.9.9 then, 2.0.0 now\n" in told.out


def test_a_spoiled_lock_is_said(network) -> None:
    (network / "study/protocol.lock").write_text("{}\n", encoding="utf-8")
    assert network.run().err == (
        "PE713 study/protocol.lock\n"
        "  found    another content\n"
        "  problem  a lock of the format 'pass_engine lock 1' is needed\n"
        "  mend     take it back from a copy; the lock is written by pass-engine pin alone\n"
    )


def test_a_run_carries_its_lock_and_the_fingerprints_of_its_tables(network) -> None:
    assert network.run().code == 0
    manifest = json.loads((network / "run/manifest.json").read_text(encoding="utf-8"))
    assert (network / "run/protocol/protocol.lock").read_bytes() == (network / "study/protocol.lock").read_bytes()
    assert len(manifest["lock"]) == 64
    assert {"person", "treatment", "adverse_event"} <= manifest["tables"]["aa"].keys()
    assert manifest["tables"]["aa"]["person"]["rows"] == 12
    assert manifest["engine"]["packages"]["duckdb"] == "2.0.0"


def made_up_dictionary(network: Network) -> Path:
    """The dictionary of the sample, beside the network."""
    shutil.copytree(REGISTRIES / "se/dictionaries/made-up", network / "meddra")
    return network / "meddra"


def test_a_dictionary_is_pinned_by_version_and_digest_and_a_run_with_another_is_told(network) -> None:
    folder = made_up_dictionary(network)
    words = ("pin", "study", "--dictionary", "MedDRA=meddra")
    told = network.command(*words)
    assert told.code == 16
    assert told.err == (
        "PE714 study/protocol.lock  dictionaries\n"
        "  found    other dictionaries\n"
        "  problem  the protocol is pinned with others, and a lock does not change after the pin\n"
        "  mend     go back to those, or pin the unchanged protocol anew: pass-engine pin PROTOCOL --to-this-engine\n"
    )
    assert network.command(*words, "--to-this-engine").code == 0
    lock = json.loads((network / "study/protocol.lock").read_text(encoding="utf-8"))
    assert lock["dictionaries"]["MedDRA"] == {
        "digest": digest_of(folder), "language": "English", "version": "0.2",
    }  # fmt: skip
    assert len(lock["history"]) == 1
    assert network.command("pin", "study").out.startswith("small version 1.0 is pinned already")
    use_dictionary(network)
    assert "Not as pinned, dictionary" not in network.run().out
    file = network / "registries/aa/meddra/llt.asc"
    rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join([*rows[1:], rows[0]]), encoding="utf-8")
    assert "Not as pinned, dictionary of aa: meddra 0.2, pinned 0.2\n" in network.run().out


def digest_of(folder: Path) -> str:
    """As ``sha256sum *.asc | sha256sum`` gives it."""
    done = subprocess.run("LC_ALL=C sha256sum *.asc | sha256sum", cwd=folder, shell=True, capture_output=True,  # noqa: S602
                          text=True, check=True)  # fmt: skip
    return done.stdout.split()[0]


def use_dictionary(network: Network) -> None:
    """Registry aa names it; its codes stay those of ICD-10."""
    shutil.copytree(network / "meddra", network / "registries/aa/meddra")
    network.edit(
        "registries/aa/registry.yaml",
        ("{code_system: ICD-10}", "{code_system: ICD-10}\n  dictionaries: {meddra: meddra/}"),
    )


def test_what_is_no_dictionary_is_not_pinned(network) -> None:
    told = network.command("pin", "study", "--dictionary", "MedDRA=nowhere")
    assert told.code == 12
    assert told.err == (
        "PE305 nowhere  --dictionary MedDRA\n"
        "  found    no llt.asc\n"
        "  problem  this is no dictionary as it is distributed\n"
        "  mend     name the folder with its .asc files\n"
    )
    told = network.command("pin", "study", "--dictionary", "MedDRA")
    assert told.code == 2
    assert "write it as MedDRA=FOLDER" in told.err


CASE = """\
case: "One person"
why: "A slip of the author."
persons:
  - id: A
    birth_date: 1980-01-01
    observed: [[2015-01-01, 2020-12-31]]
    treatments: [{substance: alfa, start: 2017-01-01, stop: 2017-06-30}]
    expect: {counts: [{cohort: alfa, outcome: infection, time_at_risk: treated, person_days: 180}]}
"""


def test_a_worked_case_that_the_sql_does_not_meet_stops_a_run_and_a_release(network) -> None:
    """1 January to 30 June and 30 days more are 211."""
    (network / "study/cases").mkdir()
    (network / "study/cases/one.yaml").write_text(CASE, encoding="utf-8")
    expected = (
        "PE199 study/cases/one.yaml:8:94  persons.A.expect.counts.1.person_days\n"
        "  found    person_days: 180\n"
        "  problem  the protocol's times_at_risk.treated has 211 person-days: 2017-01-01 to 2017-07-30\n"
        "  mend     look at times_at_risk.treated, and correct it or the expectation\n"
    )
    told = network.run()
    assert (told.code, told.err) == (10, expected)
    assert not (network / "run").exists()
    assert network.command("keys", "init", "key").code == 0
    told = network.command("protocol", "release", "study", "--out", "release", "--key", "key", "--as", "acme")
    assert (told.code, told.err) == (10, expected)
    assert not (network / "release").exists()
    network.edit("study/cases/one.yaml", ("person_days: 180", "person_days: 211"))
    told = network.run()
    assert told.code == 0
    assert "Not as pinned, worked cases: a file was changed, added or taken out\n" in told.out
    assert network.command("pin", "study").err.startswith("PE714 study/protocol.lock  worked cases\n")
