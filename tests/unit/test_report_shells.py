"""Has every table that a report is expected to have its place, in a report and in a protocol before any data?"""

from __future__ import annotations

from pathlib import Path

import pytest

from pass_engine.documents.blank import blank_run
from pass_engine.documents.shells import shell_sections
from pass_engine.protocol import load_protocol
from pass_engine.report.assemble import assemble, blocks_of
from pass_engine.report.context import Context
from pass_engine.report.model import Table
from pass_engine.report.reading import read_run
from pass_engine.report.tables.shells import SHELLS
from tests.unit.report_fixture import Plan, build_run

ROOT = Path(__file__).resolve().parents[2]
PLACES = {
    "10.1-1": ("attrition-",),
    "10.1-2": ("follow-up", "shell-censoring"),
    "10.2-1": ("baseline", "shell-differences"),
    "10.2-2": ("shell-exposure",),
    "10.2-3": ("shell-age-sex-year",),
    "10.3-1": ("outcome-data",),
    "10.3-2": ("shell-terms",),
    "10.4-1": ("main-incidence",),
    "10.4-2": ("rate-ratio", "shell-hazards"),
    "10.4-3": ("by-registry-",),
    "10.4-4": ("shell-observed-expected",),
    "10.4-5": ("shell-since-start", "shell-curves"),
    "10.5-1": ("sensitivity",),
    "10.5-2": ("by-sex-",),
    "10.6-1": ("shell-reactions",),
    "10.6-2": ("shell-lock-points",),
    "DQ-1": ("quality-completeness",),
    "DQ-2": ("quality-fault",),
    "DQ-3": ("quality-indicators",),
    "DQ-4": ("quality-indicators",),
    "DQ-5": ("representativeness",),
    "DQ-6": ("shell-verification",),
    "REP-1": ("re-run",),
}
"""Each expected table of a safety study, by its identifier, and where the report of the plain study has it."""
EFFECTIVENESS = ("PAES-1", "PAES-2", "PAES-3", "PAES-4", "PAES-5")


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    run = read_run(build_run(tmp_path_factory.mktemp("shells") / "run", Plan(registries=("cz", "dk"), strata=("sex",))))
    return [table.key for table in assemble(run).tables]


def shells_before_data(name):
    """Keys of the shells of a protocol, and what it will not fill by title."""
    ctx = Context(blank_run(load_protocol(ROOT / "protocols" / name)))
    tables = [b for s in shell_sections(ctx, "A3.3") for b in blocks_of(s) if isinstance(b, Table)]
    unfilled = next(table for table in tables if table.key == "shells-unfilled")
    reasons = {line.cells[1].text: line.cells[2].text for line in unfilled.lines}
    return [table.key for table in tables], reasons


@pytest.mark.parametrize("wanted", PLACES)
def test_every_table_of_the_list_has_its_place_in_a_report(keys, wanted) -> None:
    for start in PLACES[wanted]:
        assert any(key.startswith(start) for key in keys), start


def test_the_list_is_whole() -> None:
    assert {shell.id for shell in SHELLS} == {*PLACES, *EFFECTIVENESS}


@pytest.mark.parametrize("name", ["bmsd-pass-001", "bmsd-paes-001", "stanford-heart"])
def test_every_table_of_the_list_has_a_shell_or_a_reason_before_any_data(name) -> None:
    keys, reasons = shells_before_data(name)
    for shell in SHELLS:
        filled = bool(shell.filled) and any(key.startswith(shell.filled) for key in keys)
        elsewhere = shell.there is not None or bool(shell.only)
        assert filled + (shell.title in reasons) == 1 or elsewhere, shell.title
    assert all(reason.endswith(".") for reason in reasons.values())


def test_a_study_of_effectiveness_says_which_of_its_tables_it_lacks() -> None:
    keys, reasons = shells_before_data("bmsd-paes-001")
    assert "main-incidence" in keys
    assert {"weighted-ratio", "propensity", "balance", "cox-ratio", "regression-members"} <= set(keys)
    told = {shell.id for shell in SHELLS if shell.id in EFFECTIVENESS and shell.title in reasons}
    assert told == {"PAES-4", "PAES-5"}
    assert not set(shells_before_data("bmsd-pass-001")[1]) & {s.title for s in SHELLS if s.id in EFFECTIVENESS}
