"""Random streams: one for each registry, table and block of persons, so that a changed table moves no other."""

from __future__ import annotations

import hashlib

import numpy as np

SEED = 20260901
"""Seed of the committed data."""

BLOCK = 100_000
"""Persons drawn at a time; a block has streams of its own, which keeps memory bounded."""


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """The generator of random numbers named so, the same on every machine and in every process."""
    digest = hashlib.sha256("/".join(str(n) for n in names).encode()).digest()
    words = np.frombuffer(digest, dtype="<u4")
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=tuple(int(w) for w in words)))


def pick(uniform: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Index drawn by weight for each uniform number; weights are one row for all, or a row for each."""
    steps = np.cumsum(np.atleast_2d(weights), axis=1, dtype=float)
    steps /= steps[:, -1:]
    return np.minimum((uniform[:, None] >= steps).sum(axis=1), steps.shape[1] - 1)
