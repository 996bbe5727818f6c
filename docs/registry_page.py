"""docs/registry.md: every field of registry.yaml, from its models."""

from __future__ import annotations

from pass_engine.registry.schema import registry_tables

HEAD = """\
# The registry

<!-- Made by `make docs` from pass_engine/registry/models.py; do not edit. -->

A registry is a folder with a `registry.yaml`. The file says who the registry is, where its data lie, how they map to
the [core data model](core-data-model.md), and what may leave. It stays with the registry. `sample_data/` holds six
registries, each in a form of its own. Which files and databases can be read, and where the words that open a
database are kept, is told in [sources.md](sources.md); an OMOP common data model, in [omop.md](omop.md).

- Values are written as in a [protocol](protocol.md).
- Under `columns` a core column is given a source column (`sex: geschlecht`), or fields that say how it is read
  (`sex: {from: geschlecht, map: {w: female, m: male}}`). Source values in a `map` are taken as they are written,
  without quotes or with them; the core values `yes` and `no` need quotes (`serious: {from: s, map: {1: "yes"}}`).
- A value that has no place in the core column's code list, and a date or number that cannot be read, is counted and
  reported, never guessed.
- A map file is a CSV with the columns `source` and `core`; a terms file has `term`, `system`, `code` and `status`.
- Results of source data verification are a CSV beside it too: [quality-indicators.md](quality-indicators.md).
- A column whose name begins with `x_` is a variable of a study, beyond the core data model: [extras.md](extras.md).
- Map files, terms and dictionaries lie in the registry's folder. The data may lie elsewhere: `source.path` is
  relative to `registry.yaml`.

## The smallest registry

Three text files are enough to count adverse events and deaths under treatment. This is the whole `registry.yaml`:

```yaml
registry:
  id: mine
  name: "My registry"
  countries: [DK]
  data_cut_date: 2024-12-31
  deaths: visits
source:
  kind: files
  path: data
  tables:
    person:
      file: patients.csv
      columns:
        person_id: id
        birth_date: born
        sex: {from: gender, map: {F: female, M: male}}
        registry_entry_date: enrolled
        last_contact_date: last_seen
        death_date: died
    treatment:
      file: drugs.csv
      columns: {person_id: id, substance: drug, start_date: begun, stop_date: stopped}
    adverse_event:
      file: events.csv
      columns:
        person_id: id
        code: icd10
        onset_date: onset
        serious: {from: serious, map: {1: "yes", 0: "no"}}
      constants: {code_system: ICD-10}
policy:
  min_cell: 5
  min_persons: 10
  release: exact
  allow: [incidence, comparison, quality]
```

A run says which cohorts a registry held back because they have fewer persons than `min_persons`. Where a cohort that
should be large is held back, look first at these:

- A person is observed during the rows of `observation_period` or, where that table is not mapped, from
  `registry_entry_date` on. Without either, nobody is observed and nobody enters a cohort.
- `substance` has to be the name that the protocol writes under `substances` or in its list of substances, but for
  capitals; local names, and ATC codes where only they are recorded, are turned into it with `map` or `map_file`.
- `results/quality.csv` counts, for each column, the values that were not read or have no place in the core model, and
  the report prints them in annex 2.

"""


def registry_page() -> str:
    """The whole page."""
    return HEAD + registry_tables()
