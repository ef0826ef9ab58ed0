"""The connector's stream at full rate: toast latency, CPU cost, and remaining memory."""

from __future__ import annotations

import asyncio
import gc
import random
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from benchmarks.browser import Browser, browser_connections
from benchmarks.deployment import Deployment, deployed
from benchmarks.figures import Figure, percentile
from benchmarks.machine import OtherWork
from benchmarks.story import STORY_S, stream_batch, tell

__all__ = ["measure", "play"]

_FULL_RATE = 3_000
_STEADY_RATE = 200
_LASTS_S = 20.0
_WARM_UP_S = 3.0
_PEOPLE = 2_000
_TICK_S = 0.005
#: Users who send the whole story meanwhile, and wait for a toast.
_FULL_WATCHED = 100
_STEADY_WATCHED = 200
_LONGEST_WAIT_S = 10.0

#: More sessions than the store holds; only then do its tables have their full size.
_FILL = 150_000
_SESSIONS = 200_000
#: A hundred bytes left behind per session would add up to this.
_FLAT_MB = _SESSIONS * 100 / 1e6
_CHUNK = 200
_UNDER_WAY = 4_000
_LONGEST_STALL_S = 60.0


async def measure() -> list[Figure]:
    """Latency at 3,000 payloads a second, CPU at 200, and memory over 200,000 sessions of one event."""
    async with deployed() as deployment:
        return [
            *await _full_rate(deployment),
            *await _steady_rate(deployment),
            *await _many_sessions(deployment),
        ]


async def _full_rate(deployment: Deployment) -> list[Figure]:
    await play(deployment, _FULL_RATE, _WARM_UP_S)
    seen = await _watched(deployment, _FULL_RATE, _FULL_WATCHED)
    name = f"stream, {_FULL_RATE:,}/s"
    return [
        Figure(f"{name}: payloads a second, really sent", seen.sent / _LASTS_S, "/s"),
        Figure(f"{name}: frame sent → toast, p50", percentile(seen.latencies_ms, 0.5), "ms"),
        Figure(f"{name}: frame sent → toast, p99", percentile(seen.latencies_ms, 0.99), "ms", below=150),
        Figure(f"{name}: engine, CPU a payload", seen.engine_s / seen.sent * 1000, "ms"),
        Figure(f"{name}: Rasa server, CPU a payload", seen.gateway_s / seen.sent * 1000, "ms"),
        Figure(f"{name}: other processes' share of the CPU", seen.noise_percent, "%"),
    ]


async def _steady_rate(deployment: Deployment) -> list[Figure]:
    engine_s, gateway_s = deployment.actions.cpu_s(), deployment.rasa.cpu_s()
    await play(deployment, _STEADY_RATE, _LASTS_S)
    engine_s, gateway_s = deployment.actions.cpu_s() - engine_s, deployment.rasa.cpu_s() - gateway_s
    seen = await _watched(deployment, _STEADY_RATE, _STEADY_WATCHED)
    name = f"stream, {_PEOPLE:,} sessions, {_STEADY_RATE}/s"
    return [
        Figure(f"{name}: engine, CPU a second", engine_s / _LASTS_S, "s"),
        Figure(f"{name}: Rasa server, CPU a second", gateway_s / _LASTS_S, "s"),
        Figure(f"{name}: both, CPU a second", (engine_s + gateway_s) / _LASTS_S, "s", below=0.2),
        Figure(f"{name}: frame sent → toast, p50", percentile(seen.latencies_ms, 0.5), "ms"),
        Figure(f"{name}: frame sent → toast, p99", percentile(seen.latencies_ms, 0.99), "ms", below=60),
    ]


@dataclass(frozen=True)
class _Seen:
    """What was sent while users were watched, what it cost, and their toast latencies."""

    sent: int
    engine_s: float
    gateway_s: float
    latencies_ms: list[float]
    noise_percent: float


