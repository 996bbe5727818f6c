"""Registries of one run counted beside each other, a process each, as many at a time as the budget allows.

What each leaves is what it would leave alone, and results are given in the order asked for, so that nothing of a run
depends on which registry was done first. One that fails, or whose process the system ends, stops no other.
"""

from __future__ import annotations

import traceback
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import connection
from typing import TYPE_CHECKING

from pass_engine import processes
from pass_engine.answer import answer_protocol
from pass_engine.budget import LARGE, Budget
from pass_engine.errors import Fault, MethodError, PassEngineError
from pass_engine.registry import input_size
from pass_engine.run.earlier import left_before

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from pathlib import Path

    from pass_engine.decide import Decision
    from pass_engine.protocol import Protocol
    from pass_engine.registry import LoadedRegistry
    from pass_engine.run.pooling import Progress

STEP, DONE, FAULT, BUG = range(4)
"""What a message of a process is about."""


@dataclass(frozen=True)
class Task:
    """One registry to count, under its decision, into a new folder; ``earlier``: runs published before."""

    name: str
    registry: LoadedRegistry
    decision: Decision
    folder: Path
    earlier: tuple[Path, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return input_size(self.registry)


@dataclass(frozen=True)
class Answer:
    """What came of one: the substances that it has none of, or its error."""

    absent: frozenset[str] = frozenset()
    error: PassEngineError | None = None


@dataclass(frozen=True)
class Resources:
    """What counting one registry may use."""

    threads: int
    parts: int
    budget: Budget | None


@dataclass
class _Desk:
    """Processes that count, what they have told so far, and what came of those that are done."""

    progress: Progress
    running: dict[Connection, Task] = field(default_factory=dict)
    steps: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)

    def begin(self, task: Task, count: Callable[..., Answer]) -> None:
        """Start a process for one registry."""
        context = processes.beside()
        ours, theirs = context.Pipe(duplex=False)
        context.Process(target=_work, args=(processes.environment(), theirs, task, count), daemon=True).start()
        theirs.close()
        self.running[ours] = task
        self.steps[task.name] = []

    def hear(self) -> None:
        """Wait until a process tells something."""
        for ready in connection.wait(list(self.running)):
            assert isinstance(ready, connection.Connection)  # noqa: S101 - what was given
            task = self.running[ready]
            try:
                kind, content = ready.recv()
            except EOFError:  # before it was done: nothing else ends a process without a word
                kind, content = FAULT, MethodError(_ended(task.name))
            if kind == STEP:
                self.steps[task.name].append((self.progress.seconds, content))
                self.progress.report(task.name, content)
                continue
            del self.running[ready]
            ready.close()
            if kind == BUG:
                raise RuntimeError(content)
            self.answers[task.name] = content if kind == DONE else Answer(error=content)


def answer_each(
    tasks: Sequence[Task], protocol: Protocol, resources: Resources, progress: Progress
) -> Iterator[tuple[Task, Answer]]:
    """The answer of each registry, small ones first, in the order given; one after the other where the budget says so.

    A large one is counted alone, by all the processes there may be. The steps of a registry are logged when its answer
    is given, each with the second at which it began.
    """
    budget = resources.budget or Budget()
    small = [task for task in tasks if task.size < LARGE]
    at_once, share = budget.for_each([task.size for task in small])
    if at_once > 1:
        each = Resources(resources.threads, resources.parts, share)
        with _counted(small, Counting(protocol, each), at_once, progress) as answers:
            yield from answers
        tasks = [task for task in tasks if task.size >= LARGE]
    count = Counting(protocol, resources)
    for task in tasks:
        yield task, count(task, partial(progress.step, task.name))


@dataclass(frozen=True)
class Counting:
    """Counts one registry; goes to another process as it is."""

    protocol: Protocol
    resources: Resources

    def __call__(self, task: Task, on_step: Callable[[str], None]) -> Answer:
        """The registry's answer; an error of its own is part of it."""
        given = self.resources
        try:
            absent = answer_protocol(
                task.registry, self.protocol, task.decision, task.folder,
                threads=given.threads, parts=given.parts, budget=given.budget,
                earlier=left_before(task.earlier, task.name), on_step=on_step,
            )  # fmt: skip
        except PassEngineError as error:
            return Answer(error=error)
        return Answer(absent)


@contextmanager
def _counted(
    tasks: Sequence[Task], count: Callable[..., Answer], at_once: int, progress: Progress
) -> Iterator[Iterator[tuple[Task, Answer]]]:
    """Answers in the order of the tasks; whatever still runs when the block ends is ended."""
    desk, waiting = _Desk(progress), deque(tasks)

    def answers() -> Iterator[tuple[Task, Answer]]:
        for task in tasks:
            while task.name not in desk.answers:
                while waiting and len(desk.running) < at_once:
                    desk.begin(waiting.popleft(), count)
                desk.hear()
            for seconds, step in desk.steps.pop(task.name):
                progress.write(seconds, task.name, step)
            yield task, desk.answers.pop(task.name)

    try:
        yield answers()
    finally:
        processes.end_all()


def _work(environment: dict[str, str], told: Connection, task: Task, count: Callable[..., Answer]) -> None:
    """In a process of its own: count, and tell each step and what came of it."""
    processes.begin(environment)
    try:
        told.send((DONE, count(task, lambda step: told.send((STEP, step)))))
    except Exception:  # noqa: BLE001 - told where the run is
        told.send((BUG, traceback.format_exc()))


def _ended(name: str) -> Fault:
    found, problem = "a process that the system has ended", "counting this registry took more memory than there is"
    mend = "give less with --memory or --processes, or more parts with --partitions"
    return Fault(name, "", found, problem, mend, "PE406")
