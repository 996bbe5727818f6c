"""The sample data: do they repeat, does one table leave the others alone, do they hold the truth they declare?"""

from __future__ import annotations

import filecmp
import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample_data"
sys.path.insert(0, str(SAMPLE))

import generate  # noqa: E402 the generator is no part of the package
from generator import events, people, rates, simulate  # noqa: E402
from generator.dictionary import code_list, dictionary_files, term_map  # noqa: E402
from generator.faults import add_faults, faults_of  # noqa: E402
from generator.profiles import PROFILES, sizes  # noqa: E402
from generator.simulate import draw_blocks, expected_events, simulate_core  # noqa: E402
from generator.streams import SEED, stream  # noqa: E402
from generator.treatments import Doses, Episodes, History, make_exposure  # noqa: E402
from pass_engine.harmonise import harmonise  # noqa: E402
from pass_engine.protocol import load_protocol  # noqa: E402
from pass_engine.registry import load_registry  # noqa: E402
from pass_engine.source import load_source  # noqa: E402
from pass_engine.store import open_store  # noqa: E402
from pass_engine.tables.core import CORE  # noqa: E402

if TYPE_CHECKING:
    import pandas as pd

REGISTRIES = sorted(PROFILES)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network with faults."""
    folder = tmp_path_factory.mktemp("small")
    generate.main(["--out", str(folder), "--persons", "240"])
    return folder


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network without faults."""
    folder = tmp_path_factory.mktemp("clean")
    generate.main(["--out", str(folder), "--persons", "480", "--clean"])
    return folder


def files_below(folder: Path) -> list[str]:
    """Every file below a folder, by its path in it."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_the_same_seed_gives_the_same_bytes(small: Path, tmp_path: Path) -> None:
    """Two runs leave files that are equal byte for byte, whatever their format."""
    generate.main(["--out", str(tmp_path), "--persons", "240"])
    names = files_below(small)
    assert names == files_below(tmp_path)
    equal, different, unreadable = filecmp.cmpfiles(small, tmp_path, names, shallow=False)
    assert (different, unreadable) == ([], [])
    assert len(equal) == len(names)


def test_streams_depend_on_their_names_alone() -> None:
    """A stream is fixed by seed and names; these numbers may move only with the committed data."""
    assert stream(SEED, "cz", "visit", 0).integers(1_000_000) == stream(SEED, "cz", "visit", 0).integers(1_000_000)
    firsts = {stream(SEED, r, t, 0).integers(2**62) for r in REGISTRIES for t in simulate.TABLES}
    assert len(firsts) == len(REGISTRIES) * len(simulate.TABLES)


def test_a_changed_table_moves_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing one table differently leaves every table that does not follow from it as it was."""
    before = simulate_core("dk", 150, 5)
    original = people.Draw.stream
    changed = {"visit", "comorbidity", "adverse_event/other_event"}

    def other(self: people.Draw, table: str) -> np.random.Generator:
        return original(self, f"{table} drawn anew" if table in changed else table)

    monkeypatch.setattr(people.Draw, "stream", other)
    after = simulate_core("dk", 150, 5)
    moved = {name for name in before if not before[name].equals(after[name])}
    assert moved == {"visit", "comorbidity", "adverse_event"}


def test_events_of_the_untreated_are_among_those_of_the_treated() -> None:
    """Events are thinned from draws that depend on persons alone: exposure decides only which of them stay."""
    (history,) = draw_blocks("fr", 400, 3)
    none = np.zeros(0, dtype=np.int64)
    untreated = History(history.people, Episodes(none, none, none, none, none), Doses(none, none, none))
    kind = "nonserious_infection"
    drawn = [
        events.draw_kind(history.people, make_exposure(h), events.KINDS.index(kind), kind) for h in (history, untreated)
    ]
    treated, alone = (set(zip(e.person.tolist(), e.onset.tolist(), strict=True)) for e in drawn)
    assert alone < treated


def test_truth_file_agrees_with_the_generator(small: Path) -> None:
    """The truth beside the data is what the generator draws from."""
    for path in (small / "truth.json", SAMPLE / "truth.json"):
        truth = json.loads(path.read_text(encoding="utf-8"))
        assert truth["notice"] == "Synthetic data. Not evidence about any medicine."
        assert truth["rates"] == rates.true_rates()
        assert truth["days"]["ocrelizumab_extension"] == rates.OCRELIZUMAB_EXTENSION
        assert sorted(truth["registries"]) == REGISTRIES
        for name, part in truth["registries"].items():
            kinds = [(f["kind"], f["table"], f["column"], f["rate"]) for f in part["faults"]]
            assert kinds == [(f.kind, f.table, f.column, f.rate) for f in faults_of(name)]