async def _watched(deployment: Deployment, rate: int, users: int) -> _Seen:
    """Send at the rate; meanwhile users with open feeds send the whole story and wait for their toast."""
    async with browser_connections() as http, AsyncExitStack() as stack:
        browsers = [
            Browser(http, deployment.project.gateway_url, f"watched-{rate}-{n}") for n in range(users)
        ]
        for browser in browsers:
            await stack.enter_async_context(browser)
        gc.collect()
        gc.freeze()
        before = await _taken(deployment)
        engine_s, gateway_s = deployment.actions.cpu_s(), deployment.rasa.cpu_s()
        watch = OtherWork([deployment.rasa.pid, deployment.actions.pid])
        begin_at = time.time() + 0.5
        spread_s = _LASTS_S - STORY_S - 1
        starts = [begin_at + spread_s * number / users for number in range(users)]

        async def wait_for_toast(number: int) -> float:
            sent_at = await tell(deployment.feed_connector, browsers[number].user_id, starts[number])
            return (await browsers[number].toast(_LONGEST_WAIT_S)).at - sent_at

        watched = [asyncio.create_task(wait_for_toast(number)) for number in range(users)]
        sent = await play(deployment, rate, _LASTS_S)
        latencies_ms = [seconds * 1000 for seconds in await asyncio.gather(*watched)]
        noise_percent = watch.share_percent()
        await _wait_for(deployment, before + sent + 10 * users)
    engine_s, gateway_s = deployment.actions.cpu_s() - engine_s, deployment.rasa.cpu_s() - gateway_s
    return _Seen(sent, engine_s, gateway_s, latencies_ms, noise_percent)


async def _many_sessions(deployment: Deployment) -> list[Figure]:
    """Once the store is full, further sessions must not add to the memory."""
    before = deployment.actions.rss_bytes(), deployment.rasa.rss_bytes()
    await _send_sessions(deployment, 0, _FILL)
    full = deployment.actions.rss_bytes(), deployment.rasa.rss_bytes()
    await _send_sessions(deployment, _FILL, _FILL + _SESSIONS)
    after = deployment.actions.rss_bytes(), deployment.rasa.rss_bytes()
    first, further = f"the first {_FILL:,} sessions of one event", f"{_SESSIONS:,} further ones"
    return [
        Figure(f"{first}: engine, growth", (full[0] - before[0]) / 1e6, "MB"),
        Figure(f"{first}: Rasa server, growth", (full[1] - before[1]) / 1e6, "MB"),
        Figure(f"{further}: engine, growth", (after[0] - full[0]) / 1e6, "MB", below=_FLAT_MB),
        Figure(f"{further}: Rasa server, growth", (after[1] - full[1]) / 1e6, "MB", below=_FLAT_MB),
    ]


async def _send_sessions(deployment: Deployment, first: int, end: int) -> None:
    before, sent = await _taken(deployment), 0
    for start in range(first, end, _CHUNK):
        now = time.time()
        batches = [_batch(f"once-{number:06}", 0, now, number) for number in range(start, start + _CHUNK)]
        await deployment.feed_connector.send(*batches)
        sent += _CHUNK
        if sent % _UNDER_WAY == 0:
            await _wait_for(deployment, before + sent - _UNDER_WAY // 2)
    await _wait_for(deployment, before + sent)


async def play(deployment: Deployment, rate: int, lasts_s: float) -> int:
    """Send at an even rate; return how many payloads were sent."""
    payloads, sent, began_at = _payloads(), 0, time.monotonic()
    while (since_s := time.monotonic() - began_at) < lasts_s:
        due = int(since_s * rate) - sent
        if due > 0:
            await deployment.feed_connector.send(*(next(payloads) for _ in range(due)))
            sent += due
        await asyncio.sleep(_TICK_S)
    return sent


def _payloads() -> Iterator[dict[str, Any]]:
    """Return one action each of many people in turn."""
    chance = random.Random(3)  # noqa: S311 - the same traffic in every run, nothing secret
    index = 0
    while True:
        for number in range(_PEOPLE):
            yield _batch(f"passer-by-{number:04}", index, time.time(), chance.randrange(250))
        index += 1


def _batch(user_id: str, index: int, at: float, text: int) -> dict[str, Any]:
    action = {
        "index": index,
        "type": "click",
        "title": f"Click item {text % 250} of the navigation",
        "description": f"User clicked item {text % 250} of the navigation",
        "timestamp_start": at,
        "timestamp_end": at,
        "raw_url": f"https://app.example.com/area-{text % 250}/projects?tab=overview",
        "canonical_url": f"https://app.example.com/area-{text % 250}/projects",
        "session_id": f"ps_{user_id}",
        "user_id": user_id,
        "email": f"{user_id}@example.com",
    }
    return stream_batch(user_id, [action])


async def _taken(deployment: Deployment) -> int:
    return int((await deployment.health())["engine"].get("batches", 0))


async def _wait_for(deployment: Deployment, at_least: int) -> None:
    """Wait until the engine has accepted that many batches, with none dropped."""
    deadline = time.monotonic() + _LONGEST_STALL_S
    while time.monotonic() < deadline:
        health = await deployment.health()
        assert health["link"].get("dropped", 0) == 0, health
        if int(health["engine"].get("batches", 0)) >= at_least:
            return
        await asyncio.sleep(0.05)
    raise RuntimeError(f"The engine does not take in {at_least} batches: {health}")
