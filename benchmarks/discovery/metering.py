"""Runs a command and measures it: time, CPU, and the memory of all of its processes together."""

from __future__ import annotations

import os
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

__all__ = ["Run", "metered"]

#: Seconds between two looks at the processes' memory, and at their proportional sizes, which take longer.
_LOOKS_EVERY_S, _ADDS_UP_EVERY_S = 0.05, 0.5


@dataclass(frozen=True, slots=True)
class Run:
    """What a command has taken.

    Args:
        code: its exit code.
        wall_s: how long it took, in seconds.
        cpu_s: the CPU time of all of its processes, in seconds.
        rss_mb: the most resident memory of all processes at one time, in MB; shared pages count for each.
        pss_mb: the same, but shared pages count once.
        processes: the most processes at one time.
        output, errors: what it printed.
    """

    code: int
    wall_s: float
    cpu_s: float
    rss_mb: float
    pss_mb: float
    processes: int
    output: str
    errors: str


class _Watch:
    """Looks at a process and all of its descendants until it is stopped."""

    def __init__(self, process_id: int) -> None:
        self._root = psutil.Process(process_id)
        self._over = threading.Event()
        self.rss = self.pss = self.processes = 0
        self._added_up_at = 0.0
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._over.set()
        self._thread.join()

    def _look_on(self) -> None:
        while not self._over.wait(_LOOKS_EVERY_S):
            self._look()

    def _look(self) -> None:
        try:
            everyone = [self._root, *self._root.children(recursive=True)]
        except psutil.Error:
            return
        rss = sum(_size(each, "rss") for each in everyone)
        self.processes = max(self.processes, len(everyone))
        now = time.monotonic()
        if rss > self.rss or now - self._added_up_at > _ADDS_UP_EVERY_S:
            self._added_up_at = now
            self.pss = max(self.pss, sum(_size(each, "pss") for each in everyone))
        self.rss = max(self.rss, rss)


def _size(process: psutil.Process, what: str) -> int:
    try:
        info = process.memory_info() if what == "rss" else process.memory_full_info()
        return int(getattr(info, what, 0))
    except (psutil.Error, OSError):
        return 0


def metered(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Run:
    """Run a command and measure it.

    Args:
        command: the program and its arguments.
        folder: its working directory.
        environment: variables in addition to those of this process.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began_at = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        watch = _Watch(process.pid)
        output, errors = process.communicate()
        watch.stop()
    wall_s = time.perf_counter() - began_at
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(
        process.returncode,
        wall_s,
        cpu_s,
        watch.rss / 1e6,
        watch.pss / 1e6,
        watch.processes,
        output,
        errors,
    )
