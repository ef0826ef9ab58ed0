"""The two real processes: started, watched, and always stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import psutil
from rich.text import Text
from ruamel.yaml import YAML

from example_bot.demo.configuration import CONFIG
from example_bot.demo.options import CREDENTIALS, DemoFailed, Options
from rasa_autoplay.settings.engine import CONFIG_VARIABLE

__all__ = ["Server", "check_model", "check_ports", "prepare_servers", "stop_servers"]

_STOP_S = 15.0
_TAIL_LINES = 25
#: Settings of another set-up in the caller's environment that must not reach this one.
_FOREIGN = ("AUTOPLAY_", "SANIC_", "ACTION_SERVER_")
_QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "PYTHONWARNINGS": "ignore",
    "PYTHONUNBUFFERED": "1",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}


class Server:
    """One of the two processes, in its own process group so that a Ctrl-C reaches only the demo.

    Args:
        title: the process's name in messages.
        arguments: the arguments of the rasa CLI.
        log: the file for its output.
        root: the folder of the Rasa project.
    """

    def __init__(self, title: str, arguments: Sequence[str], log: Path, root: Path) -> None:
        self.title = title
        self.command = f"rasa {' '.join(arguments)}"
        self.log = log
        self._arguments = [sys.executable, "-m", "rasa", *arguments]
        self._root = root
        self._process: asyncio.subprocess.Process | None = None

    @property
    def shown_log(self) -> str:
        """The log's path relative to the project's folder."""
        return str(self.log.relative_to(self._root))

    async def start(self) -> None:
        """Start it; must not be cancelled, or the process would be lost."""
        with self.log.open("wb") as log:
            self._process = await self._spawn(log)

    async def _spawn(self, log: IO[bytes]) -> asyncio.subprocess.Process:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        return await asyncio.create_subprocess_exec(
            *self._arguments,
            cwd=self._root,
            env={**kept, **_QUIET, CONFIG_VARIABLE: str(CONFIG)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    async def death(self) -> DemoFailed:
        """Wait until it ends by itself."""
        if self._process is None:
            raise RuntimeError(f"the {self.title} was never started")
        status = await self._process.wait()
        how = f"by {signal.Signals(-status).name}" if status < 0 else f"with exit status {status}"
        return self.complaint(f"The {self.title} ({self.command}) has ended {how}.")

    def complaint(self, message: str) -> DemoFailed:
        """Return a failure with the end of the log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:]
        tail = "\n".join(Text.from_ansi(line).plain for line in lines)
        evidence = f"The end of {self.shown_log}:\n{tail}" if tail else f"{self.shown_log} is empty."
        return DemoFailed(message, remedy=f"The whole log: {self.shown_log}", evidence=evidence)

    async def stop(self) -> None:
        """Ask it to end, wait, and kill it if it does not."""
        if self._process is None:
            return
        self._signal(signal.SIGTERM)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._process.wait(), _STOP_S)
        # Also ends what the process left in its group.
        self._signal(signal.SIGKILL)
        await self._process.wait()

    def kill(self) -> None:
        """Kill it."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            # It leads its group, so the group has its id.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)


def prepare_servers(options: Options) -> tuple[Server, Server]:
    """Return the action server and the Rasa server, not started yet."""
    folder = options.root / ".cache" / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    actions = ["run", "actions", "--actions", "example_bot.actions"]
    rasa = ["run", "--credentials", _own_credentials(options)]
    if options.has_own_action_port:
        actions += ["--port", str(options.actions_port)]
        rasa += ["--endpoints", _own_endpoints(options, folder)]
    if options.rasa_port != Options.rasa_port:
        rasa += ["--port", str(options.rasa_port)]
    return (
        Server("action server", actions, folder / "actions.log", options.root),
        Server("Rasa server", rasa, folder / "rasa.log", options.root),
    )


def _own_endpoints(options: Options, folder: Path) -> str:
    """Write a copy of endpoints.yml with the action server on another port."""
    yaml = YAML()
    endpoints = yaml.load((options.root / "endpoints.yml").read_text(encoding="utf-8"))
    endpoints["action_endpoint"]["url"] = f"http://localhost:{options.actions_port}/webhook"
    path = folder / "endpoints.yml"
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(endpoints, file)
    return str(path.relative_to(options.root))


def _own_credentials(options: Options) -> str:
    """Write a copy of credentials.yml with this run's admin key, for the studio."""
    yaml = YAML()
    # Rasa's reader cannot read a URL without quotes in a list.
    yaml.preserve_quotes = True  # type: ignore[assignment] # ruamel declares it as None
    credentials = yaml.load((options.root / "credentials.yml").read_text(encoding="utf-8"))
    credentials["rasa_autoplay.channel.AutoplayInput"]["admin_key"] = options.admin_key
    path = options.root / CREDENTIALS
    path.unlink(missing_ok=True)
    with open(path, "x", encoding="utf-8", opener=_open_for_owner) as file:
        yaml.dump(credentials, file)
    return str(CREDENTIALS)


def _open_for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


async def stop_servers(servers: Sequence[Server]) -> None:
    """Stop in reverse order, so that the Rasa server's last reports still find the engine."""
    for server in reversed(servers):
        await server.stop()


def check_model(options: Options) -> None:
    """Check that there is a model.

    Raises:
        DemoFailed: there is none.
    """
    # `rasa run` uses the newest by default.
    if not any((options.root / "models").glob("*.tar.gz")):
        raise DemoFailed("There is no trained model in models/.", remedy="Train one: make model")


def check_ports(options: Options) -> None:
    """Check that both ports are free.

    Raises:
        DemoFailed: a port is in use.
    """
    wanted = {"ACTIONS_PORT": options.actions_port, "RASA_PORT": options.rasa_port}
    if options.actions_port == options.rasa_port:
        raise DemoFailed(
            f"Both servers cannot have port {options.rasa_port}.",
            remedy="Give RASA_PORT and ACTIONS_PORT different numbers.",
        )
    taken = {name: port for name, port in wanted.items() if _is_taken(port)}
    if not taken:
        return
    which = " ".join(f"Port {port} is taken{_by_whom(port)}." for port in taken.values())
    others = " ".join(f"{name}={port + 100}" for name, port in taken.items())
    raise DemoFailed(
        f"{which} Nothing was started.",
        remedy=f"End that program, or let the demo use another port: make demo {others}",
    )


def _is_taken(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=1.0):
        return True
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104 - as Rasa does; it never listens
        except OSError:
            return True
    return False


def _by_whom(port: int) -> str:
    """Return the process that listens there, if the system reveals it."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN
            if listens and getattr(connection.laddr, "port", None) == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return ""
