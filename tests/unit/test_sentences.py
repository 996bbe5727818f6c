"""Does every rule in play get its sentence, in correct English?"""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from pass_engine.protocol import load_protocol
from pass_engine.protocol.sentences import TOPICS, explain_study, say
from pass_engine.protocol.sentences.explain import NAMED
from pass_engine.protocol.sentences.words import counted, in_words, listed, ordinal, separated, some

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "tests" / "errors" / "study"
PROTOCOLS = [SMALL, *sorted(path.parent for path in (ROOT / "protocols").glob("*/protocol.yaml"))]
SLIPS = r"  |\.\.|,,| [,.;]|None|[{}]|\bplus_days\b| 1 (days|persons|years)\b"
PARTS = {
    "criterion": lambda study: [c.id for c in study.population.criteria],
    "exposure": lambda study: list(study.exposures),
    "time_at_risk": lambda study: list(study.times_at_risk),
    "outcome": lambda study: list(study.outcomes),
    "sensitivity": lambda study: [a.id for a in study.analyses if a.kind == "sensitivity"],
}


def all_sentences(study) -> dict[tuple[str, str], tuple[str, ...]]:
    told = {(topic, ""): say(study, topic) for topic in TOPICS}
    return told | {(topic, key): say(study, topic, key) for topic in NAMED for key in PARTS[topic](study)}


def said(tmp_path: Path, topic: str, key: str, *edits: tuple[str, str]) -> str:
    """What is said of the small study after some edits."""
    folder = tmp_path / "study"
    shutil.copytree(SMALL, folder)
    text = (folder / "protocol.yaml").read_text(encoding="utf-8")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "protocol.yaml").write_text(text, encoding="utf-8")
    return " ".join(say(load_protocol(folder).study, topic, key))


@pytest.mark.parametrize("folder", PROTOCOLS, ids=lambda folder: folder.name)
def test_sentences_are_well_formed(folder: Path) -> None:
    for (topic, key), told in all_sentences(load_protocol(folder).study).items():
        for text in told:
            assert re.fullmatch(r"[A-Z“].*[.]", text, re.DOTALL), (topic, key, text)
            assert not re.search(SLIPS, text), (topic, key, text)


@pytest.mark.parametrize("folder", PROTOCOLS, ids=lambda folder: folder.name)
def test_explanation_fits_a_terminal(folder: Path) -> None:
    protocol = load_protocol(folder)
    text = explain_study(protocol)
    assert max(map(len, text.splitlines())) <= 100
    assert protocol.digest in text
    for part in (*protocol.study.exposures.values(), *protocol.study.outcomes.values()):
        assert part.label in " ".join(text.split())


CASES = yaml.safe_load((Path(__file__).parent / "sentences.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"][:60])
def test_rule_has_its_sentence(case, tmp_path: Path) -> None:
    told = said(tmp_path, case["topic"], case.get("key", ""), *case.get("edit", []))
    assert case["says"] in told
    assert not re.search(SLIPS, told), told


@pytest.mark.parametrize(
    ("topic", "key", "edits", "absent"),
    [
        ("time_at_risk", "ever", [], "switch, that is"),
        ("outcome", "death", [], "serious"),
        ("exposure", "beta", [("gap_days: 30}", "gap_days: 0}")], "gap"),
        ("strata", "", [("  sex: {}\n", "")], "Sex is taken"),
        ("strata", "", [], "Time since start"),
        ("strata", "", [("  sex: {}", "  calendar: {by: year}")], "incomplete"),
        ("follow_up", "", [], "landmark"),
        ("follow_up", "", [], "has been observed for"),
        ("time_at_risk", "treated", [], "no later than"),
        ("outcome", "death", [], "cause is in"),
        ("statistics", "", [("    standardise: {to: esp2013, over: [age]}\n", "")], "standardised"),
    ],
)
def test_rule_not_in_play_is_not_told(topic, key, edits, absent, tmp_path: Path) -> None:
    assert absent not in said(tmp_path, topic, key, *edits)


def test_words() -> None:
    assert in_words(date(2015, 1, 1)) == "1 January 2015"
    assert [counted(n, "day") for n in (0, 1, 2)] == ["0 days", "1 day", "2 days"]
    assert counted(1000, "person-year") == "1,000 person-years"
    assert some(1, "registry", "registries") == "one registry"
    assert some(6, "registry", "registries") == "six registries"
    assert some(13, "cohort") == "13 cohorts"
    assert [listed(list(letters)) for letters in ("", "a", "ab", "abc")] == ["", "a", "a and b", "a, b and c"]
    assert listed(["a", "b", "c"], "or") == "a, b or c"
    assert separated(["a", "b"]) == "a; and b"
    assert [ordinal(n) for n in (2, 12, 21, 22, 33, 100)] == ["second", "twelfth", "21st", "22nd", "33rd", "100th"]
    assert [ordinal(n) for n in range(13, 15)] == ["13th", "14th"]


def test_curves_stops_and_lock_points_are_said(tmp_path: Path) -> None:
    curve = (
        "  - {id: curve, kind: survival, role: secondary, cohorts: [alfa], outcomes: {tumour: ever}, "
        "competing: [infection], measures: [survival], at_days: [365], interval: {level: 0.95}}\npublish:"
    )
    edits = ("publish:", curve), ("  require:", "  lock_points: [2019-12-31, 2020-12-31]\n  require:")
    told = said(tmp_path, "statistics", "", *edits)
    assert "The analysis curve follows persons in days from cohort entry, which is day 0, to their first event." in told
    assert "What competes, on a day at risk, is death and “Infection”." in told
    assert "data lock points 31 December 2019 and 31 December 2020, and cumulative to each" in told


def test_an_outcome_that_stops_a_time_at_risk_is_said(tmp_path: Path) -> None:
    ends = "    end: {anchor: follow_up_end}\n"
    told = said(tmp_path, "time_at_risk", "ever", (ends, f"{ends}    stop_at_outcomes: [infection]\n"))
    assert "or at the first “Infection” on or after cohort entry; that day itself is at risk." in told
