"""Is an archive whole without this software, the same bytes each time, and is every change of it found?"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.e2e.small import Network, make_network

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pinned study with its run, archived."""
    network = make_network(tmp_path_factory.mktemp("archive"))
    assert network.command("pin", "study").code == 0
    assert network.run().code == 0
    told = network.command("archive", "run", "--out", "kept")
    assert (told.code, told.err) == (0, "")
    return network.root


@pytest.fixture
def network(sound: Path, tmp_path: Path) -> Network:
    """A copy of it that a test may spoil."""
    shutil.copytree(sound, tmp_path / "n")
    return Network(tmp_path / "n")


def sealed_again(network: Network, name: str) -> None:
    """Put the file's new digest into the sums, as whoever changes both would."""
    sums = network / "kept/SHA256SUMS"
    lines = [s for s in sums.read_text(encoding="utf-8").splitlines(keepends=True) if not s.endswith(f"  {name}\n")]
    lines.append(f"{hashlib.sha256((network / 'kept' / name).read_bytes()).hexdigest()}  {name}\n")
    sums.write_text("".join(lines), encoding="utf-8")


def test_folder_and_zip_are_whole_by_this_and_by_plain_tools(network) -> None:
    files = sum(p.is_file() for p in (network / "kept").rglob("*"))
    assert network.command("archive", "check", "kept").out == f"kept: {files} files, whole\n"
    assert network.command("archive", "check", "kept.zip").out == f"kept.zip: {files} files, whole\n"
    for folder in ("kept", "kept/run"):
        done = subprocess.run(
            ["sha256sum", "--strict", "-c", "SHA256SUMS"],
            cwd=network / folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
    there = {p.relative_to(network / "kept").as_posix() for p in (network / "kept").rglob("*") if p.is_file()}
    assert {
        "README.md", "ro-crate-metadata.json", "engine/packages.txt", "engine/pass_engine-0.1.0-py3-none-any.whl",
        "run/protocol/protocol.lock", "run/protocol/text/rationale.md", "run/protocol/codelists/infection.csv",
        "run/results/incidence.csv", "run/bundles/aa/counts.csv", "run/sql/210_person_in_study.sql",
        "run/manifest.json",
    } <= there  # fmt: skip
    assert "run/log.jsonl" not in there


def test_equal_runs_are_equal_archives(network) -> None:
    assert network.command("archive", "run", "--out", "again").code == 0
    assert (network / "again.zip").read_bytes() == (network / "kept.zip").read_bytes()


def test_readme_says_it_in_plain_words(network) -> None:
    text = (network / "kept/README.md").read_text(encoding="utf-8")
    assert text.startswith("# A small study\n\nPASS small, version 1.0 of 2026-01-01. Synthetic data.")
    assert "{" not in text
    assert "never left the registries: aa, bb." in text
    for word in ("run/report.pdf", "sha256sum -c SHA256SUMS", "engine/pass_engine-0.1.0-py3-none-any.whl"):
        assert word in text


def test_the_crate_names_every_file_and_resolves(network) -> None:
    """RO-Crate 1.1: a descriptor about the root; a root with name, description, date and licence; entities."""
    crate = json.loads((network / "kept/ro-crate-metadata.json").read_text(encoding="utf-8"))
    graph = {entry["@id"]: entry for entry in crate["@graph"]}
    assert len(graph) == len(crate["@graph"])
    descriptor, root = graph["ro-crate-metadata.json"], graph["./"]
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert descriptor["about"] == {"@id": "./"}
    assert (root["@type"], root["datePublished"]) == ("Dataset", "2026-01-01")
    assert all(root[key] for key in ("name", "description", "license"))
    parts = {part["@id"] for part in root["hasPart"]}
    there = {p.relative_to(network / "kept").as_posix() for p in (network / "kept").rglob("*") if p.is_file()}
    assert parts == there - {"ro-crate-metadata.json", "SHA256SUMS"}
    named = json.dumps(crate["@graph"])
    for entry in crate["@graph"]:
        for value in entry.values():
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict) and not item["@id"].startswith("https:"):
                    assert item["@id"] in graph, item
    assert str(network.root) not in named


def test_the_engine_in_the_archive_verifies_the_run(network, tmp_path) -> None:
    """The wheel unpacked elsewhere, with nothing of this checkout on the path, makes the run again."""
    (wheel,) = (network / "kept/engine").glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        assert content.testzip() is None
        content.extractall(tmp_path / "site")
    program = "import pass_engine, sys; print(pass_engine.__file__); from pass_engine.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "verify", "run", "--without-report"],
        cwd=network / "kept", capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(str(tmp_path / "site"))
    assert "\nIdentical.\n" in done.stdout


