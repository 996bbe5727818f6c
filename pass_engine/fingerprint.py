"""Fingerprints of source tables: rows, columns, and digests that do not depend on the order of the rows.

A digest is made from the sum of 64-bit numbers, of an MD5 of each row (or cell): equal tables have equal digests in
whatever order rows are read, and one cell that changed changes the digest of its table and column. It finds change, not
forgery: SHA-256 of the files stands beside it. A plain digest of a small table lets its content be
guessed by trying, so what leaves a registry of a network is keyed with a secret that stays there (HMAC-SHA-256).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Any

from pass_engine.errors import Fault, SourceError
from pass_engine.store import quote_name
from pass_engine.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from pass_engine.store import Store
    from pass_engine.tables.raw import RawTable

SECRET_FILE = "fingerprint.key"  # noqa: S105 - its name
SECRET_BYTES = 32
BETWEEN, MISSING = 31, 30
"""Characters between cells and for a cell that is missing; no file of data holds them."""
KEYED = "hmac-sha256:"
"""Begins a digest that was keyed."""


def fingerprint_tables(store: Store, raw: Iterable[RawTable]) -> dict[str, dict[str, Any]]:
    """Core table to ``rows``, ``digest`` and ``columns`` (source column to its digest), of the tables as read."""
    return {table.table: _fingerprint(store, table) for table in raw}


def _fingerprint(store: Store, table: RawTable) -> dict[str, Any]:
    names = tuple(store.columns(table.name))
    cells = [f"coalesce({quote_name(name)}, chr({MISSING}))" for name in names]
    whole = f"concat_ws(chr({BETWEEN}), {', '.join(cells)})"
    query = f"SELECT count(*), sum(md5_number_lower({whole})) FROM {quote_name(table.name)}"  # noqa: S608 - quoted
    rows, total = store.fetch(query)[0]
    columns = {
        name: _digest(rows, _sum_of_column(store, table, name, cell)) for name, cell in zip(names, cells, strict=True)
    }
    return {"rows": int(rows), "digest": _digest(rows, total), "columns": dict(sorted(columns.items()))}


def _sum_of_column(store: Store, table: RawTable, name: str, cell: str) -> int:
    """Each value is digested once, however often it stands there."""
    groups = f"SELECT {quote_name(name)}, count(*) AS n FROM {quote_name(table.name)} GROUP BY {quote_name(name)}"  # noqa: S608
    return int(store.fetch(f"SELECT sum(CAST(md5_number_lower({cell}) AS HUGEINT) * n) FROM ({groups})")[0][0] or 0)  # noqa: S608


def _digest(rows: int, total: int | None) -> str:
    return hashlib.sha256(f"{rows}:{int(total or 0)}".encode()).hexdigest()


def keyed_files(secret: bytes, files: Mapping[str, str]) -> dict[str, str]:
    """Digests of files, keyed."""
    return {name: _keyed(secret, digest) for name, digest in files.items()}


def keyed_tables(secret: bytes, tables: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Fingerprints, keyed; the number of rows stays in the registry and is part of what is keyed."""
    return {
        name: {
            "digest": _keyed(secret, f"{name}:{table['digest']}"),
            "columns": {c: _keyed(secret, f"{name}.{c}:{digest}") for c, digest in table["columns"].items()},
        }
        for name, table in tables.items()
    }


def _keyed(secret: bytes, text: str) -> str:
    return KEYED + hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def secret_of(folder: Path) -> bytes:
    """The registry's secret, made on first use and readable by its owner alone. It never leaves.

    Raises SourceError (PE259) where the file is there and is no secret, or cannot be made.
    """
    file = folder / SECRET_FILE
    try:
        if not file.exists():
            write_whole({file: secrets.token_hex(SECRET_BYTES) + "\n"}, 0o600, new=True)
        secret = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        secret = b""
    if len(secret) != SECRET_BYTES:
        found, problem = f"no {2 * SECRET_BYTES} hexadecimal digits", "the registry's secret cannot be read or made"
        mend = "take the file back from a copy; without it earlier bundles can no longer be held against the data"
        raise SourceError(Fault(file.as_posix(), "", found, problem, mend, "PE259"))
    return secret
