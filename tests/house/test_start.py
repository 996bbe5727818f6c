"""Does the command line answer at once, and does the wheel carry what it needs?"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.house.sources import PACKAGE, ROOT

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = (
    "pandas", "numpy", "scipy", "statsmodels", "duckdb", "pyarrow", "jinja2", "weasyprint", "pydantic", "yaml",
    "pyreadstat", "python_calamine", "markdown_it",
)  # fmt: skip

PROGRAM = """
import sys
sys.argv = ["pass-engine", "--help"]
from pass_engine.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("LOADED", *sorted({name.split(".")[0] for name in sys.modules}))
"""


def test_help_loads_nothing_heavy() -> None:
    """What takes time to import is imported by the command that needs it."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.rsplit("LOADED", 1)[1].split())
    assert not loaded & set(HEAVY)


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    from hatchling.builders.wheel import WheelBuilder

    folder: Path = tmp_path_factory.mktemp("wheel")
    wheel = next(WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"]))
    return set(zipfile.ZipFile(wheel).namelist())


def test_wheel_carries_sql_templates_and_protocols(wheel_names: set[str]) -> None:
    sql = {f"pass_engine/sql/{path.name}" for path in (PACKAGE / "sql").glob("*.sql")}
    assert sql
    assert sql <= wheel_names
    for folder in ("report_templates", "protocols"):
        files = {
            f"pass_engine/_data/{path.relative_to(ROOT).as_posix()}"
            for path in (ROOT / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert files
        assert files <= wheel_names


def test_wheel_carries_no_data_and_no_tests(wheel_names: set[str]) -> None:
    assert all(name.startswith(("pass_engine/", "pass_engine-")) for name in wheel_names)
