"""Does a signed report hold, and is every byte that was changed seen?"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.e2e.small import Network, make_network

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network, its run, and the run's report signed."""
    network = make_network(tmp_path_factory.mktemp("signed"))
    assert network.run(report=True).code == 0
    assert network.command("keys", "init", "key").code == 0
    told = network.command("sign-report", "run", "--key", "key")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("Signed by Common Name: SHA256:")
    return network.root


@pytest.fixture
def network(sound: Path, tmp_path: Path) -> Network:
    shutil.copytree(sound, tmp_path / "n")
    return Network(tmp_path / "n")


def verified(network: Network):
    return network.command("verify", "run", "--without-report")


def test_the_unsigned_bytes_come_first_and_stand_in_the_sums(network) -> None:
    unsigned, signed = (network / "run/report.pdf").read_bytes(), (network / "run/report.signed.pdf").read_bytes()
    assert signed.startswith(unsigned)
    sums = (network / "run/SHA256SUMS").read_text(encoding="utf-8")
    assert "report.pdf" in sums
    assert "report.signed.pdf" not in sums
    told = verified(network)
    assert (told.code, told.err) == (0, "")
    assert "signed report            identical, 1 files (the signature holds, by Common Name: SHA256:" in told.out


@pytest.mark.skipif(shutil.which("qpdf") is None, reason="qpdf is not installed")
def test_qpdf_finds_no_fault(network) -> None:
    subprocess.run(["qpdf", "--check", network / "run/report.signed.pdf"], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("place", "found"),
    [
        (lambda _unsigned, _signed: 5000, "other bytes than those of report.pdf"),
        (lambda unsigned, _signed: unsigned + 60, None),
        (lambda _unsigned, signed: signed - 20, None),
    ],
    ids=["in the report", "in what was added", "at the end"],
)
def test_one_flipped_byte_is_seen(network, place, found) -> None:
    file = network / "run/report.signed.pdf"
    content = bytearray(file.read_bytes())
    content[place((network / "run/report.pdf").stat().st_size, len(content))] ^= 1
    file.write_bytes(bytes(content))
    told = verified(network)
    assert told.code == 16
    assert "First difference: signed report" in told.out
    assert "likely cause: PE941 " in told.err
    if found:
        assert found in told.err


def test_bytes_added_after_signing_are_seen(network) -> None:
    with (network / "run/report.signed.pdf").open("ab") as handle:
        handle.write(b"\n% more\n")
    told = verified(network)
    assert told.code == 16
    assert "PE941" in told.err


def test_a_new_run_may_take_the_place(network) -> None:
    assert network.run().code == 0
    assert not (network / "run/report.signed.pdf").exists()


def test_a_report_that_is_no_pdf(network) -> None:
    assert network.run().code == 0  # with a stand-in for the report
    told = network.command("sign-report", "run", "--key", "key")
    assert told.code == 18
    assert told.err == (
        "PE940 run/report.pdf\n"
        "  found    another content than a PDF\n"
        "  problem  the report cannot be signed\n"
        "  mend     make the report again: pass-engine report RUN\n"
    )


def test_a_file_that_is_no_pkcs12(network) -> None:
    (network / "key.p12").write_bytes(b"nothing")
    told = network.command("sign-report", "run", "--key", "key.p12")
    assert told.code == 18
    assert told.err == (
        "PE942 key.p12\n"
        "  found    another content, or another passphrase\n"
        "  problem  this is no PKCS #12 file that can be used\n"
        "  mend     give its passphrase as PASS_ENGINE_PASSPHRASE\n"
    )


def test_a_certificate_of_an_authority_signs(network) -> None:
    """RSA in a PKCS #12 file with a passphrase, as an authority hands it out; made by OpenSSL."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    for words in (
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=Sponsor",
        "pkcs12 -export -inkey key.pem -in cert.pem -out key.p12 -passout pass:secret",
    ):
        subprocess.run(["openssl", *words.split()], cwd=network.root, check=True, capture_output=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PASS_ENGINE_PASSPHRASE", "wrong")
        assert network.command("sign-report", "run", "--key", "key.p12").err.startswith("PE942 key.p12\n")
        patch.setenv("PASS_ENGINE_PASSPHRASE", "secret")
        told = network.command("sign-report", "run", "--key", "key.p12")
    assert (told.code, told.err) == (0, "")
    assert told.out == "Signed by Common Name: Sponsor: run/report.signed.pdf\n"
    told = verified(network)
    assert told.code == 0
    assert "(the signature holds, by Common Name: Sponsor)" in told.out
    file = network / "run/report.signed.pdf"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    assert "likely cause: PE941 " in verified(network).err
