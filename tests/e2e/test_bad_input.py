"""Does bad input get a clear answer, and is nothing lost silently? From the command line, on a few persons."""

from __future__ import annotations

import csv
import fcntl
import hashlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from pass_engine.store import open_store
from tests.e2e.small import MARK, PROSE, Network, make_network, make_registry, words_of_report, write

REPOSITORY = Path(__file__).parents[2]
SPOILED = {
    "aa": ("", "", ""),  # goes on
    "c1": ("data/drugs.csv", "", "PE221: there is no such file or folder"),
    "c2": ("data/events.csv", "\n", "PE224: the file is empty: it has no header row"),
    "c3": ("data/persons.csv", "id,gender\n", "PE223: the mapping names columns the source does not have"),
    "c4": (
        "data/drugs.csv", "id,drug,start,stop\nA,b\u00eata,2016-01-01,\n",
        "PE225: the file is not text in this encoding",
    ),
    "c5": ("data/drugs.csv", "id;drug;start;stop\n", 'PE226: the header is one column, and holds ";"'),
    "c6": (
        "data/seen.csv", 'id,first,last\nA,"2015-01-01,\n',
        "PE227: a quotation mark without its pair, or a stray line end",
    ),
    "c7": ("registry.yaml", "registry: [", "PE202: this is not YAML"),
    "c8": ("registry.yaml", "", "PE201: a registry is a folder with a registry.yaml"),
    "c9": (
        "data/persons.csv", "id,born,gender\nA,1.5.1960,w\nB,1.5.1961,w\n",
        "PE307: more than half of the column is unreadable: the stated format is not the one the data have",
    ),
    "d1": (
        "data/persons.csv", "id,born,gender\nA,1960-05-17,w\nA,1970-05-17,w\n",
        "PE308: this table has one row a person, and nothing says which row is right",
    ),
}  # fmt: skip
"""Registry to the file that is spoiled, its text (none: the file is gone), and the reason that the report gives."""
COUNTRIES = ("DK", "SE", "NO", "FI", "IS", "DE", "FR", "IT", "ES", "PT", "CZ")


@pytest.fixture
def network(tmp_path) -> Network:
    """The small study and its two registries."""
    return make_network(tmp_path)


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory):
    """A network whose registries are at fault in all ways at once, but for one; and what its run said."""
    network = make_network(tmp_path_factory.mktemp("spoiled"))
    shutil.rmtree(network / "registries")
    network.edit("study/protocol.yaml", ("registries: [aa, bb]", f"registries: [{', '.join(SPOILED)}, zz]"))
    for (name, (file, text, _)), country in zip(SPOILED.items(), COUNTRIES, strict=True):
        folder = network / f"registries/{name}"
        make_registry(folder, name, f'"{country}"')
        if file:
            (folder / file).write_bytes(text.encode("latin-1"))
            if not text:
                (folder / file).unlink()
    return network, network.run()


@pytest.fixture(scope="module")
def sound_run(tmp_path_factory) -> Network:
    """A sound network with its run."""
    network = make_network(tmp_path_factory.mktemp("sound"))
    assert network.run().code == 0
    return network


@pytest.fixture
def ran(sound_run, tmp_path) -> Network:
    """A copy of a sound network with its run, to be spoiled."""
    shutil.copytree(sound_run.root, tmp_path, dirs_exist_ok=True)
    return Network(tmp_path)


def loss(network: Network, rule: str, table: str, column: str, registry: str = "aa") -> tuple[str, str, str]:
    """Status, rows looked at and rows at fault of one quality rule."""
    key = (registry, rule, table, column)
    (row,) = [
        r for r in network.rows("quality.csv")
        if (r["registry"], r["rule_id"], r["table_name"], r["column_name"]) == key
    ]  # fmt: skip
    return row["status"], row["tested"], row["failed"]


