"""Does the main job do what it says, from raw registry files to the run folder?"""

from __future__ import annotations

import csv
import hashlib
import json
import random
import re
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from pass_engine.bundle import digest_file, read_bundle
from pass_engine.centre import build_results, participation_rows
from pass_engine.decide import local_decision
from pass_engine.estimate import write_index
from pass_engine.protocol import load_protocol
from pass_engine.registry import load_registry
from pass_engine.run import run_study
from pass_engine.run.leaks import audit_run
from pass_engine.site import count_scenario, facts_of, prepare
from pass_engine.store import open_store
from tests.e2e.demo import MEMBERS, PROTOCOL, REGISTRIES, copy_registries
from tests.e2e.personal import found_in, personal_values, public_words
from tests.property.engine import differences, read_core, shape
from tests.property.oracle import count

if TYPE_CHECKING:
    from pathlib import Path

WHOLE_NUMBERS = ("persons", "persons_with_event", "events", "person_days")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo run without its PDF."""
    out = tmp_path_factory.mktemp("demo") / "run"
    run_study(PROTOCOL, REGISTRIES, out, with_report=False)
    return out


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a result file as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def key_of(row: dict[str, str]) -> tuple[str, ...]:
    """The key of a row of incidence.csv without its registry."""
    return tuple(row[c] for c in ("analysis", "cohort", "outcome", "time_at_risk", "stratum", "level", "measure"))


def run_bytes(folder: Path) -> dict[str, bytes]:
    """Every file of a run whose bytes must repeat."""
    return {
        str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != "log.jsonl"
    }


def test_run_folder_holds_what_is_promised(demo):
    assert {p.name for p in demo.iterdir()} == {
        "results",
        "bundles",
        "protocol",
        "sql",
        "manifest.json",
        "SHA256SUMS",
        "log.jsonl",
    }
    assert sorted(p.name for p in (demo / "bundles").iterdir()) == sorted(MEMBERS)
    named = {line.split("  ")[1]: line.split("  ")[0] for line in (demo / "SHA256SUMS").read_text("utf-8").splitlines()}
    files = {str(p.relative_to(demo)) for p in demo.rglob("*") if p.is_file()} - {"SHA256SUMS", "log.jsonl"}
    assert set(named) == files
    assert all(hashlib.sha256((demo / f).read_bytes()).hexdigest() == digest for f, digest in named.items())


def test_results_follow_from_the_bundles_alone(demo, tmp_path):
    protocol = load_protocol(PROTOCOL)
    bundles = [read_bundle(demo / "bundles" / name, protocol.digest) for name in MEMBERS]
    decisions = {name: local_decision(name, protocol.digest, ()) for name in MEMBERS}
    results = build_results(bundles, protocol, tmp_path, participation_rows(bundles, protocol, {}, decisions))
    write_index(tmp_path, results, {name: digest_file(demo / "bundles" / name / "manifest.json") for name in MEMBERS})
    made = {p.name: p.read_bytes() for p in (tmp_path / "results").iterdir()}
    assert made == {p.name: p.read_bytes() for p in (demo / "results").iterdir()}


@pytest.mark.slow
def test_a_reader_of_everything_published_can_tell_no_withheld_number(demo):
    """An adversary with all tables of the demo: strata, registries and pool, main and sensitivity analysis."""
    found = audit_run(demo)
    assert (found.leaks, found.undecided) == ((), 0)
    assert found.withheld > 10_000


def test_manifest_names_protocol_sql_inputs_and_outputs_and_no_path(demo):
    text = (demo / "manifest.json").read_text("utf-8")
    manifest = json.loads(text)
    assert manifest["protocol"]["digest"] == load_protocol(PROTOCOL).digest
    assert set(manifest["inputs"]) == set(MEMBERS)
    assert all(len(files) > 3 for files in manifest["inputs"].values())
    assert "results/incidence.csv" in manifest["files"]
    assert "report.pdf" not in manifest["files"]
    assert str(demo.parent) not in text
    assert str(REGISTRIES) not in text


def test_key_up_to_measure_is_unique_and_unshown_numbers_are_empty(demo):
    rows = read_rows(demo / "results" / "incidence.csv")
    keys = [(row["registry"], *key_of(row)) for row in rows]
    assert len(keys) == len(set(keys))
    assert {row["registry"] for row in rows} == {*MEMBERS, "pooled"}
    small = [row for row in rows if row["status"].startswith("<")]
    hidden = [row for row in rows if row["status"] != "shown"]
    assert small
    assert all(row[c] == "" for row in small for c in ("persons_with_event", "events", "person_days"))
    assert all(row[c] == "" for row in hidden for c in ("rate", "rate_low", "rate_high", "robust_low", "robust_high"))


def test_pooled_is_the_sum_of_registries_where_all_parts_are_shown(demo):
    parts = defaultdict(list)
    for row in read_rows(demo / "results" / "incidence.csv"):
        if row["status"] == "shown" and not row["measure"].startswith("standardised"):
            parts[key_of(row)].append(row)
    compared = 0
    for rows in parts.values():
        pooled = [r for r in rows if r["registry"] == "pooled"]
        own = [r for r in rows if r["registry"] != "pooled"]
        if pooled and len(own) == len(pooled[0]["registries"].split(";")):
            for column in (c for c in WHOLE_NUMBERS if all(r[c] for r in rows)):
                compared += 1
                assert int(pooled[0][column]) == sum(int(r[column]) for r in own)
    assert compared > 100


@pytest.mark.slow
def test_two_runs_and_threads_and_folder_give_the_same_bytes(demo, tmp_path):
    """Of the demo; ``test_same_bytes`` holds it of two small registries, with a report."""
    run_study(PROTOCOL, REGISTRIES, tmp_path / "elsewhere" / "again", threads=1, with_report=False)
    assert run_bytes(tmp_path / "elsewhere" / "again") == run_bytes(demo)


def test_order_of_rows_in_a_source_and_threads_change_no_number(demo, tmp_path):
    registries = copy_registries(tmp_path / "registries", ("dk",))
    shuffler = random.Random(7)
    shuffled = 0
    for path in sorted((registries / "dk").rglob("*.csv")):
        if "maps" not in path.parts:
            head, *lines = path.read_bytes().splitlines(keepends=True)
            shuffler.shuffle(lines)
            path.write_bytes(head + b"".join(lines))
            shuffled += 1
    assert shuffled > 5
    run_study(PROTOCOL, registries, tmp_path / "run", threads=1, with_report=False)
    files = sorted((demo / "bundles" / "dk").rglob("*.csv"))
    assert len(files) > 5
    for file in files:
        assert (tmp_path / "run" / file.relative_to(demo)).read_bytes() == file.read_bytes(), file.name


@pytest.mark.slow
@pytest.mark.parametrize("name", MEMBERS)
def test_counts_of_a_sample_registry_equal_the_slow_counter(name):
    """Of all persons; ``tests/property/test_sample_data`` takes every fortieth."""
    protocol = load_protocol(PROTOCOL)
    registry = load_registry(REGISTRIES / name)
    with open_store() as store:
        prepare(store, registry, protocol.study)
        core = read_core(store)
        for scenario in protocol.scenarios:
            facts = facts_of(registry, scenario.study)
            engine = shape(count_scenario(store, scenario.study, protocol.code_lists, facts))
            assert differences(count(core, scenario.study, facts, protocol.code_lists), engine) == []


@pytest.mark.parametrize("name", MEMBERS)
def test_nothing_at_person_level_is_in_a_bundle_or_log(demo, name):
    """No identifier, no date and no word of a registry's rows; whole numbers of a count may equal one by chance."""
    values = personal_values(REGISTRIES / name)
    assert len(values) > 1000
    public = public_words(REGISTRIES / name, PROTOCOL)
    values = {v for v in values if v not in public}
    for planted in sorted(values)[:: len(values) // 50]:
        assert found_in(f"alfa,{planted},3\n", values)  # the search finds what it is for
    files = [p for p in (demo / "bundles" / name).rglob("*") if p.is_file()]
    assert len(files) > 5
    for file in [*files, demo / "log.jsonl"]:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".csv":
            text = re.sub(r"(?<=,)\d+(?=,|$)", "", text, flags=re.MULTILINE)
        text = re.sub(r'"seconds": [\d.]+', "", text)
        assert not found_in(text, values), file.name
