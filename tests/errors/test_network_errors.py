"""Does every refusal of the network say where, what and how to mend it? Raised on the command line, whole text."""

from __future__ import annotations

import datetime as dt
import json
import shutil

import pytest

from tests.e2e.made_once import copy_of, made_once
from tests.e2e.networked import DAY, answer, answered, approve, decide, done, pool, set_day, site_run
from tests.e2e.small import make_registry

AGAIN = "ask for it again, whole, with its .dsse and .sig"
DECISION = "registries/aa/decisions/0001-small-participate.json"


@pytest.fixture
def network(tmp_path, tmp_path_factory, monkeypatch):
    """A copy of the sound network that a test may spoil, on the day it was made."""
    set_day(monkeypatch, DAY)
    return copy_of(made_once(tmp_path_factory, "network", answered), tmp_path)


def refused(told, code, where, found, problem, mend):
    """The whole of what the command said; its exit code is that of the family."""
    assert told.err == f"{code} {where}\n  found    {found}\n  problem  {problem}\n  mend     {mend}\n"
    assert told.code == 18


def start_of(network, path="release/release.json"):
    import hashlib

    return hashlib.sha256((network / path).read_bytes()).hexdigest()[:12] + "…"


def test_a_key_is_never_overwritten(network):
    refused(
        network.command("keys", "init", "keys/aa"), "PE901", "keys/aa", "a file",
        "there is a file of this name already", "name another file: a key is never overwritten",
    )  # fmt: skip


def test_a_key_that_is_none(network):
    (network / "keys/aa").write_text("secret\n", encoding="utf-8")
    refused(
        approve(network, "aa"), "PE901", "keys/aa", "another content", "this is no private key that can be used",
        "make one with pass-engine keys init (an encrypted key of ssh-keygen cannot be read)",
    )  # fmt: skip
    refused(
        approve(network, "aa", key="keys/nobody"), "PE901", "keys/nobody", "no such file or directory",
        "the key file cannot be opened", "check the name and the rights",
    )  # fmt: skip


def test_a_key_that_others_may_read(network):
    (network / "keys/aa").chmod(0o640)
    refused(
        approve(network, "aa"), "PE902", "keys/aa", "mode 0640", "others than its owner may read this private key",
        "say chmod 600 and its name",
    )  # fmt: skip


def test_a_locked_key(network, monkeypatch):
    monkeypatch.setenv("PASS_ENGINE_PASSPHRASE", "correct horse")
    done(network.command("keys", "init", "keys/locked"))
    assert "ENCRYPTED" in (network / "keys/locked").read_text(encoding="ascii")
    done(network.command("keys", "trust", "trust", "keys/locked.pub", "--as", "aa", "--from", "2026-01-01"))
    done(approve(network, "aa", key="keys/locked"))
    mend = "give it in the environment as PASS_ENGINE_PASSPHRASE"
    problem = "the private key is locked with a passphrase"
    monkeypatch.setenv("PASS_ENGINE_PASSPHRASE", "wrong horse")
    told = approve(network, "aa", key="keys/locked")
    refused(told, "PE903", "keys/locked", "a passphrase that does not open it", problem, mend)
    monkeypatch.delenv("PASS_ENGINE_PASSPHRASE")
    refused(approve(network, "aa", key="keys/locked"), "PE903", "keys/locked", "no passphrase", problem, mend)


def test_a_trust_file_that_cannot_be_read(network):
    with (network / "trust").open("a", encoding="utf-8") as out:
        out.write("cz ssh-ed25519 AAAA\n")
    refused(
        site_run(network, "aa", "again"), "PE904", "trust:5", "another content",
        "a line holds a name, its options and an Ed25519 key", "write it with pass-engine keys trust",
    )  # fmt: skip
    (network / "trust").unlink()
    refused(
        site_run(network, "aa", "again"), "PE904", "trust", "no such file or directory",
        "the trust file cannot be opened", "name it with --trust; pass-engine keys trust makes one",
    )  # fmt: skip


