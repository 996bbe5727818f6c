"""Masks: do they cancel, are they those of the RFCs, and which sets of registries may be summed?"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import random
import struct

import numpy as np
import pytest

from pass_engine.mask import (
    MaskKey,
    load_mask_key,
    make_mask_key,
    masked,
    shared_secret,
    told_by_sets,
    unmasked_sum,
    write_mask_key,
)
from pass_engine.mask.masks import PURPOSE

ROUND = hashlib.sha256(b"round").hexdigest()
BOB = bytes.fromhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
BOBS_PUBLIC = bytes.fromhex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
ALICES_PUBLIC = bytes.fromhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
THEIR_SECRET = bytes.fromhex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
"""RFC 7748, section 6.1."""


def members(*names):
    keys = {name: make_mask_key() for name in names}
    return keys, {name: key.public for name, key in keys.items()}


def test_masks_cancel_in_the_sum_alone():
    keys, public = members("aa", "bb", "cc", "dd")
    numbers = {name: [n * 7 + len(name), 0, 2**40 + n] for n, name in enumerate(public)}
    sent = {name: masked(numbers[name], name, keys[name], public, ROUND) for name in public}
    assert unmasked_sum(sent.values()) == [sum(column) for column in zip(*numbers.values(), strict=True)]
    for size in (1, 2, 3):
        for part in itertools.combinations(public, size):
            plain = [sum(column) for column in zip(*(numbers[name] for name in part), strict=True)]
            assert not set(unmasked_sum(sent[name] for name in part)) & set(plain)


def test_masks_of_one_round_do_not_cancel_those_of_another():
    keys, public = members("aa", "bb", "cc")
    other = hashlib.sha256(b"another").hexdigest()
    rest = [masked([5], name, keys[name], public, ROUND) for name in ("bb", "cc")]
    assert unmasked_sum([masked([5], "aa", keys["aa"], public, other), *rest]) != [15]
    assert unmasked_sum([masked([5], "aa", keys["aa"], public, ROUND), *rest]) == [15]


def test_a_secret_is_that_of_the_rfc():
    bob = MaskKey(BOB, base64.b64encode(BOBS_PUBLIC).decode())
    assert shared_secret(bob, base64.b64encode(ALICES_PUBLIC).decode()) == THEIR_SECRET


def test_a_pairs_mask_is_that_of_the_rfcs():
    """HKDF-SHA256 (RFC 5869, one block) and ChaCha20 (RFC 8439, section 2.3) written out here, for the secret above."""
    info = PURPOSE + b"\x00alice\x00bob"
    extracted = hmac.digest(bytes.fromhex(ROUND), THEIR_SECRET, "sha256")
    key = hmac.digest(extracted, info + b"\x01", "sha256")
    stream = _chacha20_block(key, 0) + _chacha20_block(key, 1)
    expected = [-n % 2**64 for n in struct.unpack("<16Q", stream)]
    public = {"alice": base64.b64encode(ALICES_PUBLIC).decode(), "bob": base64.b64encode(BOBS_PUBLIC).decode()}
    assert masked([0] * 16, "bob", MaskKey(BOB, public["bob"]), public, ROUND) == expected


def test_the_block_function_of_this_test_is_that_of_the_rfc():
    """RFC 8439, appendix A.1, test vector 1: a key of zeros."""
    assert (
        _chacha20_block(bytes(32), 0)
        .hex()
        .startswith("76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7")
    )


def _chacha20_block(key, counter):
    state = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574, *struct.unpack("<8I", key), counter, 0, 0, 0]
    work = list(state)
    columns = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)]
    diagonals = [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
    for quarter in (columns + diagonals) * 10:
        _quarter_round(work, *quarter)
    return struct.pack("<16I", *((a + b) % 2**32 for a, b in zip(work, state, strict=True)))


def _quarter_round(x, a, b, c, d):
    for target, other, far, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        x[target] = (x[target] + x[other]) % 2**32
        x[far] ^= x[target]
        x[far] = ((x[far] << turn) | (x[far] >> (32 - turn))) % 2**32


def test_a_message_looks_like_noise():
    """Zeros and large counts alike: the mean byte of 8,000 numbers is within 5 standard errors of 127.5."""
    keys, public = members("aa", "bb", "cc")
    for number in (0, 10**12):
        sent = np.array(masked([number] * 8000, "aa", keys["aa"], public, ROUND), dtype="<u8").view("u1")
        assert abs(sent.mean() - 127.5) < 5 * 73.9 / np.sqrt(sent.size)
        assert len(set(masked([number] * 8000, "aa", keys["aa"], public, ROUND))) == 8000


def test_a_key_is_kept_for_its_owner_and_read_again(tmp_path):
    key = make_mask_key()
    write_mask_key(tmp_path / "key", key)
    assert load_mask_key(tmp_path / "key") == key
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        write_mask_key(tmp_path / "key", key)


@pytest.mark.parametrize(
    ("sets", "told"),
    [
        (["abc"], ""),
        (["ab"], "a"),  # a sum over two: each of them knows the other's
        (["abcd", "abc"], "d"),
        (["abcde", "abc"], "d"),  # their difference is d + e
        (["abcdef", "abc"], ""),
        (["abcdef", "abc", "def"], ""),
        (["abcdef", "abc", "deg"], "f"),  # first less both others: f - g
        (["abcd", "abce"], "d"),  # d - e
        (["abcd", "efgh", "abefcd"], "e"),  # third less first: e + f
        (["abcdef", "bcdefg"], "a"),  # a - g
        (["abc", "def", "ghi", "adg", "beh", "cfi"], ""),
    ],
)
def test_which_sets_tell_too_much(sets, told):
    found = told_by_sets([tuple(s) for s in sets])
    assert (found[:1] or ("",))[0] == told


def test_no_small_combination_is_missed():
    """Random sets: whole-number combinations of the rows, tried one by one, against the ranks."""
    rng = random.Random(7)
    agreed = {True: 0, False: 0}
    for _ in range(150):
        names = "abcdefgh"[: rng.randint(3, 8)]
        sets = [tuple(rng.sample(names, rng.randint(3, len(names)))) for _ in range(rng.randint(1, 3))]
        rows = np.array([[int(n in s) for n in names] for s in sets])
        combined = [np.array(c) @ rows for c in itertools.product(range(-3, 4), repeat=len(sets))]
        small = any(0 < np.count_nonzero(c) < 3 for c in combined)
        assert bool(told_by_sets(sets)) == small, sets
        agreed[small] += 1
    assert min(agreed.values()) > 20
