"""Does every refusal of masks and rounds say where, what and how to mend it? Raised on the command line, whole text."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pass_engine.bundle import read_bundle
from pass_engine.bundle.masked import flatten, lay_out
from pass_engine.errors import BundleError, DisclosureError, TrustError
from pass_engine.mask import make_mask_key
from pass_engine.protocol import load_protocol
from pass_engine.rounds import Member, Round, mask_content, sum_round
from pass_engine.site import analysis_kinds
from tests.e2e.made_once import copy_of, made_once
from tests.e2e.masked import ALL, MASKED, answered, approve, count, mask, open_round, sent, take_part
from tests.e2e.networked import DAY, decide, done, pool, set_day

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def network(tmp_path, tmp_path_factory, monkeypatch):
    """A copy of the sound network that a test may spoil, on the day it was made."""
    set_day(monkeypatch, DAY)
    return copy_of(made_once(tmp_path_factory, "masked", answered), tmp_path)


def refused(told, code, where, found, problem, mend):
    assert told.err == f"{code} {where}\n  found    {found}\n  problem  {problem}\n  mend     {mend}\n"
    assert told.code == 18


def said(error, code, where, found, problem, mend):
    assert str(error.value) == f"{code} {where}\n  found    {found}\n  problem  {problem}\n  mend     {mend}"


def digest(network, name="round"):
    return hashlib.sha256((network / name / "round.json").read_bytes()).hexdigest()[:12] + "…"


def test_a_round_that_is_none(network):
    shutil.rmtree(network / "out/bb-masked")
    mend = "name the folder or archive of pass-engine round open"
    refused(
        mask(network, "bb", "keys"), "PE926", "keys  --round", "no round.json", "there is no round here", mend,
    )  # fmt: skip
    text = (network / "round/round.json").read_text(encoding="utf-8")
    (network / "round/round.json").write_text(text.replace("  ", " "), encoding="utf-8")
    problem = "a round of the format 'pass_engine round 1' is needed"
    refused(
        mask(network, "bb"), "PE926", "round", "another content", problem, "make it with pass-engine round open",
    )  # fmt: skip


def test_a_round_without_a_members_decision(network):
    for file in (network / "round/decisions").glob("cc-*"):
        file.unlink()
    shutil.rmtree(network / "out/bb-masked")
    refused(
        mask(network, "bb"), "PE926", "round  members.cc", "no such decision",
        "the round does not hold this member's decision", "ask the centre for the round again, whole",
    )  # fmt: skip


def test_a_round_that_sums_more_than_a_member_covers(network):
    done(decide(network, "cc", "--participate", "--analyses", "rates"))
    take_part(network, "bb", "dd", "ee")
    done(open_round(network, "second", *MASKED))
    path = network / "second/round.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["analyses"] == ["rates"]
    content["analyses"].append("ratio")
    path.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    count(network, "bb", out="two")
    refused(
        mask(network, "bb", "second", out="two"), "PE926", "second  members.cc", "fewer analyses",
        "a member's decision does not cover all analyses of the round", "have the round opened anew",
    )  # fmt: skip


def test_a_round_of_another_decision(network):
    take_part(network, "bb")
    count(network, "bb", out="two")
    refused(
        mask(network, "bb", out="two"), "PE926", "round  members", "another release",
        "the round is not one of this release with decision 2 of bb", "have the round opened with that decision",
    )  # fmt: skip


def test_too_few_masked_registries(network):
    (network / "audit.jsonl").unlink()
    (network / "audit.jsonl.head").unlink()
    refused(
        open_round(network, "second", "bb", "cc"), "PE927", "release.zip  members", "2 members",
        "a sum is over at least 3 masked registries", "let these registries release in another mode, or wait for more",
    )  # fmt: skip


def test_sets_that_tell_of_one(network):
    refused(
        open_round(network, "second", "bb", "cc", "dd"), "PE927", "release.zip  members", "2 sets",
        "together they would tell numbers about ee alone",
        "sum over the same registries as before, or over three more or fewer",
    )  # fmt: skip


def test_plain_counts_and_rounds_do_not_go_together(network):
    refused(
        approve(network, "bb"), "PE930", "out/bb  policy.release", "masked",
        "the counts of this registry leave masked, in a round, and not as they are",
        "give --round with the round that holds its decision, and --release",
    )  # fmt: skip
    refused(
        mask(network, "aa"), "PE930", "out/aa  policy.release", "exact",
        "a round is for masked registries, and this one releases exact", "leave --round out",
    )  # fmt: skip


def test_a_message_that_is_missing(network):
    (network / "out/bb-masked/masked.json").unlink()
    refused(
        pool(network, *sent(*ALL)), "PE925", "out/bb-masked", "another content",
        "the registry's signature is for another bundle, release or decision",
        "ask the registry for the bundle again, approved as it stands",
    )  # fmt: skip


def test_part_of_a_round(network):
    refused(
        pool(network, *sent("aa", "bb", "cc", "ee")), "PE929", f"round {digest(network)}  members", "no message of dd",
        "nothing can be read from part of a round, and none of it is released",
        "wait for the rest, leave its members' bundles out, or end it with pass-engine round end",
    )  # fmt: skip


def test_two_rounds_in_one_pool(network):
    take_part(network, "bb", "cc", "dd", "ee")
    done(open_round(network, "second", *MASKED))
    count(network, "bb", out="two")
    done(mask(network, "bb", "second", out="two"))
    refused(
        pool(network, "two/bb-masked", *sent("cc", "dd", "ee")), "PE926", "bb, cc, dd, ee  round.json", "2 rounds",
        "these bundles were masked for different rounds", "give those of one round",
    )  # fmt: skip


def test_a_used_key(network):
    shutil.rmtree(network / "out/bb-masked")
    key = next((network / "registries/cc/decisions").glob("*participate.json"))
    own = hashlib.sha256((network / "registries/bb/decisions" / key.name).read_bytes()).hexdigest()[:16]
    release = hashlib.sha256((network / "release/release.json").read_bytes()).hexdigest()[:16]
    refused(
        mask(network, "bb"), "PE931", f"registries/bb/masks/{release}-{own}.key", "no file",
        "the mask key of decision 1 is not here: a key masks one round, then it is deleted",
        "decide anew; a round is opened with the new decision",
    )  # fmt: skip


def test_nothing_to_end(network):
    refused(
        network.command("round", "end", "out/aa"), "PE926", "out/aa", "no masked.json",
        "this holds no message of a round", "name what members of the round sent",
    )  # fmt: skip


def test_a_key_that_the_trust_file_does_not_have_signs_nothing(network):
    done(network.command("keys", "init", "keys/new"))
    options = ("--registry", "registries/aa", "--key", "keys/new", "--trust", "trust")
    told = network.command("site", "approve", "out/aa", *options)
    assert told.err.startswith("PE907 keys/new\n  found    aa, key SHA256:")
    assert told.err.endswith(
        "  problem  the trust file has no such key of aa for this kind of document\n"
        "  mend     ask its owner by another way which key is theirs, then pass-engine keys trust\n"
    )
    assert told.code == 18


@pytest.fixture
def local(network):
    """Plain bundles of three members and a round over them, without a network."""
    protocol = load_protocol(network / "study")
    contents = {name: read_bundle(network / f"out/{name}", beside=_beside(network / f"out/{name}"))
                for name in ("bb", "cc", "dd")}  # fmt: skip
    keys = {name: make_mask_key() for name in contents}
    members = {name: Member(1, "", key.public) for name, key in keys.items()}
    return protocol, contents, keys, Round("small", "", protocol.digest, ("rates", "ratio"), members)


def _beside(folder: Path) -> set[str]:
    return {p.name for p in folder.glob("decision.json*")}


def test_an_analysis_that_a_member_keeps_back(local):
    protocol, contents, keys, asked = local
    kept = {"table": "counts", "analysis": "ratio", "cohort": "", "reason": "quality gate 1: linkage"}
    with pytest.raises(TrustError) as error:
        mask_content(replace(contents["bb"], withheld=(kept,)), protocol, asked, keys["bb"])
    said(
        error, "PE928", "bb  analyses.ratio", "quality gate 1: linkage",
        "the registry keeps back an analysis that the round sums",
        "decide without the analysis, and open the round anew",
    )  # fmt: skip


def test_a_level_that_has_no_place(local):
    protocol, contents, *_ = local
    tables = dict(contents["bb"].tables)
    tables["counts"] = tables["counts"].assign(level=tables["counts"]["level"].str.replace("female", "mystery"))
    with pytest.raises(DisclosureError) as error:
        flatten(tables, lay_out(tables, protocol))
    said(
        error, "PE520", "table counts  level", "2 rows", "these levels are not among those that the protocol names",
        "release in another mode",
    )  # fmt: skip
    assert "mystery" not in str(error.value)


def test_messages_that_do_not_cancel(local):
    protocol, contents, keys, asked = local
    messages = {name: mask_content(contents[name], protocol, asked, keys[name])[1] for name in contents}
    messages["bb"]["numbers"][0] += 1
    with pytest.raises(BundleError) as error:
        sum_round(asked, messages, contents, protocol, analysis_kinds(protocol))
    mend, problem = "end it, and let its members decide anew", "the messages are not those of one round"
    said(error, "PE613", f"round {asked.digest[:12]}…", "masks that do not cancel", problem, mend)
    messages["bb"]["numbers"].append(1)
    with pytest.raises(BundleError) as error:
        sum_round(asked, messages, contents, protocol, analysis_kinds(protocol))
    said(error, "PE613", f"round {asked.digest[:12]}…", "other rows", problem, mend)
