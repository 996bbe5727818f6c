"""Ratios of registries brought together, E-values and detectable ratios: by hand, and in print."""

from __future__ import annotations

from math import exp, log, sqrt

import pytest

from pass_engine.estimate import frame_of, index_rows, second_stage_rows, unmeasured_rows
from pass_engine.estimate.index import INDEX, INDEX_COLUMNS
from pass_engine.report.assemble import assemble
from pass_engine.report.lint import check_report, check_results
from pass_engine.report.reading import COLUMNS, read_run
from tests.made_bundles import small_protocol
from tests.unit.report_fixture import _write, build_run

Z = 1.959963984540054
ASKED = {"two_stage": ("reml", "fixed", "likelihood"), "e_value": True, "power": 0.8}


def row(registry, n1, t1, n2, t2, **more):
    made = {
        "analysis": "ratio", "role": "secondary", "registry": registry, "outcome": "cancer",
        "time_at_risk": "on_treatment", "target": "new_drug", "comparator": "old_drug", "counting": "first",
        "measure": "rate_ratio", "adjusted_for": "", "status": "shown",
        "target_events": n1, "target_person_days": t1, "comparator_events": n2,
        "comparator_person_days": t2, "persons_in_both": 0, "interval_level": 0.95, "registries": registry,
    }  # fmt: skip
    if n1 and n2:
        ratio, factor = (n1 / t1) / (n2 / t2), exp(Z * sqrt(1 / n1 + 1 / n2))
        made |= {"estimate": ratio, "low": ratio / factor, "high": ratio * factor}
    else:
        made |= {"status": "not_estimable", "note": "no event in the comparator"}
    return made | more


def stage(*rows, **asked):
    protocol = small_protocol(ratio=ASKED | asked)
    return list(second_stage_rows(frame_of("comparison", rows), protocol))


def find(rows, model, without=""):
    (only,) = (r for r in rows if (r["model"], r["without"]) == (model, without))
    return only


def test_two_registries_have_a_fixed_effect_by_hand():
    """Ratios 2 and 1 of (20, 20) and (40, 40) events: variances 0.1 and 0.05, mean log 10 ln 2 / 30."""
    rows = stage(row("aa", 20, 100, 20, 200), row("bb", 40, 100, 40, 100), row("pooled", 60, 200, 60, 300))
    for model in ("reml", "fixed"):
        got = find(rows, model)
        assert got["estimate"] == pytest.approx(exp(log(2) / 3))
        assert got["high"] / got["estimate"] == pytest.approx(exp(Z / sqrt(30)))
        assert (got["method"], got["registries"], got["tau2"]) == ("fixed effect", "aa;bb", None)
        assert got["q"] == pytest.approx(log(2) ** 2 * 200 / 30)
    assert [r["without"] for r in rows] == ["", "", ""]  # of two, what remains is the other's own ratio


def test_a_registry_without_events_in_one_arm_adds_to_the_likelihood_alone():
    """Of aa and bb alone the likelihood is that of one registry with their sums, times being in proportion."""
    both = row("aa", 5, 100, 5, 100), row("bb", 10, 200, 5, 200)
    alone = find(stage(*both), "likelihood")
    assert alone["estimate"] == pytest.approx(1.5, rel=1e-6)
    got = stage(*both, row("cc", 4, 100, 0, 100))
    assert find(got, "likelihood")["registries"] == "aa;bb;cc"
    assert find(got, "likelihood")["estimate"] == pytest.approx(1.9, rel=1e-6)  # 19 against 10 events in equal times
    assert (find(got, "fixed")["registries"], find(got, "fixed")["left_out"]) == ("aa;bb", "cc")


def test_the_first_model_is_made_without_each_in_turn():
    rows = stage(*(row(name, n, 100, 20, 100) for name, n in (("aa", 20), ("bb", 30), ("cc", 50))))
    assert [r["without"] for r in rows if r["model"] == "reml"] == ["", "aa", "bb", "cc"]
    assert [r["without"] for r in rows if r["model"] != "reml"] == ["", ""]
    weights = 1 / (1 / 20 + 1 / 20), 1 / (1 / 30 + 1 / 20)
    wanted = exp(weights[1] * log(1.5) / sum(weights))
    assert find(rows, "reml", "cc")["estimate"] == pytest.approx(wanted)
    assert find(rows, "reml")["tau2"] > 0
    assert find(rows, "reml")["prediction_high"] > find(rows, "reml")["high"]


def test_persons_in_both_arms_keep_their_robust_variance_and_have_no_likelihood():
    wide = {"persons_in_both": 12, "low": exp(-Z * 0.5), "high": exp(Z * 0.5), "robust_low": exp(-Z * 0.5),
            "robust_high": exp(Z * 0.5)}  # fmt: skip
    rows = stage(row("aa", 20, 100, 20, 100, **wide), row("bb", 20, 100, 40, 100, persons_in_both=None))
    second = 1 / 20 + 1 / 40
    wanted = exp((log(0.5) / second) / (1 / 0.25 + 1 / second))
    assert find(rows, "fixed")["estimate"] == pytest.approx(wanted)
    assert find(rows, "likelihood")["status"] == "not_estimable"
    assert find(rows, "likelihood")["note"].startswith("persons in both arms")


def test_withheld_and_masked_registries_are_not_in_it():
    hidden = row(
        "bb", 3, 100, 30, 100, status="withheld", **dict.fromkeys(("estimate", "low", "high", "target_events"))
    )
    rows = stage(row("aa", 20, 100, 20, 100), hidden, row("masked", 900, 100, 900, 100), row("cc", 20, 100, 40, 100))
    assert (find(rows, "fixed")["registries"], find(rows, "fixed")["left_out"]) == ("aa;cc", "bb")
    assert find(rows, "likelihood")["registries"] == "aa;cc"


