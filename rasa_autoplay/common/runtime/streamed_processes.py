"""Spreads many items over the cores: a few processes take one item after the other.

:func:`each_in_processes` is for results that must not be in memory together, such as the parts of a large
file. ``processes.py`` is for one share of the work for each process.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar, cast

from rasa_autoplay.common.runtime.processes import (
    ProcessFailed,
    end_process,
    interrupts_wait,
    problem_of_ended,
    sendable,
)
from rasa_autoplay.errors import AutoplayError

__all__ = ["each_in_processes"]

_ItemT = TypeVar("_ItemT")
_ResultT = TypeVar("_ResultT")

#: For each process, so many items may be handed out before the first of them is needed.
_AHEAD = 3


class _Worker:
    """A process that calls the function with each item that it gets."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        # Where other threads run, a fork could inherit locks that nobody unlocks.
        may_fork = sys.platform == "linux" and threading.active_count() == 1
        context = multiprocessing.get_context("fork" if may_fork else "spawn")
        self._connection, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(  # type: ignore[attr-defined]
            target=_work, args=(function, theirs, self._connection if may_fork else None), daemon=True
        )
        self._process.start()
        # Else a process that dies would not close the pipe, and this one would wait forever.
        theirs.close()

    @property
    def connection(self) -> Connection:
        """Where its results come from."""
        return self._connection

    def send(self, item: object) -> None:
        """Give it an item."""
        try:
            self._connection.send(item)
        except OSError:
            raise problem_of_ended(self._process) from None

    def result(self) -> Any:
        """Wait for the result of its item."""
        try:
            is_good, value = self._connection.recv()
        except (EOFError, OSError):
            raise problem_of_ended(self._process) from None
        if is_good:
            return value
        raise value

    def end(self) -> None:
        """End the process."""
        end_process(self._process)
        self._connection.close()


def each_in_processes(
    function: Callable[[_ItemT], _ResultT], items: Sequence[_ItemT], number: int
) -> Iterator[_ResultT]:
    """Yield what a function returns for each item, in order.

    At most three results for each process are in memory. If this is interrupted (Ctrl+C), or an item fails,
    all processes are ended; they also end if this process is killed.

    Args:
        function: a function of a module. Where processes are not forked, it is pickled.
        items: small; they are pickled.
        number: how many processes work.

    Raises:
        AutoplayError: the function has raised it.
        ProcessEnded: a process was ended from outside, such as by the kernel when memory ran out.
        ProcessFailed: the function has raised any other error.
    """
    workers: list[_Worker] = []
    try:
        for _ in range(min(number, len(items))):
            with interrupts_wait():
                workers.append(_Worker(function))
        yield from _results(workers, items)
    finally:
        with interrupts_wait():
            for worker in workers:
                worker.end()


def _results(workers: Sequence[_Worker], items: Sequence[Any]) -> Iterator[Any]:
    idle, busy = list(workers), dict[Connection, tuple[_Worker, int]]()
    results: dict[int, Any] = {}
    given = 0
    for place in range(len(items)):
        while place not in results:
            while idle and given < min(len(items), place + _AHEAD * len(workers)):
                worker = idle.pop()
                worker.send(items[given])
                busy[worker.connection] = worker, given
                given += 1
            for ready in cast("list[Connection]", wait(list(busy))):
                worker, done = busy.pop(ready)
                results[done] = worker.result()
                idle.append(worker)
        yield results.pop(place)


def _work(function: Callable[[Any], Any], items: Connection, other_end: Connection | None) -> None:
    """Run in the new process: call the function with each item until there is no more."""
    # Ctrl+C reaches all processes of a terminal. The one that started this process ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if other_end is not None:
        other_end.close()  # else this process would wait forever if the other one is killed
    with contextlib.suppress(EOFError, OSError):
        while True:
            items.send(_answer(function, items.recv()))


def _answer(function: Callable[[Any], Any], item: object) -> tuple[bool, Any]:
    try:
        return True, function(item)
    except AutoplayError as error:
        return False, sendable(error)
    except Exception:
        trace = traceback.format_exc()
        problem = f"A process has failed. Its traceback:\n{trace}"
        return False, ProcessFailed(problem, remedy="Report this, or use --processes 1.")
