"""What an event costs each process at a steady rate."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

from benchmarks.browser import Browser, browser_connections
from benchmarks.deployment import deployed
from benchmarks.figures import Figure
from benchmarks.story import capture_story
from example_bot.recording import Recorded

__all__ = ["measure"]

_EVENTS_PER_S = 200
_LASTS_S = 20.0
_WARM_UP_S = 3.0


async def measure() -> list[Figure]:
    """CPU time of both processes while browsers send one event per request, with stories and their toasts."""
    async with deployed() as deployment, browser_connections() as http, AsyncExitStack() as stack:
        warm = [Browser(http, deployment.project.gateway_url, "warm")]
        await _play(_turns(warm), _WARM_UP_S)
        users = round(_EVENTS_PER_S * _LASTS_S / len(capture_story("any", 0.0)))
        browsers = [Browser(http, deployment.project.gateway_url, f"steady-{n}") for n in range(users)]
        for browser in browsers:
            await stack.enter_async_context(browser)
        turns = _turns(browsers)
        await asyncio.sleep(2)
        engine_s, gateway_s = deployment.actions.cpu_s(), deployment.rasa.cpu_s()
        began_at = time.monotonic()
        await _play(turns, _LASTS_S)
        took_s, sent = time.monotonic() - began_at, len(turns)
        await asyncio.gather(*(browser.toast(10) for browser in browsers))
        engine_s, gateway_s = deployment.actions.cpu_s() - engine_s, deployment.rasa.cpu_s() - gateway_s
    return [
        Figure("events a second, one a request", sent / took_s, "/s"),
        Figure("engine: CPU an event", engine_s / sent * 1000, "ms"),
        Figure("Rasa server: CPU an event", gateway_s / sent * 1000, "ms"),
    ]


def _turns(browsers: list[Browser]) -> list[tuple[Browser, Recorded]]:
    """Let every browser send its story, one request each in turn."""
    now = time.time()
    stories = [capture_story(browser.user_id, now) for browser in browsers]
    return [
        (browser, request)
        for requests in zip(*stories, strict=True)
        for browser, request in zip(browsers, requests, strict=True)
    ]


async def _play(turns: list[tuple[Browser, Recorded]], lasts_s: float) -> None:
    """Send the requests evenly over the time, without waiting for responses."""
    loop, began_at = asyncio.get_running_loop(), time.monotonic()
    sending: list[asyncio.Task[object]] = []
    for number, (browser, request) in enumerate(turns):
        await asyncio.sleep(began_at + lasts_s * number / len(turns) - time.monotonic())
        sending.append(loop.create_task(browser.send(request)))
    await asyncio.gather(*sending)
