"""From the third save to the toast: 200 users with open feeds who act at a human pace."""

from __future__ import annotations

import asyncio
import gc
import random
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

import aiohttp

from benchmarks.browser import Browser, browser_connections
from benchmarks.deployment import Deployment, deployed
from benchmarks.figures import Figure, latency_figures, percentile
from benchmarks.machine import OtherWork
from benchmarks.story import browse, capture_story, tell

__all__ = ["measure", "tell_by_capture"]

_USERS = 200
_WARM_UP_USERS = 10
#: Seconds within which the users start, in random order.
_SPREAD_S = 30.0
_LONGEST_WAIT_S = 10.0
#: Seconds for preparing all stories and opening all feeds before the first user starts.
_HEAD_START_S = 6.0
_PROBE_S = 0.005


@dataclass(frozen=True)
class _Latency:
    """Seconds from the third save to the toast: from sending it, and from its response."""

    from_save: float
    from_answer: float


async def measure() -> list[Figure]:
    """The toast's latency through the capture endpoint and through the connector's stream."""
    async with deployed() as deployment, browser_connections() as http:
        await tell_by_capture(deployment, http, "warm", _WARM_UP_USERS, 2.0)
        probe = asyncio.get_running_loop().create_task(_loop_delays())
        watch = OtherWork([deployment.rasa.pid, deployment.actions.pid])
        captured = await tell_by_capture(deployment, http, "captured", _USERS, _SPREAD_S)
        capture_noise = watch.share_percent()
        watch = OtherWork([deployment.rasa.pid, deployment.actions.pid])
        streamed = await _by_stream(deployment, http, "streamed", _USERS, _SPREAD_S)
        stream_noise = watch.share_percent()
        probe.cancel()
        delays_s = await probe
        health = await deployment.health()
    assert health["link"].get("dropped", 0) == 0
    return [
        *latency_figures("capture request sent → toast", [each.from_save for each in captured], targets=True),
        *latency_figures(
            "capture request sent → answered",
            [each.from_save - each.from_answer for each in captured],
            targets=False,
        ),
        *latency_figures("capture answered → toast", [each.from_answer for each in captured], targets=False),
        Figure("capture: other processes' share of the CPU", capture_noise, "%"),
        *latency_figures("stream frame sent → toast", streamed, targets=True),
        Figure("stream: other processes' share of the CPU", stream_noise, "%"),
        Figure("the measuring client's own delay, p99", percentile(delays_s, 0.99) * 1000, "ms"),
    ]


async def tell_by_capture(
    deployment: Deployment, http: aiohttp.ClientSession, name: str, users: int, spread_s: float
) -> list[_Latency]:
    """Let users with open feeds tell the story through the capture route."""
    begin_at = time.time() + _HEAD_START_S
    starts = _starts(users, spread_s)
    stories = [capture_story(f"{name}-{n}", begin_at + start) for n, start in enumerate(starts)]
    async with AsyncExitStack() as stack:
        browsers = await _open(stack, deployment, http, name, users)
        assert time.time() < begin_at, "the head start is too short for this machine"

        async def play(number: int) -> _Latency:
            sent = await browse(browsers[number], stories[number])
            toast = await browsers[number].toast(_LONGEST_WAIT_S)
            return _Latency(toast.at - sent.began_at, toast.at - sent.answered_at)

        return list(await asyncio.gather(*map(play, range(users))))


async def _by_stream(
    deployment: Deployment, http: aiohttp.ClientSession, name: str, users: int, spread_s: float
) -> list[float]:
    begin_at = time.time() + _HEAD_START_S
    starts = _starts(users, spread_s)
    async with AsyncExitStack() as stack:
        browsers = await _open(stack, deployment, http, name, users)
        assert time.time() < begin_at, "the head start is too short for this machine"

        async def play(number: int) -> float:
            browser = browsers[number]
            sent_at = await tell(deployment.feed_connector, browser.user_id, begin_at + starts[number])
            return (await browser.toast(_LONGEST_WAIT_S)).at - sent_at

        return list(await asyncio.gather(*map(play, range(users))))


async def _open(
    stack: AsyncExitStack, deployment: Deployment, http: aiohttp.ClientSession, name: str, users: int
) -> Sequence[Browser]:
    browsers = [Browser(http, deployment.project.gateway_url, f"{name}-{n}") for n in range(users)]
    for browser in browsers:
        await stack.enter_async_context(browser)
    # What the client has prepared must not be garbage-collected during a measurement.
    gc.collect()
    gc.freeze()
    return browsers


def _starts(users: int, spread_s: float) -> list[float]:
    chance = random.Random(users)  # noqa: S311 - the same order in every run, nothing secret
    return [chance.uniform(0, spread_s) for _ in range(users)]


async def _loop_delays() -> list[float]:
    """Measure how late this process's event loop is, until cancelled: the client must not be slow."""
    delays_s: list[float] = []
    try:
        while True:
            due = time.perf_counter() + _PROBE_S
            await asyncio.sleep(_PROBE_S)
            delays_s.append(time.perf_counter() - due)
    except asyncio.CancelledError:
        return delays_s
