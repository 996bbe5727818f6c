"""The language of ``registry.yaml`` for other readers: JSON Schema and the page of the manual."""

from __future__ import annotations

from pass_engine.registry.models import Registry
from pass_engine.yamltext.describe import json_schema
from pass_engine.yamltext.describe_text import markdown_tables

IDENTIFIER = "urn:pass-engine:registry:1"


def schema_text() -> str:
    """JSON Schema of ``registry.yaml``."""
    return json_schema(Registry, IDENTIFIER, "pass_engine registry, version 1")


def registry_tables() -> str:
    """All fields of ``registry.yaml`` as Markdown tables."""
    return markdown_tables(Registry)
