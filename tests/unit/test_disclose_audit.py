"""Does the audit of a published release find planted leaks, and nothing where there is none?"""

from __future__ import annotations

from pathlib import Path

import pytest

from pass_engine.centre import estimate, participation_rows
from pass_engine.disclose import publish
from pass_engine.disclose.reader import audit_release
from pass_engine.disclose.thresholds import Thresholds
from pass_engine.errors import DisclosureError
from pass_engine.estimate import RESULT_COLUMNS, frame_of
from pass_engine.run.leaks import audit_lines, refuse_leaks
from tests.made_bundles import made_bundle, small_protocol
from tests.unit.test_disclose import cell

RULES = Thresholds(5, {})

ROWS = [*cell("aa", 4), *cell("bb", 9), *cell("cc", 30), *cell("pooled", 43, 300, registries="aa;bb;cc")]


def frames(rows):
    return {name: frame_of(name, rows if name == "incidence" else []) for name in RESULT_COLUMNS}


@pytest.fixture(scope="module")
def study():
    """A small study of three registries: its numbers, and what of them is published."""
    protocol = small_protocol()
    bundles = [made_bundle(protocol, r, size=size) for r, size in (("aa", 30), ("bb", 60), ("cc", 150))]
    results = estimate(bundles, protocol, participation_rows(bundles, protocol, {})).tables
    return results, publish(results, RULES)


def test_what_is_published_is_closed(study):
    """An adversary with every published table: the main and a sensitivity analysis, strata, registries and pool."""
    found = audit_release(study[1], RULES)
    assert found.leaks == ()
    assert found.undecided == 0
    assert found.withheld > 1000
    kinds = {"levels and their margin", "registries and their pool", "steps of attrition"}
    assert kinds | {"main and sensitivity analyses"} < found.covered.keys()


def test_what_was_withheld_for_another_number_tells_it_when_it_is_shown(study):
    """Planted: events of overall cells withheld beside small ones are shown again."""
    true, shown = study
    leaky = shown["incidence"].copy()
    rows = leaky.index[(leaky["status"] == "withheld") & (leaky["stratum"] == "overall") & (leaky["measure"] == "eair")]
    assert len(rows)
    leaky.loc[rows, "events"] = true["incidence"].loc[rows, "events"]
    leaks = audit_release({**shown, "incidence": leaky}, RULES).leaks
    assert "registries and their pool" in " ".join(leak.told_by for leak in leaks)


def test_a_number_shown_again_gives_its_neighbour_back():
    """43 = ? + 9 + 30: with bb shown, aa's 4 is told by the pool, although its row says <5."""
    shown = publish(frames(ROWS), RULES)
    assert audit_release(shown, RULES).leaks == ()
    leaky = shown["incidence"].copy()
    leaky.loc[1, ["events", "persons_with_event", "person_days"]] = [9, 9, 36500]
    leaks = audit_release({**shown, "incidence": leaky}, RULES).leaks
    assert {leak.told_by for leak in leaks} == {"registries and their pool"}
    assert all("aa" in leak.place for leak in leaks)
    assert len(leaks) == 3


def test_two_sums_together_tell_what_neither_does():
    """Sexes and registries cross: four unknowns, four sums, of which three are free, and one more cell shown."""
    levels = [
        row for who, female, male in (("aa", 4, 9), ("bb", 8, 20), ("pooled", 12, 29))
        for sex, n in (("female", female), ("male", male))
        for row in cell(who, n, registries="aa;bb" if who == "pooled" else who, stratum="sex", level=sex)
    ]  # fmt: skip
    totals = [*cell("aa", 13, 200), *cell("bb", 28, 200), *cell("pooled", 41, 400, registries="aa;bb")]
    shown = publish(frames([*totals, *levels]), RULES)
    assert audit_release(shown, RULES).leaks == ()
    leaky = shown["incidence"].copy()
    place = leaky.index[(leaky["registry"] == "bb") & (leaky["level"] == "male")]
    leaky.loc[place, ["events", "person_days"]] = [20, 36500]
    told = {leak.place for leak in audit_release({**shown, "incidence": leaky}, RULES).leaks}
    assert any("aa" in place and "female" in place and "events" in place for place in told)