def test_truth_file_agrees_with_the_committed_data() -> None:
    """Size and rows of the committed registries are those the truth file tells."""
    truth = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
    assert truth["seed"] == SEED
    assert {name: part["persons"] for name, part in truth["registries"].items()} == sizes()
    core = simulate_core("se", sizes()["se"], SEED, tables=("person", "adverse_event"))
    rows = truth["registries"]["se"]["rows_before_faults"]
    assert {name: len(table) for name, table in core.items()} == {name: rows[name] for name in core}


@pytest.mark.parametrize("registry_id", REGISTRIES)
def test_every_registry_is_valid_and_agrees_with_its_profile(registry_id: str) -> None:
    """``registry.yaml`` loads, marks its data as synthetic, and says what the generator made."""
    profile, loaded = PROFILES[registry_id], load_registry(SAMPLE / registry_id).registry
    info = loaded.registry
    assert info.synthetic
    assert (info.id, info.data_cut_date.isoformat(), info.deaths) == (registry_id, profile.cut, profile.deaths)
    assert info.collection_start["adverse_event"].isoformat() == profile.adverse_event_start
    assert set(info.countries) == set(profile.countries)
    assert set(loaded.source.tables) == set(CORE) - (set() if profile.periods else {"observation_period"})


@pytest.mark.parametrize("registry_id", REGISTRIES)
def test_the_engine_reads_back_what_was_written(clean: Path, registry_id: str) -> None:
    """From core tables to the registry's own form and back: every mapped value comes home."""
    study = load_protocol(ROOT / "protocols" / "bmsd-pass-001").study
    core = simulate_core(registry_id, sizes(480)[registry_id], SEED)
    with open_store() as store:
        loaded = load_registry(clean / registry_id)
        harmonise(store, loaded, load_source(store, loaded), study)
        assert store.fetch("SELECT * FROM mapping_loss WHERE reason <> 'filtered by where'") == []
        for name, table_map in loaded.registry.source.tables.items():
            columns = [c for c in (*table_map.columns, *table_map.constants) if c in core[name]]
            columns = [c for c in columns if (registry_id, c) != ("msbase", "birth_date")]
            assert sorted(read_back(store.frame(f"mapped_{name}"), name, columns), key=str) == sorted(
                expected(core[name], name, columns), key=str
            ), name


def read_back(mapped: pd.DataFrame, table: str, columns: list[str]) -> list[tuple[object, ...]]:
    """Rows of a mapped table as plain values."""
    return [
        tuple(plain(v, table, c) for c, v in zip(columns, row, strict=True))
        for row in mapped[columns].itertuples(index=False)
    ]


def expected(core: pd.DataFrame, table: str, columns: list[str]) -> list[tuple[object, ...]]:
    """Rows of a core table as plain values."""
    return [
        tuple(plain(v, table, c) for c, v in zip(columns, row, strict=True))
        for row in core[columns].itertuples(index=False)
    ]


def plain(value: object, table: str, column: str) -> object:
    """One value, comparable whether it came as text or typed."""
    if str(value) in {"None", "<NA>", "nan", "NaT"}:
        return None
    if CORE[table].column(column).kind in {"number", "integer"}:
        return round(float(str(value)), 6)
    return value.isoformat()[:10] if isinstance(value, date) else str(value)


def test_msbase_knows_births_by_month(clean: Path) -> None:
    """The international registry sends month-precision birth dates."""
    header, first = (clean / "msbase" / "data" / "patients.csv").read_text(encoding="utf-8").splitlines()[:2]
    born = first.split(",")[header.split(",").index("birth_month")]
    assert len(born) == len("1980-01")


