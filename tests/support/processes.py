"""Server processes: started, awaited, stopped, their output kept."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["ROOT", "ServerProcess", "free_port", "rasa_command", "rasa_environment"]

#: The repository.
ROOT = Path(__file__).parents[2]

_TRACEBACK = re.compile(r"^Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*.*$", re.MULTILINE)


#: Below those that systems give to outgoing connections: such a one may be gone before its server listens.
_PORTS = range(10_240, 32_768)
_given: set[int] = set()


def free_port() -> int:
    """A port of this machine that nobody uses now, and that nobody is given by chance."""
    while True:
        port = random.choice(_PORTS)  # noqa: S311 -- no secret
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port


def rasa_command(*arguments: str) -> list[str]:
    """The rasa CLI of this environment."""
    return [sys.executable, "-W", "ignore", "-m", "rasa", *arguments]


def rasa_environment(**changes: str) -> dict[str, str]:
    """The environment for a rasa command that is started in a project's folder."""
    own = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "AUTOPLAY_", "SANIC_"))}
    return {
        **own,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        **changes,
    }


class ServerProcess:
    """One process, its output in a file that outlives it.

    Args:
        name: for messages.
        command: with its arguments.
        folder: where it runs.
        environment: all of it.
    """

    def __init__(
        self, name: str, command: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> None:
        self.name = name
        self.log_path = folder / f"{name}.log"
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    @property
    def exit_status(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def log(self) -> str:
        """All that it has written, and its predecessors under the same name in this folder."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def log_tail(self, lines: int = 60) -> str:
        """The last lines of it."""
        return "\n".join(self.log().splitlines()[-lines:])

    def own_tracebacks(self) -> list[str]:
        """Stack traces that go through our package; those of Rasa's own parts are not ours to prevent."""
        return [t.group() for t in _TRACEBACK.finditer(self.log()) if "rasa_autoplay" in t.group()]

    async def ended(self, within_s: float) -> float:
        """Wait for the end by itself, or after a signal; returns how long that took, seconds."""
        begun = time.monotonic()
        while self.is_running:
            waited = time.monotonic() - begun
            assert waited < within_s, f"{self.name} still runs after {waited:.1f} s:\n{self.log_tail()}"
            await asyncio.sleep(0.02)
        return time.monotonic() - begun

    async def stop(self, signal_number: int = signal.SIGTERM, within_s: float = 60.0) -> float:
        """Ask it to end; returns how long that took, seconds."""
        self._process.send_signal(signal_number)
        return await self.ended(within_s)

    def pause(self) -> None:
        """It does not answer any more; its connections stay open, and the system still accepts new ones."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """It goes on after :meth:`pause`."""
        os.killpg(self._process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End it, and whatever it has started, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
