"""Does bad input get a clear answer, and is nothing lost silently? From the command line, on a few persons."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.e2e.small import MARK, Network, make_network

DATA = Path("registries/aa/data")


@pytest.fixture
def network(tmp_path, monkeypatch, capsys):
    """The small study and its two registries, in the current folder."""
    make_network(tmp_path)
    monkeypatch.chdir(tmp_path)
    return Network(capsys, monkeypatch)


def rows(name: str) -> list[dict[str, str]]:
    """Rows of a result file of the run."""
    with (Path("run") / "results" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def told_loss(rule: str, column: str) -> str:
    """Status of the quality row that tells a loss of registry aa; one lost value is told as a small count."""
    found = [r for r in rows("quality.csv") if (r["registry"], r["rule_id"], r["column_name"]) == ("aa", rule, column)]
    assert len(found) == 1, f"{rule} of {column} is told {len(found)} times"
    return found[0]["status"]


def test_sound_input_runs_and_no_file_of_the_run_names_a_person(network):
    told = network.run()
    assert told.code == 0
    assert "2 of 2 invited registries took part." in told.out
    for file in (f for f in Path("run").rglob("*") if f.is_file() and f.suffix != ".pdf"):
        assert MARK not in file.read_text(encoding="utf-8"), file


SPOILED = {
    "a missing file": (DATA / "drugs.csv").unlink,
    "an empty file": lambda: (DATA / "events.csv").write_text("", encoding="utf-8"),
    "a missing column": lambda: (DATA / "persons.csv").write_text("id,gender\n", encoding="utf-8"),
    "a wrong encoding": lambda: (DATA / "drugs.csv").write_bytes(b"id,drug,start,stop\nA,caf\xe9,2016-01-01,\n"),
    "a wrong delimiter": lambda: (DATA / "drugs.csv").write_text("id;drug;start;stop\n", encoding="utf-8"),
    "a broken registry.yaml": lambda: Path("registries/aa/registry.yaml").write_text("registry: [", encoding="utf-8"),
    "dates in no known format": lambda: (DATA / "drugs.csv").write_text(
        "id,drug,start,stop\n" + "\n".join(f"{MARK}{n:03d},alfa,1.{n}.2016," for n in range(1, 9)) + "\n",
        encoding="utf-8",
    ),
    "a person in two contradictory rows": lambda: (DATA / "persons.csv").write_text(
        f"id,born,gender\n{MARK}000,1960-05-17,w\n{MARK}000,1970-05-17,w\n", encoding="utf-8"
    ),
}


@pytest.mark.parametrize("fault", SPOILED)
def test_one_registry_fails_and_the_other_goes_on(network, fault):
    SPOILED[fault]()
    told = network.run()
    assert told.code == 0
    assert "Registry aa failed; the report says so." in told.err
    for part in ("found", "problem", "mend"):
        assert part in told.err
    assert "1 of 2 invited registries took part." in told.out
    status = {r["registry"]: (r["status"], r["reason"]) for r in rows("participation.csv")}
    assert status["aa"][0] == "failed"
    assert status["aa"][1].startswith("PE")
    assert status["bb"][0] == "took part"
    assert not (Path("run") / "bundles" / "aa").exists()


def test_values_that_cannot_be_read_are_counted_and_the_rest_is_used(network):
    persons = (DATA / "persons.csv").read_text(encoding="utf-8").splitlines()
    persons[1] = persons[1].replace("1960-05-17", "about 1960")
    persons[2] = persons[2].rsplit(",", 1)[0] + ",x"
    (DATA / "persons.csv").write_text("\n".join([*persons, persons[3]]) + "\n", encoding="utf-8")
    assert network.run().code == 0
    assert told_loss("unreadable_date", "birth_date") == "<2"
    assert told_loss("unknown_code", "sex") == "<2"
    assert {r["registry"]: r["status"] for r in rows("participation.csv")}["aa"] == "took part"


def test_nobody_in_a_cohort_is_an_explained_table(network):
    network.edit("study/protocol.yaml", "substances: [beta]", "substances: [gamma]")
    assert network.run().code == 0
    beta = [r for r in rows("incidence.csv") if r["cohort"] == "beta" and r["registry"] == "pooled"]
    assert beta
    assert {r["status"] for r in beta} == {"not_estimable"}
    assert all(r["note"] for r in beta)


def test_no_registry_contributes_and_the_exit_code_says_why(network):
    for name in ("aa", "bb"):
        (Path("registries") / name / "data" / "drugs.csv").unlink()
    told = network.run()
    assert told.code == 11
    assert "0 of 2 invited registries took part." in told.out


def test_a_registry_that_is_not_there_did_not_take_part(network):
    network.edit("study/protocol.yaml", "registries: [aa, bb]", "registries: [aa, bb, cc]")
    told = network.run()
    assert told.code == 0
    assert "Registry cc did not take part: no data were supplied." in told.out
    assert {r["registry"]: r["status"] for r in rows("participation.csv")}["cc"] == "did not take part"
