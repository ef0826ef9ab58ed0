"""From Open chat to the first bubble: by intent and by event, on two bots side by side."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import socketio

from benchmarks.browser import browser_connections
from benchmarks.deployment import Deployment, deployed
from benchmarks.figures import Figure, latency_figures

__all__ = ["measure"]

_WAYS = ("intent", "event")
_WARM_UP, _WINDOWS = 5, 40
_LONGEST_WAIT_S = 30.0


async def measure() -> list[Figure]:
    """The time until the bot's question is in the chat window."""
    bubbles: dict[str, list[float]] = {way: [] for way in _WAYS}
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(browser_connections())
        started = [stack.enter_async_context(deployed(say=way)) for way in _WAYS]
        bots = dict(zip(_WAYS, await asyncio.gather(*started), strict=True))
        for number in range(_WARM_UP + _WINDOWS):
            for way, bot in bots.items():
                bubble_s = await _open_chat(bot, http)
                if number >= _WARM_UP:
                    bubbles[way].append(bubble_s)
    return [
        figure
        for way in _WAYS
        for figure in latency_figures(f"Open chat → bubble 1, by {way}", bubbles[way], targets=False)
    ]


async def _open_chat(bot: Deployment, http: aiohttp.ClientSession) -> float:
    """Click "Open chat" in a new window; returns the seconds until the first bubble."""
    loop = asyncio.get_running_loop()
    confirmed: asyncio.Future[None] = loop.create_future()
    shown: asyncio.Future[float] = loop.create_future()
    socket = socketio.AsyncClient(reconnection=False)

    async def confirm(_session_id: str) -> None:
        confirmed.set_result(None)

    async def show(_message: Mapping[str, Any]) -> None:
        if not shown.done():
            shown.set_result(time.perf_counter())

    socket.on("session_confirm", confirm)
    socket.on("bot_uttered", show)
    sender_id = uuid.uuid4().hex
    await socket.connect(bot.project.rasa_url, socketio_path="/socket.io", transports=["websocket"])
    try:
        await socket.emit("session_request", {"session_id": sender_id})
        await asyncio.wait_for(confirmed, _LONGEST_WAIT_S)
        click = {
            "sender_id": sender_id,
            "body": "Shall I show you how?",
            "user_id": f"u-{sender_id}",
            "trigger_id": "bulk_edit_opportunity",
        }
        clicked_at = time.perf_counter()
        async with http.post(f"{bot.project.gateway_url}/proactive/inject", json=click) as response:
            assert response.status == 200, await response.text()
        return await asyncio.wait_for(shown, _LONGEST_WAIT_S) - clicked_at
    finally:
        await socket.disconnect()
