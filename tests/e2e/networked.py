"""The small study in a network of three, answered and approved: keys, trust file, release, decisions, bundles."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from pass_engine.network import clock
from tests.e2e.small import make_network, make_registry

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.small import Network, Told

MEMBERS = ("aa", "bb", "cc")
DAY = dt.date(2026, 3, 2)
"""The day on which everything in the network is done, unless a test says another."""


def set_day(patch: pytest.MonkeyPatch, day: dt.date) -> None:
    """The clock of every party shows noon of a day."""
    patch.setattr(clock, "now", lambda: dt.datetime(day.year, day.month, day.day, 12, tzinfo=dt.UTC))


def three_registries(folder: Path) -> Network:
    """The small study over aa, bb and cc, with keys and a trust file."""
    network = make_network(folder)
    make_registry(folder / "registries" / "cc", "cc", "PT")
    network.edit("study/protocol.yaml", ("registries: [aa, bb]", "registries: [aa, bb, cc]"))
    for name in ("acme", *MEMBERS):
        done(network.command("keys", "init", f"keys/{name}"))
        role = "sponsor" if name == "acme" else "registry"
        pub = f"keys/{name}.pub"
        done(network.command("keys", "trust", "trust", pub, "--as", name, "--role", role, "--from", "2026-01-01"))
    done(network.command("protocol", "release", "study", "--out", "release", "--key", "keys/acme", "--as", "acme"))
    return network


def decide(network: Network, name: str, *words: str, release: str = "release.zip") -> Told:
    """A registry decides."""
    options = ("--registry", f"registries/{name}", "--key", f"keys/{name}", "--trust", "trust")
    return network.command("registry", "decide", release, *options, *words)


def site_run(network: Network, name: str, out: str = "", release: str = "release.zip") -> Told:
    """A registry counts."""
    options = ("--registry", f"registries/{name}/registry.yaml", "--trust", "trust")
    return network.command("site", "run", release, *options, "--out", out or f"out/{name}")


def review(network: Network, name: str, bundle: str = "") -> Told:
    """A registry looks at its bundle."""
    return network.command("site", "review", bundle or f"out/{name}", "--registry", f"registries/{name}")


def approve(network: Network, name: str, bundle: str = "", key: str = "", trust: str = "trust") -> Told:
    """A registry signs its bundle."""
    options = ("--registry", f"registries/{name}", "--key", key or f"keys/{name}", "--trust", trust)
    return network.command("site", "approve", bundle or f"out/{name}", *options)


def answer(network: Network, name: str, out: str = "") -> None:
    """A registry counts, looks and signs."""
    done(site_run(network, name, out))
    done(review(network, name, out))
    done(approve(network, name, out))


def pool(network: Network, *bundles: str, decisions: tuple[str, ...] = ()) -> Told:
    """The centre pools; the report is a stand-in."""
    given = [word for place in decisions for word in ("--decision", place)]
    return network.command("pool", "release.zip", *bundles, "--trust", "trust", "--out", "run", *given)


def answered(folder: Path) -> Network:
    """Three registries that took part on ``DAY``: what the centre needs is there."""
    with pytest.MonkeyPatch.context() as patch:
        set_day(patch, DAY)
        network = three_registries(folder)
        for name in MEMBERS:
            done(decide(network, name, "--participate", "--valid-until", "2026-06-30"))
            answer(network, name)
    return network


def done(told: Told) -> Told:
    """A command that went well."""
    assert (told.code, told.err) == (0, "")
    return told
