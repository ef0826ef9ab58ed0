"""Protects the server from idle connections: a deadline for request headers, and enough file descriptors."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection
from typing import Any

from rasa_autoplay.common.runtime.tasks import end_tasks

try:
    import resource
except ImportError:  # Windows does not limit descriptors
    resource = None  # type: ignore[assignment]

__all__ = [
    "FEW_DESCRIPTORS",
    "HEADER_S",
    "HeaderDeadline",
    "max_descriptors",
    "raise_descriptor_limit",
]

logger = logging.getLogger(__name__)

#: How long a client may take to send a request header. A token and cookies are about 8 KB, which the slowest
#: mobile network carries in 2 s.
HEADER_S = 10.0
_SWEEP_S = 1.0
#: Each open feed, chat window and request uses one descriptor; no process needs more than this.
_ENOUGH_DESCRIPTORS = 65_536
#: With fewer descriptors, strangers who only connect would soon use them all.
FEW_DESCRIPTORS = 4_096


class HeaderDeadline:
    """Closes connections whose request header is not complete in time.

    Sanic's own limit, REQUEST_TIMEOUT, restarts with each byte, and is 60 s by default. Sanic's set of
    connections is reachable only through a request, so the sweep begins to work with the first one.
    """

    def __init__(self) -> None:
        self._connections: Collection[Any] = ()
        self._sweeping: asyncio.Task[None] | None = None

    def attach(self, app: Any) -> None:
        """Shorten Sanic's own limit, before the server starts; it ends headers that stop arriving."""
        app.config.REQUEST_TIMEOUT = min(app.config.REQUEST_TIMEOUT, HEADER_S)
        app.register_middleware(self._find_connections, "request")

    def start(self) -> None:
        """Start the sweep."""
        self._sweeping = asyncio.get_running_loop().create_task(self._sweep(), name="autoplay, headers")

    async def stop(self) -> None:
        """Stop the sweep."""
        await end_tasks([self._sweeping])

    def _find_connections(self, request: Any) -> None:
        if not self._connections:
            protocol = request.transport.get_protocol()
            self._connections = getattr(protocol, "connections", ())

    async def _sweep(self) -> None:
        """Each second, close the connections that have been reading the same header for too long."""
        began: dict[Any, float] = {}
        while True:
            await asyncio.sleep(_SWEEP_S)
            now = time.monotonic()
            began = {each: began.get(each, now) for each in list(self._connections) if _reads_a_header(each)}
            for connection in [each for each, since in began.items() if now - since > HEADER_S]:
                connection.transport.abort()


def _reads_a_header(connection: Any) -> bool:
    stage = getattr(getattr(connection, "_http", None), "stage", None)
    return getattr(stage, "name", "") == "REQUEST" and connection.transport is not None


def max_descriptors() -> int:
    """How many file descriptors the system lets a process open; 0 if there is no limit."""
    if resource is None:
        return 0
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return 0 if hard == resource.RLIM_INFINITY else hard


def raise_descriptor_limit() -> None:
    """Raise this process's descriptor limit as far as the system allows, and warn if it stays low."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_ENOUGH_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    if soft != resource.RLIM_INFINITY and soft < FEW_DESCRIPTORS:
        logger.warning(
            "This process may open only %d file descriptors (ulimit -n). Each feed, chat window and request "
            "needs one: allow 65536, as docs/operations.md shows.",
            soft,
        )
