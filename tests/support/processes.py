"""Server processes: start, wait, stop, and their output."""

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

#: The repository's root.
ROOT = Path(__file__).parents[2]

_TRACEBACK = re.compile(r"^Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*.*$", re.MULTILINE)


#: Below the system's ephemeral ports: such a port could be taken before its server listens.
_PORTS = range(10_240, 32_768)
_given: set[int] = set()


def free_port() -> int:
    """Return an unused port of this machine, outside the ephemeral range."""
    while True:
        port = random.choice(_PORTS)  # noqa: S311 -- no secret
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port


def rasa_command(*arguments: str) -> list[str]:
    """Return the rasa CLI of this environment."""
    return [sys.executable, "-W", "ignore", "-m", "rasa", *arguments]


def rasa_environment(**changes: str) -> dict[str, str]:
    """Return the environment for a rasa command in a project's folder."""
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
    """A process whose output stays in a file after it ends.

    Args:
        name: its name in messages.
        command: the program and its arguments.
        folder: the working directory.
        environment: its whole environment.
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
        """Whether it is still running."""
        return self._process.poll() is None

    @property
    def exit_status(self) -> int | None:
        """The exit status; None while it runs."""
        return self._process.poll()

    def log(self) -> str:
        """The output of this process, and of earlier ones with the same name in this folder."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def log_tail(self, lines: int = 60) -> str:
        """Return the last lines of the log."""
        return "\n".join(self.log().splitlines()[-lines:])

    def own_tracebacks(self) -> list[str]:
        """Return stack traces that pass through our package; Rasa's own are not ours to prevent."""
        return [t.group() for t in _TRACEBACK.finditer(self.log()) if "rasa_autoplay" in t.group()]

    async def ended(self, within_s: float) -> float:
        """Wait until it ends; return how many seconds that took."""
        begun = time.monotonic()
        while self.is_running:
            waited = time.monotonic() - begun
            assert waited < within_s, f"{self.name} still runs after {waited:.1f} s:\n{self.log_tail()}"
            await asyncio.sleep(0.02)
        return time.monotonic() - begun

    async def stop(self, signal_number: int = signal.SIGTERM, within_s: float = 60.0) -> float:
        """Ask it to end; return how many seconds that took."""
        self._process.send_signal(signal_number)
        return await self.ended(within_s)

    def pause(self) -> None:
        """Suspend it; its connections stay open, and the system still accepts new ones."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Continue after :meth:`pause`."""
        os.killpg(self._process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """Kill it and its children at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
