"""Does a sound protocol load as it is written, with its files and scenarios?"""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from pass_engine.errors import ProtocolError
from pass_engine.protocol import Code, age_labels, canonical_order, load_protocol, margin_name, normalise_code
from pass_engine.protocol.scenarios import find_path, with_change
from pass_engine.protocol.schema import describe_field, schema_text
from pass_engine.protocol.windows import Window, read_window, sound_window
from pass_engine.yamltext.describe import all_fields

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "tests" / "errors" / "study"
PROTOCOLS = sorted(path.parent for path in (ROOT / "protocols").glob("*/protocol.yaml"))


@pytest.fixture(scope="module")
def small():
    return load_protocol(SMALL)


@pytest.mark.parametrize("folder", PROTOCOLS, ids=lambda folder: folder.name)
def test_every_protocol_of_the_package_loads(folder: Path) -> None:
    protocol = load_protocol(folder)
    assert protocol.study.study.id == folder.name
    assert len(protocol.digest) == 64


def test_folder_and_file_are_the_same(small) -> None:
    assert load_protocol(SMALL / "protocol.yaml") == small


def test_prose_and_code_lists_are_read(small) -> None:
    assert small.prose == {"rationale": "Why the study is done.\n"}
    assert small.code_lists == {
        "codelists/infection.csv": (
            Code("ICD-10", "A00", "B99", "Infections", "range"),
            Code("MedDRA PT", "10001", "10001", "Infection", "exact"),
        )
    }


def test_scenarios(small) -> None:
    main, longer = small.scenarios
    assert main.id == "main"
    assert [a.id for a in main.study.analyses] == ["rates", "ratio"]
    assert [a.id for a in longer.study.analyses] == ["longer"]
    assert longer.study.analyses[0].kind == "incidence"
    assert main.study.times_at_risk["treated"].end.plus_days == {"alfa": 30, "beta": 30}
    assert longer.study.times_at_risk["treated"].end.plus_days == {"alfa": 30, "beta": 60}
    assert longer.study.outcomes == main.study.outcomes


def edited(tmp_path: Path, old: str, new: str) -> Path:
    folder = tmp_path / "study"
    shutil.copytree(SMALL, folder)
    text = (folder / "protocol.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / "protocol.yaml").write_text(text.replace(old, new), encoding="utf-8")
    return folder


CHANGE = "times_at_risk.treated.end.plus_days.beta: 60"


def test_change_of_a_list_item_by_its_id(tmp_path: Path) -> None:
    folder = edited(tmp_path, CHANGE, "population.criteria.adult.at_least: 40")
    assert load_protocol(folder).scenarios[1].study.population.criteria[0].at_least == 40


def test_change_of_the_repeated_analysis(tmp_path: Path) -> None:
    folder = edited(tmp_path, CHANGE, "analyses.rates.outcomes.death: [ever]")
    analysis = load_protocol(folder).scenarios[1].study.analyses[0]
    assert (analysis.id, analysis.outcomes["death"]) == ("longer", ("ever",))


def test_change_of_a_code_list_reads_it(tmp_path: Path) -> None:
    folder = edited(tmp_path, CHANGE, "outcomes.infection.codes: codelists/narrow.csv")
    text = "system,code,label,match\nICD-10,a41.9,Sepsis,exact\n"
    (folder / "codelists" / "narrow.csv").write_text(text, encoding="utf-8")
    assert load_protocol(folder).code_lists["codelists/narrow.csv"] == (
        Code("ICD-10", "A419", "A419", "Sepsis", "exact"),
    )


def test_faults_are_sorted_by_place(tmp_path: Path) -> None:
    folder = edited(tmp_path, 'id: small\n  type: PASS\n  title: "A small study"', "id: Small\n  type: PAS\n  title: 3")
    with pytest.raises(ProtocolError) as caught:
        load_protocol(folder)
    assert [f.line for f in caught.value.faults] == [3, 4, 5]
    assert caught.value.exit_code == 10


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("[-365, 0]", Window(-365, 0)),
        ("[.., -1]", Window(None, -1)),
        (" [ -30,-1 ] ", Window(-30, -1)),
        ("[0, 0]", Window(0, 0)),
        ("[0, ..]", None),
        ("[-365 0]", None),
        ("-365, 0", None),
        ("[-1.5, 0]", None),
        ("[-365, 0] days", None),
    ],
)
def test_window(text: str, window: Window | None) -> None:
    assert read_window(text) == window


