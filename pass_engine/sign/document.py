"""A signed document: an in-toto statement in three files beside each other.

``NAME.json``       the statement (in-toto Statement v1): digests of what it is about, and what it says of it
``NAME.json.dsse``  the same statement in a DSSE envelope, signed
``NAME.json.sig``   an SSH signature of ``NAME.json``, for ``ssh-keygen -Y verify``

Sources: in-toto attestation framework, spec/v1/statement.md; DSSE protocol.md and envelope.md (PAE "DSSEv1").
One key makes both signatures. A document holds only when all three files say the same, byte by byte.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.errors import Fault, TrustError
from pass_engine.sign.keys import fingerprint_of, public_line
from pass_engine.sign.sshsig import key_in, sign_ssh, verify_ed25519, verify_ssh
from pass_engine.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from pass_engine.sign.trust import Entry, TrustFile

STATEMENT = "https://in-toto.io/Statement/v1"
PAYLOAD = "application/vnd.in-toto+json"
SUFFIXES = ("", ".dsse", ".sig")
"""Endings of the three files after ``NAME.json``."""
AGAIN = "ask for it again, whole, with its .dsse and .sig"


@dataclass(frozen=True)
class Statement:
    """What is signed: the digest (SHA-256) of each thing by its name, and what is said of them."""

    namespace: str
    subjects: Mapping[str, str]
    predicate: Mapping[str, Any]

    def text(self) -> str:
        """Canonical JSON of the statement; the predicate's type follows from the namespace."""
        subjects = [{"name": name, "digest": {"sha256": self.subjects[name]}} for name in sorted(self.subjects)]
        content = {
            "_type": STATEMENT,
            "subject": subjects,
            "predicateType": _type_of(self.namespace),
            "predicate": dict(self.predicate),
        }
        return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Signature:
    """A signed statement that holds: who signed it, with which key, and on which day by their own account."""

    statement: Statement
    signer: str
    key: str
    signed_on: dt.date
    digest: str


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_signed(path: Path, statement: Statement, signer: str, key: Ed25519PrivateKey, day: dt.date) -> str:
    """Sign a statement and write its three files; gives back the digest of the statement.

    ``signer`` is the name the trust file has the key under, ``day`` the day of signing; both become part of
    what is said.
    """
    said = {**statement.predicate, "signer": signer, "signed_on": day.isoformat()}
    payload = Statement(statement.namespace, statement.subjects, said).text().encode()
    line = public_line(key)
    files = {
        "": payload.decode(),
        ".dsse": _envelope(payload, fingerprint_of(line), key.sign(_pae(payload))),
        ".sig": sign_ssh(key, base64.b64decode(line.split()[1]), statement.namespace, payload),
    }
    write_whole({path.with_name(path.name + suffix): text for suffix, text in reversed(files.items())})
    return hashlib.sha256(payload).hexdigest()


def read_signed(path: Path, namespace: str, trust: TrustFile, signer: str | None = None) -> Signature:
    """Read a signed document and hold it against the trust file.

    ``signer`` is who must have signed it; without it anyone whom the trust file lets sign in this namespace may. Raises
    TrustError: PE905 a file missing or of another form, PE906 the signatures are not those of the statement, PE907 a
    key that the trust file does not have for this, PE908 a key that did not count on the day of signing.
    """
    texts = _read_files(path)
    payload = texts[""]
    statement = _parse(path, payload, namespace)
    said_by, day = _said(path, statement)
    blob = key_in(texts[".sig"].decode("utf-8", "replace"))
    if blob is None or len(blob) < 32:  # noqa: PLR2004 - a raw Ed25519 key
        raise TrustError(_fault("PE905", path, ".sig of another form", "a signed document has three files", AGAIN))
    key = "ssh-ed25519 " + base64.b64encode(blob).decode("ascii")
    good = verify_ssh(texts[".sig"].decode("utf-8", "replace"), blob, namespace, payload)
    if not good or not _envelope_holds(texts[".dsse"], payload, key, blob):
        problem = "the statement and its signatures do not belong together: something was changed"
        raise TrustError(_fault("PE906", path, "another content", problem, AGAIN))
    _check_trust(path, trust.find(key, namespace), key, said_by, signer, day)
    return Signature(statement, said_by, key, day, hashlib.sha256(payload).hexdigest())


