"""Is the page for a browser whole, shut off from outside, and the same every time?"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pass_engine.report.assemble import assemble
from pass_engine.report.page import to_page
from pass_engine.report.page_rows import rows_as_json
from pass_engine.report.reading import read_run
from pass_engine.terms import SYNTHETIC_NOTICE
from tests.unit.report_fixture import HEART, Plan, build_run

ROOT = Path(__file__).resolve().parents[2]
PLAN = Plan(registries=("cz", "dk", "fr"), absent=("fr",), strata=("age", "sex", "calendar"))
WRITE = (
    "import sys; from pathlib import Path; from pass_engine.report.reading import read_run;"
    "from pass_engine.report.assemble import assemble; from pass_engine.report.page import write_page;"
    "run = read_run(Path(sys.argv[1])); write_page(assemble(run), run, Path(sys.argv[2]))"
)
HOSTILE = '<script>window.hit = 1</script><img src=x onerror="window.hit = 1">'


class Parts(HTMLParser):
    """Elements with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs) -> None:
        self.elements.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return build_run(tmp_path_factory.mktemp("page") / "run", PLAN)


@pytest.fixture(scope="module")
def made(folder):
    run = read_run(folder)
    return assemble(run), run


@pytest.fixture(scope="module")
def page(made) -> str:
    return to_page(*made)


@pytest.fixture(scope="module")
def parts(page) -> Parts:
    return Parts(page)


def test_two_processes_write_the_same_bytes(folder, tmp_path) -> None:
    written = []
    for number, (zone, seed) in enumerate((("UTC", "1"), ("Pacific/Auckland", "2"))):
        target = tmp_path / f"{number}.html"
        environment = {"TZ": zone, "PYTHONHASHSEED": seed, "LANG": "C"}
        subprocess.run([sys.executable, "-c", WRITE, str(folder), str(target)], check=True, cwd=ROOT, env=environment)
        written.append(target.read_bytes())
    assert written[0] == written[1]


def test_the_policy_names_the_one_script_and_the_one_style_and_forbids_the_rest(parts, page) -> None:
    (policy,) = [a["content"] for tag, a in parts.elements if tag == "meta" and "http-equiv" in a]

    def digest(text: str) -> str:
        return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    def whole(tag: str) -> str:
        return re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[1]

    assert policy == (
        f"default-src 'none'; script-src '{digest(whole('script'))}'; style-src '{digest(whole('style'))}'; "
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )
    assert sum(tag == "script" for tag, _ in parts.elements) == 2  # the data, and the script
    assert sum(tag == "style" for tag, _ in parts.elements) == 1


def test_nothing_points_outside_the_page(parts, page) -> None:
    for tag, attributes in parts.elements:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "audio", "video", "use"}, tag
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in {"style", "src", "srcset", "xlink:href"}, (tag, name)
            if name == "href":
                assert str(value).startswith("#"), value
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    assert set(re.findall(r"url\(\"(.{10})", style)) == {"data:font/"}
    assert "@import" not in style


def test_every_link_within_the_page_has_its_place(parts, made) -> None:
    places = {a["id"] for _, a in parts.elements if a.get("id")}
    known = {row.id for rows in made[1].results.values() for row in rows}
    links = [a for tag, a in parts.elements if tag == "a"]
    assert {a["href"][1:] for a in links} <= places
    named = {part for _, a in parts.elements if a.get("data-row") for part in a["data-row"].split(",")}
    assert named
    assert named <= known
    assert sum(a["href"].startswith("#R-") for a in links) > 500
    named = [a["id"] for _, a in parts.elements if a.get("id")]
    assert len(named) == len(set(named))


def test_it_holds_the_sections_tables_and_figures_of_the_report(made, page) -> None:
    report = made[0]
    headings = [
        " ".join(re.sub(r"<[^>]+>", " ", h).split())
        for h in re.findall(r"<h[2-4] id=\"(?:section|result).*?</h\d>", page)
    ]

    def titles(sections):
        for section in sections:
            yield f"{section.number}{'.' if section.dotted else ''} {section.title}"
            yield from titles(section.sections)

    assert headings == [*titles(report.sections), "Result rows"]
    assert [t.anchor for t in report.tables] == re.findall(r'class="table-block" id="([^"]+)"', page)
    assert [f.anchor for f in report.figures] == re.findall(r'<figure id="([^"]+)"', page)


