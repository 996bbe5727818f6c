"""docs/registry.md: every field of registry.yaml, from its models."""

from __future__ import annotations

from pass_engine.registry.schema import registry_tables

HEAD = """\
# The registry

<!-- Made by `make docs` from pass_engine/registry/models.py; do not edit. -->

A registry is a folder with a `registry.yaml`. The file says who the registry is, where its data lie, how they map
to the [core data model](core-data-model.md), and what may leave. It stays with the registry.
`sample_data/` holds six registries, each in a form of its own.

- Values are written as in a [protocol](protocol.md).
- Under `columns` a core column is given a source column (`sex: geschlecht`), or fields that say how it is read
  (`sex: {from: geschlecht, map: {w: female, m: male}}`). The names in a `map` are taken as they are written,
  without quotes or with them.
- A value that has no place in the core column's code list, and a date or number that cannot be read, is counted and
  reported, never guessed.
- A map file is a CSV with the columns `source` and `core`; a terms file has `term`, `system`, `code` and `status`.
- Map files, terms and dictionaries lie in the registry's folder. The data may lie elsewhere: `source.path` is
  relative to `registry.yaml`.

"""


def registry_page() -> str:
    """The whole page."""
    return HEAD + registry_tables()
