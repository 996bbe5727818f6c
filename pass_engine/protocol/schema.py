"""The protocol language for other readers: JSON Schema, one field in words, and the page of the manual."""

from __future__ import annotations

from pass_engine.errors import Fault, ProtocolError
from pass_engine.protocol.models import Study
from pass_engine.protocol.numbers import Wrong
from pass_engine.yamltext.describe import json_schema
from pass_engine.yamltext.describe_text import UnknownFieldError, field_text, markdown_tables

IDENTIFIER = "urn:pass-engine:protocol:1"


def schema_text() -> str:
    """JSON Schema of ``protocol.yaml``."""
    return json_schema(Study, IDENTIFIER, "pass_engine protocol, version 1")


def describe_field(path: str) -> str:
    """What one field of ``protocol.yaml`` means; names chosen by the author may be in the path or not."""
    try:
        return field_text(Study, path)
    except UnknownFieldError as unknown:
        problem = "the protocol language has no field of this path"
        raise ProtocolError(
            Fault("schema", path, path, problem, unknown.mend, f"PE1{Wrong.UNKNOWN_FIELD:02d}")
        ) from None


def protocol_tables() -> str:
    """All fields of ``protocol.yaml`` as Markdown tables."""
    return markdown_tables(Study)
