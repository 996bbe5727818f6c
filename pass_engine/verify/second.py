"""Counts made once more by another engine: every registry whose data are here, each table row by row."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from pass_engine.errors import Fault, PinError
from pass_engine.protocol import load_protocol
from pass_engine.sail import check_extra, sail_server
from pass_engine.second_engine import Compared, second_engine
from pass_engine.verify.again import find_counted
from pass_engine.yamltext import shown_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FLAG = "--second-engine"
NAMED = "the server named"
SHOWN = 5


@dataclass(frozen=True)
class Seconded:
    """A registry counted twice: what counted it the second time, and each table that would leave as both have it."""

    registry: str
    engine: str
    compared: tuple[Compared, ...]

    @property
    def different(self) -> tuple[Compared, ...]:
        """The tables that are not equal."""
        return tuple(table for table in self.compared if not table.is_equal)


def second_run(
    run: Path,
    data: Path | None,
    address: str = "",
    *,
    threads: int = 2,
    on_step: Callable[[str, str], None] = lambda _registry, _step: None,
) -> tuple[Seconded, ...]:
    """Count every registry of a run whose data are here on both engines.

    Args:
        run: its protocol is counted.
        data: folder of registries, as for ``run``.
        address: Spark Connect address of the second engine; without one, Sail is started on this machine.
        threads: of the first engine.
        on_step: told each registry and step.

    Raises:
        PinError: PE722 without data, PE725 the second engine is not installed or does not start.
        SourceError: the second engine is not reached, or cannot do a step.
    """
    if data is None:
        problem, mend = "persons are counted where their data are", "say where: --data DIR"
        raise PinError(Fault(shown_name(run), FLAG, "no data", problem, mend, "PE722"))
    if not address:
        check_extra(shown_name(run), FLAG)
    protocol = load_protocol(run / "protocol")
    engine = NAMED if address else f"Sail {version('pysail')}"
    with _server(address) as place:
        return tuple(
            Seconded(
                name, engine, second_engine(registry, protocol, place, threads=threads, on_step=partial(on_step, name))
            )
            for name, registry in find_counted(run, data, protocol).items()
        )


@contextmanager
def _server(address: str) -> Iterator[str]:
    if address:
        yield address
        return
    with sail_server() as sail:
        yield sail.address


def fault_of_second(seconded: Seconded) -> Fault:
    """The fault (PE726) of a registry that the second engine counts otherwise."""
    tables = seconded.different
    named = ", ".join(f"{table.table} ({table.different} rows)" for table in tables[:SHOWN])
    more = f" and {len(tables) - SHOWN} more" if len(tables) > SHOWN else ""
    problem = "the second engine counts otherwise from the same SQL"
    mend = "one of the two is at fault: replay with --deep, and report it with the versions of both"
    return Fault(seconded.registry, FLAG, f"{named}{more}", problem, mend, "PE726")
