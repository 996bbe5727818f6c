"""The digest of a protocol: one function that release, lock, bundle and report all use."""

from __future__ import annotations

import hashlib
from dataclasses import astuple
from types import MappingProxyType
from typing import TYPE_CHECKING

from pass_engine.yamltext import canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pass_engine.protocol.codes import Code
    from pass_engine.protocol.loader import Protocol
    from pass_engine.protocol.reference import ReferenceRates
    from pass_engine.protocol.substances import CodedSubstance
    from pass_engine.stats import Standard


def protocol_digest(
    value: object,
    prose: Mapping[str, str],
    code_lists: Mapping[str, tuple[Code, ...]],
    standards: Mapping[str, Standard] = MappingProxyType({}),
    references: Mapping[str, ReferenceRates] = MappingProxyType({}),
    substances: Mapping[str, tuple[CodedSubstance, ...]] = MappingProxyType({}),
) -> str:
    """SHA-256 (64 hex) of the parsed values of a protocol, its prose, code lists, substances, weights and rates.

    Comments, layout and the order of keys do not matter; any value does. Files are sets of rows, and a number
    is the same however it is written.
    """
    content = {
        "protocol": value,
        "prose": {key: text.replace("\r\n", "\n") for key, text in prose.items()},
        "code_lists": {path: sorted(astuple(code) for code in codes) for path, codes in code_lists.items()},
        "standards": {path: _weights(standard) for path, standard in standards.items()},
        "references": {path: [_texts(astuple(row)) for row in rates.rows] for path, rates in references.items()},
    }
    if substances:  # without a list a protocol keeps the digest it had before there were any
        content["substances"] = {path: sorted(astuple(row) for row in rows) for path, rows in substances.items()}
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def digests_of(protocol: Protocol) -> dict[str, dict[str, str]]:
    """What the digest of a protocol is made of, apart: ``parts`` (``outcomes.death``) and ``files`` beside it."""
    parts = {
        f"{section}.{key}" if isinstance(content, dict) else section: value
        for section, content in protocol.values.items()
        for key, value in (content.items() if isinstance(content, dict) else [("", content)])
    }
    files = {
        **protocol.prose,
        **{path: sorted(astuple(code) for code in codes) for path, codes in protocol.code_lists.items()},
        **{path: sorted(astuple(row) for row in rows) for path, rows in protocol.substances.items()},
        **{path: _weights(standard) for path, standard in protocol.standards.items()},
        **{path: [_texts(astuple(row)) for row in rates.rows] for path, rates in protocol.references.items()},
    }
    return {"parts": _digests(parts), "files": _digests(files)}


def _digests(values: Mapping[str, object]) -> dict[str, str]:
    return {name: hashlib.sha256(canonical_json(value).encode()).hexdigest() for name, value in sorted(values.items())}


def _weights(standard: Standard) -> object:
    return {
        sex: [_texts(pair) for pair in zip(standard.starts, own, strict=True)] for sex, own in standard.weights.items()
    }


def _texts(values: Iterable[object]) -> list[str]:
    return [str(value) for value in values]
