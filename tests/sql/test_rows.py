"""Does each SQL file that harmonises or counts quality make the right rows?"""

from __future__ import annotations

from typing import Any

import pytest

from pass_engine.sqltext import files_between
from tests.sql.rows import CASES, columns_of, read_cases, rows_made

FILES = {f.name.removesuffix(".sql"): f.number for f in (*files_between(100, 199), *files_between(800, 899))}


def all_cases() -> list[Any]:
    return [
        pytest.param(FILES[name], case, id=f"{name}: {case['case']}")
        for name in FILES
        if (CASES / f"{name}.yaml").is_file()
        for case in read_cases(name)
    ]


@pytest.mark.parametrize(("number", "case"), all_cases())
def test_rows(number: int, case: dict[str, Any]) -> None:
    expected = sorted(tuple(str(row.get(column)) for column in columns_of(case)) for row in case["expect"])
    assert rows_made(number, case) == expected


def test_every_file_has_cases() -> None:
    assert [name for name in FILES if not (CASES / f"{name}.yaml").is_file()] == []
    assert [file.name for file in CASES.glob("[18]*.yaml") if file.stem not in FILES] == []
