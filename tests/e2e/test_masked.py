"""Masked registries in a network: the centre reads their sum, nothing else, and only of a whole round."""

from __future__ import annotations

import filecmp
import json
import shutil

import pytest

from pass_engine.bundle import read_bundle
from pass_engine.network.answers import APPROVAL
from pass_engine.report.assemble import assemble, texts_of
from pass_engine.report.reading import read_run
from pass_engine.report.tables.participants import MASKED_NOTE
from tests.e2e.made_once import copy_of, made_once
from tests.e2e.masked import ALL, MASKED, answered, approve, count, mask, open_round, sent, take_part
from tests.e2e.networked import DAY, decide, done, pool, set_day
from tests.e2e.small import Network


@pytest.fixture
def network(tmp_path, tmp_path_factory, monkeypatch):
    """A copy of the sound network that a test may spoil, on the day it was made."""
    set_day(monkeypatch, DAY)
    return copy_of(made_once(tmp_path_factory, "masked", answered), tmp_path)


def made(tmp_path_factory, name, make):
    """A network of this file's own, made from a copy of the sound one; no test may spoil it."""

    def build(folder):
        with pytest.MonkeyPatch.context() as patch:
            set_day(patch, DAY)
            shutil.copytree(made_once(tmp_path_factory, "masked", answered), folder, dirs_exist_ok=True)
            make(Network(folder))

    return Network(made_once(tmp_path_factory, f"masked-{name}", build))


@pytest.fixture(scope="module")
def pooled(tmp_path_factory):
    """Pooled by the centre."""
    return made(tmp_path_factory, "pooled", lambda network: done(pool(network, *sent(*ALL))))


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """Run by whoever holds all the data."""
    return made(tmp_path_factory, "local", lambda network: done(network.run()))


@pytest.fixture
def second(tmp_path, tmp_path_factory, monkeypatch):
    """A copy in which a second round over the same set was opened, and answered by all but ee."""

    def answer_again(network):
        take_part(network, *MASKED)
        done(open_round(network, "second", *MASKED))
        count(network, *MASKED, out="two")
        for name in ("bb", "cc", "dd"):
            done(mask(network, name, "second", out="two"))

    set_day(monkeypatch, DAY)
    return copy_of(made(tmp_path_factory, "second", answer_again).root, tmp_path)


def code_of(told):
    return told.err.split(maxsplit=1)[0]


def results(folder):
    return sorted(p.name for p in (folder / "results").glob("*.csv"))


def test_pool_gives_the_results_of_run(pooled, local):
    """Random masks, other keys: the same bytes, but for the kind of decision."""
    names = results(local / "run")
    assert names == results(pooled / "run")
    other = [n for n in names if not filecmp.cmp(local / "run/results" / n, pooled / "run/results" / n, False)]
    assert other == ["index.csv", "participation.csv"]  # the index names manifests, whose fingerprints are keyed
    assert (pooled / "run/approvals/bb/masked.json").is_file()
    told = done(local.command("verify", "run", "--without-report", "--data", "registries"))
    assert "bundle of bb             identical, " in told.out
    assert "bundle of masked         identical, " in told.out  # other masks, which cancel as the first ones did
    assert "\nIdentical.\n" in told.out
    assert not (local / "run/approvals").exists()


def test_pooled_rows_are_those_of_registries_that_mask_nothing(network, local):
    """Counts and days, ratios and baseline: whole numbers identical, and so what is divided from them."""
    for name in MASKED:
        network.edit(f"registries/{name}/registry.yaml", ("release: masked", "release: exact"))
    done(network.run())
    for table in ("attrition.csv", "baseline.csv", "comparison.csv", "incidence.csv"):
        rows = [[r for r in where.rows(table) if is_overall_pool(r)] for where in (local, network)]
        assert rows[0] == rows[1] != [], table
    assert len(rows[0]) == 4
    assert all(r["registries"] == "aa;bb;cc;dd;ee" for r in rows[0])


def is_overall_pool(row):
    return row["registry"] == "pooled" and row.get("stratum", "overall") == "overall"


def test_no_row_is_about_a_masked_registry(pooled):
    for table in results(pooled / "run"):
        if table in {"participation.csv", "contribution.csv", "quality_gates.csv", "data_dictionary.csv"}:
            continue
        about = {r.get("registry") for r in pooled.rows(table)} | {r.get("left_out") for r in pooled.rows(table)}
        assert not about & set(MASKED), table
    told = {r["registry"]: (r["status"], r["release"]) for r in pooled.rows("participation.csv")}
    assert told == {"aa": ("took part", "exact"), **dict.fromkeys(MASKED, ("took part", "masked"))}
    assert {r["status"] for r in pooled.rows("contribution.csv")} == {"contributed"}


