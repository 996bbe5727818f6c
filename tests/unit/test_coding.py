"""Is the work list for a coder right, and is nothing in it applied before a person has filled it in?"""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pass_engine.cli import app
from pass_engine.errors import HarmoniseError, SourceError
from pass_engine.harmonise.dictionaries import read_terms
from pass_engine.harmonise.maps import MapPlace
from pass_engine.harmonise.meddra import read_dictionary

REGISTRY = """
registry: {id: xx, name: Made, countries: [CZ], synthetic: true, data_cut_date: 2024-12-31, deaths: linked}
source:
  kind: files
  path: data
  tables:
    person: {file: person.csv, columns: {person_id: id}}
    adverse_event:
      file: event.csv
      columns: {person_id: id, verbatim: words}
      constants: {code_system: local}
  terms: {adverse_event: terms.csv}
  dictionaries: {meddra: made-up}
policy: {min_cell: 2, min_persons: 5, release: exact, allow: [incidence]}
"""
PLACE = MapPlace("made-up", "source.dictionaries.meddra")


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    files = {
        "registry.yaml": REGISTRY,
        "data/person.csv": "id\np1\np2\n",
        "data/event.csv": "id,words\np1,lung infekt\np1,lung infekt\np2,lung infekt\np2,cold\np2,\np2,zzz\n",
        "terms.csv": "term,system,code,status\ncold,MedDRA PT,90,mapped\n",
        "made-up/pt.asc": "90$Lung infection$$7$$$$$$$\n",
        "made-up/llt.asc": (
            "90$Lung infection$90$$$$$$$Y$$\n"
            "91$Infection of the lung, made up$90$$$$$$$Y$$\n92$Lung infekt$90$$$$$$$N$$\n"
        ),
    }
    for name, text in files.items():
        file = tmp_path / "xx" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path / "xx"


def test_the_most_frequent_first_and_no_person(registry: Path) -> None:
    done = CliRunner().invoke(app, ["registry", "unmapped", str(registry)])
    assert done.exit_code == 0
    assert done.stdout == ("term,system,code,status,recorded_as,reports,persons\nlung infekt,,,,local,3,2\n")
    assert "terms of fewer than 2 persons: 1." in done.stderr
    assert "Not listed: 1 reports with neither a code nor a word." in done.stderr


def test_suggestions_are_current_terms_and_leave_the_status_empty(registry: Path) -> None:
    """A term that is not current is not suggested, however like it is; 91 shares two words of five."""
    out = registry / "work.csv"
    done = CliRunner().invoke(app, ["registry", "unmapped", str(registry), "--suggest", "--out", str(out)])
    assert done.exit_code == 0
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[1].startswith("lung infekt,,,,local,3,2,90 Lung infection (")
    assert "92" not in lines[1]
    assert lines[2] == "zzz,,,,local,1,1,,,"
    assert out.stat().st_mode & 0o077 == 0


def test_the_list_as_it_is_written_is_refused_as_a_file_of_terms(registry: Path) -> None:
    out = registry / "work.csv"
    CliRunner().invoke(app, ["registry", "unmapped", str(registry), "--suggest", "--out", str(out)])
    with pytest.raises(HarmoniseError, match="an unknown status"):
        read_terms(out, MapPlace("work.csv", "source.terms.adverse_event"))


def test_what_a_coder_has_filled_in_is_not_replaced(registry: Path) -> None:
    out = registry / "work.csv"
    out.write_text("done by hand", encoding="utf-8")
    for file, found in ((out, "a file of this name"), (registry / "none" / "work.csv", "no such file or directory")):
        done = CliRunner().invoke(app, ["registry", "unmapped", str(registry), "--out", str(file)])
        assert isinstance(done.exception, SourceError)
        assert done.exception.faults[0].found == found
        assert done.exception.faults[0].problem == "the list cannot be written there"
    assert out.read_text(encoding="utf-8") == "done by hand"


