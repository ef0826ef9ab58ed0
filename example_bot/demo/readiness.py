"""Waits until both processes answer and are connected."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

import aiohttp

from example_bot.demo.browser import Browser
from example_bot.demo.options import DemoFailed, Options
from example_bot.demo.screen import Screen
from example_bot.demo.servers import Server

__all__ = ["wait_until_ready"]

_READY_S = 240.0
_LOOK_EVERY_S = 0.25
_PATIENCE = aiohttp.ClientTimeout(total=5.0)


async def wait_until_ready(
    options: Options, browser: Browser, servers: Sequence[Server], screen: Screen
) -> None:
    """Wait, and show the progress.

    Raises:
        DemoFailed: a process is not ready in time.
    """
    began_at = time.perf_counter()
    actions, rasa = servers
    screen.heading("Starting the two processes of a Rasa bot")
    for server in servers:
        screen.step(f"{server.title}: {server.command}   (log: {server.shown_log})")

    def ready(text: str) -> None:
        screen.verdict(True, f"{text} ({time.perf_counter() - began_at:.1f} s)")

    with screen.busy("Waiting for them; Rasa takes 10 to 40 s to load"):
        health_url = f"http://127.0.0.1:{options.actions_port}/health"
        await _until(lambda: _answers(health_url), actions, f"does not answer at {health_url}")
        ready("The action server answers.")
        health_url = f"{options.gateway_url}/"
        await _until(lambda: _answers(health_url), rasa, f"does not answer at {health_url}")
        await _until(lambda: _is_joined(browser), rasa, f"is not connected to the engine; see {health_url}")
        ready("The Rasa server answers, its link is connected, and the engine runs.")


async def _until(condition: Callable[[], Awaitable[bool]], server: Server, problem: str) -> None:
    deadline = time.monotonic() + _READY_S
    while not await condition():
        if time.monotonic() > deadline:
            raise server.complaint(f"After {_READY_S:.0f} s the {server.title} {problem}.")
        await asyncio.sleep(_LOOK_EVERY_S)


async def _answers(url: str) -> bool:
    try:
        async with aiohttp.ClientSession(timeout=_PATIENCE) as http, http.get(url) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, asyncio.TimeoutError):
        return False


async def _is_joined(browser: Browser) -> bool:
    try:
        health = await browser.health()
    except DemoFailed:
        return False
    return (health["link"].get("state"), health["engine"].get("state")) == ("connected", "running")