def test_one_registry_only_is_told():
    rows = stage(row("aa", 20, 100, 20, 100), row("pooled", 20, 100, 20, 100))
    assert {r["status"] for r in rows} == {"not_estimable"}
    assert {r["note"] for r in rows} == {"one registry only: nothing to pool"}
    assert not stage(row("aa", 20, 100, 20, 100), two_stage=())


def test_no_event_in_an_arm_anywhere_is_told():
    rows = stage(row("aa", 4, 100, 0, 100), row("bb", 3, 100, 0, 100))
    assert find(rows, "likelihood")["note"] == "no event in an arm"
    assert find(rows, "reml")["note"] == "fewer than two registries show a ratio"


def test_e_values_and_detectable_ratio_by_hand():
    """Ratio 2 of (50, 50) events, a third of the time: E-value 2 + sqrt 2; exp(2.8016 / sqrt(100 * 2/9))."""
    frame = frame_of("comparison", [row("aa", 50, 100, 50, 200), row("bb", 4, 10, 0, 10)])
    first, second = unmeasured_rows(frame, small_protocol(ratio=ASKED))
    assert first["e_value"] == pytest.approx(2 + sqrt(2))
    low = 2 / exp(Z * sqrt(1 / 25))
    assert first["e_value_limit"] == pytest.approx(low + sqrt(low * (low - 1)))
    assert first["detectable_ratio"] == pytest.approx(exp(2.801585218 / sqrt(100 * 2 / 9)), rel=1e-8)
    assert (second.get("e_value"), second["status"]) == (None, "not_estimable")
    assert second["detectable_ratio"] == pytest.approx(exp(2.801585218), rel=1e-8)
    assert not list(unmeasured_rows(frame, small_protocol(ratio={})))


def test_a_withheld_ratio_has_neither():
    hidden = row(
        "aa", 3, 100, 30, 100, status="withheld", **dict.fromkeys(("estimate", "low", "high", "target_events"))
    )
    (only,) = unmeasured_rows(frame_of("comparison", [hidden]), small_protocol(ratio=ASKED))
    assert [only.get(c) for c in ("e_value", "e_value_limit", "detectable_ratio")] == [None, None, None]


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """A run whose protocol asks for all of it, read and assembled."""
    folder = build_run(tmp_path_factory.mktemp("run") / "run")
    protocol = folder / "protocol" / "protocol.yaml"
    text = protocol.read_text(encoding="utf-8")
    label = 'label: "Serious infection"'
    text = text.replace(label, f"{label}\n    negative_control: Neither treatment acts on it.")
    place = text.index("kind: comparison")
    asked = "two_stage: [reml, fixed, likelihood]\n    e_value: true\n    power: 0.8\n    "
    protocol.write_text(text[:place] + asked + text[place:], encoding="utf-8")
    before = read_run(folder)
    rows = [dict(r.values) for r in before.results["comparison.csv"]]
    numbers = {"estimate", "low", "high", "interval_level", *(c for c in rows[0] if c.endswith(("_events", "_days")))}
    typed = [{k: (float(v) if v else None) if k in numbers else v for k, v in r.items()} for r in rows]
    typed = [{**r, "persons_in_both": 37, "per": None, "robust_low": None, "robust_high": None} for r in typed]
    frame = frame_of("comparison", typed)
    made = {"second_stage": list(second_stage_rows(frame, before.protocol)),
            "unmeasured": list(unmeasured_rows(frame, before.protocol))}  # fmt: skip
    for name, content in made.items():
        _write(folder / "results" / f"{name}.csv", COLUMNS[f"{name}.csv"], content)
    tables = {name.removesuffix(".csv"): [r.values for r in content] for name, content in before.results.items()} | made
    registries = dict.fromkeys(before.contributors, "0" * 64)
    _write(folder / "results" / INDEX, tuple(INDEX_COLUMNS), list(index_rows(tables, registries)))
    run = read_run(folder)
    check_results(run)
    report = assemble(run)
    check_report(report, run)
    return report


def test_the_report_prints_them(printed):
    tables = {t.key: t for t in printed.tables}
    stage_lines = [line.cells[0].text for line in tables["second-stage"].lines]
    assert stage_lines[0].startswith("Serious infection: Ocrelizumab against ")
    assert stage_lines[1] == "Random effects (REML)"
    assert "Random effects (REML), without CZ" in stage_lines
    assert stage_lines[-2:] == ["Fixed effect", "Likelihoods added"]
    assert "Hartung and Knapp with a factor of at least 1" in tables["second-stage"].notes[0]
    assert any(
        "persons in both arms: the conditional likelihood supposes" in note for note in tables["second-stage"].notes
    )
    pooled = tables["unmeasured"].lines[-1]
    assert (pooled.role, pooled.cells[0].text) == ("total", "Pooled")
    assert all(cell.source.startswith("R-") for cell in pooled.cells[1:])


def test_negative_controls_have_a_table(printed):
    table = {t.key: t for t in printed.tables}["negative-controls"]
    (line,) = table.lines
    assert [line.cells[i].text for i in (0, 1)] == ["Serious infection", "crude"]
    assert line.cells[2].source.startswith("R-")
    low, high = (float(part) for part in line.cells[3].text.strip("()").split("–"))
    assert line.cells[4].text == ("yes" if low <= 1 <= high else "no")
    assert table.notes[0].endswith("Serious infection: Neither treatment acts on it.")


def test_the_report_draws_them(printed):
    (figure,) = [f for f in printed.figures if f.key.startswith("forest-ratio")]
    assert figure.svg.count("<polygon") >= 2
    assert "Random effects (REML)" in figure.svg
