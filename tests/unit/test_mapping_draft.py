"""Does a look at files draft the mapping a person wrote for them, say why, and guess nothing in silence?"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from pass_engine.errors import SourceError
from pass_engine.mapping import check_mapping, draft_mapping, write_new
from pass_engine.mapping.guess import guess_value, likeness, look_at, plain
from pass_engine.registry import load_registry
from pass_engine.registry.models import ColumnMap
from pass_engine.source.survey import delimiter_of, encoding_of
from pass_engine.tables.core import CORE

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
LEAST_RIGHT = {"cz": 95, "dk": 95, "fr": 65, "it": 75, "msbase": 90, "se": 95}
"""Percent of the columns that people mapped which the draft maps alike. The glossary was written with these known."""
FINISHED = {
    "id:  ": "id: mine", "name:  ": "name: Mine", "countries: []": "countries: [DK]", "data_cut_date:  ":
    "data_cut_date: 2024-12-31", "deaths:  ": "deaths: linked", "min_cell:  ": "min_cell: 5", "min_persons:  ":
    "min_persons: 10", "allow: []": "allow: [incidence]",
}  # fmt: skip
EXTRACT = "Patient No;Geb.Datum;Geschlecht;Gewicht\n"
EXTRACT += "".join(f"{n};{n % 28 + 1:02}.05.1980;{'w' if n % 3 else 'm'};7{n % 9},5\n" for n in range(1, 40))


@cache
def draft_of(name: str) -> str:
    """The draft of a sample registry, where its registry.yaml stands."""
    return draft_mapping([SAMPLES / name / "data"], SAMPLES / name)


def mapped_columns(tables: dict) -> dict[tuple[str, str], tuple[str, ...]]:
    """(core table, core column) to the source columns."""
    found = {}
    for table, mapping in tables.items():
        for column, given in mapping["columns"].items():
            taken = ColumnMap.model_validate({"from": given} if isinstance(given, str) else given).sources
            found[table, column] = taken
    return found


@pytest.mark.parametrize("name", sorted(LEAST_RIGHT))
def test_the_draft_of_a_sample_is_the_mapping_people_wrote(name: str) -> None:
    folder = SAMPLES / name
    draft = yaml.safe_load(draft_of(name))["source"]
    truth = load_registry(folder).registry.source
    wanted = mapped_columns({n: t.model_dump(by_alias=True, exclude_none=True) for n, t in truth.tables.items()})
    drafted = mapped_columns(draft["tables"])
    right = sum(drafted.get(key) == source for key, source in wanted.items())
    wrong = [key for key, source in drafted.items() if wanted.get(key, source) != source]
    assert draft["kind"] == truth.kind
    assert 100 * right >= LEAST_RIGHT[name] * len(wanted), f"{right} of {len(wanted)}; wrong: {wrong}"
    assert len(wrong) <= 2, wrong
    for table, mapping in draft["tables"].items():
        assert mapping.get("delimiter", ",") == (truth.tables[table].delimiter or ",")
        assert mapping.get("file", mapping.get("table")) == (truth.tables[table].file or truth.tables[table].table)


@pytest.mark.parametrize("name", sorted(LEAST_RIGHT))
def test_every_line_that_maps_says_why(name: str) -> None:
    text = draft_of(name)
    lines = [line for line in text.splitlines() if re.match(r" {8}\w+:", line)]
    assert len(lines) > 40
    assert [line for line in lines if "is like" not in line] == []
    assert "SECRET" not in text


@pytest.mark.parametrize("name", ["dk", "msbase", "se"])
def test_a_finished_draft_is_checked_without_a_fault(name: str, tmp_path: Path) -> None:
    """The TO DO lines of the registry and its policy are filled in; tables that lack a key column are left out."""
    (tmp_path / "data").symlink_to(SAMPLES / name / "data")
    text = draft_of(name)
    for open_line, line in FINISHED.items():
        assert text.count(open_line) >= 1
        text = text.replace(open_line, line + "  ", 1)
    value = yaml.safe_load(text)
    tables = value["source"]["tables"]
    for table in [t for t in tables if any(c.required and c.name not in tables[t]["columns"] for c in CORE[t].columns)]:
        del tables[table]
    (tmp_path / "registry.yaml").write_text(yaml.safe_dump(value, allow_unicode=True), encoding="utf-8")
    found = check_mapping(load_registry(tmp_path))
    assert found.faults == ()
    assert len(found.tables) >= 12
    assert min(t.kept_rows for t in found.tables) > 50


def test_a_file_nobody_has_seen(tmp_path: Path) -> None:
    (tmp_path / "Stammdaten.csv").write_bytes(EXTRACT.encode("latin-1"))
    text = draft_mapping([tmp_path / "Stammdaten.csv"], tmp_path)
    assert 'delimiter: ";"' in text
    assert 'date_format: ["%d.%m.%Y"]' in text
    assert "            w: female  # by the word\n            m: male  # by the word" in text
    assert "# not used: " in text
    assert "Gewicht" in text.split("# not used: ")[1].splitlines()[0]


def test_what_is_not_known_is_a_todo(tmp_path: Path) -> None:
    """Values without a word in the glossary, rare values, and a day that could be a month."""
    rows = "".join(f"{n},0{n % 9 + 1}/0{n % 8 + 1}/1980,{'F' if n % 2 else 'Q'}\n" for n in range(40))
    (tmp_path / "patients.csv").write_text(f"patient_id,birth_date,sex\n{rows}50,01/01/1980,SECRET\n", encoding="utf-8")
    text = draft_mapping([tmp_path], tmp_path)
    assert "            F: female  # by the word\n            # TO DO Q: one of female, male, other, unknown" in text
    assert "            # TO DO and 1 rare value: look at them in the source" in text
    assert "# TO DO every date could be day first or month first" in text
    assert "SECRET" not in text
    assert yaml.safe_load(text)["source"]["tables"]["person"]["columns"]["sex"]["map"] == {"F": "female"}


def test_a_table_like_no_other_is_left_as_a_todo(tmp_path: Path) -> None:
    (tmp_path / "stock.csv").write_text("bin,count\nA,1\n", encoding="utf-8")
    text = draft_mapping([tmp_path], tmp_path)
    assert (
        "    # TO DO stock.csv: no table of the core model looks like it\n    #      its columns: bin, count\n" in text
    )


@pytest.mark.parametrize(("content", "encoding", "delimiter"), [
    ("a;b\nø;1\n".encode(), "utf-8", ";"),
    ("a\tb\nø\t1\n".encode("latin-1"), "latin-1", "\t"),
    ("a|b\n€|1,5\n".encode("windows-1252"), "windows-1252", "|"),
    ("a,b\nø,1\n".encode("utf-16"), "utf-16", ","),
    (b"\xef\xbb\xbfa,b\n1,2\n", "utf-8", ","),
    (b"a;b\n1,5;2,5\n1;2\n", "utf-8", ";"),
    (b"only\n1\n", "utf-8", ","),
])  # fmt: skip
def test_encoding_and_delimiter(tmp_path: Path, content: bytes, encoding: str, delimiter: str) -> None:
    file = tmp_path / "x.csv"
    file.write_bytes(content)
    assert (encoding_of(file), delimiter_of(file, encoding_of(file))) == (encoding, delimiter)


@pytest.mark.parametrize(("values", "formats", "ambiguous"), [
    (["2019-01-31", "2019-02", "2019"], ("%Y-%m-%d", "%Y-%m", "%Y"), False),
    (["31/01/2019", "01/02/2019"], ("%d/%m/%Y",), False),
    (["01/31/2019", "02/01/2019"], ("%m/%d/%Y",), False),
    (["01/02/2019", "03/04/2019"], ("%d/%m/%Y",), True),
    (["31.1.2019", "1.2019"], ("%d.%m.%Y", "%m.%Y"), False),
    (["31.02.2019", "x"], (), False),
    (["2019", "2020"], (), False),                  # years alone may be numbers
    (["20190131"], ("%Y%m%d",), False),
])  # fmt: skip
def test_date_formats(values: list[str], formats: tuple[str, ...], ambiguous: bool) -> None:
    look = look_at(values, is_date=False)
    assert (look.formats, look.is_ambiguous) == (formats, ambiguous)


def test_names_and_values() -> None:
    assert plain("Fødsels-Dato") == "fodsels_dato"
    assert plain("Příčina úmrtí") == "pricina_umrti"
    assert likeness("date_of_birth", ["birth_date", "date_of_birth"]) == (100, "date_of_birth")
    assert likeness("birthdate", ["birth_date"])[0] > 88
    sex, serious = CORE["person"].column("sex"), CORE["adverse_event"].column("serious")
    assert [guess_value(sex, v) for v in ("K", "Mand", "female", "?")] == ["female", "male", "female", None]
    assert [guess_value(serious, v) for v in ("Ja", "nej", "Oui", "maybe")] == ["yes", "no", "yes", None]


def test_codes_that_are_numbers_need_no_map(tmp_path: Path) -> None:
    """EDSS with a decimal comma: 2,0 is the code 2, and the decimal mark alone has to be stated."""
    rows = "".join(f"{n};0{n % 9 + 1}.01.2020;{('1,5', '2,0', '0', '6,0')[n % 4]}\n" for n in range(40))
    (tmp_path / "Visiten.csv").write_text(f"Patientennummer;Visitendatum;EDSS\n{rows}", encoding="utf-8")
    visit = yaml.safe_load(draft_mapping([tmp_path], tmp_path))["source"]["tables"]["visit"]
    assert (visit["columns"]["edss"], visit["decimal"]) == ("EDSS", ",")
    edss = CORE["visit"].column("edss")
    assert [guess_value(edss, v) for v in ("2,0", "1,5", "2.00", "11,0", "keine")] == ["2", "1.5", "2", None, None]


def test_german_words_of_an_outcome_and_of_a_stop() -> None:
    outcome, stop = CORE["adverse_event"].column("outcome"), CORE["treatment"].column("stop_reason")
    assert [guess_value(outcome, v) for v in ("unbekannt", "genesen")] == ["unknown", "recovered"]
    assert [guess_value(stop, v) for v in ("Nebenwirkung", "Schwangerschaft")] == ["adverse event", "pregnancy"]


def test_the_same_words_every_time() -> None:
    assert draft_mapping([SAMPLES / "se" / "data"], SAMPLES / "se") == draft_of("se")
    assert "\r" not in draft_of("se")


def told(call) -> str:
    with pytest.raises(SourceError) as caught:
        call()
    return str(caught.value)


def test_faults(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    Path("notes.doc").write_text("x", encoding="utf-8")
    Path("registry.yaml").write_text("mine", encoding="utf-8")
    assert told(lambda: draft_mapping([Path("empty")], Path())) == (
        "PE261 empty  --from\n"
        "  found    a folder without a file that a reader takes\n"
        "  problem  nothing can be drafted\n"
        "  mend     name files ending in .csv, .txt, .tsv, .parquet, .xlsx, .dta, .sas7bdat, .xpt, .sav, .zsav, "
        ".sqlite, .db, .sqlite3, .duckdb"
    )
    assert told(lambda: draft_mapping([Path("notes.doc")], Path())).startswith("PE228 notes.doc  --from\n")
    assert told(lambda: draft_mapping([Path("nowhere.csv")], Path())).startswith("PE221 nowhere.csv  --from\n")
    assert told(lambda: write_new("x", Path("registry.yaml"), "the draft")) == (
        "PE261 registry.yaml  --out\n"
        "  found    a file of this name\n"
        "  problem  the draft cannot be written there\n"
        "  mend     name another file with --out, or take that one away"
    )
    assert Path("registry.yaml").read_text(encoding="utf-8") == "mine"
