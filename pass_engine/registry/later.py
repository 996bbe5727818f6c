"""What ``registry.yaml`` is to hold later, refused as "not in this version"."""

from __future__ import annotations

from pass_engine.yamltext import Later

LATER = (
    Later(("registry", "country"), "one country in a field of its own", mend="write countries: [XX]"),
    Later(("registry", "coverage"), "coverage of the registry"),
    Later(("registry", "refresh"), "how often the registry is refreshed"),
    Later(
        ("source", "kind"),
        "this kind of source",
        ("mysql", "redcap", "mssql", "oracle"),
        "write files, duckdb, sqlite, postgres, omop or spark",
    ),
    Later(
        ("policy", "allow", "*"),
        "this kind of analysis",
        ("effectiveness", "persistence", "signal", "models"),
        "write incidence, comparison, survival or quality",
    ),
    Later(("decisions",), "signed decisions to take part"),
)
