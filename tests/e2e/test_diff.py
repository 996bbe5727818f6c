"""Are two protocols told in the field's words, and is the change that moved a number found?"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from pass_engine.difference.variant import write_variant
from pass_engine.pin import changed_parts, lock_of
from pass_engine.protocol import load_protocol
from tests.e2e.small import Network, make_network

if TYPE_CHECKING:
    from pathlib import Path

AMENDED = [
    ("clean_window_days: 30", "clean_window_days: 60"),
    ('version: "1.0"', 'version: "1.1"'),
    ("at_least: 18", "at_least: 30"),
    ("min_cell: 2\n", "min_cell: 3\n"),
]


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study and its next version with one more report in aa, each with its run."""
    network = make_network(tmp_path_factory.mktemp("diff"))
    assert network.run().code == 0
    shutil.copytree(network / "study", network / "next")
    shutil.copytree(network / "registries", network / "later")
    for old, new in AMENDED:
        network.edit("next/protocol.yaml", (old, new))
    file = network / "later/aa/data/events.csv"
    file.write_text(file.read_text(encoding="utf-8") + "ZQX001,A49.9,2016-09-01\n", encoding="utf-8")
    assert network.command("run", "next", "--registries", "later", "--out", "newer").code == 0
    return network.root


def test_two_protocols_in_words_by_section_with_lines_for_the_amendments(two_runs) -> None:
    told = Network(two_runs).command("diff", "study", "next")
    assert (told.code, told.err) == (0, "")
    assert told.out == (
        "small version 1.0 and small version 1.1\n"
        "\n"
        "Title page\n"
        '  study.version is "1.1" instead of "1.0"\n'
        "\n"
        "9.3 Subjects\n"
        "  The lowest age of criterion adult is 30 years instead of 18 years\n"
        "\n"
        "9.4 Variables\n"
        "  The clean window of “Infection” is 60 days instead of 30 days\n"
        "\n"
        "A2.4 Disclosure control\n"
        "  publish.min_cell is 3 instead of 2\n"
        "\n"
        "For study.amendments; date and reason are the author's:\n"
        '  - {number: 1, date: , section: "9.3", change: "The lowest age of criterion adult is 30 years instead of 18 '
        'years", reason: }\n'
        '  - {number: 2, date: , section: "9.4", change: "The clean window of “Infection” is 60 days instead of 30 '
        'days", reason: }\n'
        '  - {number: 3, date: , section: "A2.4", change: "publish.min_cell is 3 instead of 2", reason: }\n'
    )


def test_the_same_protocol_is_said_to_be_the_same(two_runs) -> None:
    told = Network(two_runs).command("diff", "study", "study")
    assert told.out == "small version 1.0 and small version 1.0\nThe same, value by value.\n"


def test_what_moved_and_which_change_moved_it(two_runs) -> None:
    network = Network(two_runs)
    told = network.command("diff", "run", "newer", "--data", "registries", "--new-data", "later")
    assert (told.code, told.err) == (0, "")
    head, alone = told.out.split("\nOne change at a time, from the older run:\n")
    assert " rows of the results moved\n" in head
    assert "  rates pooled alfa infection treated overall eaer: " in head
    assert "  The clean window of “Infection” is 60 days instead of 30 days\n" in head
    assert (
        "  input of aa changed: table adverse_event, 12 rows then and 13 now; it differs in code, id, onset\n" in head
    )
    assert "Changes of the engine:\n  none that is recorded\n" in head
    found = {line.split(": ")[0].strip(): line for line in alone.splitlines() if line.endswith(" rows moved")}
    assert set(found) == {
        "outcomes.infection alone", "population.criteria alone", "publish.min_cell alone", "study.version alone",
        "the data alone",
    }  # fmt: skip
    assert found["study.version alone"].endswith(": 0 rows moved")
    assert not found["outcomes.infection alone"].endswith(": 0 rows moved")
    assert not found["the data alone"].endswith(": 0 rows moved")


def test_without_data_changes_are_told_and_nothing_is_run(two_runs) -> None:
    told = Network(two_runs).command("diff", "run", "newer")
    assert told.out.endswith("\nSay --data to run the changes one at a time.\n")
    same = Network(two_runs).command("diff", "run", "run")
    assert same.out.startswith("small version 1.0 and small version 1.0: 0 rows of the results moved\n")
    assert "Changes of the protocol: none\nChanges of the data:\n  none that is recorded\n" in same.out


@pytest.mark.parametrize("part", ["outcomes.infection", "population.criteria", "publish.min_cell", "study.version"])
def test_a_variant_has_one_part_of_the_newer_protocol_and_nothing_else(two_runs, tmp_path, part) -> None:
    old, new = load_protocol(two_runs / "study"), load_protocol(two_runs / "next")
    write_variant(old, new, part, tmp_path / "v")
    variant = load_protocol(tmp_path / "v")
    assert changed_parts(lock_of(old), lock_of(variant)) == [part]
    assert part not in changed_parts(lock_of(variant), lock_of(new))


def test_a_variant_of_the_example_with_nothing_changed_is_the_example(tmp_path) -> None:
    from pass_engine.resources import find_folder

    for name in ("bmsd-pass-001", "stanford-heart"):
        example = load_protocol(find_folder("protocols") / name)
        write_variant(example, example, "study.version", tmp_path / name)
        assert load_protocol(tmp_path / name).digest == example.digest
