"""docs/protocol.md: every field of protocol.yaml, from its models, and what this version does not have."""

from __future__ import annotations

from pass_engine.protocol.later import LATER
from pass_engine.protocol.schema import protocol_tables

HEAD = """\
# The protocol

<!-- Made by `make docs` from pass_engine/protocol/models.py; do not edit. -->

A study is a folder: `protocol.yaml`, prose in `text/*.md`, code lists in `codelists/*.csv`.
`protocols/bmsd-pass-001/` is a whole one. `pass-engine check FOLDER` names every fault at once, with its line and
its mend; `pass-engine explain FOLDER` prints the study in plain sentences; `pass-engine schema FIELD` says what one
field means.

## How values are written

- Text needs no quotes, except where YAML would read something else: `yes`, `no`, `on`, `off`, `y`, `n`, `010`,
  `12:30`, a version such as `"1.0"`, a window such as `"[-365, 0]"`. Such values without quotes are refused, never
  guessed.
- A date is `2024-12-31`. A number is `30` or `0.95`. A list is `[a, b]`. True and false are `true` and `false`.
- Names that you choose (of exposures, times at risk, outcomes, criteria, analyses) are small letters, digits, `_`
  and `-`.
- No field may stand twice. Anchors, aliases, tags and tabs are refused.
- The digest of a protocol is made from its values, its prose and its code lists. Comments, layout and the order of
  fields do not change it; everything else does.

## Code lists

A CSV file with the columns `system`, `code`, `label`, `match`:

| system | match | code |
|---|---|---|
| `ICD-10` | `exact` | a code, as `A41.9` |
| `ICD-10` | `descendants` | a code with all below it, as `A41` |
| `ICD-10` | `range` | two codes of the same length and all between them with all below, as `A00-B99` |
| `MedDRA PT` | `exact` | the number of a preferred term; reports by a lowest level term of it count too |
| `MedDRA LLT` | `exact` | the number of a lowest level term |

An outcome from `death` may name a code list of causes of death; its codes are ICD-10, and `person.cause_of_death`
must stand under `data.require`.

## Sensitivity analyses

`change` names one value by its path, as `times_at_risk.on_treatment.end.plus_days.ocrelizumab: 90`. An item of a
list is named by its `id`, as `population.criteria.adult.at_least: 40`, or counted from 1. The value must be written
in the protocol, and the changed protocol must itself be in order. What is under `study`, `data` and `publish`
cannot be changed.

"""

TAIL = """\
## Not in this version

These are refused as "not in this version" (PE109), so that nothing is read and then not acted upon:

"""


def protocol_page() -> str:
    """The whole page."""
    return HEAD + protocol_tables() + "\n" + TAIL + "\n".join(_later()) + "\n"


def _later() -> list[str]:
    return [f"- `{'.'.join(rule.path)}`{_values(rule.values)}: {rule.what}" for rule in LATER]


def _values(values: tuple[object, ...]) -> str:
    return f" {', '.join(f'`{v}`' for v in values)}" if values else ""
