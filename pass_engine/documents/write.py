"""Write documents into a folder: every file whole before any takes its place, the same bytes every time."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from pass_engine.documents.blank import blank_run
from pass_engine.documents.catalogue import as_csv, as_json, study_elements
from pass_engine.documents.coverage import described
from pass_engine.documents.dossier import make_dossier
from pass_engine.documents.elements import catalogue, dictionary
from pass_engine.documents.encepp import answer_checklist
from pass_engine.documents.evidence import read_evidence
from pass_engine.documents.harper import harper_tables
from pass_engine.documents.national import read_national, read_text
from pass_engine.documents.protocol_document import make_document
from pass_engine.documents.record_pe import HEAD, pages_of, places_in
from pass_engine.documents.runs import open_run
from pass_engine.documents.said import Scope
from pass_engine.documents.table_files import attached, table_csv, to_csv, to_json
from pass_engine.errors import Fault, ReportError
from pass_engine.release import files_beside
from pass_engine.report.assemble import assemble
from pass_engine.report.attachments import zipped
from pass_engine.report.context import Context
from pass_engine.report.pdf import write_pdf
from pass_engine.report.printable import check_letters
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pass_engine.documents.record_pe import Place
    from pass_engine.protocol import Protocol
    from pass_engine.report.attachments import AttachedFile

PROTOCOL_PDF: Final = "protocol.pdf"
DOSSIER_PDF: Final = "dossier.pdf"
RECORD_PE: Final = "record_pe_checklist.csv"
ENCEPP_HEAD: Final = ("number", "section of the checklist", "question", "answer", "section of the protocol", "from")


def write_protocol_document(protocol: Protocol, out: Path) -> tuple[Path, ...]:
    """Write ``protocol.pdf`` and the checklists, tables and metadata beside it; earlier ones are replaced.

    Raises ReportError where the folder cannot be written, or a letter of the protocol has no place in the fonts.
    """
    check_letters(protocol)
    files = document_files(protocol)
    document = make_document(protocol, files)
    half = out / f".{PROTOCOL_PDF}.part"
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_pdf(document, files, half)
        places = places_in(document, protocol, pages_of(half), planned=True)
        written = put_files(out, {**{f.name: f.content for f in files}, RECORD_PE: record_pe_csv(places).encode()})
        half.replace(out / PROTOCOL_PDF)
    except OSError as error:
        raise ReportError(unwritten(out, error)) from error
    finally:
        if half.parent.is_dir():
            half.unlink(missing_ok=True)
    return (out / PROTOCOL_PDF, *written)


def document_files(protocol: Protocol) -> tuple[AttachedFile, ...]:
    """The files that stand beside the document, and inside it as attachments, sorted by name."""
    files = [
        attached("encepp_checklist.csv", "ENCePP checklist, answered from the protocol", encepp_csv(protocol)),
        attached("catalogue_study.json", "Metadata for the HMA-EMA catalogue of studies", to_json(as_json(protocol))),
        attached("catalogue_study.csv", "The same metadata as a table", as_csv(study_elements(protocol))),
        zipped(
            "protocol.zip",
            "Protocol, with its prose and code lists",
            _protocol_files(protocol),
            protocol.study.study.date,
        ),
    ]
    for number, table in enumerate(harper_tables(Context(blank_run(protocol))), start=1):
        files.append(attached(f"harper_{number:02}.csv", table.title, table_csv(table)))
    return tuple(sorted(files, key=lambda file: file.name))


def _protocol_files(protocol: Protocol) -> Iterable[tuple[str, bytes]]:
    """The YAML under its usual name, and every file beside it that it reads."""
    yield "protocol/protocol.yaml", (protocol.folder / protocol.file_name).read_bytes()
    for name in files_beside(protocol):
        yield f"protocol/{name}", (protocol.folder / name).read_bytes()


def encepp_csv(protocol: Protocol) -> str:
    """The ENCePP checklist as a table."""
    rows = (
        (a.question.number, str(a.chapter), a.question.text, a.verdict, a.section, a.question.paths)
        for a in answer_checklist(protocol)
    )
    return to_csv(ENCEPP_HEAD, rows)


def record_pe_csv(places: Iterable[Place]) -> str:
    """The RECORD-PE checklist as a table."""
    return to_csv(HEAD, ((p.item.number, p.item.source, p.item.text, p.verdict, p.sections, p.pages) for p in places))


def write_record_pe(run_folder: Path, out: Path) -> Path:
    """Write the RECORD-PE checklist of a run's report, with its pages. Raises ReportError where there is no report."""
    run = open_run(run_folder)
    pdf = run_folder / "report.pdf"
    if not pdf.is_file():
        problem, mend = "pages are read from the report", f"pass-engine report {shown_name(run_folder)}"
        raise ReportError(Fault(shown_name(pdf), "", "no such file", problem, mend, "PE801"))
    places = places_in(assemble(run), run.protocol, pages_of(pdf), planned=False)
    try:
        out.mkdir(parents=True, exist_ok=True)
        return put_files(out, {RECORD_PE: record_pe_csv(places).encode()})[0]
    except OSError as error:
        raise ReportError(unwritten(out, error)) from error


def put_files(out: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    """Write files into a folder, all beside their places first."""
    halves = {out / name: (out / name).with_name(f".{(out / name).name}.part") for name in files}
    try:
        for (target, half), content in zip(halves.items(), files.values(), strict=True):
            target.parent.mkdir(parents=True, exist_ok=True)
            half.write_bytes(content)
        for target, half in halves.items():
            half.replace(target)
    finally:
        for half in halves.values():
            half.unlink(missing_ok=True)
    return tuple(halves)


def unwritten(out: Path, error: OSError) -> Fault:
    """A folder that does not take the documents."""
    found = (error.strerror or "an error of the system").lower()
    return Fault(
        shown_name(out), "--out", found, "the documents cannot be written there", "name a folder that may be written",
        "PE808",
    )  # fmt: skip


def write_dossier(
    folders: Iterable[Path], out: Path, national: Path | None = None, questions: Path | None = None
) -> tuple[Path, ...]:
    """Write ``dossier.pdf`` and its tables as ``tables/*.csv``; earlier ones are replaced.

    Args:
        folders: runs.
        out: where to.
        national: CSV of national statistics (:mod:`pass_engine.documents.national`).
        questions: Markdown of the questions to the agency; without it the section is to be completed.

    Raises:
        ReportError: a run or file is at fault, or the folder cannot be written.
    """
    evidence = read_evidence(folders)
    statistics = read_national(national, described(evidence)) if national is not None else ()
    document = make_dossier(evidence, statistics, read_text(questions) if questions is not None else "")
    whole = (
        dictionary(Scope(evidence, evidence.registries), whole=True),
        *(catalogue(Scope(evidence, (key,)), whole=True) for key in evidence.registries),
    )
    tables = {f"{table.key}.csv": table_csv(table).encode() for table in (*document.tables, *whole)}
    day = date.fromisoformat(document.furniture.iso_date)
    attachment = zipped(
        "tables.zip", "Every table, the data dictionary and the rules in full", sorted(tables.items()), day
    )
    half = out / f".{DOSSIER_PDF}.part"
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_pdf(document, (attachment,), half)
        written = put_files(out, {f"tables/{name}": content for name, content in tables.items()})
        half.replace(out / DOSSIER_PDF)
    except OSError as error:
        raise ReportError(unwritten(out, error)) from error
    finally:
        if half.parent.is_dir():
            half.unlink(missing_ok=True)
    return (out / DOSSIER_PDF, *written)
