"""Does a bundle come back as it was sent, in the same bytes every time?"""

from __future__ import annotations

import json

import pandas as pd
import pytest

from pass_engine.bundle import BundleContent, digest_file, read_bundle, read_csv, write_bundle, write_csv
from pass_engine.disclose import BORDER_TABLES, OPTIONAL_TABLES
from tests.made_bundles import made_bundle, small_protocol

BUNDLE = made_bundle(small_protocol(), "aa")


def shuffled(bundle):
    tables = {name: frame.sample(frac=1, random_state=3) for name, frame in bundle.tables.items()}
    return BundleContent(bundle.registry, bundle.protocol, tables, bundle.withheld)


def digests(folder):
    return {path.name: digest_file(path) for path in folder.iterdir()}


def test_reads_back_what_was_written(tmp_path):
    withheld = ({"table": "counts", "analysis": "main", "cohort": "old_drug", "reason": "fewer than 50 persons"},)
    write_bundle(tmp_path, BundleContent(BUNDLE.registry, BUNDLE.protocol, BUNDLE.tables, withheld))
    back = read_bundle(tmp_path, BUNDLE.protocol["digest"])
    assert back.registry == BUNDLE.registry
    assert back.protocol == BUNDLE.protocol
    assert back.withheld == withheld
    for name, border in BORDER_TABLES.items():
        keys = list(border.texts)
        expected = BUNDLE.tables[name].sort_values([*keys, border.numbers[0]]).reset_index(drop=True)
        found = back.tables[name].sort_values([*keys, border.numbers[0]]).reset_index(drop=True)
        pd.testing.assert_frame_equal(found, expected)


def test_same_bytes_whatever_the_row_order(tmp_path):
    write_bundle(tmp_path / "one", BUNDLE)
    write_bundle(tmp_path / "two", shuffled(BUNDLE))
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


def test_manifest_names_every_other_file(tmp_path):
    write_bundle(tmp_path, BUNDLE)
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    found = digests(tmp_path)
    assert manifest["format"] == "pass_engine bundle 1"
    assert manifest["files"] == {name: d for name, d in found.items() if name != "manifest.json"}
    assert sorted(manifest["files"]) == sorted(
        [*(f"{n}.csv" for n in BORDER_TABLES if n not in OPTIONAL_TABLES), "registry.json"]
    )


def test_nothing_outside_the_allow_list_is_written(tmp_path):
    from pass_engine.errors import DisclosureError

    counts = BUNDLE.tables["counts"].assign(person_id="P1")
    with pytest.raises(DisclosureError):
        write_bundle(tmp_path, BundleContent(BUNDLE.registry, BUNDLE.protocol, {**BUNDLE.tables, "counts": counts}))
    assert not list(tmp_path.glob("*.csv"))


def test_csv_is_canonical(tmp_path):
    path = tmp_path / "x.csv"
    frame = pd.DataFrame(
        {
            "text": pd.Series(["a", "", "NA"], dtype="str"),
            "events": pd.Series([3, None, 0], dtype="Int64"),
            "rate": [0.1, float("nan"), 1e-7],
        }
    )
    write_csv(path, frame)
    assert path.read_bytes() == b"text,events,rate\na,3,0.1\n,,\nNA,0,1e-07\n"
    pd.testing.assert_frame_equal(read_csv(path, ["events"], ["rate"]), frame)


def test_floats_read_back_exactly(tmp_path):
    values = [1 / 3, 2 / 7 * 1000, 1e-300, 123456789.123456789]
    write_csv(tmp_path / "x.csv", pd.DataFrame({"rate": values}))
    assert read_csv(tmp_path / "x.csv", [], ["rate"])["rate"].tolist() == values