def _write(folder: Path, files: dict[str, str], encoding: str = "utf-8") -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_bytes(text.encode(encoding))
    return folder


SMALL = {
    "pt.asc": "1$Erkältung$$92$$$$$$$\n2$b$$92$$$$$$$\n",
    "llt.asc": "1$Erkältung$1$$$$$$$Y$$\n11$a$1$$$$$$$N$$\n2$b$2$$$$$$$Y$$\n",
    "meddra_release.asc": "0.2$German$$$$\n",
}
LINKS = {
    "hlt_pt.asc": "71$1$\n72$1$\n72$2$\n",
    "hlgt_hlt.asc": "81$71$\n82$72$\n",
    "soc_hlgt.asc": "91$81$\n92$82$\n",
}
PATHS = {("1", "71", "81", "91", False), ("1", "72", "82", "92", True), ("2", "72", "82", "92", True)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_any_language_and_a_hierarchy_from_the_files_of_links(tmp_path: Path, encoding: str) -> None:
    """Term 1 lies under two classes; the primary one is 92, as its row of pt.asc says."""
    found = read_dictionary(_write(tmp_path / "made-up", SMALL | LINKS, encoding), PLACE)
    assert (found.version, found.language) == ("0.2", "German")
    assert found.terms == (("1", "1", True), ("11", "1", False), ("2", "2", True))
    assert set(found.hierarchy) == PATHS


def test_mdhier_gives_the_same_hierarchy(tmp_path: Path) -> None:
    rows = "".join(f"{'$'.join(p[:4])}$a$h$g$s$S$$92${'Y' if p[4] else 'N'}$\n" for p in sorted(PATHS))
    found = read_dictionary(_write(tmp_path / "made-up", SMALL | LINKS | {"mdhier.asc": rows}), PLACE)
    assert set(found.hierarchy) == PATHS


def test_a_query_holds_the_terms_of_the_queries_below_it(tmp_path: Path) -> None:
    """Query 50 has query 51 below it; the row of term 11 is no longer active; scope 2 is narrow, 1 is broad."""
    files = {
        "smq_list.asc": "50$q$1$\n51$r$2$\n",
        "smq_content.asc": "50$51$0$0$S$0$A$1$1$\n50$1$4$2$A$0$A$1$1$\n51$2$4$1$A$0$A$1$1$\n51$11$5$2$A$0$I$1$1$\n",
    }
    found = read_dictionary(_write(tmp_path / "made-up", SMALL | files), PLACE)
    assert set(found.queries) == {
        ("50", "MedDRA PT", "1", True), ("50", "MedDRA PT", "2", False), ("51", "MedDRA PT", "2", False),
    }  # fmt: skip


def test_any_cut_of_any_file_is_found(tmp_path: Path) -> None:
    """The made-up dictionary of the samples, each file cut at every tenth of its length: never a smaller dictionary."""
    whole = Path(__file__).parents[2] / "sample_data" / "fr" / "dictionaries" / "made-up"
    names = ["llt.asc", "pt.asc", "mdhier.asc", "hlt_pt.asc", "hlgt_hlt.asc", "soc_hlgt.asc", "smq_list.asc"]
    files = {f.name: f.read_bytes() for f in whole.glob("*.asc")}
    complete = read_dictionary(whole, PLACE)
    for name in names:
        for tenth in range(1, 10):
            folder = tmp_path / f"{name}-{tenth}"
            folder.mkdir()
            for other, content in files.items():
                cut = len(content) * tenth // 10 if other == name else len(content)
                (folder / other).write_bytes(content[:cut])
            with pytest.raises(HarmoniseError):
                read_dictionary(folder, PLACE)
    assert complete.terms


def _refused(folder: Path) -> str:
    with pytest.raises(HarmoniseError) as caught:
        read_dictionary(folder, PLACE)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "kept", "told"),
    [
        ("hlt_pt.asc", "71$1$\n72$1$\n", "no path of 1 preferred term to the primary class"),
        ("hlt_pt.asc", "71$1$\n", "hlgt_hlt.asc"),
        ("hlgt_hlt.asc", "81$71$\n", "soc_hlgt.asc"),
        ("soc_hlgt.asc", "91$81$\n", "1 link that no preferred term reaches a class by"),
        ("soc_hlgt.asc", "92$82$\n", "1 link that no preferred term reaches a class by"),
    ],
)
def test_links_cut_off_between_two_rows_are_found_without_mdhier(
    tmp_path: Path, name: str, kept: str, told: str
) -> None:
    """A row fewer would take a term out of its class, and its events out of a count, without a word."""
    assert told in _refused(_write(tmp_path / "made-up", SMALL | LINKS | {name: kept}))


