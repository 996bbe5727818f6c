"""Signatures in OpenSSH's SSHSIG format, which ``ssh-keygen -Y verify`` reads.

Source of the format: OpenSSH, PROTOCOL.sshsig. All numbers are big-endian; a string is its length in 4 bytes
and itself.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MAGIC = b"SSHSIG"
VERSION = 1
HASH = b"sha512"
KEY_TYPE = b"ssh-ed25519"
HEAD, FOOT = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
LINE = 70
"""Characters of base64 a line, as ssh-keygen writes them."""


def sign_ssh(key: Ed25519PrivateKey, blob: bytes, namespace: str, message: bytes) -> str:
    """Armoured signature of a message; ``blob`` is the public key as OpenSSH encodes it."""
    signature = key.sign(_signed(namespace, message))
    return _armour(_content(blob, namespace, signature))


def verify_ssh(text: str, blob: bytes, namespace: str, message: bytes) -> bool:
    """Is this exactly the armoured signature of the message by the key? Another spelling of it is not."""
    signature = _signature_in(text)
    return (
        signature is not None
        and text == _armour(_content(blob, namespace, signature))
        and verify_ed25519(blob, signature, _signed(namespace, message))
    )


def verify_ed25519(blob: bytes, signature: bytes, message: bytes) -> bool:
    """Is the raw signature (64 bytes) that of the message by the key?"""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(blob[-32:]).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def key_in(text: str) -> bytes | None:
    """The public key an armoured signature names; None where the text is none."""
    strings = _strings(text)
    return strings[0] if strings else None


def _signature_in(text: str) -> bytes | None:
    strings = _strings(text)
    return strings[-1][-64:] if strings else None


def _strings(text: str) -> list[bytes]:
    """Public key, namespace, reserved, hash and signature; empty where the text is no armoured signature."""
    try:
        body = text.split(HEAD, 1)[1].split(FOOT, 1)[0]
        raw = base64.b64decode("".join(body.split()), validate=True)
        rest, found = raw[len(MAGIC) + 4 :], []
        while rest:
            (size,) = struct.unpack_from(">I", rest)
            found.append(rest[4 : 4 + size])
            rest = rest[4 + size :]
    except (IndexError, ValueError, struct.error):
        return []
    return found if len(found) == 5 else []  # noqa: PLR2004 - as named above


def _signed(namespace: str, message: bytes) -> bytes:
    """What the key signs."""
    return MAGIC + b"".join(_string(s) for s in (namespace.encode(), b"", HASH, hashlib.sha512(message).digest()))


def _content(blob: bytes, namespace: str, signature: bytes) -> bytes:
    parts = (blob, namespace.encode(), b"", HASH, _string(KEY_TYPE) + _string(signature))
    return MAGIC + struct.pack(">I", VERSION) + b"".join(_string(part) for part in parts)


def _armour(content: bytes) -> str:
    text = base64.b64encode(content).decode("ascii")
    lines = [text[n : n + LINE] for n in range(0, len(text), LINE)]
    return "\n".join([HEAD, *lines, FOOT]) + "\n"


def _string(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value
