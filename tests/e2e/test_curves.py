"""Do curves and counts by lock point come through a whole run, from the protocol to the report?"""

from __future__ import annotations

import pytest

from pass_engine.report.assemble import assemble
from pass_engine.report.lint import check_report, check_results
from pass_engine.report.reading import read_run
from tests.e2e.small import make_network

CURVE = """\
  - id: curve
    kind: survival
    role: secondary
    cohorts: [alfa, beta]
    outcomes: {first: treated}
    measures: [survival, cumulative_incidence]
    at_days: [50, 150, 400]
    interval: {level: 0.95}
publish:"""
FIRST = """\
  first:
    label: "First infection"
    from: adverse_event
    codes: codelists/infection.csv
    counting: first
strata:"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    network = make_network(tmp_path_factory.mktemp("curves"))
    network.edit(
        "study/protocol.yaml", ("publish:", CURVE), ("strata:", FIRST),
        ("  require:", "  lock_points: [2017-12-31, 2020-12-31]\n  require:"),
    )  # fmt: skip
    return network


def allow(network, names):
    for name in names:
        network.edit(f"registries/{name}/registry.yaml", ("comparison, quality", "comparison, survival, quality"))


def test_nothing_leaves_without_the_registries_leave(made):
    said = made.run()
    assert (said.code, said.err) == (0, "")
    assert "Held back by aa, bb: analysis curve, not allowed by the registry.\n" in said.out
    rows = made.rows("survival.csv")
    assert {(r["registry"], r["status"]) for r in rows} == {
        ("aa", "withheld"), ("bb", "withheld"), ("pooled", "not_estimable"),
    }  # fmt: skip
    assert (made / "run/bundles/aa/life_table.csv").read_text(encoding="utf-8").count("\n") == 1


def test_a_run_with_curves_and_lock_points(made):
    """Each registry has 6 persons on alfa; the infection of the 100th day after the start is that of 3 of the 6.

    Even numbers are on alfa, and every fourth person (0, 4, 8) has another diagnosis: 2, 6 and 10 have the event.
    """
    allow(made, ("aa", "bb"))
    assert made.run().code == 0
    found = {
        (r["registry"], r["point"], r["day"]): r
        for r in made.rows("survival.csv")
        if r["cohort"] == "alfa" and r["measure"] == "survival"
    }
    at_50, at_150 = found["pooled", "table", "50"], found["pooled", "table", "150"]
    assert [at_50[c] for c in ("at_risk", "events", "estimate")] == ["12", "0", "1.0"]
    assert [at_150[c] for c in ("at_risk", "events", "estimate")] == ["6", "6", "0.5"]
    assert found["aa", "table", "150"]["events"] == "3"
    locks = {
        (r["registry"], r["span"], r["lock_point"]): r for r in made.rows("lock_points.csv") if r["cohort"] == "alfa"
    }
    whole = next(
        r for r in made.rows("incidence.csv")
        if (r["registry"], r["cohort"], r["measure"], r["stratum"]) == ("pooled", "alfa", "eaer", "overall")
    )  # fmt: skip
    last = locks["pooled", "cumulative", "2020-12-31"]
    assert (last["events"], last["person_days"]) == (whole["events"], whole["person_days"])


def test_the_report_shows_them(made):
    run = read_run(made / "run")
    check_results(run)
    report = assemble(run)
    check_report(report, run)
    table = next(t for t in report.tables if t.key == "curve-curve")
    assert table.title == "Survival and cumulative incidence by time since cohort entry, pooled"
    lines = [[cell.text for cell in line.cells] for line in table.lines]
    assert ["All, with persons", "12", "6", "0", "", "", "", ""] in lines
    assert any(line[:5] == ["150", "6", "6", "0", "50.00"] for line in lines)
    assert [f.key for f in report.figures if f.key.startswith("curve")] == [
        "curve-curve-first-treated-survival", "curve-curve-first-treated-cumulative-incidence",
    ]  # fmt: skip
    assert any(t.key == "lock-points" and t.number.startswith("10.6") for t in report.tables)
