"""The engine in the Rasa server beside the engine in the action server: toasts, and one slow trigger."""

from __future__ import annotations

import asyncio
import time

import aiohttp

from benchmarks.browser import browser_connections
from benchmarks.deployment import Deployment, deployed
from benchmarks.figures import Figure, latency_figures, percentile
from benchmarks.latency import tell_by_capture
from benchmarks.links import measure_links
from benchmarks.machine import OtherWork
from benchmarks.project import SLOW_TITLE, SLOW_TRIGGER_S
from benchmarks.story import action, stream_batch

__all__ = ["measure"]

_USERS = 150
_WARM_UP_USERS = 10
_SPREAD_S = 25.0
_SLOW_EVENTS = 20
_SLOW_EVERY_S = 0.7
_PROBE_EVERY_S = 0.01


async def measure() -> list[Figure]:
    """The two links alone, toasts with each layout, and other requests while a team's trigger is slow."""
    return [
        *await measure_links(),
        *await _measure_layout("engine in the action server", in_process=False),
        *await _measure_layout("engine in the Rasa server", in_process=True),
    ]


async def _measure_layout(layout: str, *, in_process: bool) -> list[Figure]:
    async with deployed(in_process=in_process) as deployment, browser_connections() as http:
        await tell_by_capture(deployment, http, "warm", _WARM_UP_USERS, 2.0)
        watch = OtherWork([deployment.rasa.pid, deployment.actions.pid])
        captured = await tell_by_capture(deployment, http, "captured", _USERS, _SPREAD_S)
        noise = watch.share_percent()
        quiet = await _probe(deployment, http, slow_events=0)
        slow = await _probe(deployment, http, slow_events=_SLOW_EVENTS)
        memory = deployment.rasa.rss_bytes() / 1e6
    what = f"Rasa's own route while a trigger takes {SLOW_TRIGGER_S * 1000:g} ms"
    return [
        *latency_figures(
            f"{layout}: capture request sent → toast", [each.from_save for each in captured], targets=True
        ),
        Figure(f"{layout}: other processes' share of the CPU", noise, "%"),
        Figure(f"{layout}: Rasa's own route, p99", percentile(quiet, 0.99) * 1000, "ms"),
        Figure(f"{layout}: {what}, p99", percentile(slow, 0.99) * 1000, "ms"),
        Figure(f"{layout}: {what}, longest", max(slow) * 1000, "ms"),
        Figure(f"{layout}: Rasa server, memory", memory, "MB"),
    ]


async def _probe(deployment: Deployment, http: aiohttp.ClientSession, slow_events: int) -> list[float]:
    """Return the times of requests to a route of Rasa itself, while slow events arrive at the engine."""
    telling = asyncio.get_running_loop().create_task(_tell_slowly(deployment, slow_events))
    times_s: list[float] = []
    end = time.perf_counter() + _SLOW_EVENTS * _SLOW_EVERY_S
    while time.perf_counter() < end:
        began = time.perf_counter()
        async with http.get(f"{deployment.project.rasa_url}/") as response:
            await response.read()
        times_s.append(time.perf_counter() - began)
        await asyncio.sleep(_PROBE_EVERY_S)
    await telling
    return times_s


async def _tell_slowly(deployment: Deployment, count: int) -> None:
    for number in range(count):
        user_id = f"slow-{number}"
        slow = action(user_id, 0, "click", SLOW_TITLE, time.time())
        await deployment.feed_connector.send(stream_batch(user_id, [slow]))
        await asyncio.sleep(_SLOW_EVERY_S)
