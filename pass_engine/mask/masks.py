"""Masks that cancel in a sum: each pair of registries adds one and the same random vector, one of them its negative.

After Bonawitz et al., Practical secure aggregation for privacy-preserving machine learning, CCS 2017,
doi 10.1145/3133956.3133982, section 4.0.1 (pairwise masks, all participants fixed and present: no recovery from
dropouts, so that there is nothing to reveal). The vector of a pair is the key stream of ChaCha20 (RFC 8439) under the
key HKDF-SHA256 (RFC 5869) of their X25519 secret, with the digest of the round as salt. All sums are modulo 2^64.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pass_engine.mask.keys import shared_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from pass_engine.mask.keys import MaskKey

MODULUS = 2**64
WORD = 8
"""Bytes of one number."""
PURPOSE = b"pass_engine mask 1"


def masked(numbers: Sequence[int], name: str, key: MaskKey, members: Mapping[str, str], round_digest: str) -> list[int]:
    """Numbers of one member with its masks added, modulo 2^64.

    Args:
        numbers: whole numbers from 0 to 2^64 - 1.
        name: the member's own name.
        key: its key, used in this round and never again.
        members: name to public key of every member of the round, this one among them.
        round_digest: SHA-256 of the round, in hex.
    """
    import numpy as np

    total = np.array(numbers, dtype="<u8")
    for other in sorted(members.keys() - {name}):
        first, second = sorted((name, other))
        mask = _stream(shared_secret(key, members[other]), first, second, round_digest, len(numbers))
        total = total + mask if name == first else total - mask
    return [int(n) for n in total]


def unmasked_sum(messages: Iterable[Sequence[int]]) -> list[int]:
    """The sum of every member's message, number by number, modulo 2^64: their masks cancel."""
    import numpy as np

    added = None
    for message in messages:
        numbers = np.array(message, dtype="<u8")
        added = numbers if added is None else added + numbers
    return [] if added is None else [int(n) for n in added]


def _stream(secret: bytes, first: str, second: str, round_digest: str, length: int) -> NDArray[Any]:
    """The vector of a pair: as many numbers of 64 bits as asked for."""
    import numpy as np
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    pair = b"\x00".join((PURPOSE, first.encode(), second.encode()))
    key = HKDF(algorithm=SHA256(), length=32, salt=bytes.fromhex(round_digest), info=pair).derive(secret)
    # The nonce may be zero: a key is of one pair and one round, and makes one stream.
    encryptor = Cipher(algorithms.ChaCha20(key, bytes(16)), mode=None).encryptor()
    return np.frombuffer(encryptor.update(bytes(WORD * length)), dtype="<u8")
