"""Connections of strangers: one whose request never comes to an end, and how many there can be."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Collection
from typing import Any

from rasa_autoplay.common.runtime.tasks import end_tasks

try:
    import resource
except ImportError:  # Windows counts no descriptors
    resource = None  # type: ignore[assignment]

__all__ = [
    "FEW_DESCRIPTORS",
    "HEADER_S",
    "HeaderDeadline",
    "max_descriptors",
    "raise_descriptor_limit",
]

logger = logging.getLogger(__name__)

#: From the beginning of a connection to the end of its first header. A token and cookies are 8 KB, which the
#: slowest mobile network carries in 2 s.
HEADER_S = 10.0
_SWEEP_S = 1.0
#: Each open feed, chat window and request takes one. More than this no process needs.
_ENOUGH_DESCRIPTORS = 65_536
#: Fewer are soon taken up by strangers who connect and say nothing.
FEW_DESCRIPTORS = 4_096


class HeaderDeadline:
    """Closes connections whose request header does not come to an end.

    Sanic's own limit, REQUEST_TIMEOUT, is 60 s, and begins anew with each byte. The connections are Sanic's,
    and can be seen from the first request on.
    """

    def __init__(self) -> None:
        self._connections: Collection[Any] = ()
        self._sweeping: asyncio.Task[None] | None = None

    def attach(self, app: Any) -> None:
        """Before the server starts: a header that falls silent is Sanic's to end."""
        app.config.REQUEST_TIMEOUT = min(app.config.REQUEST_TIMEOUT, HEADER_S)
        app.register_middleware(self._find_connections, "request")

    def start(self) -> None:
        """Begin to look."""
        self._sweeping = asyncio.get_running_loop().create_task(self._sweep(), name="autoplay, headers")

    async def stop(self) -> None:
        """Look no more."""
        await end_tasks([self._sweeping])

    def _find_connections(self, request: Any) -> None:
        if not self._connections:
            protocol = request.transport.get_protocol()
            self._connections = getattr(protocol, "connections", ())

    async def _sweep(self) -> None:
        """Each second, end those that were reading one and the same header all the time."""
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
    """How many descriptors a process may have here at most; 0 where there is no limit."""
    if resource is None:
        return 0
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return 0 if hard == resource.RLIM_INFINITY else hard


def raise_descriptor_limit() -> None:
    """Take as many descriptors as the system lets this process have."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_ENOUGH_DESCRIPTORS, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    if soft != resource.RLIM_INFINITY and soft < FEW_DESCRIPTORS:
        logger.warning(
            "This process may open %d descriptors only (ulimit -n), and each feed, chat window and request "
            "takes one: allow 65536, as docs/operations.md shows.",
            soft,
        )
