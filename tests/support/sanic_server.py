"""A Sanic app that really listens, on the test's own loop."""

from __future__ import annotations

import itertools
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from sanic import Sanic

__all__ = ["client_of", "fresh_app", "serving"]

_numbers = itertools.count(1)


def fresh_app() -> Any:
    """Return an app with a unique name, which Sanic requires."""
    Sanic.test_mode = True  # otherwise Sanic optimises its methods only for the first app
    return Sanic(f"test_app_{next(_numbers)}", configure_logging=False)


@asynccontextmanager
async def serving(app: Any, port: int = 0) -> AsyncIterator[str]:
    """Serve an app on this machine; return its origin, ``http://127.0.0.1:port``."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    server = await app.create_server(
        sock=listening, return_asyncio_server=True, asyncio_server_kwargs={"start_serving": False}
    )
    await server.startup()
    try:
        await server.before_start()
        await server.start_serving()
        await server.after_start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        await server.before_stop()
        server.close()
        for connection in list(server.connections):
            connection.abort()
        await server.wait_closed()
        await server.after_stop()


@asynccontextmanager
async def client_of(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Serve an app, and return a client for it."""
    # Without verification, httpx does not read certificates, which takes longer than everything else.
    async with (
        serving(app) as origin,
        httpx.AsyncClient(base_url=origin, verify=False, timeout=60) as client,  # noqa: S501
    ):
        yield client
