"""The archive described for machines: RO-Crate 1.1 (w3id.org/ro/crate/1.1), in ``ro-crate-metadata.json``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pass_engine import __version__
from pass_engine.bundle import digest_file, write_json
from pass_engine.run.folder import CRATE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pass_engine.protocol import Protocol

PROFILE = "https://w3id.org/ro/crate/1.1"
SHA256 = "https://schema.org/sha256"
"""A term that the context of RO-Crate 1.1 does not have yet."""
KINDS = {
    ".csv": "text/csv", ".json": "application/json", ".jsonl": "application/jsonl", ".md": "text/markdown",
    ".pdf": "application/pdf", ".html": "text/html", ".sql": "application/sql", ".yaml": "application/yaml",
    ".whl": "application/zip", ".lock": "text/plain", ".txt": "text/plain",
}  # fmt: skip


def write_crate(work: Path, protocol: Protocol, manifest: Mapping[str, Any]) -> None:
    """Describe every file below ``work``; dates are the protocol's own."""
    names = [p.relative_to(work).as_posix() for p in sorted(work.rglob("*")) if p.is_file()]
    study = protocol.study.study
    parts = [{"@id": name} for name in names]
    made = [{"@id": n} for n in names if n.startswith("run/results/") or n in ("run/report.pdf", "run/report.html")]
    graph: list[dict[str, Any]] = [
        {"@id": CRATE, "@type": "CreativeWork", "about": {"@id": "./"}, "conformsTo": {"@id": PROFILE}},
        {
            "@id": "./", "@type": "Dataset", "name": study.title, "identifier": study.id, "version": study.version,
            "description": f"{study.type} {study.id}, version {study.version}: protocol, code lists, SQL, bundles, "
                           "results, report, and the engine that made them. README.md says how to read it.",
            "datePublished": study.date.isoformat(), "license": {"@id": "#terms"}, "hasPart": parts,
            "author": [{"@id": f"#author-{n}"} for n, _ in enumerate(study.authors, start=1)],
            "mentions": [{"@id": "#run"}],
        },
        {
            "@id": "#terms", "@type": "CreativeWork", "name": "Terms of use",
            "description": "The study's holders decide who may use this archive; the bundles hold counts below "
                           "the limit for publication. The licence of the engine stands inside its wheel.",
        },
        {
            "@id": "#run", "@type": "CreateAction", "name": "The run",
            "instrument": {"@id": "#engine"}, "object": _objects(names), "result": made,
        },
        {
            "@id": "#engine", "@type": "SoftwareApplication", "name": "pass_engine",
            "softwareVersion": str((manifest.get("versions") or {}).get("pass_engine", __version__)),
        },
    ]  # fmt: skip
    graph += [
        {"@id": f"#author-{n}", "@type": "Person", "name": author.name}
        for n, author in enumerate(study.authors, start=1)
    ]
    graph += [_file(work, name) for name in names]
    write_json(work / CRATE, {"@context": [f"{PROFILE}/context", {"sha256": SHA256}], "@graph": graph})


def _objects(names: list[str]) -> list[dict[str, str]]:
    """What the run was made from: the protocol and the manifests of the bundles."""
    made_from = (n for n in names if n.startswith("run/protocol/") or n.endswith("/manifest.json"))
    return [{"@id": n} for n in made_from if n != "run/manifest.json"]


def _file(work: Path, name: str) -> dict[str, Any]:
    path = work / name
    return {
        "@id": name, "@type": "File", "name": path.name, "contentSize": str(path.stat().st_size),
        "encodingFormat": KINDS.get(path.suffix, "application/octet-stream"), "sha256": digest_file(path),
    }  # fmt: skip
