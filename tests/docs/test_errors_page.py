"""Is every error code that the package raises documented, and every documented one raised?"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.house.sources import package_sources

ROOT = Path(__file__).resolve().parents[2]
FIRST_OF_PROTOCOL = 10
"""Numbers below are faults of any YAML file, raised by ``yamltext``."""


@pytest.fixture(scope="module")
def errors_page():
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        import errors_page
    finally:
        sys.path.pop(0)
    return errors_page


def raised_codes() -> set[str]:
    """Codes written out in the package, outside docstrings; numbers of protocol faults are checked by name."""
    return {code for source in package_sources() for code in re.findall(r"[\"'](PE[1-9]\d\d)[\"']", source.text)}


def test_every_raised_code_is_documented(errors_page) -> None:
    assert raised_codes() <= set(errors_page.meanings())


def test_every_documented_code_is_raised(errors_page) -> None:
    assert set(errors_page.OTHERS) <= raised_codes()


def test_every_fault_of_a_protocol_is_used() -> None:
    """Numbers of protocol faults that nothing raises any more are taken out."""
    from pass_engine.protocol.numbers import MEANINGS, Wrong

    text = "\n".join(s.text for s in package_sources() if s.name != "protocol/numbers.py")
    unused = [w.name for w in Wrong if w >= FIRST_OF_PROTOCOL and f"Wrong.{w.name}" not in text]
    assert not unused
    assert set(MEANINGS) == set(Wrong)
