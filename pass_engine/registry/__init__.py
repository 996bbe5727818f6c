"""A registry as it describes itself: where its data lie, how they map, what may leave."""

from pass_engine.registry.loader import LoadedRegistry, find_registries, load_registry

__all__ = ["LoadedRegistry", "find_registries", "load_registry"]
