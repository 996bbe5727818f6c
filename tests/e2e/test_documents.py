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


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run with curves, lock points, strata, a ratio and a sensitivity analysis."""
    network = make_network(tmp_path_factory.mktemp("documents"))
    network.edit("study/protocol.yaml", ("publish:", CURVE), ("strata:", FIRST), ("publish:", SENSITIVITY))
    network.edit("study/protocol.yaml", ("  require:", "  lock_points: [2017-12-31, 2020-12-31]\n  require:"))
    allow(network, ("aa", "bb"))
    said = network.run()
    assert (said.code, said.err) == (0, "")
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
