"""Does a network of registries that sign give what one machine gives, and does it refuse what was tampered with?"""

from __future__ import annotations

import csv
import datetime as dt
import filecmp
import json
import re
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pass_engine.bundle import read_bundle
from pass_engine.centre import estimate, participation_rows
from pass_engine.errors import PassEngineError, TrustError
from pass_engine.network import pooling
from pass_engine.network.answers import APPROVAL
from pass_engine.network.places import write_archive
from pass_engine.protocol import load_protocol
from pass_engine.release import read_release
from pass_engine.sign import BUNDLE, load_trust, read_signed
from tests.e2e.made_once import copy_of, made_once
from tests.e2e.networked import DAY, MEMBERS, answer, answered, approve, decide, done, pool, review, set_day, site_run
from tests.e2e.small import MARK, Network


@pytest.fixture
def network(tmp_path, tmp_path_factory, monkeypatch):
    """A copy of the sound network that a test may spoil, on the day it was made."""
    set_day(monkeypatch, DAY)
    return copy_of(made_once(tmp_path_factory, "network", answered), tmp_path)


@pytest.fixture(scope="module")
def pooled(tmp_path_factory):
    """All three pooled by the centre; no test may spoil it."""

    def build(folder):
        with pytest.MonkeyPatch.context() as patch:
            set_day(patch, DAY)
            shutil.copytree(made_once(tmp_path_factory, "network", answered), folder, dirs_exist_ok=True)
            done(pool(Network(folder), "out/aa", "out/bb.zip", "out/cc"))

    return Network(made_once(tmp_path_factory, "network-pooled", build))


def files_of(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_pool_gives_the_bytes_of_run_but_for_the_kind_of_decision(network, pooled):
    shutil.copytree(pooled / "run", network / "pooled")
    done(network.run())
    mine = [n for n in files_of(network / "pooled") if not n.startswith("approvals/")]
    assert mine == files_of(network / "run")
    other = [n for n in mine if not filecmp.cmp(network / "pooled" / n, network / "run" / n, shallow=False)]
    keyed = [f"bundles/{name}/manifest.json" for name in ("aa", "bb", "cc")]  # fingerprints of what left are keyed
    # The index names those manifests; who decided, and how, stands in both files of participation.
    told = ["results/index.csv", "results/participation.csv", "results/participation.parquet"]
    assert other == ["SHA256SUMS", *keyed, "log.jsonl", "manifest.json", *told]
    keyed += told
    told = (network / "pooled/results/participation.csv").read_text(encoding="utf-8")
    assert told.replace(",signed,", ",local,") == (network / "run/results/participation.csv").read_text(
        encoding="utf-8"
    )
    pinned = [json.loads((network / f / "manifest.json").read_text(encoding="utf-8")) for f in ("pooled", "run")]
    for manifest in pinned:
        for name in keyed:
            del manifest["files"][name]
    assert pinned[0]["inputs"].keys() == pinned[1]["inputs"].keys()
    assert all(d.startswith("hmac-sha256:") for files in pinned[0]["inputs"].values() for d in files.values())
    assert "rows" not in json.dumps(pinned[0]["tables"])
    rest = [{k: v for k, v in manifest.items() if k not in {"inputs", "tables"}} for manifest in pinned]
    assert rest[0] == rest[1]


def test_equal_releases_are_equal_bytes(network):
    done(network.command("protocol", "release", "study", "--out", "again", "--key", "keys/acme", "--as", "acme",
                         "--log", "another.jsonl"))  # fmt: skip
    assert (network / "again.zip").read_bytes() == (network / "release.zip").read_bytes()


def ssh_keygen(network, who, namespace, document):
    signed = network / document
    return subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", network / "trust", "-I", who, "-n", namespace, "-s", f"{signed}.sig",
         "-O", "verify-time=20260302120000Z"],
        input=signed.read_bytes(), capture_output=True, check=False, timeout=60,
    )  # fmt: skip


