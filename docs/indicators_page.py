"""docs/quality-indicators.md: every quality indicator, from its declaration."""

from __future__ import annotations

from pass_engine.tables.indicators import DIMENSIONS, UNIT_WORDS, VARIABLE_COMPLETE, Indicator, indicators

HEAD = """\
# Quality indicators

<!-- Made by `make docs` from pass_engine/tables/indicators.csv; do not edit. -->

In every run each registry's data are measured by the indicators below, before anything is counted. The counts are made
by the [SQL files 8xx](sql.md): whole numbers, divided once at the end. They are in `results/indicators.csv`, and in the
report side by side and on one page a registry (Annex 2). Dimensions are those of the EMA Data Quality Framework
(EMA/326985/2023). The limits are defaults proposed by this engine, to be replaced by a study's own.

- An indicator about a table that a registry does not supply has nothing to count over, and is not estimable.
- **Small counts.** Numerators, what is left of their denominator, and denominators from 1 to k − 1 are shown as `<k` or
  withheld, and the value with them. Beside it `results/completeness_by_year.csv` has the missing values of every mapped
  variable by calendar year; its small counts are protected in the same way, sums over years included.
- Treatments, doses and events stand in the units of the [core data model](core-data-model.md). Seen means a visit or a
  last contact. Alive at the cut means no death up to the data cut.

## Figures from outside

Three indicators need a figure that no registry has in its own tables. It is stated in `registry.yaml`, with its source:

```yaml
benchmarks:
  prevalence: {persons: 13500, source: "National patient register, persons alive on 31 December 2023"}
  national: {file: national.csv, source: "The same, by sex and age"}
  earlier_rows: earlier.csv
```

- `prevalence`: persons with the disease where the registry collects, at the data cut. It gives `prevalence_covered`;
  more than 100 says that the figure and the registry do not mean the same persons.
- `national`: a CSV with the columns `sex` (female, male), `age_from`, `age_to` (may be empty) and `persons`. It gives
  `age_sex_unlike_national`: the share of either that would have to be in another group for the two to be alike.
- `earlier_rows`: a CSV with the columns `table` and `rows` of the earlier extract, as its `registry check` told them.
  It gives `rows_fewer_than_before`; a table that grew does not make up for one that shrank.

Without the figure the indicator has nothing to count over, and the report says "not stated". The files stay in the
registry; what leaves is the indicator, in whole numbers, and the source of each figure. Ages are completed years at
the data cut, of persons alive.
A column that is gone since the earlier extract stops the mapping (PE223); how counts of closed periods changed is
told by `pass-engine compare` ([over-time.md](over-time.md)).

**Days from onset to entry.** Mean, quartiles and 90th percentile are indicators of their own. A quantile is the least
number of days that so many of the reports do not exceed. In `results/indicators.csv` it stands times the reports, so
that the division gives it back. The median needs 10 reports, the quartiles 20, the 90th percentile 50: no fewer than
five lie on either side. The days under observation have quartiles in the same way, of the persons who have any: the
median needs 10 persons, the quartiles 20.

**Two sources of one fact.** `fatal_without_death` and `fatal_and_death_agree` hold fatal reports against dates of
death, `serious_contradiction` the flag against the criteria. Data checks count events told by several sources.

## Gates

A study may set limits of its own and say what follows where a registry does not keep one:

```yaml
quality:
  gates:
    - {indicator: event_onset_known, at_least: 90, action: flag, why: "Events without an onset are not counted"}
    - indicator: variable_complete
      variable: adverse_event.serious
      at_least: 80
      action: exclude_analysis
      analyses: [infection-ratio]
      why: "The outcome needs seriousness"
    - {indicator: duplicate_rows, at_most: 5, action: exclude_registry, why: "The extract is at fault"}
```

| action | what follows where the limit is not kept |
|---|---|
| `flag` | the report says so |
| `exclude_analysis` | the registry's counts for these analyses, and for sensitivity analyses of them, stay with it |
| `exclude_registry` | nothing of the registry is counted; its quality counts and the decision alone leave it |
| `stop` | the run ends with an error; no report is made |

A gate is decided at the registry, on its whole numbers. The decision travels in the bundle (`quality_gate.csv`), is
in `results/quality_gates.csv` and `participation.csv`, and is told in the report: in the table of gates, in the notes
under every table that the registry is missing from, and in `results/` beside each withheld row. A limit reached
exactly is kept. Where there is nothing to count over the gate says `nothing to test` and does nothing: ask for the
variable under `data.require` if it must be there. A decision tells on which side of a limit a registry lies, also
where the value is withheld; choose limits that tell nothing about one or two persons.

## Source data verification

A registry that held fields against source documents may name the result in `registry.yaml`
(`source_data_verification: verification.csv`), a CSV with one row a column:

```
table,column,checked,errors
adverse_event,onset_date,150,4
person,birth_date,150,0
```

`checked` counts the fields compared, `errors` those that differed. The report shows the error rate with its exact
interval (Clopper and Pearson, Biometrika 1934;26:404-13); all columns together are the indicator
`verification_errors`. Counts only: which person's field was wrong stays in the registry's own records.
"""

COLUMNS = "| indicator | counts | over | limit | if it is not kept |\n|---|---|---|---|---|"


def indicators_page() -> str:
    """The whole page: one table a dimension."""
    parts = [HEAD]
    for dimension, meaning in DIMENSIONS.items():
        rows = [_row(i) for i in indicators().values() if i.dimension == dimension and i.id != VARIABLE_COMPLETE]
        parts.append(f"## {dimension.capitalize()}\n\nThat is {meaning}.\n\n" + "\n".join([COLUMNS, *rows]) + "\n")
    gate = indicators()[VARIABLE_COMPLETE]
    parts.append(
        f"## For gates alone\n\n`{gate.id}` is the completeness of one variable, named by `variable`: "
        f"{gate.numerator}, over {gate.denominator}, in percent.\n"
    )
    return "\n".join(parts)


def _row(declared: Indicator) -> str:
    sign = "≥" if declared.direction == "at_least" else "≤"
    limit = f"{sign} {declared.limit}{UNIT_WORDS[declared.unit]}"
    return (
        f"| `{declared.id}`<br>{declared.label} | {declared.numerator} | {declared.denominator} | {limit} "
        f"| {declared.remedy} |"
    )
