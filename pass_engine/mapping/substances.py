"""The substances by which a study knows its exposures, held against those a registry has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pass_engine.mapping.findings import SubstanceCheck
from pass_engine.mapping.guess import likeness

if TYPE_CHECKING:
    from pass_engine.protocol import Protocol
    from pass_engine.store import Store

LIKE: Final = 75
"""A name this like another (0 to 100) may be the same substance in other words."""
OTHERS: Final = 12
COUNTED: Final = (
    "SELECT 'treatment' AS table_name, substance, count(*) AS row_count, count(DISTINCT person_id) AS persons "
    "FROM treatment GROUP BY substance UNION ALL "
    "SELECT 'administration' AS table_name, substance, count(*) AS row_count, count(DISTINCT person_id) AS persons "
    "FROM administration GROUP BY substance"
)


def check_substances(
    store: Store, protocol: Protocol, least: int
) -> tuple[tuple[SubstanceCheck, ...], tuple[str, ...]]:
    """Every substance of the study, and the other substances that at least ``least`` persons have, by frequency."""
    counts = {(table, name): (int(n), int(persons)) for table, name, n, persons in store.fetch(COUNTED)}
    asked = [
        (name, exposure.label, exposure.from_)
        for exposure in protocol.study.exposures.values()
        for name in exposure.substances or ()
    ]
    named = {(table, name) for name, _, table in asked}
    # Which table a substance of the study is in matters: doses alone make no episode of treatment, and the other way.
    others = sorted(
        ((persons, name, table) for (table, name), (_, persons) in counts.items()
         if persons >= least and (table, name) not in named),
        key=lambda other: (-other[0], other[1], other[2]),
    )  # fmt: skip
    checked = []
    for name, label, table in asked:
        rows, persons = counts.get((table, name), (0, 0))
        like = [f"{n} (in {t})" for _, n, t in others if likeness(n, [name])[0] >= LIKE]
        checked.append(SubstanceCheck(name, label, table, rows, persons, () if rows else tuple(like[:3])))
    return tuple(checked), tuple(f"{name} (in {table})" for _, name, table in others[:OTHERS])
