"""Pooling of the registries' counts."""

from pass_engine.pool.pool import pool_bundles

__all__ = ["pool_bundles"]