def check_trusted(
    key: Ed25519PrivateKey, trust: TrustFile, namespace: str, signer: str, day: dt.date, where: Path
) -> None:
    """Would a signature that a private key makes on a day hold? Raises TrustError (PE907, PE908) before it is made."""
    line = public_line(key)
    _check_trust(where, trust.find(line, namespace), line, signer, signer, day)


def _check_trust(
    path: Path, entries: tuple[Entry, ...], key: str, said_by: str, signer: str | None, day: dt.date
) -> None:
    named = [e for e in entries if e.name == said_by and signer in (None, said_by)]
    if not named:
        found = f"{said_by}, key {fingerprint_of(key)}"
        wanted = f" of {signer}" if signer else ""
        problem = f"the trust file has no such key{wanted} for this kind of document"
        mend = "ask its owner by another way which key is theirs, then pass-engine keys trust"
        raise TrustError(_fault("PE907", path, found, problem, mend))
    if not any(e.holds_on(day) for e in named):
        first, last = named[0].valid_after, named[0].valid_before
        spans = " ".join([*([f"from {first}"] if first else []), *([f"to before {last}"] if last else [])])
        problem = f"the key counts {spans}, and the signature says another day"
        raise TrustError(
            _fault("PE908", path, f"signed on {day}", problem, "have it signed anew with a key that counts")
        )


def _read_files(path: Path) -> dict[str, bytes]:
    texts, faults = {}, []
    for suffix in SUFFIXES:
        file = path.with_name(path.name + suffix)
        if file.is_file():
            texts[suffix] = file.read_bytes()
        else:
            faults.append(_fault("PE905", file, "no file", "a signed document has three files", AGAIN))
    if faults:
        raise TrustError(*faults)
    return texts


def _parse(path: Path, payload: bytes, namespace: str) -> Statement:
    """The statement of a payload; it must be spelt as :meth:`Statement.text` spells it."""
    try:
        content = json.loads(payload)
        subjects = {s["name"]: s["digest"]["sha256"] for s in content["subject"]}
        statement = Statement(namespace, subjects, content["predicate"])
        same = statement.text().encode() == payload
    except (ValueError, KeyError, TypeError):
        same = False
    if not same:
        problem = f"a statement of the type {_type_of(namespace)} is needed"
        raise TrustError(_fault("PE905", path, "another content", problem, AGAIN))
    return statement


def _said(path: Path, statement: Statement) -> tuple[str, dt.date]:
    try:
        return str(statement.predicate["signer"]), dt.date.fromisoformat(statement.predicate["signed_on"])
    except (KeyError, ValueError, TypeError):
        problem = "the statement does not say by whom and on which day it was signed"
        raise TrustError(_fault("PE905", path, "another content", problem, AGAIN)) from None


def _envelope_holds(text: bytes, payload: bytes, key: str, blob: bytes) -> bool:
    """Is the envelope exactly that of the payload, signed by the key?"""
    try:
        signature = base64.b64decode(json.loads(text)["signatures"][0]["sig"], validate=True)
    except (ValueError, KeyError, IndexError, TypeError):
        return False
    same = text == _envelope(payload, fingerprint_of(key), signature).encode()
    return same and verify_ed25519(blob, signature, _pae(payload))


def _envelope(payload: bytes, keyid: str, signature: bytes) -> str:
    content = {
        "payload": base64.b64encode(payload).decode("ascii"),
        "payloadType": PAYLOAD,
        "signatures": [{"keyid": keyid, "sig": base64.b64encode(signature).decode("ascii")}],
    }
    return json.dumps(content, indent=2, sort_keys=True) + "\n"


def _pae(payload: bytes) -> bytes:
    """Pre-authentication encoding: what a DSSE signature is over."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD), PAYLOAD.encode(), len(payload), payload)


def _type_of(namespace: str) -> str:
    return f"urn:{namespace}:1"


def _fault(code: str, where: Path, found: str, problem: str, mend: str) -> Fault:
    return Fault(where.as_posix(), "", found, problem, mend, code)