def persons_of(network: Network, registry: str) -> int:
    """Persons of whom counts left a registry, before small numbers are withheld."""
    with (network / f"run/bundles/{registry}/attrition.csv").open(encoding="utf-8", newline="") as file:
        return next(int(row["persons"]) for row in csv.DictReader(file) if row["step"] == "persons")


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Every file of a folder but the log."""
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.suffix != ".jsonl"
    }


def holds_together(run: Path) -> bool:
    """Does every file of a run have the digest that SHA256SUMS gives it, and is none missing there?"""
    lines = (run / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    named = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    there = {p.relative_to(run).as_posix(): p for p in run.rglob("*") if p.is_file()}
    found = {
        n: hashlib.sha256(p.read_bytes()).hexdigest() for n, p in there.items() if n not in {"SHA256SUMS", "log.jsonl"}
    }
    return named == found


# --- registries at fault --------------------------------------------------------------------------------------------


def test_no_file_of_a_run_names_a_person(sound_run) -> None:
    for file in (f for f in (sound_run / "run").rglob("*") if f.is_file()):
        told = str(pd.read_parquet(file).to_dict()) if file.suffix == ".parquet" else file.read_text(encoding="utf-8")
        assert MARK not in told, file


def test_registries_that_fail_do_not_stop_the_others(spoiled) -> None:
    network, told = spoiled
    assert told.code == 0
    assert told.out == (
        "Registry zz did not take part: no data were supplied.\n"
        "Held back by aa: sums of squares of some cells, "
        "too few persons or persons with an event, or they would tell of such a cell.\n"
        "1 of 12 invited registries took part.\n"
        "Report: run/report.pdf\n"
    )
    assert [p.name for p in (network / "run/bundles").iterdir()] == ["aa"]
    assert holds_together(network / "run")


@pytest.mark.parametrize("name", [n for n, (file, *_) in SPOILED.items() if file])
def test_a_registry_that_fails_is_told_with_its_fault(spoiled, name) -> None:
    network, told = spoiled
    (said,) = [part for part in told.err.split("Registry ") if part.startswith(f"{name} failed; the report says so.\n")]
    code, problem = SPOILED[name][2].split(": ", 1)
    assert said.splitlines()[1].startswith(f"{code} ")
    assert f"  problem  {problem}\n" in said
    (row,) = [r for r in network.rows("participation.csv") if r["registry"] == name]
    assert (row["status"], row["reason"], row["persons"]) == ("failed", SPOILED[name][2], "")


def test_a_registry_that_goes_on_beside_them_is_complete(spoiled) -> None:
    network, _ = spoiled
    status = {r["registry"]: (r["status"], r["reason"], r["persons"]) for r in network.rows("participation.csv")}
    assert status["aa"] == ("took part", "", "12")
    assert status["zz"] == ("did not take part", "no data were supplied", "")


def test_no_registry_contributes_and_the_exit_code_says_why(network) -> None:
    for name in ("aa", "bb"):
        (network / f"registries/{name}/data/drugs.csv").unlink()
    told = network.run()
    assert told.code == 11
    assert "0 of 2 invited registries took part." in told.out
    assert {r["status"] for r in network.rows("participation.csv")} == {"failed"}


def test_folders_that_are_not_invited_or_do_not_say_who_they_are(network) -> None:
    make_registry(network / "registries/cc", "cc", "PT")
    network.edit("registries/cc/registry.yaml", ("kind: files", "knid: files"))  # not our business
    (network / "registries/bb").rename(network / "registries/sweden")
    write(network / "registries/sweden/registry.yaml", "registry: [\n")
    told = network.run()
    assert told.code == 0
    assert told.out.startswith("Not invited by the protocol, left alone: cc\nRegistry bb did not take part")
    assert told.err == (
        "Folder sweden was left out: its file does not say which registry it is.\n"
        "PE202 registries/sweden/registry.yaml:2:1\n"
        "  found    expected the node content, but found '<stream end>'\n"
        "  problem  this is not YAML\n"
        "  mend     check the indent, the colon and the quotes on this line and the one above\n"
    )


def test_a_faulty_file_under_another_folders_name_is_its_registrys_fault(network) -> None:
    (network / "registries/bb").rename(network / "registries/sweden")
    network.edit("registries/sweden/registry.yaml", ("kind: files", "knid: files"))
    told = network.run()
    assert told.err.startswith("Registry bb failed; the report says so.\nPE204 registries/sweden/registry.yaml:9:3")


def test_a_file_that_may_not_be_read(network, monkeypatch) -> None:
    """As root reads everything, the system's refusal is played."""
    opened = Path.open

    def refuse(self, *args, **options):
        if self.name == "drugs.csv" and self.parent.parent.name == "aa":
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *args, **options)

    monkeypatch.setattr(Path, "open", refuse)
    told = network.run()
    assert told.code == 0
    assert told.err == (
        "Registry aa failed; the report says so.\n"
        "PE231 aa/data/drugs.csv  source.tables.treatment\n"
        "  found    permission denied\n"
        "  problem  the system does not let the engine read it\n"
        "  mend     check its rights, and that no other program holds it\n"
    )


def test_a_registry_that_is_too_large_for_the_machine(network, monkeypatch) -> None:
    monkeypatch.setattr(
        "pass_engine.workers.open_store", lambda threads, **_: open_store(threads=threads, memory_limit="200KB")
    )
    shutil.rmtree(network / "registries/bb")
    told = network.run()
    assert told.code == 13
    assert "  found    a registry too large for this machine\n" in told.err
    assert MARK not in told.err


# --- values, rows and persons ---------------------------------------------------------------------------------------


