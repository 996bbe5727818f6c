"""The language of ``registry.yaml`` for other readers: JSON Schema and the page of the manual."""

from __future__ import annotations

from pass_engine.errors import Fault, SourceError
from pass_engine.registry.models import Registry
from pass_engine.yamltext.describe import json_schema
from pass_engine.yamltext.describe_text import UnknownFieldError, field_text, markdown_tables

IDENTIFIER = "urn:pass-engine:registry:1"


def schema_text() -> str:
    """JSON Schema of ``registry.yaml``."""
    return json_schema(Registry, IDENTIFIER, "pass_engine registry, version 1")


def describe_field(path: str) -> str:
    """What one field of ``registry.yaml`` means."""
    try:
        return field_text(Registry, path)
    except UnknownFieldError as unknown:
        problem = "the registry language has no field of this path"
        raise SourceError(Fault("schema", path, path, problem, unknown.mend, "PE204")) from None


def has_field(path: str) -> bool:
    """Does the path begin in ``registry.yaml`` rather than in a protocol?"""
    return path.split(".", maxsplit=1)[0] in Registry.model_fields


def registry_tables() -> str:
    """All fields of ``registry.yaml`` as Markdown tables."""
    return markdown_tables(Registry)
