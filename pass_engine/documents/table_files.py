"""Tables of a document as CSV text, and the files that are attached to it."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from pass_engine.report.attachments import AttachedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pass_engine.report.model import Line, Table


def to_csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """CSV with commas and LF."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def table_csv(table: Table) -> str:
    """A table as CSV: its heads, and the head that a line stands under in a first column where there are any."""
    heads = [" ".join(c.label.split()) if not c.group else f"{c.group}: {c.label}" for c in table.columns]
    grouped = any(line.role == "group" for line in table.lines)
    rows, under = [], ""
    for line in table.lines:
        if line.role == "group":
            under = line.cells[0].text
        else:
            rows.append([*([under] if grouped else []), *_texts(line)])
    return to_csv([*(["Group"] if grouped else []), *heads], rows)


def _texts(line: Line) -> list[str]:
    return [" ".join((cell.text, *cell.below)).strip() for cell in line.cells]


def to_json(content: object) -> str:
    """JSON that is the same every time."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def attached(name: str, title: str, content: str | bytes) -> AttachedFile:
    """A text as a file inside a PDF."""
    return AttachedFile(name, title, content.encode() if isinstance(content, str) else content)
