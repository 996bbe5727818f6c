"""The small study over aa, which releases exact counts, and bb, cc, dd and ee, which release masked ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.networked import DAY, decide, done, review, set_day, site_run
from tests.e2e.small import make_network, make_registry

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.small import Network, Told

EXACT, MASKED = ("aa",), ("bb", "cc", "dd", "ee")
ALL = (*EXACT, *MASKED)
COUNTRIES = {"cc": "PT", "dd": "ES", "ee": "IE"}


def five_registries(folder: Path) -> Network:
    """Data, protocol, keys, trust file and release; four registries mask."""
    network = make_network(folder)
    for name, country in COUNTRIES.items():
        make_registry(folder / "registries" / name, name, country)
    network.edit("study/protocol.yaml", ("registries: [aa, bb]", f"registries: [{', '.join(ALL)}]"))
    for name in MASKED:
        network.edit(f"registries/{name}/registry.yaml", ("release: exact", "release: masked"))
    for name in ("acme", *ALL):
        done(network.command("keys", "init", f"keys/{name}"))
        role = "sponsor" if name == "acme" else "registry"
        pub = f"keys/{name}.pub"
        done(network.command("keys", "trust", "trust", pub, "--as", name, "--role", role, "--from", "2026-01-01"))
    done(network.command("protocol", "release", "study", "--out", "release", "--key", "keys/acme", "--as", "acme"))
    return network


def open_round(network: Network, out: str, *names: str) -> Told:
    """The centre opens a round over whoever of these decided to mask."""
    places = [f"registries/{name}/decisions" for name in names]
    return network.command("round", "open", "release.zip", *places, "--trust", "trust", "--out", out)


def take_part(network: Network, *names: str) -> None:
    """Registries decide to take part."""
    for name in names:
        done(decide(network, name, "--participate"))


def count(network: Network, *names: str, out: str = "out") -> None:
    """Registries count and look at their bundle."""
    for name in names:
        done(site_run(network, name, f"{out}/{name}"))
        done(review(network, name, f"{out}/{name}"))


def approve(network: Network, name: str, *words: str, out: str = "out") -> Told:
    """A registry signs its bundle."""
    options = ("--registry", f"registries/{name}", "--key", f"keys/{name}", "--trust", "trust")
    return network.command("site", "approve", f"{out}/{name}", *options, *words)


def mask(network: Network, name: str, where: str = "round", out: str = "out") -> Told:
    """A masked registry masks its bundle for a round, and signs it."""
    return approve(network, name, "--round", where, "--release", "release.zip", out=out)


def answered(folder: Path) -> Network:
    """All five took part and answered, on ``DAY``."""
    with pytest.MonkeyPatch.context() as patch:
        set_day(patch, DAY)
        network = five_registries(folder)
        take_part(network, *ALL)
        done(open_round(network, "round", *ALL))
        count(network, *ALL)
        done(approve(network, "aa"))
        for name in MASKED:
            done(mask(network, name, "round.zip"))
    return network


def sent(*names: str) -> tuple[str, ...]:
    """Where what these registries send lies."""
    return tuple(f"out/{name}-masked" if name in MASKED else f"out/{name}" for name in names)
