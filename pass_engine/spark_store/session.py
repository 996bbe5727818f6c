"""The session on a cluster: opened with patience for a cluster that is slow, and tidied up however it ends."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pass_engine.errors import Fault, SourceError
from pass_engine.spark_store.tables import SparkStore
from pass_engine.spark_store.telling import told, without_warnings
from pass_engine.store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql.connect.session import SparkSession

RETRIES, FIRST_WAIT, LONGEST_WAIT = 4, 200, 2000
"""How often the client tries again when the cluster does not answer, and how long it waits between (milliseconds)."""
SETTINGS = {"spark.sql.session.timeZone": "UTC", "spark.sql.ansi.enabled": "true"}
"""A date is a date everywhere; a number that does not fit is an error rather than another number."""


@contextmanager
def open_spark(address: str, where: str, *, threads: int = 2) -> Iterator[SparkStore]:
    """A session on a cluster; what it made there is gone when the block ends, however it ends.

    Args:
        address: ``sc://host:port``, with what the client needs besides (``;use_ssl=true;token=...``); never shown.
        where: the registry, for messages.
        threads: of the small database that answers pass through.

    Raises:
        SourceError: the extra is not installed, or the cluster was not reached, refused, or went away.
    """
    _check_extra(where)
    store: SparkStore | None = None
    with open_store(threads=threads) as small:
        with told(where, "opening the session"):
            session = _session(address)
        try:
            with told(where, "opening the session"):
                for key, value in SETTINGS.items():
                    session.conf.set(key, value)
            session.release_session_on_close = True
            store = SparkStore(session, small, where)
            yield store
        finally:
            _close(session, store)


def _session(address: str) -> SparkSession:
    with without_warnings(), _main_with_a_file():
        from pyspark.sql.connect.client import DefaultChannelBuilder
        from pyspark.sql.connect.client.retries import DefaultPolicy
        from pyspark.sql.connect.session import SparkSession

        session = SparkSession.builder.channelBuilder(DefaultChannelBuilder(address)).create()
    session.release_session_on_close = False  # it would wait again for a cluster that does not answer
    session.client.set_retry_policies(
        [DefaultPolicy(max_retries=RETRIES, initial_backoff=FIRST_WAIT, max_backoff=LONGEST_WAIT)]
    )
    return session


def _close(session: SparkSession, store: SparkStore | None) -> None:
    """Tidy up as far as the cluster still answers; an error that is under way is the one that is told."""
    from pyspark.errors import PySparkException

    with without_warnings():
        try:
            if store is not None:
                store.clear()
        except PySparkException:
            session.release_session_on_close = False
        session.stop()


@contextmanager
def _main_with_a_file() -> Iterator[None]:
    """The client takes a main module without a file (``python -c``) for a doctest, and asks for all of Spark then."""
    main = sys.modules["__main__"]
    if hasattr(main, "__file__"):
        yield
        return
    main.__file__ = __file__
    try:
        yield
    finally:
        del main.__file__


def _check_extra(where: str) -> None:
    from importlib.util import find_spec

    missing = [package for package in ("pyspark", "sqlglot") if find_spec(package) is None]
    if missing:
        problem, mend = "the cluster's client is an extra of the engine", "pip install 'pass_engine[spark]'"
        raise SourceError(Fault(where, "site.engine", f"no package {', '.join(missing)}", problem, mend, "PE270"))
