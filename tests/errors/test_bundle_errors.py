"""Does every fault of a bundle or a border table say where it is, and how to mend it?"""

from __future__ import annotations

import json
import re

import pytest

from pass_engine.bundle import read_bundle, write_bundle
from pass_engine.disclose import check_border
from pass_engine.errors import BundleError, DisclosureError
from pass_engine.registry.models import Policy
from tests.made_bundles import made_bundle, small_protocol

BUNDLE = made_bundle(small_protocol(), "aa")
POLICY = Policy(min_cell=5, min_persons=1, release="exact", allow=("incidence", "comparison", "quality"))
KINDS = {"main": "incidence", "ratio": "comparison", "narrow": "incidence"}


@pytest.fixture
def folder(tmp_path):
    write_bundle(tmp_path / "aa", BUNDLE)
    return tmp_path / "aa"


def text_of(folder, digest=None):
    with pytest.raises(BundleError) as caught:
        read_bundle(folder, digest)
    assert caught.value.exit_code == 15
    return str(caught.value).replace(folder.as_posix(), "bundles/aa")


def fault(code, where, found, problem, mend):
    return f"{code} {where}\n  found    {found}\n  problem  {problem}\n  mend     {mend}"


AGAIN = "ask the registry for the bundle again, whole"


def test_no_manifest(folder):
    (folder / "manifest.json").unlink()
    assert text_of(folder) == fault(
        "PE601", "bundles/aa/manifest.json", "no file", "a bundle has a manifest",
        "name the folder that holds manifest.json",
    )  # fmt: skip


@pytest.mark.parametrize("content", ["{", "[]", '{"format": "another 1"}', '{"format": "pass_engine bundle 1"}'])
def test_a_manifest_of_another_format(folder, content):
    (folder / "manifest.json").write_text(content, encoding="utf-8")
    assert text_of(folder) == fault(
        "PE602", "bundles/aa/manifest.json  format", "another content",
        "a manifest of the format 'pass_engine bundle 1' is needed",
        "make the bundle again with this version of the engine",
    )  # fmt: skip


def test_missing_stray_and_changed_files_are_told_together(folder):
    (folder / "baseline.csv").unlink()
    (folder / "persons.csv").write_text("person_id\nP1\n", encoding="utf-8")
    with (folder / "counts.csv").open("a", encoding="utf-8") as handle:
        handle.write("\n")
    assert text_of(folder).split("\n\n") == [
        fault("PE603", "bundles/aa/baseline.csv", "no file", "the bundle lacks a file it must hold", AGAIN),
        fault(
            "PE605", "bundles/aa/counts.csv  files", "another digest", "the file is not the one of the manifest", AGAIN
        ),
        fault(
            "PE604", "bundles/aa/persons.csv", "a file", "the manifest does not know it", "take it out, or ask again"
        ),
    ]


def test_a_manifest_may_not_make_up_files(folder):
    """A file is not let in by being named: the files of a bundle are fixed."""
    (folder / "persons.csv").write_text("person_id\nP1\n", encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["persons.csv"] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert text_of(folder).startswith("PE604 bundles/aa/persons.csv")


def test_another_protocol(folder):
    assert text_of(folder, "f" * 64) == fault(
        "PE606", "bundles/aa/manifest.json  protocol.digest", "000000000000…",
        "the bundle was made under another protocol than ffffffffffff…",
        "ask the registry to run the protocol as it stands",
    )  # fmt: skip


def reseal(folder, name, text):
    """Change a file and name its new digest, as a tool gone wrong would."""
    from pass_engine.bundle import digest_file

    (folder / name).write_text(text, encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"][name] = digest_file(folder / name)
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_a_number_that_is_none(folder):
    text = (folder / "quality.csv").read_text(encoding="utf-8")
    reseal(folder, "quality.csv", text.replace(",500,", ",many,"))
    assert text_of(folder) == fault(
        "PE607", "bundles/aa/quality.csv", "a value that is no whole number", "the table cannot be read",
        "make the bundle again with this version of the engine",
    )  # fmt: skip


def test_a_column_too_many(folder):
    text = (folder / "quality.csv").read_text(encoding="utf-8")
    reseal(folder, "quality.csv", re.sub("$", ",x", text, flags=re.MULTILINE).removesuffix(",x"))
    found = text_of(folder)
    assert found.startswith("PE607 bundles/aa  x\n")
    assert "this column is not among those that may leave" in found


def test_a_folder_with_files_is_not_written_into(folder):
    with pytest.raises(BundleError, match="a bundle is written into an empty folder"):
        write_bundle(folder, BUNDLE)


def refused(**tables):
    with pytest.raises(DisclosureError) as caught:
        check_border({**BUNDLE.tables, **tables}, POLICY, KINDS)
    assert caught.value.exit_code == 14
    return str(caught.value)


def test_a_table_of_persons_does_not_cross():
    assert refused(person=BUNDLE.tables["quality"]) == fault(
        "PE501", "table person", "a table", "this table is not among those that may leave", "leave it at the registry"
    )


def test_a_column_of_persons_does_not_cross():
    assert refused(counts=BUNDLE.tables["counts"].assign(person_id="P1")) == fault(
        "PE502", "table counts  person_id", "a column", "this column is not among those that may leave", "take it out"
    )


def test_a_missing_column_is_told():
    assert refused(counts=BUNDLE.tables["counts"].drop(columns="persons")) == fault(
        "PE502", "table counts  persons", "no column", "this column is missing", "give every column of the table"
    )


def test_fractions_and_negatives_do_not_cross():
    counts = BUNDLE.tables["counts"].astype({"person_days": "float64"})
    counts.loc[0, "person_days"] = 10.5
    counts.loc[1, "person_days"] = -1.0
    counts.loc[2, "person_days"] = float("nan")
    assert refused(counts=counts) == fault(
        "PE503", "table counts  person_days", f"3 of {len(counts)} rows", "only whole numbers from 0 leave",
        "count or sum whole units",
    )  # fmt: skip


def test_long_texts_do_not_cross():
    """A note copied from a record is told by column and count; none of its words is."""
    attrition = BUNDLE.tables["attrition"].copy()
    attrition.loc[0, "label"] = "the patient said " * 50
    assert refused(attrition=attrition) == fault(
        "PE504", "table attrition  label", f"1 of {len(attrition)} rows", "texts must be short and on one line",
        "give identifiers and labels only",
    )  # fmt: skip


def test_an_analysis_nobody_asked_for_does_not_cross():
    counts = BUNDLE.tables["counts"].copy()
    counts.loc[0, "analysis"] = "extra"
    assert refused(counts=counts) == fault(
        "PE505", "table counts  analysis", "extra", "this analysis is not in the protocol", "count what was asked only"
    )
