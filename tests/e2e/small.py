"""A study and two registries of a few persons, which a test may spoil, and the command line inside this process."""

from __future__ import annotations

import contextlib
import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from pass_engine.cli import main
from pass_engine.report.assemble import assemble, texts_of
from pass_engine.report.reading import read_run

if TYPE_CHECKING:
    from pathlib import Path

PROTOCOL = """\
pass_engine: 1
study:
  id: small
  type: PASS
  title: "A small study"
  version: "1.0"
  date: 2026-01-01
  status: draft
  substances: [{inn: alfa}]
  text: {rationale: text/rationale.md}
data:
  model: core/1
  cut: 2020-12-31
  registries: [aa, bb]
  require: [person.birth_date]
population:
  period: {start: 2015-01-01, end: 2020-12-31}
  index: cohort_entry
  criteria:
    - {id: adult, require: age, at_least: 18, why: "Adults"}
  entries: first
exposures:
  alfa: {label: "Alfa", substances: [alfa], gap_days: 30}
  beta: {label: "Beta", substances: [beta], gap_days: 30}
times_at_risk:
  treated:
    label: "On treatment"
    start: {anchor: era_start}
    end: {anchor: era_end, plus_days: {alfa: 30, beta: 30}}
    stop_at: [death, observation_end, data_cut]
    overlap: cut_at_switch
outcomes:
  infection:
    label: "Infection"
    from: adverse_event
    codes: codelists/infection.csv
    counting: recurrent
    clean_window_days: 30
strata:
  sex: {}
analyses:
  - id: rates
    kind: incidence
    role: primary
    cohorts: [alfa, beta]
    outcomes: {infection: treated}
    measures: [eair, eaer]
    per_person_years: 1000
    interval: {method: exact, level: 0.95}
    by: [[], [sex]]
  - id: ratio
    kind: comparison
    role: secondary
    of: {target: alfa, comparator: beta}
    outcomes: {infection: treated}
    interval: {method: log_normal, level: 0.95}
publish:
  min_cell: 2
"""

CODES = "system,code,match,label\nICD-10,A49,descendants,Infection\n"
PROSE = "Small studies show what goes wrong.\n"

REGISTRY = """\
registry:
  id: {id}
  name: "Registry {upper}"
  countries: [{country}]
  synthetic: true
  data_cut_date: 2020-12-31
  deaths: linked
source:
  kind: files
  path: data/
  tables:
    person:
      file: persons.csv
      columns:
        person_id: id
        birth_date: born
        sex: {{from: gender, map: {{w: female, m: male}}}}
    observation_period:
      file: seen.csv
      columns: {{person_id: id, start_date: first, end_date: last}}
    treatment:
      file: drugs.csv
      columns: {{person_id: id, substance: drug, start_date: start, stop_date: stop}}
    adverse_event:
      file: events.csv
      columns: {{person_id: id, code: code, onset_date: onset}}
      constants: {{code_system: ICD-10}}
policy:
  min_cell: 2
  min_persons: 1
  release: exact
  allow: [incidence, comparison, quality]
"""

PERSONS = 12
MARK = "ZQX"
"""Every person's id holds it, so that no message and no log may."""


@dataclass(frozen=True)
class Told:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Network:
    """A protocol and registries in one folder, the current one of every command: paths in messages are relative."""

    root: Path

    def command(self, *words: str | Path, report: bool = False) -> Told:
        """Start the command line; a traceback would come out of here. The report is a stand-in unless asked for."""
        out, err = io.StringIO(), io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patch,
            contextlib.chdir(self.root),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            patch.setattr("sys.argv", ["pass-engine", *map(str, words)])
            if not report:
                patch.setattr("pass_engine.report.build_report", stand_in)
            with pytest.raises(SystemExit) as end:
                main()
        said = Told(int(end.value.code or 0), out.getvalue(), err.getvalue())
        assert MARK not in said.out + said.err
        return said

    def run(self, *words: str, report: bool = False) -> Told:
        """``pass-engine run`` as it is documented."""
        return self.command("run", "study", "--registries", "registries", "--out", "run", *words, report=report)

    def __truediv__(self, path: str) -> Path:
        """A file or folder of the network."""
        return self.root / path

    def edit(self, path: str, *changes: tuple[str, str]) -> None:
        """Other text in places of a file."""
        text = (self / path).read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} must stand once in {path}"
            text = text.replace(old, new)
        (self / path).write_text(text, encoding="utf-8")

    def rows(self, name: str) -> list[dict[str, str]]:
        """Rows of a result file of the run."""
        with (self / f"run/results/{name}").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def left(self) -> list[str]:
        """What lies in the folder beside the input."""
        return sorted(p.name for p in self.root.iterdir() if p.name not in {"study", "registries"})


def stand_in(folder: Path, kind: str = "") -> Path:
    """Write what takes the report's place where it is not the point."""
    assert not kind
    (folder / "report.pdf").write_bytes(b"%PDF-")
    return folder / "report.pdf"


def words_of_report(folder: Path) -> str:
    """All that the report of a run says, on one line, before it is set in any format."""
    return " ".join(" ".join(texts_of(assemble(read_run(folder)))).split())


def make_network(folder: Path) -> Network:
    """The study and its registries ``aa`` and ``bb`` below a folder."""
    make_protocol(folder / "study")
    make_registry(folder / "registries" / "aa", "aa", "DK")
    make_registry(folder / "registries" / "bb", "bb", "SE")
    return Network(folder)


def make_protocol(folder: Path) -> None:
    """A protocol with its prose and code list."""
    write(folder / "protocol.yaml", PROTOCOL)
    write(folder / "text" / "rationale.md", PROSE)
    write(folder / "codelists" / "infection.csv", CODES)


def make_registry(folder: Path, name: str, country: str) -> None:
    """A registry of a dozen persons, half of them on each treatment, most with an infection."""
    write(folder / "registry.yaml", REGISTRY.format(id=name, upper=name.upper(), country=country))
    persons, seen, drugs, events = ["id,born,gender"], ["id,first,last"], ["id,drug,start,stop"], ["id,code,onset"]
    for number in range(PERSONS):
        person, start = f"{MARK}{number:03d}", date(2016, 1, 1) + timedelta(days=40 * number)
        persons.append(f"{person},{1960 + number}-05-17,{'wm'[number % 3 > 0]}")
        seen.append(f"{person},2015-01-01,2020-12-31")
        drugs.append(f"{person},{('alfa', 'beta')[number % 2]},{start},{start + timedelta(days=500)}")
        events.append(f"{person},{('A49.9', 'I10')[number % 4 == 0]},{start + timedelta(days=100)}")
    for file, lines in (("persons", persons), ("seen", seen), ("drugs", drugs), ("events", events)):
        write(folder / "data" / f"{file}.csv", "\n".join(lines) + "\n")


def write(file: Path, text: str) -> None:
    """A file and the folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
