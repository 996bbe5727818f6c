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
from tests.e2e.masked import ALL, MASKED, answered, approve, count, mask, open_round, sent, take_part
from tests.e2e.networked import DAY, decide, done, pool, set_day
from tests.e2e.small import Network


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        set_day(patch, DAY)
        return answered(tmp_path_factory.mktemp("masked")).root


@pytest.fixture
def network(sound, tmp_path, monkeypatch):
    """A copy of the sound network that a test may spoil, on the day it was made."""
    set_day(monkeypatch, DAY)
    shutil.copytree(sound, tmp_path / "n")
    return Network(tmp_path / "n")


def code_of(told):
    return told.err.split(maxsplit=1)[0]


def results(folder):
    return sorted(p.name for p in (folder / "results").glob("*.csv"))


def test_pool_gives_the_results_of_run(network):
    """Random masks, other keys: the same bytes, but for the kind of decision."""
    done(pool(network, *sent(*ALL)))
    (network / "run").rename(network / "pooled")
    done(network.run())
    names = results(network / "run")
    assert names == results(network / "pooled")
    other = [n for n in names if not filecmp.cmp(network / "run/results" / n, network / "pooled/results" / n, False)]
    assert other == ["index.csv", "participation.csv"]  # the index names manifests, whose fingerprints are keyed
    assert (network / "pooled/approvals/bb/masked.json").is_file()
    told = done(network.command("verify", "run", "--without-report", "--data", "registries"))
    assert "bundle of bb             identical, " in told.out
    assert "bundle of masked         identical, " in told.out  # other masks, which cancel as the first ones did
    assert "\nIdentical.\n" in told.out
    assert not (network / "run/approvals").exists()


def test_pooled_rows_are_those_of_registries_that_mask_nothing(network):
    """Counts and days, ratios and baseline: whole numbers identical, and so what is divided from them."""
    done(network.run())
    masked = {t: [r for r in network.rows(t) if r["registry"] == "pooled"] for t in ("attrition.csv", "baseline.csv")}
    overall = [r for r in network.rows("incidence.csv") if (r["registry"], r["stratum"]) == ("pooled", "overall")]
    ratios = [r for r in network.rows("comparison.csv") if r["registry"] == "pooled"]
    for name in MASKED:
        network.edit(f"registries/{name}/registry.yaml", ("release: masked", "release: exact"))
    done(network.run())
    for table, rows in masked.items():
        assert rows == [r for r in network.rows(table) if r["registry"] == "pooled"]
    assert overall == [
        r for r in network.rows("incidence.csv") if (r["registry"], r["stratum"]) == ("pooled", "overall")
    ]
    assert ratios == [r for r in network.rows("comparison.csv") if r["registry"] == "pooled"]
    assert len(overall) == 4
    assert all(r["registries"] == "aa;bb;cc;dd;ee" for r in overall)


def test_no_row_is_about_a_masked_registry(network):
    done(pool(network, *sent(*ALL)))
    for table in results(network / "run"):
        if table in {"participation.csv", "contribution.csv", "quality_gates.csv", "data_dictionary.csv"}:
            continue
        about = {r.get("registry") for r in network.rows(table)} | {r.get("left_out") for r in network.rows(table)}
        assert not about & set(MASKED), table
    told = {r["registry"]: (r["status"], r["release"]) for r in network.rows("participation.csv")}
    assert told == {"aa": ("took part", "exact"), **dict.fromkeys(MASKED, ("took part", "masked"))}
    assert {r["status"] for r in network.rows("contribution.csv")} == {"contributed"}


def test_what_leaves_has_no_count_in_it(network):
    """The tables are empty, and the numbers of the message are spread over 64 bits, zeros and all."""
    for name in MASKED:
        folder = network / f"out/{name}-masked"
        content = read_bundle(folder, beside=APPROVAL)
        assert not [t for t, frame in content.tables.items() if len(frame) and t != "quality_gate"]
        numbers = json.loads((folder / "masked.json").read_text(encoding="utf-8"))["numbers"]
        assert len(numbers) > 400
        assert min(numbers) > 2**40  # of 460 random numbers none is below by chance: 460 / 2**24
        assert 0.4 < sum(n > 2**63 for n in numbers) / len(numbers) < 0.6
    plain = json.loads((network / "out/bb-masked/masked.json").read_text(encoding="utf-8"))["layout"]["rows"]["counts"]
    assert ["rates", "alfa", "infection", "treated", "sex", "other"] in plain  # whom nobody is
    assert not list((network / "registries").glob("*/masks/*.key"))


def test_part_of_a_round_releases_nothing(network):
    told = pool(network, *sent("aa", "bb", "cc", "dd"))
    assert code_of(told) == "PE929"
    assert not (network / "run").exists()
    done(pool(network, *sent("aa")))  # the others go on
    assert {r["registry"]: r["status"] for r in network.rows("participation.csv")}["bb"] == "did not take part"
    done(pool(network, *sent(*ALL)))  # and a late bundle pools anew


def test_a_round_that_a_member_left_can_be_opened_without_it(network):
    """ee decides anew instead of answering: what the others sent is destroyed, and summing them now tells nothing."""
    take_part(network, *MASKED)
    done(open_round(network, "second", *MASKED))
    count(network, *MASKED, out="two")
    for name in ("bb", "cc", "dd"):
        done(mask(network, name, "second", out="two"))
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


def test_the_same_set_again_tells_nothing_new(network):
    take_part(network, *MASKED)
    done(open_round(network, "second", *MASKED))
    count(network, *MASKED, out="two")
    for name in MASKED:
        done(mask(network, name, "second", out="two"))
    done(pool(network, "out/aa", *(f"two/{name}-masked" for name in MASKED)))


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
    (network / "registries/cc/data/drugs.csv").unlink()
    told = network.run()
    assert told.code == 0, told.err
    told = {r["registry"]: (r["status"], r["reason"]) for r in network.rows("participation.csv")}
    assert told["aa"] == ("took part", "")
    assert told["bb"] == told["dd"] == told["ee"]
    assert told["bb"] == ("failed", "PE929: nothing can be read from part of a round, and none of it is released")
    assert told["cc"][0] == "failed"
    assert sorted(p.name for p in (network / "run/bundles").iterdir()) == ["aa"]


def test_two_masked_registries_are_too_few(network):
    for name in ("dd", "ee"):
        network.edit(f"registries/{name}/registry.yaml", ("release: masked", "release: exact"))
    assert network.run().code == 0
    told = {r["registry"]: (r["status"], r["reason"]) for r in network.rows("participation.csv")}
    assert told["bb"] == told["cc"] == ("failed", "PE927: a sum is over at least 3 masked registries")
    assert told["dd"] == told["aa"] == ("took part", "")


def test_report_names_the_sum_and_not_its_members(network):
    done(network.run())
    report = assemble(read_run(network / "run"))
    assert MASKED_NOTE in " ".join(texts_of(report))
    results = " ".join(texts_of([t.lines for t in report.tables if t.number.startswith("10.4")])).split()
    assert {"AA", "Masked"} <= set(results), sorted(set(results))[:200]
    assert not {name.upper() for name in MASKED} & set(results)
