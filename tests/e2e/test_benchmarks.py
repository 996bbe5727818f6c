"""Does a figure from outside go from registry.yaml to its indicator, and does the report say where none was stated?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pass_engine.report.assemble import assemble
from pass_engine.report.reading import read_run
from tests.e2e.small import make_network, write

if TYPE_CHECKING:
    from pathlib import Path

BENCHMARKS = """\
benchmarks:
  prevalence: {persons: 10, source: "Made up, for 2020"}
  national: {file: national.csv, source: "Made up, for 2020"}
  earlier_rows: earlier.csv
policy:
"""


def test_figures_from_outside(tmp_path: Path) -> None:
    """Twelve persons, four of them women: 120 per 100 of those said to be there; nationally half are women."""
    network = make_network(tmp_path)
    network.edit("registries/aa/registry.yaml", ("policy:\n", BENCHMARKS))
    write(network / "registries/aa/national.csv", "sex,age_from,age_to,persons\nfemale,0,,50\nmale,0,,50\n")
    write(network / "registries/aa/earlier.csv", "table,rows\nperson,15\ntreatment,9\n")
    assert network.run().code == 0
    found = {(r["registry"], r["indicator"]): r for r in network.rows("indicators.csv")}
    covered = found["aa", "prevalence_covered"]
    assert (covered["numerator"], covered["denominator"], covered["value"]) == ("12", "10", "120.0")
    fewer = found["aa", "rows_fewer_than_before"]
    assert (fewer["numerator"], fewer["denominator"], fewer["value"]) == ("3", "24", "12.5")
    unlike = found["aa", "age_sex_unlike_national"]
    assert (unlike["numerator"], unlike["denominator"]) == ("400", "2400")  # |400 - 600| + |800 - 600| of 2 x 12 x 100
    assert {found["bb", name]["status"] for name in ("prevalence_covered", "age_sex_unlike_national")} == {
        "not_estimable"
    }
    report = assemble(read_run(network / "run"))
    table = next(table for table in report.tables if table.key == "quality-indicators")
    line = next(line for line in table.lines if line.cells[0].text == "Persons here per 100 of those there are")
    assert [cell.text for cell in line.cells][-2:] == ["120.0", "not stated"]
    manifest = (network / "run/manifest.json").read_text(encoding="utf-8")
    assert "national.csv" in manifest
    assert "earlier.csv" in manifest