def test_a_number_links_to_the_row_it_was_printed_from(made, page) -> None:
    run = made[1]
    row = next(run.rows("incidence.csv", registry="pooled", measure="eair", stratum="overall", outcome="death"))
    (linked,) = set(re.findall(rf'<a href="#{row.id}">(\d+\.\d\d)</a>', page))
    assert float(linked) == pytest.approx(float(row["rate"]), abs=0.005)


def test_the_rows_in_the_page_are_those_of_the_files(made) -> None:
    report, run = made
    data = rows_as_json(report, run)
    assert "<" not in data
    for file in json.loads(data):
        rows = run.results[file["name"]]
        assert file["rows"] == file["of"] == len(rows)
        assert file["numbers"] is None
        for at, row in enumerate(rows):
            assert row.id == ("" if file["first"] is None else f"R-{file['first'] + at:06d}")
        for column in file["columns"]:
            values = column["values"]
            told = [values[i] for i in column["index"]] if "index" in column else values
            assert told == [row[column["name"]] for row in rows]
            assert column["meaning"]


def test_of_a_file_too_long_those_rows_stay_that_the_report_prints_from(made) -> None:
    report, run = made
    (incidence,) = [f for f in json.loads(rows_as_json(report, run, most=100)) if f["name"] == "incidence.csv"]
    assert 0 < incidence["rows"] < incidence["of"]
    sources = {c.source for t in report.tables for line in t.lines for c in line.cells}
    here = {f"R-{incidence['first'] + number - 2:06d}" for number in incidence["numbers"]}
    everything = {row.id for row in run.results["incidence.csv"]}
    assert {s for joined in sources for s in joined.split(",")} & everything <= here
    assert len(incidence["numbers"]) == incidence["rows"]


def test_marks_of_figures_tell_their_values(made) -> None:
    report, run = made
    forest = next(f for f in report.figures if f.key.startswith("forest"))
    (told,) = re.findall(r'data-told="Ocrelizumab, Pooled: ([\d.]+) [^"]*" data-row="(R-\d+)"', forest.svg)
    row = next(r for r in run.results["incidence.csv"] if r.id == told[1])
    assert float(told[0]) == pytest.approx(float(row["rate"]), abs=0.005)
    assert all('data-told="' in f.svg for f in report.figures if f.key != "design")


def test_synthetic_data_and_a_draft_are_told_at_the_top(page, tmp_path) -> None:
    assert page.count(f'<p class="notice">{SYNTHETIC_NOTICE}</p>') == 1
    assert '<span class="status">Draft</span>' in page
    run = read_run(build_run(tmp_path / "run", HEART))
    assert "Synthetic" not in to_page(assemble(run), run)


def test_what_people_write_is_text_and_no_markup(tmp_path) -> None:
    run = read_run(spoil(build_run(tmp_path / "run", PLAN)))
    page = to_page(assemble(run), run)
    parts = Parts(page)
    assert [a for tag, a in parts.elements if tag == "img"] == []
    assert sum(tag == "script" for tag, _ in parts.elements) == 2
    assert page.count("&lt;script&gt;window.hit") > 10
    assert HOSTILE not in page


def spoil(folder: Path) -> Path:
    """Script in labels, in the name of a registry, in results and in prose."""
    for name, old in (
        ("protocol/protocol.yaml", '"Ocrelizumab"'),
        ("protocol/protocol.yaml", '"Serious infection"'),
        ("results/participation.csv", "Synthetic registry CZ"),
        ("results/attrition.csv", "Age"),
    ):
        text = (folder / name).read_text(encoding="utf-8")
        quoted = HOSTILE.replace('"', '""') if name.endswith(".csv") else HOSTILE.replace('"', "")
        new = f'"{quoted}"'
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    with (folder / "protocol/text/limitations.md").open("a", encoding="utf-8") as prose:
        prose.write(f"\n\n{HOSTILE}\n\n[text](javascript:window.hit=1)\n\n| a |\n|--:|\n| {HOSTILE} |\n")
    return folder
