"""How a registry codes a concept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from generator.concepts import code_tables
from generator.streams import pick

if TYPE_CHECKING:
    from generator.days import Array
    from generator.profiles import Profile


def code_concepts(
    profile: Profile, concept: Array, rng: np.random.Generator, system: str | None = None
) -> tuple[Array, Array]:
    """System and code of each concept, drawn by the registry's habits or all in one system."""
    habits = {system: 1.0} if system else profile.systems
    names = np.array(list(habits), dtype=object)
    chosen = pick(rng.random(len(concept)), np.array(list(habits.values())))
    variant = rng.random(len(concept))
    codes = np.empty(len(concept), dtype=object)
    tables = code_tables()
    for number, name in enumerate(names):
        table = tables[_table_name(profile, str(name))]
        rows = chosen == number
        column = (variant[rows] * table.shape[1]).astype(np.int64)
        codes[rows] = table[concept[rows], column]
    return names[chosen], codes


def _table_name(profile: Profile, system: str) -> str:
    if system != "local":
        return system
    return "local fr" if profile.id == "fr" else "local en"
