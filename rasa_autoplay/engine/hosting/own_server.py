"""A server for the engine alone: ``rasa-autoplay serve``."""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import Any

from sanic import Request, Sanic
from sanic.response import HTTPResponse, json

from rasa_autoplay.engine.hosting.sanic_app import attach_engine
from rasa_autoplay.errors import AutoplayError
from rasa_autoplay.settings.secret import Secret
from rasa_autoplay.settings.yaml_file import YamlFile

__all__ = ["HEALTH_PATH", "make_server", "serve"]

logger = logging.getLogger(__name__)

#: For a container's health check. It reports no details, because anyone who reaches the port may ask.
HEALTH_PATH = "/health"


def make_server(file: YamlFile, secret: Secret) -> Any:
    """Return a Sanic app with the engine, its link and the health route.

    Args:
        file: ``autoplay.yml``.
        secret: shared with the gateway; may be empty on a single machine.

    Raises:
        ConfigError: the file, or something that it refers to, is wrong.
    """
    app = Sanic("rasa_autoplay_engine", configure_logging=False)
    attach_engine(app, file, secret, runs_in="own_process")
    # Registered after the engine's listeners: Sanic starts in this order, and stops in reverse.
    state = {"status": "starting"}

    async def health(_request: Request) -> HTTPResponse:
        return json(state, status=200 if state["status"] == "ok" else 503)

    async def started(_app: Any, _loop: Any = None) -> None:
        state["status"] = "ok"

    async def stopping(_app: Any, _loop: Any = None) -> None:
        state["status"] = "stopping"

    app.add_route(health, HEALTH_PATH)
    app.register_listener(started, "after_server_start")
    app.register_listener(stopping, "before_server_stop")
    return app


async def serve(app: Any, host: str, port: int) -> None:
    """Serve until the process is asked to end (SIGTERM or SIGINT), then finish pending work.

    One process and one event loop: Sanic's own runner would start a second process in newer versions.

    Args:
        app: the Sanic app.
        host: the address to listen at.
        port: the port.

    Raises:
        AutoplayError: the address cannot be used.
    """
    asked_to_end = asyncio.Event()
    _on_end(asked_to_end)
    try:
        server = await app.create_server(
            host,
            port,
            access_log=False,
            return_asyncio_server=True,
            asyncio_server_kwargs={"start_serving": False},
        )
    except OSError as problem:
        raise AutoplayError(
            f"The engine cannot listen at {host}:{port} ({problem.strerror or problem}).",
            remedy="Choose another --port, or stop the program that uses this one.",
        ) from None
    await server.startup()
    try:
        await server.before_start()
        await server.start_serving()
        await server.after_start()
        logger.info("The engine listens at http://%s:%d%s.", host, port, HEALTH_PATH)
        await asked_to_end.wait()
    finally:
        await server.before_stop()
        server.close()
        for connection in list(server.connections):
            connection.abort()
        await server.wait_closed()
        await server.after_stop()


def _on_end(asked_to_end: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, asked_to_end.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(asked_to_end.set))
