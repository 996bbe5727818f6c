"""A registry as it describes itself: where its data lie, how they map, what may leave."""

from pass_engine.registry.benchmarks import Benchmarks
from pass_engine.registry.facts import RegistryFacts
from pass_engine.registry.files import input_files, input_size, table_files
from pass_engine.registry.loader import LoadedRegistry, find_registries, load_registry, read_id
from pass_engine.registry.omop import omop_of, with_built_in
from pass_engine.registry.stated import stated
from pass_engine.registry.verification import VerifiedField

__all__ = [
    "Benchmarks",
    "LoadedRegistry",
    "RegistryFacts",
    "VerifiedField",
    "find_registries",
    "input_files",
    "input_size",
    "load_registry",
    "omop_of",
    "read_id",
    "stated",
    "table_files",
    "with_built_in",
]