def test_what_leaves_has_no_count_in_it(network):
    """The tables are empty, and the numbers of the message are spread over 64 bits, zeros and all."""
    for name in MASKED:
        folder = network / f"out/{name}-masked"
        content = read_bundle(folder, beside=APPROVAL)
        assert not [t for t, frame in content.tables.items() if len(frame) and t != "quality_gate"]
        numbers = json.loads((folder / "masked.json").read_text(encoding="utf-8"))["numbers"]
        assert len(numbers) > 400
        assert min(numbers) > 2**40  # of 460 random numbers none is below by chance: 460 / 2**24
        assert 0.35 < sum(n > 2**63 for n in numbers) / len(numbers) < 0.65  # 6 standard errors
    plain = json.loads((network / "out/bb-masked/masked.json").read_text(encoding="utf-8"))["layout"]["rows"]["counts"]
    assert ["rates", "alfa", "infection", "treated", "sex", "other"] in plain  # whom nobody is
    assert not list((network / "registries").glob("*/masks/*.key"))


def test_part_of_a_round_releases_nothing(network):
    told = pool(network, *sent("aa", "bb", "cc", "dd"))
    assert code_of(told) == "PE929"
    assert not (network / "run").exists()
    done(pool(network, *sent("aa")))  # the others go on
    assert {r["registry"]: r["status"] for r in network.rows("participation.csv")}["bb"] == "did not take part"


def test_a_round_that_a_member_left_can_be_opened_without_it(second):
    """ee decides anew instead of answering: what the others sent is destroyed, and summing them now tells nothing."""
    network = second
    done(decide(network, "ee", "--decline", "--reason", "No steward"))
    told = mask(network, "ee", "second", out="two")
    assert code_of(told) == "PE914"
    told = done(network.command("round", "end", *(f"two/{n}-masked" for n in ("bb", "cc", "dd"))))
    assert told.out == "Messages destroyed: 3\n"
    assert not list((network / "two").glob("*-masked/masked.json"))
    take_part(network, "bb", "cc", "dd")
    # But the first round was answered by all: without ee, the difference would be ee.
    told = open_round(network, "third", *MASKED)
    assert code_of(told) == "PE927"
    assert "about ee alone" in told.err


def test_sets_that_differ_by_fewer_than_three_are_refused_by_centre_and_registry(network):
    take_part(network, "bb", "cc", "dd")
    done(decide(network, "ee", "--withdraw", "--reason", "Enough"))
    told = open_round(network, "second", *MASKED)
    assert code_of(told) == "PE927"
    (network / "audit.jsonl").unlink()  # a centre that forgets what it has seen
    (network / "audit.jsonl.head").unlink()
    done(open_round(network, "second", *MASKED))
    count(network, "bb", out="two")
    told = mask(network, "bb", "second", out="two")
    assert code_of(told) == "PE927"
    assert not (network / "two/bb-masked").exists()


def test_the_same_set_again_tells_nothing_new(second):
    """The last member is late; with its message the round is pooled, after one of the same set was."""
    done(mask(second, "ee", "second", out="two"))
    done(pool(second, "out/aa", *(f"two/{name}-masked" for name in MASKED)))


def test_a_key_masks_one_round(network):
    told = mask(network, "bb")
    assert code_of(told) == "PE918"  # the folder of the first answer
    shutil.rmtree(network / "out/bb-masked")
    assert code_of(mask(network, "bb")) == "PE931"


def test_a_changed_number_of_a_message_is_found(network):
    path = network / "out/bb-masked/masked.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["numbers"][3] += 1
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    assert code_of(pool(network, *sent(*ALL))) == "PE925"


def test_plain_counts_of_a_masked_registry_are_not_approved(network):
    assert code_of(approve(network, "bb")) == "PE930"


def test_a_masked_registry_that_fails_takes_the_round_with_it(network):
    """One machine, the same rule: of a round with a dropout nothing is released, and the others go on."""
    invite(network, "aa", "bb", "cc", "dd")
    (network / "registries/cc/data/drugs.csv").unlink()
    told = network.run()
    assert told.code == 0, told.err
    told = {r["registry"]: (r["status"], r["reason"]) for r in network.rows("participation.csv")}
    assert told["aa"] == ("took part", "")
    assert told["bb"] == told["dd"]
    assert told["bb"] == ("failed", "PE929: nothing can be read from part of a round, and none of it is released")
    assert told["cc"][0] == "failed"
    assert sorted(p.name for p in (network / "run/bundles").iterdir()) == ["aa"]


def invite(network, *names):
    """Fewer registries, which cost less to count."""
    network.edit("study/protocol.yaml", (f"registries: [{', '.join(ALL)}]", f"registries: [{', '.join(names)}]"))


def test_two_masked_registries_are_too_few(network):
    invite(network, "aa", "bb", "cc")
    assert network.run().code == 0
    told = {r["registry"]: (r["status"], r["reason"]) for r in network.rows("participation.csv")}
    assert told["bb"] == told["cc"] == ("failed", "PE927: a sum is over at least 3 masked registries")
    assert told["aa"] == ("took part", "")


def test_report_names_the_sum_and_not_its_members(local):
    report = assemble(read_run(local / "run"))
    assert MASKED_NOTE in " ".join(texts_of(report))
    results = " ".join(texts_of([t.lines for t in report.tables if t.number.startswith("10.4")])).split()
    assert {"AA", "Masked"} <= set(results), sorted(set(results))[:200]
    assert not {name.upper() for name in MASKED} & set(results)