def test_a_bundle_that_was_not_approved(network):
    (network / "out/aa/attestation.json.sig").unlink()
    refused(
        pool(network, "out/aa"), "PE905", "out/aa/attestation.json.sig", "no file", "a signed document has three files",
        AGAIN,
    )  # fmt: skip


def test_a_changed_statement(network):
    text = (network / "out/aa/attestation.json").read_text(encoding="utf-8")
    (network / "out/aa/attestation.json").write_text(text.replace('"number": 1', '"number": 7'), encoding="utf-8")
    refused(
        pool(network, "out/aa"), "PE906", "out/aa/attestation.json", "another content",
        "the statement and its signatures do not belong together: something was changed", AGAIN,
    )  # fmt: skip


def test_a_foreign_key(network):
    out = done(network.command("keys", "init", "keys/other")).out
    fingerprint = out.split("Fingerprint: ")[1].strip()
    refused(
        approve(network, "aa", key="keys/other"), "PE907", "keys/other", f"aa, key {fingerprint}",
        "the trust file has no such key of aa for this kind of document",
        "ask its owner by another way which key is theirs, then pass-engine keys trust",
    )  # fmt: skip
    (network / "own").write_bytes((network / "trust").read_bytes())
    by = ("--as", "aa", "--role", "registry", "--from", "2026-01-01")
    done(network.command("keys", "trust", "own", "keys/other.pub", *by))
    done(approve(network, "aa", key="keys/other", trust="own"))
    refused(
        pool(network, "out/aa"), "PE907", "out/aa/attestation.json", f"aa, key {fingerprint}",
        "the trust file has no such key of aa for this kind of document",
        "ask its owner by another way which key is theirs, then pass-engine keys trust",
    )  # fmt: skip


def test_a_key_of_another_day(network):
    done(network.command("keys", "revoke", "trust", "keys/aa.pub", "--from", "2026-03-01"))
    refused(
        pool(network, "out/aa"), "PE908", "out/aa/attestation.json", "signed on 2026-03-02",
        "the key counts from 2026-01-01 to before 2026-03-01, and the signature says another day",
        "have it signed anew with a key that counts",
    )  # fmt: skip


def test_a_release_with_other_files(network):
    (network / "release/note.txt").write_text("x", encoding="utf-8")
    told = network.command("pool", "release", "out/aa", "--trust", "trust", "--out", "run")
    refused(
        told, "PE909", "release/note.txt", "a file", "the release does not know it",
        "ask the sponsor for the release again, whole",
    )  # fmt: skip


def test_no_release(network):
    told = network.command("pool", "study", "out/aa", "--trust", "trust", "--out", "run")
    refused(
        told, "PE910", "study/release.json", "no file", "a release of the format 'pass_engine release 1' is needed",
        "name the folder or archive that pass-engine protocol release wrote",
    )  # fmt: skip


def test_a_release_for_another_engine(network, monkeypatch):
    monkeypatch.setattr("pass_engine.release.__version__", "9.9.9")
    told = network.command("pool", "release", "out/aa", "--trust", "trust", "--out", "run")
    head, found, *rest = told.err.splitlines()
    assert head == "PE911 release/release.json  engine"
    assert found.startswith("  found    version 9.9.9, 0 of ")
    assert rest == [
        "  problem  the release is pinned to the engine of version 0.1.0 and to its SQL",
        "  mend     install that version, or ask the sponsor for a release of this one",
    ]


def test_a_registry_that_is_not_invited(network):
    make_registry(network / "registries/dd", "dd", "IS")
    (network / "keys/dd").write_bytes((network / "keys/aa").read_bytes())
    (network / "keys/dd").chmod(0o600)
    refused(
        decide(network, "dd", "--participate"), "PE912", "release.zip  data.registries", "dd",
        "the release does not invite this registry", "it invites aa, bb, cc",
    )  # fmt: skip


