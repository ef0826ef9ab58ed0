"""Both processes of a bot, running and connected."""

from __future__ import annotations

import asyncio
import functools
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.connector import Connector
from benchmarks.project import MODEL, ROOT, Project, write_project
from benchmarks.server_process import ServerProcess

__all__ = ["Deployment", "deployed"]

#: A busy machine takes minutes to load the model.
_LONGEST_START_S = 600.0


class Deployment:
    """A running bot.

    Args:
        project: its files and ports.
        connector: the connector that its channel subscribes to; None for a bot without autoplay.
        http: the client for requests to it.
    """

    def __init__(self, project: Project, connector: Connector | None, http: aiohttp.ClientSession) -> None:
        self.project = project
        self.connector = connector
        self._http = http
        environment = {
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(project.folder)]),
            "RASA_TELEMETRY_ENABLED": "false",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
            "AUTOPLAY_CONFIG": str(project.folder / "autoplay.yml"),
        }
        actions = ["run", "actions", "--actions", project.actions_module, "--port", str(project.actions_port)]
        rasa = ["run", "--model", str(MODEL), "--port", str(project.rasa_port), "--interface", "127.0.0.1"]
        self._start_actions = functools.partial(
            ServerProcess, "actions", actions, project.folder, environment
        )
        self._start_rasa = functools.partial(ServerProcess, "rasa", rasa, project.folder, environment)
        self.actions, self.rasa = self._start_actions(), self._start_rasa()

    @property
    def feed_connector(self) -> Connector:
        """The connector of a bot that has one."""
        assert self.connector is not None
        return self.connector

    async def restart_actions(self, how: signal.Signals) -> None:
        """End the action server with that signal and restart it; does not wait until it is up."""
        self.actions.signal(how)
        await asyncio.to_thread(self.actions.wait_s)
        self.actions = self._start_actions()

    async def restart_rasa(self, how: signal.Signals) -> None:
        """Do the same with the Rasa server."""
        self.rasa.signal(how)
        await asyncio.to_thread(self.rasa.wait_s)
        self.rasa = self._start_rasa()

    async def ready(self) -> None:
        """Wait until everything is connected.

        Raises:
            RuntimeError: it did not start; the text contains the ends of the logs.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _LONGEST_START_S
        while not await self._is_up():
            if loop.time() > deadline or not (self.rasa.is_running and self.actions.is_running):
                raise RuntimeError(
                    f"The bot did not start.\n{self.actions.log_tail()}\n---\n{self.rasa.log_tail()}"
                )
            await asyncio.sleep(0.5)
        # The start's remaining work must not be measured.
        await asyncio.sleep(2)

    async def _is_up(self) -> bool:
        try:
            if self.connector is None:
                return await self._answers(self.project.rasa_url) and await self._answers(
                    f"{self.project.actions_url}/health"
                )
            health = await self.health()
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError):
            return False
        states = (
            health["engine"].get("state"),
            health["link"]["state"],
            health["sources"]["stream"]["state"],
        )
        return states == ("running", "connected", "connected")

    async def _answers(self, url: str) -> bool:
        async with self._http.get(url) as response:
            return response.status == 200

    async def health(self) -> dict[str, Any]:
        """Return what the channel reports about itself and the engine."""
        async with self._http.get(f"{self.project.gateway_url}/") as response:
            health: dict[str, Any] = await response.json()
            return health

    def end(self) -> None:
        """End both processes for certain."""
        self.rasa.end()
        self.actions.end()


@asynccontextmanager
async def deployed(
    *,
    plain: bool = False,
    say: str = "auto",
    in_process: bool = False,
    prepare: Callable[[Project], object] = str,
) -> AsyncIterator[Deployment]:
    """Run a bot in a temporary folder while the context lasts.

    Args:
        plain: without autoplay: the same model, Rasa's own chat socket, an empty action server.
        say: how the copilot speaks in the chat.
        in_process: the engine runs in the Rasa server; the action server runs the bot's own actions only.
        prepare: changes the project's files before the processes start; by default, nothing.
    """
    async with Connector() as connector, aiohttp.ClientSession() as http:
        with tempfile.TemporaryDirectory(prefix="autoplay-benchmark-") as folder:
            stream_url = None if plain else connector.url
            project = write_project(Path(folder), stream_url, say, in_process=in_process)
            prepare(project)
            deployment = Deployment(project, None if plain else connector, http)
            try:
                await deployment.ready()
                yield deployment
            finally:
                deployment.end()