def test_stock_ssh_keygen_verifies_every_kind_of_document(network):
    decision = "registries/aa/decisions/0001-small-participate.json"
    for who, kind, document in (
        ("acme", "release", "release/attestation.json"), ("aa", "decision", decision),
        ("aa", "bundle", "out/aa/attestation.json"),
    ):  # fmt: skip
        good = ssh_keygen(network, who, f"pass_engine-{kind}", document)
        assert good.returncode == 0, good.stderr
        assert f'Good "pass_engine-{kind}" signature for {who}'.encode() in good.stdout
    assert ssh_keygen(network, "bb", "pass_engine-bundle", "out/aa/attestation.json").returncode != 0
    assert ssh_keygen(network, "aa", "pass_engine-release", "out/aa/attestation.json").returncode != 0
    text = (network / "out/aa/attestation.json").read_text(encoding="utf-8")
    (network / "out/aa/attestation.json").write_text(text.replace('"number": 1', '"number": 2'), encoding="utf-8")
    assert ssh_keygen(network, "aa", "pass_engine-bundle", "out/aa/attestation.json").returncode != 0


def test_dsse_is_as_the_specification_has_it(network):
    """The envelope is verified here by hand: PAE of DSSE v1, Ed25519 by `cryptography`."""
    import base64

    from cryptography.hazmat.primitives.serialization import load_ssh_public_key

    envelope = json.loads((network / "out/aa/attestation.json.dsse").read_text(encoding="utf-8"))
    body = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"]
    key = load_ssh_public_key((network / "keys/aa.pub").read_bytes())
    message = f"DSSEv1 {len(kind)} {kind} {len(body)} ".encode() + body
    key.verify(base64.b64decode(envelope["signatures"][0]["sig"]), message)  # raises where it does not hold
    statement = json.loads(body)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"][0]["name"] == "manifest.json"


def test_private_keys_are_for_their_owner_alone(network):
    assert stat.S_IMODE((network / "keys/aa").stat().st_mode) == 0o600
    assert (network / "keys/aa").read_text(encoding="ascii").startswith("-----BEGIN OPENSSH PRIVATE KEY-----")


def test_review_shows_every_cell_and_what_was_withheld(network):
    shown = done(review(network, "aa")).out
    for file in (network / "out/aa").glob("*.csv"):
        assert f"Table {file.stem}: " in shown
        for row in csv.reader(file.read_text(encoding="utf-8").splitlines()):
            assert " ".join(" ".join(row).split()) in re.sub(r" +", " ", shown)
    held = read_bundle(network / "out/aa", beside=APPROVAL).withheld
    assert held  # sums of squares of few persons
    assert f"Withheld: {len(held)}\n" in shown
    assert all(entry["reason"] in shown for entry in held)


# --- tampering ------------------------------------------------------------------------------------------------------


@pytest.fixture
def verify(network):
    """Hold one bundle of the network against its release, as the centre does before anything else."""
    trust = load_trust(network / "trust")
    release = read_release(network / "release", trust)

    def check(name="aa"):
        return pooling._verify(network / "out" / name, Path("out") / name, release, trust)

    return check


