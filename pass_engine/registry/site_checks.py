"""Cross checks of ``site``: the engine that counts, and how a cluster is reached."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pass_engine.registry.models import Connection, Site
from pass_engine.registry.numbers import Wrong
from pass_engine.registry.places import Folder
from pass_engine.yamltext import Problem, sound, value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pass_engine.yamltext import KeyPath

HERE: KeyPath = ("site",)
ADDRESS = re.compile(r"sc://[^\s/;@]+(:[0-9]+)?(/(;[a-z_]+=[^;\s]*)*)?")
SECRET = re.compile(r"(?i)token=|password=|@")
WRONG_VALUE = 8


def check_site(value: object) -> Iterator[Problem]:
    """Everything wrong with the site's own part of the file."""
    site: Site | None = sound(Site, value, HERE) if value_at(value, HERE) is not None else None
    if site is None:
        return
    if site.engine == "duckdb":
        for name in ("address", "connection"):
            if getattr(site, name) is not None:
                problem = f"{name} has no effect for engine: duckdb, which is inside the program"
                mend = f"take {name} away, or write engine: spark"
                yield Problem((*HERE, name), Wrong.OUT_OF_PLACE, problem, mend, at_key=True)
        return
    if (site.address is None) == (site.connection is None):
        problem = "a cluster has an address, or a connection that leads to one: one of them"
        found = "neither" if site.address is None else "both"
        yield Problem(HERE, Wrong.ONE_OF_TWO, problem, "write address: sc://host:port", found=found, at_key=True)
    if site.address is not None:
        yield from _address(site.address)
    if site.connection is not None:
        yield from _connection(site.connection)


def _address(address: str) -> Iterator[Problem]:
    path: KeyPath = (*HERE, "address")
    if SECRET.search(address):
        problem, mend = "a token does not stand in this file", "keep the whole address under connection: instead"
        yield Problem(path, WRONG_VALUE, problem, mend, found="an address with a token or a name")
    elif not ADDRESS.fullmatch(address):
        problem, mend = "this is no Spark Connect address", "write sc://host:port, as sc://localhost:15002"
        yield Problem(path, WRONG_VALUE, problem, mend)


def _connection(given: Connection) -> Iterator[Problem]:
    path: KeyPath = (*HERE, "connection")
    if (given.environment is None) == (given.file is None):
        problem = "the address of a cluster stands in an environment variable or in a file: one of them"
        yield Problem(path, Wrong.ONE_OF_TWO, problem, "write environment: NAME, or file: NAME")
    if given.file is not None and Folder.is_absolute(given.file):
        problem = "the path does not begin at registry.yaml"
        yield Problem((*path, "file"), Wrong.PATH_OUTSIDE, problem, "write it relative to the folder of registry.yaml")