@pytest.mark.parametrize("registry_id", REGISTRIES)
def test_faults_are_counted_and_persons_stay(registry_id: str) -> None:
    """Faults strike at about their rate; no person is contradicted, so every registry can still be read."""
    core = simulate_core(registry_id, 3000, 11)
    faulty = add_faults(registry_id, core, 11)
    assert [c["kind"] for c in faulty.counts] == [f.kind for f in faults_of(registry_id)]
    assert sum(int(c["rows"]) for c in faulty.counts) > 0
    person = faulty.tables["person"].drop_duplicates()
    named = person[person["person_id"].notna()]
    assert not named["person_id"].duplicated().any()
    assert len(named) == len(core["person"])


def test_serious_infections_stand_apart() -> None:
    """No serious infection begins in the clean window of another, and none lasts longer than 14 days."""
    (history,) = draw_blocks("it", 6000, 2)
    drawn = events.draw_events(history)
    serious = drawn.keep(drawn.kind == events.KINDS.index("serious_infection"))
    same = serious.person[1:] == serious.person[:-1]
    assert (serious.onset[1:] - serious.end[:-1])[same].min() > rates.CLEAN_WINDOW
    assert set(np.unique(serious.end - serious.onset + 1)) <= set(range(1, 15))


def test_every_fact_lies_where_the_registry_can_see() -> None:
    """Clean data hold nothing before birth, and no event before entry or after last contact."""
    core = simulate_core("cz", 800, 4)
    person = core["person"].set_index("person_id")
    report = core["adverse_event"].join(person, on="person_id")
    assert (report["onset_date"] >= report["registry_entry_date"]).all()
    assert (report["onset_date"] <= report["last_contact_date"]).all()
    treatment = core["treatment"].join(person, on="person_id")
    assert (treatment["start_date"] > treatment["birth_date"]).all()
    assert (treatment["start_date"] <= treatment["last_contact_date"]).all()
    stopped = treatment["stop_date"].notna()
    assert (treatment["stop_date"] >= treatment["start_date"])[stopped].all()


def test_expected_events_follow_the_rates() -> None:
    """What the hazards let one expect over a period is the sum of its days' rates."""
    core = simulate_core("fr", 50, 8, tables=("person",))
    person = core["person"].iloc[[0]]
    period = person[["person_id"]].assign(start_date="2016-03-01", end_date="2017-02-28")
    age = 2016 - int(str(person["birth_date"].iloc[0])[:4])
    lowest, highest = (
        f(rates.true_rate("death", "any", str(person["sex"].iloc[0]), band) for band in bands_about(age))
        for f in (min, max)
    )
    found = expected_events("fr", 50, 8, "death", period) * 365.25 / 365 * 1000
    assert lowest - 1e-9 <= found <= highest + 1e-9


def bands_about(age: int) -> set[str]:
    """Age bands in which a person of about this age can be."""
    return {rates.AGE_BANDS[int(rates.age_band(np.array(a)))] for a in (age - 1, age, age + 1)}


@pytest.mark.parametrize("group", ["infection", "malignancy"])
def test_code_lists_are_those_of_the_dictionary(group: str) -> None:
    """The example protocol's code lists are what the generator writes."""
    path = ROOT / "protocols" / "bmsd-pass-001" / "codelists" / f"{group}.csv"
    assert path.read_text(encoding="utf-8") == code_list(group)


def test_dictionary_is_marked_as_made_up() -> None:
    """Every term says that it is made up and every code begins with 9; no term of a real dictionary can slip in."""
    files = dictionary_files()
    for name in ("llt.asc", "pt.asc", "hlt.asc", "hlgt.asc", "soc.asc", "smq_list.asc"):
        for line in files[name].splitlines():
            code, term = line.split("$")[:2]
            assert term.startswith("Made-up ")
            assert code.startswith("9")
            assert len(code) == len("90000000")


@pytest.mark.parametrize(("registry_id", "language"), [("fr", "fr"), ("msbase", "en")])
def test_term_maps_are_committed_as_made(registry_id: str, language: str) -> None:
    """The committed maps of local terms are what the generator writes."""
    path = SAMPLE / registry_id / "maps" / "ae_terms.csv"
    assert path.read_text(encoding="utf-8") == term_map(language)


def test_core_parquet_is_a_registry_too(tmp_path: Path) -> None:
    """Benchmark tables come with a map of their own, and blocks of persons do not repeat."""
    generate.main(["--core-parquet", str(tmp_path), "--persons", "120", "--registries", "se"])
    loaded = load_registry(tmp_path / "se")
    with open_store() as store:
        load_source(store, loaded)
        assert store.count_rows("raw_person") == sizes(120)["se"]