def flips(size):
    """Places in a file: its first and last bytes, and some between."""
    return sorted({0, 1, size // 3, size // 2, size - 2, size - 1} & set(range(size)))


def test_a_changed_byte_anywhere_in_a_bundle_is_found(network, verify):
    assert verify().registry == "aa"
    for file in (p for p in (network / "out/aa").rglob("*") if p.is_file()):
        whole = file.read_bytes()
        for place in flips(len(whole)):
            for bit in (1, 32):
                file.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
                with pytest.raises(PassEngineError):
                    verify()
        for other in (b"", whole[:-1], whole + b"\n", whole + whole):
            file.write_bytes(other)
            with pytest.raises(PassEngineError):
                verify()
        file.unlink()
        with pytest.raises(PassEngineError):
            verify()
        file.write_bytes(whole)
    assert verify().registry == "aa"


def test_every_byte_of_the_signatures_counts(network):
    trust = load_trust(network / "trust")
    for name in ("attestation.json", "attestation.json.dsse", "attestation.json.sig"):
        file = network / "out/aa" / name
        whole = file.read_bytes()
        for place in range(len(whole)):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            with pytest.raises(TrustError):
                read_signed(network / "out/aa/attestation.json", BUNDLE, trust, "aa")
        file.write_bytes(whole)
    assert read_signed(network / "out/aa/attestation.json", BUNDLE, trust, "aa").signer == "aa"


def test_a_changed_byte_anywhere_in_a_release_is_found(network):
    trust = load_trust(network / "trust")
    for file in (p for p in (network / "release").rglob("*") if p.is_file()):
        whole = file.read_bytes()
        for place in flips(len(whole)):
            file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            with pytest.raises(TrustError):
                read_release(network / "release", trust)
        file.write_bytes(whole)
    assert read_release(network / "release", trust).facts.study == "small"


def code_of(told):
    """Code of the first fault; nothing was pooled."""
    assert told.code
    return told.err.split()[0]


def test_a_registry_cannot_speak_for_another(network):
    """Signatures swapped; a bundle approved by another's key; a bundle that names another registry."""
    for name in ("attestation.json", "attestation.json.dsse", "attestation.json.sig"):
        a, b = network / "out/aa" / name, network / "out/bb" / name
        one, other = a.read_bytes(), b.read_bytes()
        a.write_bytes(other)
        b.write_bytes(one)
    assert code_of(pool(network, "out/aa", "out/bb")) == "PE907"
    assert code_of(approve(network, "cc", key="keys/bb")) == "PE907"
    done(network.command("keys", "init", "keys/other"))
    (network / "own").write_bytes((network / "trust").read_bytes())  # with a trust file of its own it can be signed ...
    done(network.command("keys", "trust", "own", "keys/other.pub", "--as", "cc", "--from", "2026-01-01"))
    done(approve(network, "cc", key="keys/other", trust="own"))
    assert code_of(pool(network, "out/cc")) == "PE907"  # ... and is refused where it is read
    assert code_of(approve(network, "cc", "out/bb")) == "PE921"


def test_the_same_signature_does_not_count_for_a_later_bundle(network, verify):
    """A bundle remade with other numbers keeps the old signature: its manifest is not the one signed."""
    counts = network / "out/aa/counts.csv"
    counts.write_text(counts.read_text(encoding="utf-8").replace(",3096,", ",3097,"), encoding="utf-8")
    manifest = json.loads((network / "out/aa/manifest.json").read_text(encoding="utf-8"))
    import hashlib

    manifest["files"]["counts.csv"] = hashlib.sha256(counts.read_bytes()).hexdigest()
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    (network / "out/aa/manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(TrustError, match="PE925"):
        verify()


def test_an_old_bundle_is_not_pooled_after_a_new_one(network):
    shutil.copytree(network / "out/aa", network / "old")
    network.edit("registries/aa/data/persons.csv", (f"{MARK}001,1961-05-17,m\n", ""))
    answer(network, "aa", "out/new")
    done(pool(network, "out/new", "out/bb"))
    told = pool(network, "old", "out/bb")
    assert code_of(told) == "PE924"
    done(pool(network, "out/new", "out/bb", "out/cc"))


def test_a_late_bundle_pools_anew_and_every_pooled_row_names_its_contributors(network):
    done(pool(network, "out/aa", "out/bb"))
    assert {r["registries"] for r in network.rows("incidence.csv") if r["registry"] == "pooled"} == {"aa;bb"}
    done(pool(network, "out/aa", "out/bb", "out/cc"))
    for table in ("incidence.csv", "comparison.csv", "attrition.csv", "baseline.csv"):
        pooled = [r for r in network.rows(table) if r["registry"] == "pooled"]
        assert pooled
        assert {r["registries"] for r in pooled} == {"aa;bb;cc"}, table
    assert (network / "run/approvals/cc/decision.json").is_file()


def test_decision_days_are_held_against_the_clock(network, monkeypatch):
    for day, ends in ((dt.date(2026, 3, 1), "PE915"), (dt.date(2026, 6, 30), ""), (dt.date(2026, 7, 1), "PE915")):
        set_day(monkeypatch, day)
        told = site_run(network, "aa", f"out/{day}")
        assert told.err.split()[:1] == ([ends] if ends else [])
    set_day(monkeypatch, dt.date(2026, 7, 1))
    assert code_of(approve(network, "bb")) == "PE915"
    done(pool(network, "out/aa", "out/bb"))


def test_withdrawn_is_withdrawn_at_the_registry_and_at_the_centre(network):
    done(decide(network, "aa", "--withdraw", "--reason", "Board decision"))
    assert code_of(site_run(network, "aa", "out/again")) == "PE914"
    assert code_of(approve(network, "aa")) == "PE914"
    assert code_of(pool(network, "out/aa", "out/bb", decisions=("registries/aa/decisions",))) == "PE914"
    told = done(pool(network, "out/bb", decisions=("registries/aa/decisions",)))
    assert "aa: declined" in told.out
    row = network.rows("participation.csv")[0]
    assert (row["status"], row["reason"]) == ("declined", "the registry keeps its reason to itself")


def test_a_withdrawal_taken_out_of_the_folder_is_missed(network):
    done(decide(network, "aa", "--withdraw", "--reason", "Board decision"))
    for file in (network / "registries/aa/decisions").glob("0002*"):
        file.unlink()
    assert code_of(site_run(network, "aa", "out/again")) == "PE916"


def test_rotated_and_revoked_keys(network, monkeypatch):
    """What the old key signed before its end holds; what it signs after does not; the new key does."""
    done(network.command("keys", "init", "keys/aa2"))
    done(network.command("keys", "trust", "trust", "keys/aa2.pub", "--as", "aa", "--from", "2026-04-01"))
    (network / "own").write_bytes((network / "trust").read_bytes())
    done(network.command("keys", "revoke", "trust", "keys/aa.pub", "--from", "2026-04-01"))
    done(pool(network, "out/aa", "out/bb"))
    set_day(monkeypatch, dt.date(2026, 4, 1))
    assert code_of(approve(network, "aa")) == "PE908"
    done(approve(network, "aa", trust="own"))  # with an older trust file it can be signed ...
    assert code_of(pool(network, "out/aa", "out/bb")) == "PE908"  # ... and is refused where it is read
    done(approve(network, "aa", key="keys/aa2"))
    done(pool(network, "out/aa", "out/bb"))
    done(network.command("keys", "revoke", "trust", "keys/aa.pub", "--from", "2026-01-01"))
    assert code_of(pool(network, "out/aa", "out/bb")) == "PE908"  # the decision was signed with the key that was lost


def test_partial_participation(network):
    done(decide(network, "aa", "--participate", "--analyses", "rates"))
    answer(network, "aa", "out/part")
    done(decide(network, "cc", "--decline", "--reason", "No time", "--publish-reason"))
    done(pool(network, "out/part", "out/bb", decisions=("registries/cc/decisions",)))
    told = {(r["analysis"], r["registry"]): (r["status"], r["reason"]) for r in network.rows("contribution.csv")}
    assert told == {
        ("rates", "aa"): ("contributed", ""), ("rates", "bb"): ("contributed", ""),
        ("rates", "cc"): ("declined", "No time"),
        ("ratio", "aa"): ("declined", "declined by the registry"), ("ratio", "bb"): ("contributed", ""),
        ("ratio", "cc"): ("declined", "No time"),
    }  # fmt: skip
    pooled = {r["analysis"]: r["registries"] for r in network.rows("comparison.csv") if r["registry"] == "pooled"}
    assert pooled == {"ratio": "bb"}
    told = pool(network, "out/aa", decisions=("registries/aa/decisions",))
    assert code_of(told) == "PE914"
    assert "the registry decided anew after this bundle" in told.err


def test_leave_one_out_is_the_pool_without_the_registry(pooled):
    network = pooled
    left = [r for r in network.rows("leave_one_out.csv") if r["status"] == "shown"]
    assert {r["left_out"] for r in left} == set(MEMBERS)
    protocol = load_protocol(network / "study")
    bundles = [read_bundle(network / "run/bundles" / name, protocol.digest) for name in ("bb", "cc")]
    of_two = estimate(bundles, protocol, participation_rows(bundles, protocol, {}))["incidence"]
    pooled = of_two[(of_two["registry"] == "pooled") & (of_two["stratum"] == "overall")]
    key = ["analysis", "cohort", "outcome", "time_at_risk", "measure"]
    whole = {tuple(row[c] for c in key): row for row in pooled.to_dict("records")}
    compared = [r for r in left if r["left_out"] == "aa"]
    assert compared
    for row in compared:
        expected = whole[tuple(row[c] for c in key)]
        columns = ("events", "person_days", "persons_with_event", "rate", "rate_low", "rate_high")
        assert [float(row[c]) for c in columns] == [float(expected[c]) for c in columns]
        assert row["registries"] == expected["registries"] == "bb;cc"


def test_nothing_at_person_level_is_in_what_the_network_writes(pooled):
    """Identifiers, dates and codes of the registries' rows, in every file but their own data and mapping."""
    network = pooled
    values = set()
    for file in (network / "registries").glob("*/data/*.csv"):
        for row in csv.reader(file.read_text(encoding="utf-8").splitlines()):
            values |= {v for v in row if MARK in v or re.fullmatch(r"\d{4}-\d{2}-\d{2}", v)}
    values -= {"2015-01-01", "2020-12-31"}  # the period of the study and the data cut, as protocol and registries say
    assert len(values) > 40
    for place in ("out", "run", "release", "registries", "audit.jsonl"):
        for file in [network / place] if (network / place).is_file() else (network / place).rglob("*"):
            if file.is_file() and "data" not in file.parent.name:
                text = file.read_bytes().decode("utf-8", "replace")
                assert not [v for v in values if v in text], file.name


def test_archives_that_lead_elsewhere_are_refused(network):
    import zipfile

    with zipfile.ZipFile(network / "bad.zip", "w") as out:
        out.writestr("../elsewhere", "x")
    assert code_of(pool(network, "bad.zip")) == "PE919"
    assert not (network.root.parent / "elsewhere").exists()
    write_archive(network / "out/aa", network / "one.zip")
    assert (network / "one.zip").read_bytes() == (network / "out/aa.zip").read_bytes()


def test_a_registry_verifies_its_part_of_a_pooled_run_and_replays_it(network, pooled):
    """The decision in the run and the secret of the registry give the bundle that was signed."""
    shutil.copytree(pooled / "run", network / "run")
    told = done(network.command("verify", "run", "--without-report", "--data", "registries/aa", "--deep"))
    assert "bundle of aa             identical, " in told.out
    assert "bundle of bb             taken over, " in told.out
    assert "Replayed without this package: aa, " in told.out
    assert "\nIdentical.\n" in told.out
    (network / "registries/bb/fingerprint.key").unlink()  # another one is made
    told = network.command("verify", "run", "--without-report", "--data", "registries/bb")
    assert told.code == 16
    assert "bundle of bb             differs, " in told.out
    assert "counts.csv" not in told.out


def test_a_site_run_that_is_killed_leaves_no_bundle_and_the_next_one_is_whole(network):
    program = (
        "import datetime as dt; from pass_engine.network import clock; "
        f"clock.now = lambda: dt.datetime({DAY.year}, {DAY.month}, {DAY.day}, 12, tzinfo=dt.UTC); "
        "from pass_engine.cli import main; main()"
    )
    words = ("site", "run", "release.zip", "--registry", "registries/aa", "--trust", "trust", "--out", "again/aa")
    part = network / "again/.aa.pass-engine-part"
    process = subprocess.Popen([sys.executable, "-c", program, *words], cwd=network.root, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
    while not part.is_dir() and process.poll() is None:
        time.sleep(0.02)
    process.kill()
    assert process.communicate(timeout=60) == ("", "")
    assert part.is_dir()
    assert not (network / "again/aa").exists()
    told = review(network, "aa", "again/aa")
    assert (told.code, told.out) == (15, "")
    done(site_run(network, "aa", "again/aa"))
    assert files_of(network / "again") == [f"aa/{name}" for name in files_of(network / "out/aa") if is_of_run(name)]
    for name in files_of(network / "again/aa"):
        assert (network / "again/aa" / name).read_bytes() == (network / "out/aa" / name).read_bytes(), name


def is_of_run(name):
    return not name.startswith("attestation.")