@pytest.mark.parametrize(
    ("name", "act", "found", "problem"),
    [
        ("run/results/incidence.csv", "change", "another digest", "the file is not the one that was archived"),
        ("run/report.pdf", "lose", "no such file", "SHA256SUMS names it"),
        ("engine/notes.txt", "change", "a file", "SHA256SUMS does not know it"),
    ],
)
def test_a_changed_lost_or_foreign_file(network, name, act, found, problem) -> None:
    place = network / "kept" / name
    if act == "lose":
        place.unlink()
    else:
        place.write_text("x\n", encoding="utf-8")
    told = network.command("archive", "check", "kept")
    assert told.code == 16
    assert (
        f"PE733 kept/{name}\n  found    {found}\n  problem  {problem}\n"
        "  mend     take the archive back from another copy\n"
    ) in f"{told.err}\n"


def test_a_file_changed_together_with_the_sums(network) -> None:
    (network / "kept/README.md").write_text("x\n", encoding="utf-8")
    sealed_again(network, "README.md")
    assert network.command("archive", "check", "kept").err == (
        "PE734 kept/ro-crate-metadata.json\n"
        "  found    1 files, the first README.md\n"
        "  problem  SHA256SUMS and the description for machines do not agree\n"
        "  mend     take the archive back from another copy\n"
    )


def test_another_wheel(network) -> None:
    (wheel,) = (network / "kept/engine").glob("*.whl")
    with zipfile.ZipFile(wheel, "w") as out:
        out.writestr("pass_engine/sql/210_person_in_study.sql", "SELECT 1\n")
    told = network.command("archive", "check", "kept")
    assert ("PE735 kept/engine\n  found    ") in told.err
    assert "  problem  the SQL in the wheel is not the SQL of the run\n" in told.err


def test_what_is_no_archive(network) -> None:
    assert network.command("archive", "check", "study").err == (
        "PE732 study\n"
        "  found    no SHA256SUMS\n"
        "  problem  this is no archive of a run\n"
        "  mend     name the folder or zip that pass-engine archive wrote\n"
    )


def test_an_archive_is_written_once(network) -> None:
    (network / "new.zip").write_bytes(b"")
    assert network.command("archive", "run", "--out", "new").err == (
        "PE731 new.zip  --out\n"
        "  found    a file\n"
        "  problem  an archive is written once\n"
        "  mend     name another folder\n"
    )
    assert network.command("archive", "run", "--out", "kept").code == 16


def test_a_run_that_was_changed_is_not_archived(network) -> None:
    (network / "run/report.pdf").write_bytes(b"%PDF-1.7 another")
    told = network.command("archive", "run", "--out", "new")
    assert told.err == (
        "PE701 run/report.pdf\n"
        "  found    another digest\n"
        "  problem  the file is not the one the run wrote\n"
        "  mend     print it again with pass-engine report\n"
    )
    assert not (network / "new").exists()


def test_a_run_of_another_engine_is_not_archived(network) -> None:
    manifest = json.loads((network / "run/manifest.json").read_text(encoding="utf-8"))
    manifest["versions"] |= {"pass_engine": "0.0.9"}
    (network / "run/manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    sums = network / "run/SHA256SUMS"
    lines = [s for s in sums.read_text(encoding="utf-8").splitlines(keepends=True) if "  manifest.json" not in s]
    digest = hashlib.sha256((network / "run/manifest.json").read_bytes()).hexdigest()
    sums.write_text("".join([*lines, f"{digest}  manifest.json\n"]), encoding="utf-8")
    assert network.command("archive", "run", "--out", "new").err == (
        "PE730 run  engine\n"
        "  found    version: 0.0.9 then, 0.1.0 now\n"
        "  problem  the engine that is installed here is not the one that made the run, and would be packed with it\n"
        "  mend     archive the run with the engine that made it, or make the run anew\n"
    )


def test_a_run_is_verified_inside_its_archive_which_stays_as_it_is(network) -> None:
    told = network.command("verify", "kept/run", "--without-report")
    assert (told.code, told.err) == (0, "")
    record = json.loads((network / "kept.rerun_record.json").read_text(encoding="utf-8"))
    assert record["verdict"] == "identical"
    assert network.command("archive", "check", "kept").code == 0
    (network / "kept.rerun_record.json").unlink()
    (network / "kept.rerun_record.json").mkdir()
    told = network.command("verify", "kept/run", "--without-report")
    assert told.code == 16
    assert told.err.splitlines()[1:] == [
        "  found    is a directory",
        "  problem  the record of the re-run cannot be written",
        "  mend     check rights and space, or verify a copy of the run",
    ]
