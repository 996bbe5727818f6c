"""Files that travel inside the PDF: results, manifest, protocol and SQL; same order and bytes every time."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

TITLES: Final = {
    "index.csv": "Index of the results: the way back from every row",
    "incidence.csv": "Incidence: all registries, strata and measures",
    "comparison.csv": "Comparisons",
    "survival.csv": "Survival and cumulative incidence",
    "lock_points.csv": "Counts between data lock points",
    "attrition.csv": "Attrition by registry and pooled",
    "baseline.csv": "Characteristics at cohort entry",
    "quality.csv": "Quality counts by registry",
    "participation.csv": "Participation of the registries",
    "contribution.csv": "Who contributed to each analysis and outcome",
    "leave_one_out.csv": "Overall rates without each registry in turn",
    "heterogeneity.csv": "Heterogeneity of the rates between registries",
    "bounds.csv": "Bounds on pooled rates that lack what a registry withheld",
    "weighted.csv": "Rate ratios weighted by propensity scores",
    "balance.csv": "Balance of covariates before and after weighting",
    "propensity.csv": "Propensity scores by registry and cohort",
    "propensity_model.csv": "Coefficients of the propensity scores",
    "regression.csv": "Ratios of regression models",
    "regression_members.csv": "Persons in the regression models",
    "second_stage.csv": "Ratios of the registries brought together in a second stage",
    "unmeasured.csv": "E-values and smallest detectable ratios",
    "subgroups.csv": "Rate ratios in subgroups, and tests of interaction",
    "standard_weights.csv": "Weights of the standard population",
    "reference_rates.csv": "Reference rates",
    "withheld.csv": "What is withheld, row by row",
    "data_dictionary.csv": "Data dictionary of the results",
    "manifest.json": "Manifest of the run: digests and versions",
    "protocol.zip": "Protocol as it ran, with its prose and code lists",
    "sql.zip": "SQL that ran, column maps included",
}


@dataclass(frozen=True)
class AttachedFile:
    """One file inside the PDF."""

    name: str
    title: str
    content: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.content).hexdigest()


def collect_attachments(folder: Path, day: date) -> tuple[AttachedFile, ...]:
    """All attachments of a run, sorted by name as the PDF's name tree wants them."""
    files = [_file(path) for path in sorted((folder / "results").glob("*.csv"))]
    files.append(_file(folder / "manifest.json"))
    for name in ("protocol", "sql"):
        paths = sorted(p for p in (folder / name).rglob("*") if p.is_file())
        if paths:
            content = _zip(((p.relative_to(folder).as_posix(), p.read_bytes()) for p in paths), day)
            files.append(AttachedFile(f"{name}.zip", TITLES[f"{name}.zip"], content))
    return tuple(sorted(files, key=lambda f: f.name))


def zipped(name: str, title: str, files: Iterable[tuple[str, bytes]], day: date) -> AttachedFile:
    """Files as one archive; its bytes depend on them and the day alone."""
    return AttachedFile(name, title, _zip(files, day))


def _file(path: Path) -> AttachedFile:
    return AttachedFile(path.name, TITLES.get(path.name, path.name), path.read_bytes())


def _zip(files: Iterable[tuple[str, bytes]], day: date) -> bytes:
    """A zip whose bytes depend on the files and the study's date only: stored, not deflated, as the PDF deflates it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            info = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return buffer.getvalue()
