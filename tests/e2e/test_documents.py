"""Do the documents of a study agree with the report of its run?"""

from __future__ import annotations

import csv

import pytest

from pass_engine.documents.protocol_document import make_document
from pass_engine.documents.write import write_record_pe
from pass_engine.report import build_report
from pass_engine.report.assemble import assemble, blocks_of
from pass_engine.report.model import Table
from pass_engine.report.reading import read_run
from tests.e2e.small import make_network
from tests.e2e.test_curves import CURVE, FIRST, allow

SENSITIVITY = """\
  - id: longer
    kind: sensitivity
    of: rates
    change: {times_at_risk.treated.end.plus_days.alfa: 60}
    why: "Longer effect"
publish:"""

STATED = """\
benchmarks:
  prevalence: {persons: 60, source: "Made-up register, 2020"}
about:
  governance: {owner: "Foundation AA"}
  fit_for:
    - {study_type: safety, verdict: conditional, why: "Infections only"}
  open_actions:
    - {action: "Ask for the day of each stop", by: 2026-06-30}
"""
"""What a registry says of itself."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run with curves, lock points, strata, a ratio and a sensitivity analysis."""
    network = make_network(tmp_path_factory.mktemp("documents"))
    network.edit("study/protocol.yaml", ("publish:", CURVE), ("strata:", FIRST), ("publish:", SENSITIVITY))
    network.edit("study/protocol.yaml", ("  require:", "  lock_points: [2017-12-31, 2020-12-31]\n  require:"))
    allow(network, ("aa", "bb"))
    network.edit("registries/aa/registry.yaml", ("policy:", f"{STATED}policy:"))
    said = network.run()
    assert (said.code, said.err) == (0, "")
    assert network.command("verify", "run").code == 0
    return network


def tables_of(document, number):
    section = next(s for s in _all(document.sections) if s.number == number)
    return {block.key: block for block in blocks_of(section) if isinstance(block, Table)}


def _all(sections):
    for section in sections:
        yield section
        yield from _all(section.sections)


def heads(table):
    return [(c.group, c.label.partition("N =")[0], c.numeric) for c in table.columns]


def test_a_dossier_says_what_registries_state_and_runs_measure(made, monkeypatch) -> None:
    """From registry.yaml over the bundle, and from the data over the results and the record of a re-run."""
    monkeypatch.setattr("pass_engine.documents.write.write_pdf", lambda _, __, target: target.write_bytes(b"%PDF-"))
    told = made.command("dossier", "run", "--out", "dossier")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("Written: dossier/dossier.pdf and ")

    def table(key):
        with (made / f"dossier/tables/{key}.csv").open(encoding="utf-8", newline="") as handle:
            return list(csv.reader(handle))[1:]

    assert ["Legal entity", "AA", "Foundation AA"] in table("q-01-network")
    covered = {row[0].split()[1]: row[1:] for row in table("q-03-coverage-network")}
    persons = {row["registry"]: row for row in made.rows("participation.csv")}
    assert covered["AA"][0] == persons["aa"]["persons"]
    assert covered["AA"][3:5] == ["60", f"{int(covered['AA'][1]) / 60 * 100:.1f}"]
    assert covered["BB"][3:] == ["not known"] * 4
    assert table("q-03-figures-network") == [["AA", "Persons with the disease", "Made-up register, 2020"]]
    elements = {(row[0], row[1]): row[2:] for row in table("q-04-network")}
    assert elements["Person", "Birth date"] == ["same", "same"]
    assert elements["Person", "Sex"] == ["mapped", "mapped"]
    assert [row[4:] for row in table("q-14-network")] == [["From the bundles by pass_engine 0.1.0", "Yes"]]
    assert table("q-15-actions-aa") == [["AA", "Ask for the day of each stop", "30 June 2026", "Not known"]]


def test_every_table_of_results_was_laid_out_before(made) -> None:
    """Title, columns and, where persons are counted, lines of a shell are those of the report's table."""
    run = read_run(made / "run")
    shells = tables_of(make_document(run.protocol, ()), "A3.3")
    printed = tables_of(assemble(run), "10")
    assert len(printed) > 12
    assert {"curve-curve", "lock-points", "by-sex-1", "sensitivity", "attrition-alfa"} <= set(printed)
    for key, table in printed.items():
        if key.startswith("shell-"):  # an empty table of the format, which stands with its reason
            continue
        assert (shells[key].title, heads(shells[key])) == (table.title, heads(table)), key
    for key in ("attrition-alfa", "main-incidence", "person-time", "analysis-sets", "lock-points"):
        assert [line.cells[0].text for line in shells[key].lines] == [line.cells[0].text for line in printed[key].lines]


def test_the_checklist_of_a_report_leads_to_its_pages(made) -> None:
    build_report(made / "run")
    with write_record_pe(made / "run", made / "out").open(encoding="utf-8", newline="") as handle:
        found = {row["item"]: row for row in csv.DictReader(handle)}
    assert found["13"]["section"] == "10.1"
    assert int(found["4"]["page"]) < int(found["13"]["page"]) < int(found["17"]["page"])
