"""Does the case listing name exactly the persons behind a printed count?"""

from __future__ import annotations

import csv
import io

import pytest
from typer.testing import CliRunner

from pass_engine.cli import app
from pass_engine.errors import MethodError
from pass_engine.protocol import load_protocol
from pass_engine.registry import load_registry
from pass_engine.run import run_study
from pass_engine.site import list_cases
from tests.e2e.demo import PROTOCOL, REGISTRIES, copy_registries

COUNTS = (("serious_infection", "on_treatment"), ("malignancy", "ever_exposed_lag365"), ("death", "on_treatment"))


def ask(outcome: str, time_at_risk: str) -> list[dict[str, str]]:
    """The listing as the command prints it."""
    words = ["cases", str(PROTOCOL), "--registry", str(REGISTRIES / "se"), "--analysis", "main", "--cohort", "platform"]
    answer = CliRunner().invoke(app, [*words, "--outcome", outcome, "--time-at-risk", time_at_risk])
    assert answer.exit_code == 0
    return list(csv.DictReader(io.StringIO(answer.stdout)))


def test_counted_rows_are_the_events_of_the_bundle(tmp_path):
    run_study(PROTOCOL, copy_registries(tmp_path / "in", ("se",)), tmp_path / "run", with_report=False)
    with (tmp_path / "run" / "bundles" / "se" / "counts.csv").open(encoding="utf-8", newline="") as file:
        bundle = {
            (r["outcome"], r["time_at_risk"]): r
            for r in csv.DictReader(file)
            if r["analysis"] == "main" and r["cohort"] == "platform" and r["stratum"] == "overall"
        }
    for key in COUNTS:
        listed = ask(*key)
        counted = [row for row in listed if row["rule"].startswith("counted")]
        assert len(counted) == int(bundle[key]["events"])
        assert len({row["person_id"] for row in counted}) == int(bundle[key]["persons_with_event"])
        assert sum(row["rule"] == "counted, the first" for row in listed) == int(bundle[key]["first_events"])
        assert len(listed) > len(counted)


def test_a_count_the_protocol_does_not_have_is_named():
    protocol, registry = load_protocol(PROTOCOL), load_registry(REGISTRIES / "se")
    with pytest.raises(MethodError) as caught:
        list_cases(registry, protocol, "main", "platform", "death", "never")
    assert "PE402" in str(caught.value)
    assert "platform/death/on_treatment" in str(caught.value)
