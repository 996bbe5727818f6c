"""Abbreviations and country names, kept as plain files beside the templates."""

from __future__ import annotations

import csv
import re
from functools import cache
from typing import TYPE_CHECKING

from pass_engine.resources import find_folder

if TYPE_CHECKING:
    from collections.abc import Iterable


@cache
def _read(name: str) -> tuple[tuple[str, str], ...]:
    with (find_folder("report_templates") / name).open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle))
    return tuple((row[0], row[1]) for row in rows[1:])


def country(code: str) -> str:
    """The name of a country; its code where the list lacks it."""
    return dict(_read("countries.csv")).get(code, code)


def abbreviations_in(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Abbreviations that occur as words in these texts, in alphabetical order, with their meaning."""
    text = "\n".join(texts)
    used = [(short, long) for short, long in _read("abbreviations.csv") if _occurs(short, text)]
    return tuple(sorted(used, key=lambda pair: pair[0].lower()))


def _occurs(short: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(short)}(?![\w-])", text) is not None
