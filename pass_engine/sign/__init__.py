"""Signatures: Ed25519 keys, the network's trust file, and documents signed for engines and for ``ssh-keygen``."""

from pass_engine.sign.document import (
    SUFFIXES,
    Signature,
    Statement,
    check_trusted,
    read_signed,
    sha256_of,
    write_signed,
)
from pass_engine.sign.keys import PASSPHRASE, fingerprint_of, load_key, load_public, make_key, public_line
from pass_engine.sign.trust import BUNDLE, DECISION, RELEASE, ROLES, TrustFile, load_trust, revoke_key, trust_key

__all__ = [
    "BUNDLE",
    "DECISION",
    "PASSPHRASE",
    "RELEASE",
    "ROLES",
    "SUFFIXES",
    "Signature",
    "Statement",
    "TrustFile",
    "check_trusted",
    "fingerprint_of",
    "load_key",
    "load_public",
    "load_trust",
    "make_key",
    "public_line",
    "read_signed",
    "revoke_key",
    "sha256_of",
    "trust_key",
    "write_signed",
]
