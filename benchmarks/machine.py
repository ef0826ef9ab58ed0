"""The machine of a measurement, and other processes' use of it."""

from __future__ import annotations

import importlib.metadata as metadata
import os
import platform
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

__all__ = ["OtherWork", "describe"]


def describe() -> str:
    """Return cores, CPU, memory, versions and the date in one line."""
    packages = [f"{name} {metadata.version(name)}" for name in ("rasa", "rasa-sdk", "sanic", "aiohttp")]
    memory_gb = psutil.virtual_memory().total / 1e9
    parts = [
        f"{os.cpu_count()} cores ({_cpu_model()})",
        f"{memory_gb:.0f} GB",
        f"{platform.system()} {platform.release()}",
        f"Python {platform.python_version()}",
        *packages,
        time.strftime("%Y-%m-%d"),
    ]
    return ", ".join(parts)


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


class OtherWork:
    """How much of the machine's CPU other processes used.

    Args:
        process_ids: the servers; this process is added.
    """

    def __init__(self, process_ids: Iterable[int]) -> None:
        self._processes = [psutil.Process(), *map(psutil.Process, process_ids)]
        self._began_at = time.monotonic()
        self._busy_s = _busy_s()
        self._own_s = self._own_cpu_s()

    def _own_cpu_s(self) -> float:
        return sum(_cpu_s(process) for process in self._processes)

    def share_percent(self) -> float:
        """Return the share since this object was made, in percent of all cores."""
        others_s = _busy_s() - self._busy_s - (self._own_cpu_s() - self._own_s)
        capacity_s = (time.monotonic() - self._began_at) * (os.cpu_count() or 1)
        return max(0.0, 100 * others_s / capacity_s)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _busy_s() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0))
