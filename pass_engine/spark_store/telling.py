"""What a cluster says, in other words: its own may quote a row, an address or a token."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pass_engine.errors import Fault, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.errors import PySparkException

MISSING = ("TABLE_OR_VIEW_NOT_FOUND", "Table not found", "PATH_NOT_FOUND", "SCHEMA_NOT_FOUND")
GONE = ("StatusCode.UNAVAILABLE", "StatusCode.DEADLINE_EXCEEDED", "StatusCode.CANCELLED", "INVALID_HANDLE.SESSION")
REFUSED = ("StatusCode.UNAUTHENTICATED", "StatusCode.PERMISSION_DENIED", "PERMISSION_DENIED", "UNAUTHENTICATED")


@contextmanager
def told(where: str, step: str) -> Iterator[None]:
    """Put other words in the place of the cluster's own, which may quote a row, an address or a token."""
    from pyspark.errors import PySparkException

    try:
        with without_warnings():
            yield
    except (PySparkException, RuntimeError) as error:
        raise SourceError(_fault(where, step, error)) from None


def _fault(where: str, step: str, error: PySparkException | RuntimeError) -> Fault:
    text = str(error)
    if any(word in text for word in REFUSED):
        problem = "the cluster does not let this user in, or not as far as that"
        mend = "ask its administrator; an address with a token stands under site.connection"
        return Fault(where, step, "no permission", problem, mend, "PE272")
    if any(word in text for word in GONE):
        problem = "the cluster does not answer; nothing of this registry was kept"
        mend = "check its address, and that a Spark Connect server is up there; then run again"
        return Fault(where, step, "no answer", problem, mend, "PE271")
    if any(word in text for word in MISSING):
        return not_there(where, step)
    problem = "the cluster could not do this step; nothing of this registry was kept"
    mend = "look into the cluster's own log, or count with engine: duckdb"
    return Fault(where, step, type(error).__name__, problem, mend, "PE274")


def not_there(where: str, step: str) -> Fault:
    """A table, or files, that the cluster does not have."""
    problem = "the cluster does not have a table that this step reads; nothing of this registry was kept"
    mend = "check its name and your right to read it; a cluster that was started anew has lost its own"
    return Fault(where, step, "a table that is not there", problem, mend, "PE273")


@contextmanager
def without_warnings() -> Iterator[None]:
    """The client warns of pandas 3, which is not used with it here, and of having tried again, which is told."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning, message="PySpark does not yet")
        warnings.filterwarnings("ignore", category=UserWarning, message=r"\[RETRIES_EXCEEDED\]")
        yield
