"""A PDF signed beside the unsigned one: PAdES, as an addition to its bytes, and the check of both.

The signed file begins with the very bytes of the unsigned one, whose digest the run holds; the signature covers the
whole file and allows no change. A key of ``keys init`` (Ed25519) signs with a certificate made for it alone, which says
whose key it is by its fingerprint and is vouched for by nobody: compare the fingerprint with the trust file. A
PKCS #12 file brings the certificate of an authority.

Sources: ETSI EN 319 142-1 (PAdES), RFC 8419 (Ed25519 in CMS, with SHA-512).
"""

from __future__ import annotations

import io
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pass_engine.errors import Fault, TrustError
from pass_engine.sign import fingerprint_of, load_key, public_line
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.x509 import Certificate
    from pyhanko.sign.signers import SimpleSigner

    from pass_engine.sign.keys import PrivateKey

FIELD: Final = "Signature"
PKCS12: Final = (".p12", ".pfx")
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""When a certificate made for a key counts: always (RFC 5280, 4.1.2.5); since when a key counts says the trust file."""


def sign_pdf(unsigned: Path, signed: Path, key: Path, passphrase: str = "") -> str:
    """Write ``signed``: the bytes of ``unsigned`` with a signature after them; gives back who signed.

    ``key``: a private key of ``keys init``, or a PKCS #12 file (.p12, .pfx) with its certificate. Raises TrustError.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, sign_pdf

    signer = _signer(key, passphrase)
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha512",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    half = signed.with_name(f".{signed.name}.part")
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(unsigned.read_bytes()))
        half.write_bytes(sign_pdf(writer, metadata, signer=signer).getvalue())
        half.replace(signed)
    except OSError as error:
        found = (error.strerror or "an error of the system").lower()
        problem, mend = "the signed report cannot be written", "check the run, the rights and the space on the disk"
        raise TrustError(_fault("PE940", signed, found, problem, mend)) from error
    except PdfError as error:
        problem, mend = "the report cannot be signed", "make the report again: pass-engine report RUN"
        raise TrustError(_fault("PE940", unsigned, "another content than a PDF", problem, mend)) from error
    finally:
        half.unlink(missing_ok=True)
    return check_signed(unsigned, signed)


def check_signed(unsigned: Path, signed: Path) -> str:
    """Does the signature hold over the whole file, and is what it signs the unsigned one? Gives back who signed.

    Raises TrustError (PE941) where not. Who may sign is not decided here.
    """
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    content = signed.read_bytes()
    if not content.startswith(unsigned.read_bytes()):
        raise TrustError(_changed(signed, f"other bytes than those of {unsigned.name}"))
    try:
        signatures = PdfFileReader(io.BytesIO(content)).embedded_signatures
        if len(signatures) != 1:
            raise TrustError(_changed(signed, f"{len(signatures)} signatures, where there is one"))
        itself = ValidationContext(trust_roots=[signatures[0].signer_cert], allow_fetching=False)
        status = validate_pdf_signature(signatures[0], itself)
    except (PdfError, SignatureValidationError, ValueError, TypeError, KeyError, zlib.error) as error:
        raise TrustError(_changed(signed, "a signature that cannot be read")) from error
    if status.coverage != SignatureCoverageLevel.ENTIRE_FILE:
        raise TrustError(_changed(signed, "bytes that the signature does not cover"))
    if not (status.intact and status.valid):
        raise TrustError(_changed(signed, "a signature that does not hold"))
    return str(status.signing_cert.subject.human_friendly)


def _signer(key: Path, passphrase: str) -> SimpleSigner:
    from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
    from pyhanko.sign.signers import SimpleSigner

    if key.suffix.lower() in PKCS12:
        try:
            content = key.read_bytes()
        except OSError as error:
            found = (error.strerror or "an error of the system").lower()
            raise TrustError(_unusable(key, found)) from error
        try:
            signer: SimpleSigner | None = SimpleSigner.load_pkcs12_data(content, (), passphrase.encode() or None)
        except ValueError as error:
            raise TrustError(_unusable(key, "another content, or another passphrase")) from error
    else:
        private = load_key(key, passphrase)
        content = pkcs12.serialize_key_and_certificates(None, private, _certificate(private), None, NoEncryption())
        signer = SimpleSigner.load_pkcs12_data(content, ())
    if signer is None:
        raise TrustError(_unusable(key, "no key with its certificate"))
    return signer


def _certificate(key: PrivateKey) -> Certificate:
    """A certificate of a key for itself, the same for the same key: its name is the key's fingerprint."""
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, fingerprint_of(public_line(key)))])
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, FIRST, LAST)
    return builder.add_extension(usage, critical=True).sign(key, None)


def _unusable(key: Path, found: str) -> Fault:
    problem, mend = "this is no PKCS #12 file that can be used", "give its passphrase as PASS_ENGINE_PASSPHRASE"
    return _fault("PE942", key, found, problem, mend)


def _changed(signed: Path, found: str) -> Fault:
    problem = "the signed report is not the one that was signed, or not that of this run"
    return _fault("PE941", signed, found, problem, "take it back from a copy, or sign the report again")


def _fault(code: str, where: Path, found: str, problem: str, mend: str) -> Fault:
    return Fault(shown_name(where), "", found, problem, mend, code)
