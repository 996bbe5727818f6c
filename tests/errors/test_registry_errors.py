"""Does every fault of a registry's file tell where it is, what it is, and how to mend it? Whole texts are compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from pass_engine.errors import SourceError
from pass_engine.registry import find_registries, load_registry
from pass_engine.registry.files import input_files
from pass_engine.registry.numbers import Wrong
from tests.errors.faults import HERE, Case, make_folder, read_cases

CASES = read_cases("registry_faults.yaml")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fault(case: Case, tmp_path: Path, monkeypatch) -> None:
    make_folder(case, "registry", "registry.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError) as caught:
        load_registry(Path("registry"))
    assert str(caught.value) == case.text.rstrip("\n")


def test_sound_registry_loads() -> None:
    loaded = load_registry(HERE / "registry")
    assert loaded.registry.registry.id == "aa"
    assert len(loaded.digest) == 64


def test_every_number_has_a_case() -> None:
    told = "\n".join(case.text for case in CASES)
    assert [w.name for w in Wrong if f"PE2{w:02d}" not in told] == []


def test_digest_follows_the_map_files(tmp_path: Path) -> None:
    folder = make_folder(Case("sound", ""), "registry", "registry.yaml", tmp_path)
    before = load_registry(folder).digest
    (folder / "maps" / "drugs.csv").write_text("source,core\nA,beta\n", encoding="utf-8")
    assert load_registry(folder).digest != before


def test_registries_are_found_in_order(tmp_path: Path) -> None:
    for name in ("b", "a"):
        make_folder(Case("sound", ""), "registry", "registry.yaml", tmp_path / name)
        (tmp_path / name / "registry").rename(tmp_path / f"registry-{name}")
    (tmp_path / "no-registry").mkdir()
    assert find_registries(tmp_path) == (tmp_path / "registry-a", tmp_path / "registry-b")
    assert find_registries(tmp_path / "registry-b") == (tmp_path / "registry-b",)


@pytest.mark.parametrize(
    ("name", "find", "told"),
    [
        (
            "nowhere",
            True,
            "PE201 nowhere\n  found    nothing\n  problem  there is no such folder\n  mend     check the name",
        ),
        (
            "empty",
            True,
            (
                "PE201 empty\n"
                "  found    no registry.yaml, here or one folder down\n"
                "  problem  there is no registry here\n"
                "  mend     name the folder of a registry, or the one that holds their folders"
            ),
        ),
        (
            "empty",
            False,
            (
                "PE201 empty\n"
                "  found    no registry.yaml\n"
                "  problem  a registry is a folder with a registry.yaml\n"
                "  mend     write one, or name another folder (docs/registry.md)"
            ),
        ),
    ],
)
def test_folder_without_registry(name, find, told, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    with pytest.raises(SourceError) as caught:
        (find_registries if find else load_registry)(Path(name))
    assert str(caught.value) == told


def test_a_policy_is_the_same_wherever_and_by_whichever_name_it_is_written(tmp_path: Path) -> None:
    folder = make_folder(Case("sound", ""), "registry", "registry.yaml", tmp_path)
    inside = load_registry(folder)
    file = folder / "registry.yaml"
    head, _, policy = file.read_text(encoding="utf-8").partition("policy:\n")
    own = policy.replace("  ", "").replace("min_cell", "nfilter.tab").replace("min_persons", "nfilter.subset")
    (folder / "policy.yaml").write_text(own, encoding="utf-8")
    file.write_text(f"{head}policy: policy.yaml\n", encoding="utf-8")
    outside = load_registry(folder)
    assert outside.registry.policy == inside.registry.policy
    assert outside.digest == inside.digest
    assert input_files(outside).keys() - input_files(inside).keys() == {"policy.yaml"}
    (folder / "policy.yaml").write_text(f"{own}nfilter.levels.max: 40\nnfilter.glm: 0.33\n", encoding="utf-8")
    stricter = load_registry(folder)
    assert (stricter.registry.policy.max_levels, stricter.registry.policy.max_parameters_per_event) == (40, 0.33)
    assert stricter.digest != inside.digest
