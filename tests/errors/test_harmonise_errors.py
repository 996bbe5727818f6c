"""Does everything that stops the mapping tell where it is, what it is, and how to mend it? Whole texts are compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pass_engine.errors import HarmoniseError
from pass_engine.harmonise import harmonise
from pass_engine.protocol.codes import Code
from pass_engine.source import load_source
from pass_engine.store import open_store
from tests.unit.made_registry import made_registry, made_study

CASES = yaml.safe_load((Path(__file__).parent / "harmonise_faults.yaml").read_text(encoding="utf-8"))
PERSONS = {"person": {"file": "person.csv", "columns": {"person_id": "id"}}}


def as_read(value: Any) -> Any:
    """Lists as the registry's loader makes them: tuples."""
    if isinstance(value, dict):
        return {key: as_read(one) for key, one in value.items()}
    return tuple(as_read(one) for one in value) if isinstance(value, list) else value


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_fault(case: dict[str, Any], tmp_path: Path) -> None:
    for name, content in {"person.csv": "id\nSECRET\n", **case["files"]}.items():
        file = tmp_path / "xx" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode("latin-1"))
    loaded = made_registry(tmp_path / "xx", as_read(case.get("tables", PERSONS)), **case.get("source", {}))
    study = made_study(require=tuple(case.get("require", ())), extras=case.get("extras", ()))
    with open_store() as store:
        raw = load_source(store, loaded)
        with pytest.raises(HarmoniseError) as caught:
            harmonise(store, loaded, raw, study, [Code(**code) for code in case.get("codes", ())])
    text = str(caught.value)
    assert text == case["text"].rstrip("\n")
    assert "SECRET" not in text
    assert str(tmp_path) not in text
