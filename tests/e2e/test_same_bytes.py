"""Is a run the same bytes wherever, whenever and however it is made, and does a broken one leave nothing half-true?"""

from __future__ import annotations

import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pass_engine.run.folder import run_folder
from tests.e2e.small import Network, make_network

PROGRAM = "import locale; locale.setlocale(locale.LC_ALL, ''); from pass_engine.cli import main; main()"
"""As inside a program that follows the locale: with de_DE, C writes a comma in 0,5."""
LOG = "log.jsonl"
GERMAN = "de_DE.UTF-8"
SETTINGS = {
    "tokyo": {"TZ": "Asia/Tokyo", "LC_ALL": GERMAN, "LANG": GERMAN, "PYTHONHASHSEED": "1"},
    "plain": {
        "TZ": "America/St_Johns",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "4242",
        "USER": "q7x-user",
        "HOSTNAME": "other",
    },
}
THREADS = {"tokyo": "8", "plain": "1"}


def start(network: Network, *words: str, env: dict[str, str] | None = None, limit: int = 0) -> subprocess.Popen[str]:
    """The command line in a process of its own, with a limit on the size of a file where one is named."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *words], cwd=network.root, env={**os.environ, **(env or {})}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))) if limit else None,  # noqa: PLW1509
    )  # fmt: skip


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=300)
    return process.returncode, out + err


def tree(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != LOG
    }


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The locale de_DE, made for these tests alone: where it lies, for the environment of a process."""
    folder = tmp_path_factory.mktemp("locales")
    if shutil.which("localedef") is None or not Path("/usr/share/i18n/locales/de_DE").is_file():
        pytest.skip("needs localedef and the sources of locales (Debian: locales)")
    made = ["localedef", "--no-archive", "-i", "de_DE", "-f", "UTF-8", folder / GERMAN]
    subprocess.run(made, check=True, capture_output=True)
    told = ["-c", "import locale; locale.setlocale(locale.LC_ALL, ''); print(locale.str(0.5))"]
    env = {**os.environ, "LOCPATH": str(folder), "LC_ALL": GERMAN}
    said = subprocess.run([sys.executable, *told], env=env, check=True, capture_output=True, text=True).stdout
    assert said == "0,5\n", "the locale holds"
    return {"LOCPATH": str(folder)}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, german: dict[str, str]) -> dict[str, Network]:
    """One study in two places, run with its report under two sets of circumstances at once."""
    networks = {name: make_network(tmp_path_factory.mktemp(f"in-{name}")) for name in SETTINGS}
    for folder, other in (("aa", "zz-first"), ("bb", "00-last")):  # the folders stand in another order
        (networks["plain"] / "registries" / folder).rename(networks["plain"] / "registries" / other)
    running = {
        name: start(network, "run", "study", "--registries", "registries", "--out", "run", "--threads", THREADS[name],
                    env={**german, **SETTINGS[name]})
        for name, network in networks.items()
    }  # fmt: skip
    for name, process in running.items():
        code, said = finish(process)
        assert code == 0, (name, said)
    return networks


def test_processes_folders_zones_locales_hash_seeds_threads_and_order_of_registries_change_no_byte(made) -> None:
    one, other = (tree(network / "run") for network in made.values())
    assert sorted(one) == sorted(other)
    assert [name for name in one if one[name] != other[name]] == []
    assert {
        "report.pdf",
        "report.html",
        "report.docx",
        "manifest.json",
        "results/incidence.csv",
        "bundles/aa/counts.csv",
        "SHA256SUMS",
    } <= one.keys()
    assert len(one["report.pdf"]) > 50_000


def test_nothing_that_is_hashed_names_a_machine(made) -> None:
    """No folder, host or user in any text of a run; files that are no text are equal bytes above."""
    for network in made.values():
        words = [str(network.root), network.root.name, "q7x-user", os.uname().nodename]
        pattern = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words))
        for name, content in tree(network / "run").items():
            if name.endswith((".csv", ".json", ".sql", ".yaml", ".md", ".html", "SHA256SUMS")):
                assert pattern.search(content.decode("utf-8")) is None, name


def test_order_of_rows_and_two_threads_change_no_number(made, tmp_path) -> None:
    """Files with their rows in another order have other digests; whatever is counted from them has the same bytes."""
    network = make_network(tmp_path)
    for file in sorted((network / "registries").rglob("*.csv")):
        head, *rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join([head, *random.Random(3).sample(rows, len(rows))]), encoding="utf-8")
    assert network.run("--threads", "2").code == 0
    one, other = tree(made["plain"] / "run"), tree(network / "run")
    wrong = {n for n in one if n in other and one[n] != other[n]} - {"report.pdf", "SHA256SUMS", "manifest.json"}
    wrong -= {"results/index.csv"}  # names the manifests of the bundles by their digests
    assert other.keys() <= one.keys()  # the other report is a stand-in
    assert wrong == {"bundles/aa/manifest.json", "bundles/bb/manifest.json"}


def test_a_run_that_is_killed_leaves_no_run_and_the_next_one_is_whole(tmp_path) -> None:
    network = make_network(tmp_path)
    process = start(network, "run", "study", "--registries", "registries", "--out", "run")
    part = network / ".run.part"
    end = time.monotonic() + 120
    while not (part / "bundles/aa/manifest.json").is_file() and time.monotonic() < end:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    assert part.is_dir()
    assert not (network / "run").exists()
    told = network.command("verify", ".run.part")
    assert told.code == 17
    assert told.err.startswith("PE801 .run.part\n  found    no manifest.json\n  problem  there is no run folder here\n")
    assert told.err.endswith("\n  mend     the run was stopped before it was whole: start it again, pass-engine run\n")
    assert network.command("archive", ".run.part", "--out", "kept").code == 17
    assert network.run().code == 0
    assert not part.exists()
    assert network.command("verify", "run").code == 0
    whole = tree(network / "run")
    (network / "run").rename(network / ".run.part.old")  # killed just before the new run takes the place of this one
    with pytest.raises(ZeroDivisionError), run_folder(network / "run"):
        raise ZeroDivisionError
    assert tree(network / "run") == whole
    assert network.left() == ["run"]


def test_a_full_disk_is_told_and_nothing_half_true_is_left(tmp_path) -> None:
    """A file may not grow beyond a few kilobytes, as on a disk without room."""
    network = make_network(tmp_path)
    code, said = finish(start(network, "run", "study", "--registries", "registries", "--out", "run", limit=6_000))
    assert code == 15, said
    assert "PE609 run  --out\n  found    file too large\n  problem  the run folder cannot be written\n" in said
    assert network.left() == make_network(tmp_path / "again").left()
    assert network.run().code == 0
    before = tree(network / "run")
    code, said = finish(start(network, "archive", "run", "--out", "kept", limit=6_000))
    assert code == 18, said
    assert "PE918 kept  --out\n  found    file too large\n" in said
    assert sorted(p.name for p in network.root.iterdir()) == ["again", "registries", "run", "study"]
    code, said = finish(start(network, "pin", "study", limit=1_000))
    assert code == 16, said
    assert "PE713 study/protocol.lock\n  found    file too large\n" in said
    assert not list((network / "study").glob("*.lock")) + list((network / "study").glob(".*"))
    assert tree(network / "run") == before