def test_a_query_without_content_is_found_but_for_an_inactive_one(tmp_path: Path) -> None:
    """Query 51 is lost with the end of the file; query 52 is no longer active, and may have none."""
    listed = "50$q$1$d$s$n$0.2$A$N$\n51$r$1$d$s$n$0.2$A$N$\n52$s$1$d$s$n$0.2$I$N$\n"
    first, second = "50$1$4$2$A$0$A$1$1$\n", "51$2$4$1$A$0$A$1$1$\n"
    files = SMALL | {"smq_list.asc": listed, "smq_content.asc": first + second}
    assert read_dictionary(_write(tmp_path / "whole", files), PLACE).queries == (
        ("50", "MedDRA PT", "1", True), ("51", "MedDRA PT", "2", False),
    )  # fmt: skip
    told = _refused(_write(tmp_path / "cut", files | {"smq_content.asc": first}))
    assert "smq_content.asc:1 " in told
    assert "no content of 1 query up to the last line" in told


@pytest.mark.parametrize("name", ["smq_list.asc", "smq_content.asc"])
def test_one_file_of_the_queries_without_the_other_is_refused(tmp_path: Path, name: str) -> None:
    files = {"smq_list.asc": "50$q$1$\n", "smq_content.asc": "50$1$4$2$A$0$A$1$1$\n"}
    del files[name]
    assert name in _refused(_write(tmp_path / "made-up", SMALL | files))


def test_suggestions_without_a_dictionary_are_told(registry: Path) -> None:
    file = registry / "registry.yaml"
    file.write_text(file.read_text("utf-8").replace("  dictionaries: {meddra: made-up}\n", ""), encoding="utf-8")
    done = CliRunner().invoke(app, ["registry", "unmapped", str(registry), "--suggest"])
    assert done.exit_code == 0
    assert "No suggestions: registry.yaml names no dictionary (source.dictionaries.meddra)." in done.stderr


def test_a_code_that_its_system_cannot_have_is_refused(tmp_path: Path) -> None:
    """An ICD-10 code in a MedDRA row, with the line, and no term in the message."""
    file = tmp_path / "terms.csv"
    sound = ("sepsis,ICD-10,A41.9+,manual", "sepsis,MedDRA PT,A41.9,unmapped")
    for row in ("sepsis,MedDRA PT,A41.9,manual", "sepsis,ICD-10,10040047,manual", *sound):
        file.write_text(f"term,system,code,status\ncold,MedDRA PT,90,mapped\n{row}\n", encoding="utf-8")
        if row in sound:
            assert len(read_terms(file, MapPlace("xx/terms.csv", "source.terms.adverse_event"))) == 2
            continue
        with pytest.raises(HarmoniseError) as caught:
            read_terms(file, MapPlace("xx/terms.csv", "source.terms.adverse_event"))
        system = row.split(",")[1]
        assert str(caught.value) == (
            "PE306 xx/terms.csv:3  source.terms.adverse_event\n  found    a code of another form\n"
            f"  problem  the system is {system}, and this is no code of it\n  mend     mend the row"
        )
