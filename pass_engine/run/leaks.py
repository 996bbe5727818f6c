"""``pass-engine disclose audit``: the published results of a run, and of earlier ones, as a reader has them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pass_engine.disclose.reader import NOT_COVERED, audit_release
from pass_engine.disclose.thresholds import rules_of
from pass_engine.errors import DisclosureError, Fault
from pass_engine.estimate import read_results
from pass_engine.protocol import load_protocol
from pass_engine.run.pooling import BUNDLES
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pass_engine.disclose.reader import Leak, ReaderAudit
    from pass_engine.disclose.thresholds import Thresholds


def audit_run(run: Path, earlier: Sequence[Path] = ()) -> ReaderAudit:
    """Audit the results of a run; raises BundleError where they, or those of an earlier one, are not whole."""
    tables = read_results(run).tables
    before = [(shown_name(path), read_results(path).tables) for path in earlier]
    return audit_release(tables, _rules_of_run(run), before)


def _rules_of_run(run: Path) -> Thresholds:
    """The rules that the study and the registries of a run ask for, from its protocol and bundles."""
    files = sorted((run / BUNDLES).glob("*/registry.json"))
    policies = {file.parent.name: json.loads(file.read_text(encoding="utf-8"))["policy"] for file in files}
    return rules_of(load_protocol(run / "protocol").study.publish, policies)


def audit_lines(found: ReaderAudit) -> Iterator[str]:
    """What was looked at, line by line."""
    yield f"Withheld numbers: {found.withheld}. Relations looked at:"
    for kind, count in found.covered.items():
        yield f"  {count:>7}  {kind}"
    if found.undecided:
        yield f"Not decided: {found.undecided} withheld numbers, in sums that do not hold as published or are too many."
    yield "Not looked at:"
    yield from (f"  - {what}" for what in NOT_COVERED)


def refuse_leaks(run: Path, found: ReaderAudit) -> None:
    """Raise DisclosureError with everything found; no fault holds a number."""
    faults = [_fault(shown_name(run), leak) for leak in found.leaks]
    if faults:
        raise DisclosureError(*faults)


def _fault(run: str, leak: Leak) -> Fault:
    where = f"{run}/results/{leak.table}.csv"
    if leak.earlier:
        problem = f"it differs from that of {leak.earlier} by too few persons or events to show"
        mend = "run again with --earlier, which withholds it"
        return Fault(where, leak.place, "a number that is shown", problem, mend, "PE508")
    problem, mend = f"it follows from what is shown ({leak.told_by})", "withhold what gives it back, and publish again"
    return Fault(where, leak.place, "a withheld number", problem, mend, "PE507")
