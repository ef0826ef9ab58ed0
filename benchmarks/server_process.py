"""One process of the rasa CLI, which ends with this one."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

__all__ = ["ServerProcess"]

_PR_SET_PDEATHSIG = 1
_LONGEST_STOP_S = 60.0
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


class ServerProcess:
    """A server that starts at once.

    Args:
        name: the name of its log file.
        arguments: the arguments of ``rasa``.
        folder: its working directory, where the log is too.
        environment: added to this process's environment.
    """

    def __init__(
        self, name: str, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> None:
        self._log = folder / f"{name}.log"
        with self._log.open("wb") as log:
            self._popen = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "rasa", *arguments],
                cwd=folder,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        self._process = psutil.Process(self._popen.pid)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    @property
    def is_running(self) -> bool:
        """False once it has ended."""
        return self._popen.poll() is None

    def log_tail(self) -> str:
        """The end of its output."""
        return "\n".join(self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-25:])

    def rss_bytes(self) -> int:
        """Its resident memory in bytes."""
        return int(self._process.memory_info().rss)

    def cpu_s(self) -> float:
        """The CPU seconds that it has used."""
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._popen.send_signal(number)

    def wait_s(self) -> float:
        """Wait for its end; return the seconds since this call.

        Raises:
            subprocess.TimeoutExpired: it does not end.
        """
        began_at = time.perf_counter()
        # Popen.wait() with a timeout polls only every 50 ms.
        self._process.wait(_LONGEST_STOP_S)
        took_s = time.perf_counter() - began_at
        self._popen.wait(_LONGEST_STOP_S)
        return took_s

    def end(self) -> None:
        """End it for certain."""
        if self.is_running:
            self._popen.terminate()
        try:
            self._popen.wait(10)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()


def _die_with_parent() -> None:
    """End the server whenever this process ends (Linux only; elsewhere `end` must do)."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
