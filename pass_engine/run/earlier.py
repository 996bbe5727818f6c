"""What left registries that suppress in runs before, for a run that is held against them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.bundle import read_bundle
from pass_engine.run.pooling import BUNDLES
from pass_engine.terms import SUPPRESSED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pass_engine.disclose.suppress import BorderTables


def left_before(earlier: Sequence[Path], registry: str) -> list[BorderTables]:
    """Tables of a registry's bundles in earlier runs in which it suppressed.

    Where it released exact counts nobody but the centre had them: publication holds those runs against each other.
    """
    places = (run / BUNDLES / registry for run in earlier)
    contents = [read_bundle(place) for place in places if place.is_dir()]
    return [c.tables for c in contents if c.registry["policy"]["release"] == SUPPRESSED]
