"""``rasa-autoplay serve`` in its own process, in the place of an action server."""

from __future__ import annotations

import sys
from pathlib import Path

import aiohttp

from support.background import eventually
from support.deployment import LINK_SECRET, ActionServer
from support.processes import ServerProcess, free_port, rasa_environment

__all__ = ["OwnProcess", "answer_of", "started"]

_DEADLINE_S = 60.0


def started(folder: Path, *arguments: str, **environment: str) -> ServerProcess:
    """Start ``rasa-autoplay serve`` in a folder."""
    command = [sys.executable, "-m", "rasa_autoplay.tools.cli", "serve", *arguments]
    return ServerProcess("serve", command, folder, rasa_environment(**environment))


async def answer_of(origin: str) -> tuple[int, str]:
    """Return status and body of the health route; status 0 if nothing listens."""
    try:
        async with aiohttp.ClientSession() as http, http.get(f"{origin}/health") as response:
            return response.status, await response.text()
    except aiohttp.ClientError:
        return 0, ""


class OwnProcess(ActionServer):
    """``rasa-autoplay serve`` in the place of an action server.

    Args:
        folder: holds ``autoplay.yml``.
        environment: further variables of the process.
    """

    def __init__(self, folder: Path, **environment: str) -> None:
        super().__init__(folder, LINK_SECRET)
        self._environment = environment
        self._folder = folder
        port = free_port()
        self._port = port
        self.origin = f"http://127.0.0.1:{port}"
        self.process: ServerProcess | None = None

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        arguments = ("--port", str(self._port))
        self.process = self.launch(*arguments, AUTOPLAY_LINK_SECRET=LINK_SECRET, **self._environment)

        async def is_up() -> bool:
            return (await answer_of(self.origin))[0] == 200

        await eventually(is_up, within_s=_DEADLINE_S, what="serve answers")

    def launch(self, *arguments: str, **environment: str) -> ServerProcess:
        """Start the process."""
        return started(self._folder, *arguments, **environment)

    async def stop(self) -> None:
        """Stop it in good order."""
        if self.process is not None and self.process.is_running:
            await self.process.stop()
