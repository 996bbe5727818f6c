"""Does the comparison of two extracts say what changed in earlier periods, and tell of no few events?"""

from __future__ import annotations

import csv
import shutil

import pytest

from tests.e2e.small import make_network

OLD = {"aa": (10, 20), "bb": (8, 12)}
"""Events up to 2018 and in 2019, as the older extract has them; person-days are a thousand times as many."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    network = make_network(tmp_path_factory.mktemp("compare"))
    network.edit("study/protocol.yaml", ("  require:", "  lock_points: [2018-12-31, 2020-12-31]\n  require:"))
    assert network.run().code == 0
    return network


def extract(network, name, points, counts):
    """A run folder whose counts by lock point are these: registry to events in each interval."""
    shutil.rmtree(network / name, ignore_errors=True)
    shutil.copytree(network / "run", network / name)
    place = network / name / "results" / "lock_points.csv"
    with place.open(encoding="utf-8", newline="") as file:
        head = csv.DictReader(file).fieldnames
    pooled = [sum(n) for n in zip(*counts.values(), strict=True)]
    rows = []
    for registry, events in {**counts, "pooled": pooled}.items():
        total = 0
        for point, n in zip(points, events, strict=True):
            total += n
            key = {
                "analysis": "rates", "role": "primary", "registry": registry, "cohort": "alfa", "outcome": "infection",
                "time_at_risk": "treated", "counting": "recurrent", "lock_point": point, "status": "shown",
                "registries": ";".join(counts) if registry == "pooled" else registry,
            }  # fmt: skip
            for span, number in (("interval", n), ("cumulative", total)):
                days = {"person_days": 1000 * number, "first_event_days": 900 * number}
                rows.append({**key, "span": span, "first_events": number, "events": number, **days})
    with place.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, head, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def compared(network, old, new):
    extract(network, "older", ("2018-12-31", "2019-12-31"), old)
    extract(network, "newer", ("2018-12-31", "2019-12-31", "2020-12-31"), new)
    said = network.command("compare", "older", "newer", "--out", "changes.csv")
    assert (said.code, said.err) == (0, "")
    with (network / "changes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return said.out, {(r["registry"], r["line"], r["lock_point"]): (r["status"], r["events"]) for r in rows}


def test_the_four_lines_add_up(made):
    """Three late reports of 2018 at aa and four of 2019 at bb; in 2020 there are 9 and 6: 50 + 7 + 15 = 72."""
    text, found = compared(made, OLD, {"aa": (13, 20, 9), "bb": (8, 16, 6)})
    assert found["pooled", "cumulative before", "2019-12-31"] == ("shown", "50")
    assert found["pooled", "changes to earlier periods", "2019-12-31"] == ("shown", "7")
    assert found["pooled", "since then", "2020-12-31"] == ("shown", "15")
    assert found["pooled", "cumulative now", "2020-12-31"] == ("shown", "72")
    assert found["aa", "changes to earlier periods: interval", "2018-12-31"] == ("shown", "3")
    assert found["bb", "changes to earlier periods: interval", "2019-12-31"] == ("shown", "4")
    assert text == (
        "\ninfection, alfa, treated (rates)\n"
        "                              to          first events     events    person-days\n"
        "  cumulative before           2019-12-31            50         50         50,000\n"
        "  changes to earlier periods  2019-12-31             7          7          7,000\n"
        "  since then                  2020-12-31            15         15         15,000\n"
        "  cumulative now              2020-12-31            72         72         72,000\n"
        "\n18 rows: changes.csv\n"
    )


def test_a_registry_that_joined_is_named(made):
    text, found = compared(made, {"aa": (10, 20)}, {"aa": (10, 20, 9), "bb": (8, 12, 6)})
    assert found["pooled", "changes to earlier periods", "2019-12-31"] == ("shown", "20")
    assert "20,000  joined: bb\n" in text
    assert found["bb", "changes to earlier periods", ""] == ("not compared", "")


def test_a_change_of_few_events_is_withheld_with_what_gives_it_back(made):
    """One late report at aa, below 2; bb has none: its row would leave the pool's one to aa."""
    _, found = compared(made, OLD, {"aa": (11, 20, 9), "bb": (8, 17, 6)})
    assert found["aa", "changes to earlier periods", "2019-12-31"] == ("<2", "")
    assert found["aa", "cumulative before", "2019-12-31"] == ("withheld", "")
    assert found["bb", "changes to earlier periods", "2019-12-31"] == ("withheld", "")
    assert found["pooled", "changes to earlier periods", "2019-12-31"] == ("shown", "6")
    # 1 of 2018 and 5 of 2019 in the pool: neither, since the total is shown
    assert found["pooled", "changes to earlier periods: interval", "2018-12-31"] == ("<2", "")
    assert found["pooled", "changes to earlier periods: interval", "2019-12-31"] == ("withheld", "")


def test_a_registry_that_lost_events_has_a_change_below_zero(made):
    _, found = compared(made, OLD, {"aa": (10, 17, 9), "bb": (8, 12, 6)})
    assert found["pooled", "changes to earlier periods", "2019-12-31"] == ("shown", "-3")


def test_other_lock_points_are_refused(made):
    extract(made, "older", ("2018-12-31", "2019-06-30"), OLD)
    extract(made, "newer", ("2018-12-31", "2020-12-31"), OLD)
    said = made.command("compare", "older", "newer")
    assert said.code == 15
    assert said.err == (
        "PE611 newer  lock_points\n"
        "  found    lock points 2018-12-31, 2020-12-31\n"
        "  problem  the newer extract has no such lock point, so that nothing is cumulative to the same day\n"
        "  mend     add 2019-06-30\n"
    )


def test_a_run_without_lock_points_is_refused(made):
    extract(made, "older", ("2018-12-31", "2019-12-31"), OLD)
    place = made / "older" / "results" / "lock_points.csv"
    place.write_text(place.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    said = made.command("compare", "older", "run")
    assert said.code == 15
    assert said.err == (
        "PE610 older  lock_points\n"
        "  found    no row in results/lock_points.csv\n"
        "  problem  this run has no counts between lock points\n"
        "  mend     declare data.lock_points in the protocol, and run it again\n"
    )


def test_a_file_that_cannot_be_written(made):
    compared(made, OLD, {"aa": (13, 20, 9), "bb": (8, 16, 6)})
    said = made.command("compare", "older", "newer", "--out", "nowhere/changes.csv")
    assert said.code == 15
    assert said.err == (
        "PE609 nowhere/changes.csv  --out\n"
        "  found    no such file or directory\n"
        "  problem  the comparison cannot be written there\n"
        "  mend     name another file, in a folder that is there\n"
    )


def test_an_extract_held_against_itself_has_no_changes(made):
    said = made.command("compare", "run", "run")
    assert said.code == 0
    lines = [line for line in said.out.splitlines() if "changes to earlier periods" in line]
    assert lines
    assert all(line.split()[-3:] in (["0", "0", "0"], ["withheld"] * 3) for line in lines)
