"""Ed25519 keys in files: the private one for its owner's eyes alone, the public one as a line of OpenSSH.

A key without a passphrase is written in OpenSSH's own format. One with a passphrase is written as encrypted PKCS #8
(PBES2, RFC 8018): the encrypted OpenSSH format needs bcrypt, which is not among the engine's packages.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from pass_engine.errors import Fault, TrustError
from pass_engine.whole import write_whole

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TypeAlias

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    PrivateKey: TypeAlias = Ed25519PrivateKey

PASSPHRASE = "PASS_ENGINE_PASSPHRASE"  # noqa: S105 - the name of a variable of the environment
KEY_TYPE = "ssh-ed25519"
OWNER_ALONE = 0o600
OTHERS = 0o077


def make_key(path: Path, comment: str, passphrase: str = "") -> str:
    """Write a new private key at ``path`` (mode 0600) and its public line at ``path``.pub; gives back that line.

    Raises TrustError where either file is there already or cannot be written.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    secret = (
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(passphrase.encode()),
        )
        if passphrase
        else key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
    )
    line = f"{public_line(key)} {comment}"
    public = path.with_name(f"{path.name}.pub")
    for file in (path, public):
        if file.exists():
            mend = "name another file: a key is never overwritten"
            raise TrustError(_fault("PE901", file, "a file", "there is a file of this name already", mend))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole({public: f"{line}\n"}, new=True)
        write_whole({path: secret}, OWNER_ALONE, new=True)
    except OSError as error:
        raise TrustError(_unopened(path, error)) from error
    return line


def load_key(path: Path, passphrase: str = "") -> Ed25519PrivateKey:
    """The private key in a file; raises TrustError where it is none, or others may read it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    try:
        secret = path.read_bytes()
        mode = path.stat().st_mode
    except OSError as error:
        raise TrustError(_unopened(path, error)) from error
    if mode & OTHERS:
        problem = "others than its owner may read this private key"
        raise TrustError(_fault("PE902", path, f"mode {mode & 0o777:04o}", problem, "say chmod 600 and its name"))
    openssh = b"OPENSSH PRIVATE KEY" in secret
    load = serialization.load_ssh_private_key if openssh else serialization.load_pem_private_key
    try:
        key = load(secret, passphrase.encode() if passphrase and b"ENCRYPTED" in secret else None)
    except TypeError:
        raise TrustError(_locked(path, "no passphrase")) from None
    except (ValueError, UnsupportedAlgorithm) as error:
        if b"ENCRYPTED" in secret and passphrase:
            raise TrustError(_locked(path, "a passphrase that does not open it")) from None
        problem = "this is no private key that can be used"
        mend = "make one with pass-engine keys init (an encrypted key of ssh-keygen cannot be read)"
        raise TrustError(_fault("PE901", path, "another content", problem, mend)) from error
    if not isinstance(key, Ed25519PrivateKey):
        mend = "make one with pass-engine keys init, or ssh-keygen -t ed25519"
        raise TrustError(_fault("PE901", path, "a key of another type", "an Ed25519 key is needed", mend))
    return key


def public_line(key: Ed25519PrivateKey) -> str:
    """``ssh-ed25519 AAAA…`` of a private key."""
    from cryptography.hazmat.primitives import serialization

    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return public.decode("ascii")


def load_public(path: Path) -> str:
    """``ssh-ed25519 AAAA…`` of a .pub file, without its comment."""
    try:
        words = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise TrustError(_unopened(path, error)) from error
    if len(words) < 2 or words[0] != KEY_TYPE or not is_blob(words[1]):  # noqa: PLR2004 - type and key
        problem, mend = "this is no public Ed25519 key", "name the .pub file that pass-engine keys init wrote"
        raise TrustError(_fault("PE901", path, "another content", problem, mend))
    return f"{words[0]} {words[1]}"


def is_blob(text: str) -> bool:
    """Is this the base64 of a public Ed25519 key as OpenSSH writes it (RFC 8709)?"""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    try:
        serialization.load_ssh_public_key(f"{KEY_TYPE} {text}".encode())
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True


def fingerprint_of(line: str) -> str:
    """Fingerprint of a public line, as ``ssh-keygen -l`` prints it."""
    digest = hashlib.sha256(base64.b64decode(line.split()[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode("ascii").rstrip("=")


def _locked(path: Path, found: str) -> Fault:
    problem, mend = "the private key is locked with a passphrase", f"give it in the environment as {PASSPHRASE}"
    return _fault("PE903", path, found, problem, mend)


def _unopened(path: Path, error: OSError | UnicodeDecodeError) -> Fault:
    reason = (error.strerror or "an error of the system").lower() if isinstance(error, OSError) else "no text"
    return _fault("PE901", path, reason, "the key file cannot be opened", "check the name and the rights")


def _fault(code: str, where: Path, found: str, problem: str, mend: str) -> Fault:
    return Fault(where.as_posix(), "", found, problem, mend, code)