def test_no_decision(network):
    shutil.rmtree(network / "registries/aa/decisions")
    for name in ("audit.jsonl", "audit.jsonl.head"):
        (network / "registries/aa" / name).unlink()
    refused(
        site_run(network, "aa", "again"), "PE913", "aa  decisions", "no decision",
        f"there is no decision of this registry about the release {start_of(network)}",
        "decide with pass-engine registry decide",
    )  # fmt: skip


def test_declined(network):
    done(decide(network, "aa", "--decline", "--reason", "No time"))
    refused(
        site_run(network, "aa", "again"), "PE914", "registries/aa/decisions/0002-small-decline.json",
        "decline, decision 2", "the registry declined", "decide with pass-engine registry decide",
    )  # fmt: skip


def test_withdrawn_after_the_bundle(network):
    done(decide(network, "aa", "--withdraw", "--reason", "No time"))
    refused(
        pool(network, "out/aa", decisions=("registries/aa/decisions",)), "PE914", "aa", "withdraw, decision 2",
        "the registry took its decision back after this bundle", "leave its bundle out",
    )  # fmt: skip


def test_expired(network, monkeypatch):
    set_day(monkeypatch, dt.date(2026, 7, 1))
    refused(
        site_run(network, "aa", "again"), "PE915", DECISION, "the day 2026-07-01",
        "the decision is valid from 2026-03-02 to 2026-06-30", "decide with pass-engine registry decide",
    )  # fmt: skip


def test_a_stray_file_among_the_decisions(network):
    (network / "registries/aa/decisions/note.txt").write_text("x", encoding="utf-8")
    refused(
        site_run(network, "aa", "again"), "PE916", "registries/aa/decisions/note.txt", "a file",
        "the folder holds decisions and nothing else", "move it elsewhere",
    )  # fmt: skip


def test_a_decision_taken_away(network):
    for suffix in ("", ".dsse", ".sig"):
        (network / f"{DECISION}{suffix}").unlink()
    refused(
        site_run(network, "aa", "again"), "PE916", "decisions", "no decision 1",
        "the audit log has a decision about this release that is not in the folder any more",
        "take it back from a copy, or decide anew",
    )  # fmt: skip


def test_analyses_that_are_not_there_or_not_allowed(network):
    network.edit("registries/aa/registry.yaml", ("[incidence, comparison, quality]", "[incidence, quality]"))
    told = decide(network, "aa", "--participate", "--analyses", "ratio,rat")
    assert told.err == (
        "PE917 aa  --analyses\n"
        "  found    ratio\n"
        "  problem  the registry's own policy does not allow comparison\n"
        "  mend     leave it out, or change policy.allow in registry.yaml first\n"
        "\n"
        "PE917 aa  --analyses\n"
        "  found    rat\n"
        "  problem  the release has no such analysis\n"
        "  mend     name some of rates, ratio\n"
    )


def test_a_folder_that_is_not_new(network):
    refused(
        site_run(network, "aa"), "PE918", "out/aa  --out", "files in the folder",
        "what is written here goes into a new folder", "name another one",
    )  # fmt: skip


