"""A run is made again and held against itself, step by step: identical, or where it first differs, and why.

The order of steps is that of the data: files of the run, protocol, SQL, input and bundle of each registry, results,
manifest, report. What cannot be made again is said to be taken over.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pass_engine.bundle import digest_file
from pass_engine.errors import Fault, PassEngineError, TrustError
from pass_engine.estimate import INDEX
from pass_engine.pades import check_signed
from pass_engine.protocol import load_protocol
from pass_engine.run.cells import Cell, differing_cells, differing_files, files_below
from pass_engine.run.folder import APPROVALS, LOG, MANIFEST, RECORD, SIGNED, SUMS, read_sums
from pass_engine.run.pinned import files_changed, read_manifest
from pass_engine.run.pooling import BUNDLES
from pass_engine.terms import MASKED
from pass_engine.verify.again import Made, find_members, make_again
from pass_engine.verify.causes import UNEXPLAINED, earlier_causes, engine_causes, input_causes
from pass_engine.whole import scratch_folder
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

IDENTICAL, DIFFERS, TAKEN_OVER, NOT_MADE = "identical", "differs", "taken over", "cannot be made again"
UNHASHED = (LOG, SUMS, RECORD, SIGNED, f"{APPROVALS}/")
CELLS_SHOWN = 20


@dataclass(frozen=True)
class Step:
    """One step: its name, verdict, number of files, the cells that differ, and a remark."""

    name: str
    verdict: str
    files: int
    cells: tuple[Cell, ...] = ()
    note: str = ""

    @property
    def holds(self) -> bool:
        """Nothing differs here."""
        return self.verdict in (IDENTICAL, TAKEN_OVER)


@dataclass(frozen=True)
class Verified:
    """The steps of a re-run in their order, the registries read from data, and what may explain a difference."""

    run: Path
    manifest: dict[str, Any]
    steps: tuple[Step, ...]
    from_data: tuple[str, ...]
    causes: tuple[str, ...]
    digests: tuple[tuple[str, str, str], ...]

    @property
    def first_difference(self) -> Step | None:
        """The first step that does not hold."""
        return next((step for step in self.steps if not step.holds), None)

    @property
    def bundles_gone(self) -> set[str]:
        """Files of whole bundles that the run had and that are not there."""
        names = read_sums(self.run)
        there = [n for n in names if n.startswith(f"{BUNDLES}/")]
        return {n for n in there if not (self.run / BUNDLES / n.split("/")[1]).is_dir()}

    @property
    def likely_cause(self) -> str:
        """One sentence: the first of the causes, in the order in which they explain a difference."""
        first = self.first_difference
        if first is None:
            return ""
        if first.name == FILES:
            gone = sorted({cell.file.split("/")[1] for cell in first.cells if cell.file in self.bundles_gone})
            told = f": the bundle of {', '.join(gone)} is not there" if gone else ""
            return f"files of the run were changed after it was made{told}"
        if first.name in (AGAIN, SIGNATURE):
            return first.note
        return self.causes[0] if self.causes else UNEXPLAINED


FILES, AGAIN, SIGNATURE = "files of the run", "re-run", "signed report"


def verify_run(
    run: Path,
    data: Path | None = None,
    *,
    threads: int = 2,
    with_report: bool = True,
    earlier: Sequence[Path] = (),
    on_step: Callable[[str, str], None] = lambda _registry, _step: None,
) -> Verified:
    """Make a run again beside it, in a temporary folder, and compare. Raises ReportError where there is no run.

    With ``data`` the registries found there are counted again; without, their bundles are taken as they are.
    """
    manifest = read_manifest(run)
    with scratch_folder() as place:
        work = place / "run"
        work.mkdir()
        steps, made = [_own_files(run), *_signature(run)], Made(work)
        try:
            protocol = load_protocol(run / "protocol")
        except PassEngineError as error:
            steps.append(_not_made(error))
        else:
            members = find_members(data, protocol) if data is not None else {}
            try:
                made = make_again(
                    run, work, protocol, members,
                    threads=threads, with_report=with_report, earlier=earlier, on_step=on_step,
                )  # fmt: skip
            except PassEngineError as error:
                steps.append(_not_made(error))
            else:
                steps += _compare(run, made, with_report=with_report)
        causes = [*_input_causes(run, made), *engine_causes(manifest), *earlier_causes(manifest, len(earlier))]
        return Verified(run, manifest, tuple(steps), made.from_data, tuple(causes), tuple(_digests(run, work, made)))


def _not_made(error: PassEngineError) -> Step:
    return Step(AGAIN, NOT_MADE, 0, (), "; ".join(f"{fault.code} {fault.problem}" for fault in error.faults))


def _own_files(run: Path) -> Step:
    """Are the files of the run those that it wrote?"""
    sums = read_sums(run)
    names = sorted({*sums, *files_below(run, UNHASHED)})
    wrong = {name for name in names if not (run / name).is_file() or digest_file(run / name) != sums.get(name)}
    wrong |= set(files_changed(run))
    cells = [Cell(n, "", "", sums.get(n, "not in SHA256SUMS")[:16], _now(run / n)) for n in sorted(wrong)]
    return Step(FILES, DIFFERS if wrong else IDENTICAL, len(names), tuple(cells))


def _signature(run: Path) -> Iterator[Step]:
    """Does the signature hold, and over the report of this run? Nothing where the report is not signed."""
    if not (run / SIGNED).is_file():
        return
    try:
        signer = check_signed(run / "report.pdf", run / SIGNED)
    except TrustError as error:
        yield Step(SIGNATURE, DIFFERS, 1, (), f"{error.faults[0].code} {error.faults[0].found}")
    else:
        yield Step(SIGNATURE, IDENTICAL, 1, (), f"the signature holds, by {signer}")


def _now(path: Path) -> str:
    return digest_file(path)[:16] if path.is_file() else "no such file"


def _compare(run: Path, made: Made, *, with_report: bool) -> Iterator[Step]:
    """Protocol, SQL, each registry, results, manifest, report: the files of both folders, in the order of the data."""
    names = sorted({*files_below(run, UNHASHED), *files_below(made.folder, UNHASHED)})
    groups: dict[str, list[str]] = {"protocol": [], "SQL": []}
    for name in names:
        groups.setdefault(_step_of(name), []).append(name)
    last = ("results", "manifest", "report")
    middle = sorted(group for group in groups if group not in ("protocol", "SQL", *last))
    for group in ("protocol", "SQL", *middle, *last):
        registry = group.removeprefix("bundle of ")
        files = groups.get(group, [])
        if group == "report" and not with_report:
            yield Step(group, TAKEN_OVER, len(files), (), "not made again, as asked")
            continue
        taken = registry != group and registry not in (*made.from_data, *([MASKED] if made.summed else []))
        cells = [
            c for name in differing_files(run, made.folder, files) for c in differing_cells(run, made.folder, name)
        ]
        note = _taken_over(registry) if taken else ""
        if registry in made.failures:
            note = "; ".join(f"{f.code} {f.problem}" for f in made.failures[registry].faults)
        verdict = DIFFERS if cells else TAKEN_OVER if taken else IDENTICAL
        yield Step(group, verdict, len(files), tuple(_by_table(cells)), note)


def _taken_over(registry: str) -> str:
    if registry == MASKED:
        return "the sum over the masked registries needs the data of all of them"
    return "no data of this registry are here"


def _by_table(cells: list[Cell]) -> list[Cell]:
    """Tables before the manifests that hold their digests: what differs first comes first."""
    return sorted(cells, key=lambda c: c.file.endswith("manifest.json"))


def _step_of(name: str) -> str:
    top, _, rest = name.partition("/")
    if top == BUNDLES:
        return f"bundle of {rest.partition('/')[0]}"
    if name == f"results/{INDEX}":  # digests of bundles, as the manifest has them
        return "manifest"
    return {"protocol": "protocol", "sql": "SQL", "results": "results", MANIFEST: "manifest"}.get(top, "report")


def _input_causes(run: Path, made: Made) -> Iterator[str]:
    for name in made.from_data:
        manifests = [_json(folder / BUNDLES / name / MANIFEST) for folder in (run, made.folder)]
        if manifests[1]:
            yield from input_causes(name, *manifests)


def _digests(run: Path, work: Path, made: Made) -> Iterator[tuple[str, str, str]]:
    """What is held together, with its digest in the run and in the re-run, for the record."""
    then, now = (_json(folder / MANIFEST) for folder in (run, work))
    for label, key in (("protocol", "protocol"), ("engine", "versions"), ("SQL", "sql")):
        yield label, _short(then.get(key)), _short(now.get(key))
    for name in made.from_data:
        inputs = [(manifest.get("tables") or {}).get(name) for manifest in (then, now)]
        yield f"input of {name}", _short(inputs[0]), _short(inputs[1])
    for name in (n for n in files_below(run, UNHASHED) if n.startswith("results/") or "/" not in n):
        again = work / name
        yield name, digest_file(run / name), digest_file(again) if again.is_file() else ""


def _short(value: Any) -> str:
    """One digest of a part of a manifest; the digest itself where the part is a protocol's."""
    import hashlib

    from pass_engine.yamltext import canonical_json

    if value is None:
        return ""
    if isinstance(value, dict) and "digest" in value:
        return str(value["digest"])
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def fault_of(verified: Verified) -> Fault:
    """The fault (PE720) of a re-run that differs."""
    step = verified.first_difference
    assert step is not None  # noqa: S101 - asked for only then
    count = f"{len(step.cells)} differences in {len({c.file for c in step.cells})} files" if step.cells else step.note
    problem = f"the re-run is not the run, first in: {step.name}"
    return Fault(shown_name(verified.run), step.name, count, problem, f"likely cause: {verified.likely_cause}", "PE720")
