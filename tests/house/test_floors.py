"""Do the floors hold? import-linter keeps who imports whom; here, which outside packages a module may use."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT, Source, package_sources

OUTSIDE = {
    "cli": {"typer", "rich"},
    "commands": {"typer"},
    "document_commands": {"typer"},
    "run_options": {"typer"},
    "console": {"rich"},
    "doctor": {"typer"},
    "report_commands": {"typer"},
    "pinned_commands": {"typer"},
    "qualify": {"typer", "pandas", "yaml"},
    "network": set(),
    "run": set(),
    "answer": set(),
    "second_engine": {"pandas"},
    "site": {"pandas"},
    "unmapped": {"pandas"},
    "centre": {"pandas"},
    "data_request": {"xlsxwriter"},
    "mapping": {"pyarrow", "rapidfuzz", "rich"},
    "documents": {"pyhanko"},
    "report": {
        *(
            "jinja2",
            "markupsafe",
            "weasyprint",
            "markdown_it",
            "nh3",
            "font_source_sans_pro",
            "fontTools",
            "docx",
            "pandas",
        ),
    },
    "pool": {"pandas"},
    "estimate": {"pandas"},
    "release": set(),
    "decide": {"pandas"},
    "rounds": set(),
    "bundle": {"pandas"},
    "disclose": {"pandas", "numpy", "scipy"},
    "source": {"pandas", "psycopg", "pyarrow", "python_calamine", "pyreadstat"},
    "harmonise": {"pandas", "pyarrow", "rapidfuzz"},
    "quality": {"pandas"},
    "cohort": {"pandas"},
    "covariate": {"pandas"},
    "propensity": {"numpy", "pandas"},
    "regression": {"numpy", "pandas"},
    "exposure": {"pandas"},
    "outcome": {"pandas"},
    "at_risk": {"pandas"},
    "incidence": {"pandas"},
    "partitions": {"pandas"},
    "budget": set(),
    "engines": set(),
    "workers": {"duckdb", "pandas", "pyarrow"},
    "spark_store": {"duckdb", "pandas", "pyarrow", "pyspark"},
    "store": {"duckdb", "pandas", "pyarrow"},
    "duckdb_file": {"duckdb", "pyarrow"},
    "protocol": {"pydantic", "pydantic_core"},
    "registry": {"pydantic", "pydantic_core"},
    "tables": set(),
    "sqltext": set(),
    "dialect": {"sqlglot"},
    "sign": {"cryptography"},
    "mask": {"cryptography", "numpy"},
    "audit": set(),
    "stats": {"numpy", "scipy", "statsmodels"},
    "yamltext": {"yaml", "pydantic", "pydantic_core"},
    "errors": set(),
    "fingerprint": set(),
    "sail": set(),
    "whole": set(),
    "pin": set(),
    "pades": {"cryptography", "pyhanko", "pyhanko_certvalidator"},
    "archive": set(),
    "difference": set(),
    "worked": set(),
    "settings": set(),
    "store_recorder": {"duckdb"},
    "verify": set(),
    "terms": set(),
    "resources": set(),
    "processes": set(),
    "": set(),
}
"""The third column of the floors table in ARCHITECTURE.md, by name of import."""

PAST_THE_BORDER = (
    "disclose",
    "bundle",
    "pool",
    "estimate",
    "report",
    "documents",
    "release",
    "pin",
    "decide",
    "sign",
    "audit",
    "mask",
    "rounds",
)
SITE_ROOMS = (
    "store", "store_recorder", "duckdb_file", "fingerprint", "spark_store", "sail", "engines", "workers", "budget",
    "source", "harmonise", "quality", "cohort", "covariate", "propensity", "regression", "exposure", "outcome",
    "at_risk", "incidence",
)  # fmt: skip
"""Floors 2 and 3: what works on persons."""


def test_floors_hold() -> None:
    """import-linter's contracts of pyproject.toml."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("source", package_sources(), ids=lambda s: s.name)
def test_outside_packages_stay_in_their_rooms(source: Source) -> None:
    outside = {name.split(".")[0] for name in source.imports()} - set(sys.stdlib_module_names) - {"pass_engine"}
    assert outside <= OUTSIDE[source.module], f"{source.name} may not use {sorted(outside - OUTSIDE[source.module])}"


def test_every_outside_package_is_declared() -> None:
    """What the package imports stands under dependencies in pyproject.toml, not only with what else needs it."""
    import tomllib
    from importlib.metadata import packages_distributions

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    declared = {re.split(r"[<>=~! \[]", name, maxsplit=1)[0].lower().replace("_", "-") for name in wanted}
    declared.add("pydantic-core")  # its errors' types; pydantic pins it to one version
    known = packages_distributions()
    used = {name.split(".")[0] for s in package_sources() for name in s.imports()}
    outside = used - set(sys.stdlib_module_names) - {"pass_engine"}
    undeclared = {n for n in outside if not declared & {d.lower().replace("_", "-") for d in known.get(n, [n])}}
    assert not undeclared


def test_the_border_contract_names_every_room() -> None:
    """Both lists of the forbidden contract are complete: what lies past the border, and what it may not reach."""
    import tomllib

    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    border = next(c for c in contracts if c["id"] == "border")
    rooms = {s.module for s in package_sources()}
    past = {f"pass_engine.{m}" for m in PAST_THE_BORDER if m in rooms}
    before = {f"pass_engine.{m}" for m in SITE_ROOMS if m in rooms}
    assert past == set(border["source_modules"])
    assert before | {"duckdb", "pyspark"} == set(border["forbidden_modules"])


def test_every_floor_is_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text[text.index("## Floors") : text.index("## Numbered SQL")]
    missing = {s.module for s in package_sources() if s.module and f"`{s.module}`" not in table}
    assert not missing
