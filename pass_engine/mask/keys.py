"""Keys of one round of masks: X25519 (RFC 7748), made for one decision, used once and then deleted."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pass_engine.whole import write_whole

if TYPE_CHECKING:
    from pathlib import Path

LENGTH = 32
"""Bytes of a public and of a private X25519 key."""


@dataclass(frozen=True)
class MaskKey:
    """A private key, raw, and its public one as text (base64)."""

    private: bytes
    public: str


def make_mask_key() -> MaskKey:
    """A new key pair from the system's random numbers."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    key = X25519PrivateKey.generate()
    return MaskKey(key.private_bytes_raw(), base64.b64encode(key.public_key().public_bytes_raw()).decode("ascii"))


def write_mask_key(path: Path, key: MaskKey) -> None:
    """Keep a private key in a new file for its owner alone."""
    write_whole({path: base64.b64encode(key.private) + b"\n"}, 0o600, new=True)


def load_mask_key(path: Path) -> MaskKey:
    """The key in a file that :func:`write_mask_key` wrote. Raises ValueError for another content, OSError for none."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    private = base64.b64decode(path.read_bytes(), validate=False)
    public = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    return MaskKey(private, base64.b64encode(public).decode("ascii"))


def is_public(text: str) -> bool:
    """Is this the public key of a mask, as text?"""
    try:
        return len(base64.b64decode(text, validate=True)) == LENGTH
    except ValueError:
        return False


def shared_secret(key: MaskKey, other: str) -> bytes:
    """What both owners of two keys can compute and nobody else. Raises ValueError for a public key that is none."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    public = X25519PublicKey.from_public_bytes(base64.b64decode(other, validate=True))
    return X25519PrivateKey.from_private_bytes(key.private).exchange(public)
