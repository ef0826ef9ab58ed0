"""Spreads work over the cores: one function, one share of the work for each process.

Divide the work into shares that do not depend on each other, and let :func:`in_processes` call a function of
a module with each of them::

    def count(share: Sequence[Session], progressed: Progressed) -> Counter[str]:
        ...

    for counts in in_processes(count, shares, progressed=bar.update):
        total.update(counts)

The results come in the order of the shares, so what is made of them does not depend on which process was
faster. ``engine/replay/joined_users.py`` finds the users of a recording that do not depend on each other, and
divides them evenly.

With one share, nothing is started: the function runs in this process. Starting a process by fork takes a few
milliseconds; elsewhere, a new Python imports everything again, which takes about a second.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple, TypeVar, cast

from rasa_autoplay.errors import AutoplayError

__all__ = [
    "ProcessEnded",
    "ProcessFailed",
    "Progressed",
    "end_process",
    "in_processes",
    "interrupts_wait",
    "problem_of_ended",
    "sendable",
    "usable_cores",
]

_ShareT = TypeVar("_ShareT")
_ResultT = TypeVar("_ResultT")

#: A process calls it with the number of additional items that it has done.
Progressed = Callable[[int], object]

_END_S = 5.0


class ProcessEnded(AutoplayError):
    """A process ended without a result, because something outside of Python has ended it."""


class ProcessFailed(AutoplayError):
    """A process has raised an error that is a fault of the program; the message has its traceback."""


class _Progress(NamedTuple):
    items: int


class _Result(NamedTuple):
    value: Any


class _Failure(NamedTuple):
    error: AutoplayError | None
    trace: str


def usable_cores() -> int:
    """Return the number of cores that this process may use; at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return max(len(os.sched_getaffinity(0)), 1)
    return os.cpu_count() or 1


def in_processes(
    function: Callable[[_ShareT, Progressed], _ResultT],
    shares: Sequence[_ShareT],
    progressed: Progressed = int,
) -> list[_ResultT]:
    """Call a function with each share, each in a process of its own, and return the results in order.

    If one process fails, or this call is interrupted (Ctrl+C), all other processes are ended.

    Args:
        function: a function of a module. It is called with a share, and with a function for its progress.
            What it changes in memory stays in its process.
        shares: what the processes work on. Where processes are not forked, they are pickled.
        progressed: called in this process with the progress of all processes.

    Raises:
        AutoplayError: the function has raised it.
        ProcessEnded: a process was ended from outside, such as by the kernel when memory ran out.
        ProcessFailed: the function has raised any other error.
    """
    if len(shares) < 2:
        return [function(share, progressed) for share in shares]
    # Where other threads run, a fork could inherit locks that nobody unlocks.
    may_fork = sys.platform == "linux" and threading.active_count() == 1
    context = multiprocessing.get_context("fork") if may_fork else multiprocessing.get_context("spawn")
    processes: list[BaseProcess] = []
    connections: dict[Connection, int] = {}
    try:
        for number, share in enumerate(shares):
            ours, theirs = context.Pipe(duplex=False)
            process: BaseProcess = context.Process(target=_work, args=(function, share, theirs), daemon=True)
            processes.append(process)
            with interrupts_wait():
                process.start()
            # Else a process that dies would not close the pipe, and this one would wait forever.
            theirs.close()
            connections[ours] = number
        return _results_of(processes, connections, progressed)
    finally:
        for process in processes:
            if process.pid is not None:
                end_process(process)
        for connection in connections:
            connection.close()


@contextlib.contextmanager
def interrupts_wait() -> Iterator[None]:
    """Let Ctrl+C wait, such as for a process that would be ended by nobody if its start were interrupted."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _results_of(
    processes: Sequence[BaseProcess], connections: dict[Connection, int], progressed: Progressed
) -> list[Any]:
    results: dict[int, Any] = {}
    pending = dict(connections)
    while pending:
        for ready in cast("list[Connection]", wait(list(pending))):
            number = pending[ready]
            try:
                message = ready.recv()
            except EOFError:
                raise problem_of_ended(processes[number]) from None
            if isinstance(message, _Progress):
                progressed(message.items)
            elif isinstance(message, _Failure):
                raise message.error or ProcessFailed(
                    f"A process has failed. Its traceback:\n{message.trace}",
                    remedy="Report this, or use --processes 1.",
                )
            else:
                results[number] = message.value
                del pending[ready]
    return [results[number] for number in range(len(processes))]


def problem_of_ended(process: BaseProcess) -> ProcessEnded:
    """Return the error for a process that ended without a result."""
    process.join(_END_S)
    code = process.exitcode
    how = f"by signal {-code}" if code is not None and code < 0 else f"with code {code}"
    remedy = "Use fewer processes (--processes 1), or less data at once."
    if code == -signal.SIGKILL:
        remedy = f"The computer may have run out of memory. {remedy}"
    return ProcessEnded(f"A process that worked on a share of the data has ended {how}.", remedy=remedy)


def end_process(process: BaseProcess) -> None:
    """End a process, by force if it must be."""
    process.terminate()
    process.join(_END_S)
    if process.is_alive():
        process.kill()
        process.join()


def _work(function: Callable[[Any, Progressed], Any], share: Any, results: Connection) -> None:
    """Run in the new process: call the function, and send its result or its error."""
    # Ctrl+C reaches all processes of a terminal. The one that started this process ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    message: _Result | _Failure
    try:
        message = _Result(function(share, lambda items: results.send(_Progress(items))))
    except AutoplayError as error:
        message = _Failure(sendable(error), traceback.format_exc())
    except Exception:
        message = _Failure(None, traceback.format_exc())
    with contextlib.suppress(BrokenPipeError):  # the process that asked is gone
        results.send(message)
    results.close()


def sendable(error: AutoplayError) -> AutoplayError:
    """Return an error that survives being pickled: those of subclasses may need other arguments."""
    return AutoplayError(error.message, remedy=error.remedy)
