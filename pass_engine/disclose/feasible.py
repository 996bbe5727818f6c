"""Values that fit everything a reader of published tables knows, found by integer programming where nobody knows them.

``audit`` begins at a point that fits. Publication has one, the true numbers; who reads the published tables has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.disclose.audit import LARGE, NODES, System

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pass_engine.disclose.audit import Term


def with_point(system: System) -> tuple[System, list[int]]:
    """The system with a point in it, and the unknowns of parts for which none was found; those are left out.

    A part has none where its sums do not hold as published, or where it is too large to solve.
    """
    point: dict[int, int] = {}
    undecided: list[int] = []
    sums: list[tuple[Term, ...]] = []
    for numbers, own in system.parts():
        found = _solve(system, numbers, own)
        if found is None:
            undecided += numbers
        else:
            point.update(found)
            sums += own
    unknown = {i: system.unknown[i] for i in point}
    return System(system.known, unknown, sums, point), sorted(undecided)


def _solve(system: System, numbers: Sequence[int], sums: Sequence[tuple[Term, ...]]) -> dict[int, int] | None:
    """Whole numbers within what is told of each, for which every sum is zero."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

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