def test_what_cannot_be_read_is_counted_and_the_rest_is_used(network) -> None:
    persons, drugs = network / "registries/aa/data/persons.csv", network / "registries/aa/data/drugs.csv"
    lines = persons.read_text(encoding="utf-8").splitlines()
    lines[1:3] = [line.replace("-05-17", "-05-32") for line in lines[1:3]]  # two dates that are none
    lines[3:5] = [f"{line.rsplit(',', 1)[0]},x" for line in lines[3:5]]  # two codes that are not known
    lines += [lines[5], lines[6]]  # two persons twice
    lines += [",1970-01-01,w", ",1971-01-01,w"]  # two rows of nobody
    persons.write_text("\ufeff" + "\n".join(lines) + "\n", encoding="utf-8")  # and a byte order mark
    with drugs.open("a", encoding="utf-8") as file:
        file.write(f"{MARK}998,alfa,2016-01-01,\n{MARK}999,alfa,2016-01-01,\n")  # two persons who are not there
    told = network.run()
    assert (told.code, told.err) == (0, "")
    assert loss(network, "unreadable_date", "person", "birth_date") == ("shown", "16", "2")
    assert loss(network, "unknown_code", "person", "sex") == ("shown", "16", "2")
    assert loss(network, "duplicate_rows", "person", "") == ("shown", "16", "2")
    assert loss(network, "row_without_person_id", "person", "person_id") == ("shown", "16", "2")
    assert loss(network, "orphan_rows", "treatment", "person_id") == ("shown", "14", "2")
    assert {r["status"] for r in network.rows("participation.csv")} == {"took part"}
    assert persons_of(network, "aa") == 12


def test_a_table_without_rows_is_nobody_and_no_fault(network) -> None:
    (network / "registries/aa/data/persons.csv").write_text("id,born,gender\n", encoding="utf-8")
    told = network.run()
    assert (told.code, told.err) == (0, "")
    assert "Held back by aa: cohort alfa, nobody in the registry.\n" in told.out
    assert loss(network, "orphan_rows", "treatment", "person_id") == ("shown", "12", "12")


def test_nobody_in_a_cohort_anywhere_is_explained_in_the_report(network) -> None:
    network.edit("study/protocol.yaml", ("substances: [beta]", "substances: [gamma]"))
    assert network.run().code == 0
    beta = [r for r in network.rows("incidence.csv") if r["cohort"] == "beta" and r["registry"] == "pooled"]
    assert {(r["status"], r["note"]) for r in beta} == {("not_estimable", "no registry contributed")}
    text = words_of_report(network / "run")
    assert "No registry released this cohort (AA: nobody in the registry; BB: nobody in the registry)." in text
    assert "Beta not estimable, as no registry released it" in text


def text_of(report: Path) -> str:
    """The words of a report, on one line."""
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (poppler-utils) is not installed")
    done = subprocess.run(["pdftotext", report, "-"], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.split())


def test_what_a_registrys_policy_keeps_back_is_said(network) -> None:
    network.edit("registries/aa/registry.yaml", ("min_persons: 1", "min_persons: 100"))
    network.edit("registries/bb/registry.yaml", ("[incidence, comparison, quality]", "[quality]"))
    told = network.run()
    assert told.code == 0
    assert "Held back by aa: cohort alfa, fewer than 100 persons in the registry.\n" in told.out
    assert "Held back by bb: analysis rates, not allowed by the registry.\n" in told.out
    assert {r["status"] for r in network.rows("incidence.csv")} <= {"withheld", "not_estimable"}
    assert {r["registry"] for r in network.rows("quality.csv")} == {"aa", "bb"}


# --- texts ----------------------------------------------------------------------------------------------------------


def test_texts_are_printed_as_they_are_written_and_nothing_of_them_is_run(network) -> None:
    odd = "<script>alert(1)</script> & {{ 7*191 }} [[x]] [[main-incidence|y]]"
    network.edit(
        "study/protocol.yaml",
        ('label: "Infection"', f'label: "Infection {odd}"'),
        ('label: "Alfa"', f'label: "{("Alfa and what belongs to it, " * 20)[:399]}."'),
        ('label: "Beta"', f'label: "{"Beta" * 99}"'),
        ('label: "On treatment"', 'label: "Λοίμωξη, Инфекция, Zażółć, ğışİ"'),
    )
    prose = f"MARK-A {odd} <iframe src='file:/etc/passwd'>\n\n![MARK-B](file:/etc/hostname) [MARK-C](javascript:x)\n"
    write(network / "study/text/rationale.md", PROSE + prose)
    told = network.run(report=True)
    assert (told.code, told.err) == (0, "")
    text = text_of(network / "run/report.pdf")
    for part in (
        f"Infection {odd}",
        f"MARK-A {odd}",
        "MARK-B",
        "[MARK-C](javascript:x)",
        "Λοίμωξη, Инфекция, Zażółć, ğışİ",
    ):
        assert part in text
    assert not {"1337", "root:"} & set(text.split())


