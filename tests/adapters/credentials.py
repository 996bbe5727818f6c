"""A certificate authority, a server certificate for loopback, and a P-384 key pair for each node."""

from __future__ import annotations

import datetime as dt
import ipaddress
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def write_credentials(folder: Path, nodes: Iterable[str]) -> None:
    """``ca.crt``, ``server.crt``, ``server.key``, and ``NAME.key`` with ``NAME.pub``."""
    folder.mkdir()
    ca_key, key = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP384R1())
    ca = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    server = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))])
    constraint = x509.BasicConstraints(ca=True, path_length=None)
    (folder / "ca.crt").write_bytes(_certificate(ca, ca, ca_key, ca_key, constraint, critical=True))
    (folder / "server.crt").write_bytes(_certificate(server, ca, key, ca_key, names, critical=False))
    _write_key(folder / "server.key", key)
    for name in nodes:
        own = ec.generate_private_key(ec.SECP384R1())
        _write_key(folder / f"{name}.key", own, serialization.PrivateFormat.OpenSSH)
        (folder / f"{name}.pub").write_bytes(
            own.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
        )


def _certificate(subject, issuer, key, signer, extension, *, critical):
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(extension, critical=critical)
        .sign(signer, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


def _write_key(path, key, form=serialization.PrivateFormat.PKCS8):
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    path.chmod(0o600)
