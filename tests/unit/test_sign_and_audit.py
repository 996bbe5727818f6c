"""Keys, trust file and audit log by themselves: small cases, and every edit of a log."""

from __future__ import annotations

import datetime as dt
import subprocess

import pytest

from pass_engine.audit import Head, append_entry, read_entries, verify_log
from pass_engine.errors import TrustError
from pass_engine.sign import BUNDLE, RELEASE, fingerprint_of, load_key, load_trust, make_key, public_line, trust_key

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 2)


def test_a_key_made_by_ssh_keygen_is_read_and_the_other_way_round(tmp_path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "theirs"], check=True, timeout=60)
    line = public_line(load_key(tmp_path / "theirs"))
    assert (tmp_path / "theirs.pub").read_text(encoding="ascii").startswith(line)
    ours = make_key(tmp_path / "ours", "ours")
    told = subprocess.run(["ssh-keygen", "-l", "-f", tmp_path / "ours"], check=True, capture_output=True, timeout=60)
    assert fingerprint_of(ours).encode() in told.stdout


def test_a_trust_file_counts_whole_days(tmp_path):
    key = " ".join(make_key(tmp_path / "key", "aa").split()[:2])
    trust_key(tmp_path / "trust", "aa", "registry", key, DAY)
    trust = load_trust(tmp_path / "trust")
    (entry,) = trust.find(key, BUNDLE)
    assert not trust.find(key, RELEASE), "a registry releases no protocol"
    assert [entry.holds_on(DAY + dt.timedelta(days=n)) for n in (-1, 0, 1)] == [False, True, True]


@pytest.mark.parametrize(
    "line",
    [
        'aa namespaces="pass_engine-bundle",cert-authority {key}', 'aa namespaces="x",valid-after="2026" {key}',
        '* namespaces="x" {key}', "aa {key}", 'aa namespaces="x",valid-before="20260230" {key}',
        'aa namespaces="x" ssh-rsa AAAA',
        'aa namespaces="x" ssh-ed25519 AAAA',
    ],
)  # fmt: skip
def test_a_line_that_is_not_understood_is_never_passed_over(tmp_path, line):
    key = " ".join(make_key(tmp_path / "key", "aa").split()[:2])
    (tmp_path / "trust").write_text(f"# the network\n\n{line.format(key=key)}\n", encoding="utf-8")
    with pytest.raises(TrustError, match="trust:3"):
        load_trust(tmp_path / "trust")


@pytest.fixture
def log(tmp_path):
    for number in range(4):
        append_entry(tmp_path / "audit.jsonl", NOON, "run", {"bundle": f"{number:064d}"})
    return tmp_path / "audit.jsonl"


def test_a_whole_log_is_whole(log):
    head = verify_log(log)
    assert head.lines == 4
    assert [e["line"] for e in read_entries(log)] == [1, 2, 3, 4]
    assert verify_log(log, [("a document", head), ("an older one", Head(0, "0" * 64))]) == head


def test_every_changed_byte_of_a_log_is_found(log):
    whole = log.read_bytes()
    for place in range(len(whole)):
        log.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(TrustError):
            verify_log(log)


def test_lines_moved_put_in_or_taken_out_are_found(log):
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    for other in (
        lines[1:],
        lines[:1] + lines[2:],
        lines[:-1],
        [],
        [*lines, lines[-1]],
        [lines[1], lines[0], *lines[2:]],
    ):
        log.write_text("".join(other), encoding="utf-8")
        with pytest.raises(TrustError):
            verify_log(log)
    log.unlink()
    with pytest.raises(TrustError):
        verify_log(log)


def test_nothing_is_added_to_a_log_that_is_not_whole(log):
    log.write_text(log.read_text(encoding="utf-8").replace('"run"', '"ran"', 1), encoding="utf-8")
    before = log.read_bytes()
    with pytest.raises(TrustError):
        append_entry(log, NOON, "run", {})
    assert log.read_bytes() == before