@pytest.mark.parametrize(("limit", "window"), [(0, None), (89, None), (90, Window(-30, 90))])
def test_window_reaches_to_the_landmark(limit: int, window: Window | None) -> None:
    assert sound_window("[-30, 90]", limit) == window


def test_names_of_margins_and_bands() -> None:
    assert canonical_order(["calendar", "sex", "age"]) == ("age", "sex", "calendar")
    assert margin_name([]) == "overall"
    assert margin_name(["sex", "age"]) == "age*sex"
    assert age_labels((18, 30, 31, 70)) == ("18-29", "30", "31-69", "70+")


def test_codes_are_compared_in_one_form() -> None:
    assert normalise_code("ICD-10", " a41.9 ") == "A419"
    assert normalise_code("MedDRA PT", "10001.5") == "10001.5"


VALUE = {"a": ({"id": "x", "n": 1}, {"id": "y", "n": 2}), "b": {"c": (1, 2)}}


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("a.y.n", ("a", 1, "n")),
        ("a.2.n", ("a", 1, "n")),
        ("b.c.1", ("b", "c", 0)),
        ("b.d", 1),
        ("a.3", 1),
        ("a.x.n.z", 3),
    ],
)
def test_path_of_a_change(written: str, path: object) -> None:
    assert find_path(VALUE, written) == path


def test_change_leaves_the_rest_as_it_is() -> None:
    assert with_change(VALUE, ("a", 1, "n"), 3) == {"a": ({"id": "x", "n": 1}, {"id": "y", "n": 3}), "b": {"c": (1, 2)}}
    assert VALUE["a"][1]["n"] == 2


def test_every_field_has_a_meaning_and_can_be_asked_for() -> None:
    from pass_engine.protocol.models import Study

    for field in all_fields(Study):
        assert field.meaning, field.path
        assert field.path in describe_field(field.path)


def test_chosen_names_may_be_in_the_path() -> None:
    assert describe_field("outcomes.infection.clean_window_days") == describe_field("outcomes.clean_window_days")


def test_schema_is_json_with_the_names_of_the_file() -> None:
    import json

    schema = json.loads(schema_text())
    assert schema["$defs"]["Outcome"]["properties"]["from"]["enum"] == [
        "adverse_event", "death", "composite", "relapse", "course", "disability",
    ]  # fmt: skip
    assert "additionalProperties" in schema["$defs"]["Outcome"]


def test_weights_and_reference_rates_are_read_and_belong_to_the_digest(tmp_path: Path) -> None:
    """Another number changes the digest; the same number written otherwise, and other places of the rows, do not."""
    new = "by: [[], [age]]\n    reference: {rates: standards/population.csv, by: [age, sex]}"
    folder = edited(tmp_path, "by: [[], [age]]", new)
    text = (folder / "protocol.yaml").read_text(encoding="utf-8").replace("to: esp2013", "to: standards/town.csv")
    (folder / "protocol.yaml").write_text(text, encoding="utf-8")
    protocol = load_protocol(folder)
    assert protocol.standards["standards/town.csv"].starts == (0, 20, 40, 60)
    rates = protocol.references["standards/population.csv"]
    assert rates.by == ("age", "sex")
    assert rates.find(range(40, 60), "male", 2015).rate == Fraction("5.25")
    assert rates.find(range(30, 60), "male", 2015) is None
    assert rates.find(range(40, 60), "unknown", 2015) is None
    for name, old, other, same in (
        ("town.csv", "0,19,20\n20,39,30\n", "0,19,21\n20,39,30\n", "20,39,30.0\n0,19,2e1\n"),
        ("population.csv", "1000,5.25", "1000,5.26", "1000,5.250"),
    ):
        path = folder / "standards" / name
        written = path.read_text(encoding="utf-8")
        path.write_text(written.replace(old, other), encoding="utf-8")
        assert load_protocol(folder).digest != protocol.digest
        path.write_text(written.replace(old, same), encoding="utf-8")
        assert load_protocol(folder).digest == protocol.digest


def test_a_change_of_weights_reads_them(tmp_path: Path) -> None:
    protocol = load_protocol(edited(tmp_path, CHANGE, "analyses.rates.standardise.to: standards/town.csv"))
    assert list(protocol.standards) == ["standards/town.csv"]
    assert protocol.scenarios[1].study.analyses[0].standardise.to == "standards/town.csv"