@pytest.mark.parametrize(
    ("columns", "told_by"),
    [
        ({"rate": 1.5, "person_days": 36500}, "rate and person_days"),
        ({"rate": 1.5, "rate_low": 0.4}, "rate and rate_low"),
        ({"rate": 1.5, "rate_high": 3.8}, "rate and rate_high"),
    ],
)
def test_a_rate_beside_its_days_or_its_interval_gives_the_count_back(columns, told_by):
    shown = publish(frames(cell("aa", 4)), RULES)
    leaky = shown["incidence"].copy()
    for column, value in columns.items():
        leaky.loc[0, column] = value
    found = audit_release({**shown, "incidence": leaky}, RULES).leaks
    assert [(leak.table, leak.place, leak.told_by) for leak in found] == [("incidence", "row 1 events", told_by)]


def test_a_leak_is_told_without_its_value(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = publish(frames(ROWS), RULES)
    leaky = shown["incidence"].copy()
    leaky.loc[1, "events"] = 9
    with pytest.raises(DisclosureError) as caught:
        refuse_leaks(Path("leaky"), audit_release({**shown, "incidence": leaky}, RULES))
    assert caught.value.exit_code == 14
    assert str(caught.value) == (
        "PE507 leaky/results/incidence.csv  events eair main aa new_drug cancer ever overall\n"
        "  found    a withheld number\n"
        "  problem  it follows from what is shown (registries and their pool)\n"
        "  mend     withhold what gives it back, and publish again"
    )


def test_a_sensitivity_analysis_shown_beside_a_close_main_one_is_found():
    """Planted: 20 in the main analysis and 22 with one thing changed tell of two persons."""
    rows = [*cell("aa", 20), *cell("aa", 22, analysis="narrow", role="sensitivity")]
    leaks = audit_release(frames(rows), RULES).leaks
    assert {leak.told_by for leak in leaks} == {"main and sensitivity analyses"}
    assert all("narrow" in leak.place for leak in leaks)
    assert audit_release(publish(frames(rows), RULES), RULES).leaks == ()


def test_a_small_step_between_releases_is_found():
    first, second = (publish(frames([*cell("aa", n), *cell("bb", 3)]), RULES) for n in (20, 22))
    with pytest.raises(DisclosureError) as caught:
        refuse_leaks(Path("second"), audit_release(second, RULES, [("first", first)]))
    texts = [str(fault) for fault in caught.value.faults]
    assert (
        "PE508 second/results/incidence.csv  events eair main aa new_drug cancer ever overall\n"
        "  found    a number that is shown\n"
        "  problem  it differs from that of first by too few persons or events to show\n"
        "  mend     run again with --earlier, which withholds it"
    ) in texts
    again = publish(frames([*cell("aa", 22), *cell("bb", 3)]), RULES, earlier=(first,))
    assert audit_release(again, RULES, [("first", first)]).leaks == ()


def test_a_registry_that_joins_later_is_found_with_the_earlier_release():
    """40 of aa and bb, then 43 with cc: the second release alone is closed, both together tell cc's 3."""
    own = [*cell("aa", 10), *cell("bb", 30)]
    first = publish(frames([*own, *cell("pooled", 40, 200, registries="aa;bb")]), RULES)
    then = frames([*own, *cell("cc", 3), *cell("pooled", 43, 300, registries="aa;bb;cc")])
    second = publish(then, RULES)
    assert audit_release(second, RULES).leaks == ()
    assert any("cc" in leak.place for leak in audit_release(second, RULES, [("first", first)]).leaks)
    mended = publish(then, RULES, earlier=(first,))
    assert audit_release(mended, RULES, [("first", first)]).leaks == ()


def test_a_zero_that_may_not_be_shown_is_a_leak_as_well():
    hiding = Thresholds(5, {}, frozenset({"aa"}))
    rows = [*cell("aa", 0), *cell("bb", 9), *cell("pooled", 9, 200, registries="aa;bb")]
    shown = publish(frames(rows), hiding)
    assert audit_release(shown, hiding).leaks == ()
    leaky = shown["incidence"].copy()
    for row, events in ((1, 9), (2, 9)):
        leaky.loc[row, ["events", "persons_with_event", "person_days"]] = [events, events, 36500]
    assert audit_release({**shown, "incidence": leaky}, hiding).leaks
    assert audit_release({**shown, "incidence": leaky}, RULES).leaks == ()


def test_the_audit_says_what_it_looked_at():
    lines = list(audit_lines(audit_release(publish(frames(ROWS), RULES), RULES)))
    assert lines[0] == "Withheld numbers: 6. Relations looked at:"
    assert "        4  registries and their pool" in lines
    assert "Not looked at:" in lines
