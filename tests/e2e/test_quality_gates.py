"""What follows where a registry's data do not keep a quality gate, from the protocol to the report?"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest

from pass_engine.report.assemble import assemble, texts_of
from pass_engine.report.reading import read_run
from tests.e2e.small import MARK, Network, make_network

if TYPE_CHECKING:
    from pathlib import Path

ONSET = '    - {{indicator: event_onset_known, at_least: 95, action: {action}{more}, why: "Events need an onset"}}\n'
REASON = "quality gate 1: Adverse event: onset known, at least 95%"


def network(folder: Path, *gates: str) -> Network:
    """Registry bb lacks the onset of 2 of its 12 events (83.3% known); aa has all."""
    made = make_network(folder)
    made.edit("study/protocol.yaml", ("publish:\n", "quality:\n  gates:\n" + "".join(gates) + "publish:\n"))
    lines = (made / "registries/bb/data/events.csv").read_text(encoding="utf-8").splitlines()
    lines[1:3] = [line.rsplit(",", 1)[0] + "," for line in lines[1:3]]
    (made / "registries/bb/data/events.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return made


def gate(action: str, more: str = "") -> str:
    return ONSET.format(action=action, more=more)


def bundle(made: Network, registry: str, table: str) -> list[dict[str, str]]:
    with (made / f"run/bundles/{registry}/{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def verdicts(made: Network) -> list[tuple[str, str]]:
    return [(row["registry"], row["verdict"]) for row in made.rows("quality_gates.csv")]


def incidence(made: Network, registry: str) -> list[dict[str, str]]:
    return [row for row in made.rows("incidence.csv") if row["registry"] == registry]


def report_text(made: Network) -> str:
    return "\n".join(texts_of(assemble(read_run(made / "run"))))


def test_a_flag_changes_no_number(tmp_path: Path) -> None:
    plain = network(tmp_path / "plain")
    flagged = network(tmp_path / "flagged", gate("flag"))
    assert flagged.run().code == 0
    assert verdicts(flagged) == [("aa", "kept"), ("bb", "not kept")]
    plain.edit("study/protocol.yaml", ("quality:\n  gates:\n", ""))
    assert plain.run().code == 0
    for name in ("incidence.csv", "comparison.csv", "attrition.csv", "participation.csv", "indicators.csv"):
        assert flagged.rows(name) == plain.rows(name)


def test_an_analysis_is_left_and_everywhere_it_shows(tmp_path: Path) -> None:
    made = network(tmp_path, gate("exclude_analysis", ", analyses: [ratio]"))
    told = made.run()
    assert told.code == 0
    assert f"Held back by bb: analysis ratio, {REASON}." in told.out
    assert {row["analysis"] for row in bundle(made, "bb", "counts")} == {"rates"}
    assert bundle(made, "bb", "arm_overlap") == []
    assert {row["analysis"] for row in bundle(made, "aa", "counts")} == {"rates", "ratio"}
    withheld = json.loads((made / "run/bundles/bb/manifest.json").read_text(encoding="utf-8"))["withheld"]
    assert {w["reason"] for w in withheld if w["analysis"] == "ratio"} == {REASON}
    ratio = {row["registry"]: row for row in made.rows("comparison.csv")}
    assert (ratio["bb"]["status"], ratio["bb"]["note"], ratio["bb"]["estimate"]) == ("withheld", REASON, "")
    assert ratio["pooled"]["registries"] == "aa"
    assert {row["registries"] for row in incidence(made, "pooled")} == {"aa;bb"}
    text = report_text(made)
    assert "BB (excluded by a quality gate)" in text
    assert "BB does not keep gate 1." in text
    assert "registry excluded from ratio" in text


def test_a_registry_is_left_and_its_quality_is_still_told(tmp_path: Path) -> None:
    made = network(tmp_path, gate("exclude_registry"))
    told = made.run()
    assert told.code == 0
    assert "1 of 2 invited registries took part." in told.out
    for table in ("counts", "arm_overlap", "attrition", "baseline"):
        assert bundle(made, "bb", table) == []
    participation = {row["registry"]: row for row in made.rows("participation.csv")}
    assert (participation["bb"]["status"], participation["bb"]["reason"]) == ("excluded", REASON)
    assert participation["bb"]["persons"] == ""
    numbers = ("persons", "events", "person_days", "rate")
    alone = [tuple(row[c] for c in numbers) for row in incidence(made, "aa")]
    assert [tuple(row[c] for c in numbers) for row in incidence(made, "pooled")] == alone
    assert {(row["status"], row["note"]) for row in incidence(made, "bb")} == {("withheld", REASON)}
    (onset,) = [
        r for r in made.rows("indicators.csv") if (r["registry"], r["indicator"]) == ("bb", "event_onset_known")
    ]
    assert (onset["numerator"], onset["denominator"], onset["verdict"]) == ("10", "12", "not kept")
    assert float(onset["value"]) == pytest.approx(1000 / 12)
    text = report_text(made)
    assert "Registry BB was excluded by a quality gate" in text
    assert "Quality profile: Registry BB" in text
    assert "BB (excluded)" in text


def test_the_study_stops(tmp_path: Path) -> None:
    made = network(tmp_path, gate("stop"))
    told = made.run()
    assert (told.code, told.out) == (13, "")
    assert told.err == (
        "PE404 registry bb  quality.gates.1\n"
        "  found    event_onset_known: 83.3%\n"
        "  problem  the protocol stops the study unless it is at least 95% (Events need an onset)\n"
        "  mend     Ask the reporters; a report without an onset is not counted\n"
    )
    assert made.left() == []


def test_a_stop_on_a_small_count_names_no_value(tmp_path: Path) -> None:
    made = network(tmp_path, gate("stop"))
    made.edit("registries/bb/registry.yaml", ("min_cell: 2", "min_cell: 3"))
    assert "found    event_onset_known: a value that small counts keep back\n" in made.run().err


def test_nothing_to_test_does_nothing(tmp_path: Path) -> None:
    made = network(tmp_path, '    - {indicator: edss_known, at_least: 50, action: exclude_registry, why: "EDSS"}\n')
    assert made.run().code == 0
    assert verdicts(made) == [("aa", "nothing to test"), ("bb", "nothing to test")]
    assert {row["status"] for row in made.rows("participation.csv")} == {"took part"}


@pytest.mark.parametrize(("limit", "verdict"), [("83.3", "kept"), ("83.4", "not kept")])
def test_one_variable(tmp_path: Path, limit: str, verdict: str) -> None:
    made = network(
        tmp_path,
        f"    - {{indicator: variable_complete, variable: adverse_event.onset_date, at_least: {limit}, action: flag, "
        'why: "Onset"}\n',
    )
    assert made.run().code == 0
    assert verdicts(made) == [("aa", "kept"), ("bb", verdict)]


def test_a_limit_reached_exactly_is_kept(tmp_path: Path) -> None:
    """No row is sent twice and every sex is known: 0% and 100%, which are the limits."""
    made = network(
        tmp_path,
        '    - {indicator: duplicate_rows, at_most: 0, action: stop, why: "Copies"}\n',
        '    - {indicator: sex_known, at_least: 100, action: stop, why: "Sex"}\n',
    )
    assert made.run().code == 0
    assert {verdict for _, verdict in verdicts(made)} == {"kept"}


def test_a_registry_that_keeps_its_quality_to_itself_sends_the_decision_alone(tmp_path: Path) -> None:
    made = network(tmp_path, gate("exclude_registry"))
    made.edit("registries/bb/registry.yaml", ("comparison, quality]", "comparison]"))
    assert made.run().code == 0
    for table in ("quality", "indicator", "completeness_year", "verification"):
        assert bundle(made, "bb", table) == []
    (decision,) = bundle(made, "bb", "quality_gate")
    assert decision["verdict"] == "not kept"
    assert not any(MARK in value for value in decision.values())


def test_a_sensitivity_analysis_goes_with_its_own(tmp_path: Path) -> None:
    made = network(tmp_path, gate("exclude_analysis", ", analyses: [rates]"))
    longer = (
        "  - id: longer\n    kind: sensitivity\n    of: rates\n"
        '    change: {exposures.alfa.gap_days: 20}\n    why: "Gaps"\n'
    )
    made.edit("study/protocol.yaml", ("quality:\n  gates:\n", f"{longer}quality:\n  gates:\n"))
    assert made.run().code == 0, made.run().err
    assert {row["analysis"] for row in bundle(made, "bb", "counts")} == {"ratio"}
    assert {r["analysis"] for r in incidence(made, "bb") if r["note"] == REASON} == {"rates", "longer"}


def test_verified_fields_come_with_an_exact_interval(tmp_path: Path) -> None:
    """0 of 150: the upper limit is 1 - 0.025^(1/150); 15 of 150 as binom.test of R has it (5.7057, 15.9568)."""
    made = network(tmp_path, gate("flag"))
    made.edit("registries/aa/registry.yaml", ("policy:\n", "source_data_verification: sdv.csv\npolicy:\n"))
    (made / "registries/aa/sdv.csv").write_text(
        "table,column,checked,errors\nperson,sex,150,0\nadverse_event,onset_date,150,15\n", encoding="utf-8"
    )
    assert made.run().code == 0
    rows = {row["column_name"]: row for row in made.rows("verification.csv")}
    assert float(rows["sex"]["low"]) == 0
    assert float(rows["sex"]["high"]) == pytest.approx(100 * (1 - 0.025 ** (1 / 150)))
    assert float(rows["onset_date"]["percent"]) == 10
    assert float(rows["onset_date"]["low"]) == pytest.approx(5.7057, abs=5e-4)
    assert float(rows["onset_date"]["high"]) == pytest.approx(15.9568, abs=5e-4)
    total = next(r for r in made.rows("indicators.csv") if r["indicator"] == "verification_errors")
    assert (total["numerator"], total["denominator"], total["value"]) == ("15", "300", "5.0")
    assert "\nAdverse event: onset date\n150\n15\n10.0\n5.7–16.0\n" in report_text(made)
