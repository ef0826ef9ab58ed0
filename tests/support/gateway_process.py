"""A gateway in its own process, without Rasa's model, which can be killed like any process.

Run as a program, it serves the channel of the given JSON file until it is asked to end.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rasa.core.brokers.file import FileEventBroker
from rasa.core.channels import channel as rasa_channels

from rasa_autoplay.channel import AutoplayInput
from support.processes import ROOT, ServerProcess, free_port, rasa_environment
from support.sanic_server import fresh_app, serving

__all__ = ["GatewayProcess"]


class GatewayProcess:
    """Starts gateways in one folder, one after another, on the same port.

    Args:
        folder: the working directory of each, with its journal.
        engine_origin: the action server's origin; nothing needs to listen there yet.
        section: the channel's section of ``credentials.yml``.
        descriptors: how many files each may open; 0 for the limit of this process.
        event_broker: the file to which Rasa's event broker writes; empty for no broker.
    """

    def __init__(
        self,
        folder: Path,
        engine_origin: str,
        section: dict[str, Any],
        descriptors: int = 0,
        event_broker: str = "",
    ) -> None:
        self._folder = folder
        self._port = free_port()
        self._file = folder / "gateway.json"
        given = {
            "port": self._port,
            "engine": engine_origin,
            "channel": section,
            "descriptors": descriptors,
            "event_broker": event_broker,
        }
        self._file.write_text(json.dumps(given), encoding="utf-8")
        self.origin = f"http://127.0.0.1:{self._port}"
        self.process = self._started()

    def _started(self) -> ServerProcess:
        path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        command = [sys.executable, "-W", "ignore", "-m", "support.gateway_process", str(self._file)]
        return ServerProcess("gateway", command, self._folder, rasa_environment(PYTHONPATH=path))

    def restart(self) -> None:
        """Start the next gateway."""
        self.process = self._started()


async def _serve(given: dict[str, Any]) -> None:
    if given["descriptors"]:
        resource.setrlimit(resource.RLIMIT_NOFILE, (given["descriptors"], given["descriptors"]))
    app = fresh_app()
    app.ctx.agent = SimpleNamespace(action_endpoint=SimpleNamespace(url=f"{given['engine']}/webhook"))
    if given["event_broker"]:
        app.ctx.agent.tracker_store = SimpleNamespace(event_broker=FileEventBroker(given["event_broker"]))
    rasa_channels.register([AutoplayInput.from_credentials(given["channel"])], app, route="/webhooks/")
    async with serving(app, given["port"]):
        asked_to_end = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked_to_end.set)
        await asked_to_end.wait()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(_serve(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
