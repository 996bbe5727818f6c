"""Does every registry.yaml that docs/sources.md and docs/omop.md show load as it stands there?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pass_engine.protocol.codes import read_code_list
from pass_engine.registry import load_registry

DOCS = Path(__file__).resolve().parents[2] / "docs"
AROUND = """\
registry: {{id: mine, name: "Mine", countries: [DK], data_cut_date: 2024-12-31, deaths: visits}}
{source}
policy: {{min_cell: 5, min_persons: 10, release: exact, allow: [incidence]}}
"""
EXAMPLES = [
    pytest.param(text, id=f"{name} {number}")
    for name in ("sources.md", "omop.md")
    for number, text in enumerate(re.findall(r"```yaml\n(.*?)```", (DOCS / name).read_text("utf-8"), flags=re.DOTALL))
]


@pytest.mark.parametrize("source", EXAMPLES)
def test_examples_load(source: str, tmp_path: Path) -> None:
    (tmp_path / "registry.yaml").write_text(AROUND.format(source=source), encoding="utf-8")
    assert load_registry(tmp_path).registry.source.tables


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 5


def test_the_code_list_of_the_page_is_one(tmp_path: Path) -> None:
    (text,) = re.findall(r"```csv\n(.*?)```", (DOCS / "omop.md").read_text("utf-8"), flags=re.DOTALL)
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    codes, faults = read_code_list(tmp_path / "list.csv")
    assert not faults
    assert [code.system for code in codes] == ["OMOP", "ICD-10"]
