"""The digest of a protocol: one function that release, lock, bundle and report all use."""

from __future__ import annotations

import hashlib
from dataclasses import astuple
from typing import TYPE_CHECKING

from pass_engine.yamltext import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pass_engine.protocol.codes import Code


def protocol_digest(value: object, prose: Mapping[str, str], code_lists: Mapping[str, tuple[Code, ...]]) -> str:
    """SHA-256 (64 hex) of the parsed values of a protocol, its prose and its code lists.

    Comments, layout and the order of keys do not matter; any value does. Code lists are sets of rows.
    """
    content = {
        "protocol": value,
        "prose": {key: text.replace("\r\n", "\n") for key, text in prose.items()},
        "code_lists": {path: sorted(astuple(code) for code in codes) for path, codes in code_lists.items()},
    }
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()
