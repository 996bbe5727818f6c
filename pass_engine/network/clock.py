"""The one place that reads the clock, for decisions, their expiry, and the audit log. Days are those of UTC."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """This moment, to the second, in UTC."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def today() -> dt.date:
    """This day in UTC."""
    return now().date()
