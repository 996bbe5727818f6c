"""Values that fit everything a reader of published tables knows, found by integer programming where nobody knows them.

``audit`` begins at a point that fits. Publication has one, the true numbers; who reads the published tables has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.disclose.audit import LARGE, NODES, System

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pass_engine.disclose.audit import Term

    Part = tuple[list[int], list[tuple[Term, ...]]]

BATCH = 500
"""Unknowns from which on parts are solved together."""


def with_point(system: System) -> tuple[System, list[int]]:
    """The system with a point in it, and the unknowns of parts for which none was found; those are left out.

    A part has none where its sums do not hold as published, or where it is too large to solve.
    """
    point: dict[int, int] = {}
    undecided: list[int] = []
    sums: list[tuple[Term, ...]] = []
    for batch in _batches(system):
        together = _solve(system, batch)
        for part in batch:
            numbers, own = part
            found = _solve(system, [part]) if together is None else {i: together[i] for i in numbers}
            if found is None:
                undecided += numbers
            else:
                point.update(found)
                sums += own
    unknown = {i: system.unknown[i] for i in sorted(point)}
    return System(system.known, unknown, sums, point), sorted(undecided)


def _batches(system: System) -> Iterator[list[Part]]:
    """Parts by the handful: one program for many small ones costs less than one for each."""
    batch: list[Part] = []
    for part in system.parts():
        batch.append(part)
        if sum(len(numbers) for numbers, _ in batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _solve(system: System, parts: Sequence[Part]) -> dict[int, int] | None:
    """Whole numbers within what is told of each, for which every sum is zero."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    numbers = [index for part, _ in parts for index in part]
    sums = [terms for _, own in parts for terms in own]
    place = {index: column for column, index in enumerate(numbers)}
    entries = [(row, place[i], sign) for row, terms in enumerate(sums) for i, sign in terms if i in place]
    rows, columns, signs = (np.array(part) for part in zip(*entries, strict=True))
    matrix = coo_array((signs.astype(float), (rows, columns)), shape=(len(sums), len(numbers)))  # adds what is twice
    rest = [-sum(sign * system.known[i] for i, sign in terms if i in system.known) for terms in sums]
    told = [system.unknown[i].told for i in numbers]
    result = milp(
        np.zeros(len(numbers)),
        integrality=np.ones(len(numbers)),
        bounds=Bounds([low for low, _ in told], [min(high, LARGE) for _, high in told]),
        constraints=LinearConstraint(matrix.tocsc(), rest, rest),
        options={"node_limit": NODES},
    )
    if result.x is None:
        return None
    return {index: round(float(value)) for index, value in zip(numbers, result.x, strict=True)}