def test_an_archive_that_is_damaged(network):
    whole = (network / "out/aa.zip").read_bytes()
    (network / "out/aa.zip").write_bytes(whole[: len(whole) // 2])
    refused(
        pool(network, "out/aa.zip"), "PE919", "out/aa.zip", "no archive, or a damaged one",
        "the archive cannot be opened safely", "ask for it again, or for the folder",
    )  # fmt: skip


def test_approval_needs_a_review_of_these_bytes(network):
    network.edit("registries/aa/data/persons.csv", ("ZQX001,1961-05-17,m\n", ""))
    done(site_run(network, "aa", "again"))
    refused(
        approve(network, "aa", "again"), "PE920", "again/manifest.json", "no review",
        "the audit log does not say that this bundle was reviewed, as it stands",
        "look at it with pass-engine site review",
    )  # fmt: skip


def test_approval_needs_a_bundle_made_here(network):
    for name in ("audit.jsonl", "audit.jsonl.head"):
        shutil.copy(network / "registries/bb" / name, network / "registries/aa" / name)
    refused(
        approve(network, "aa"), "PE920", "out/aa/manifest.json", "another bundle",
        "the audit log does not say that this bundle was made here by pass-engine site run, as it stands",
        "run the release again",
    )  # fmt: skip


def test_a_registry_reviews_its_own(network):
    told = network.command("site", "review", "out/bb", "--registry", "registries/aa")
    refused(
        told, "PE921", "out/bb/registry.json  id", "bb", "this is not a bundle of aa",
        "a registry reviews and approves its own bundles only",
    )  # fmt: skip


def test_two_bundles_of_one_registry(network):
    refused(
        pool(network, "out/aa", "out/aa.zip"), "PE921", "out/aa.zip  registry.id", "aa",
        "out/aa is one of the same registry", "give the later one alone",
    )  # fmt: skip


MEND = "find out who changed it, and take it back from a copy"
LOG = "registries/aa/audit.jsonl"


def test_an_edited_log(network):
    network.edit(LOG, ('"act":"review"', '"act":"reviewed"'))
    told = network.command("audit", "verify", LOG)
    refused(told, "PE922", f"{LOG}:4", "another content", "the line does not follow from the one before it", MEND)
    refused(network.command("audit", "verify", "nowhere"), "PE922", "nowhere", "no file", "there is no audit log here",
            "name the audit.jsonl of a node")  # fmt: skip
    assert approve(network, "aa").code == 18


def test_a_log_cut_short(network):
    lines = (network / LOG).read_text(encoding="utf-8").splitlines(keepends=True)
    (network / LOG).write_text("".join(lines[:-1]), encoding="utf-8")
    told = network.command("audit", "verify", LOG)
    refused(told, "PE923", LOG, "a log of 3 lines", "audit.jsonl.head says another end", MEND)
    (network / f"{LOG}.head").unlink()
    (network / LOG).write_text("".join(lines[:2]), encoding="utf-8")
    told = network.command("audit", "verify", LOG, "--against", "out/aa/attestation.json")
    assert told.code == 18


def test_a_log_cut_short_with_its_head(network):
    """The head rewritten too: whole by itself, and found by what the registry signed."""
    import hashlib

    lines = (network / LOG).read_text(encoding="utf-8").splitlines(keepends=True)[:2]
    (network / LOG).write_text("".join(lines), encoding="utf-8")
    head = hashlib.sha256(lines[-1].encode()).hexdigest()
    (network / f"{LOG}.head").write_text(f"2 {head}\n", encoding="utf-8")
    done(network.command("audit", "verify", LOG))
    refused(
        network.command("audit", "verify", LOG, "--against", "out/aa/attestation.json"), "PE923", LOG,
        "a log of 2 lines", "out/aa/attestation.json was signed when line 3 of the log was another, or was there", MEND,
    )  # fmt: skip


def test_an_older_bundle(network):
    shutil.copytree(network / "out/aa", network / "old")
    network.edit("registries/aa/data/persons.csv", ("ZQX001,1961-05-17,m\n", ""))
    answer(network, "aa", "new")
    done(pool(network, "new"))
    refused(
        pool(network, "old"), "PE924", "aa", "bundle 1", "bundle 2 of this registry was pooled before",
        "take the registry's latest bundle",
    )  # fmt: skip


def test_a_signature_for_another_bundle(network):
    """Numbers changed and the manifest made to fit: the signature is for other digests."""
    import hashlib

    path = network / "out/aa/counts.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",3096,", ",3097,"), encoding="utf-8")
    manifest = json.loads((network / "out/aa/manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["counts.csv"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (network / "out/aa/manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    refused(
        pool(network, "out/aa"), "PE925", "out/aa", "another content",
        "the registry's signature is for another bundle, release or decision",
        "ask the registry for the bundle again, approved as it stands",
    )  # fmt: skip
