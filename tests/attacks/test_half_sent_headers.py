"""More half-sent headers than a server has descriptors: it survives, and soon serves other requests again."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import socket
import time
from pathlib import Path

import aiohttp
import pytest
from support.background import eventually
from support.deployment import BASE, DEADLINE_S, JWT_KEY, LINK_SECRET
from support.gateway_process import GatewayProcess
from support.processes import free_port
from support.run import asynchronous

from rasa_autoplay.gateway.access.connections import HEADER_S

_HALF = b"GET /webhooks/autoplay/ HTTP/1.1\r\nHost: x\r\nX-Slow: "
_DESCRIPTORS = 1_024
#: The server checks every second, and requests in the kernel's queue follow the closed ones.
_MARGIN_S = 10.0
_SECTION = {"product_id": "demo", "identity": "required", "jwt_key": JWT_KEY, "link": {"secret": LINK_SECRET}}


def _half_sent(port: int) -> socket.socket:
    """Begin a request without waiting until the server accepts the connection."""
    stranger = socket.socket()
    stranger.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        stranger.connect(("127.0.0.1", port))
    with contextlib.suppress(BlockingIOError, OSError):
        stranger.send(_HALF)
    return stranger


async def _is_served(http: aiohttp.ClientSession, origin: str) -> bool:
    try:
        async with http.get(f"{origin}{BASE}/", timeout=aiohttp.ClientTimeout(total=2)) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError):
        return False


@pytest.mark.parametrize("strangers", [2_000, pytest.param(6_000, marks=pytest.mark.slow)])
@asynchronous
async def test_serves_honest_requests_again_after_a_flood_of_half_sent_headers(
    tmp_path: Path, strangers: int
) -> None:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < strangers + 200:
        pytest.skip(f"this process may not open {strangers} sockets: raise ulimit -n")
    gateway = GatewayProcess(tmp_path, f"http://127.0.0.1:{free_port()}", _SECTION, _DESCRIPTORS)
    opened: list[socket.socket] = []
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as http:
            await eventually(
                lambda: _is_served(http, gateway.origin), within_s=DEADLINE_S, what="the gateway serves"
            )
            port = int(gateway.origin.rpartition(":")[2])
            for number in range(strangers):
                opened.append(_half_sent(port))
                if number % 100 == 99:
                    await asyncio.sleep(0.01)
            begun = time.monotonic()
            assert not await _is_served(http, gateway.origin), "the attack has no effect here"
            await eventually(
                lambda: _is_served(http, gateway.origin),
                within_s=DEADLINE_S,
                what="honest requests are served",
            )
            took_s = time.monotonic() - begun
            assert took_s < HEADER_S + _MARGIN_S, f"nobody was served for {took_s:.1f} s"
            assert gateway.process.is_running
            assert not gateway.process.own_tracebacks()
    finally:
        for stranger in opened:
            stranger.close()
        gateway.process.kill()
