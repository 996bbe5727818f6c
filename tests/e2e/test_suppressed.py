"""A registry that suppresses in a network, from its data to the pool: what leaves, what it sees, what is refused."""

from __future__ import annotations

import csv
import json
import shutil

import pytest

from tests.e2e.networked import DAY, answer, approve, decide, done, pool, review, set_day, site_run, three_registries
from tests.e2e.small import Network


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Three registries of twelve persons; aa, whose limit is 6, takes small numbers out; all have answered."""
    with pytest.MonkeyPatch.context() as patch:
        set_day(patch, DAY)
        network = three_registries(tmp_path_factory.mktemp("suppressed"))
        network.edit(
            "registries/aa/registry.yaml", ("release: exact", "release: suppressed"), ("min_cell: 2", "min_cell: 6")
        )
        for name in ("aa", "bb", "cc"):
            done(decide(network, name, "--participate"))
            answer(network, name)
        done(pool(network, "out/aa.zip", "out/bb.zip", "out/cc.zip"))
        return network.root


@pytest.fixture
def network(sound, tmp_path, monkeypatch):
    set_day(monkeypatch, DAY)
    shutil.copytree(sound, tmp_path / "n")
    return Network(tmp_path / "n")


def counts_of(network, bundle="out/aa"):
    with (network / f"{bundle}/counts.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_small_numbers_are_not_in_the_bundle(network):
    rows = counts_of(network)
    assert {row["status"] for row in rows} == {"<6", "shown"}
    small = [row for row in rows if any(row[c] in {"1", "2", "3", "4", "5"} for c in ("persons", "events"))]
    assert not small
    assert all(not row["person_days"] and not row["sum_t2"] for row in rows if not row["events"])


def test_the_review_shows_what_is_not_there_and_why(network):
    told = done(review(network, "aa")).out
    assert "leave suppressed: numbers that are too small, and those that would give them back, are not in" in told
    gone = sum(
        sum(line.endswith((",<6", ",withheld")) for line in path.read_text(encoding="utf-8").splitlines())
        for path in (network / "out/aa").glob("*.csv")
    )
    assert f"\nSuppressed: numbers of {gone} rows are not in these tables\n" in told
    assert "analysis  cohort  outcome    time_at_risk  stratum  level   not in it" in told
    assert "  None of them can be told.\n" in told
    assert "Suppressed" not in done(review(network, "bb")).out


def test_the_pool_states_bounds_where_a_number_did_not_leave(network):
    pooled = [r for r in network.rows("incidence.csv") if r["registry"] == "pooled" and r["analysis"] == "rates"]
    lacking = {(r["cohort"], r["stratum"], r["level"], r["measure"]) for r in pooled if r["note"].startswith("a contr")}
    bounds = network.rows("bounds.csv")
    assert lacking
    assert {(r["cohort"], r["stratum"], r["level"], r["measure"]) for r in bounds} == lacking
    assert all(r["registries"] == "aa;bb;cc" and "aa" in r["lacking"].split(";") for r in bounds)
    (mine,) = [r for r in network.rows("participation.csv") if r["registry"] == "aa"]
    assert (mine["status"], mine["release"]) == ("took part", "suppressed")


def test_what_left_stays_beside_the_registry_and_the_next_release_is_held_against_it(network):
    (kept,) = (network / "registries/aa/released/small").iterdir()
    assert (kept / "manifest.json").read_bytes() == (network / "out/aa/manifest.json").read_bytes()
    done(site_run(network, "aa", "out/again"))
    assert counts_of(network, "out/again") == counts_of(network)
    log = [json.loads(line) for line in (network / "registries/aa/audit.jsonl").read_text("utf-8").splitlines()]
    assert [e["bundle"] for e in log if e["act"] == "release kept"] == [kept.name]
    assert not (network / "registries/bb/released").exists()


def test_run_holds_a_registry_against_its_bundle_in_an_earlier_run(network):
    for name in ("bb", "cc"):  # below 2 is 1, and told
        network.edit(f"registries/{name}/registry.yaml", ("min_cell: 2", "min_cell: 6"))
    done(network.run())
    (network / "run").rename(network / "first")
    done(network.run("--earlier", "first"))
    assert counts_of(network, "run/bundles/aa") == counts_of(network, "first/bundles/aa")
    done(network.command("disclose", "audit", "run", "--earlier", "first"))


def refused(told, code, where, found, problem, mend):
    assert told.err == f"{code} {where}\n  found    {found}\n  problem  {problem}\n  mend     {mend}\n"
    assert told.code == 18


def test_a_copy_that_is_gone_changed_or_foreign_stops_the_next_run(network):
    place = network / "registries/aa/released/small"
    (kept,) = place.iterdir()
    begin = "the copies of what left before are not those of the audit log"
    mend = "take them back from a copy: what leaves next is held against them"
    where = f"released/small/{kept.name[:12]}"
    (kept / "counts.csv").write_text("nothing\n", encoding="utf-8")
    changed = f"{begin}: the file is not the one of the manifest"
    refused(site_run(network, "aa", "out/a"), "PE932", where, "another digest", changed, mend)
    kept.rename(place / ("0" * 64))
    told = site_run(network, "aa", "out/a")
    assert told.err == (
        f"PE932 released/small/000000000000\n  found    a copy\n  problem  {begin}: the log does not know it\n"
        f"  mend     {mend}\n\nPE932 {where}\n  found    no file\n  problem  {begin}: a bundle has a manifest\n"
        f"  mend     {mend}\n"
    )


def test_of_two_bundles_made_side_by_side_one_leaves(network):
    """Neither was held against the other."""
    network.edit("registries/aa/registry.yaml", ("min_cell: 6", "min_cell: 7"))
    done(site_run(network, "aa", "out/one"))
    network.edit("registries/aa/registry.yaml", ("min_cell: 7", "min_cell: 8"))
    done(site_run(network, "aa", "out/two"))
    for name in ("one", "two"):
        done(review(network, "aa", f"out/{name}"))
    done(approve(network, "aa", "out/one"))
    refused(
        approve(network, "aa", "out/two"), "PE920", "out/two", "an older bundle",
        "another release of the study left since this bundle was made, which was not held against that one",
        "run the release again",
    )  # fmt: skip
