"""Browsers that only listen: their cost, toasts lost by disconnections, and memory after they leave."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from benchmarks.deployment import Deployment, deployed
from benchmarks.feeds import Feed, open_feeds
from benchmarks.figures import Figure
from benchmarks.story import STORY_S, tell

__all__ = ["measure"]

_SUBSCRIBERS = 9_000
_IDLE_S = 20.0
_CUT = 1_000
#: Of the disconnected users, this many make their third save meanwhile.
_WAITING = 100
_AWAY_S = (2.0, 11.0)
_LATE_S = 12.0
_LATE = 60
_CHURN_RATE = 100
_CHURN_S = 20.0
_LONGEST_WAIT_S = 30.0


async def measure() -> list[Figure]:
    """Memory and CPU of 9,000 open feeds; 1,000 of them cut; latecomers; feeds that open and close."""
    async with deployed() as deployment:
        feeds = [
            Feed(deployment.project.gateway_url, f"subscriber-{number}") for number in range(_SUBSCRIBERS)
        ]
        figures = await _open_and_idle(deployment, feeds)
        for away_s in _AWAY_S:
            figures += await _cut(deployment, feeds[_WAITING:_CUT], away_s)
        figures += await _late(deployment)
        return [*figures, *await _churn(deployment)]


async def _open_and_idle(deployment: Deployment, feeds: Sequence[Feed]) -> list[Figure]:
    # One-time costs of the very first feeds are not counted.
    await open_feeds([Feed(deployment.project.gateway_url, f"first-{number}") for number in range(100)])
    gateway, engine = deployment.rasa.rss_bytes(), deployment.actions.rss_bytes()
    began_at = time.monotonic()
    await open_feeds(feeds)
    took_s = time.monotonic() - began_at
    await _until_known(deployment, len(feeds))
    gateway, engine = deployment.rasa.rss_bytes() - gateway, deployment.actions.rss_bytes() - engine
    cpu_s = deployment.rasa.cpu_s() + deployment.actions.cpu_s()
    await asyncio.sleep(_IDLE_S)
    cpu_s = deployment.rasa.cpu_s() + deployment.actions.cpu_s() - cpu_s
    name = f"{_SUBSCRIBERS:,} open feeds"
    return [
        Figure(f"{name}: Rasa server, memory a feed", gateway / len(feeds) / 1000, "KB", below=20),
        Figure(f"{name}: engine, memory a feed", engine / len(feeds) / 1000, "KB"),
        Figure(f"{name}: opened a second", len(feeds) / took_s, "/s"),
        Figure(f"{name}: CPU of both processes a second, nothing to say", cpu_s / _IDLE_S, "s"),
    ]


async def _cut(deployment: Deployment, listeners: Sequence[Feed], away_s: float) -> list[Figure]:
    """Among 1,000 disconnected users some make their third save; all reconnect: who misses the toast?"""
    tellers = [Feed(deployment.project.gateway_url, f"cut-{away_s:g}-{number}") for number in range(_WAITING)]
    await open_feeds(tellers)
    everybody = [*listeners, *tellers]
    saved_at = time.time() + STORY_S + 2
    telling = [
        asyncio.create_task(tell(deployment.feed_connector, feed.user_id, saved_at - STORY_S + 0.2))
        for feed in tellers
    ]
    await asyncio.sleep(saved_at - 0.2 - time.time())
    await asyncio.gather(*(feed.cut() for feed in everybody))
    cut_at = time.monotonic()
    await asyncio.gather(*telling)
    await asyncio.sleep(away_s - (time.monotonic() - cut_at))
    began_at = time.monotonic()
    await open_feeds(everybody)
    took_s = time.monotonic() - began_at
    lost, doubled = await _lost_and_doubled(tellers)
    await asyncio.gather(*(feed.cut() for feed in tellers))
    name = f"{_CUT:,} feeds cut and back after {away_s:g} s"
    return [
        Figure(f"{name}: toasts lost, of {_WAITING}", lost, "", exactly=0),
        Figure(f"{name}: toasts shown twice", doubled, "", exactly=0),
        Figure(f"{name}: until all were open again", took_s, "s"),
    ]


async def _late(deployment: Deployment) -> list[Figure]:
    """Users whose page opens its feed only 12 s after the third save."""
    feeds = [Feed(deployment.project.gateway_url, f"late-{number}") for number in range(_LATE)]
    began_at = time.time()
    await asyncio.gather(*(tell(deployment.feed_connector, feed.user_id, began_at) for feed in feeds))
    await asyncio.sleep(_LATE_S)
    await open_feeds(feeds)
    lost, doubled = await _lost_and_doubled(feeds)
    await asyncio.gather(*(feed.cut() for feed in feeds))
    name = f"subscribers {_LATE_S:g} s late"
    return [
        Figure(f"{name}: toasts lost, of {_LATE}", lost, "", exactly=0),
        Figure(f"{name}: toasts shown twice", doubled, "", exactly=0),
    ]


async def _churn(deployment: Deployment) -> list[Figure]:
    """Feeds that open and are cut at once, after as many to warm up the allocator."""
    await _open_and_cut(deployment, "warm")
    before = deployment.rasa.rss_bytes(), deployment.actions.rss_bytes()
    await _open_and_cut(deployment, "churn")
    after = deployment.rasa.rss_bytes(), deployment.actions.rss_bytes()
    name = f"{_CHURN_RATE} feeds a second opened and cut, {_CHURN_S:g} s"
    return [
        Figure(f"{name}: Rasa server, growth", (after[0] - before[0]) / 1e6, "MB"),
        Figure(f"{name}: engine, growth", (after[1] - before[1]) / 1e6, "MB"),
    ]


async def _open_and_cut(deployment: Deployment, name: str) -> None:
    began_at = time.monotonic()
    for number in range(int(_CHURN_RATE * _CHURN_S)):
        feed = Feed(deployment.project.gateway_url, f"{name}-{number}")
        await feed.open()
        await feed.cut()
        await asyncio.sleep(began_at + (number + 1) / _CHURN_RATE - time.monotonic())


async def _lost_and_doubled(feeds: Sequence[Feed]) -> tuple[int, int]:
    await asyncio.wait([asyncio.create_task(feed.offer()) for feed in feeds], timeout=_LONGEST_WAIT_S)
    # Time for a duplicate to arrive.
    await asyncio.sleep(2)
    return sum(not feed.offer_ids for feed in feeds), sum(len(feed.offer_ids) > 1 for feed in feeds)


async def _until_known(deployment: Deployment, feeds: int) -> None:
    deadline = time.monotonic() + _LONGEST_WAIT_S
    while time.monotonic() < deadline:
        health = await deployment.health()
        if int(health["engine"]["feeds"]) >= feeds:
            return
        await asyncio.sleep(0.1)
    raise RuntimeError(f"{feeds} feeds are not open: {health}")