# --- the run folder -------------------------------------------------------------------------------------------------


def test_a_protocol_by_another_name_is_kept_and_printed(network) -> None:
    (network / "study/protocol.yaml").rename(network / "study/mine.yaml")
    told = network.command("run", "study/mine.yaml", "--registries", "registries", "--out", "new/folder/run")
    assert told.code == 0
    kept = sorted(p.name for p in (network / "new/folder/run/protocol").iterdir())
    assert kept == ["codelists", "protocol.yaml", "text"]


def test_an_earlier_run_is_replaced_and_leaves_nothing(ran) -> None:
    before = bytes_of(ran / "run")
    assert ran.run().code == 0
    assert bytes_of(ran / "run") == before
    assert ran.left() == ["run"]


def test_the_report_is_made_again_from_the_run_folder_alone(ran) -> None:
    shutil.rmtree(ran / "registries")
    shutil.rmtree(ran / "study")
    told = ran.command("report", "run", report=True)
    assert (told.code, told.out, told.err) == (0, "Report: run/report.pdf\n", "")
    assert holds_together(ran / "run")


def test_a_link_to_an_empty_folder_is_filled(network) -> None:
    (network / "elsewhere").mkdir()
    (network / "run").symlink_to("elsewhere")
    assert network.run().code == 0
    assert (network / "run").is_symlink()
    assert holds_together(network / "elsewhere")


def test_two_runs_do_not_write_one_folder(ran) -> None:
    before = bytes_of(ran / "run")
    (ran / ".run.part").mkdir()
    handle = os.open(ran / ".run.part", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    told = ran.run()
    os.close(handle)
    assert told.code == 15
    assert told.err.startswith("PE609 run  --out\n  found    another run that writes it now\n")
    assert bytes_of(ran / "run") == before


def test_what_a_killed_run_left_is_no_obstacle(network) -> None:
    write(network / ".run.part/results/incidence.csv", "half a li")
    assert network.run().code == 0
    assert network.left() == ["run"]


@pytest.mark.parametrize("most", [0, 3000])
def test_a_full_disk_leaves_the_earlier_run(ran, most) -> None:
    """A limit on the size of files plays the full disk."""
    before = bytes_of(ran / "run")
    told = with_largest_file(most, ran.run)
    assert told.code == 15
    assert told.err == (
        "PE609 run  --out\n"
        "  found    file too large\n"
        "  problem  the run folder cannot be written\n"
        "  mend     check the name, the rights and the space on the disk, or name another folder\n"
    )
    assert bytes_of(ran / "run") == before
    assert ran.left() == ["run"]


def test_a_full_disk_leaves_the_earlier_report(ran) -> None:
    before = bytes_of(ran / "run")
    told = with_largest_file(3000, lambda: ran.command("report", "run", report=True))
    assert told.code == 17
    assert told.err == (
        "PE804 run/report.pdf\n"
        "  found    file too large\n"
        "  problem  the report cannot be written\n"
        "  mend     check the rights and the space on the disk\n"
    )
    assert bytes_of(ran / "run") == before


def with_largest_file(size: int, act):
    """Do something while no file may grow beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        return act()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_machine_without_the_systems_libraries_is_told_before_the_run(network, monkeypatch) -> None:
    class Loader:
        """Where a library of the system is not installed, the import ends with OSError."""

        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Loader, *sys.meta_path])
    told = network.run()
    assert told.code == 17
    assert told.err.startswith("PE820 system libraries  pango, harfbuzz\n")
    assert network.left() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "a scheduler"])
def test_a_run_that_is_stopped_says_so_and_leaves_nothing(tmp_path, number) -> None:
    folder = tmp_path / "runs"
    process = subprocess.Popen(
        [sys.executable, "-m", "pass_engine.cli", "run", "protocols/bmsd-pass-001", "--registries", "sample_data",
         "--out", folder / "demo"],
        cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    log = folder / ".demo.part" / "log.jsonl"
    wait_for(lambda: log.is_file() and "harmonise" in log.read_text(encoding="utf-8"))
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (out, err) == ("", "Stopped: nothing was written.\n")
    assert process.returncode == 128 + number
    assert list(tmp_path.iterdir()) == []


def wait_for(ready) -> None:
    """Wait until something holds, a minute at most."""
    end = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_the_log_tells_steps_and_seconds_alone(sound_run) -> None:
    lines = [json.loads(line) for line in (sound_run / "run/log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {tuple(line) for line in lines} == {("seconds", "registry", "step")}
    assert {line["registry"] for line in lines} == {"aa", "bb", ""}
