"""Is a run that is made again the same, and is every fault found, named and explained?"""

from __future__ import annotations

import json
import shutil
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

from pass_engine import pin, sqltext
from pass_engine.store_recorder import Recorder
from tests.e2e.small import Network, make_network, make_registry

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network with its run."""
    network = make_network(tmp_path_factory.mktemp("verify"))
    assert network.run().code == 0
    return network.root


@pytest.fixture
def network(sound: Path, tmp_path: Path) -> Network:
    """A copy of it that a test may spoil."""
    shutil.copytree(sound, tmp_path / "n")
    return Network(tmp_path / "n")


@pytest.fixture(autouse=True)
def _fresh_engine():
    """What the installation is made of is looked at anew, before and after."""
    pin.engine_parts.cache_clear()
    yield
    pin.engine_parts.cache_clear()


def record(network: Network) -> dict:
    return json.loads((network / "run/rerun_record.json").read_text(encoding="utf-8"))


def test_a_sound_run_is_identical_from_its_bundles_and_from_data(network) -> None:
    told = network.command("verify", "run")
    assert (told.code, told.err) == (0, "")
    assert "bundle of aa             taken over, 27 files (no data of this registry are here)" in told.out
    assert "\nIdentical.\n" in told.out
    told = network.command("verify", "run", "--data", "registries")
    assert told.code == 0
    assert "small version 1.0, made again from the data of aa, bb\n" in told.out
    assert "bundle of aa             identical" in told.out
    kept = record(network)
    assert (kept["verdict"], kept["likely_cause"]) == ("identical", "")
    assert all(h["first"] == h["again"] != "" for h in kept["held"])
    assert network.command("report", "run").code == 0  # the record is no file of the run
    assert network.run().code == 0  # and goes with it


def test_data_of_one_registry_are_enough_for_its_part(network) -> None:
    shutil.rmtree(network / "registries/bb")
    told = network.command("verify", "run", "--data", "registries")
    assert told.code == 0
    assert "bundle of aa             identical" in told.out
    assert "bundle of bb             taken over" in told.out


def test_one_cell_of_a_source_file(network) -> None:
    network.edit("registries/aa/data/events.csv", ("2016-06-29", "2026-06-29"))
    told = network.command("verify", "run", "--data", "registries")
    cause = "input of aa changed: table adverse_event, 12 rows then and 12 now; it differs in onset"
    assert told.code == 16
    assert told.err == (
        "PE720 run  bundle of aa\n"
        "  found    49 differences in 5 files\n"
        "  problem  the re-run is not the run, first in: bundle of aa\n"
        f"  mend     likely cause: {cause}\n"
    )
    row = "analysis rates, cohort alfa, outcome infection, time_at_risk treated, stratum overall"
    assert f"  bundles/aa/counts.csv: {row}: events: 3 in the run, 2 now\n" in told.out
    assert "bundle of bb             identical" in told.out
    kept = record(network)
    assert (kept["verdict"], kept["first_difference"], kept["likely_cause"]) == ("differs", "bundle of aa", cause)
    assert "in the run" not in json.dumps(kept)  # verdicts and digests, no value of a cell


def test_rows_in_another_order_are_the_same_tables(network) -> None:
    file = network / "registries/aa/data/events.csv"
    head, *rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join([head, *rows[::-1]]), encoding="utf-8")
    told = network.command("verify", "run", "--data", "registries")
    assert "bundles/aa/manifest.json: inputs.data/events.csv:" in told.out
    assert "results                  identical" in told.out
    assert "input of aa changed in data/events.csv, and no table that is read differs" in told.err


def test_an_altered_results_file_is_shown_cell_by_cell(network) -> None:
    network.edit("run/results/participation.csv", ("Registry AA", "Registry AB"))
    told = network.command("verify", "run")
    assert told.code == 16
    assert "First difference: files of the run\n  results/participation.csv: " in told.out
    assert "results                  differs, 1 differences" in told.out
    assert "likely cause: files of the run were changed after it was made" in told.err


def test_an_altered_sql_file_of_the_run(network) -> None:
    network.edit("run/sql/210_person_in_study.sql", ("-- Purpose:", "-- Purpose: once more:"))
    told = network.command("verify", "run")
    assert told.code == 16
    assert "  sql/210_person_in_study.sql: " in told.out


def test_altered_sql_of_the_engine(network, monkeypatch) -> None:
    files = []
    for sql in sqltext.load_catalogue():
        text = sql.text.replace("+ o.clean_window_days", "+ 400 + o.clean_window_days")
        files.append(sql if text == sql.text or sql.number < 600 else sqltext.parse_sql(sql.name, text))
    changed = [f.name for f, g in zip(files, sqltext.load_catalogue(), strict=True) if f.digest != g.digest]
    assert changed
    monkeypatch.setattr(sqltext, "load_catalogue", lambda: tuple(files))
    told = network.command("verify", "run", "--data", "registries")
    assert told.code == 16
    assert f"likely cause: SQL: {changed[0]} is another" in told.err
    assert "PE720 run  SQL" in told.err


def test_an_upgraded_library(network, monkeypatch) -> None:
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "2.0.9" if name == "duckdb" else real(name))
    told = network.command("verify", "run", "--data", "registries")
    assert told.code == 16
    assert "results                  identical" in told.out
    assert told.err == (
        "PE720 run  manifest\n"
        "  found    2 differences in 1 files\n"
        "  problem  the re-run is not the run, first in: manifest\n"
        "  mend     likely cause: library version: duckdb 2.0.0 then, 2.0.9 now\n"
    )


def test_a_missing_bundle(network) -> None:
    shutil.rmtree(network / "run/bundles/bb")
    told = network.command("verify", "run")
    assert told.code == 16
    assert "files of the run         differs, 27 differences" in told.out
    assert told.err.endswith(
        "likely cause: files of the run were changed after it was made: the bundle of bb is not there\n"
    )
    assert "  bundles/bb/arm_overlap.csv: " in told.out
    assert "no such file now" in told.out


def test_a_run_whose_protocol_was_changed_is_said_and_not_made_again(network) -> None:
    network.edit("run/protocol/protocol.yaml", ("clean_window_days: 30", "clean_window_days: 60"))
    told = network.command("verify", "run")
    assert told.code == 16
    assert "files of the run         differs, 1 differences" in told.out
    assert "re-run                   cannot be made again, 0 files (PE606 " in told.out


def test_no_registry_of_the_run_among_the_data(network) -> None:
    make_registry(network / "others/cc", "cc", "PT")
    told = network.command("verify", "run", "--data", "others")
    assert told.err == (
        "PE721 others  --data\n"
        "  found    no registry\n"
        "  problem  none of the registries of the run is here\n"
        "  mend     give the data of aa, bb\n"
    )


def test_no_run(network) -> None:
    told = network.command("verify", "study")
    assert told.code == 17
    assert told.err.startswith("PE801 study\n")


def test_registry_that_failed_fails_again(tmp_path) -> None:
    network = make_network(tmp_path)
    network.edit("registries/bb/registry.yaml", ("file: drugs.csv", "file: drugz.csv"))
    assert network.run().code == 0
    assert network.command("verify", "run").code == 0
    assert network.command("verify", "run", "--data", "registries").code == 0


def test_replayed_in_a_plain_duckdb_every_table_of_counts_is_equal(network) -> None:
    told = network.command("verify", "run", "--data", "registries", "--deep", "--keep-replay", "kept")
    assert (told.code, told.err) == (0, "")
    for name in ("aa", "bb"):
        line = next(s for s in told.out.splitlines() if s.startswith(f"Replayed without this package: {name}, "))
        assert line.endswith(" tables of counts, all equal")
        there = sorted(p.name for p in (network / "kept" / name / "replayed").iterdir())
        assert there == sorted(p.name for p in (network / "kept" / name / "counted").iterdir())
        assert [n for n in there if n.endswith("_incidence_count.csv")] != []
        assert (network / "kept" / name).stat().st_mode & 0o077 == 0
    assert record(network)["replayed"]["aa"]["differences"] == 0
    (file,) = (network / "kept/aa/replayed").glob("*_incidence_count.csv")
    counts = file.read_text(encoding="utf-8")
    assert counts.count("\n") > 3
    again = network.command("verify", "run", "--data", "registries", "--deep", "--keep-replay", "kept")
    assert again.err == (
        "PE723 kept/aa  --keep-replay\n"
        "  found    a folder or file\n"
        "  problem  a replay is written into a new folder\n"
        "  mend     name another folder\n"
    )


def test_a_replay_that_counts_otherwise_is_found(network, monkeypatch) -> None:
    keep = Recorder.keep
    monkeypatch.setattr(
        Recorder, "keep", lambda self, text: keep(self, text.replace("count(*) AS tested", "7 AS tested"))
    )
    told = network.command("verify", "run", "--data", "registries", "--deep", "--without-report")
    assert told.code == 16
    assert told.err.startswith("PE724 aa  replay.sql\n  found    ")
    assert (
        "  problem  a plain DuckDB counts otherwise than the engine from the same statements\n"
        "  mend     keep the replay with --keep-replay, and report the fault with the version of the engine\n"
    ) in told.err


def test_a_replay_that_does_not_run_is_said_without_a_value(network, monkeypatch) -> None:
    monkeypatch.setattr(
        Recorder, "keep", lambda self, text: self._lines.append(text.replace("CREATE TABLE", "MAKE TABLE"))
    )
    told = network.command("verify", "run", "--data", "registries", "--deep", "--without-report")
    assert told.err == (
        "PE722 aa  replay.sql\n"
        "  found    exit code 1\n"
        "  problem  replay.sql did not run to its end in a plain DuckDB\n"
        "  mend     keep it with --keep-replay and run it by hand: duckdb < replay.sql\n"
    )


def test_a_replay_needs_data(network) -> None:
    assert network.command("verify", "run", "--deep").err == (
        "PE722 run  --deep\n"
        "  found    no data\n"
        "  problem  persons are counted where their data are\n"
        "  mend     say where: --data DIR\n"
    )


def test_a_run_beside_earlier_ones_is_verified_beside_them(network) -> None:
    """What was published before decides what is withheld: one person more in aa may not be told by a difference."""
    (network / "run").rename(network / "first")
    network.edit("registries/aa/data/events.csv", ("ZQX011,A49.9,2017-06-24", "ZQX011,I10,2017-06-24"))
    assert network.run("--earlier", "first").code == 0
    assert network.command("verify", "run", "--without-report", "--earlier", "first").code == 0
    told = network.command("verify", "run", "--without-report")
    assert told.code == 16
    assert "First difference: results\n" in told.out
    assert told.err.endswith("likely cause: settings: the run was made beside 1 earlier runs, and 0 were named\n")
