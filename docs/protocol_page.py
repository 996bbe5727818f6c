"""docs/protocol.md: every field of protocol.yaml, from its models, and what this version does not have."""

from __future__ import annotations

from pass_engine.protocol.later import LATER
from pass_engine.protocol.schema import protocol_tables

HEAD = """\
# The protocol

<!-- Made by `make docs` from pass_engine/protocol/models.py; do not edit. -->

A study is a folder: `protocol.yaml`, prose in `text/*.md`, code lists in `codelists/*.csv`, weights and reference
rates in `standards/*.csv`.
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
- The digest of a protocol is made from its values, its prose, and its CSV files. Comments, layout, the order of
  fields and how a number is written do not change it; everything else does.

## Code lists

A CSV file with the columns `system`, `code`, `label`, `match`:

| system | match | code |
|---|---|---|
| `ICD-10` | `exact` | a code, as `A41.9` |
| `ICD-10` | `descendants` | a code with all below it, as `A41` |
| `ICD-10` | `range` | two codes of the same length and all between them with all below, as `A00-B99` |
| `MedDRA PT` | `exact` | the number of a preferred term; reports by a lowest level term of it count too |
| `MedDRA LLT` | `exact` | the number of a lowest level term |
| `MedDRA HLT`, `MedDRA HLGT`, `MedDRA SOC` | `any` | the number of a group: all terms under it, on any path |
| `MedDRA HLT`, `MedDRA HLGT`, `MedDRA SOC` | `primary` | the same, but only terms under it on their primary path |
| `MedDRA SMQ` | `narrow`, `broad` | the number of a query: terms of its narrow scope, or of both; with queries below |
| `local` | `exact` | a term as a registry writes it, letter for letter |
| `OMOP` | `exact` | the number of a concept ([omop.md](omop.md)) |
| `OMOP` | `descendants` | the number of a concept, with all below it in CONCEPT_ANCESTOR |

A registry's own mapping of local terms goes first: one that it gives a code counts by that code. A row with `local`
finds the terms that it gives none, and the same letters mean the same in every registry of the study. The report
counts such terms as without a code all the same.

An outcome from `death` may name a code list of causes of death; its codes are ICD-10, and `person.cause_of_death`
must stand under `data.require`.

## Substances by ATC code

An exposure names its substances, as registries write them, or their ATC codes. A code may be of any level: `L04AA`
stands for every substance under it. `data.substance_list` names the file that says which those are, a CSV file with
the columns `system` (`ATC`), `code` and `substance`:

```
system,code,substance
ATC,L04AG08,ocrelizumab
ATC,L04AA36,ocrelizumab
ATC,L04AG12,ofatumumab
```

```yaml
data:
  substance_list: codelists/substances.csv
exposures:
  anti_cd20: {label: "Anti-CD20", atc: [L04AG08, L04AG12], gap_days: 270, gap_time: as_extension}
```

The list belongs to the protocol and to its digest, since the index of ATC codes changes: a substance whose code has
changed has a row for each. Registries are counted by substance alone, whatever code their rows have; one that records
codes only turns them into substances in its own `registry.yaml` (`substance: {from: code, map_file: maps/atc.csv}`).
A code that the list does not have is refused, and `pass-engine explain` prints the substances found.

## Weights

A standard population of your own (`standardise.to: standards/town.csv`) is a CSV file with the columns `age_from`,
`age_to`, `weight` and, where it tells the sexes apart, `sex` (`female` or `male`). Ages are completed years and both
belong to the band; bands follow each other without a gap, and `age_to` of the last one is empty. Weights are numbers
from 0 in any unit: they are rescaled to 1 over the bands of the study.

```
age_from,age_to,weight
0,39,52.5
40,64,31
65,,16.5
```

`study_population` needs no file: for each outcome and time at risk a cell has the weight of its days at risk, all
cohorts of the analysis together, in the pool. Its margin must be among those shown, so that its weights can be
checked, and so that they are withheld where one of its cells is. All weights are in `results/standard_weights.csv`.

## Reference rates

`reference: {rates: standards/population.csv, by: [age, sex, calendar]}` gives the measure `sir`: first events observed
over first events expected. The file has the columns `rate_per` (person-years) and `rate`, and those of `by`: `age_from`
and `age_to`, `sex`, `year_from` and `year_to`. A study cell must lie within one row: age bands of the study may be
narrower than those of the file, not wider. A file that lacks a band, sex or year of the study is refused; person-time
of unknown age or sex makes the ratio not estimable. The rates used are in `results/reference_rates.csv`.

```
age_from,age_to,sex,year_from,year_to,rate_per,rate
0,49,female,2015,2024,100000,12.5
50,,female,2015,2024,100000,310
0,49,male,2015,2024,100000,15
50,,male,2015,2024,100000,402.1
```

## States, and days under two exposures

```yaml
exposures:
  old: {label: "Old", substances: [alfa], gap_days: 30, gap_time: as_extension}
  new: {label: "New", substances: [beta], gap_days: 30, gap_time: as_extension}
  never: {label: "Never yet old", not_yet: old}
  past: {label: "Past old", past: old, after_days: 30}
  handover: {label: "New after old", overlap_of: [old, new]}
```

`never`, `old` and `past` share out the days of a person between them: before the first era, the eras, and the time
after each. A state is entered with its first stretch that begins in the period of entry; one that began earlier is no
entry. `after_days` is the extension of the time at risk, so that no day is both current and past.

`handover` is shown over a time at risk with `overlap: own_category`. There a day under the windows of two exposures is
in neither, but in the category of the two, the one that began earlier first: `[old, new]` and `[new, old]` are two
categories. Days and events of the exposures and of all categories add up to those under at least one. Members of a
category entered both cohorts. `same_day: [old, new]` says who is taken to have begun first where both begin on one
day; without it such days are a combination, nobody's.

A switch is declared under `switch_to`, never under `stop_at`; it may name a past state. `prior_observation_days` lets
follow-up begin when a person has been observed so long; a criterion on observation asks for it at entry.

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
