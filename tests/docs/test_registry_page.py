"""Can the smallest registry of docs/registry.md be counted as it stands there?"""

from __future__ import annotations

import re
from pathlib import Path

from pass_engine.protocol import load_protocol
from pass_engine.registry import load_registry
from pass_engine.site import prepare
from pass_engine.store import open_store

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "patients.csv": (
        "id,born,gender,enrolled,last_seen,died\n"
        "a,1980-03,F,2015-01-01,2020-01-01,\n"
        "b,1970,M,2015-01-01,2020-01-01,2020-01-01\n"
    ),
    "drugs.csv": "id,drug,begun,stopped\na,Ocrelizumab,2016-01-01,2017-01-01\n",
    "events.csv": "id,icd10,onset,serious\na,A41.9,2016-02-01,1\nb,J18,2016-02-01,0\n",
}


def test_the_smallest_registry_is_read_whole(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "registry.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    (tmp_path / "registry.yaml").write_text(example, encoding="utf-8")
    (tmp_path / "data").mkdir()
    for name, text in FILES.items():
        (tmp_path / "data" / name).write_text(text, encoding="utf-8")
    study = load_protocol(ROOT / "protocols" / "bmsd-pass-001").study
    with open_store() as store:
        prepare(store, load_registry(tmp_path), study)
        persons = store.frame("person", ("person_id",))
        assert persons[["person_id", "sex"]].to_numpy().tolist() == [["a", "female"], ["b", "male"]]
        assert len(store.frame("observation_period")) == 2
        assert store.frame("treatment")["substance"].tolist() == ["ocrelizumab"]
        assert sorted(store.frame("event_report")["serious"].tolist()) == ["no", "yes"]
